//! What the server says of the end itself, where Set Error Info is in clear (MS-RDPBCGR 2.2.5.1.1).

use super::super::rule::{Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::farewell::{farewell, parted};
use super::silence::{Unanswered, unanswered};
use crate::frame::FrameNumber;
use crate::knowledge::disconnect::ErrorInfo;
use crate::session::{Direction, Event, is_word};
use crate::wire::catalogue::Fact;
use crate::wire::describe::Describe;
use crate::wire::share::{DataBody, SecurityKind, SecurityPdu, ShareKind};

/// A server that says why it ends shows no more for longer; what goes on behind that was about something else; seconds.
const LAST_PICTURES: f64 = 5.0;
/// Its goodbye settles that, unless it comes so much later; seconds.
const RECENT: f64 = 30.0;
/// Who logs off so soon may not have wanted to; seconds.
const BRIEF: f64 = 20.0;
/// A client that is sent on is shown nothing more, but for what is under way; seconds.
const SENT_ON: f64 = 1.0;
/// A server that says why it ends, and then nothing for so long, has ended it; seconds.
const SETTLED: f64 = 5.0;

/// Codes from and to, the cause that they state. The first row that fits counts.
const CAUSES: &[(u32, u32, &str)] = &[
    (0x1, 0x1, "end.admin-disconnect"),
    (0x2, 0x2, "end.admin-logoff"),
    (0x3, 0x3, "end.idle-limit"),
    (0x4, 0x4, "end.session-limit"),
    (0x5, 0x5, "end.replaced"),
    (0x6, 0x6, "end.session-crash"),
    (0x7, 0x7, "end.denied"),
    (0x9, 0x9, "end.no-privilege"),
    (0xa, 0xa, "end.fresh-creds"),
    (0xb, 0xb, USER_DISCONNECT),
    (0xc, 0xc, USER_LOGOFF),
    (0x10, 0x10, "end.session-crash"),
    (0xf, 0x12, "rdp.gfx-failed"),
    (0x17, 0x18, "end.session-crash"),
    (0x19, 0x19, "end.server-shutdown"),
    (0x1a, 0x1a, "end.server-reboot"),
    (0x101, 0x101, "lic.no-server"),
    (0x102, 0x102, "lic.none-left"),
    (0x106, 0x106, "lic.network"),
    (0x10a, 0x10a, "lic.not-licensed"),
    (0x103, 0x109, "lic.client-store"),
    (0x100, 0x1ff, "lic.refused"),
    (0x400, 0x4ff, "redirect.broker-error"),
    (0x10e7, 0x10ea, "rdp.caps-refused"),
    (0x10f3, 0x10f3, "end.denied"),
    (0x112d, 0x112d, "rdp.caps-refused"),
    (0x112e, 0x112f, "rdp.gfx-failed"),
    (0x1134, 0x1136, "rdp.caps-refused"),
    (0x1194, 0x1194, "mcs.stdsec-method-mismatch"),
    (0x1191, 0x1195, "rdp.stdsec-decrypt"),
    (0x10c9, 0x1136, "end.protocol-error"),
];

const USER_DISCONNECT: &str = "ok.user-disconnect";
const USER_LOGOFF: &str = "ok.user-logoff";

/// The cause that a code states; the general one for a code that nobody knows.
fn cause(code: ErrorInfo) -> &'static str {
    let row = CAUSES.iter().find(|(from, to, _)| (*from..=*to).contains(&code.0));
    row.map_or("end.server-ended", |row| row.2)
}

/// The server's codes, in order.
fn codes<'a>(scene: &Scene<'a>) -> impl DoubleEndedIterator<Item = (&'a Event, ErrorInfo)> {
    let codes = scene.session.timeline.facts().filter_map(|(event, fact)| {
        let Fact::Security(pdu) = fact else { return None };
        let SecurityKind::Share(share) = &pdu.kind else { return None };
        match share.kind {
            ShareKind::Data(_, DataBody::ErrorInfo(code)) => Some((event, code)),
            _ => None,
        }
    });
    codes.filter(|(event, _)| event.direction == Direction::ServerToClient)
}

