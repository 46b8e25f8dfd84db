//! A connection that one side gives up behind any of its messages: a close proves nothing, who waits for an answer is not to
//! blame for its absence, and who was left waiting has refused nothing.

use rdpwhy::diagnose::verdict::{By, Outcome, Sure, Verdict};
use rdpwhy::engine::Options;

use super::negotiated;
use crate::captures::inside::{look, memory};
use crate::craft::cuts::Turn;
use crate::craft::file::merge;
use crate::craft::mcs::{self, Security};
use crate::craft::sealed::{Sealed, WINDOWS};
use crate::craft::talk::{Side, Talk, Who};
use crate::craft::tls::{ONLY_1_3, Pair, Wish};
use crate::craft::x224;

const NTLM: &[i32] = &[57, -295, 735, -59, 124, -4];
const KERBEROS: &[i32] = &[175, -1351, 1887, -227, 191, -103, 183, -4];
/// From MCS Connect Initial to Font Map, and what is to be seen then.
const SESSION: &[i32] =
    &[462, -118, 12, 8, -11, 433, -34, -472, 611, 36, 40, 40, 40, -36, -40, -40, -40, -900, 20, -1400, -800, 30, -1300];

/// A session, and where its MCS part ends; what comes behind the Font List ends otherwise.
struct Story {
    name: &'static str,
    turns: Vec<Turn>,
    /// Messages up to the client's Font List.
    setup: usize,
}

fn stories() -> Vec<Story> {
    let sealed = |name, selected, logon: &[i32]| {
        let mut sealed = Sealed::exact();
        let mut turns = negotiated(x224::MODERN, selected);
        turns.extend(sealed.handshake("RDS-LEG01.corp.example", WINDOWS));
        let setup = turns.len() + logon.len() + 13;
        turns.extend(sealed.script(&[logon, SESSION].concat()));
        Story { name, turns, setup }
    };
    let mut newest = negotiated(x224::MODERN, x224::HYBRID_EX);
    let mut pair = Pair::new(&Wish::plain(ONLY_1_3));
    newest.extend(pair.handshake());
    let setup = newest.len() + NTLM.len() + 13;
    newest.extend(pair.script(&[NTLM, SESSION].concat()));
    let mut classic = negotiated(x224::RDP, x224::RDP);
    classic.extend(mcs::classic("WKS-0417", Security::Proprietary));
    classic.extend((0..4).map(|nth| (Who::Server, mcs::fast_path(Who::Server, nth, 1_900))));
    vec![
        sealed("NTLM", x224::HYBRID_EX, NTLM),
        sealed("Kerberos", x224::HYBRID_EX, KERBEROS),
        sealed("TLS alone", x224::SSL, &[]),
        Story { name: "TLS 1.3", turns: newest, setup },
        Story { name: "standard security", turns: classic, setup: 22 },
    ]
}

/// One way to give up.
#[derive(Clone, Copy, Debug)]
struct Close {
    by: Who,
    is_reset: bool,
    /// Seconds after the last message.
    after: f64,
}

/// What is said when `turns` are all that was said, and all of it arrived.
fn given_up(turns: &[Turn], close: Close) -> Verdict {
    let mut talk = Talk::office();
    talk.handshake().turns(turns).ack(Who::Client).ack(Who::Server).wait(close.after);
    if close.is_reset {
        talk.rst(close.by);
    } else {
        talk.fin(close.by).ack(close.by.other()).fin(close.by.other()).ack(close.by);
    }
    look(&mut memory(&talk.packets()), Options::default()).only().verdict.clone()
}

/// What is said when nobody closes, and the capture goes on for so many seconds.
fn left_alone(turns: &[Turn], seconds: f64) -> Verdict {
    let mut talk = Talk::office();
    talk.handshake().turns(turns).ack(Who::Client).ack(Who::Server);
    let (client, server) = (Side::windows("10.20.4.99", 50_000).hops(0), Side::windows("10.20.9.9", 3389).hops(2));
    let mut other = Talk::new(client, server);
    other.now = talk.now;
    other.wait(seconds).handshake();
    let seen = look(&mut memory(&merge([talk.packets(), other.packets()])), Options::default());
    let case = seen.cases.iter().find(|case| case.session.client.port == talk.client.port);
    case.expect("it is there").verdict.clone()
}

