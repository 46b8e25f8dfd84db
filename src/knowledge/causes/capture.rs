//! What the capture itself lacks: then the honest answer is that it cannot tell.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::{LINUX_CAPTURE, WHOLE, WINDOWS_CAPTURE};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "cap.one-way",
        title: "the capture shows only one direction",
        chapter: Chapter::Capture,
        meaning: "One side's packets are missing altogether, though the other side answers them. A mirror port \
            for one direction, or two paths of which one was captured.",
        wire: "data and growing acknowledgments from one side only",
        confused_with: &["tcp.syn-no-answer", "tcp.synack-unacked", "cap.incomplete"],
        fixes: &[Remedy::new("capture", "mirror both directions (SPAN: both), or capture on one of the hosts")],
        more: &[WINDOWS_CAPTURE, LINUX_CAPTURE],
        sources: &["practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.starts-mid-session",
        title: "the session was running when the capture began",
        chapter: Chapter::Capture,
        meaning: "The beginning is missing, and with it what was agreed on. The end may still be told.",
        wire: "no SYN, no connection request; the first packet is in the middle of a stream",
        confused_with: &["cap.incomplete", "cap.one-way"],
        fixes: WHOLE,
        more: &[WINDOWS_CAPTURE, LINUX_CAPTURE],
        sources: &["practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.ends-mid-session",
        title: "the capture stops before anything goes wrong",
        chapter: Chapter::Capture,
        meaning: "Nobody has closed and nothing has failed when the capture ends. What the user saw came later.",
        wire: "no FIN, no RST, no refusal until the last packet",
        confused_with: &["ok.open-at-end"],
        fixes: WHOLE,
        more: &[WINDOWS_CAPTURE, LINUX_CAPTURE],
        sources: &["practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.incomplete",
        title: "the capture lacks packets that the peers exchanged",
        chapter: Chapter::Capture,
        meaning: "The receiver acknowledged bytes that were never captured. The capture lost them, not the \
            network; every verdict but what a peer declared is one step less sure.",
        wire: "acknowledgments for bytes that are not in the capture, and no retransmission of them",
        confused_with: &["path.loss", "cap.drops", "cap.snaplen-cut"],
        fixes: &[Remedy::with(
            "capture",
            "capture on the host itself, with a larger buffer and a filter",
            "tcpdump -i any -s0 -B 65536 -w t.pcap 'port 3389'",
        )],
        more: &[WINDOWS_CAPTURE],
        sources: &["practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.snaplen-cut",
        title: "the capture holds only the beginning of packets",
        chapter: Chapter::Capture,
        meaning: "The capturing program was told to cut packets. Headers are there, contents are missing.",
        wire: "captured length is smaller than the length on the wire",
        confused_with: &["cap.incomplete"],
        fixes: &[Remedy::with("capture", "capture whole packets", "tcpdump -i any -s0 -w t.pcap 'port 3389'")],
        more: &[WINDOWS_CAPTURE],
        sources: &["pcap file format: snaplen", "draft-ietf-opsawg-pcapng"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.drops",
        title: "the capturing program lost packets",
        chapter: Chapter::Capture,
        meaning: "The capture says itself that it could not keep up. What is missing here was there on the wire.",
        wire: "the interface statistics of the file count drops, and bytes are missing",
        confused_with: &["cap.incomplete", "path.loss"],
        fixes: &[Remedy::with(
            "capture",
            "use a filter and a larger buffer, and write to a fast disk",
            "tcpdump -i any -s0 -B 65536 -w t.pcap 'port 3389'",
        )],
        sources: &["draft-ietf-opsawg-pcapng: Interface Statistics Block"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.clock-wrong",
        title: "the capturing machine's clock is wrong",
        chapter: Chapter::Capture,
        meaning: "The times in the file do not fit what client and server say of the time. Dates of certificates \
            are then judged wrongly.",
        wire: "the certificate's dates and the peers' own time stamps agree with each other and not with the \
            capture",
        confused_with: &["tls.cert-expired", "tls.cert-not-yet-valid", "nla.clock-skew"],
        fixes: &[Remedy::with(
            "capture",
            "set the clock of the capturing machine, or shift the file's times",
            "editcap -t SECONDS in.pcap out.pcap",
        )],
        sources: &["practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.clock-jump",
        title: "the clock of the capture jumped",
        chapter: Chapter::Capture,
        meaning: "The capturing machine set its clock in the middle, or files of several machines were merged. \
            Pauses across the jump mean nothing.",
        wire: "packet times that step back, or a gap that no timer of the peers confirms",
        confused_with: &["path.idle-expiry", "cap.clock-wrong"],
        fixes: &[Remedy::with(
            "capture",
            "put the packets in order, and merge only files of machines with the same clock",
            "reordercap in.pcap out.pcap",
        )],
        sources: &["practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "cap.out-of-step",
        title: "the two directions were captured out of step",
        chapter: Chapter::Capture,
        meaning: "Packets of one direction stand in the capture later than those of the other, as two taps, two \
            mirror ports or two queues of a card do it. Who spoke first, and what answered what, may be wrong by as \
            much.",
        wire: "acknowledgments that are captured before the bytes that they acknowledge",
        confused_with: &["cap.clock-jump", "path.loss"],
        fixes: &[Remedy::new(
            "capture",
            "capture both directions at one place with one clock: on a host itself, or on one mirror port for both",
        )],
        sources: &["RFC 9293 3.4"],
        ..Cause::BLANK
    },
];
