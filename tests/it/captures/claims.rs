//! What captures say to the common explanations: the ones that must be confirmed, and look-alikes that must not.

use rdpwhy::capture;
use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::claims::{CLAIMS, Ruling, Standing};
use rdpwhy::diagnose::verdict::{Outcome, Sure};
use rdpwhy::engine::Options;

use super::inside::look;
use Standing::{Confirmed, NotReached, Open, Refuted};

fn cases(file: &str) -> Vec<Case> {
    let paths = [super::folder().join(file)];
    let mut source = capture::open(&paths, &capture::Options::default()).expect("a capture");
    look(&mut source, Options::default()).cases
}

fn ruling(file: &str, id: &str) -> Ruling {
    let cases = cases(file);
    let case = cases.iter().find(|case| case.verdict.outcome == Outcome::Died).unwrap_or(&cases[0]);
    CLAIMS.iter().find(|claim| claim.id == id).expect("a claim").judge(case)
}

#[test]
fn claims_are_judged_as_the_packets_say() {
    #[rustfmt::skip]
    let expected: &[(&str, &str, Standing, u64)] = &[
        // a firewall: only where a device declares or forges something
        ("tcp.icmp-unreachable--prohibited.pcapng", "firewall", Confirmed, 2),
        ("tcp.rst-injected--office.pcap", "firewall", Confirmed, 7),
        ("tcp.refused--port-closed.pcapng", "firewall", Open, 2),
        ("tcp.syn-no-answer--firewall-drops.pcapng", "firewall", Open, 1),
        ("tls.server-silent-close--rst.pcapng", "firewall", Refuted, 2),
        // the certificate: refused by the client, or out of date and not the reason
        ("tls.cert-expired--alert-45.pcap", "certificate", Confirmed, 8),
        ("tls.cert-expired--user-cancels.pcap", "certificate", Open, 7),
        ("tls.cert-not-yet-valid--alert-says-expired.pcap", "certificate", Refuted, 7),
        ("tls.cert-untrusted--rustls-alert-48.pcap", "certificate", Refuted, 7),
        ("tls.server-silent-close--fin.pcap", "certificate", Open, 7),
        ("tls.client-refuses--tls13-hidden-alert.pcap", "certificate", Open, 7),
        ("neg.hybrid-required--ssl-only.pcap", "certificate", NotReached, 5),
        // the private key: a completed handshake or a signature refutes it
        ("tls.cert-key-mismatch--swapped.pcapng", "private-key", Confirmed, 14),
        ("tls.server-silent-close--fin.pcap", "private-key", Open, 7),
        ("tls.cert-expired--alert-45.pcap", "private-key", Refuted, 7),
        ("nla.refused--wrong-password.pcapng", "private-key", Refuted, 15),
        ("tls.version-mismatch--server-refuses.pcap", "private-key", NotReached, 7),
        // agreement
        ("tls.cipher-mismatch--ecdsa-only.pcap", "tls", Confirmed, 7),
        ("neg.hybrid-required--ssl-only.pcap", "tls", Confirmed, 5),
        ("tls.server-silent-close--plain-ultimatum.pcapng", "tls", Open, 8),
        ("tls.cert-expired--alert-45.pcap", "tls", Refuted, 7),
        // the path: silence and waiting refute nothing
        ("path.mtu-black-hole--near-server.pcap", "path", Confirmed, 7),
        ("tcp.retransmit-giveup--path-goes-silent.pcapng", "path", Open, 77),
        ("tls.handshake-stall--half-a-flight.pcap", "path", Open, 7),
        ("x224.no-confirm--server-hung.pcapng", "path", Open, 4),
        ("tls.cert-expired--alert-45.pcap", "path", Refuted, 8),
        // logon, licences, client, name
        ("nla.refused--wrong-password.pcapng", "logon", Open, 18),
        ("tls.cert-expired--alert-45.pcap", "logon", NotReached, 8),
        ("lic.no-server--in-clear.pcap", "licence", Refuted, 22),
        ("tls.server-silent-close--fin.pcap", "licence", NotReached, 7),
        ("end.server-reset--process-killed.pcapng", "licence", Refuted, 75),
        ("tls.cert-untrusted--rustls-alert-48.pcap", "client", Refuted, 8),
        ("tls.client-refuses--leaves-after-handshake.pcap", "client", Open, 11),
        ("x224.malformed--length.pcap", "client", Open, 4),
        ("nla.refused--wrong-password.pcapng", "name", Refuted, 8),
        ("tls.cert-name-mismatch--typed-another-name.pcap", "name", Confirmed, 8),
        ("x224.not-rdp--ssh.pcapng", "name", Open, 6),
    ];
    for (file, id, standing, frame) in expected {
        let ruling = ruling(file, id);
        assert_eq!((ruling.standing, ruling.frame.number()), (*standing, *frame), "{file}, {id}: {}", ruling.text);
    }
}

/// Over all captures: every claim is answered in a sentence, and none is confirmed by a verdict that is not sure, nor
/// more than one of those that exclude each other.
#[test]
fn no_claim_is_surer_than_the_verdict() {
    for file in super::names() {
        for case in cases(&file) {
            let rulings: Vec<Ruling> = CLAIMS.iter().map(|claim| claim.judge(&case)).collect();
            let confirmed = rulings.iter().filter(|ruling| ruling.standing == Confirmed).count();
            let is_sure = case.verdict.outcome == Outcome::Died && case.verdict.sure >= Sure::Strong;
            assert!(confirmed <= usize::from(is_sure), "{file}: {confirmed} confirmed");
            for ruling in &rulings {
                assert!(!ruling.text.is_empty() && !ruling.text.ends_with('.'), "{file}: {}", ruling.text);
                assert!(ruling.frame.number() > 0, "{file}: {}", ruling.text);
                let over = case.verdict.outcome == Outcome::Died;
                assert!(ruling.standing != NotReached || over, "{file}: {}", ruling.text);
            }
        }
    }
}
