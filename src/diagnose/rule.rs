//! The contract of this room: a rule looks at a scene and says what it saw, how sure it is, and which packets show it.

use std::cell::OnceCell;

use super::certificate::{Fault, faults};
use super::crowd::Crowd;
use super::ending::Ending;
use super::refusal::Refusal;
use super::shape::{Inferred, Shape, name};
use super::signs::Signs;
use super::verdict::{Alternative, By, Death, Evidence, Finding, LadderMark, Outcome, Points, Sentence, Sure};
use super::wording::{Say, Wording};
use crate::frame::FrameNumber;
use crate::knowledge::cause::Moot;
use crate::knowledge::negotiation::Protocols;
use crate::knowledge::tls::Version;
use crate::session::{Control, Direction, Event, Phase, RstFacts, Session, is_word};
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;
use crate::wire::tls_record::Alert;

/// Who is silent for so long waits for somebody, or is not there; seconds.
pub(super) const PATIENCE: f64 = 5.0;

/// No packet is on its way for longer; seconds.
const UNDER_WAY: f64 = 1.0;

/// Everything a rule may look at.
pub(super) struct Scene<'a> {
    pub(super) session: &'a Session,
    pub(super) shape: &'a Shape,
    pub(super) ending: Ending<'a>,
    pub(super) crowd: &'a Crowd,
    /// The session's place among all of the capture.
    pub(super) index: usize,
    /// What is to be said of it.
    pub(super) wording: Wording,
    /// The first fatal alert in clear, before anybody closed, or a client's complaint behind which it was over.
    pub(super) fatal: Option<(&'a Event, Alert)>,
    /// What is there at all.
    pub(super) signs: Signs,
    /// What several rules ask for, worked out when the first one does.
    refusal: OnceCell<Option<Refusal<'a>>>,
    faults: OnceCell<Vec<Fault<'a>>>,
}

/// Whether `alert` ends the connection, whatever its level says: in TLS 1.3 any complaint does (RFC 8446 6.2), before it one
/// of the client's behind which nobody said more than goodbye.
fn is_end(session: &Session, ending: &Ending<'_>, event: &Event, alert: Alert) -> bool {
    if !alert.is_complaint() || event.direction == Direction::ServerToClient {
        return false;
    }
    let says_goodbye = |word: &Event| matches!(word.fact(), Some(Fact::Alert(alert)) if alert.is_goodbye());
    let last = session.timeline.iter().rev().find(|word| is_word(word) && !says_goodbye(word));
    let is_last = ending.act.is_some() && last.is_some_and(|last| std::ptr::eq(last, event));
    is_last || session.tls_version() >= Some(Version::TLS13)
}

impl<'a> Scene<'a> {
    /// Of the session with this `index` in the `crowd`.
    pub(super) fn of(session: &'a Session, shape: &'a Shape, crowd: &'a Crowd, index: usize, wording: Wording) -> Self {
        let ending = Ending::of(session);
        let until = ending.act.map_or(i64::MAX, |act| act.time.0);
        let fatal = session.alerts().find(|(event, alert)| {
            let is_fatal = alert.is_fatal() && !alert.is_close_notify();
            (is_fatal || is_end(session, &ending, event, *alert)) && event.time.0 <= until
        });
        let signs = Signs::of(session, shape, &ending, fatal.map(|(event, _)| event.direction));
        Self {
            session,
            shape,
            ending,
            crowd,
            index,
            wording,
            fatal,
            signs,
            refusal: OnceCell::new(),
            faults: OnceCell::new(),
        }
    }

    /// It died; of this, so sure.
    pub(super) fn died(&self, sure: Sure, headline: impl Say) -> Found {
        self.found(Outcome::Died, sure, headline)
    }

    /// It went well, and this is how it ended.
    pub(super) fn ok(&self, sure: Sure, headline: impl Say) -> Found {
        self.found(Outcome::Ok, sure, headline)
    }

    /// It fared like that.
    pub(super) fn found(&self, outcome: Outcome, sure: Sure, headline: impl Say) -> Found {
        Found::new(self.wording, outcome, sure, headline)
    }

