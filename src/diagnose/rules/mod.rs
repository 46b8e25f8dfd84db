//! Every cause, one row each, in the order in which they are asked: what the capture cannot show first, then what a
//! peer or a device declared, then what fits the signs, and last the one that catches every session.

mod activation;
mod capture;
mod declared;
mod licensing;
mod logon;
mod modes;
mod negotiation;
mod nla;
mod path;
mod scan;
mod session_end;
mod tcp_connect;
mod timers;
mod tls_client;
mod tls_offer;
mod tls_request;
mod tls_server;
mod udp;
mod x224;

use super::rule::Rule;

/// All rules in order of priority: specific first.
pub static RULES: &[&Rule] = &[
    // The capture does not hold the answer.
    &capture::ONE_WAY,
    &capture::STARTS_MID_SESSION,
    // Before the first word.
    &tcp_connect::ICMP_UNREACHABLE,
    &scan::SYN,
    &tcp_connect::REFUSED_BY_MIDDLEBOX,
    &tcp_connect::REFUSED,
    &tcp_connect::SYN_NO_ANSWER,
    &tcp_connect::SYNACK_UNACKED,
    // A reset that is not what it seems explains whatever it cut.
    &path::RST_INJECTED,
    &scan::HEALTH_CHECK,
    &scan::CONNECT,
    &tcp_connect::CLOSED_ON_ACCEPT,
    // The first words.
    &x224::NOT_RDP,
    &x224::CLIENT_NOT_RDP,
    &x224::MALFORMED,
    &x224::DISCONNECT_REQUEST,
    &scan::PROBER,
    &modes::RESTRICTED_ADMIN_NOT_OFFERED,
    &modes::REMOTE_GUARD_NOT_OFFERED,
    &scan::NEGOTIATION,
    &negotiation::SSL_REQUIRED,
    &negotiation::SSL_NOT_ALLOWED,
    &negotiation::SSL_CERT_NOT_ON_SERVER,
    &negotiation::INCONSISTENT_FLAGS,
    &negotiation::HYBRID_REQUIRED,
    &negotiation::SSL_WITH_USER_AUTH_REQUIRED,
    &negotiation::UNKNOWN_FAILURE,
    &negotiation::FOREIGN_SELECTION,
    &negotiation::NO_ANSWER_BLOCK,
    &negotiation::CLIENT_REFUSES_SELECTION,
    // Declared in TLS.
    &tls_server::VERSION_MISMATCH,
    &tls_request::CLIENT_CERT_ASKED,
    &tls_server::CIPHER_MISMATCH,
    &tls_server::ALERT_SERVER,
    &tls_client::CERT_EXPIRED,
    &tls_client::CERT_NOT_YET_VALID,
    &tls_client::CERT_UNTRUSTED,
    &tls_client::CERT_NAME_MISMATCH,
    &tls_client::CERT_WEAK,
    &tls_client::CERT_WRONG_USAGE,
    &tls_client::CERT_KEY_MISMATCH,
    &tls_client::CLIENT_ALERT,
    // Declared in the session, where it is in clear.
    &licensing::LICENSE_ERROR,
    &declared::ERROR_INFO,
    &activation::MCS_REFUSED_IN_CLEAR,
    &activation::ATTACH_REFUSED,
    &activation::JOIN_REFUSED,
    &activation::REDIRECT,
    // Sizes and order tell of RDP only where RDP was asked for.
    &x224::TLS_FIRST,
    // The path.
    &path::MTU_BLACK_HOLE,
    &path::RETRANSMIT_GIVEUP,
    // Silence and closing, from the first message to the last.
    &x224::NO_CONFIRM,
    &x224::CLOSE_ON_CR,
    &nla::PROMPT_RECONNECT,
    &timers::PROMPT_TIMEOUT,
    &timers::CONNECT_TIMER,
    &timers::MCS_STALL,
    &tls_server::SERVER_SILENT_CLOSE,
    &tls_server::HANDSHAKE_STALL,
    &tls_client::CLIENT_LEAVES,
    &logon::CLIENT_QUITS_EARLY,
    &scan::NTLM_INFO,
    &nla::BRUTE_FORCE,
    &logon::PUBKEY_MISMATCH,
    &logon::NTLM_BLOCKED,
    &logon::TOKEN_TOO_BIG,
    &logon::AUTHZ_DENIED,
    &logon::RDSTLS_REFUSED,
    &nla::REFUSED,
    &nla::CLIENT_STOPS,
    &nla::CLOSED_AFTER_TLS,
    &activation::MCS_ULTIMATUM,
    &nla::MCS_REFUSED,
    &nla::MCS_CLIENT_REFUSES,
    &activation::ACTIVATION_STALL,
    &nla::CLOSED_AFTER_INFO,
    &modes::RESTRICTED_ADMIN_REFUSED,
    &modes::REMOTE_GUARD_REFUSED,
    &activation::CAPS_CLIENT_QUITS,
    &session_end::SERVER_ENDED,
    &session_end::USER_DISCONNECT,
    &session_end::CLIENT_DIED,
    &session_end::SERVER_RESET,
    &session_end::OPEN_AT_END,
    &tcp_connect::CLIENT_RESET,
    &capture::ENDS_MID_SESSION,
    &session_end::UNEXPLAINED,
];

/// The rules of RDP-UDP side channels.
pub static UDP_RULES: &[&Rule] = &[&udp::BLOCKED, &udp::OPENED];

/// Causes that are only ever noticed beside another, with what they are.
pub static OBSERVATIONS: &[(&str, &str)] = &[
    ("lic.client-store", "the client's licence store is damaged"),
    ("lic.mac", "a licensing message was altered, or the keys differ"),
    ("lic.no-server", "the server found no licence server"),
    ("lic.invalid-client", "the licence server will not have this client"),
    ("nla.refused-no-code", "the server closed on the client's last logon token and gave no code"),
    ("nla.server-slow", "the server took long to answer a logon token"),
    ("rdp.reactivation-loop", "the session was set up again and again"),
    ("tls.cert-expires-soon", "the server's certificate ends within 30 days"),
    ("tls.cert-malformed", "the server's certificate breaks the X.509 rules"),
    ("tls.interception", "a TLS inspection product issued the certificate"),
    ("tls.old-version", "the connection uses TLS 1.1 or older"),
    ("rdp.standard-security", "the connection uses standard RDP security instead of TLS"),
    ("path.loss", "packets get lost on the way"),
    ("path.slow", "the round trip is long"),
    ("tcp.zero-window", "one side stopped reading for a while"),
    ("tcp.rst-ignored", "a reset outside the window, which changed nothing"),
    ("cap.snaplen-cut", "the capture holds only the beginning of packets"),
    ("cap.drops", "the capturing program lost packets"),
    ("udp.blocked", "the UDP side channel is not answered"),
    ("cap.incomplete", "the capture lacks packets that the peers exchanged"),
    ("cap.starts-mid-session", "the capture began after the connection did"),
];

/// The causes that were asked for before `cause` and not found, in order, each once.
#[must_use]
pub fn asked_before(cause: &str) -> Vec<&'static str> {
    let mut asked = Vec::new();
    for rule in RULES.iter().take_while(|rule| rule.id != cause) {
        if !asked.contains(&rule.id) {
            asked.push(rule.id);
        }
    }
    asked
}
