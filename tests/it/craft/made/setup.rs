//! Sessions that die between MCS and the desktop, behind TLS by lengths alone, under standard security in clear; and
//! ends that the server explains in clear.

use super::super::mcs::{self, Security};
use super::super::talk::{Talk, Who};
use super::super::x224;
use super::logon::{KERBEROS, QUICK_SETUP, told};
use super::{Made, classic_until_work, file, fixed, negotiated, work};

pub(super) const ROSTER: &[Made] = &[
    fixed("mcs.stall--no-connect-response.pcap", || file(&stalls(40.0))),
    fixed("mcs.refused--in-clear.pcap", || file(&refused_in_clear())),
    fixed("mcs.attach-refused--nine-bytes.pcap", || file(&attach_refused())),
    fixed("mcs.join-refused--in-clear.pcap", || file(&join_refused())),
    fixed("rdp.closed-after-info--license-sized.pcap", || file(&license_refused())),
    fixed("rdp.caps-client-quits--after-demand-active.pcap", || file(&client_quits())),
    fixed("rdp.activation-stall--no-font-map.pcap", || file(&black_screen(&[]))),
    fixed("rdp.activation-stall--behind-client-info.pcap", || file(&no_session())),
    fixed("rdp.activation-stall--in-clear.pcap", || file(&no_font_map_in_clear())),
    fixed("mcs.refused--between-joins.pcap", || file(&hangs_up_between_joins())),
    fixed("rdp.connect-timer--in-clear.pcap", || file(&client_stops_in_clear())),
    fixed("rdp.reactivation-loop--six-times.pcap", || file(&set_up_again(6))),
    fixed("end.idle-limit--in-clear.pcap", || file(&explained(3))),
    fixed("ok.user-logoff--in-clear.pcap", || file(&explained(12))),
    fixed("redirect--in-clear.pcap", || file(&redirected())),
];

/// The server takes Connect Initial, acknowledges it, and is never heard again.
fn stalls(patience: f64) -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    talk.turns(&sealed.script(&[462])).wait(patience).client_rst();
    talk
}

/// Connect Response with rt-unspecified-failure.
fn refused_in_clear() -> Talk {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::RDP, x224::RDP)
        .client(&mcs::connect_initial("WKS-0417", 19_041, &["rdpdr"; 40], 0x1b, 0))
        .server(&mcs::connect_response(14, 0, 0, Security::Proprietary))
        .server_fin()
        .client_fin()
        .ack(Who::Server);
    talk
}

/// Attach User Confirm without a channel.
fn attach_refused() -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    talk.turns(&sealed.script(&[462, -118, 12, 8, -9])).client_rst();
    talk
}

/// Client Info is taken, and nothing follows until the client gives up.
fn no_session() -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    talk.turns(&sealed.script(&QUICK_SETUP[..6]))
        .ack(Who::Server)
        .wait(24.0)
        .client_fin()
        .server_fin()
        .ack(Who::Client);
    talk
}

/// Capabilities are exchanged under standard security; the server acknowledges the client's Font List, no more.
fn no_font_map_in_clear() -> Talk {
    let mut talk = Talk::office();
    let turns = mcs::classic("WKS-0417", Security::Proprietary);
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&turns[..turns.len() - 2]);
    talk.ack(Who::Server).wait(24.0).client_fin().server_fin().ack(Who::Client);
    talk
}

/// The server closes on the client's third Channel Join Request.
fn hangs_up_between_joins() -> Talk {
    let mut talk = Talk::office();
    let joins = mcs::joins("WKS-0417", Security::Proprietary);
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&joins[..joins.len() - 5]);
    talk.server_fin().client_fin().ack(Who::Server);
    talk
}

/// The client asked no user and says nothing to Connect Response; after a minute the server has enough.
fn client_stops_in_clear() -> Talk {
    let mut talk = Talk::office();
    let joins = mcs::joins("WKS-0417", Security::Proprietary);
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&joins[..2]).ack(Who::Client);
    talk.wait(60.0).server_fin().client_fin().ack(Who::Server);
    talk
}

/// The third Channel Join Confirm says rt-no-such-channel.
fn join_refused() -> Talk {
    let mut talk = Talk::office();
    let joins = mcs::joins("WKS-0417", Security::Proprietary);
    negotiated(&mut talk, x224::RDP, x224::RDP).turns(&joins[..joins.len() - 5]);
    talk.server(&mcs::join_refused(3, mcs::IO_CHANNEL + 1)).client_fin().server_fin().ack(Who::Client);
    talk
}