    /// How the server refuses the user, if it does.
    pub(super) fn refusal(&self) -> Option<Refusal<'a>> {
        *self.refusal.get_or_init(|| Refusal::of(self))
    }

    /// What is wrong with the certificate that was shown, most serious first.
    pub(super) fn faults(&self) -> &[Fault<'a>] {
        self.faults.get_or_init(|| match self.session.certificate() {
            Some((event, certificate)) => faults(certificate, event, self.session),
            None => Vec::new(),
        })
    }

    /// The event of an inferred record.
    pub(super) fn event_of(&self, record: &Inferred) -> Option<&'a Event> {
        let mut events = self.session.timeline.iter();
        events.find(|event| event.frame == record.frame && event.stream_offset == record.stream_offset)
    }

    /// The least and most bytes of plaintext in an inferred record.
    pub(super) fn plaintext(&self, record: &Inferred) -> Option<(u16, u16)> {
        let known = record.plaintext.map(|exact| (exact, exact));
        known.or_else(|| self.session.plaintext(self.event_of(record)?))
    }

    /// Whether `direction` was the first to end it.
    pub(super) fn ended_by(&self, direction: Direction) -> bool {
        self.ending.was_by(direction)
    }

    /// Whether `direction` was the first to go.
    pub(super) fn left_first(&self, direction: Direction) -> bool {
        self.goodbye().is_some_and(|goodbye| goodbye.direction == direction)
    }

    /// The first goodbye: one of TLS counts, since whose FIN comes first behind it is chance.
    pub(super) fn goodbye(&self) -> Option<&'a Event> {
        let mut records = self.shape.records.iter();
        // An alert inside the handshake says as much: who answers it by closing did not begin.
        let is_goodbye = |record: &&Inferred| {
            record.name == name::CLOSE_NOTIFY || record.name == name::ALERT && record.phase == Phase::Tls
        };
        let inside = records.find(is_goodbye).and_then(|record| self.event_of(record));
        let in_clear = self.session.alerts().find(|(_, alert)| alert.is_goodbye()).map(|(event, _)| event);
        let act = self.ending.act?;
        Some(in_clear.or(inside).filter(|event| !act.precedes(event)).unwrap_or(act))
    }

    /// Seconds from the last word before the first goodbye to that goodbye.
    pub(super) fn thought(&self) -> f64 {
        let Some(goodbye) = self.goodbye() else { return self.ending.pause };
        let mut before = self.session.timeline.iter().rev().skip_while(|event| !std::ptr::eq(*event, goodbye)).skip(1);
        before.find(|event| is_word(event)).map_or(self.ending.pause, |word| goodbye.time.since(word.time))
    }

    /// Who has to speak behind `word`: the other side, as a rule. The client goes on by itself behind a Finished that ends the
    /// handshake, as in TLS 1.3, and behind its credentials, but for protocols in which the server begins or answers
    /// (MS-RDPBCGR 5.4.5).
    pub(super) fn owes_next(&self, word: &Event) -> Direction {
        let name = self.shape.at(word.frame, word.stream_offset).map(|record| record.name);
        let selected = self.session.selected().unwrap_or(Protocols::SSL);
        // The nonce of Entra ID is as long as a ticket.
        let is_part_of_tls = match name {
            Some(name::FINISHED) => self.shape.established,
            Some(name::TICKET) => selected.any(Protocols::RDSTLS.0),
            _ => false,
        };
        if is_part_of_tls && self.server_begins() {
            return Direction::ServerToClient;
        }
        let goes_on = match name {
            Some(name::FINISHED) => self.shape.established,
            Some(name::AUTH_INFO) => selected == Protocols::HYBRID,
            _ => false,
        };
        let is_client = word.direction == Direction::ClientToServer;
        if is_client && goes_on { word.direction } else { word.direction.reverse() }
    }

    /// Whether the first word behind TLS is the server's (MS-RDPBCGR 5.4.5.3, 5.4.5.4).
    pub(super) fn server_begins(&self) -> bool {
        self.session.selected().is_some_and(|selected| selected.any(Protocols::RDSTLS.0 | Protocols::RDSAAD.0))
    }

    /// The last word, behind which `silent` should have spoken and did not until somebody said goodbye, and the seconds until
    /// then; where that is longer than a program needs.
    pub(super) fn waited_for(&self, silent: Direction) -> Option<(&'a Event, f64)> {
        let goodbye = self.goodbye()?;
        let mut before = self.session.timeline.iter().rev().skip_while(|event| !std::ptr::eq(*event, goodbye)).skip(1);
        let word = before.find(|event| is_word(event)).filter(|word| self.owes_next(word) == silent)?;
        let waited = goodbye.time.since(word.time);
        (waited >= PATIENCE).then_some((word, waited))
    }

    /// How far the other side has received what `speaker` said: its acknowledgments say so, and its resets.
    pub(super) fn received(&self, speaker: Direction) -> u64 {
        let resets = self.session.resets().filter(|(reset, _)| reset.direction != speaker);
        let said = resets.filter_map(|(_, facts)| u64::try_from(facts.acknowledges?).ok());
        said.fold(self.session.side(speaker).acknowledged, u64::max)
    }

    /// Whether `event` may have reached the other side as a whole: it says so, or its reset says nothing of it.
    pub(super) fn may_be_heard(&self, event: &Event) -> bool {
        let mut resets = self.session.resets();
        let is_silent =
            |(reset, facts): (&Event, &RstFacts)| reset.direction != event.direction && facts.acknowledges.is_none();
        self.received(event.direction) >= event.stream_offset + u64::from(event.length) || resets.any(is_silent)
    }

    /// Whether the other side closed before it had received all of `event`: its FIN or reset acknowledges less.
    pub(super) fn crossed(&self, event: &Event) -> bool {
        let end = event.stream_offset + u64::from(event.length);
        let Some(act) = self.ending.act.filter(|act| act.direction != event.direction) else { return false };
        if act.time.since(event.time) > UNDER_WAY {
            return false;
        }
        match act.control() {
            Some(Control::Rst(facts)) => facts.acknowledges.is_some_and(|to| to < end.cast_signed()),
            _ => self.session.unaware(act.direction).is_some_and(|heard| heard < end),
        }
    }

    /// Whether words may be missing that were said before the end: packets that were not captured, bytes that were cut off, what
    /// was agreed on, or what the closing packet itself counts as said.
    pub(super) fn lacks_words(&self) -> bool {
        let stands_further = |act: &Event| match act.control() {
            Some(Control::Rst(facts)) => facts.distance > 0,
            _ => self.session.hole(act.direction).is_some_and(|hole| hole.behind.frame == act.frame),
        };
        let lacks_question = self.session.client_side().syns == 0 && self.session.server_side().syns > 0;
        self.session.is_cut()
            || self.session.lacks_packets()
            || self.session.lacks_agreement()
            || lacks_question
            || self.ending.act.is_some_and(stands_further)
    }

    /// Whether somebody closed before `event` was said. A reset that acknowledges it has only overtaken it on its way into the
    /// capture.
    pub(super) fn closed_before(&self, event: &Event) -> bool {
        let end = (event.stream_offset + u64::from(event.length)).cast_signed();
        let Some(act) = self.ending.act.filter(|act| act.precedes(event)) else { return false };
        let is_heard = match act.control() {
            Some(Control::Rst(facts)) => facts.acknowledges.is_some_and(|to| to >= end),
            _ => false,
        };
        act.direction == event.direction || !is_heard
    }

    /// Seconds from the last frame of the session to the end of the capture.
    pub(super) fn watched_after(&self) -> f64 {
        self.session.capture_end.since(self.session.last.time)
    }
}

