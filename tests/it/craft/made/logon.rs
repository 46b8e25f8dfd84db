//! Logons that fail behind TLS, told by the lengths of records alone, and the modes and timers around them.

use rdpwhy::diagnose::verdict::Sure;

use super::super::sealed::{INSPECTED, Sealed, WINDOWS};
use super::super::talk::{Side, Talk, Who};
use super::super::x224::{self, Token};
use super::ends::{SETUP, WORK};
use super::{Made, file, files, fixed};

pub(super) const ROSTER: &[Made] = &[
    fixed("nla.refused--fifteen-bytes.pcap", || file(&refused())),
    fixed("nla.refused-no-code--alert.pcap", || file(&refused_by_alert())),
    fixed("nla.ntlm-blocked--typed-address.pcap", || ntlm_blocked("10.20.1.9")),
    fixed("nla.authz-denied--four-bytes.pcap", || file(&not_authorized())),
    fixed("nla.client-quits-early--after-challenge.pcap", || file(&quits_early(3.4))),
    fixed("nla.pubkey-mismatch--inspected.pcap", || file(&inspected())),
    fixed("nla.token-too-big--two-records.pcap", || file(&token_too_big())),
    fixed("nla.rdstls-refused--ten-bytes.pcap", || file(&rdstls_refused())),
    fixed("nla.server-slow--nine-seconds.pcap", || file(&slow())),
    fixed("nla.server-slow--client-gives-up.pcap", || file(&too_slow())),
    fixed("tls.server-silent-close--key-exchange.pcap", || file(&cannot_open())),
    fixed("neg.restricted-admin-refused--not-offered.pcap", || file(&mode_not_offered(1, 0x17))),
    fixed("neg.remote-guard-refused--not-offered.pcap", || file(&mode_not_offered(2, 0x0f))),
    fixed("nla.restricted-admin-refused--inside.pcap", || file(&mode_refused(1, RESTRICTED_ADMIN, &[]))),
    fixed("nla.remote-guard-refused--inside.pcap", || file(&mode_refused(2, REMOTE_GUARD, &[]))),
    fixed("rdp.prompt-timeout--sixty-seconds.pcap", || file(&prompt_timeout(60.0))),
    fixed("rdp.connect-timer--after-challenge.pcap", || file(&connect_timer())),
    fixed("healthy--kerberos.pcap", || file(&kerberos())),
    fixed("healthy--cbc.pcap", || file(&blurred())),
];

/// NTLM as Windows writes it, up to the credentials.
pub(super) const NTLM: &[i32] = &[57, -295, 735, -59, 124, -4];
/// Kerberos as Windows writes it, with a password.
pub(super) const KERBEROS: &[i32] = &[175, -1351, 1887, -227, 191, -103, 183, -4];
/// The same with nothing handed over, and with a ticket.
pub(super) const RESTRICTED_ADMIN: &[i32] = &[175, -1351, 1888, -228, 191, -103, 96, -4];
pub(super) const REMOTE_GUARD: &[i32] = &[175, -1351, 1888, -228, 191, -103, 3215, -4];
/// From MCS Connect Initial to the last step of activation, without channels to join.
pub(super) const QUICK_SETUP: &[i32] =
    &[462, -118, 12, 8, -11, 433, -34, -472, 611, 36, 40, 40, 40, -36, -40, -40, -40];

/// What the user types where nothing else is said.
const TYPED: &str = "RDS-LEG01.corp.example";

/// A Windows pair up to the answer of the negotiation, with these flags in request and response.
fn asked(talk: &mut Talk, request: u8, response: u8) {
    let wants = x224::wants(request, x224::MODERN);
    talk.handshake()
        .client(&x224::request(Token::Cookie("jdoe"), &wants))
        .server(&x224::confirm(&x224::selects(response, x224::HYBRID_EX)));
}

/// The same up to TLS: the user types a password meanwhile.
pub(super) fn behind_tls(sealed: &mut Sealed, typed: &str) -> Talk {
    let mut talk = Talk::office();
    asked(&mut talk, 0, 0x1f);
    talk.wait(3.4).turns(&sealed.handshake(typed, WINDOWS));
    talk
}

