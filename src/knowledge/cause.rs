//! The contract of the catalogue: what is known of a cause, whether or not a rule can find it.

/// A reason why a session died, or why it only looks as if it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What a user would search for: `family.slug`.
    pub id: &'static str,
    /// One line: what it is.
    pub title: &'static str,
    /// Where in the life of a connection it strikes.
    pub chapter: Chapter,
    /// How it can be known at all.
    pub seen: Seen,
    /// What it is and what it is not, in one to three sentences.
    pub meaning: &'static str,
    /// Its signature: what one sees in packets.
    pub wire: &'static str,
    /// Ids of causes that look alike.
    pub confused_with: &'static [&'static str],
    /// What the user's client shows; empty when nothing is typical.
    pub shown_as: &'static str,
    /// What to do, in the order to try; short, because every report prints them all.
    pub fixes: &'static [Remedy],
    /// What else helps; told by `explain` only.
    pub more: &'static [Remedy],
    /// What to look at or capture next.
    pub next: &'static [Remedy],
    /// Advice that is given for this and is dangerous or useless, and why.
    pub not_this: &'static [&'static str],
    /// Where this is written down.
    pub sources: &'static [&'static str],
}

impl Cause {
    /// For the fields that a cause has nothing to say in.
    pub(super) const BLANK: Self = Self {
        id: "",
        title: "",
        chapter: Chapter::Capture,
        seen: Seen::InPackets,
        meaning: "",
        wire: "",
        confused_with: &[],
        shown_as: "",
        fixes: &[],
        more: &[],
        next: &[],
        not_this: &[],
        sources: &[],
    };

    /// `tls` of `tls.cert-expired`.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.id.split('.').next().unwrap_or_default()
    }

    /// Whether it is no fault at all, so that nothing is to be repaired.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(self.family(), "ok" | "scan" | "redirect") && self.fixes.is_empty() && self.more.is_empty()
    }
}

/// How a cause can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Packets show it, by content or by shape.
    InPackets,
    /// Kerberos beside the session tells it in clear; without its packets it is as encrypted as the next.
    WithKerberos,
    /// Only what is encrypted tells; packets alone show a wider cause.
    NeedsKeys,
    /// No packet tells: an event log or a look at the machine does.
    NotInPackets,
}

/// Where in the life of a connection a cause strikes, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chapter {
    /// Names, neighbours, routes.
    BeforeTcp,
    /// The TCP connection is made, or not.
    Connect,
    /// Quality of the path and interference on it, at any time.
    Path,
    /// X.224 and the security negotiation.
    Negotiation,
    /// The TLS handshake and its certificate.
    Tls,
    /// Network Level Authentication and what stands in for it.
    Logon,
    /// MCS and GCC.
    Mcs,
    /// Client Info and licensing.
    Licensing,
    /// Capabilities, activation, the first picture.
    Activation,
    /// The end of a session that worked.
    End,
    /// Redirection, broker, gateway.
    Gateway,
    /// The UDP side channel.
    Udp,
    /// What the capture itself lacks.
    Capture,
}

impl Chapter {
    /// All, in order, with the title of each.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::BeforeTcp, "before TCP: names and routes"),
        (Self::Connect, "TCP connect"),
        (Self::Path, "the path: quality and interference"),
        (Self::Negotiation, "X.224 and security negotiation"),
        (Self::Tls, "TLS and the certificate"),
        (Self::Logon, "logon: NLA, Kerberos, RDSTLS, Entra ID"),
        (Self::Mcs, "MCS and GCC"),
        (Self::Licensing, "Client Info and licensing"),
        (Self::Activation, "activation and first picture"),
        (Self::End, "the end of a working session"),
        (Self::Gateway, "redirection, broker, gateway"),
        (Self::Udp, "the UDP side channel"),
        (Self::Capture, "the capture itself"),
    ];
}

/// Something to do. `{server}` stands for the server's address, `{port}` for its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// `server`, `client`, `path`, `domain`, `capture`.
    pub side: &'static str,
    /// One sentence.
    pub text: &'static str,
    /// A command to paste; empty when there is none.
    pub command: &'static str,
    /// Of no use under standard RDP security.
    pub in_tls: bool,
}

impl Remedy {
    /// In words only.
    #[must_use]
    pub const fn new(side: &'static str, text: &'static str) -> Self {
        Self { side, text, command: "", in_tls: false }
    }

    /// With a command.
    #[must_use]
    pub const fn with(side: &'static str, text: &'static str, command: &'static str) -> Self {
        Self { side, text, command, in_tls: false }
    }

    /// The same, where there is TLS.
    #[must_use]
    pub const fn in_tls(self) -> Self {
        Self { in_tls: true, ..self }
    }
}
