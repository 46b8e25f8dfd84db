//! Each cause that a rule can find: a capture that triggers it, and one that looks like it and must not.

use std::collections::{BTreeMap, BTreeSet};

use rdpwhy::diagnose::rules::{RULES, UDP_RULES};

use super::program::reports;
use super::{stem, truth};

/// Causes that only say what is left when nothing else fits, or that only a byte in clear can trigger: for them every
/// other capture is a look-alike.
const DECLARED: &[&str] = &["end.unexplained", "end.protocol-error"];

/// A cause, and the capture that looks like it and is something else.
const LOOKALIKES: &[(&str, &str)] = &[
    ("cap.ends-mid-session", "tls.handshake-stall--half-a-flight"),
    ("cap.incomplete", "cap.incomplete--no-confirm"),
    ("cap.one-way", "tcp.syn-no-answer--firewall-drops"),
    ("cap.starts-mid-session", "healthy--tls12"),
    ("dns.wrong-address", "tcp.syn-no-answer--another-gets-in"),
    ("end.client-died", "ok.user-disconnect--freerdp"),
    ("end.replaced", "end.server-ended--another-user-comes"),
    ("end.server-ended", "ok.user-disconnect--mstsc-shape"),
    ("end.server-reset", "healthy--kernel-rst-after-fin"),
    ("gw.udp-3391", "healthy--udp-blocked"),
    ("lic.refused", "healthy--standard-security-freerdp"),
    ("link.address-conflict", "end.server-reset--socket-forgotten"),
    ("link.no-neighbour", "tcp.syn-no-answer--neighbour-is-there"),
    ("mcs.attach-refused", "end.unexplained--fin-between-joins"),
    ("mcs.client-refuses", "mcs.refused--ultimatum-inside-tls"),
    ("mcs.join-refused", "tcp.client-reset--between-joins"),
    ("mcs.refused", "mcs.client-refuses--after-response"),
    ("mcs.stall", "rdp.activation-stall--no-font-map"),
    ("neg.client-refuses-selection", "ok.prompt-reconnect--second-runs-through"),
    ("neg.foreign-selection", "healthy--nla-tls12"),
    ("neg.hybrid-required", "nla.refused--fifteen-bytes"),
    ("neg.inconsistent-flags", "neg.unknown-failure--code-7"),
    ("neg.no-answer-block", "healthy--standard-security-rdesktop"),
    ("neg.remote-guard-refused", "nla.remote-guard-refused--inside"),
    ("neg.restricted-admin-refused", "nla.restricted-admin-refused--inside"),
    ("neg.ssl-cert-not-on-server", "tls.server-silent-close--fin"),
    ("neg.ssl-not-allowed", "neg.unknown-failure--code-7"),
    ("neg.ssl-required", "mcs.refused--in-clear"),
    ("neg.ssl-with-user-auth-required", "neg.hybrid-required--ssl-only"),
    ("neg.unknown-failure", "neg.ssl-with-user-auth-required--failure-6"),
    ("nla.authz-denied", "rdp.closed-after-tls--fin"),
    ("nla.client-quits-early", "scan.ntlm-info--nmap"),
    ("nla.client-stops", "ok.prompt-reconnect--second-runs-through"),
    ("nla.kerberos-failed-then-ntlm-refused", "nla.refused--ticket-was-given"),
    ("nla.krb-client", "healthy--no-spn-but-ntlm"),
    ("nla.no-logon-server", "nla.refused--controller-out-of-reach"),
    ("nla.ntlm-blocked", "nla.refused--then-a-fallback-probe"),
    ("nla.pubkey-mismatch", "healthy--inspected"),
    ("nla.rdstls-refused", "nla.refused--fifteen-bytes"),
    ("nla.refused", "healthy--kerberos"),
    ("nla.remote-guard-refused", "end.server-ended--windows-shape"),
    ("nla.restricted-admin-refused", "end.server-ended--windows-shape"),
    ("nla.server-slow", "nla.refused-no-code--alert"),
    ("nla.token-too-big", "nla.refused--ticket-was-given"),
    ("ok.open-at-end", "tcp.retransmit-giveup--path-goes-silent"),
    ("ok.prompt-reconnect", "nla.client-stops--after-proof"),
    ("ok.udp", "healthy--udp-blocked"),
    ("ok.user-disconnect", "end.client-died--killed"),
    ("path.changed", "end.client-vanished--somebody-else-comes"),
    ("path.idle-expiry", "end.server-reset--after-a-quiet-hour"),
    ("path.lb-reset", "end.server-reset--three-at-once"),
    ("path.mtu-black-hole", "healthy--path-mtu-found"),
    ("path.mtu-icmp-seen", "healthy--path-mtu-heeded"),
    ("rdp.activation-stall", "healthy--kerberos"),
    ("rdp.caps-client-quits", "rdp.closed-after-info--license-sized"),
    ("rdp.closed-after-info", "mcs.refused--ultimatum-inside-tls"),
    ("rdp.closed-after-tls", "nla.authz-denied--four-bytes"),
    ("rdp.connect-timer", "rdp.prompt-timeout--sixty-seconds"),
    ("rdp.prompt-timeout", "rdp.connect-timer--after-challenge"),
    ("redirect", "x224.close-on-cr--two-people"),
    ("scan.brute-force", "nla.refused--wrong-password"),
    ("scan.connect", "tcp.closed-on-accept--fin"),
    ("scan.health-check", "scan.connect--forty-addresses"),
    ("scan.negotiation", "ok.prompt-reconnect--second-runs-through"),
    ("scan.ntlm-info", "nla.client-quits-early--after-challenge"),
    ("scan.syn", "tcp.syn-no-answer--firewall-drops"),
    ("tcp.client-reset", "tcp.rst-injected--client-goes-on"),
    ("tcp.closed-on-accept", "scan.connect--forty-addresses"),
    ("tcp.icmp-unreachable", "tcp.refused--port-closed"),
    ("tcp.refused", "tcp.refused-by-middlebox--too-fast"),
    ("tcp.refused-by-middlebox", "tcp.refused--service-stopped"),
    ("tcp.retransmit-giveup", "healthy--lossy"),
    ("tcp.rst-injected", "end.server-reset--one-router-more"),
    ("tcp.stream-damaged", "healthy--reordered-and-repeated"),
    ("tcp.syn-no-answer", "tcp.synack-unacked--server-side"),
    ("tcp.synack-unacked", "tcp.syn-no-answer--firewall-drops"),
    ("tcp.zero-window", "healthy--window-shut-for-a-moment"),
    ("tls.alert-server", "tls.cipher-mismatch--no-common-suite"),
    ("tls.cert-expired", "tls.cert-not-yet-valid--alert-says-expired"),
    ("tls.cert-key-mismatch", "tls.cert-untrusted--rustls-alert-48"),
    ("tls.cert-name-mismatch", "tls.cert-untrusted--rustls-alert-48"),
    ("tls.cert-not-yet-valid", "tls.cert-expired--alert-45"),
    ("tls.cert-untrusted", "tls.client-refuses--nineteen-bytes"),
    ("tls.cert-weak", "tls.cert-expired--alert-45"),
    ("tls.cert-wrong-usage", "tls.cert-expired--alert-45"),
    ("tls.cipher-mismatch", "tls.server-silent-close--fin"),
    ("tls.client-cert-asked", "tls.cipher-mismatch--no-common-suite"),
    ("tls.client-flight-split", "tls.server-silent-close--rst"),
    ("tls.client-refuses", "ok.prompt-reconnect--second-runs-through"),
    ("tls.handshake-stall", "path.mtu-black-hole--near-server"),
    ("tls.hello-split-drop", "tls.server-silent-close--another-gets-in"),
    ("tls.server-silent-close", "tls.cipher-mismatch--closed-without-alert"),
    ("tls.version-mismatch", "tls.alert-server--internal-error"),
    ("udp.blocked", "healthy--udp-side-channel"),
    ("udp.dead-65s", "healthy--udp-ends-early"),
    ("udp.mtu", "healthy--udp-blocked"),
    ("udp.tls-failed", "healthy--udp-side-channel"),
    ("x224.close-on-cr", "tcp.closed-on-accept--rst"),
    ("x224.disconnect-request", "x224.close-on-cr--fin"),
    ("x224.malformed", "x224.close-on-cr--fin"),
    ("x224.no-confirm", "x224.close-on-cr--rst"),
    ("x224.not-rdp", "x224.no-confirm--server-hung"),
];

