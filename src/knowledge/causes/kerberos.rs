//! Kerberos beside the session, on port 88 and in clear, and NTLM where Kerberos failed.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{
    ACCOUNT, CLIENT_DC, CLOCKS, FULL_NAME, NTLM_EVENTS, SAVED, SECURE_CHANNEL, SKEW, SPN, SYNC, TICKET, WITH_KERBEROS,
};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "nla.ntlm-blocked",
        title: "NTLM was used and is not allowed",
        chapter: Chapter::Logon,
        meaning: "A policy of the server, the domain or the account forbids NTLM, and the client could not use \
            Kerberos. Typed addresses do this: there is no ticket for an address. That is the whole secret of \
            \"works by name, fails by address\".",
        wire: "the name in the ClientHello is an address, no Kerberos around it, NLA begins with 57 bytes of NTLM \
            and is refused with 15; with keys: 0xC0000418, 0xC00000BB or 0x80090302",
        confused_with: &["nla.refused", "nla.krb-spn-unknown", "nla.kdc-unreachable", "neg.hybrid-required"],
        shown_as: "a code that ends in 07, 0x80090302, or 0xB09 from the second try",
        fixes: &[FULL_NAME, NTLM_EVENTS],
        more: &[
            Remedy::new(
                "domain",
                "exempt this server in \"Network security: Restrict NTLM: Add server exceptions\", if it cannot \
                 do Kerberos",
            ),
            SPN,
        ],
        next: &[WITH_KERBEROS],
        not_this: &["connecting by address as a workaround: it is what makes Kerberos impossible"],
        sources: &[
            "MS-ERREF 2.3.1",
            "MS-NLMP 1.3",
            "Microsoft Learn: Network security: Restrict NTLM",
            "measured: mstsc 10.0.22621",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.kerberos-failed-then-ntlm-refused",
        title: "Kerberos failed first; the NTLM refusal behind it only hides why",
        chapter: Chapter::Logon,
        meaning: "The client asked for a ticket, got an error, fell back to NTLM, and NTLM is not allowed for this \
            user or server. What the client shows is the second error; the first is the cause.",
        wire: "KRB-ERROR (24 wrong password, 18 revoked, 37 clocks, 7 no such service ...) on port 88, seconds \
            later NLA with NTLM (57 bytes) and a refusal (15 bytes)",
        confused_with: &["nla.account-restriction", "nla.ntlm-blocked", "nla.bad-credentials"],
        shown_as: "a code about restrictions (0xC07), which misleads",
        fixes: &[
            Remedy::new(
                "client",
                "repair what the Kerberos error names: type a wrong password anew, unlock an account, set a clock, \
                 mend a service name",
            ),
            FULL_NAME,
        ],
        more: &[ACCOUNT],
        next: &[WITH_KERBEROS],
        not_this: &["KRB-ERROR 25 (preauthentication required) as the cause: it is the normal first answer"],
        sources: &["RFC 4120 7.5.9", "MS-KILE 3.1.5", "measured: mstsc 10.0.22621"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.kdc-unreachable",
        title: "the client reaches no domain controller, so it cannot use Kerberos",
        chapter: Chapter::Logon,
        meaning: "No ticket, so NTLM has to do. Where NTLM is allowed the logon still works; where it is not, it ends \
            there. Usual over a VPN that lets RDP through and nothing else.",
        wire: "queries for _kerberos._tcp without an answer, or SYNs to port 88 without one, then NTLM in NLA",
        confused_with: &["nla.ntlm-blocked", "nla.no-logon-server", "dns.fail"],
        shown_as: "nothing, if NTLM is allowed; else as nla.ntlm-blocked",
        fixes: &[
            CLIENT_DC,
            Remedy::new("path", "allow ports 53 and 88 (TCP and UDP) from the client to the domain controllers"),
        ],
        more: &[Remedy::new("path", "or put a KDC proxy on the RD Gateway in front of them")],
        next: &[WITH_KERBEROS],
        sources: &["RFC 4120 7.2.3", "MS-KKDCP 1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.krb-spn-unknown",
        title: "the domain knows no service TERMSRV under this name",
        chapter: Chapter::Logon,
        meaning: "The ticket was asked for a name that no account owns: an alias, an address, a typing error or a \
            machine of another domain. The client then falls back to NTLM.",
        wire: "KRB-ERROR 7 (KDC_ERR_S_PRINCIPAL_UNKNOWN) on port 88, in clear, for TERMSRV/name",
        confused_with: &["nla.ntlm-blocked", "nla.krb-modified", "dns.wrong-address"],
        shown_as: "nothing, if NTLM is allowed",
        fixes: &[
            FULL_NAME,
            Remedy::with(
                "domain",
                "register the alias for the machine that answers to it",
                "setspn -S TERMSRV/NAME SERVER; setspn -L SERVER",
            ),
        ],
        more: &[TICKET],
        sources: &["RFC 4120 7.5.9", "Microsoft Learn: setspn"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.krb-modified",
        title: "the ticket is for another machine than the one that answers",
        chapter: Chapter::Logon,
        meaning: "The server cannot open the ticket, because it was made for another key: the name leads to the wrong \
            host, two accounts own the service name, or the machine's password changed.",
        wire: "KRB-ERROR 41 (KRB_AP_ERR_MODIFIED); with keys inside NLA, sometimes in clear on port 88",
        confused_with: &["dns.wrong-address", "nla.trust-broken", "nla.krb-spn-unknown"],
        shown_as: "a code that ends in 07; event 4 of Security-Kerberos on the client",
        fixes: &[Remedy::with("client", "see which machine the name leads to", "Resolve-DnsName NAME"), SPN],
        more: &[TICKET, SECURE_CHANNEL],
        sources: &["RFC 4120 7.5.9", "RFC 4120 3.2.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.krb-skew",
        title: "clocks differ too much for Kerberos",
        chapter: Chapter::Logon,
        meaning: "More than five minutes apart, and no ticket is accepted. The error names the controller's time, so \
            the difference can be read off.",
        wire: "KRB-ERROR 37 (KRB_AP_ERR_SKEW) on port 88, with stime, the controller's own time",
        confused_with: &["nla.clock-skew", "tls.cert-not-yet-valid", "cap.clock-wrong"],
        shown_as: "0x1D07",
        fixes: &[SKEW, SYNC],
        more: &[Remedy::with(
            "client",
            "a virtual machine must take its time from one source only: the domain or its host",
            "w32tm /query /source",
        )],
        sources: &["RFC 4120 7.5.9", "RFC 4120 3.1.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.krb-etype",
        title: "client and domain share no Kerberos encryption",
        chapter: Chapter::Logon,
        meaning: "The account has no key for the algorithms that are still allowed: RC4 is switched off, and the \
            account's password is older than AES.",
        wire: "KRB-ERROR 14 (KDC_ERR_ETYPE_NOSUPP) on port 88",
        confused_with: &["nla.krb-spn-unknown", "tls.fips-mismatch"],
        shown_as: "a code that ends in 07, or nothing if NTLM is allowed",
        fixes: &[
            Remedy::with(
                "domain",
                "see what the accounts allow (0x18: AES)",
                "Get-ADComputer SERVER -Properties msDS-SupportedEncryptionTypes",
            ),
            Remedy::new("domain", "set the account's password anew, so that AES keys are made"),
        ],
        more: &[Remedy::with(
            "server",
            "see which algorithms the machine allows",
            r"reg query HKLM\Software\Microsoft\Windows\CurrentVersion\Policies\System\Kerberos\Parameters /v SupportedEncryptionTypes",
        )],
        sources: &["RFC 4120 7.5.9", "MS-KILE 2.2.7"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.krb-client",
        title: "Kerberos refuses the user",
        chapter: Chapter::Logon,
        meaning: "The domain controller itself says no to this user: unknown name (6), revoked, locked or disabled \
            (18), password expired (23), wrong password (24). It says so in clear.",
        wire: "KRB-ERROR 6, 18, 23 or 24 on port 88; 25 alone is the normal first step",
        confused_with: &[
            "nla.bad-credentials",
            "nla.account-locked",
            "nla.password-expired",
            "nla.kerberos-failed-then-ntlm-refused",
        ],
        shown_as: "0x807, 0xA07, 0xD07 or 0xF07",
        fixes: &[
            Remedy::new(
                "client",
                "where it is 6, see that name and domain are right; 24, type the password anew; 23, change it \
                 elsewhere",
            ),
            Remedy::with(
                "domain",
                "where it is 18, look at the account",
                "Get-ADUser USER -Properties LockedOut,Enabled,AccountExpirationDate",
            ),
        ],
        more: &[
            Remedy::with(
                "domain",
                "event 4771 on the controller names the client's address",
                "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4771} -MaxEvents 10",
            ),
            SAVED,
        ],
        sources: &["RFC 4120 7.5.9", "Microsoft Learn: event 4771"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.krb-policy",
        title: "a policy of the domain forbids this ticket",
        chapter: Chapter::Logon,
        meaning: "The domain controller refuses by policy: logon hours, an authentication silo, or selective \
            authentication between forests.",
        wire: "KRB-ERROR 12 (KDC_ERR_POLICY) on port 88",
        confused_with: &["nla.logon-hours", "nla.account-restriction", "nla.krb-client"],
        shown_as: "a code that ends in 07",
        fixes: &[
            Remedy::with(
                "domain",
                "look at logon hours and silo of the user",
                "Get-ADUser USER -Properties logonHours,msDS-AssignedAuthNPolicySilo",
            ),
            Remedy::new(
                "domain",
                "across forests: give the user \"Allowed to authenticate\" on the server's computer account",
            ),
        ],
        sources: &["RFC 4120 7.5.9", "MS-KILE 3.3.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.krb-pkinit",
        title: "the smart card logon failed at the domain controller",
        chapter: Chapter::Logon,
        meaning: "The certificate on the card, or that of the domain controller, was not accepted. The number says \
            which side: 62 the card, 63 and 76 the controller, 66 and 75 names, 70 a chain that cannot be checked, 72 and 73 \
            revocation.",
        wire: "KRB-ERROR 62 to 77 on port 88",
        confused_with: &["nla.krb-client", "tls.cert-untrusted"],
        shown_as: "0x1C07 or 0x2207 are the card itself (wrong PIN, blocked), not this",
        fixes: &[
            Remedy::with(
                "domain",
                "see that the controllers have a certificate for Kerberos and that the card's issuer is in NTAuth",
                "certutil -viewstore -enterprise NTAuth",
            ),
            Remedy::with("client", "read the card and check its chain", "certutil -scinfo"),
        ],
        more: &[Remedy::new("domain", "see that revocation lists are in date and reachable from the controllers")],
        sources: &["RFC 4556 3.2", "RFC 4120 7.5.9", "MS-PKCA 3.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.clock-skew",
        title: "the clocks of client, server and capture do not agree",
        chapter: Chapter::Logon,
        seen: Seen::NeedsKeys,
        meaning: "Logon messages carry the time. Five minutes apart break Kerberos; much more breaks NTLM too. It may \
            also be the capturing machine that is wrong.",
        wire: "with keys: the timestamp in the server's NTLM challenge against the time of the packet",
        confused_with: &["nla.krb-skew", "cap.clock-wrong", "tls.cert-not-yet-valid"],
        shown_as: "0x1D07",
        fixes: &[CLOCKS, SYNC],
        more: &[SKEW],
        sources: &["MS-NLMP 2.2.2.1 (MsvAvTimestamp)", "RFC 4120 3.1.3"],
        ..Cause::BLANK
    },
];
