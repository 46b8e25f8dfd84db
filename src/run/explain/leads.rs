//! Which cause stands for a number, so that an answer about one leads to the other.

use crate::knowledge::causes;

/// prefix, first and last number, cause
#[rustfmt::skip]
const CAUSES: &[(&str, u32, u32, &str)] = &[
    ("neg", 1, 1, "neg.ssl-required"),
    ("neg", 2, 2, "neg.ssl-not-allowed"),
    ("neg", 3, 3, "neg.ssl-cert-not-on-server"),
    ("neg", 4, 4, "neg.inconsistent-flags"),
    ("neg", 5, 5, "neg.hybrid-required"),
    ("neg", 6, 6, "neg.ssl-with-user-auth-required"),
    ("alert", 40, 40, "tls.cipher-mismatch"),
    ("alert", 42, 42, "tls.client-refuses"),
    ("alert", 43, 43, "tls.cert-wrong-usage"),
    ("alert", 45, 45, "tls.cert-expired"),
    ("alert", 46, 46, "tls.client-refuses"),
    ("alert", 48, 48, "tls.cert-untrusted"),
    ("alert", 49, 49, "nla.refused"),
    ("alert", 51, 51, "tls.cert-key-mismatch"),
    ("alert", 70, 70, "tls.version-mismatch"),
    ("alert", 71, 71, "tls.cipher-mismatch"),
    ("alert", 80, 80, "tls.alert-server"),
    ("mstsc", 0x1, 0x1, "ok.user-disconnect"),
    ("mstsc", 0x3, 0x3, "end.server-ended"),
    ("mstsc", 0x108, 0x108, "tcp.syn-no-answer"),
    ("mstsc", 0x204, 0x204, "tcp.refused"),
    ("mstsc", 0x404, 0x404, "tcp.retransmit-giveup"),
    ("mstsc", 0x704, 0x704, "tls.handshake-stall"),
    ("mstsc", 0x807, 0x807, "nla.refused"),
    ("mstsc", 0x808, 0x808, "lic.refused"),
    ("mstsc", 0xA07, 0xA07, "nla.refused"),
    ("mstsc", 0xB07, 0xB07, "nla.refused"),
    ("mstsc", 0xB09, 0xB09, "neg.hybrid-required"),
    ("mstsc", 0xC07, 0xC07, "nla.refused"),
    ("mstsc", 0xD07, 0xD07, "nla.refused"),
    ("mstsc", 0xE07, 0xE07, "nla.refused"),
    ("mstsc", 0xF07, 0xF07, "nla.refused"),
    ("mstsc", 0x1007, 0x1307, "nla.refused"),
    ("mstsc", 0x1607, 0x1707, "nla.client-stops"),
    ("mstsc", 0x1B07, 0x1B07, "tls.cert-expired"),
    ("errinfo", 0x1, 0x5, "end.server-ended"),
    ("errinfo", 0xB, 0xC, "end.server-ended"),
    ("errinfo", 0x19, 0x1A, "end.server-ended"),
    ("errinfo", 0x101, 0x101, "lic.no-server"),
    ("errinfo", 0x104, 0x105, "lic.client-store"),
    ("ext", 0x1, 0x5, "end.server-ended"),
    ("ext", 0xB, 0xC, "end.server-ended"),
    ("ext", 0x101, 0x101, "lic.no-server"),
    ("ext", 0x104, 0x105, "lic.client-store"),
    ("ext", 0x10B, 0x10B, "lic.client-store"),
    ("lic", 1, 2, "lic.client-store"),
    ("lic", 3, 3, "lic.mac"),
    ("lic", 6, 6, "lic.no-server"),
    ("lic", 8, 8, "lic.invalid-client"),
    ("ultimatum", 3, 3, "end.server-ended"),
    ("event", 36870, 36870, "tls.server-silent-close"),
    ("event", 36874, 36874, "tls.cipher-mismatch"),
    ("event", 1057, 1058, "tls.server-silent-close"),
];

/// The cause behind a number of the family `prefix`.
pub(super) fn of(prefix: &str, value: u32) -> Option<&'static str> {
    let row = CAUSES.iter().find(|row| row.0 == prefix && row.1 <= value && value <= row.2)?;
    is_known(row.3).then_some(row.3)
}

/// Whether there is something to explain under that name.
pub(super) fn is_known(cause: &str) -> bool {
    causes::find(cause).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_named_for_codes_exist() {
        for (prefix, first, _, cause) in CAUSES {
            assert!(is_known(cause), "{cause}");
            assert_eq!(of(prefix, *first), Some(*cause), "{prefix}:{first:#x} is named twice");
        }
    }
}
