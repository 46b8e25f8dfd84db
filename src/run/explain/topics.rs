//! Pages that are no numbers: families of numbers, phases, events, JSON, the session filter.

use super::page::Page;
use super::roster::FAMILIES;
use crate::report::filter_keys::{FilterKey, KEYS};
use crate::tui::keymap;
use crate::tui::keys::{BINDINGS, GROUPS};

/// The page on `topic`, if there is one.
pub(super) fn page(topic: &str) -> Option<Page> {
    Some(match topic.to_ascii_lowercase().as_str() {
        "codes" => codes(),
        "phases" => phases(),
        "events" => events(),
        "json" => json(),
        "filter" => filter(),
        "keys" => keys(),
        _ => return None,
    })
}

/// The keys of the terminal UI.
fn keys() -> Page {
    let mut page =
        Page::headed("Keys of rdpwhy tui. A key means the same on every screen; ? there lists those\nthat work.");
    for group in GROUPS {
        page.say(format!("\n{group}"));
        for binding in BINDINGS.iter().filter(|binding| binding.group == group) {
            let keys = binding.shown.replace('↑', "Up").replace('↓', "Down").replace('→', "Right").replace('←', "Left");
            page.say(format!("  {keys:<14} {}", binding.help));
        }
    }
    page.say("\nOther keys stand in the configuration, by the name of what they do:\n[keys] death = \"x\"");
    let mut names: Vec<String> = BINDINGS.iter().map(|binding| keymap::name(binding.action)).collect();
    names.sort_unstable();
    page.wrap("  ", &names.join(", "));
    page
}

/// Families of numbers.
fn codes() -> Page {
    let mut page = Page::headed("Numbers of the field: in hexadecimal or decimal, or by symbol.\n");
    let width = FAMILIES.iter().map(|family| family.example.len()).max().unwrap_or_default();
    for family in FAMILIES.iter() {
        page.wrap(&format!("  {:<width$}  ", family.example), family.what);
    }
    page.say(
        "
  rdpwhy explain 0x904 0x7              both numbers of a dialog
  rdpwhy explain 0x904 0x7 FILE         and what the capture says to that
  rdpwhy explain neg                    the numbers of a family
  rdpwhy explain certificate_expired    by symbol; heads as in ERRINFO_ may go
  rdpwhy explain 5                      everything that is 5",
    );
    page
}

/// letter, name, what is said, what can be seen without keys
const PHASES: &[(char, &str, &str, &str)] = &[
    ('T', "TCP", "connect: SYN, SYN,ACK, ACK", "all of it: refusals, silence, who closed, TTL"),
    (
        'X',
        "X.224",
        "which security the client offers, the server chooses",
        "all of it, in clear: offers, choice, refusal",
    ),
    ('L', "TLS", "versions, ciphers, certificate", "hellos and alerts; certificate up to TLS 1.2; in 1.3 sizes"),
    ('N', "NLA", "who logs on, before there is a session (CredSSP)", "sizes and order: accepted or refused, not why"),
    ('M', "MCS", "screen, channels, name of the client (MCS, GCC)", "sizes and order; in clear without TLS"),
    ('R', "RDP", "logon data, licensing, abilities, then the desktop", "sizes, order, time; in clear without TLS"),
];

/// `TXLNMR`.
fn phases() -> Page {
    let mut page = Page::headed("TXLNMR: how far a session came, as in reached and phase:tls.\n");
    for (letter, name, said, seen) in PHASES {
        page.say(format!("  {letter}  {name:<6} {said}"));
        page.wrap("            without keys: ", seen);
    }
    page.say(
        "
N is missing where the server did not choose NLA. \"reached\" in JSON has the
letters that were seen, \"reached_inferred\" those known by sizes and order.

  = source: MS-RDPBCGR 1.3.1.1, MS-CSSP 3.1.5
  = next: rdpwhy -Y phase:tls FILE",
    );
    page
}

/// Where to look when a packet shows who closed, and not why.
fn events() -> Page {
    const QUESTIONS: &[(&str, &str)] = &[
        ("server closes on ClientHello", "36870 36871 36872 36874; 1057 1058 (System)"),
        ("a TLS alert", "36887 received, 36888 sent (System)"),
        ("RDP certificate", "1056 new, 1057 1058 not made (System)"),
        ("the listener", "258 260 261 (RemoteConnectionManager)"),
        ("did a packet arrive?", "131 with the client's address (RdpCoreTS)"),
        ("logon refused", "4625 (Security); 140 (RdpCoreTS)"),
        ("at the domain controller", "4771 4776 4740 (Security)"),
        ("NTLM forbidden", "4004 (NTLM)"),
        ("bytes that are not understood", "97 139 226 (RdpCoreTS); 50 56 (TermDD)"),
        ("UDP side channel", "130 135 136 138 (RdpCoreTS)"),
        ("session began, ended", "21 to 25, 39, 40 (LocalSessionManager)"),
        ("what the client noticed", "1024 1026 226 (ClientActiveXCore)"),
        ("licensing", "1003 1004 (RemoteConnectionManager)"),
        ("the broker", "2056 1296 (SessionBroker)"),
    ];
    let mut page = Page::headed("Windows events that say more, by question.\n");
    for (question, events) in QUESTIONS {
        page.wrap(&format!("  {question:<30}"), events);
    }
    page.say(
        "
RemoteConnectionManager, LocalSessionManager and ClientActiveXCore begin with
Microsoft-Windows-TerminalServices-, RdpCoreTS with
Microsoft-Windows-RemoteDesktopServices-.

  = source: each event names its own
  = next: one of them, as in: rdpwhy explain event:36870",
    );
    page
}

