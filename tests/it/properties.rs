//! What holds for any packets: the same words give the same verdict however they are cut, and no bytes bring the
//! program down.

mod abandoned;
mod filtered;
mod garbage;
mod lossy;

use std::fmt;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rdpwhy::diagnose::Case;
use rdpwhy::engine::Options;
use rdpwhy::session::{Control, Direction, Event, EventKind};

use crate::captures::inside::{look, memory};
use crate::craft::cuts::{Plan, Turn, played_in};
use crate::craft::mcs::{self, Security};
use crate::craft::talk::{Side, Talk, Who};
use crate::craft::tls::{Certificate, Judge, ONLY_1_2, ONLY_1_3, Pair, Wish};
use crate::craft::x224;

/// So many cases, unless `PROPTEST_CASES` asks for another number. A failure prints its smallest input; a test of its
/// own keeps it better than a file of seeds.
pub(crate) fn cases(number: u32) -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { asked } else { ProptestConfig { cases: number, ..asked } }
}

/// A conversation: what is said, and how it ends.
struct Story {
    turns: Vec<Turn>,
    end: fn(&mut Talk) -> &mut Talk,
    cause: &'static str,
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the story of {:?}", self.cause)
    }
}

fn negotiated(protocols: u32, selected: u32) -> Vec<Turn> {
    vec![
        (Who::Client, x224::asks("jdoe", protocols)),
        (Who::Server, x224::confirm(&x224::selects(if selected == x224::RDP { 0 } else { 0x1f }, selected))),
    ]
}

/// TLS 1.2, an expired certificate, and a client that says so.
static EXPIRED: LazyLock<Story> = LazyLock::new(|| {
    let certificate = Certificate { not_after: (2026, 3, 9), ..Certificate::company("RDS-LEG01.corp.example") };
    let wish = Wish { certificate, judge: Judge::Trusts, ..Wish::plain(ONLY_1_2) };
    let mut turns = negotiated(x224::MODERN, x224::HYBRID_EX);
    turns.extend(Pair::new(&wish).handshake());
    Story { turns, end: |talk| talk.client_fin().server_rst(), cause: "tls.cert-expired" }
});

/// TLS 1.3, and a logon that the server answers by hanging up.
static NOT_LET_IN: LazyLock<Story> = LazyLock::new(|| {
    let mut turns = negotiated(x224::MODERN, x224::HYBRID_EX);
    let mut pair = Pair::new(&Wish::plain(ONLY_1_3));
    turns.extend(pair.handshake());
    turns.extend(pair.script(&[57, -200, 600]));
    turns.push(pair.close_notify(Who::Server));
    Story { turns, end: |talk| talk.server_fin().client_fin().ack(Who::Server), cause: "nla.refused-no-code" }
});

/// Standard security; the client goes between two channel joins, and nothing says why.
static UNEXPLAINED: LazyLock<Story> = LazyLock::new(|| {
    let mut turns = negotiated(x224::RDP, x224::RDP);
    let joins = mcs::joins("WKS-0417", Security::Proprietary);
    turns.extend(joins[..joins.len() - 4].to_vec());
    Story { turns, end: |talk| talk.client_fin().server_fin().ack(Who::Client), cause: "end.unexplained" }
});

/// The same, up and running until the user closes the window.
static CLASSIC: LazyLock<Story> = LazyLock::new(|| {
    let mut turns = negotiated(x224::RDP, x224::RDP);
    turns.extend(mcs::classic("WKS-0417", Security::Proprietary));
    turns.push((Who::Server, (0..4).flat_map(|nth| mcs::fast_path(Who::Server, nth, 1_900)).collect()));
    turns.push((Who::Client, mcs::fast_path(Who::Client, 9, 15)));
    turns.push((Who::Client, mcs::ultimatum(3)));
    Story { turns, end: |talk| talk.client_fin().server_fin().ack(Who::Client), cause: "rdp.standard-security" }
});

fn stories() -> impl Strategy<Value = &'static Story> {
    prop_oneof![Just(&*EXPIRED), Just(&*NOT_LET_IN), Just(&*UNEXPLAINED), Just(&*CLASSIC)]
}

