//! Captures that were made with a filter, a short snap length or a clock that stands still: they make a verdict less sure,
//! and never another one.

use rdpwhy::capture::{self, CaptureError, Next, Progress, Source};
use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{Outcome, Sure};
use rdpwhy::engine::Options;
use rdpwhy::frame::{Frame, Input, Timestamp};

use crate::captures::inside::{Seen, look, memory};
use crate::captures::{folder, names};
use crate::craft::file::{Packet, merge};
use crate::craft::frame::{FIN, RST, SYN};
use crate::craft::hello;
use crate::craft::talk::{Talk, Who};
use crate::craft::x224;

/// What becomes of a frame.
type Alter = fn(Frame<'_>) -> Option<Frame<'_>>;

/// A source whose frames are other ones, or none, before anybody sees them.
struct Altered<S> {
    source: S,
    alter: Alter,
}

impl<S: Source> Source for Altered<S> {
    fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        Ok(match self.source.next()? {
            Next::Frame(frame) => {
                let time = frame.time;
                (self.alter)(frame).map_or(Next::Idle(time), Next::Frame)
            }
            other => other,
        })
    }

    fn inputs(&self) -> &[Input] {
        self.source.inputs()
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }
}

fn altered(name: &str, alter: Alter) -> Seen {
    let source = capture::open_one(&folder().join(name), &capture::Options::default()).expect("a capture");
    look(&mut Altered { source, alter }, Options::default())
}

fn whole(name: &str) -> Seen {
    altered(name, |frame| Some(frame))
}

/// Flags and length of the payload, of TCP in IPv4 in Ethernet.
fn tcp(frame: &Frame<'_>) -> Option<(u8, usize)> {
    let ip = frame.bytes.get(14..).filter(|ip| ip.len() > 33 && frame.bytes[12..14] == [8, 0] && ip[9] == 6)?;
    let (header, length) = (usize::from(ip[0] & 15) * 4, usize::from(u16::from_be_bytes([ip[2], ip[3]])));
    let own = usize::from(ip.get(header + 12)? >> 4) * 4;
    Some((*ip.get(header + 13)?, length.saturating_sub(header + own)))
}

