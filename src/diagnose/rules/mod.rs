//! Every cause, one row each, in the order in which they are asked: what the capture cannot show first, then what a
//! peer or a device declared, then what fits the signs, and last the one that catches every session.

mod activation;
mod capture;
mod conflict;
mod damage;
mod declared;
mod farewell;
mod half_open;
mod heartbeat;
mod hello;
mod idle;
mod kerberos;
mod licensing;
mod logon;
mod modes;
mod moved;
mod mtu;
mod negotiation;
mod nla;
mod reach;
mod reset;
mod scan;
mod session_end;
mod setup;
mod silence;
mod stall;
mod tcp_connect;
mod timers;
mod tls_choice;
mod tls_client;
mod tls_complaint;
mod tls_leaves;
mod tls_offer;
mod tls_request;
mod tls_retry;
mod tls_server;
mod tls_silent;
mod together;
mod tokens;
mod udp;
mod unanswered;
mod unheard;
mod unreachable;
mod user_leaves;
mod x224;

use super::rule::Rule;

/// All rules in order of priority: specific first.
pub static RULES: &[&Rule] = &[
    // The capture does not hold the answer.
    &capture::ONE_WAY,
    &capture::STARTS_MID_SESSION,
    // Before the first word.
    &reach::WRONG_ADDRESS,
    &reach::NO_NEIGHBOUR,
    &unreachable::ICMP_UNREACHABLE,
    &scan::SYN,
    &conflict::ADDRESS_CONFLICT,
    &tcp_connect::REFUSED_BY_MIDDLEBOX,
    &tcp_connect::REFUSED,
    &half_open::SYN_NO_ANSWER,
    &half_open::SYNACK_UNACKED,
    // A reset that is not what it seems explains whatever it cut.
    &idle::LB_RESET,
    &idle::IDLE_EXPIRY,
    &reset::RST_INJECTED,
    &scan::HEALTH_CHECK,
    &scan::WATCHER,
    &scan::ASKER,
    &scan::CONNECT,
    &scan::MUTE,
    &tcp_connect::CLOSED_ON_ACCEPT,
    // The first words.
    &x224::NOT_RDP,
    &x224::PROXY_HEADER,
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
    &negotiation::WANTS_TLS_SILENTLY,
    &negotiation::CLIENT_REFUSES_SELECTION,
    // Bytes that are not what was sent.
    &damage::STREAM_DAMAGED,
    // Declared in TLS.
    &tls_server::VERSION_MISMATCH,
    &tls_choice::UNLISTED_VERSION,
    &tls_request::CLIENT_CERT_ASKED,
    &tls_request::CLIENT_CERT_HIDDEN,
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
    &tls_client::ALERT_FIRST,
    // Declared in the session, where it is in clear.
    &licensing::LICENSE_ERROR,
    &declared::ERROR_INFO,
    &activation::MCS_REFUSED_IN_CLEAR,
    &activation::ATTACH_REFUSED,
    &activation::JOIN_REFUSED,
    &declared::REDIRECT,
    // Sizes and order tell of RDP only where RDP was asked for.
    &x224::TLS_FIRST,
    // The path.
    &stall::ZERO_WINDOW,
    &hello::HELLO_SPLIT_DROP,
    &mtu::MTU_ICMP_SEEN,
    &mtu::MTU_BLACK_HOLE,
    &moved::PATH_CHANGED,
    &silence::RETRANSMIT_GIVEUP,
    &unheard::UNHEARD,
    &unheard::UNHEEDED,
    // Silence and closing, from the first message to the last.
    &x224::NO_CONFIRM,
    &x224::CLOSE_ON_CR,
    &kerberos::TICKET_REFUSED,
    &nla::PROMPT_RECONNECT,
    &timers::PROMPT_TIMEOUT,
    &timers::CONNECT_TIMER,
    &unanswered::MCS_STALL,
    &unanswered::LOGON_STALL,
    &tokens::NEVER_BEGINS,
    &unanswered::SESSION_STALL,
    &tls_silent::SERVER_SILENT_CLOSE,
    &tls_silent::CLOSES_ON_FLIGHT,
    &tls_silent::HIDDEN_ALERT,
    &tls_server::HANDSHAKE_STALL,
    &tokens::REFUSED,
    &tls_leaves::CLIENT_LEAVES,
    &logon::CLIENT_QUITS_EARLY,
    &scan::NTLM_INFO,
    &nla::BRUTE_FORCE,
    &kerberos::FAILED_THEN_NTLM_REFUSED,
    &kerberos::NO_LOGON_SERVER,
    &logon::PUBKEY_MISMATCH,
    &logon::NTLM_BLOCKED,
    &logon::TOKEN_TOO_BIG,
    &logon::AUTHZ_DENIED,
    &nla::REFUSED,
    &nla::CLIENT_STOPS,
    &nla::CLOSED_AFTER_TLS,
    &activation::MCS_ULTIMATUM,
    &nla::MCS_REFUSED,
    &nla::MCS_CLIENT_REFUSES,
    &activation::ACTIVATION_STALL,
    &activation::NOTHING_SHOWN,
    &nla::CLOSED_AFTER_INFO,
    &udp::DEAD_65S,
    &together::REPLACED,
    &together::DISMISSED_TOGETHER,
    &modes::RESTRICTED_ADMIN_REFUSED,
    &modes::REMOTE_GUARD_REFUSED,
    &activation::CAPS_CLIENT_QUITS,
    &user_leaves::CLOSED_ON_REQUEST,
    &session_end::SERVER_ENDED,
    &user_leaves::USER_DISCONNECT,
    &licensing::CLIENT_LEAVES,
    &session_end::CLIENT_DIED,
    &session_end::SERVER_RESET,
    &capture::PAYLOAD_ALONE,
    &moved::LEFT_BEHIND,
    &session_end::OPEN_AT_END,
    &tcp_connect::CLIENT_RESET,
    &capture::ENDS_MID_SESSION,
    &hello::CLIENT_FLIGHT_SPLIT,
    &session_end::UNEXPLAINED,
];

