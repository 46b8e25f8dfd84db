//! What other protocols say beside a session: the name that was looked up, the ticket that was not given, the
//! neighbour that did not answer. Joined to sessions by addresses and time, never part of their timelines.

use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::tcp::segment::Hardware;
use crate::tcp::stream::Mark;
use crate::wire::dns::ResponseCode;
use crate::wire::kerberos::{Kind, Refusal};
use crate::wire::text::Text;

/// Frames kept of one matter; the rest is counted.
const FRAMES: usize = 8;

/// One matter that one host asked about, all its repetitions and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Who asked.
    pub asker: IpAddr,
    /// The first question.
    pub first: Mark,
    /// The last question or answer.
    pub last: Mark,
    /// Questions, the first eight.
    pub questions: Vec<FrameNumber>,
    /// Questions in all.
    pub asked: u32,
    /// The first answer of any kind.
    pub answer: Option<Mark>,
    /// What about.
    pub about: About,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The addresses of a name.
    Name(Lookup),
    /// A ticket from a key distribution centre.
    Ticket(Ticket),
    /// Who has this address on the link.
    Neighbour(IpAddr),
    /// Two machines say that the asker's address is theirs, in turns.
    Dispute(Dispute),
}

/// Who claims one address: who did so first, and the other one, each with the frame of its latest claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The hardware addresses.
    pub claims: [(Hardware, FrameNumber); 2],
}

/// How a name was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resolver {
    /// DNS (port 53).
    Dns,
    /// Multicast DNS (port 5353).
    Mdns,
    /// LLMNR (port 5355).
    Llmnr,
}

/// A name and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// In lower case.
    pub name: Text,
    /// How.
    pub resolver: Resolver,
    /// The first code that is not NOERROR.
    pub failure: Option<ResponseCode>,
    /// All addresses answered.
    pub addresses: Vec<IpAddr>,
}

/// A conversation with a key distribution centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its address.
    pub centre: IpAddr,
    /// AS-REQ or TGS-REQ; `None` when only a SYN was sent.
    pub request: Option<Kind>,
    /// For which service: `TERMSRV/rds01.corp.example`.
    pub service: Option<Text>,
    /// Who asked.
    pub client: Option<Text>,
    /// KRB-ERROR, and the frame that carried it.
    pub refusal: Option<(Refusal, Mark)>,
    /// AS-REP or TGS-REP: it was given.
    pub granted: bool,
    /// The centre's port refused the connection.
    pub is_refused: bool,
}

impl Aside {
    /// A matter of which only the first question is known.
    #[must_use]
    pub fn new(asker: IpAddr, about: About, mark: Mark) -> Self {
        Self { asker, first: mark, last: mark, questions: Vec::new(), asked: 0, answer: None, about }
    }

    /// It was asked (once more).
    pub fn ask(&mut self, mark: Mark) {
        self.asked += 1;
        self.last = mark;
        if self.questions.len() < FRAMES {
            self.questions.push(mark.frame);
        }
    }

    /// Something came back.
    pub fn hear(&mut self, mark: Mark) {
        self.answer.get_or_insert(mark);
        self.last = mark;
    }

    /// The lookup of a name.
    #[must_use]
    pub const fn lookup(&self) -> Option<&Lookup> {
        match &self.about {
            About::Name(lookup) => Some(lookup),
            _ => None,
        }
    }

    /// The conversation with a key distribution centre.
    #[must_use]
    pub const fn ticket(&self) -> Option<&Ticket> {
        match &self.about {
            About::Ticket(ticket) => Some(ticket),
            _ => None,
        }
    }
}
