//! What is wrong with the inputs, said before anything that was concluded from them.

use std::io::{self, Write};

use crate::frame::{Input, Truncation, TruncationKind};
use crate::report::format::{Style, shown_path};
use crate::report::pen::{Ink, Line, hanging};
use crate::report::time::{count, counted};

/// Writes the warnings about `inputs`, if there are any.
///
/// # Errors
/// Whatever `out` answers.
pub fn write_warnings(inputs: &[Input], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    inputs.iter().flat_map(|input| warnings(input, style)).try_for_each(|line| line.write(style, out))
}

fn warnings(input: &Input, style: &Style) -> Vec<Line> {
    let path = shown_path(input);
    let warning = |text: &str| {
        let head = Line::new(style).with(Ink::Yellow, "warning").with(Ink::Plain, ": ");
        hanging(style, &head, text)
    };
    let foot = |text: &str| hanging(style, &Line::new(style).with(Ink::Plain, "  = "), text);
    let mut lines = Vec::new();
    if let Some(cut) = &input.truncated {
        lines.extend(warning(&truncation(&path, cut)));
        let read = match input.packets {
            0 => "no packet could be read before it".to_owned(),
            1 => "the packet before it was read".to_owned(),
            packets => format!("the {} before it were read", counted(packets, "packet")),
        };
        let place = format!("{path}, byte {} of {}; {read}", count(cut.offset), count(cut.length));
        lines.extend(hanging(style, &Line::new(style).with(Ink::Cyan, "  --> "), &place));
    }
    if input.snaplen_cut > 0 {
        let size = |size: u32| format!("only {}", counted(size.into(), "byte"));
        let size = input.snaplen.map_or_else(|| "only the beginning".into(), size);
        lines.extend(warning(&format!(
            "{path} holds {size} of each packet; {} of {} {} cut, certificates and most TLS messages cannot be read",
            count(input.snaplen_cut),
            count(input.packets),
            if input.snaplen_cut == 1 { "is" } else { "are" }
        )));
        lines.extend(foot("fix: capture again without -s, or with -s 0"));
    }
    if input.dropped > 0 {
        let packets = counted(input.dropped, "packet");
        lines
            .extend(warning(&format!("{path}: {packets} dropped while capturing; what is absent may have been there")));
    }
    if input.unknown_link > 0 {
        let packets = counted(input.unknown_link, "packet");
        lines.extend(warning(&format!("{path}: {packets} of a link type that cannot be read, skipped")));
    }
    if input.has_keys {
        let head = Line::new(style).with(Ink::Cyan, "note").with(Ink::Plain, ": ");
        let text = "holds TLS keys; this version does not decrypt with them, Wireshark does";
        lines.extend(hanging(style, &head, &format!("{path} {text}")));
    }
    for text in &input.warnings {
        lines.extend(warning(&format!("{path}: {text}")));
    }
    lines
}

fn truncation(path: &str, cut: &Truncation) -> String {
    let frame = count(cut.frame);
    match cut.why {
        TruncationKind::Cut => {
            format!(
                "{path} is cut short: packet {frame} needs {} bytes, {} are there",
                count(cut.needs),
                count(cut.has)
            )
        }
        TruncationKind::Damaged => format!("{path} is damaged: packet {frame} cannot be read, nor anything behind it"),
        TruncationKind::Compression => {
            format!("{path}: the compressed data ends early or is damaged at packet {frame}")
        }
        TruncationKind::Limit => format!("{path} expands beyond the limit; reading stopped at packet {frame}"),
    }
}