/// Up to TLS, then these records.
pub(super) fn told(sizes: &[i32]) -> (Talk, Sealed) {
    let mut sealed = Sealed::exact();
    let mut talk = behind_tls(&mut sealed, TYPED);
    talk.turns(&sealed.script(sizes));
    (talk, sealed)
}

/// Kerberos goes well up to the last token; fifteen bytes answer it.
fn refused() -> Talk {
    let (mut talk, _) = told(&[175, -1351, 1887, -227, 191, -15]);
    talk.client_rst();
    talk
}

/// A server without error codes: alert 49, as nobody can read, and FIN.
fn refused_by_alert() -> Talk {
    let (mut talk, mut sealed) = told(&[57, -212, 902]);
    talk.wait(1.0).turns(&[sealed.alert(Who::Server)]).server_fin().client_fin().ack(Who::Server);
    talk
}

/// An address or a name was typed; NTLM is refused, and the client asks at once what it gets without NLA.
fn ntlm_blocked(typed: &str) -> Vec<u8> {
    files(refused_and_probed(typed).map(|talk| talk.packets()))
}

pub(super) fn refused_and_probed(typed: &str) -> [Talk; 2] {
    let mut sealed = Sealed::exact();
    let mut first = behind_tls(&mut sealed, typed);
    first.turns(&sealed.script(&[57, -295, 735, -15])).client_rst();
    let mut second = Talk::new(Side::windows("10.20.4.17", 51_545).hops(0), first.server.clone().counting_from(7_001));
    second.now = first.now + 12_000_000;
    second.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::refuses(5))).client_rst();
    [first, second]
}

/// The server accepts the user, then says in four bytes that this user may not come in this way.
fn not_authorized() -> Talk {
    let (mut talk, _) = told(KERBEROS);
    talk.wait(0.003).server_fin().client_fin().ack(Who::Server);
    talk
}

/// The client hears the challenge and goes, `thought` seconds after the negotiation.
fn quits_early(thought: f64) -> Talk {
    let mut sealed = Sealed::exact();
    let mut talk = Talk::office();
    asked(&mut talk, 0, 0x1f);
    talk.wait(thought).turns(&sealed.handshake(TYPED, WINDOWS)).turns(&sealed.script(&[57, -295])).client_rst();
    talk
}

/// A box in between shows its own certificate; the client finds out when it compares keys.
fn inspected() -> Talk {
    let mut sealed = Sealed::exact();
    let mut talk = Talk::office();
    asked(&mut talk, 0, 0x1f);
    talk.wait(3.4).turns(&sealed.handshake(TYPED, INSPECTED)).turns(&sealed.script(&[57, -295, 735, -59])).client_rst();
    talk
}

/// A ticket that needs two records, and a server that resets.
fn token_too_big() -> Talk {
    let (mut talk, _) = told(&[175, -1351, 16_384, 3_020]);
    talk.wait(0.02).server_rst();
    talk
}

/// A broker sent the client here with credentials that the server will not have.
fn rdstls_refused() -> Talk {
    let mut talk = Talk::office();
    let mut sealed = Sealed::exact();
    talk.handshake()
        .client(&x224::asks("jdoe", x224::MODERN | x224::RDSTLS))
        .server(&x224::confirm(&x224::selects(0x1f, x224::RDSTLS)))
        .turns(&sealed.handshake(TYPED, WINDOWS))
        .turns(&sealed.script(&[-8, 436, -10]))
        .server_fin()
        .client_fin()
        .ack(Who::Server);
    talk
}

/// The server asks its domain controller for nine seconds; then all goes well.
fn slow() -> Talk {
    let (mut talk, mut sealed) = told(&NTLM[..3]);
    talk.wait(9.2).turns(&sealed.script(&NTLM[3..])).turns(&sealed.script(SETUP)).turns(&sealed.script(WORK));
    talk.wait(1.1).turns(&sealed.script(&[9])).client_rst();
    talk
}

/// The same without the answer: the client loses its patience.
fn too_slow() -> Talk {
    let (mut talk, _) = told(&NTLM[..3]);
    talk.ack(Who::Server).wait(24.0).client_rst();
    talk
}

