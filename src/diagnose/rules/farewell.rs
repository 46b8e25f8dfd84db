//! How the two say goodbye: in clear, or by the shape of what is encrypted.
//!
//! Source: MS-RDPBCGR 1.3.1.4 (the orders of disconnecting), 2.2.2.3 (ultimatum), 2.2.2.1 and 2.2.2.2 (shutdown).

use super::super::rule::Scene;
use super::super::shape::{Inferred, Nla, name};
use crate::session::{Control, Direction, Event, is_word};
use crate::wire::catalogue::Fact;
use crate::wire::mcs_domain::DomainMessage;
use crate::wire::share::{SHUTDOWN_DENIED, SHUTDOWN_REQUEST, SecurityKind, ShareKind};

/// A program answers within this time, the way apart; seconds.
const AT_ONCE: f64 = 0.005;
/// A server that closes on a request does so within this time; seconds.
const ON_REQUEST: f64 = 1.0;

/// Disconnect Provider Ultimatum with its TPKT header (MS-RDPBCGR 4.2.1); bytes.
const ULTIMATUM: u16 = 9;
/// A data PDU without a body, with all its headers; FreeRDP writes one byte more. Input of this length is rare.
const SHUTDOWN: std::ops::RangeInclusive<u16> = 32..=33;

/// What a goodbye is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goodbye {
    /// Disconnect Provider Ultimatum.
    Ultimatum,
    /// A record that may be one.
    MaybeUltimatum,
    /// Only TLS says it.
    CloseNotify,
}

impl Goodbye {
    /// What it is called in a sentence.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ultimatum => name::ULTIMATUM,
            Self::MaybeUltimatum => "a record as short as an MCS ultimatum",
            Self::CloseNotify => name::CLOSE_NOTIFY,
        }
    }
}

/// A farewell of `direction`: in clear or by its shape.
pub(super) fn farewell<'a>(scene: &Scene<'a>, direction: Direction) -> Option<(&'a Event, Goodbye)> {
    let session = scene.session;
    let clear =
        session.timeline.facts().rev().find(|(event, fact)| event.direction == direction && fact.is_ultimatum());
    if let Some((event, _)) = clear {
        return Some((event, Goodbye::Ultimatum));
    }
    let alert = session.alerts().find(|(event, alert)| event.direction == direction && alert.is_close_notify());
    if let Some((event, _)) = alert {
        return Some((event, Goodbye::CloseNotify));
    }
    let record = scene.shape.farewell(direction)?;
    let what = if record.name == name::ULTIMATUM { Goodbye::Ultimatum } else { Goodbye::CloseNotify };
    Some((scene.event_of(record)?, what))
}

/// The farewell of `direction`, where it says nothing more and nobody closes before the capture ends.
pub(super) fn parted<'a>(scene: &Scene<'a>, direction: Direction) -> Option<(&'a Event, Goodbye)> {
    if scene.ending.act.is_some() {
        return None;
    }
    let (event, goodbye) = farewell(scene, direction)?;
    let mut behind = scene.session.timeline.iter().rev().take_while(|other| !std::ptr::eq(*other, event));
    let says_more = |other: &Event| other.direction == direction && is_word(other) && !is_close_notify(scene, other);
    (!behind.any(says_more)).then_some((event, goodbye))
}

fn is_close_notify(scene: &Scene<'_>, event: &Event) -> bool {
    let record = scene.shape.at(event.frame, event.stream_offset);
    record.is_some_and(|record| record.name == name::CLOSE_NOTIFY)
}

/// The server's farewell, where the client had not said goodbye before.
pub(super) fn server_first<'a>(scene: &Scene<'a>) -> Option<(&'a Event, Goodbye)> {
    farewell(scene, Direction::ServerToClient).filter(|(event, _)| !is_client_first(scene, event))
}

/// The same, with CBC also where it is only likely.
pub(super) fn server_parts<'a>(scene: &Scene<'a>) -> Option<(&'a Event, Goodbye)> {
    let said = farewell(scene, Direction::ServerToClient).or_else(|| parting(scene));
    said.filter(|(event, _)| !is_client_first(scene, event))
}

fn is_client_first(scene: &Scene<'_>, event: &Event) -> bool {
    farewell(scene, Direction::ClientToServer).is_some_and(|(own, _)| own.precedes(event))
}

/// A record of the server that may be its ultimatum, and the client resets on it at once, as the Windows client answers one.
/// With CBC no size tells more.
fn parting<'a>(scene: &Scene<'a>) -> Option<(&'a Event, Goodbye)> {
    let act = scene.ending.act.filter(|act| scene.ending.is_reset && act.direction == Direction::ClientToServer)?;
    let word = scene.ending.last_word.filter(|word| word.direction == Direction::ServerToClient)?;
    let (least, most) = scene.session.plaintext(word).filter(|(least, most)| least < most)?;
    let way = scene.session.rtt_client.unwrap_or_default();
    let at_once = act.time.since(word.time) <= way + AT_ONCE;
    ((least..=most).contains(&ULTIMATUM) && at_once).then_some((word, Goodbye::MaybeUltimatum))
}

/// What an ultimatum in clear says. "User requested" says nothing: Windows writes it whoever ends the session.
pub(super) fn reason(event: &Event) -> String {
    match event.fact() {
        Some(Fact::Domain(DomainMessage::DisconnectProviderUltimatum { reason })) => format!(" ({reason})"),
        _ => String::new(),
    }
}

/// The client's last word before the server ended it with `end`, if it is a Shutdown Request that was not denied; and
/// whether that is said in clear rather than by its length.
pub(super) fn shutdown_asked<'a>(scene: &Scene<'a>, end: &Event) -> Option<(&'a Event, bool)> {
    let pdu_type = |event: &Event| match event.fact() {
        Some(Fact::Security(pdu)) => match &pdu.kind {
            SecurityKind::Share(share) => match share.kind {
                ShareKind::Data(pdu_type, _) => Some(pdu_type),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let is_soon = |event: &Event| end.time.since(event.time) <= ON_REQUEST;
    let events = || scene.session.timeline.iter().rev().skip_while(|event| !event.precedes(end));
    let said = || events().take_while(|event| is_soon(event));
    let asked = said().find(|event| pdu_type(event) == Some(SHUTDOWN_REQUEST));
    if let Some(asked) = asked {
        let is_denied = said().any(|event| pdu_type(event) == Some(SHUTDOWN_DENIED) && asked.precedes(event));
        return (!is_denied).then_some((asked, true));
    }
    // Input may be as long; a program that dies asks nobody, and where NLA has let somebody in, the request is denied.
    if matches!(end.control(), Some(Control::Rst(_))) || matches!(scene.shape.nla, Nla::Accepted | Nla::Done) {
        return None;
    }
    let mut own = events().filter(|event| event.direction == Direction::ClientToServer && event.control().is_none());
    let asked = own.next().filter(|event| is_soon(event))?;
    let record = scene.shape.at(asked.frame, asked.stream_offset)?;
    let is_as_long = |record: &Inferred| record.plaintext.is_some_and(|length| SHUTDOWN.contains(&length));
    // A denial is as long.
    let mut behind = scene.shape.records.iter().skip_while(|other| *other != record).skip(1);
    let is_denied = behind.any(|other| other.direction == Direction::ServerToClient && is_as_long(other));
    (record.name == name::SESSION && is_as_long(record) && !is_denied).then_some((asked, false))
}
