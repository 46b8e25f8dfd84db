//! Error numbers for `explain`: those that servers and clients put on the wire, from the tables that read them.

use std::fmt::Write as _;

use super::complaint::Complaint;
use super::explain::wrapped;
use crate::cli;
use crate::knowledge::causes;
use crate::knowledge::code::Code;
use crate::knowledge::disconnect::ERROR_INFO;
use crate::knowledge::licensing::ERRORS;
use crate::knowledge::mcs::{REASONS, RESULTS};
use crate::knowledge::negotiation::FAILURES;
use crate::knowledge::tls::ALERTS;

/// A table of numbers, and how they are asked for.
pub(super) struct Family {
    /// `neg` in `neg:5`.
    pub(super) prefix: &'static str,
    /// One of them.
    pub(super) example: &'static str,
    /// What the number is, and where it stands.
    pub(super) what: &'static str,
    /// Where this is documented.
    source: &'static str,
    /// Written in hexadecimal, as other programs show it.
    hex: bool,
    table: &'static [Code],
}

/// All tables, the ones most asked for first.
pub(super) static FAMILIES: &[Family] = &[
    Family {
        prefix: "neg",
        example: "neg:5",
        what: "failure code of the server's answer to the connection request",
        source: "MS-RDPBCGR 2.2.1.2.2",
        hex: false,
        table: FAILURES,
    },
    Family {
        prefix: "alert",
        example: "alert:45",
        what: "TLS alert, by client or server",
        source: "RFC 8446 6, RFC 5246 7.2",
        hex: false,
        table: ALERTS,
    },
    Family {
        prefix: "errinfo",
        example: "errinfo:0x5",
        what: "Set Error Info: why the server says that it ends the session",
        source: "MS-RDPBCGR 2.2.5.1.1",
        hex: true,
        table: ERROR_INFO,
    },
    Family {
        prefix: "lic",
        example: "lic:6",
        what: "licensing error, by client or server",
        source: "MS-RDPBCGR 2.2.1.12.1.3",
        hex: false,
        table: ERRORS,
    },
    Family {
        prefix: "mcs",
        example: "mcs:14",
        what: "result of an MCS request (Connect, Attach User, Channel Join)",
        source: "T.125 7, Result",
        hex: false,
        table: RESULTS,
    },
    Family {
        prefix: "ultimatum",
        example: "ultimatum:3",
        what: "reason of a Disconnect Provider Ultimatum",
        source: "T.125 7, Reason",
        hex: false,
        table: REASONS,
    },
];

/// Codes that end sessions, and the cause that stands for each.
const CAUSES: &[(&str, u32, &str)] = &[
    ("neg", 1, "neg.ssl-required"),
    ("neg", 2, "neg.ssl-not-allowed"),
    ("neg", 3, "neg.ssl-cert-not-on-server"),
    ("neg", 4, "neg.inconsistent-flags"),
    ("neg", 5, "neg.hybrid-required"),
    ("neg", 6, "neg.ssl-with-user-auth-required"),
    ("alert", 40, "tls.cipher-mismatch"),
    ("alert", 45, "tls.cert-expired"),
    ("alert", 48, "tls.cert-untrusted"),
    ("alert", 70, "tls.version-mismatch"),
];

/// The answer to `word`, if it is a code of any kind: `neg:5`, a symbol, or a number alone.
pub(super) fn answer(word: &str) -> Option<Result<String, Complaint>> {
    if let Some((prefix, value)) = word.split_once(':') {
        let family = FAMILIES.iter().find(|family| family.prefix.eq_ignore_ascii_case(prefix))?;
        return Some(of_family(family, value.trim()));
    }
    let mut text = String::new();
    for family in FAMILIES {
        for code in family.table.iter().filter(|code| is_symbol(code, word)) {
            tell(&mut text, family, code);
        }
    }
    if !text.is_empty() {
        return Some(Ok(text));
    }
    number(word).map(|value| any(word, value))
}

/// `HYBRID_REQUIRED_BY_SERVER`, `certificate_expired`; `ERRINFO_` and `ERR_` may be left out.
fn is_symbol(code: &Code, word: &str) -> bool {
    let short = code.symbol.trim_start_matches("ERRINFO_").trim_start_matches("ERR_");
    [code.symbol, short].iter().any(|symbol| symbol.eq_ignore_ascii_case(word))
}

fn number(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => lower.parse().ok(),
    }
}

