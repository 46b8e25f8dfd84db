//! What was noticed about a connection's time: long quiet, a clock that jumps, words that were never finished.

use super::event::Direction;
use crate::tcp::stream::Mark;

/// A long time in which nothing was said and nothing was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// The last packet before it.
    pub before: Mark,
    /// The first packet behind it.
    pub after: Mark,
    /// Whose packet that is.
    pub by: Direction,
    /// The longest quiet before this one, which the connection outlived; nanoseconds.
    pub outlived: i64,
}

impl Quiet {
    /// How long it lasted; seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.after.time.since(self.before.time)
    }
}

/// The capture's clock leapt while the connection went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockJump {
    /// The last packet before it.
    pub before: Mark,
    /// The first packet behind it.
    pub after: Mark,
    /// What the sender's own clock (RFC 7323) counted meanwhile, where it says so; ticks of a second at most.
    pub ticks: Option<u32>,
}

impl ClockJump {
    /// How far it leapt, back when negative; seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.after.time.since(self.before.time)
    }
}

/// A message of which only the beginning came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Bytes that came.
    pub have: u64,
    /// Bytes that its header announces.
    pub need: u64,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// The frame that brought the beginning.
    pub begun: Mark,
    /// It is a TLS ClientHello.
    pub is_client_hello: bool,
}

/// Where the capture was taken, by the hops that packets have behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vantage {
    /// On the client, or on its network.
    Client,
    /// On the server, or on its network.
    Server,
    /// With routers on either side.
    Between,
}

impl Vantage {
    /// The word of JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Between => "between",
        }
    }
}
