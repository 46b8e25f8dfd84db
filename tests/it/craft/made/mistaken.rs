//! Deaths that have the first sign of another one. No file holds them.

use rdpwhy::diagnose::verdict::{Outcome, Sure};

use super::super::mcs;
use super::super::talk::Who;
use super::interference::{far_talk, vpn};
use super::outlived::{only, told};
use super::{classic, classic_until_work, judged, work};

/// A key press crosses the first full packet on the way, and then the client is gone.
#[test]
fn what_crossed_a_large_packet_is_no_sign_of_life() {
    let mut talk = vpn();
    classic_until_work(&mut talk).wait(0.3);
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 1460));
    let large = talk.server.last_data.clone();
    talk.client(&mcs::fast_path(Who::Client, 301, 15));
    talk.server.last_data = large;
    talk.repeat_in_vain(Who::Server, 5).wait(9.6).server_rst();
    let case = only(&talk);
    assert_eq!(case.verdict.cause, Some("end.client-vanished"));
    assert_eq!(case.verdict.sure, Sure::Likely);
    assert!(case.verdict.could_be.iter().any(|other| other.id == "path.mtu-black-hole"));
}

/// Full packets passed until the path became another one; now only the small ones do.
#[test]
fn a_path_that_takes_less_than_before_is_a_hole_for_large_packets() {
    let mut talk = vpn();
    work(classic_until_work(&mut talk));
    talk.lose_later().server(&mcs::fast_path(Who::Server, 300, 1460));
    let large = talk.server.last_data.clone();
    talk.server(&mcs::fast_path(Who::Server, 301, 300)).ack(Who::Client);
    talk.server.last_data = large;
    for nth in 0..5 {
        talk.wait(0.3 * f64::from(1 << nth)).lose_later().retransmit(Who::Server);
        talk.wait(0.02).client(&mcs::fast_path(Who::Client, 310 + nth, 15)).ack(Who::Server);
    }
    talk.wait(9.6).server_rst();
    assert_eq!(told(&talk), (Outcome::Died, "path.mtu-black-hole"));
    assert_eq!(only(&talk).verdict.sure, Sure::Likely);
}

/// Three SYNs, each refused after a whole round trip: the first answer comes before the last question.
#[test]
fn a_refusal_is_timed_by_the_question_before_it() {
    let mut refused = far_talk(51_544);
    for _ in 0..3 {
        refused.syn().refuse().wait(0.5);
    }
    let mut later = far_talk(51_560);
    later.now = refused.now + 20_000_000_000;
    classic(&mut later);
    let cases = judged(&[refused, later]);
    assert_eq!(cases[0].verdict.cause, Some("tcp.refused"));
}
