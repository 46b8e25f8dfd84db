//! A case as the claims look at it: how far it came, who ended it, what was noticed.

use super::{Ruling, Standing};
use crate::diagnose::case::Case;
use crate::diagnose::shape::Shape;
use crate::diagnose::verdict::{By, EndHow, Finding, Outcome, Sure};
use crate::frame::FrameNumber;
use crate::knowledge::negotiation::Protocols;
use crate::session::{Direction, Phase, Session};

/// Findings that say that packets are missing: what was not seen may still have been said.
const GAPS: &[&str] = &["cap.snaplen-cut", "cap.incomplete", "cap.drops"];

/// A case, and the questions that several claims put to it.
pub(super) struct View<'a> {
    case: &'a Case,
    pub(super) session: &'a Session,
    pub(super) shape: &'a Shape,
    /// The cause, empty when there is none.
    pub(super) cause: &'static str,
    /// The packet that ended it: of its death, or the last one.
    pub(super) end: FrameNumber,
}

impl<'a> View<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        let verdict = &case.verdict;
        Self {
            case,
            session: &case.session,
            shape: &case.shape,
            cause: verdict.cause.unwrap_or_default(),
            end: verdict.death.map_or(verdict.end.frame, |death| death.frame),
        }
    }

    pub(super) fn says(&self, standing: Standing, frame: FrameNumber, text: impl Into<String>) -> Ruling {
        Ruling { standing, frame, text: text.into() }
    }

    pub(super) fn open(&self, frame: FrameNumber, text: impl Into<String>) -> Ruling {
        self.says(Standing::Open, frame, text)
    }

    pub(super) fn refuted(&self, frame: FrameNumber, text: impl Into<String>) -> Ruling {
        self.says(Standing::Refuted, frame, text)
    }

    /// The verdict itself is the claim: confirmed if that is sure enough.
    pub(super) fn by_verdict(&self) -> Ruling {
        let verdict = &self.case.verdict;
        if verdict.outcome == Outcome::Died && verdict.sure >= Sure::Strong {
            self.says(Standing::Confirmed, self.end, verdict.headline.clone())
        } else {
            self.open(self.end, format!("{}; that is no more than {}", verdict.headline, verdict.sure.word()))
        }
    }

    /// It ended before this could matter; open where the capture may have missed it.
    pub(super) fn not_reached(&self, text: &str) -> Ruling {
        let is_whole = self.died() && !self.has_gaps() && !self.session.is_midstream();
        let standing = if is_whole { Standing::NotReached } else { Standing::Open };
        self.says(standing, self.end, if is_whole { text } else { "this part is not in the capture" })
    }

    pub(super) fn died(&self) -> bool {
        self.case.verdict.outcome == Outcome::Died
    }

    pub(super) fn is_proven(&self) -> bool {
        self.died() && self.case.verdict.sure == Sure::Proven
    }

    pub(super) fn is_strong(&self) -> bool {
        self.died() && self.case.verdict.sure >= Sure::Strong
    }

    pub(super) fn headline(&self) -> &str {
        &self.case.verdict.headline
    }

    /// Who ended it, when it died.
    pub(super) fn ended_by(&self) -> Option<By> {
        self.case.verdict.death.map(|death| death.by)
    }

    pub(super) fn finding(&self, id: &str) -> Option<&'a Finding> {
        self.case.verdict.findings.iter().find(|finding| finding.id == id)
    }

    pub(super) fn has_gaps(&self) -> bool {
        self.session.gaps > 0 || GAPS.iter().any(|id| self.finding(id).is_some() || self.cause == *id)
    }

    pub(super) fn has_nla(&self) -> bool {
        self.session.selected().is_some_and(Protocols::has_nla)
    }

    /// The server's choice of standard RDP security, if that is what it chose.
    pub(super) fn without_tls(&self) -> Option<FrameNumber> {
        let (event, _) = self.session.confirm()?;
        (self.session.selected() == Some(Protocols::RDP)).then_some(event.frame)
    }

    /// The first thing that `direction` said in `phase` or later, seen or known by its shape.
    pub(super) fn first_from(&self, phase: Phase, direction: Direction) -> Option<FrameNumber> {
        let seen = self.session.timeline.iter().find(|event| {
            event.direction == direction && event.phase >= phase && event.length > 0 && event.fact().is_some()
        });
        let inferred = self.shape.records.iter().find(|record| record.direction == direction && record.phase >= phase);
        let frames = [seen.map(|event| event.frame), inferred.map(|record| record.frame)];
        frames.into_iter().flatten().min()
    }

    /// The first record of `direction` inside TLS that belongs to `phase` or later, by its shape.
    pub(super) fn inside_tls(&self, phase: Phase, direction: Direction) -> Option<FrameNumber> {
        let mut records = self.shape.records.iter();
        records.find(|record| record.direction == direction && record.phase >= phase).map(|record| record.frame)
    }

    /// Client or server said in a fatal alert why it ends the connection.
    pub(super) fn has_said_why(&self, direction: Direction) -> bool {
        self.session
            .alerts()
            .any(|(event, alert)| event.direction == direction && event.frame == self.end && alert.is_fatal())
    }

    /// The books were closed by a FIN or a reset, and nobody had waited in vain for the other side before.
    pub(super) fn is_an_act(&self) -> bool {
        const WAITED: &[&str] = &["tls.handshake-stall", "x224.no-confirm", "tcp.syn-no-answer", "tcp.synack-unacked"];
        matches!(self.case.verdict.end.how, EndHow::Fin | EndHow::Rst) && !WAITED.contains(&self.cause)
    }

    /// The client said something that it only says once it has taken the server's certificate: Connect Initial and all
    /// behind it. Windows asks about a certificate when NLA is done.
    pub(super) fn took_certificate(&self) -> Option<FrameNumber> {
        self.inside_tls(Phase::Mcs, Direction::ClientToServer)
    }
}