/// How a cause is recognised. What it means and what helps stands in the catalogue, under its id.
pub struct Rule {
    /// What a user would search for: `family.slug`.
    pub id: &'static str,
    /// What a scene must have, lest it is asked in vain.
    pub(super) needs: Signs,
    /// Looks at a scene.
    pub(super) find: fn(&Scene<'_>) -> Option<Found>,
}

/// What a rule saw.
#[derive(Clone, Debug)]
pub(super) struct Found {
    wording: Wording,
    /// Overrides the rule's id, where one rule tells several causes apart.
    pub(super) id: Option<&'static str>,
    pub(super) outcome: Outcome,
    pub(super) sure: Sure,
    pub(super) headline: Sentence,
    pub(super) death: Option<Death>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) means: Option<Sentence>,
    pub(super) not_it: Vec<Alternative>,
    pub(super) could_be: Vec<Alternative>,
    pub(super) moot: Moot,
    pub(super) notes: Vec<Sentence>,
    pub(super) marks: Vec<LadderMark>,
    /// It is a death only because something was not seen.
    pub(super) rests_on_absence: bool,
}

impl Found {
    fn new(wording: Wording, outcome: Outcome, sure: Sure, headline: impl Say) -> Self {
        Self {
            wording,
            id: None,
            outcome,
            sure,
            headline: wording.of(headline),
            death: None,
            evidence: Vec::new(),
            means: None,
            not_it: Vec::new(),
            could_be: Vec::new(),
            moot: Moot::default(),
            notes: Vec::new(),
            marks: Vec::new(),
            rests_on_absence: false,
        }
    }

