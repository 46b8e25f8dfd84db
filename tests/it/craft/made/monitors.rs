//! Programs that look whether RDP answers, beside people and programs of people. No file holds these stories.

use rdpwhy::diagnose::verdict::Outcome;

use super::super::talk::{Side, Talk, Who};
use super::super::x224::{self, Token};
use super::judged;

/// Requests of one client, so many seconds apart, each answered with `answer`, upon which the client leaves.
fn asks_again(token: Token, wants: &[u8], answer: &[u8], pauses: &[f64]) -> Vec<(Outcome, Option<&'static str>)> {
    let mut now = Talk::office().now;
    let mut talks = Vec::new();
    for (nth, pause) in pauses.iter().enumerate() {
        let client = Side::linux("10.20.0.50", 40_000 + nth as u16);
        let mut talk = Talk::new(client, Side::windows("10.20.1.9", 3389).hops(2));
        talk.now = now;
        let token = match token {
            Token::Cookie(name) => Token::Cookie(name),
            _ => Token::None,
        };
        talk.handshake().client(&x224::request(token, wants)).server(&x224::confirm(answer));
        talk.client_fin().server_fin().ack(Who::Client);
        talks.push(talk);
        now += (pause * 1e9) as u64;
    }
    judged(&talks).iter().map(|case| (case.verdict.outcome, case.verdict.cause)).collect()
}

/// check_x224 of Nagios and its like: eleven bytes, once a minute. That the server wants NLA is no news to them.
#[test]
fn a_bare_request_once_a_minute_is_a_monitor() {
    let refused = x224::refuses(5);
    for answer in [&[][..], &refused] {
        let told = asks_again(Token::None, &[], answer, &[60.0; 8]);
        assert_eq!(told, [(Outcome::Scan, Some("scan.health-check")); 8]);
    }
    // A kiosk that tries to log its user on is none, nor is one that wants security, nor one that a person starts.
    let kiosk = asks_again(Token::Cookie("kiosk"), &[], &refused, &[60.0; 8]);
    let wanting = asks_again(Token::None, &x224::wants(0, x224::SSL), &refused, &[60.0; 8]);
    let by_hand = asks_again(Token::None, &[], &refused, &[9.0, 31.0, 14.0, 52.0, 7.0, 20.0, 0.0]);
    for told in [kiosk, wanting, by_hand] {
        assert!(told.iter().all(|told| *told == (Outcome::Died, Some("neg.hybrid-required"))), "{told:?}");
    }
}

/// Who asks for standard security, is given it, and leaves at once only wanted to know.
#[test]
fn who_takes_the_answer_and_leaves_wanted_to_know() {
    let told = asks_again(Token::None, &[], &[], &[0.0]);
    assert_eq!(told, [(Outcome::Scan, Some("scan.negotiation"))]);
}