/// A message as long as "valid client" is the server's last word: it was an error.
fn license_refused() -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    talk.turns(&sealed.script(&[462, -118, 12, 8, -11, 433, -34])).server_fin().client_fin().ack(Who::Server);
    talk
}

/// Demand Active comes, and the client goes.
fn client_quits() -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    talk.turns(&sealed.script(&[462, -118, 12, 8, -11, 433, -34, -472])).wait(0.01).client_rst();
    talk
}

/// The client has done its part of activation; the server does not finish its own, but for `shown`.
fn black_screen(shown: &[i32]) -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    let without_map = &QUICK_SETUP[..QUICK_SETUP.len() - 1];
    talk.turns(&sealed.script(without_map)).turns(&sealed.script(shown)).wait(31.0).client_rst();
    talk
}

/// The desktop's size changes again and again, and each time everything is set up anew.
fn set_up_again(times: usize) -> Talk {
    let (mut talk, mut sealed) = told(KERBEROS);
    talk.turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(&[-34, -59, 28, -4096]));
    for _ in 1..times {
        talk.wait(0.4).turns(&sealed.script(&[-28]));
        talk.turns(&sealed.script(&[-472, 611, 36, 40, 40, 40, -36, -40, -40, -40, -2120]));
    }
    talk.wait(1.0).turns(&sealed.script(&[9])).client_rst();
    talk
}

/// Standard security with a low level, where the server's words are in clear: it says why it ends the session.
fn explained(code: u32) -> Talk {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.server(&mcs::error_info(code)).wait(0.2).server(&mcs::ultimatum(3)).client_fin().server_fin().ack(Who::Client);
    talk
}

/// A broker sends the client on.
fn redirected() -> Talk {
    let mut talk = Talk::office();
    classic_until_work(&mut talk);
    talk.server(&mcs::redirection()).client_fin().server_fin().ack(Who::Client);
    talk
}

#[cfg(test)]
mod tests {
    use super::super::super::tls::{ONLY_1_3, Pair, Wish};
    use super::super::judged;
    use super::*;
    use rdpwhy::diagnose::verdict::Sure;