    pub(super) fn named(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// The packet after which nothing could be saved, and whose act it was.
    pub(super) fn at(self, event: &Event, by: impl Into<By>) -> Self {
        self.at_mark(event.mark(), event.phase, by.into(), "")
    }

    /// The same, with a word behind `died here`.
    pub(super) fn at_noted(self, event: &Event, by: impl Into<By>, note: impl Say) -> Self {
        self.at_mark(event.mark(), event.phase, by.into(), note)
    }

    pub(super) fn at_mark(mut self, mark: Mark, phase: Phase, by: By, note: impl Say) -> Self {
        self.death = Some(Death { frame: mark.frame, time: mark.time, phase, by });
        self.mark(mark.frame, true, note)
    }

    fn mark(mut self, frame: FrameNumber, is_death: bool, note: impl Say) -> Self {
        if self.wording == Wording::Whole {
            self.marks.push(LadderMark { frame, is_death, note: note.say() });
        }
        self
    }

    /// A sign for the cause.
    pub(super) fn because(self, frames: &[FrameNumber], text: impl Say) -> Self {
        self.evidence(frames, Points::For, text)
    }

    /// A sign against it.
    pub(super) fn against(self, frames: &[FrameNumber], text: impl Say) -> Self {
        self.evidence(frames, Points::Against, text)
    }

    /// Had more been seen, it might be none.
    pub(super) const fn by_absence(mut self) -> Self {
        self.rests_on_absence = true;
        self
    }

    /// What one would have to see to be surer.
    pub(super) fn missing(self, text: impl Say) -> Self {
        self.evidence(&[], Points::Missing, text)
    }

    fn evidence(mut self, frames: &[FrameNumber], points: Points, text: impl Say) -> Self {
        self.add_evidence(frames, points, text);
        self
    }

    fn add_evidence(&mut self, frames: &[FrameNumber], points: Points, text: impl Say) {
        if self.wording == Wording::Whole {
            let mut frames = frames.to_vec();
            // A question and the last word may be the same packet.
            frames.dedup();
            self.evidence.push(Evidence { frames, points, text: text.say() });
        }
    }

    pub(super) fn means(mut self, text: impl Say) -> Self {
        if self.wording == Wording::Whole {
            self.means = Some(text.say());
        }
        self
    }

    pub(super) fn not_it(mut self, id: &'static str, text: impl Say) -> Self {
        self.add_not_it(id, text);
        self
    }

    pub(super) fn could_be(mut self, id: &'static str, text: impl Say) -> Self {
        self.add_could_be(id, text);
        self
    }

    /// Remedies against this are of no use.
    pub(super) const fn add_moot(&mut self, moot: Moot) {
        self.moot = self.moot.and(moot);
    }

    pub(super) fn note(mut self, text: impl Say) -> Self {
        if self.wording == Wording::Whole {
            self.notes.push(text.say());
        }
        self
    }

    /// The same as [`Self::because`], for what is learnt later.
    pub(super) fn add_because(&mut self, frames: &[FrameNumber], text: impl Say) {
        self.add_evidence(frames, Points::For, text);
    }

    pub(super) fn add_missing(&mut self, text: impl Say) {
        self.add_evidence(&[], Points::Missing, text);
    }

    pub(super) fn add_not_it(&mut self, id: &'static str, text: impl Say) {
        if self.wording == Wording::Whole {
            self.not_it.push(Alternative { id, text: text.say() });
        }
    }

    pub(super) fn add_could_be(&mut self, id: &'static str, text: impl Say) {
        if self.wording == Wording::Whole {
            self.could_be.push(Alternative { id, text: text.say() });
        }
    }

    /// It is no death as long as `missing` is: whoever has that may know better.
    pub(super) fn leave_undecided(&mut self, missing: impl Say) {
        self.outcome = Outcome::Unsure;
        self.marks.iter_mut().for_each(|mark| mark.is_death = false);
        self.add_missing(missing);
    }

    /// A witness in the ladder.
    pub(super) fn witness(self, event: &Event, note: impl Say) -> Self {
        self.mark(event.frame, false, note)
    }
}

/// Something that is worth knowing and did not kill the session.
pub(super) struct Observation {
    pub(super) finding: Finding,
    /// Serious enough to turn `ok` into `warn`.
    pub(super) warns: bool,
}

/// A frame's number for a sentence.
pub(super) fn number(event: &Event) -> u64 {
    event.frame.number()
}