/// The client's key is encrypted for the certificate, and the server cannot open it.
fn cannot_open() -> Talk {
    let mut talk = Talk::office();
    asked(&mut talk, 0, 0x1f);
    talk.wait(3.4).turns(&Sealed::exact().handshake(TYPED, WINDOWS)[..3]).ack(Who::Server).server_rst();
    talk
}

/// The client insists on a mode without password; the answer does not offer it.
fn mode_not_offered(request: u8, response: u8) -> Talk {
    let mut talk = Talk::office();
    asked(&mut talk, request, response);
    talk.wait(0.02).client_rst();
    talk
}

/// Everything goes well up to the desktop, `shown` comes, and then the server ends it.
pub(super) fn mode_refused(request: u8, logon: &[i32], shown: &[i32]) -> Talk {
    let mut sealed = Sealed::exact();
    let mut talk = Talk::office();
    asked(&mut talk, request, 0x1f);
    talk.wait(3.2).turns(&sealed.handshake(TYPED, WINDOWS)).turns(&sealed.script(logon));
    talk.turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(&[-34, -59, -58, 28, -40, -66, 28])).wait(1.1);
    talk.turns(&sealed.script(shown)).wait(0.1);
    talk.turns(&sealed.script(&[-36])).wait(0.2).turns(&sealed.script(&[-47, -9])).client_rst();
    talk
}

/// The password prompt stays open until the server has waited for `patience` seconds.
fn prompt_timeout(patience: f64) -> Talk {
    let mut talk = Talk::office();
    asked(&mut talk, 0, 0x1f);
    talk.wait(patience).server_fin().client_fin().ack(Who::Server);
    talk
}

/// The client stops at the server's challenge, a question on its screen.
fn connect_timer() -> Talk {
    let (mut talk, _) = told(&[57, -295]);
    talk.wait(56.6).server_fin().client_fin().ack(Who::Server);
    talk
}

/// The same story as NTLM, with Kerberos.
pub(super) fn kerberos() -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    talk.turns(&sealed.script(SETUP)).turns(&sealed.script(WORK)).wait(1.1);
    talk.turns(&sealed.script(&[9])).client_rst();
    talk
}

/// A session under a suite that rounds lengths.
fn blurred() -> Talk {
    let mut sealed = Sealed::blurred();
    let mut talk = behind_tls(&mut sealed, TYPED);
    talk.turns(&sealed.script(NTLM)).turns(&sealed.script(SETUP)).turns(&sealed.script(WORK)).wait(1.1);
    talk.turns(&sealed.script(&[9])).client_rst();
    talk
}

#[cfg(test)]
mod tests {
    use super::super::super::frame::noise;
    use super::super::super::hello;
    use super::super::super::sealed::Mac;
    use super::super::super::tls::{ONLY_1_3, Pair, Wish};
    use super::super::judged;
    use super::*;
    use rdpwhy::diagnose::verdict::By;
    use rdpwhy::diagnose::{License, LogonMode, Mechanism, Nla};

    #[test]
    fn refusals_and_what_looks_like_them() {
        // By name, so that Kerberos was possible: the probe alone proves nothing.
        let by_name = judged(&refused_and_probed(TYPED));
        assert_eq!(by_name[0].verdict.cause, Some("nla.refused"));
        let probe = &by_name[1].verdict;
        assert_eq!(probe.cause, Some("neg.hybrid-required"));
        assert!(probe.means.as_ref().is_some_and(|means| means.contains("whose logon was refused")));
        // An address without the probe: the account may be to blame as well.
        let [first, _] = refused_and_probed("10.20.1.9");
        let by_address = &judged(&[first])[0].verdict;
        assert_eq!(by_address.cause, Some("nla.refused"));
        assert!(by_address.could_be.iter().any(|other| other.id == "nla.ntlm-blocked"));
        assert!(by_address.not_it.iter().all(|other| !other.text.contains("password")));
        // Lengths that are not exact never make more than "likely".
        let mut sealed = Sealed::blurred();
        let mut talk = behind_tls(&mut sealed, TYPED);
        talk.turns(&sealed.script(&[57, -295, 735, -15])).server_fin().client_fin();
        let blurred = &judged(&[talk])[0].verdict;
        assert!(blurred.cause.is_some_and(|id| id.starts_with("nla.refused")), "{blurred:?}");
        assert!(blurred.sure <= rdpwhy::diagnose::verdict::Sure::Likely);
    }