/// The verdict on `story` under `plan`, with both sides counting from where they are told.
fn judged(story: &Story, plan: &Plan, counting: (u32, u32)) -> Case {
    let client = Side::windows("10.20.4.17", 51_544).hops(0).counting_from(counting.0);
    let server = Side::windows("10.20.1.9", 3389).hops(2).counting_from(counting.1);
    let mut talk = Talk::new(client, server);
    talk.handshake();
    played_in(&mut talk, &story.turns, plan);
    (story.end)(&mut talk);
    let seen = look(&mut memory(&talk.packets()), Options::default());
    seen.only().clone()
}

/// What `direction` said: every message that could be read, and the sizes of those that could not.
fn said(case: &Case, direction: Direction) -> Vec<String> {
    let events = case.session.timeline.iter().filter(|event| event.direction == direction);
    events.filter_map(word).collect()
}

fn word(event: &Event) -> Option<String> {
    match &event.kind {
        EventKind::Message(fact) => Some(format!("{fact:?}")),
        EventKind::Encrypted { content_type, length } => Some(format!("{content_type:?} of {length}")),
        EventKind::Malformed(fault) => Some(format!("{fault:?}")),
        EventKind::Gap { bytes } => Some(format!("gap of {bytes}")),
        EventKind::Tcp(Control::Fin) => Some("FIN".into()),
        EventKind::Tcp(Control::Rst(_)) => Some("RST".into()),
        EventKind::Tcp(_) | EventKind::Bulk { .. } => None,
    }
}

/// The last thing completed by the frame of death.
fn killer(case: &Case) -> Option<String> {
    let frame = case.verdict.death?.frame;
    case.session.timeline.iter().filter(|event| event.frame == frame).filter_map(word).next_back()
}

fn agree(bent: &Case, straight: &Case) -> TestCaseResult {
    for direction in [Direction::ClientToServer, Direction::ServerToClient] {
        prop_assert_eq!(said(bent, direction), said(straight, direction));
    }
    let verdict = |case: &Case| {
        let verdict = &case.verdict;
        let death = verdict.death.map(|death| (death.phase, death.by));
        (verdict.outcome, verdict.cause, verdict.sure, death, verdict.reached)
    };
    prop_assert_eq!(verdict(bent), verdict(straight));
    prop_assert_eq!(killer(bent), killer(straight));
    Ok(())
}

fn plans() -> impl Strategy<Value = Plan> {
    let size = prop_oneof![1..12_usize, 1..200_usize, 200..1460_usize];
    (vec(size, 0..8), vec(any::<usize>(), 0..24), vec(any::<usize>(), 0..12)).prop_map(|(sizes, swaps, repeats)| Plan {
        sizes,
        swaps,
        repeats,
    })
}

/// Where a side begins to count: anywhere, or so that it wraps within the conversation.
fn counts() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), (0..6_000_u32).prop_map(|before| u32::MAX - before)]
}

/// Far from the wrap.
const CALM: (u32, u32) = (1_000_000, 2_000_000);

/// The stories are what they claim to be; otherwise the properties below would hold of nothing.
#[test]
fn the_stories_end_as_told() {
    for story in [&*EXPIRED, &*NOT_LET_IN, &*UNEXPLAINED, &*CLASSIC] {
        let case = judged(story, &Plan::default(), CALM);
        assert_eq!(case.verdict.cause, Some(story.cause), "{:?}", case.verdict);
        assert_eq!(case.verdict.death.is_some(), killer(&case).is_some());
        assert!(said(&case, Direction::ClientToServer).len() > 3);
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_cut_order_and_repetition_tell_the_same(story in stories(), plan in plans()) {
        agree(&judged(story, &plan, CALM), &judged(story, &Plan::default(), CALM))?;
    }

    #[test]
    fn counting_past_the_end_changes_nothing(
        story in stories(),
        plan in prop_oneof![Just(Plan::default()), plans()],
        counting in (counts(), counts()),
    ) {
        agree(&judged(story, &plan, counting), &judged(story, &plan, CALM))?;
    }
}