fn closes(by: Who, after: f64) -> [Close; 2] {
    [false, true].map(|is_reset| Close { by, is_reset, after })
}

/// Each place where one side may give up, with who has spoken and who comes next.
fn places(story: &Story) -> impl Iterator<Item = (usize, Who, Who)> {
    let said = |nth: usize| story.turns[nth].0;
    (1..story.turns.len()).map(move |cut| (cut, said(cut - 1), said(cut)))
}

#[test]
fn a_close_proves_nothing() {
    for story in stories() {
        for (cut, ..) in places(&story) {
            for by in [Who::Client, Who::Server] {
                for close in [0.02, 4.0, 31.0, 61.0].into_iter().flat_map(|after| closes(by, after)) {
                    let verdict = given_up(&story.turns[..cut], close);
                    let what = format!("{}, {cut} messages, {close:?}: {:?}", story.name, verdict.cause);
                    let closer = if by == Who::Client { By::Client } else { By::Server };
                    assert_eq!(verdict.end.by, closer, "{what}");
                    assert!(verdict.outcome != Outcome::Died || verdict.sure < Sure::Proven, "{what}");
                    // A prompt comes behind the negotiation and nowhere else.
                    assert!(cut == 2 || verdict.cause != Some("rdp.prompt-timeout"), "{what}");
                }
            }
        }
    }
}

#[test]
fn who_waits_for_an_answer_is_not_to_blame() {
    let mut asked = 0;
    for story in stories() {
        let waits =
            |(cut, last, next): &(usize, Who, Who)| *cut <= story.setup && (*last, *next) == (Who::Client, Who::Server);
        for (cut, ..) in places(&story).filter(waits) {
            // Behind its Finished the TLS 1.3 server has nothing to add, and tickets come when they come.
            let is_through = story.name == "TLS 1.3" && cut == 5;
            for close in closes(Who::Client, 31.0).into_iter().filter(|_| !is_through) {
                let verdict = given_up(&story.turns[..cut], close);
                let by = verdict.death.map(|death| death.by);
                assert_eq!(by, Some(By::Server), "{}, {cut} messages, {close:?}: {:?}", story.name, verdict.cause);
                asked += 1;
            }
            if !is_through {
                let verdict = left_alone(&story.turns[..cut], 40.0);
                let by = verdict.death.map(|death| death.by);
                assert_eq!(by, Some(By::Server), "{}, {cut} messages, silence: {:?}", story.name, verdict.cause);
            }
        }
    }
    assert!(asked > 60, "{asked}");
}

#[test]
fn what_began_before_the_capture_has_not_stalled() {
    for story in stories() {
        let mut talk = Talk::office();
        talk.handshake().turns(&story.turns);
        let before = talk.packets().len();
        talk.wait(2.0).client(&mcs::fast_path(Who::Client, 77, 15)).ack(Who::Server).client(&mcs::fast_path(
            Who::Client,
            78,
            15,
        ));
        talk.ack(Who::Server);
        let packets = talk.packets().split_off(before);
        let mut other =
            Talk::new(Side::windows("10.20.4.99", 50_000).hops(0), Side::windows("10.20.9.9", 3389).hops(2));
        other.now = talk.now;
        other.wait(40.0).handshake();
        let seen = look(&mut memory(&merge([packets, other.packets()])), Options::default());
        let case = seen.cases.iter().find(|case| case.session.client.port == talk.client.port).expect("it is there");
        assert_ne!(case.verdict.outcome, Outcome::Died, "{}: {:?}", story.name, case.verdict.cause);
    }
}

#[test]
fn who_is_left_waiting_has_refused_nothing() {
    const REFUSALS: &[&str] = &["nla.refused", "nla.refused-no-code", "mcs.refused", "tls.server-silent-close"];
    for story in stories() {
        let waits =
            |(cut, last, next): &(usize, Who, Who)| *cut <= story.setup && (*last, *next) == (Who::Server, Who::Client);
        for (cut, ..) in places(&story).filter(waits) {
            for close in [31.0, 61.0].into_iter().flat_map(|after| closes(Who::Server, after)) {
                let verdict = given_up(&story.turns[..cut], close);
                let cause = verdict.cause.unwrap_or_default();
                assert!(!REFUSALS.contains(&cause), "{}, {cut} messages, {close:?}: {cause}", story.name);
            }
        }
    }
}
