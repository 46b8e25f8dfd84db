//! What must hold of any bytes. Fuzz targets call these with what they make up; `cargo test` calls them with what once
//! went wrong (`regressions/`). An oracle panics when something does not hold.

mod container;
mod messages;
mod packets;
mod pipe;
mod stream;
mod words;

/// Takes any bytes, and panics where something is wrong with the program.
type Oracle = fn(&[u8]);

/// Each oracle by the name of its fuzz target and of its folder in `regressions/`.
pub(crate) const ORACLES: &[(&str, Oracle)] = &[
    ("pipe", pipe::whole),
    ("container", container::agrees),
    ("packets", packets::decoded),
    ("stream", stream::ordered),
    ("conversation", stream::cut_anyhow),
    ("x224", messages::x224),
    ("mcs", messages::mcs),
    ("share", messages::share),
    ("tls", messages::tls),
    ("certificate", messages::certificate),
    ("kerberos", messages::kerberos),
    ("dns", messages::dns),
    ("udp", messages::udp),
    ("filter", words::filter),
    ("options", words::options),
];

/// Holds `bytes` against the oracle of that name.
pub(crate) fn run(name: &str, bytes: &[u8]) {
    let (_, oracle) = ORACLES.iter().find(|(known, _)| *known == name).expect("an oracle of that name");
    oracle(bytes);
}

/// Nothing in `text` can move a cursor, hide or reorder characters.
fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    })
}