#[test]
fn each_cause_has_a_capture_that_triggers_it() {
    let said: BTreeSet<String> =
        reports().iter().flat_map(|report| report.sessions()).flat_map(|session| truth::said(&session)).collect();
    let ids: BTreeSet<&str> = RULES.iter().chain(UDP_RULES).map(|rule| rule.id).collect();
    let missing: Vec<&&str> = ids.iter().filter(|id| !said.contains(**id) && !DECLARED.contains(id)).collect();
    assert!(missing.is_empty(), "no capture shows {missing:?}");
}

#[test]
fn each_cause_has_a_look_alike_that_does_not_trigger_it() {
    let mut by_name = BTreeMap::new();
    for report in reports() {
        // As a finding beside something else it may be right: a router that asks for smaller packets, and gets them.
        let causes = report.sessions().into_iter().filter_map(|session| session["cause"].as_str().map(str::to_owned));
        let said: BTreeSet<String> = causes.collect();
        by_name.insert(stem(&report.file).to_owned(), said);
    }
    let ids: BTreeSet<&str> = RULES.iter().chain(UDP_RULES).map(|rule| rule.id).collect();
    let told: BTreeSet<&str> = LOOKALIKES.iter().map(|(id, _)| *id).collect();
    let missing: Vec<&&str> = ids.iter().filter(|id| !told.contains(**id) && !DECLARED.contains(id)).collect();
    assert!(missing.is_empty(), "no look-alike of {missing:?}");
    for (id, name) in LOOKALIKES {
        let said = by_name.get(*name).unwrap_or_else(|| panic!("there is no capture {name}"));
        assert!(!said.contains(*id), "{name} only looks like {id}, and yet that is what is said");
    }
}