    fn cause(talk: Talk) -> Option<&'static str> {
        judged(&[talk])[0].verdict.cause
    }

    #[test]
    fn a_code_that_was_taken_back_is_no_reason() {
        let ended = |code: u32, ultimatum: Who| {
            let mut talk = Talk::office();
            work(classic_until_work(&mut talk));
            talk.server(&mcs::error_info(3)).wait(8.0).server(&mcs::error_info(code));
            work(&mut talk).wait(4.0).say(ultimatum, &mcs::ultimatum(3)).client_fin().server_fin().ack(Who::Client);
            cause(talk)
        };
        assert_ne!(ended(0, Who::Client), Some("end.idle-limit"));
        assert_eq!(ended(3, Who::Client), Some("end.idle-limit"));
        // The last word on it is the server's end.
        assert_eq!(ended(0, Who::Server), Some("end.idle-limit"));
    }

    #[test]
    fn what_is_said_in_clear_is_not_called_encrypted() {
        let mut talk = Talk::office();
        negotiated(&mut talk, x224::RDP, x224::RDP).turns(&mcs::classic("WKS-0417", Security::None));
        work(&mut talk).server(&mcs::ultimatum(1)).client_rst();
        let verdict = judged(&[talk])[0].verdict.clone();
        assert_eq!(verdict.cause, Some("end.server-ended"));
        assert!(!verdict.headline.contains("encrypted"), "{}", verdict.headline);
        let mut talk = Talk::office();
        work(classic_until_work(&mut talk)).server(&mcs::ultimatum(1)).client_rst();
        assert!(judged(&[talk])[0].verdict.headline.contains("encrypted"));
    }

    /// A real TLS 1.3 connection with these records, which the client or the server then closes.
    fn under_tls13(sizes: &[i32], patience: f64, by: Who) -> Option<&'static str> {
        let mut talk = Talk::office();
        let mut pair = Pair::new(&Wish::plain(ONLY_1_3));
        negotiated(&mut talk, x224::MODERN, x224::HYBRID_EX).wait(3.4).turns(&pair.handshake());
        talk.turns(&pair.script(sizes)).wait(patience).fin(by);
        cause(talk)
    }

    #[test]
    fn tls13_tells_the_same() {
        let with = |more: &[i32]| [KERBEROS, more].concat();
        let upto = |count: usize| with(&QUICK_SETUP[..count]);
        for (sizes, patience, by, id) in [
            (vec![57, -295, 735, -15], 0.0, Who::Client, "nla.refused"),
            (vec![175, -1351, 1887, -227, 191, -15], 0.0, Who::Client, "nla.refused"),
            (vec![57, -295, 735], 0.5, Who::Server, "nla.refused-no-code"),
            (vec![57, -295, 735, -59], 0.1, Who::Client, "nla.client-stops"),
            (KERBEROS.to_vec(), 0.0, Who::Server, "nla.authz-denied"),
            (upto(1), 31.0, Who::Client, "mcs.stall"),
            (upto(1), 0.0, Who::Server, "mcs.refused"),
            (with(&[462, -9]), 0.1, Who::Client, "mcs.refused"),
            (with(&[462, -118, 12, 8, -11, 12, -9]), 0.1, Who::Client, "mcs.refused"),
            (with(&[462, -118, 12, 8, -9]), 0.0, Who::Client, "mcs.attach-refused"),
            (with(&[462, -118, 12, 8, -11, 12, -15, 12, -13]), 0.0, Who::Client, "mcs.join-refused"),
            (upto(7), 0.0, Who::Server, "rdp.closed-after-info"),
            (upto(8), 0.0, Who::Client, "rdp.caps-client-quits"),
            (upto(QUICK_SETUP.len() - 1), 20.0, Who::Server, "rdp.activation-stall"),
        ] {
            assert_eq!(under_tls13(&sizes, patience, by), Some(id), "{sizes:?}");
        }
    }

    #[test]
    fn a_short_silence_is_no_stall() {
        assert_ne!(cause(stalls(3.0)), Some("mcs.stall"));
    }

    #[test]
    fn what_comes_after_all_is_no_black_screen() {
        assert_ne!(cause(black_screen(&[-40, -2310, 28])), Some("rdp.activation-stall"));
        // A session that is used ends as its user wants.
        let (mut talk, mut sealed) = told(KERBEROS);
        talk.turns(&sealed.script(QUICK_SETUP)).turns(&sealed.script(&[-34, -4096, 28])).client_rst();
        assert_ne!(cause(talk), Some("rdp.caps-client-quits"));
    }

    #[test]
    fn a_resize_or_two_is_no_loop() {
        let verdict = &judged(&[set_up_again(3)])[0].verdict;
        assert_eq!(verdict.cause, Some("ok.user-disconnect"));
        assert!(verdict.findings.iter().all(|finding| finding.id != "rdp.reactivation-loop"));
    }

    #[test]
    fn a_server_may_refuse_without_a_word() {
        let asks = |talk: &mut Talk| {
            negotiated(talk, x224::RDP, x224::RDP).client(&mcs::connect_initial(
                "WKS-0417",
                19_041,
                &["rdpdr"],
                0x1b,
                0,
            ));
        };
        let mut silent = Talk::office();
        asks(&mut silent);
        silent.wait(0.01).server_fin().client_fin();
        let verdict = &judged(&[silent])[0].verdict;
        assert_eq!((verdict.cause, verdict.sure), (Some("mcs.refused"), Sure::Likely));
        // The client itself goes.
        let mut left = Talk::office();
        asks(&mut left);
        left.wait(0.01).client_fin();
        assert_ne!(cause(left), Some("mcs.refused"));
        // It was too late for an answer.
        let mut late = Talk::office();
        asks(&mut late);
        late.wait(40.0).server_fin();
        assert_eq!(cause(late), Some("mcs.stall"));
    }

    #[test]
    fn codes_in_clear_are_proven() {
        for (code, id) in
            [(1, "end.admin-disconnect"), (5, "end.replaced"), (7, "end.denied"), (0x19, "end.server-shutdown")]
        {
            let verdict = &judged(&[explained(code)])[0].verdict;
            assert_eq!((verdict.cause, verdict.sure), (Some(id), Sure::Proven));
        }
        // "No error" is what some servers say at logon.
        assert_eq!(cause(explained(0)), Some("end.server-ended"));
    }

    #[test]
    fn a_code_is_not_the_end_when_the_session_goes_on() {
        let mut talk = Talk::office();
        work(classic_until_work(&mut talk)).server(&mcs::error_info(3)).wait(60.0);
        work(&mut talk).client(&mcs::ultimatum(3)).client_fin();
        assert_ne!(cause(talk), Some("end.idle-limit"));
    }
}