/// The last code that is an error: some servers send "no error" at logon. Where the session is logged off because of another
/// one, it is that other one that says why.
fn last_code<'a>(scene: &Scene<'a>) -> Option<(&'a Event, ErrorInfo)> {
    let (event, code) = codes(scene).rfind(|(_, code)| *code != ErrorInfo::NONE)?;
    let is_cause = |(other, earlier): &(&Event, ErrorInfo)| {
        is_good(cause(code)) && !is_good(cause(*earlier)) && event.time.since(other.time) <= LAST_PICTURES
    };
    let mut before = codes(scene).take_while(|(other, _)| other.precedes(event)).filter(|(_, c)| *c != ErrorInfo::NONE);
    before.find(is_cause).or(Some((event, code)))
}

fn is_good(id: &str) -> bool {
    matches!(id, USER_DISCONNECT | USER_LOGOFF)
}

/// Whether an event belongs to a session that is used: no goodbye, and nothing that announces one.
fn is_use(event: &Event) -> bool {
    match event.fact() {
        Some(Fact::Security(pdu)) => match &pdu.kind {
            SecurityKind::Share(share) => {
                !matches!(share.kind, ShareKind::DeactivateAll | ShareKind::Data(_, DataBody::ErrorInfo(_)))
            }
            kind => !matches!(kind, SecurityKind::Heartbeat | SecurityKind::AutoDetect),
        },
        Some(fact) => !fact.is_ultimatum(),
        None => is_word(event),
    }
}

/// Whether the server shows more for `seconds` behind `event`.
pub(super) fn goes_on(scene: &Scene<'_>, event: &Event, seconds: f64) -> bool {
    let mut late = scene.session.timeline.iter().rev();
    let is_shown = |other: &&Event| other.direction == Direction::ServerToClient && is_use(other);
    late.find(is_shown).is_some_and(|last| last.time.since(event.time) > seconds)
}

/// Whether `event`, the server's code, is none of the end: it took the code back, or the session went on for long. Where the
/// server then says goodbye by itself, the code says why all the same: "no error" is to be ignored (MS-RDPBCGR 2.2.5.1.1).
fn is_outlived(scene: &Scene<'_>, event: &Event) -> bool {
    let own = farewell(scene, Direction::ServerToClient);
    let goodbye = farewell(scene, Direction::ClientToServer);
    let server_first = own.is_some_and(|(own, _)| goodbye.is_none_or(|(goodbye, _)| !goodbye.precedes(own)));
    let is_late = scene.ending.act.is_some_and(|act| act.time.since(event.time) > RECENT);
    if server_first {
        return is_late && goes_on(scene, event, LAST_PICTURES);
    }
    let mut cleared = codes(scene).filter(|(other, code)| *code == ErrorInfo::NONE && event.precedes(other));
    let is_cleared = match goodbye {
        Some((goodbye, _)) => cleared.any(|(other, _)| other.precedes(goodbye)),
        None => cleared.any(|(other, _)| goes_on(scene, other, 0.0)),
    };
    is_cleared || goes_on(scene, event, LAST_PICTURES)
}

/// How it ends behind the code, and how sure that makes it; nobody need have closed when the capture ends.
fn end_behind(scene: &Scene<'_>, event: &Event) -> Option<(FrameNumber, Sure, String)> {
    if let Some(act) = scene.ending.act {
        let (who, waited) = (act.direction.speaker(), act.time.since(event.time));
        let text = format!("frame {}: the {who} closes {waited:.1} s later", number(act));
        return (!act.precedes(event)).then_some((act.frame, Sure::Proven, text));
    }
    let waited = scene.session.capture_end.since(event.time);
    if let Some((goodbye, _)) = parted(scene, Direction::ServerToClient) {
        let text =
            format!("frame {}: the server says goodbye; nobody has closed when the capture ends", number(goodbye));
        return Some((goodbye.frame, Sure::Proven, text));
    }
    let last = scene.session.last.frame;
    let text = format!("frame {} is the last packet, and nobody has closed {waited:.1} s later", last.number());
    (!goes_on(scene, event, 0.0)).then_some((last, if waited >= SETTLED { Sure::Strong } else { Sure::Likely }, text))
}

