//! What is wrong with an input that could be read all the same.

use super::complaint::Complaint;
use super::watched::grouped;
use crate::frame::{Input, TruncationKind};

/// One complaint for each thing that weakens the verdicts on what `input` holds.
pub(super) fn of(input: &Input) -> Vec<Complaint> {
    let name = match input.path.to_string_lossy().as_ref() {
        "-" => "standard input".to_owned(),
        path => path.to_owned(),
    };
    let mut found = Vec::new();
    if let Some(cut) = &input.truncated {
        let what = match cut.why {
            TruncationKind::Cut => {
                let (needs, has) = (grouped(cut.needs), grouped(cut.has));
                format!("{name} is cut short: packet {} needs {needs} bytes, {has} are there", grouped(cut.frame))
            }
            TruncationKind::Damaged => format!("{name} is damaged: what follows packet {} is no packet", input.packets),
            TruncationKind::Compression => format!("{name}: the compressed data is damaged or ends early"),
            TruncationKind::Limit => format!("{name} expands to more than the limit; the rest was not read"),
        };
        let read = match input.packets {
            0 => "no packet before it was read".to_owned(),
            1 => "the packet before it was read".to_owned(),
            packets => format!("the {} packets before it were read", grouped(packets)),
        };
        let place = match cut.length {
            0 => format!("{name}, byte {}; {read}", grouped(cut.offset)),
            length => format!("{name}, byte {} of {}; {read}", grouped(cut.offset), grouped(length)),
        };
        found.push(Complaint::new(what).at(place));
    }
    if input.snaplen_cut > 0 {
        let (cut, all) = (grouped(input.snaplen_cut), grouped(input.packets));
        let what = match input.snaplen {
            Some(length) => format!(
                "{name} holds only {} bytes of each packet; {cut} of {all} are cut, certificates and most TLS messages \
                 cannot be read",
                grouped(u64::from(length))
            ),
            None => format!("{name}: {cut} of {all} packets are cut"),
        };
        found.push(Complaint::new(what).note("fix", "capture again without -s, or with -s 0"));
    }
    if input.unknown_link > 0 && input.unknown_link < input.packets {
        let (unknown, all) = (grouped(input.unknown_link), grouped(input.packets));
        found.push(Complaint::new(format!("{name}: {unknown} of {all} packets have a link type that cannot be read")));
    }
    if input.dropped > 0 {
        let dropped = grouped(input.dropped);
        found.push(Complaint::new(format!("{name}: the capturing program lost {dropped} packets")));
    }
    found.extend(input.warnings.iter().map(Complaint::new));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Truncation;

    #[test]
    fn a_cut_tail_says_where_and_what_was_read() {
        let truncated =
            Truncation { offset: 1948, length: 2000, frame: 8, needs: 147, has: 52, why: TruncationKind::Cut };
        let input = Input { path: "helpdesk.pcap".into(), packets: 7, truncated: Some(truncated), ..Input::default() };
        let text: String = of(&input).iter().map(|complaint| complaint.warning(80, false)).collect();
        assert_eq!(
            text,
            "\
warning: helpdesk.pcap is cut short: packet 8 needs 147 bytes, 52 are there
  --> helpdesk.pcap, byte 1,948 of 2,000; the 7 packets before it were read
"
        );
    }

    #[test]
    fn short_packets_say_how_to_capture() {
        let input = Input {
            path: "snap96.pcap".into(),
            packets: 3107,
            snaplen_cut: 2318,
            snaplen: Some(96),
            ..Input::default()
        };
        let text: String = of(&input).iter().map(|complaint| complaint.warning(80, false)).collect();
        assert_eq!(
            text,
            "\
warning: snap96.pcap holds only 96 bytes of each packet; 2,318 of 3,107 are cut,
         certificates and most TLS messages cannot be read
  = fix: capture again without -s, or with -s 0
"
        );
    }
}
