//! Stories of who is not there any more, and of who only seems so. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::beside::arp_request;
use super::super::frame::RST;
use super::super::mcs;
use super::super::talk::{BEGIN, Side, Talk, Who};
use super::super::x224;
use super::interference::vpn;
use super::outlived::{only, told};
use super::ways::gives_up;
use super::{classic_until_work, judged, judged_packets, work};

/// Keep-alives every half minute, each of them answered, for a quarter of an hour.
fn probed(talk: &mut Talk) -> &mut Talk {
    for _ in 0..30 {
        talk.wait(30.0).keepalive(Who::Server).ack(Who::Client);
    }
    talk
}

#[test]
fn who_vanishes_after_many_keep_alives_is_missed_all_the_same() {
    for (who, cause) in [(Who::Client, "tcp.retransmit-giveup"), (Who::Server, "end.client-vanished")] {
        let mut talk = vpn();
        work(classic_until_work(&mut talk));
        gives_up(work(probed(&mut talk)), who);
        assert_eq!(told(&talk), (Outcome::Died, cause));
        assert!(only(&talk).verdict.evidence[0].text.contains("7 packets"));
    }
}

#[test]
fn a_window_that_stays_shut_after_many_keep_alives_is_seen_all_the_same() {
    let mut talk = vpn();
    work(classic_until_work(&mut talk));
    probed(&mut talk).server(&mcs::fast_path(Who::Server, 300, 900));
    talk.client.window = 0;
    talk.ack(Who::Client);
    for pause in [0.3, 0.6, 1.2, 2.4, 4.8, 9.6] {
        talk.wait(pause).keepalive(Who::Server).ack(Who::Client);
    }
    talk.server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "tcp.zero-window"));
}