/// The server says why.
pub(super) static ERROR_INFO: Rule = Rule {
    id: "end.protocol-error",
    needs: Signs::SECURITY,
    find: |scene| {
        let (event, code) = last_code(scene).filter(|(event, _)| !is_outlived(scene, event))?;
        let id = cause(code);
        let left = farewell(scene, Direction::ClientToServer).filter(|(goodbye, _)| goodbye.precedes(event));
        // Who had said goodbye before ended it, and so did who was not heard any more; whoever is sent on is not turned away.
        let is_gone = |lost: Unanswered| lost.speaker == Direction::ServerToClient && lost.death.time < event.time;
        if left.is_some() && !is_good(id)
            || unanswered(scene).is_some_and(is_gone)
            || redirection(scene).is_some_and(|(other, _)| event.precedes(other))
        {
            return None;
        }
        let (frame, sure, text) = end_behind(scene, event)?;
        let meaning = code.meaning().unwrap_or("the server ended it with a code that the specification does not have");
        let found = match is_good(id) {
            true => scene.ok(sure, meaning),
            false => scene.died(sure, meaning).at(event, Direction::ServerToClient),
        };
        let is_soon = id == USER_LOGOFF && event.time.since(scene.session.first.time) < BRIEF;
        let found = match is_soon {
            true => found.could_be("shell", "the shell or start program ended by itself, and the session with it"),
            false => found,
        };
        Some(
            found
                .named(id)
                .because(&[event.frame], say!("frame {} is the server's own Set Error Info: {code}", number(event)))
                .because(&[frame], text)
                .not_it("path", "the network: the server said itself why it ends"),
        )
    },
};

/// The last Server Redirection in clear.
fn redirection<'a>(scene: &Scene<'a>) -> Option<(&'a Event, &'a SecurityPdu)> {
    scene.session.timeline.facts().rev().find_map(|(event, fact)| match fact {
        Fact::Security(pdu) => match &pdu.kind {
            SecurityKind::Redirection => Some((event, &**pdu)),
            SecurityKind::Share(share) if share.kind == ShareKind::Redirection => Some((event, &**pdu)),
            _ => None,
        },
        _ => None,
    })
}

/// A server that sends the client elsewhere says so (2.2.13.1). It may also do so for information only, and go on itself
/// (LB_NOREDIRECT).
pub(super) static REDIRECT: Rule = Rule {
    id: "redirect",
    needs: Signs::SECURITY,
    find: |scene| {
        let (event, pdu) = redirection(scene).filter(|(event, _)| !goes_on(scene, event, SENT_ON))?;
        let name = pdu.name();
        let end = match scene.ending.act {
            Some(act) => format!("the {} closes in frame {}", act.direction.speaker(), number(act)),
            None => "nobody has closed when the capture ends".to_owned(),
        };
        Some(
            scene
                .ok(Sure::Proven, "the server sends the client on to another server")
                .because(&[event.frame], say!("frame {} is the server's own {name}; {end}", number(event))),
        )
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::disconnect::ERROR_INFO as CODES;

    #[test]
    fn every_code_states_a_cause() {
        for code in CODES.iter().filter(|code| code.value != 0) {
            assert_ne!(cause(ErrorInfo(code.value)), "end.server-ended", "{}", code.symbol);
        }
        assert_eq!(cause(ErrorInfo(0x0c)), "ok.user-logoff");
        assert_eq!(cause(ErrorInfo(0x11)), "rdp.gfx-failed");
        assert_eq!(cause(ErrorInfo(0x105)), "lic.client-store");
        assert_eq!(cause(ErrorInfo(0x1192)), "rdp.stdsec-decrypt");
        assert_eq!(cause(ErrorInfo(0x77)), "end.server-ended");
    }
}
