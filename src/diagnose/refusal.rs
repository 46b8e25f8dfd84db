//! A logon that the server refuses, as far as sizes and order show it: asked for by every rule about logons.

use super::rule::{Scene, number};
use super::shape::{Inferred, Mechanism, Nla, name};
use super::verdict::Sure;
use crate::session::{Direction, Event, Phase, Session};

/// The packet that refuses, how that is seen, and how sure it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal<'a> {
    pub(super) event: &'a Event,
    how: How,
}

/// What shows it.
#[derive(Clone, Copy, Debug)]
enum How {
    Alert,
    /// An error message with so many bytes, at least and at most; to what.
    Message((u16, u16), Asked),
    /// Whether the server certainly accepted the user before.
    ClosesOnCredentials(bool),
    /// The server answers with its proof and closes; whether it certainly is one.
    ClosesOnProof(bool),
    /// The server closes on the client's token with this number.
    ClosesOnToken(u8),
    ShortAnswer,
    /// The server closes when it has the client's first token, and may have answered that.
    ClosesOnFirst(bool),
}

/// What an error message answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// The client's first token.
    First,
    /// A later one.
    Later,
    /// The credentials, behind the server's certain yes to the user.
    Credentials,
}

/// Records of the server's behind a refusal, from so many on, that show it was none: an alert or two may follow one.
const GOES_ON: usize = 3;

/// Whether the server talks on behind what looks like its refusal.
fn goes_on(session: &Session, refusal: &Event) -> bool {
    let behind = session.timeline.iter().skip_while(|event| event.frame != refusal.frame);
    let own = behind.filter(|event| event.direction == Direction::ServerToClient && event.encrypted().is_some());
    // The refusal itself is the first.
    own.take(GOES_ON + 1).count() > GOES_ON
}

/// Whether the server proved its key, which it does for a user whose password was right: as long as a sealed hash is.
fn is_accepted(scene: &Scene<'_>) -> bool {
    let sealed = if scene.shape.mechanism == Some(Mechanism::Kerberos) { 103 } else { 59 };
    let proof = scene.shape.latest(name::PUB_KEY).and_then(|proof| scene.plaintext(proof));
    proof.is_some_and(|(least, most)| (least..=most).contains(&sealed))
}

impl<'a> Refusal<'a> {
    /// How sure that is.
    pub(super) const fn sure(&self) -> Sure {
        match self.how {
            How::Message((least, most), _) if least == most => Sure::Strong,
            _ => Sure::Likely,
        }
    }

    /// Whether the client had not said anything yet that is made from a password.
    pub(super) const fn is_before_proof(&self) -> bool {
        matches!(self.how, How::Message(_, Asked::First) | How::ClosesOnFirst(_))
    }

    /// Whether it comes behind the server's yes to the user.
    pub(super) const fn is_behind_acceptance(&self) -> bool {
        matches!(
            self.how,
            How::ClosesOnCredentials(true) | How::Message(_, Asked::Credentials) | How::ClosesOnProof(true)
        )
    }

    /// Whether it comes before the credentials.
    pub(super) const fn is_before_credentials(&self) -> bool {
        matches!(self.how, How::ClosesOnProof(_))
    }

    /// Whether the server says something to refuse.
    pub(super) const fn is_said(&self) -> bool {
        matches!(self.how, How::Message(..))
    }

    /// What shows it, as a sentence.
    pub(super) fn says(&self) -> String {
        let frame = number(self.event);
        match self.how {
            How::Alert => format!(
                "frame {frame}: an encrypted alert answers the client's last token, as servers without error codes do"
            ),
            How::Message((least, most), asked) => format!(
                "frame {frame}: {} of plaintext answer the client's {}: a TSRequest with nothing but an error code",
                if least == most { format!("{most} bytes") } else { format!("{most} bytes at most") },
                match asked {
                    Asked::First => "first token",
                    Asked::Later => "last token",
                    Asked::Credentials => "credentials",
                }
            ),
            How::ClosesOnCredentials(_) => {
                format!("frame {frame}: the server closes when it has the credentials, before MCS")
            }
            How::ClosesOnProof(_) => {
                format!("frame {frame}: the server answers the client's last token and closes at once")
            }
            How::ClosesOnToken(tokens) => format!(
                "frame {frame}: the server closes after the client's token number {tokens}, without accepting it"
            ),
            How::ShortAnswer => {
                format!("frame {frame}: a short answer to the client's last token, and the client hangs up")
            }
            How::ClosesOnFirst(true) => {
                format!("frame {frame}: the server answers the client's first token, and closes before it has another")
            }
            How::ClosesOnFirst(false) => format!("frame {frame}: the server closes on the client's first token"),
        }
    }

