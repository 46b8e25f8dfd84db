//! Silence at the end of a capture: how long it takes until it is a death, and how long it is only a wait.

use rdpwhy::diagnose::verdict::Outcome;
use rdpwhy::engine::Options;

use super::inside::{look, memory};
use crate::craft::file::Packet;
use crate::craft::talk::{Talk, Who};
use crate::craft::{hello, x224};

/// What is said of a ClientHello that was acknowledged, with so many seconds of capture behind it.
fn said(seconds: u64) -> (Outcome, Option<&'static str>) {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::selects(0, x224::SSL)));
    talk.client(&hello::client_hello(hello::TLS_1_2, hello::SUITES, "rds-leg01.corp.example", 22)).ack(Who::Server);
    let mut packets = talk.packets();
    let time_ns = packets.last().expect("there are some").time_ns + seconds * 1_000_000_000;
    // Somebody else's packet: the capture goes on.
    packets.push(Packet { time_ns, bytes: vec![0; 60], length: 60 });
    let seen = look(&mut memory(&packets), Options::default());
    let verdict = &seen.only().verdict;
    (verdict.outcome, verdict.cause)
}

#[test]
fn a_server_that_has_the_hello_may_be_slow() {
    let stall = Some("tls.handshake-stall");
    assert_eq!(
        [1, 5, 12, 20].map(said),
        [
            (Outcome::Unsure, Some("cap.ends-mid-session")),
            (Outcome::Unsure, stall),
            (Outcome::Unsure, stall),
            (Outcome::Died, stall)
        ]
    );
}