fn with_payload(frame: Frame<'_>) -> Option<Frame<'_>> {
    tcp(&frame).is_none_or(|(_, length)| length > 0).then_some(frame)
}

fn with_payload_or_flags(frame: Frame<'_>) -> Option<Frame<'_>> {
    tcp(&frame).is_none_or(|(flags, length)| length > 0 || flags & (SYN | FIN | RST) != 0).then_some(frame)
}

fn with_flags(frame: Frame<'_>) -> Option<Frame<'_>> {
    tcp(&frame).is_none_or(|(flags, _)| flags & (SYN | FIN | RST) != 0).then_some(frame)
}

fn cut_to<const BYTES: usize>(frame: Frame<'_>) -> Option<Frame<'_>> {
    Some(Frame { bytes: &frame.bytes[..frame.bytes.len().min(BYTES)], ..frame })
}

fn without<const FRAME: u64>(frame: Frame<'_>) -> Option<Frame<'_>> {
    (frame.number.number() != FRAME).then_some(frame)
}

fn until<const FRAME: u64>(frame: Frame<'_>) -> Option<Frame<'_>> {
    (frame.number.number() <= FRAME).then_some(frame)
}

fn timeless(frame: Frame<'_>) -> Option<Frame<'_>> {
    Some(Frame { time: Timestamp(0), ..frame })
}

fn told(case: &Case) -> (Outcome, Option<&'static str>) {
    (case.verdict.outcome, case.verdict.cause)
}

/// Each case of the altered capture with that of the whole one.
fn pairs<'c>(altered: &'c Seen, whole: &'c Seen) -> impl Iterator<Item = (&'c Case, &'c Case)> {
    let is_same = |one: &Case, other: &Case| {
        (one.session.client, one.session.server) == (other.session.client, other.session.server)
    };
    altered.cases.iter().filter_map(move |case| Some((case, whole.cases.iter().find(|other| is_same(case, other))?)))
}

#[test]
fn without_bare_acknowledgments_nobody_is_sure_of_another_cause() {
    for name in names() {
        for alter in [with_payload as Alter, with_payload_or_flags] {
            for (case, whole) in pairs(&altered(&name, alter), &whole(&name)) {
                let is_healthy = matches!(whole.verdict.outcome, Outcome::Ok | Outcome::Warn);
                let is_other = case.verdict.outcome == Outcome::Died
                    && (is_healthy || case.verdict.sure >= Sure::Strong && told(case) != told(whole))
                    // The server's complaint of what is damaged stays its complaint.
                    && case.verdict.cause != Some("tls.alert-server");
                assert!(!is_other, "{name}: {:?} {:?}, once {:?}", told(case), case.verdict.sure, told(whole));
            }
        }
    }
}

#[test]
fn where_only_payload_was_captured_nobody_sees_an_end() {
    for name in ["end.server-reset--process-killed.pcapng", "path.idle-expiry--reset-after-412-s.pcap"] {
        assert_eq!(told(altered(name, with_payload).only()), (Outcome::Unsure, Some("cap.incomplete")), "{name}");
    }
}

#[test]
fn what_was_not_captured_is_no_reason_to_call_a_session_dead() {
    let some = |alter: Alter| {
        for name in names().into_iter().filter(|name| name.starts_with("healthy--")) {
            for (case, whole) in pairs(&altered(&name, alter), &whole(&name)) {
                let is_death = case.verdict.outcome == Outcome::Died && whole.verdict.outcome != Outcome::Died;
                assert!(!is_death, "{name}: {:?} {}", told(case), case.verdict.headline);
            }
        }
    };
    [with_flags as Alter, cut_to::<54>, cut_to::<68>, cut_to::<262>].into_iter().for_each(some);
}

#[test]
fn a_reset_that_counts_more_than_came_by_ends_something_unknown() {
    let seen = altered("cap.incomplete--no-confirm.pcap", with_flags);
    assert_eq!(told(seen.only()), (Outcome::Unsure, Some("end.unexplained")));
}

#[test]
fn a_clock_that_stands_still_does_not_make_a_stray_reset_believed() {
    let seen = altered("healthy--stray-rst-ignored.pcapng", timeless);
    assert_ne!(seen.only().verdict.outcome, Outcome::Died, "{}", seen.text);
    let late = altered("x224.no-confirm--server-closes-late.pcap", timeless);
    assert!(late.only().verdict.sure < Sure::Strong, "{}", late.text);
    assert!(late.only().verdict.findings.iter().any(|finding| finding.id == "cap.clock-wrong"));
}

/// The acknowledgment before the silence is missing; what it acknowledges was not sent again.
#[test]
fn a_lost_acknowledgment_does_not_break_a_silence() {
    let idle = "path.idle-expiry--reset-after-412-s.pcap";
    assert_eq!(told(altered(idle, without::<50>).only()), told(whole(idle).only()));
    let balancer = "path.lb-reset--both-sides.pcap";
    assert_eq!(told(altered(balancer, without::<50>).only()), told(whole(balancer).only()));
}

#[test]
fn an_answer_that_was_acknowledged_and_not_captured_was_given() {
    let seen = altered("tls.cert-expired--user-cancels.pcap", without::<7>);
    assert_eq!(seen.only().verdict.outcome, Outcome::Unsure, "{}", seen.text);
}

#[test]
fn who_leaves_a_session_of_which_packets_are_missing_may_have_said_so() {
    let died = altered("end.client-died--killed.pcapng", without::<10>);
    assert_eq!(died.only().verdict.sure, Sure::Unsure, "{}", died.text);
    // A picture is no goodbye of the client's.
    let unseen = altered("end.client-died--killed.pcapng", without::<68>);
    assert_eq!(told(unseen.only()), (Outcome::Died, Some("end.client-died")), "{}", unseen.text);
    let left = altered("healthy--standard-security-rdesktop.pcapng", without::<6>);
    assert_ne!(left.only().verdict.outcome, Outcome::Died, "{}", left.text);
}

/// Without the confirm nobody knows whether what is inside TLS begins with a logon.
#[test]
fn what_was_agreed_on_before_the_capture_is_not_guessed() {
    fn behind<const FRAME: u64>(frame: Frame<'_>) -> Option<Frame<'_>> {
        (frame.number.number() > FRAME).then_some(frame)
    }
    for name in ["nla.refused-no-code--alert.pcap", "nla.authz-denied--four-bytes.pcap"] {
        let seen = altered(name, behind::<5>);
        assert_eq!(seen.only().verdict.outcome, Outcome::Unsure, "{name}: {}", seen.text);
    }
    let left = altered("ok.prompt-reconnect--second-runs-through.pcap", behind::<5>);
    assert!(left.cases.iter().all(|case| case.verdict.outcome != Outcome::Died), "{}", left.text);
}

fn packets(name: &str) -> Vec<Packet> {
    let mut source = capture::open_one(&folder().join(name), &capture::Options::default()).expect("a capture");
    let mut packets = Vec::new();
    while let Ok(Next::Frame(frame)) = source.next() {
        let (time_ns, length) = (frame.time.0.cast_unsigned(), frame.original_length as usize);
        packets.push(Packet { time_ns, bytes: frame.bytes.to_vec(), length });
    }
    packets
}

/// Copies that come a quarter of a second late stand behind the reset of their sender.
#[test]
fn a_late_copy_is_nobody_who_goes_on_talking() {
    let name = "healthy--mstsc-tls13.pcap";
    let mut copies = packets(name);
    copies.iter_mut().for_each(|copy| copy.time_ns += 250_000_000);
    let seen = look(&mut memory(&merge([packets(name), copies])), Options::default());
    assert_ne!(seen.only().verdict.outcome, Outcome::Died, "{}", seen.text);
}

/// A mirror port that copies the server's packets alone: the client's reset is single as everything of the client is.
#[test]
fn what_is_never_copied_on_one_side_is_no_sign() {
    let name = "healthy--mstsc-tls13.pcap";
    let is_servers = |packet: &Packet| packet.bytes.get(34..36) == Some(&3389_u16.to_be_bytes());
    let twice = |packet: Packet| {
        let count = 1 + usize::from(is_servers(&packet));
        std::iter::repeat_n(packet, count)
    };
    let packets: Vec<Packet> = packets(name).into_iter().flat_map(twice).collect();
    let seen = look(&mut memory(&packets), Options::default());
    assert_eq!(told(seen.only()), told(whole(name).only()), "{}", seen.text);
}

/// What looks like a redirection by its shape is none where records were cut off.
#[test]
fn who_comes_back_after_cut_packets_was_not_sent_on() {
    let seen = altered("tcp.rst-injected--mid-session.pcapng", cut_to::<96>);
    assert!(seen.cases.iter().all(|case| case.verdict.cause != Some("redirect")), "{}", seen.text);
}

#[test]
fn before_the_first_picture_a_session_is_not_called_well() {
    let name = "lic.no-server--in-clear.pcap";
    let error = whole(name).only().verdict.death.expect("it died").frame.number();
    assert_eq!(error, 22, "the capture is another one now");
    assert_eq!(told(altered(name, until::<21>).only()), (Outcome::Unsure, Some("cap.ends-mid-session")));
}

/// A capture that ends right behind the second answer does not show whether it was the last one.
#[test]
fn a_second_answer_to_the_syn_may_still_be_heard() {
    let name = "tcp.synack-unacked--server-side.pcap";
    // Here no time goes by behind the last packet.
    let first = |count: usize| look(&mut memory(&packets(name)[..count]), Options::default());
    assert_eq!(first(4).only().verdict.outcome, Outcome::Unsure);
    assert_eq!(told(first(6).only()), (Outcome::Died, Some("tcp.synack-unacked")));
}

/// Next to a client whose network card cuts what it is given, the long ClientHello is one packet.
#[test]
fn a_hello_that_the_network_card_cuts_loses_its_rest_too() {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).wait(0.1);
    talk.server(&x224::confirm(&x224::selects(0x1f, x224::HYBRID))).wait(0.1);
    let at = talk.client.next;
    let mut hello = hello::client_hello(hello::TLS_1_2, hello::SUITES, &"long.".repeat(400), 1);
    assert!(hello.len() > 1_800, "{}", hello.len());
    talk.offload = Some(Who::Client);
    talk.lose_later().client(&hello);
    let mut receipt = talk.draft(Who::Server);
    receipt.ack = at.wrapping_add(1_460);
    talk.forge(receipt);
    let rest = hello.split_off(1_460);
    for pause in [0.3, 0.6, 1.2, 2.4, 4.8] {
        talk.wait(pause).lose_later().say_at(Who::Client, at.wrapping_add(1_460), &rest);
    }
    talk.wait(2.0).client_rst();
    let seen = look(&mut memory(&talk.packets()), Options::default());
    assert_eq!(seen.only().verdict.cause, Some("tls.hello-split-drop"), "{}", seen.text);
}