fn of_family(family: &Family, value: &str) -> Result<String, Complaint> {
    let found = match number(value) {
        Some(value) => family.table.iter().find(|code| code.value == value),
        None => family.table.iter().find(|code| is_symbol(code, value)),
    };
    if let Some(code) = found {
        let mut text = String::new();
        tell(&mut text, family, code);
        return Ok(text);
    }
    let complaint = Complaint::new(format!("{}:{value}: no such code", family.prefix));
    Err(match cli::nearest(value, family.table.iter().map(|code| code.symbol)) {
        Some(near) => complaint.note("help", format!("did you mean {near}?")),
        None => complaint.note("note", format!("{}, as in {}", family.what, family.example)),
    })
}

/// A number alone means something else to each protocol.
fn any(word: &str, value: u32) -> Result<String, Complaint> {
    const CLIENT: &str = "numbers that the Windows client shows (0x904, extended 0x7) come in a later version; the reason is in the \
         packets: capture a failing attempt, then rdpwhy FILE";
    let mut text = String::new();
    for family in FAMILIES {
        for code in family.table.iter().filter(|code| code.value == value) {
            tell(&mut text, family, code);
        }
    }
    if text.is_empty() {
        return Err(Complaint::new(format!("{word} is no number that RDP servers or TLS send")).note("note", CLIENT));
    }
    let _ = writeln!(text, "{}", wrapped("  = note: ", CLIENT));
    Ok(text)
}

fn tell(text: &mut String, family: &Family, code: &Code) {
    let value = if family.hex { format!("{:#x}", code.value) } else { code.value.to_string() };
    let _ = writeln!(text, "{}:{value}  {}", family.prefix, code.symbol);
    let _ = writeln!(text, "{}", wrapped("  ", code.meaning));
    let _ = writeln!(text, "{}", wrapped("  = what: ", family.what));
    let _ = writeln!(text, "{}", wrapped("  = source: ", family.source));
    let cause = CAUSES.iter().find(|(prefix, value, _)| *prefix == family.prefix && *value == code.value);
    if let Some((.., cause)) = cause.filter(|(.., cause)| causes::find(cause).is_some()) {
        let _ = writeln!(text, "  = next: rdpwhy explain {cause}");
    }
}

/// Every symbol, for suggestions.
pub(super) fn symbols() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|family| family.table.iter().map(|code| code.symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(word: &str) -> String {
        answer(word).expect("a code").expect("a known one")
    }

    #[test]
    fn codes_by_number_and_by_symbol() {
        assert_eq!(
            told("neg:5"),
            "\
neg:5  HYBRID_REQUIRED_BY_SERVER
  the server insists on NLA (CredSSP); the client did not offer it
  = what: failure code of the server's answer to the connection request
  = source: MS-RDPBCGR 2.2.1.2.2
  = next: rdpwhy explain neg.hybrid-required
"
        );
        assert_eq!(told("neg:0x05"), told("HYBRID_REQUIRED_BY_SERVER"));
        assert_eq!(told("alert:45"), told("certificate_expired"));
        assert_eq!(told("errinfo:5"), told("ERRINFO_DISCONNECTED_BY_OTHERCONNECTION"));
        assert_eq!(told("errinfo:0x5"), told("disconnected_by_otherconnection"));
        assert!(told("lic:6").contains("ERR_NO_LICENSE_SERVER"));
        assert!(told("mcs:14").contains("rt-unspecified-failure"));
        assert!(told("ultimatum:3").contains("rn-user-requested"));
    }

    #[test]
    fn a_number_alone_is_looked_up_everywhere() {
        let text = told("5");
        assert!(text.contains("neg:5") && text.contains("errinfo:0x5") && text.contains("later version"), "{text}");
    }

    #[test]
    fn what_is_not_known_is_said_so() {
        let refusal = |word: &str| answer(word).expect("a code").expect_err("unknown").error(80, false);
        assert!(refusal("0x904").contains("later version"), "{}", refusal("0x904"));
        assert!(refusal("neg:9").contains("neg:9: no such code"));
        assert!(refusal("alert:certificate_expird").contains("did you mean certificate_expired?"));
        assert!(answer("nonsense").is_none() && answer("foo:5").is_none());
    }

    #[test]
    fn examples_work_and_everything_fits() {
        for family in FAMILIES {
            assert!(family.example.starts_with(family.prefix) && !told(family.example).is_empty());
            for code in family.table {
                let text = told(&format!("{}:{}", family.prefix, code.value));
                assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            }
        }
    }

    #[test]
    fn causes_named_for_codes_exist() {
        for (prefix, value, cause) in CAUSES {
            assert!(told(&format!("{prefix}:{value}")).contains(cause), "{cause}");
        }
    }
}