/// The rules of RDP-UDP side channels.
pub static UDP_RULES: &[&Rule] = &[&udp::MTU, &udp::TLS_FAILED, &udp::BLOCKED, &udp::OPENED];

/// Causes that are noticed beside another.
pub static OBSERVATIONS: &[&str] = &[
    "lic.client-store",
    "lic.mac",
    "lic.no-server",
    "lic.invalid-client",
    "tls.cert-expires-soon",
    "tls.cert-malformed",
    "tls.interception",
    "tls.old-version",
    "rdp.standard-security",
    "path.loss",
    "path.slow",
    "tcp.rst-ignored",
    "cap.snaplen-cut",
    "cap.drops",
    "udp.blocked",
    "cap.incomplete",
    "cap.starts-mid-session",
    "end.autoreconnect-loop",
    "redirect.loop",
    "redirect.unreachable",
    "tls.renego-or-1-0-only",
    "x224.routing-token",
    "nla.refused-no-code",
    "nla.server-slow",
    "rdp.reactivation-loop",
    "path.proxy",
    "tls.cert-changed",
    "cap.clock-jump",
    "cap.out-of-step",
    "cap.clock-wrong",
    "nla.kdc-unreachable",
    "nla.krb-spn-unknown",
    "nla.krb-policy",
    "nla.krb-etype",
    "nla.krb-skew",
    "nla.krb-modified",
    "nla.krb-pkinit",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::causes;

    #[test]
    fn every_rule_and_every_observation_is_in_the_catalogue() {
        let rules = RULES.iter().chain(UDP_RULES).map(|rule| rule.id);
        for id in rules.chain(OBSERVATIONS.iter().copied()) {
            assert_eq!(causes::find(id).map(|cause| cause.id), Some(id));
        }
    }
}
