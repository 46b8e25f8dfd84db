//! What we conclude about a session: outcome, cause, the packet of its death, and what speaks for and against it.

use std::borrow::Cow;

use crate::frame::{FrameNumber, Timestamp};
use crate::knowledge::cause::{Moot, Remedy};
use crate::session::{Direction, Phase};

/// Words of the program's own, or with a session's numbers and names in them.
pub type Sentence = Cow<'static, str>;

/// How a session fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It ended before it should have; there is a frame where.
    Died,
    /// It lives or ended well, but something will bite.
    Warn,
    /// The capture cannot tell.
    Unsure,
    /// Still going (live only).
    Open,
    /// As far as can be seen, all went well.
    Ok,
    /// Not a person: port scan, security probe, health check.
    Scan,
}

impl Outcome {
    /// All, in the order of a summary.
    pub const ALL: [Self; 6] = [Self::Died, Self::Warn, Self::Unsure, Self::Ok, Self::Open, Self::Scan];

    /// The word of every output and of the filter.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Died => "died",
            Self::Warn => "warn",
            Self::Unsure => "unsure",
            Self::Open => "open",
            Self::Ok => "ok",
            Self::Scan => "scan",
        }
    }

    /// The symbol, and what stands for it in plain ASCII.
    #[must_use]
    pub const fn symbol(self) -> (&'static str, &'static str) {
        match self {
            Self::Died => ("×", "X"),
            Self::Warn => ("!", "!"),
            Self::Unsure => ("?", "?"),
            Self::Open => ("►", ">"),
            Self::Ok => ("√", "+"),
            Self::Scan => ("·", "."),
        }
    }
}

/// How sure a conclusion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sure {
    /// Not enough to tell.
    Unsure,
    /// Signs fit, others could too.
    Likely,
    /// Several independent signs, no better explanation.
    Strong,
    /// A frame states it.
    Proven,
}

impl Sure {
    /// The word of every output and of the filter.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unsure => "unsure",
            Self::Likely => "likely",
            Self::Strong => "strong",
            Self::Proven => "proven",
        }
    }

    /// One step less sure.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::Proven => Self::Strong,
            Self::Strong => Self::Likely,
            Self::Likely | Self::Unsure => Self::Unsure,
        }
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The side that connected.
    Client,
    /// The side that was connected to.
    Server,
    /// A device between them.
    Middlebox,
    /// The path: nobody in particular.
    Network,
}

impl By {
    /// The word of every output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Middlebox => "middlebox",
            Self::Network => "network",
        }
    }
}

impl From<Direction> for By {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::ClientToServer => Self::Client,
            Direction::ServerToClient => Self::Server,
        }
    }
}

/// The packet after which nothing could be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// Its frame.
    pub frame: FrameNumber,
    /// When.
    pub time: Timestamp,
    /// Where the session was.
    pub phase: Phase,
    /// Whose act it was.
    pub by: By,
}

/// How the books were closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndHow {
    /// A FIN.
    Fin,
    /// A reset.
    Rst,
    /// Nobody said anything any more while the capture went on.
    Silence,
    /// The capture stopped first.
    CaptureEnd,
}

impl EndHow {
    /// The word of JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Silence => "silence",
            Self::CaptureEnd => "capture-end",
        }
    }
}

/// The packet that closed the books, or the last one seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Its frame.
    pub frame: FrameNumber,
    /// How.
    pub how: EndHow,
    /// Whose packet it was.
    pub by: By,
}

/// Which way a piece of evidence points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Points {
    /// For the cause.
    For,
    /// Against it.
    Against,
    /// What one would have to see to be surer.
    Missing,
}

impl Points {
    /// The word of JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::For => "for",
            Self::Against => "against",
            Self::Missing => "missing",
        }
    }
}

/// A sign, with the packets that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The packets; at least one for a sign for or against.
    pub frames: Vec<FrameNumber>,
    /// Which way it points.
    pub points: Points,
    /// One sentence.
    pub text: Sentence,
}

/// Another cause, named to confirm that it is not this one, or that it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Cause id; a family (`path`) when the whole family is meant.
    pub id: &'static str,
    /// One sentence.
    pub text: Sentence,
}

/// Something worth knowing that is not the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Cause id.
    pub id: &'static str,
    /// How sure.
    pub sure: Sure,
    /// The packets that show it.
    pub frames: Vec<FrameNumber>,
    /// One sentence.
    pub text: Sentence,
}

/// A line under a row of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LadderMark {
    /// Under which frame's row.
    pub frame: FrameNumber,
    /// `^^^ died here` instead of `---`.
    pub is_death: bool,
    /// What to write behind it; may be empty.
    pub note: Sentence,
}

/// Phases, each once, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases(u8);

impl Phases {
    /// Adds `phase`.
    pub const fn insert(&mut self, phase: Phase) {
        self.0 |= 1 << phase as u8;
    }

    /// Whether `phase` is among them.
    #[must_use]
    pub const fn contains(self, phase: Phase) -> bool {
        self.0 & 1 << phase as u8 != 0
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Phase> {
        Phase::ALL.into_iter().filter(move |phase| self.contains(*phase))
    }
}

impl FromIterator<Phase> for Phases {
    fn from_iter<I: IntoIterator<Item = Phase>>(phases: I) -> Self {
        let mut all = Self::default();
        phases.into_iter().for_each(|phase| all.insert(phase));
        all
    }
}

/// What we conclude about a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How it fared.
    pub outcome: Outcome,
    /// Cause id; `None` when all is well and there is nothing to say.
    pub cause: Option<&'static str>,
    /// How sure the cause is.
    pub sure: Sure,
    /// One sentence.
    pub headline: Sentence,
    /// Only when it died.
    pub death: Option<Death>,
    /// How the books were closed.
    pub end: End,
    /// Phases seen.
    pub reached: Phases,
    /// Phases known only by shape.
    pub reached_inferred: Phases,
    /// Signs.
    pub evidence: Vec<Evidence>,
    /// What the cause means, where that is not plain.
    pub means: Option<Sentence>,
    /// Causes this capture refutes.
    pub not_it: Vec<Alternative>,
    /// Causes it cannot exclude.
    pub could_be: Vec<Alternative>,
    /// What to do; [`Case::fixes`](super::Case::fixes) names the server in it.
    pub fixes: &'static [Remedy],
    /// What to look at or capture next; [`Case::next_steps`](super::Case::next_steps) names the server in it.
    pub next: &'static [Remedy],
    /// What makes some of both pointless here.
    pub moot: Moot,
    /// Warnings that belong to the advice.
    pub notes: Vec<Sentence>,
    /// Everything else worth knowing, most serious first.
    pub findings: Vec<Finding>,
    /// What the ladder points at.
    pub marks: Vec<LadderMark>,
}

impl Verdict {
    /// Of a session that goes on: nothing is concluded yet.
    #[must_use]
    pub fn open(end: End) -> Self {
        Self {
            outcome: Outcome::Open,
            cause: None,
            sure: Sure::Unsure,
            headline: "it goes on; nothing is decided yet".into(),
            death: None,
            end,
            reached: Phases::default(),
            reached_inferred: Phases::default(),
            evidence: Vec::new(),
            means: None,
            not_it: Vec::new(),
            could_be: Vec::new(),
            fixes: &[],
            next: &[],
            moot: Moot::default(),
            notes: Vec::new(),
            findings: Vec::new(),
            marks: Vec::new(),
        }
    }
}