    #[test]
    fn a_refusal_is_told_by_its_block_whatever_the_mac() {
        let all = || [Sealed::blurred(), Sealed::blurred_by(Mac::Long), Sealed::blurred_by(Mac::Short)];
        let judged = |sealed: &mut Sealed, sizes: &[i32]| {
            let mut talk = behind_tls(sealed, TYPED);
            talk.turns(&sealed.script(sizes)).client_rst();
            let verdict = judged(&[talk])[0].verdict.clone();
            let by = verdict.death.map(|death| death.by);
            (verdict.cause, by)
        };
        let refused = (Some("nla.refused"), Some(By::Server));
        for sealed in &mut all() {
            // NTLM, Kerberos at its second and third token, and the very first token.
            assert_eq!(judged(sealed, &[57, -262, 620, -15]), refused);
            assert_eq!(judged(sealed, &[175, -1351, 1887, -15]), refused);
            assert_eq!(judged(sealed, &[175, -1351, 1887, -227, 191, -15]), refused);
            assert_eq!(judged(sealed, &[57, -15]), refused);
            // The proof of the server's key is none.
            assert_eq!(judged(sealed, &[57, -262, 620, -59]).0, Some("nla.client-stops"));
            assert_eq!(judged(sealed, &[175, -1351, 1887, -227, 191, -103]).0, Some("nla.client-stops"));
        }
    }

    #[test]
    fn a_reset_right_behind_what_may_be_a_goodbye_is_an_answer() {
        for sealed in &mut [Sealed::blurred(), Sealed::blurred_by(Mac::Long), Sealed::blurred_by(Mac::Short)] {
            let mut ended = |last: &[i32], pause: f64| {
                let mut talk = behind_tls(sealed, TYPED);
                talk.turns(&sealed.script(NTLM)).turns(&sealed.script(SETUP)).wait(12.0).turns(&sealed.script(WORK));
                talk.turns(&sealed.script(last)).wait(pause).client_rst();
                judged(&[talk])[0].verdict.cause
            };
            assert_eq!(ended(&[-36, -9], 0.001), Some("end.server-ended"));
            assert_ne!(ended(&[-36, -9], 0.5), Some("end.server-ended"));
            assert_ne!(ended(&[-36, -9, 12], 0.001), Some("end.server-ended"));
            assert_ne!(ended(&[-300], 0.001), Some("end.server-ended"));
        }
    }

    #[test]
    fn four_bytes_before_a_session_are_no_refusal() {
        assert_eq!(judged(&[kerberos()])[0].verdict.cause, Some("ok.user-disconnect"));
        // Even when the session then dies in MCS.
        let (mut talk, mut sealed) = told(KERBEROS);
        talk.turns(&sealed.script(&[462])).server_fin();
        assert_eq!(judged(&[talk])[0].verdict.cause, Some("mcs.refused"));
    }

    #[test]
    fn who_waits_for_no_person_is_a_scanner() {
        assert_eq!(judged(&[quits_early(0.01)])[0].verdict.cause, Some("scan.ntlm-info"));
    }

    #[test]
    fn who_thinks_before_the_goodbye_is_a_person() {
        let leaves = |thought: f64| {
            let mut sealed = Sealed::exact();
            let mut talk = Talk::office();
            asked(&mut talk, 0, 0x1f);
            talk.turns(&sealed.handshake(TYPED, WINDOWS)).turns(&sealed.script(&[57, -295])).wait(thought);
            talk.turns(&[sealed.alert(Who::Client)]).client_fin().server_fin();
            judged(&[talk])[0].verdict.cause
        };
        assert_eq!(leaves(0.01), Some("scan.ntlm-info"));
        assert_eq!(leaves(20.0), Some("nla.client-quits-early"));
    }

