//! The two numbers of the Windows client together: what each says, why the pair names no cause, and what it turned out to
//! be. Nothing here is a frequency or a rank: nobody has measured one.

use super::leads::{self, is_known};
use super::lookup::{family, numbers};
use super::page::Page;
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::knowledge::client::{
    EXTENDED_REASONS, OBSERVED_REASONS, REASONS, SOCKET_CLOSED, is_set_error_info, on_the_wire,
};
use crate::knowledge::code::{Code, find};
use crate::knowledge::disconnect::ERROR_INFO;

/// Words of the dialog that people paste with the numbers.
const DIALOG: &[&str] = &["error", "code", "extended", "and", "with"];

/// Both numbers in a line of whatever words and language, where they are the only ones that are marked as hexadecimal.
pub(super) fn in_line(line: &str) -> Option<(u32, u32)> {
    let line = line.to_ascii_lowercase();
    let parts = line.split(|letter: char| letter.is_whitespace() || ",;:()[]/".contains(letter));
    let marked: Vec<&str> = parts.filter(|part| part.starts_with("0x")).collect();
    // What is said to be of another kind is that.
    let is_kind = |word: &str| {
        let (kind, value) = word.split_once(':').unwrap_or_default();
        !value.is_empty() && !DIALOG.contains(&kind) && family(kind).is_some()
    };
    if marked.len() != 2 || line.split_whitespace().any(is_kind) {
        return None;
    }
    of(&marked.iter().map(|part| part.trim_end_matches(['.', '"', '\'']).to_owned()).collect::<Vec<_>>())
}

/// `0x904 0x7`, `2308/7`, `Error code: 0x904 Extended error code: 0x7`; `None` when `words` are no such pair.
pub(super) fn of(words: &[String]) -> Option<(u32, u32)> {
    let text = words.join(" ").to_ascii_lowercase();
    let parts: Vec<&str> = text
        .split(|letter: char| letter.is_whitespace() || "/,;:+()".contains(letter))
        .filter(|part| !part.is_empty() && !DIALOG.contains(part))
        .collect();
    let [reason, extended] = parts[..] else { return None };
    let known = |word: &str, tables: &[&'static [Code]]| {
        numbers(word).into_iter().find(|value| tables.iter().any(|table| find(table, *value).is_some()))
    };
    Some((known(reason, &[REASONS, OBSERVED_REASONS])?, known(extended, &[EXTENDED_REASONS, ERROR_INFO])?))
}

/// What to say of a session when the client showed these numbers: whether it can be the same attempt.
pub(super) fn note(words: &[String]) -> fn(&Case) -> Option<&'static str> {
    match of(words) {
        Some((SOCKET_CLOSED, _)) => beside_socket_closed,
        _ => |_| None,
    }
}

fn beside_socket_closed(case: &Case) -> Option<&'static str> {
    let died = case.verdict.outcome == Outcome::Died;
    let no_answer = case.session.server_side().syn().is_none() && !case.session.is_midstream();
    match case.verdict.cause {
        _ if !died => None,
        _ if no_answer => {
            Some("without a TCP connection the Windows client shows 0x204 or 0x108; 0x904 is another attempt")
        }
        Some("neg.hybrid-required") => {
            Some("for this the Windows client shows 0xb09, as observed; 0x904 may be another attempt")
        }
        _ => None,
    }
}

/// Where TCP was closed, and what it was; the order is that of the connection.
#[rustfmt::skip]
const TURNED_OUT: &[(&str, &[&str], &str)] = &[
    ("X.224", &["x224.close-on-cr", "x224.not-rdp"], "the service hangs up on the request, or is no RDP"),
    ("TLS", &["tls.server-silent-close"], "likely the key of the RDP certificate"),
    ("", &["tls.version-mismatch", "tls.cipher-mismatch"], "no TLS in common"),
    ("NLA", &["nla.refused", "nla.client-stops"], "the logon was refused, or given up"),
    ("MCS", &["mcs.refused", "rdp.closed-after-info"], "closed before a session began"),
    ("session", &["end.server-reset"], "the RDP service crashed or was restarted"),
    ("any", &["tcp.rst-injected", "path.mtu-black-hole", "tcp.retransmit-giveup"], "the path"),
];

/// What articles advise.
#[rustfmt::skip]
const ADVICE: &[(&str, &str)] = &[
    ("fine", "a new RDP certificate; rights on its private key; reconnecting a VPN"),
    ("danger", "do not rename MachineKeys: every RSA key of the machine goes with it"),
    ("no", "clearing MSLicensing cannot matter before licensing is reached"),
    ("no", "opening port 3389: a closed port gives 0x204, not 0x904"),
    ("no", "client corruption: a client that sent its handshake works so far"),
    ("costs", "'use the IP address' switches Kerberos off, and fails without NTLM"),
    ("costs", "NLA off opens the logon screen to all; as a test only"),
];

/// The page about `reason` and `extended`.
pub(super) fn explain(reason: u32, extended: u32) -> Page {
    let mut page = Page::default();
    number(&mut page, reason, "error code");
    number(&mut page, extended, "extended error code");
    if reason == SOCKET_CLOSED {
        socket_closed(&mut page, extended);
    } else {
        other(&mut page, reason, extended);
    }
    page.wrap("= source: ", "IMsTscAxEvents::OnDisconnected, ExtendedDisconnectReasonCode (learn.microsoft.com)");
    page
}