/// What `--json` prints.
fn json() -> Page {
    const RECORDS: &[(&str, &str)] = &[
        ("input", "a file: path, format, packets, first, last, truncated, dropped"),
        (
            "session",
            "outcome, cause, sure, headline; client, server, user_hint; start, duration; reached, death {frame, \
          phase, by}, end {how, by}; evidence, findings, not_it, could_be, fixes, next, means, notes; negotiation, tls, \
          certificate, client_info, network, capture",
        ),
        ("brief", "with --brief instead of a session: outcome, cause, sure, death, end, alert, certificate_state"),
        ("attempt", "the connections of one try of one user, and what became of it"),
        ("hint", "where nothing began, what may be why: cause, sure, client, frames, headline"),
        ("summary", "sessions, outcomes, causes, packets, bytes, seconds, exit_code"),
    ];
    let mut page = Page::headed("--json prints one record a line; \"type\" tells which.\n");
    for (record, fields) in RECORDS {
        page.wrap(&format!("  {record:<9}"), fields);
    }
    page.say(
        "
Times are UTC with nanoseconds, durations seconds; what is absent is left out.
Frames are Wireshark's numbers, from 1 in each file; \"files\" beside \"frames\"
names the file of each where a session is in several. Within
\"schema\":\"rdpwhy/1\" fields may be added, never changed.

  = source: src/report/schema.json describes every field
  = next: rdpwhy --json FILE | jq -r 'select(.type == \"session\") | .cause'",
    );
    page
}

/// Keys of the session filter.
fn filter() -> Page {
    let mut page = Page::headed(
        "\
Words side by side mean and; or, not (also -word, !word) and parentheses as
usual; * stands for anything; a bare word searches addresses, names, user hints
and causes. As in Wireshark, key == value, key != value, && and || will do.
Times are in ms, s, min or h, as in rtt>150ms; a plain number is seconds.
",
    );
    for FilterKey { example, meaning, .. } in KEYS {
        page.wrap(&format!("  {example:<22}"), meaning);
    }
    page.say("\n  rdpwhy -Y 'died server:10.20.1.9 (cause:tls.* or cause:neg.*)' day.pcapng");
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json::JSON_SCHEMA;
    use crate::run::explain::lookup;
    use crate::session::Phase;

    #[test]
    fn pages_fit_a_screen() {
        for text in [codes(), phases(), events(), json(), filter()].map(|page| page.to_string()) {
            assert!(text.lines().count() <= 34, "{} lines: {text}", text.lines().count());
        }
        for text in [codes(), phases(), events(), json(), filter(), keys()].map(|page| page.to_string()) {
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }

    #[test]
    fn phases_are_those_of_every_report() {
        let own: Vec<char> = PHASES.iter().map(|row| row.0).collect();
        assert_eq!(own, Phase::ALL.map(Phase::letter));
        assert!(PHASES.iter().zip(Phase::ALL).all(|(row, phase)| row.1 == phase.label()));
    }

    #[test]
    fn every_event_named_is_known() {
        for word in events().to_string().split(|letter: char| !letter.is_ascii_digit()).filter(|word| !word.is_empty())
        {
            let (_, hits) = lookup::by_address(&format!("event:{word}")).expect("a family");
            assert!(!hits.is_empty(), "{word}");
        }
    }

    #[test]
    fn fields_named_are_in_the_schema() {
        let text = json().to_string();
        let (_, records) = text.split_once("which.\n").expect("records");
        let (records, _) = records
            .split_once("\n\n")
            .map(|(_, rest)| rest.split_once("\n\n").expect("an end"))
            .unwrap_or((records, ""));
        for word in
            records.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| word.contains('_'))
        {
            assert!(JSON_SCHEMA.contains(&format!("\"{word}\"")), "{word}");
        }
    }

    #[test]
    fn what_is_said_of_the_filter_is_true() {
        for FilterKey { example, .. } in KEYS {
            let parsed = crate::report::Filter::parse(example, &jiff::tz::TimeZone::UTC);
            assert!(parsed.is_ok(), "{example}: {parsed:?}");
        }
    }
}
