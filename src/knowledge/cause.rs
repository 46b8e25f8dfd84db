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
    /// What makes it pointless.
    pub moot: Moot,
    /// What to do instead, in such circumstances.
    pub instead: Option<(Moot, &'static Self)>,
}

/// Circumstances, a bit each, in which one remedy or another is of no use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moot(u16);

impl Moot {
    /// There is no TLS: standard RDP security.
    pub const NO_TLS: Self = Self(1);
    /// It is not the password.
    pub const PASSWORD: Self = Self(2);
    /// Kerberos is in the capture already, has worked, or there can be none.
    pub const KERBEROS: Self = Self(4);
    /// The user typed a full DNS name.
    pub const FULL_NAME: Self = Self(8);
    /// The client can do what is asked of it.
    pub const CLIENT: Self = Self(16);
    /// The server's key and certificate work for others.
    pub const KEY: Self = Self(32);
    /// Other sessions that died with this one are told of.
    pub const OTHERS: Self = Self(64);
    /// No balancer's PROXY header was seen.
    pub const NO_PROXY_HEADER: Self = Self(128);
    /// Address and port are the right ones.
    pub const ADDRESS: Self = Self(256);
    /// TLS keys are in the capture.
    pub const HAS_KEYS: Self = Self(512);
    /// TLS takes up an earlier session: no certificate is shown.
    pub const RESUMED: Self = Self(1024);
    /// It is not about a certificate, though it may look so.
    pub const NO_CERTIFICATE: Self = Self(2048);
    /// The server's own certificate is in date.
    pub const IN_DATE: Self = Self(4096);
    /// The client ended TLS before it had offered anything.
    pub const NO_OFFER: Self = Self(8192);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one of `others` is among them.
    #[must_use]
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

impl Remedy {
    /// In words only.
    #[must_use]
    pub const fn new(side: &'static str, text: &'static str) -> Self {
        Self { side, text, command: "", moot: Moot(0), instead: None }
    }

    /// With a command.
    #[must_use]
    pub const fn with(side: &'static str, text: &'static str, command: &'static str) -> Self {
        Self { side, text, command, moot: Moot(0), instead: None }
    }

    /// The same, but not in these circumstances.
    #[must_use]
    pub const fn unless(self, moot: Moot) -> Self {
        Self { moot, ..self }
    }

    /// The same, but in these circumstances another one stands for it.
    #[must_use]
    pub const fn or(self, other: &'static Self, circumstances: Moot) -> Self {
        Self { instead: Some((circumstances, other)), ..self }
    }

    /// What to do in these circumstances, if anything.
    #[must_use]
    pub fn when(&'static self, circumstances: Moot) -> Option<&'static Self> {
        if circumstances.has(self.moot) {
            return None;
        }
        match self.instead {
            Some((wanted, other)) if circumstances.has(wanted) => other.when(circumstances),
            _ => Some(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circumstances_choose_what_to_do() {
        static OTHER: Remedy = Remedy::new("capture", "open it");
        static REMEDY: Remedy = Remedy::new("capture", "write keys").unless(Moot::NO_TLS).or(&OTHER, Moot::HAS_KEYS);
        assert_eq!(REMEDY.when(Moot::default()), Some(&REMEDY));
        assert_eq!(REMEDY.when(Moot::HAS_KEYS), Some(&OTHER));
        assert_eq!(REMEDY.when(Moot::NO_TLS.and(Moot::HAS_KEYS)), None);
        static THIRD: Remedy = Remedy::new("capture", "start it").or(&REMEDY, Moot::OTHERS);
        assert_eq!(THIRD.when(Moot::OTHERS.and(Moot::HAS_KEYS)), Some(&OTHER));
    }
}