/// Number, name, and what is documented of it.
fn number(page: &mut Page, value: u32, what: &str) {
    let tables: [&'static [Code]; 2] =
        if what == "error code" { [REASONS, OBSERVED_REASONS] } else { [EXTENDED_REASONS, ERROR_INFO] };
    let Some((index, code)) = tables.iter().enumerate().find_map(|(index, table)| Some((index, find(table, value)?)))
    else {
        return;
    };
    // What Set Error Info alone knows is documented as that; the client shows its number all the same.
    let label = if index == 0 || what != "error code" { "  documented  " } else { "  observed    " };
    let name = if code.symbol.is_empty() { String::new() } else { format!("{}, ", code.symbol) };
    page.say(format!("{value:#x} ({value})  {name}{what}"));
    page.wrap(label, code.meaning);
}

fn socket_closed(page: &mut Page, extended: u32) {
    let observed = match extended {
        7 => {
            "beside 0x904 also where no server can have said so: before there is a session that could carry \
             Set Error Info, and from hosts that run no RDP"
        }
        0 => "beside 0x904 when the client has nothing to add",
        _ if is_sent(extended) => "only Set Error Info carries this number; beside 0x904 it may be a leftover",
        _ => "no message carries this number",
    };
    page.wrap("  observed    ", observed);
    page.wrap("  so          ", "the pair says that TCP was closed, not who closed it, nor why");
    page.say("\nwhat it turned out to be, by the phase in which TCP was closed");
    for (phase, causes, meaning) in TURNED_OUT {
        let known: Vec<&str> = causes.iter().copied().filter(|cause| is_known(cause)).collect();
        page.wrap(&format!("  {phase:<9}"), &format!("{}: {meaning}", known.join(", ")));
    }
    page.say("\nwhat articles advise");
    for (verdict, advice) in ADVICE {
        page.wrap(&format!("  {verdict:<9}"), advice);
    }
    page.say(format!("\n= next: capture a failing attempt, then: rdpwhy explain 0x904 {extended:#x} FILE"));
}

fn other(page: &mut Page, reason: u32, extended: u32) {
    if let Some(wire) = on_the_wire(reason) {
        page.wrap("= on the wire: ", wire);
    }
    let so = match extended {
        0 => "the second number adds nothing; the first is all the client knows",
        _ if is_sent(extended) => {
            "the first number is what the client met; the second is the server's word, if it sent Set Error Info"
        }
        _ => "both numbers are the client's own view",
    };
    page.wrap("= so: ", so);
    // What the server said is nearer to the cause than what the client met.
    let said = leads::of("ext", extended).or_else(|| leads::of("errinfo", extended).filter(|_| is_sent(extended)));
    if let Some(cause) = said.or_else(|| leads::of("mstsc", reason)) {
        page.wrap("= see: ", &format!("rdpwhy explain {cause}"));
    }
    page.wrap("= next: ", &format!("capture a failing attempt, then: rdpwhy explain {reason:#x} {extended:#x} FILE"));
}

/// Whether the server can have said it.
fn is_sent(extended: u32) -> bool {
    is_set_error_info(extended) || find(ERROR_INFO, extended).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(text: &str) -> Option<(u32, u32)> {
        of(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_pair_in_all_spellings() {
        for text in [
            "0x904 0x7",
            "2308 7",
            "0x904/0x7",
            "0x904,0x7",
            "0x904, 0x7",
            "904 7",
            "0X904 / 0X7",
            "0x00000904 0x00000007",
            "Error code: 0x904 Extended error code: 0x7",
            "(0x904, 0x7)",
        ] {
            assert_eq!(pair(text), Some((0x904, 7)), "{text}");
        }
        assert_eq!(pair("3 5"), Some((3, 5)));
        assert_eq!(pair("516 0"), Some((0x204, 0)));
        assert_eq!(pair("0x3 0x11"), Some((3, 0x11)), "a number that only Set Error Info has");
        for line in ["neg:0x3 lic:0x4", "0x904 0x7 0x1", "0x904", "0x904 7"] {
            assert_eq!(in_line(line), None, "{line}");
        }
        assert_eq!(in_line("Fehlercode:0x904, erweitert: (0x7)."), Some((0x904, 7)));
        for text in ["0x904", "0x904 neg:5", "5 9999", "0x904 0x7 0x1", "alert:45 alert:46", "a/b.pcap"] {
            assert_eq!(pair(text), None, "{text}");
        }
    }

    #[test]
    fn a_pair_leads_to_a_cause() {
        for (reason, extended, cause) in [
            (0xb09, 0, "rdpwhy explain neg.hybrid-required"),
            (0x3, 0x5, "rdpwhy explain end.replaced"),
            (0x3, 0x11, "rdpwhy explain rdp.gfx-failed"),
        ] {
            let text = explain(reason, extended).to_string();
            assert!(text.contains(cause) && !text.contains("no name"), "{text}");
        }
    }

    #[test]
    fn pages_fit_a_screen_and_rank_nothing() {
        for reason in REASONS.iter().chain(OBSERVED_REASONS) {
            for extended in EXTENDED_REASONS {
                let text = explain(reason.value, extended.value).to_string();
                assert!(text.lines().count() <= 34, "{text}");
                assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
                assert!(text.contains("= next: ") && text.contains("= source: "), "{text}");
                assert!(!text.contains("most often") && !text.contains('%'), "{text}");
            }
        }
        for (_, causes, _) in TURNED_OUT {
            assert!(causes.iter().all(|cause| is_known(cause)), "{causes:?}");
        }
    }
}
