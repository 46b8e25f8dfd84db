//! Sentences that clients show, by the words that make them out. Windows phrases them anew with every version, so no row
//! holds a whole one. Nothing here is a
//! frequency or a rank.

/// A sentence of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialog {
    /// Words that are all in it, in lower case; a longer word may begin with one.
    pub words: &'static [&'static str],
    /// How it goes, about.
    pub says: &'static str,
    /// "Error code" of the Windows client that goes with it, if one does; 0 where none.
    pub reason: u32,
    /// What it can be.
    pub causes: &'static [&'static str],
}

const fn dialog(
    words: &'static [&'static str],
    says: &'static str,
    reason: u32,
    causes: &'static [&'static str],
) -> Dialog {
    Dialog { words, says, reason, causes }
}

/// The sentence that `words` (in lower case) are, or hold: the one that most of its words make out.
#[must_use]
pub fn find(words: &[String]) -> Option<&'static Dialog> {
    let is_there = |wanted: &&str| words.iter().any(|word| word.starts_with(*wanted));
    let fitting = DIALOGS.iter().filter(|dialog| dialog.words.iter().all(is_there));
    // Of equals the first.
    fitting.rev().max_by_key(|dialog| dialog.words.len())
}

/// Nobody answers, or somebody refuses.
const UNREACHED: &[&str] =
    &["dns.wrong-address", "link.no-neighbour", "tcp.syn-no-answer", "tcp.refused", "tcp.icmp-unreachable"];
/// The server's certificate does not please.
const CERTIFICATE: &[&str] = &[
    "tls.client-refuses",
    "tls.cert-expired",
    "tls.cert-not-yet-valid",
    "tls.cert-untrusted",
    "tls.cert-name-mismatch",
    "tls.cert-changed",
    "tls.interception",
];
const PASSWORD: &[&str] = &["nla.refused", "nla.bad-credentials", "nla.kerberos-failed-then-ntlm-refused"];
const HANGS: &[&str] = &["path.mtu-black-hole", "tls.handshake-stall", "nla.server-slow", "mcs.stall"];
const GATEWAY: &[&str] =
    &["gw.tls", "gw.http-blocked", "gw.auth-401", "gw.denied", "gw.target-unreachable", "gw.one-channel"];

