//! How a session ended: the first act of ending, and whose it was. Blame the first act, never the last packet.

use super::reached::last_speaker;
use super::verdict::{By, End, EndHow};
use crate::knowledge::tls::Version;
use crate::session::{Control, Direction, Event, Session, is_word};
use crate::wire::catalogue::Fact;

/// How long a waiting connection must have been silent before the silence is an ending; seconds.
const PATIENCE: f64 = 4.0;
/// Retransmissions or probes without an answer that make a silence an ending by themselves.
const UNANSWERED: u32 = 3;

/// The end of a session.
#[derive(Clone, Debug)]
pub(super) struct Ending<'a> {
    /// What is reported.
    pub(super) end: End,
    /// The first FIN or believable reset.
    pub(super) act: Option<&'a Event>,
    /// Whose it was.
    pub(super) by: Option<Direction>,
    /// The act was a reset.
    pub(super) is_reset: bool,
    /// Seconds from the last word of either side to the act (or to the end of the capture).
    pub(super) pause: f64,
    /// The last word of either side before the act.
    pub(super) last_word: Option<&'a Event>,
}

impl<'a> Ending<'a> {
    /// Reads the end of `session`.
    pub(super) fn of(session: &'a Session) -> Self {
        let first = session.timeline.since_end().find(|event| is_act(session, event));
        let act = first.map(|first| overtaken(session, first).unwrap_or(first));
        let is_behind = |event: &&Event| act.is_some_and(|act| !std::ptr::eq(*event, act));
        let mut before = session.timeline.iter().rev().skip_while(is_behind);
        let last_word = before.find(|event| is_word(event) && !is_for_show(session, event));
        let until = act.map_or(session.capture_end, |act| act.time);
        let since = last_word.map_or(session.first.time, |word| word.time);
        let by = act.map(|act| act.direction);
        let end = match act {
            Some(act) => {
                let how = if is_reset(act) { EndHow::Rst } else { EndHow::Fin };
                End { frame: act.frame, how, by: By::from(act.direction) }
            }
            None => {
                let how = if is_silence(session) { EndHow::Silence } else { EndHow::CaptureEnd };
                End { frame: session.last.frame, how, by: By::from(last_speaker(session)) }
            }
        };
        Self { end, act, by, is_reset: act.is_some_and(is_reset), pause: until.since(since), last_word }
    }

    /// What the act was, in a sentence.
    pub(super) const fn how(&self) -> &'static str {
        if self.is_reset { "a reset" } else { "a FIN" }
    }

    /// Whether `direction` was the first to end it.
    pub(super) fn was_by(&self, direction: Direction) -> bool {
        self.by == Some(direction)
    }
}

/// In TLS 1.3 ChangeCipherSpec says nothing and waits for nothing; devices on the way want to see it (RFC 8446 D.4).
fn is_for_show(session: &Session, event: &Event) -> bool {
    matches!(event.fact(), Some(Fact::ChangeCipherSpec)) && session.tls_version() >= Some(Version::TLS13)
}

/// The FIN that `first`, of the other side, answers and has overtaken on its way into the capture.
fn overtaken<'a>(session: &'a Session, first: &Event) -> Option<&'a Event> {
    let who = session.answers().filter(|who| *who == first.direction && is_fin(first))?.reverse();
    session.timeline.since_end().find(|event| event.direction == who && is_fin(event))
}

fn is_fin(event: &Event) -> bool {
    matches!(event.control(), Some(Control::Fin))
}

/// A FIN, or a reset that its receiver had to believe.
fn is_act(session: &Session, event: &Event) -> bool {
    match event.control() {
        Some(Control::Fin) => true,
        Some(Control::Rst(facts)) => session.is_believed(event, facts),
        _ => false,
    }
}

fn is_reset(event: &Event) -> bool {
    matches!(event.control(), Some(Control::Rst(_)))
}

/// Somebody waited for an answer, and the capture went on long enough to see that none came.
fn is_silence(session: &Session) -> bool {
    let waited = session.capture_end.since(session.last.time);
    let unanswered = [Direction::ClientToServer, Direction::ServerToClient].into_iter().any(|direction| {
        let side = session.side(direction);
        side.repeat().is_some_and(|repeat| repeat.count >= UNANSWERED) || side.syns > UNANSWERED
    });
    let waiting = session.sides.iter().any(|side| !side.all_acknowledged()) || session.server_side().syn().is_none();
    unanswered || (waiting && waited >= PATIENCE)
}