/// The server hangs, and three machines lose it where somebody works by the same name; later all come back.
#[test]
fn machines_whose_users_have_one_name_are_not_one_that_moved() {
    let machine = |nth: u16, port: u16, at: f64| {
        let ip = format!("10.20.{}.17", 4 + nth);
        let mut talk = Talk::new(Side::windows(&ip, port).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = BEGIN + (at * 1e9) as u64;
        work(classic_until_work(&mut talk));
        talk
    };
    let mut talks: Vec<Talk> = (0..3).map(|nth| machine(nth, 51_544, f64::from(nth) * 0.2)).collect();
    for talk in &mut talks {
        gives_up(talk, Who::Client);
    }
    talks.extend((0..3).map(|nth| machine(nth, 52_000, 60.0 + f64::from(nth))));
    let cases = judged(&talks);
    let causes: Vec<_> = cases.iter().take(3).map(|case| case.verdict.cause).collect();
    assert_eq!(causes, [Some("tcp.retransmit-giveup"); 3]);
}

/// A laptop leaves its Wi-Fi between two movements of the mouse; its user goes on from another address.
#[test]
fn a_connection_that_nobody_speaks_in_any_more_was_left_behind() {
    let from = |client: &str, begin: u64| {
        let mut talk = Talk::new(Side::windows(client, 51_544).hops(0), Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = begin;
        work(classic_until_work(&mut talk));
        talk
    };
    let old = from("10.88.0.23", BEGIN);
    let new = |pause: u64, client: &str| {
        let mut new = from(client, old.now + pause * 1_000_000_000);
        (0..5).for_each(|_| {
            work(new.wait(5.0));
        });
        judged(&[old.clone(), new]).swap_remove(0).verdict.cause
    };
    assert_eq!(new(25, "192.168.7.20"), Some("path.changed"));
    // Hours later it may be anybody.
    assert_ne!(new(3_600, "192.168.7.20"), Some("path.changed"));
}

/// Two people by the name of an account that many share, or of a domain that leaves no room for theirs: the one who does nothing
/// is still there. So is whoever is told nothing where the server's goodbye would be seen.
#[test]
fn a_name_that_many_share_is_nobody_who_moved() {
    let from = |client: Side, server: Side, name: &str, begin: u64| {
        let mut talk = Talk::new(client, server);
        talk.now = begin;
        talk.handshake().client(&x224::asks(name, x224::RDP)).server(&x224::confirm(&x224::selects(0, x224::RDP)));
        talk.turns(&mcs::classic("WKS-0417", mcs::Security::Proprietary));
        work(&mut talk);
        talk
    };
    let told = |name: &str, hops: [u8; 2]| {
        let client = |ip: &str| Side::windows(ip, 51_544).hops(hops[0]);
        let server = || Side::windows("10.20.1.9", 3389).hops(hops[1]);
        let old = from(client("10.88.0.23"), server(), name, BEGIN);
        let mut new = from(client("192.168.7.20"), server(), name, old.now + 25_000_000_000);
        (0..5).for_each(|_| {
            work(new.wait(5.0));
        });
        judged(&[old, new]).swap_remove(0).verdict.cause
    };
    assert_eq!(told("jdoe", [0, 2]), Some("path.changed"));
    for (name, hops) in [("Administr", [0, 2]), ("HEADQUART", [0, 2]), ("jdoe", [2, 0])] {
        assert_ne!(told(name, hops), Some("path.changed"), "{name} {hops:?}");
    }
}

/// The server's machine fails; when it has started anew, the client is still trying.
#[test]
fn who_comes_back_as_a_stranger_was_started_anew() {
    let mut talk = Talk::office();
    work(classic_until_work(&mut talk));
    talk.lose_later().client(&mcs::fast_path(Who::Client, 300, 15)).repeat_in_vain(Who::Client, 7);
    let mut stranger = talk.draft(Who::Server);
    (stranger.ack, stranger.flags, stranger.window, stranger.ip_id) = (0, RST, 0, 0);
    talk.wait(0.02).forge(stranger);
    let case = only(&talk);
    assert_eq!(case.verdict.cause, Some("tcp.retransmit-giveup"));
    assert!(case.verdict.evidence.iter().any(|sign| sign.text.contains("began anew")));
}

/// A ring of files holds the end of a long session, and that it broke.
#[test]
fn who_vanishes_is_missed_however_late_the_capture_began() {
    let mut talk = vpn();
    work(classic_until_work(&mut talk));
    let begun = talk.packets().len();
    gives_up(work(&mut talk), Who::Server);
    let case = judged_packets(&talk.packets()[begun..]).swap_remove(0);
    assert_eq!((case.verdict.outcome, case.verdict.sure), (Outcome::Died, Sure::Likely));
    assert!(matches!(case.verdict.cause, Some("tcp.retransmit-giveup" | "end.client-vanished")));
    // An end that was in order, or was not, cannot be told apart.
    let mut closed = vpn();
    work(classic_until_work(&mut closed));
    work(&mut closed).server_rst();
    let case = judged_packets(&closed.packets()[begun..]).swap_remove(0);
    assert_eq!(case.verdict.cause, Some("cap.starts-mid-session"));
}

/// Two machines on one link; one of them loses power.
#[test]
fn who_is_sought_in_vain_on_its_link_is_gone_itself() {
    let mut talk = Talk::new(Side::windows("10.20.4.17", 51_544).hops(0), Side::windows("10.20.4.9", 3389).hops(0));
    work(classic_until_work(&mut talk));
    talk.lose_later().client(&mcs::fast_path(Who::Client, 300, 15));
    for pause in [0.3, 0.6, 1.2, 2.4, 4.8] {
        talk.wait(pause).lose_later().retransmit(Who::Client);
        talk.link(arp_request([10, 20, 4, 17].into(), [10, 20, 4, 9].into()));
    }
    talk.client_rst();
    let verdict = only(&talk).verdict;
    assert_eq!(verdict.cause, Some("tcp.retransmit-giveup"));
    assert!(verdict.evidence.iter().any(|sign| sign.text.contains("gone from its own link")));
}

/// After many keep-alives nothing of the server's arrives any more; the client, which is there, closes in the end.
#[test]
fn who_is_not_heard_after_many_keep_alives_is_missed_all_the_same() {
    let mut talk = vpn();
    work(classic_until_work(&mut talk));
    work(probed(&mut talk));
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 400));
    for (pause, nth) in [(0.3, 301), (0.6, 302), (1.2, 303), (2.4, 304)] {
        talk.wait(pause).lose_later().retransmit(Who::Server);
        talk.client(&mcs::fast_path(Who::Client, nth, 15)).lose_later().ack(Who::Server);
    }
    talk.client_fin().wait(4.8).retransmit(Who::Server);
    assert_eq!(told(&talk), (Outcome::Died, "tcp.retransmit-giveup"));
}