    #[test]
    fn who_was_accepted_has_the_right_password() {
        let (mut talk, _) = told(&NTLM[..5]);
        talk.wait(0.5).server_fin().client_rst();
        let verdict = judged(&[talk])[0].verdict.clone();
        assert_eq!(verdict.cause, Some("nla.authz-denied"));
        assert!(verdict.not_it.iter().any(|other| other.id == "nla.bad-credentials"));
        // With CBC as well, and with the server's four bytes as without.
        for sealed in &mut [Sealed::blurred(), Sealed::blurred_by(Mac::Long), Sealed::blurred_by(Mac::Short)] {
            for (script, sure) in [(&NTLM[..5], Sure::Unsure), (NTLM, Sure::Likely), (KERBEROS, Sure::Likely)] {
                let mut talk = behind_tls(sealed, TYPED);
                talk.turns(&sealed.script(script)).wait(0.02).server_fin().client_rst();
                let verdict = &judged(&[talk])[0].verdict;
                assert_eq!((verdict.cause, verdict.sure), (Some("nla.authz-denied"), sure), "{script:?}");
            }
        }
    }

    #[test]
    fn a_certificate_of_the_client_is_no_token() {
        let mut pair = Pair::new(&Wish::plain(ONLY_1_3));
        let mut turns = pair.handshake();
        let last = turns.iter().rposition(|(who, _)| *who == Who::Client).expect("its Finished");
        turns.truncate(last);
        let hidden = |length| hello::record(23, hello::TLS_1_2, &noise(77, length));
        let flight = |certificate| [hello::record(20, hello::TLS_1_2, &[1]), hidden(certificate), hidden(69)].concat();
        for certificate in [25, 1100] {
            let mut talk = Talk::office();
            asked(&mut talk, 0, 0x1f);
            talk.turns(&turns).client(&flight(certificate)).server(&hidden(19)).server_fin();
            assert_eq!(judged(&[talk])[0].verdict.cause, Some("tls.client-cert-asked"));
        }
    }

    #[test]
    fn a_mode_that_is_offered_is_not_refused() {
        let cause = |talk| judged(&[talk])[0].verdict.cause;
        assert_ne!(cause(mode_not_offered(1, 0x1f)), Some("neg.restricted-admin-refused"));
        assert_ne!(cause(mode_not_offered(0, 0x07)), Some("neg.restricted-admin-refused"));
        // Somebody was logged on before the end.
        let inside = mode_refused(1, RESTRICTED_ADMIN, &[-657, -645]);
        assert_eq!(cause(inside), Some("end.server-ended"));
        // No mode was asked for.
        assert_eq!(cause(mode_refused(0, RESTRICTED_ADMIN, &[])), Some("end.server-ended"));
    }

    #[test]
    fn the_server_waits_sixty_seconds_and_not_thirty() {
        assert_ne!(judged(&[prompt_timeout(30.0)])[0].verdict.cause, Some("rdp.prompt-timeout"));
        // The server owes the answer: no timer of the client's.
        let (mut talk, _) = told(&[57, -295, 735]);
        talk.wait(56.6).server_fin();
        assert_ne!(judged(&[talk])[0].verdict.cause, Some("rdp.connect-timer"));
    }

    #[test]
    fn a_large_ticket_that_is_answered_is_not_too_large() {
        let (mut talk, _) = told(&[175, -1351, 16_384, 3_020, -15]);
        talk.client_rst();
        assert_eq!(judged(&[talk])[0].verdict.cause, Some("nla.refused"));
    }

    #[test]
    fn every_station_of_the_way_is_read() {
        let inside = &judged(&[mode_refused(1, RESTRICTED_ADMIN, &[-657, -645])])[0].shape;
        assert_eq!((inside.nla, inside.mechanism), (Nla::Done, Some(Mechanism::Kerberos)));
        assert_eq!((inside.mode, inside.license), (Some(LogonMode::RestrictedAdmin), License::Passed));
        assert!(inside.early && inside.confirmed && inside.fonts && inside.activated && inside.logged_on);
        let names: Vec<&str> = inside.records.iter().map(|record| record.name).collect();
        assert!(names.iter().all(|name| name.len() <= 15), "{names:?}");
        let logon = ["Krb TGT-REQ", "Krb TGT-REP", "Krb AP-REQ", "Krb AP-REP", "Krb pubKeyAuth", "NLA pubKeyAuth"];
        assert_eq!(names[2..8], logon);
        let end = ["Font List", "Synchronize", "Control", "Control", "Font Map"];
        assert!(names.windows(end.len()).any(|window| window == end), "{names:?}");
        // The logon screen alone: notifications, nobody logged on.
        let outside = &judged(&[mode_refused(1, RESTRICTED_ADMIN, &[-625])])[0].shape;
        assert!(outside.activated && !outside.logged_on);
    }

