//! The keys of the session filter, one row each: what help lists and completion offers.

/// A key of the filter, for help and completion.
#[derive(Clone, Copy, Debug)]
pub struct FilterKey {
    /// As it is written.
    pub name: &'static str,
    /// One use of it.
    pub example: &'static str,
    /// What it asks for.
    pub meaning: &'static str,
}

const fn key(name: &'static str, example: &'static str, meaning: &'static str) -> FilterKey {
    FilterKey { name, example, meaning }
}

/// All keys; outcomes are also words by themselves (`died`).
pub static KEYS: &[FilterKey] = &[
    key("outcome", "outcome:died", "how it fared; the bare word will do"),
    key("cause", "cause:tls.*", "the cause of death, warning or doubt, or the kind of scan"),
    key("phase", "phase:tls", "where it died: tcp x224 tls nla mcs rdp"),
    key("sure", "sure:proven", "how sure the cause is"),
    key("client", "client:10.20.0.0/16", "address or network of the client"),
    key("server", "server:10.20.1.9", "address or network of the server"),
    key("ip", "ip:10.20.*", "either address"),
    key("port", "port:3390", "either port"),
    key("user", "user:jdoe", "the mstshash hint; no proof of identity"),
    key("name", "name:*.corp.example", "name the client asked for, or in the certificate"),
    key("tls", "tls<1.2", "TLS version agreed on"),
    key("security", "security:nla", "security agreed on: rdp tls nla rdstls entra"),
    key("cert", "cert:expired", "certificate: any expired early self-signed weak malformed"),
    key("cert.days", "cert.days<30", "days the certificate had left"),
    key("alert", "alert:45", "a TLS alert in clear, by number or name"),
    key("rtt", "rtt>150ms", "round trip between client and server"),
    key("retrans", "retrans>10", "payload packets sent again"),
    key("lost", "lost>0", "those that waited for a timer"),
    key("dur", "dur<2s", "from the first packet to the last"),
    key("idle", "idle>5min", "the longest silence"),
    key("frame", "frame:118", "a frame of the session, or a range of them"),
    key("session", "session:3-9", "by number"),
    key("time", "time>09:15", "when it began, in your zone"),
];