    /// The refusal in `scene`, if there is one.
    pub(super) fn of(scene: &Scene<'a>) -> Option<Self> {
        let shape = scene.shape;
        // Who asked back and was not answered for long has refused nothing.
        let closes =
            scene.left_first(Direction::ServerToClient) && scene.waited_for(Direction::ClientToServer).is_none();
        let (event, how) = match shape.nla {
            Nla::Refused => {
                let record = shape.records.iter().find(|record| {
                    matches!(record.name, name::ERROR | name::ALERT) && record.direction == Direction::ServerToClient
                })?;
                let size = scene.plaintext(record).unwrap_or_default();
                let is_token = |other: &&Inferred| {
                    other.direction == Direction::ClientToServer
                        && other.phase == Phase::Nla
                        && other.frame < record.frame
                };
                let asked = match shape.records.iter().filter(is_token).count() {
                    1 => Asked::First,
                    _ if shape.first(name::AUTH_INFO).is_some() && is_accepted(scene) => Asked::Credentials,
                    _ => Asked::Later,
                };
                let how = if record.name == name::ALERT { How::Alert } else { How::Message(size, asked) };
                let event = scene.event_of(record)?;
                if goes_on(scene.session, event) {
                    return None;
                }
                (event, how)
            }
            // The credentials were handed over, and that was the end: no answer, no MCS.
            Nla::Done if !shape.mcs && !shape.early && closes => {
                let act = scene.ending.act.filter(|_| shape.first(name::AUTH_INFO).is_some())?;
                (act, How::ClosesOnCredentials(is_accepted(scene)))
            }
            // An answer long enough for pubKeyAuth, but then the server closes: it was the refusal of another stack.
            Nla::Accepted if closes => {
                let mut records = shape.records.iter().rev();
                let last = records
                    .find(|record| record.direction == Direction::ServerToClient && record.name == name::PUB_KEY)?;
                (scene.event_of(last)?, How::ClosesOnProof(is_accepted(scene)))
            }
            Nla::Begun(tokens) if tokens >= 2 => Self::of_tokens(scene, tokens, closes)?,
            Nla::Begun(_) if closes => {
                let is_token = |record: &Inferred| record.phase == Phase::Nla && record.name != name::CLOSE_NOTIFY;
                let is_answered = shape.last(Direction::ServerToClient).is_some_and(is_token);
                (scene.ending.act?, How::ClosesOnFirst(is_answered))
            }
            _ => return None,
        };
        Some(Self { event, how })
    }

    fn of_tokens(scene: &Scene<'a>, tokens: u8, closes: bool) -> Option<(&'a Event, How)> {
        let records = || scene.shape.records.iter().rev();
        let last = records().find(|record| record.phase == Phase::Nla || record.name == name::CLOSE_NOTIFY)?;
        if closes {
            let close = records()
                .find(|record| record.direction == Direction::ServerToClient && record.name == name::CLOSE_NOTIFY);
            let event = close.and_then(|record| scene.event_of(record)).or(scene.ending.act)?;
            return Some((event, How::ClosesOnToken(tokens)));
        }
        let small = last.direction == Direction::ServerToClient
            && scene.event_of(last).and_then(Event::encrypted).is_some_and(|length| length <= 64);
        if scene.ended_by(Direction::ClientToServer) && small && scene.ending.pause < 1.0 {
            return Some((scene.event_of(last)?, How::ShortAnswer));
        }
        None
    }
}