#[rustfmt::skip]
static DIALOGS: &[Dialog] = &[
    dialog(&["internal", "error", "occurred"], "an internal error has occurred", 0x4,
        &["x224.close-on-cr", "x224.not-rdp", "tls.server-silent-close", "tls.version-mismatch", "tls.cipher-mismatch", "rdp.closed-after-tls", "mcs.refused"]),
    dialog(&["one", "of", "these", "reasons"], "Remote Desktop can't connect to the remote computer for one of these reasons", 0x204, UNREACHED),
    dialog(&["remote", "access", "not", "enabled"], "remote access to the server is not enabled, or the computer is turned off", 0x204, UNREACHED),
    dialog(&["verify", "remote", "enabled", "turned", "on"], "verify that Remote Desktop is enabled and the remote PC is turned on", 0x204, UNREACHED),
    dialog(&["this", "computer", "connect", "remote"], "this computer can't connect to the remote computer", 0x904,
        &["x224.close-on-cr", "tls.server-silent-close", "nla.refused", "mcs.refused", "tcp.rst-injected", "path.mtu-black-hole"]),
    dialog(&["time", "allotted"], "the two computers couldn't connect in the amount of time allotted", 0x108,
        &["tcp.syn-no-answer", "path.mtu-black-hole", "x224.no-confirm", "tls.handshake-stall"]),
    dialog(&["find", "the", "computer"], "Remote Desktop can't find the computer", 0x104, &["dns.fail", "dns.wrong-address"]),
    dialog(&["credentials", "not", "work"], "your credentials did not work", 0x807, PASSWORD),
    dialog(&["logon", "attempt", "failed"], "the logon attempt failed", 0x807, PASSWORD),
    dialog(&["user", "name", "password", "incorrect"], "the user name or password is incorrect", 0x807, PASSWORD),
    dialog(&["not", "authorized", "remote", "login"], "the connection was denied because the user account is not authorized for remote login", 0,
        &["nla.authz-denied", "nla.logon-type", "end.no-privilege"]),
    dialog(&["right", "sign", "in", "remote"], "to sign in remotely, you need the right to sign in through Remote Desktop Services", 0x1307,
        &["nla.authz-denied", "nla.logon-type", "end.no-privilege"]),
    dialog(&["requires", "network", "level", "authentication"], "the remote computer requires Network Level Authentication", 0xB09, &["neg.hybrid-required"]),
    dialog(&["network", "level", "authentication", "domain", "controller"], "Network Level Authentication is required, but the domain controller cannot be contacted", 0x1807,
        &["nla.no-logon-server", "nla.kdc-unreachable", "nla.trust-broken"]),
    dialog(&["local", "security", "authority"], "the Local Security Authority cannot be contacted", 0x1807,
        &["nla.no-logon-server", "nla.password-expired", "nla.password-must-change", "nla.workstation"]),
    dialog(&["encryption", "oracle"], "this could be due to CredSSP encryption oracle remediation", 0, &["nla.credssp-version"]),
    dialog(&["function", "requested", "not", "supported"], "the function requested is not supported", 0, &["tls.version-mismatch", "nla.credssp-version"]),
    dialog(&["authentication", "error", "occurred"], "an authentication error has occurred", 0,
        &["nla.refused", "nla.credssp-version", "nla.no-logon-server", "nla.ntlm-blocked"]),
    dialog(&["another", "user", "connected"], "another user connected to the remote computer, so your connection was lost", 0x3, &["end.replaced"]),
    dialog(&["network", "connectivity", "problems"], "the connection was lost, possibly due to network connectivity problems", 0x904,
        &["path.loss", "path.idle-expiry", "tcp.retransmit-giveup", "tcp.rst-injected", "path.changed", "end.server-reset"]),
    dialog(&["connection", "lost"], "the connection to the remote computer was lost", 0x904,
        &["path.loss", "path.idle-expiry", "tcp.retransmit-giveup", "tcp.rst-injected", "path.changed", "end.server-reset"]),
    dialog(&["services", "session", "ended"], "your Remote Desktop Services session has ended", 0x3,
        &["end.server-ended", "end.admin-disconnect", "end.admin-logoff", "end.replaced", "end.idle-limit", "end.session-limit", "end.session-crash"]),
    dialog(&["unexpected", "certificate"], "an unexpected server authentication certificate was received from the remote computer", 0x907,
        &["tls.cert-changed", "tls.interception", "nla.pubkey-mismatch"]),
    dialog(&["restricted", "types", "logon"], "the system administrator has restricted the types of logon that you may use", 0x1307, &["nla.logon-type"]),
    dialog(&["protocol", "error"], "because of a protocol error, this session will be disconnected", 0xD06,
        &["mcs.client-refuses", "rdp.caps-client-quits", "end.protocol-error", "tcp.stream-damaged"]),
    dialog(&["licensing", "protocol"], "an error in the licensing protocol", 0x808, &["lic.refused", "lic.client-store", "lic.mac", "lic.network"]),
    dialog(&["license", "servers", "available"], "there are no Remote Desktop License Servers available to provide a license", 0x808, &["lic.no-server"]),
    dialog(&["error", "data", "encryption"], "because of an error in data encryption, this session will end", 0xC06, &["tcp.stream-damaged", "rdp.stdsec-decrypt"]),
    dialog(&["identity", "remote", "verified"], "the identity of the remote computer cannot be verified", 0, CERTIFICATE),
    dialog(&["problems", "security", "certificate"], "the remote computer could not be authenticated due to problems with its security certificate", 0, CERTIFICATE),
    dialog(&["certificate", "expired"], "the remote computer's certificate is expired or invalid", 0x1B07, &["tls.cert-expired", "tls.cert-not-yet-valid", "nla.clock-skew"]),
    dialog(&["time", "or", "date", "difference"], "there is a time or date difference between your computer and the remote computer", 0x1D07, &["nla.clock-skew", "nla.krb-skew"]),
    dialog(&["account", "restriction"], "a user account restriction is preventing you from logging on", 0xC07,
        &["nla.account-restriction", "nla.kerberos-failed-then-ntlm-refused", "nla.logon-hours"]),
    dialog(&["account", "locked"], "the user account has been locked", 0xD07, &["nla.account-locked"]),
    dialog(&["account", "disabled"], "the user account is disabled", 0xB07, &["nla.account-disabled"]),
    dialog(&["account", "expired"], "the user account has expired", 0xE07, &["nla.account-expired"]),
    dialog(&["password", "expired"], "the password has expired", 0xF07, &["nla.password-expired"]),
    dialog(&["must", "change", "password"], "you must change your password before logging on", 0x1207, &["nla.password-must-change"]),
    dialog(&["trust", "relationship"], "the trust relationship between this workstation and the primary domain failed", 0, &["nla.trust-broken"]),
    dialog(&["idle", "limit"], "the session was idle for longer than its limit", 0x3, &["end.idle-limit"]),
    dialog(&["administrator", "ended"], "your network administrator or another user ended the session", 0x3, &["end.admin-disconnect", "end.admin-logoff", "end.server-ended"]),
    dialog(&["session", "access", "denied"], "the requested session access is denied", 0, &["end.denied", "end.no-privilege"]),
    dialog(&["remote", "desktop", "gateway"], "the Remote Desktop Gateway server is unavailable, or refuses", 0, GATEWAY),
    dialog(&["configuring", "remote"], "it hangs at \"Configuring remote connection\"", 0x108, HANGS),
    dialog(&["securing", "remote"], "it hangs at \"Securing remote connection\"", 0x108, HANGS),
    dialog(&["attempt", "reconnect"], "reconnecting, attempt n of 20", 0, &["path.loss", "tcp.retransmit-giveup", "path.changed", "end.autoreconnect-loop"]),
    dialog(&["black", "screen"], "the screen stays black", 0, &["rdp.gfx-failed", "rdp.activation-stall"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::causes;
    use crate::knowledge::client::{OBSERVED_REASONS, REASONS};
    use crate::knowledge::code;

    #[test]
    fn every_row_is_found_by_what_it_says_and_leads_somewhere() {
        for dialog in DIALOGS {
            let words: Vec<String> = dialog
                .says
                .to_lowercase()
                .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
                .map(str::to_owned)
                .collect();
            assert!(dialog.words.len() >= 2 && dialog.words.iter().all(|word| *word == word.to_lowercase()));
            assert!(find(&words).is_some(), "{}", dialog.says);
            assert!(!dialog.causes.is_empty());
            for cause in dialog.causes {
                assert!(causes::find(cause).is_some(), "{cause}");
            }
            let reason = dialog.reason;
            let known = code::find(REASONS, reason).or(code::find(OBSERVED_REASONS, reason));
            assert!(reason == 0 || known.is_some(), "{reason:#x}");
        }
    }

    #[test]
    fn the_words_that_make_out_most_win() {
        let says = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            find(&words).map(|dialog| dialog.reason)
        };
        assert_eq!(says("an internal error has occurred"), Some(0x4));
        assert_eq!(says("network level authentication domain controller"), Some(0x1807));
        assert_eq!(says("the password of this account has expired"), Some(0xe07));
        assert_eq!(says("nothing of the kind"), None);
    }
}
