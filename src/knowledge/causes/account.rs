//! What a server's code says of the account; without keys all of these are nla.refused.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{
    ACCOUNT, CLOCKS, FULL_NAME, LOGON_EVENTS, NEW_PASSWORD, RIGHTS, SECURE_CHANNEL, SERVER_DC, USER_RIGHTS,
    WITH_KERBEROS,
};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "nla.account-locked",
        title: "the account is locked",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "Too many wrong passwords; the right one does not help until it is unlocked. Who tries the wrong ones \
            is the real question: an old saved password, a service, or an attacker.",
        wire: "with keys: errorCode 0xC0000234; in clear: KRB-ERROR 18 on port 88 (for locked and disabled alike) \
            with that number in it; with neither it is nla.refused",
        confused_with: &["nla.bad-credentials", "nla.account-disabled", "scan.brute-force"],
        shown_as: "0xD07",
        fixes: &[
            Remedy::with("domain", "unlock it", "Unlock-ADAccount USER"),
            Remedy::with(
                "domain",
                "find who tries the wrong password: event 4740 names the machine",
                "Get-WinEvent -FilterHashtable @{LogName='Security';Id=4740} -MaxEvents 10",
            ),
        ],
        more: &[ACCOUNT],
        next: &[WITH_KERBEROS],
        sources: &["MS-ERREF 2.3.1", "Microsoft Learn: event 4740", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.account-disabled",
        title: "the account is disabled",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "An administrator switched it off. The password was not the question.",
        wire: "with keys: errorCode 0xC0000072; in clear: KRB-ERROR 18 on port 88 with that number in it; with \
            neither it is nla.refused",
        confused_with: &["nla.account-locked", "nla.account-expired"],
        shown_as: "0xB07",
        fixes: &[Remedy::with("domain", "enable it, if that is right", "Enable-ADAccount USER")],
        more: &[ACCOUNT],
        next: &[LOGON_EVENTS],
        sources: &["MS-ERREF 2.3.1", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.account-expired",
        title: "the account has reached its end date",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "The account was given an end date and it has passed; usual for contractors. The password may still \
            be right.",
        wire: "with keys: errorCode 0xC0000193; in clear: KRB-ERROR 18 on port 88 with that number in it; with \
            neither it is nla.refused",
        confused_with: &["nla.account-disabled", "nla.password-expired"],
        shown_as: "0xE07",
        fixes: &[Remedy::with(
            "domain",
            "set a later end date, if that is right",
            "Set-ADAccountExpiration USER -DateTime (Get-Date).AddDays(30)",
        )],
        more: &[ACCOUNT],
        next: &[LOGON_EVENTS],
        sources: &["MS-ERREF 2.3.1", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.password-expired",
        title: "the password has expired",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "The password is right and too old. NLA has no dialog to change it, so the user is stuck until it is \
            changed elsewhere.",
        wire: "with keys: errorCode 0xC0000071; in clear: KRB-ERROR 23 on port 88 with that number in it; with \
            neither it is nla.refused",
        confused_with: &["nla.password-must-change", "nla.bad-credentials"],
        shown_as: "0xF07",
        fixes: &[NEW_PASSWORD, Remedy::with("domain", "or set a new one", "Set-ADAccountPassword USER -Reset")],
        next: &[WITH_KERBEROS],
        not_this: &[
            "leaving NLA off so that users can change passwords: a console or RD Web does it without opening the \
             server",
        ],
        sources: &["MS-ERREF 2.3.1", "RFC 4120 7.5.9", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.password-must-change",
        title: "the password must be changed at the first logon",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "An administrator set a password and \"must change at next logon\". NLA cannot ask for the new one.",
        wire: "with keys: errorCode 0xC0000224; in clear: KRB-ERROR 23 on port 88 with that number in it; with \
            neither it is nla.refused",
        confused_with: &["nla.password-expired", "nla.bad-credentials"],
        shown_as: "0x1207",
        fixes: &[
            NEW_PASSWORD,
            Remedy::with("domain", "or take the mark away", "Set-ADUser USER -ChangePasswordAtLogon $false"),
        ],
        next: &[WITH_KERBEROS],
        sources: &["MS-ERREF 2.3.1", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.logon-hours",
        title: "the user may not log on at this hour",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "The account has logon hours, and now is outside of them. They count in UTC in the directory.",
        wire: "with keys: errorCode 0xC000006F; in clear: KRB-ERROR 12 or 18 on port 88 with that number in it; \
            with neither it is nla.refused",
        confused_with: &["nla.account-restriction", "nla.krb-policy"],
        shown_as: "0x1007",
        fixes: &[Remedy::with("domain", "look at the account's logon hours", "Get-ADUser USER -Properties logonHours")],
        more: &[CLOCKS],
        next: &[LOGON_EVENTS],
        sources: &["MS-ERREF 2.3.1", "RFC 4120 7.5.9"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.workstation",
        title: "the user may not log on at this machine",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "The account lists the machines it may use. With NLA the list must name the client's machine too, not \
            only the server.",
        wire: "with keys: errorCode 0xC0000070; in clear: the same number in a KRB-ERROR on port 88; with neither \
            it is nla.refused",
        confused_with: &["nla.account-restriction", "nla.logon-type"],
        shown_as: "0x1107",
        fixes: &[Remedy::with(
            "domain",
            "look at the list, and add client and server",
            "Get-ADUser USER -Properties LogonWorkstations",
        )],
        next: &[LOGON_EVENTS],
        sources: &["MS-ERREF 2.3.1", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.account-restriction",
        title: "a restriction of the account forbids this kind of logon",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "A blank password, a member of Protected Users who came with NTLM, or an authentication silo. The \
            code hides which; if Kerberos failed a moment before, that is the cause.",
        wire: "with keys: errorCode 0xC000006E; in clear: a KRB-ERROR on port 88 in the seconds before, with that \
            number in it; with neither it is nla.refused",
        confused_with: &["nla.kerberos-failed-then-ntlm-refused", "nla.ntlm-blocked", "nla.workstation"],
        shown_as: "0xC07",
        fixes: &[
            FULL_NAME,
            Remedy::with(
                "domain",
                "see whether the user is in Protected Users or in a silo",
                "Get-ADUser USER -Properties MemberOf,msDS-AssignedAuthNPolicySilo",
            ),
        ],
        more: &[Remedy::new("server", "a local account without a password cannot log on over the network: set one")],
        next: &[WITH_KERBEROS],
        sources: &["MS-ERREF 2.3.1", "Microsoft Learn: Protected Users security group"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.logon-type",
        title: "the user has no right for this kind of logon on the server",
        chapter: Chapter::Logon,
        seen: Seen::NeedsKeys,
        meaning: "NLA logs on \"from the network\" first, the desktop comes after. A denied network logon ends it \
            before the Remote Desktop right is asked for.",
        wire: "with keys: errorCode 0xC000015B; without: nla.refused",
        confused_with: &["nla.authz-denied", "nla.workstation"],
        shown_as: "0x1307",
        fixes: &[USER_RIGHTS, RIGHTS],
        next: &[LOGON_EVENTS],
        sources: &["MS-ERREF 2.3.1", "Microsoft Learn: \"Access this computer from the network\" user right"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.no-logon-server",
        title: "the server reaches no domain controller",
        chapter: Chapter::Logon,
        meaning: "The password cannot be checked, because nobody answers the server. The client and its user are fine, \
            and so is RDP.",
        wire: "with keys: errorCode 0xC000005E, or 0x80090311; in a capture on the server its own queries to port \
            53, 88, 135, 389 or 445 fail while the client waits 5 to 30 s",
        confused_with: &["nla.trust-broken", "nla.server-slow", "nla.kdc-unreachable"],
        shown_as: "0x1807; \"the Local Security Authority cannot be contacted\"",
        fixes: &[SERVER_DC, SECURE_CHANNEL],
        more: &[Remedy::new("server", r"a local account still works (MACHINE\user); use it to get in")],
        next: &[Remedy::new("capture", "capture on {server} itself with ports 53, 88, 135, 389 and 445")],
        not_this: &["leaving NLA off for good: as a test it shows that only NLA is hit; put it back"],
        sources: &["MS-ERREF 2.3.1", "MS-CSSP 3.1.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.trust-broken",
        title: "the server's own trust with its domain is broken",
        chapter: Chapter::Logon,
        seen: Seen::NeedsKeys,
        meaning: "The machine account's password no longer agrees with the directory (restored snapshot, cloned \
            machine), or a trust between domains is down. No domain user gets in; local ones do.",
        wire: "with keys: errorCode 0xC000018B, 18C, 18D, 0xC0000190 or 0xC0000192; without: nla.refused",
        confused_with: &["nla.no-logon-server", "nla.krb-modified"],
        shown_as: "\"the trust relationship between this workstation and the primary domain failed\"",
        fixes: &[
            SECURE_CHANNEL,
            Remedy::with(
                "server",
                "see that Netlogon runs and which controller it uses",
                "Get-Service Netlogon; nltest /sc_query:DOMAIN",
            ),
        ],
        next: &[SERVER_DC],
        not_this: &[
            "leaving and joining the domain again as the first step: repairing the channel is enough and keeps \
             the machine account",
        ],
        sources: &["MS-ERREF 2.3.1", "Microsoft Learn: Test-ComputerSecureChannel"],
        ..Cause::BLANK
    },
];