    #[test]
    fn what_is_handed_over_is_told_by_its_length() {
        let mode = |sizes: &[i32]| judged(&[told(sizes).0])[0].shape.mode;
        assert_eq!(mode(NTLM), Some(LogonMode::Password));
        assert_eq!(mode(&[57, -295, 735, -59, 52]), Some(LogonMode::RestrictedAdmin));
        assert_eq!(mode(&[175, -1351, 2055, -227, 191, -103, 361]), Some(LogonMode::SmartCard));
        assert_eq!(mode(REMOTE_GUARD), Some(LogonMode::RemoteGuard));
    }
}

/// The cause, and how sure it is, when `who` closes so many seconds after these records.
fn closed(sizes: &[i32], seconds: f64, who: Who) -> (Option<&'static str>, Sure) {
    let (mut talk, _) = told(sizes);
    talk.wait(seconds).fin(who);
    let case = super::judged(&[talk]).swap_remove(0);
    (case.verdict.cause, case.verdict.sure)
}

#[test]
fn who_is_not_answered_has_refused_nothing() {
    // Behind the challenge, and behind the proof that accepts the user.
    for (asked, at_once) in [(&NTLM[..2], "nla.refused"), (&NTLM[..4], "nla.authz-denied")] {
        assert_eq!(closed(asked, 0.05, Who::Server).0, Some(at_once), "{asked:?}");
        assert_eq!(closed(asked, 20.0, Who::Server).0, Some("end.unexplained"), "{asked:?}");
    }
    let (at_once, late) = (closed(&[], 0.05, Who::Server), closed(&[], 20.0, Who::Server));
    assert_eq!([at_once, late].map(|(cause, _)| cause), [Some("rdp.closed-after-tls"); 2]);
    assert!(at_once.1 == Sure::Strong && late.1 == Sure::Likely, "{late:?}");
}

#[test]
fn who_was_not_answered_yet_refuses_nothing() {
    let asked = [NTLM, &[462]].concat();
    let answered = [&asked[..], &[-118]].concat();
    assert_eq!(closed(&answered, 0.05, Who::Client).0, Some("mcs.client-refuses"));
    assert_eq!(closed(&asked, 0.05, Who::Client).0, Some("end.unexplained"));
    assert_eq!(closed(&answered, 0.05, Who::Server).0, Some("mcs.refused"));
    assert_eq!(closed(&answered, 20.0, Who::Server).0, Some("end.unexplained"));
}

#[test]
fn a_session_in_clear_begins_with_what_the_server_shows() {
    use super::super::mcs::{self, Security};
    let ended = |who: Who| {
        let mut talk = Talk::office();
        super::negotiated(&mut talk, x224::RDP, x224::RDP).turns(&mcs::joins("WKS-0417", Security::Proprietary));
        talk.client(&mcs::security_exchange()).wait(0.05).rst(who);
        super::judged(&[talk]).swap_remove(0).verdict.cause
    };
    assert_eq!(ended(Who::Client), Some("end.unexplained"));
    assert_eq!(ended(Who::Server), Some("rdp.closed-after-info"));
}

#[test]
fn who_leaves_before_the_capabilities_has_seen_nothing() {
    let begun = [NTLM, &[462, -118, 12, 8, -11, 433, -34]].concat();
    assert_eq!(closed(&begun, 0.05, Who::Client), (Some("end.unexplained"), Sure::Unsure));
    let shown = [&begun[..], &[-472, 611, 36, 40, 40, 40, -36, -40, -40, -40, -900]].concat();
    assert_eq!(closed(&shown, 2.0, Who::Client).0, Some("ok.user-disconnect"));
}
