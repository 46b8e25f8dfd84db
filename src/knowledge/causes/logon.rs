//! Network Level Authentication and what stands in for it, as far as no single code decides.

use super::super::cause::{Cause, Chapter, Remedy, Seen};
use super::remedies::{
    ACCOUNT, CLIENT_EVENTS, CLOCKS, FULL_NAME, KEYS, LOGON, LOGON_EVENTS, NO_INSPECTION, RESTRICTED_ADMIN, RIGHTS,
    SAVED, SECURE_CHANNEL, SERVER_DC, SESSION_EVENTS, USER_RIGHTS, WITH_KERBEROS,
};

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "nla.refused",
        title: "the server refused the logon (Network Level Authentication)",
        chapter: Chapter::Logon,
        meaning: "The server ended NLA after the client's last token. Why, it says only inside the encryption: a wrong \
            password, a locked account, a policy. The network, TLS and the certificate were passed.",
        wire: "an answer of 15 or 16 bytes (a TSRequest with nothing but an error code) where 59 or 103 bytes would \
            mean yes; or the server closes there",
        confused_with: &[
            "nla.bad-credentials",
            "nla.ntlm-blocked",
            "nla.account-restriction",
            "nla.kerberos-failed-then-ntlm-refused",
            "nla.client-stops",
        ],
        shown_as: "0x807 or another code that ends in 07; \"the logon attempt failed\"",
        fixes: LOGON,
        more: &[
            ACCOUNT,
            Remedy::new(
                "client",
                "Windows 11 22H2 and later with Credential Guard cannot use saved Windows passwords for RDP: \
                 type it",
            ),
        ],
        next: &[WITH_KERBEROS],
        not_this: &["renewing certificates or opening firewalls: everything up to the logon worked"],
        sources: &["MS-CSSP 2.2.1 (errorCode)", "MS-CSSP 3.1.5", "measured: mstsc 10.0.22621 against Windows Server"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.bad-credentials",
        title: "wrong user name or password",
        chapter: Chapter::Logon,
        seen: Seen::WithKerberos,
        meaning: "The server's code says so (0xC000006D, 6A or 64). Often it is not the typed password but an old \
            saved one, or the wrong domain before the name.",
        wire: "with keys: TSRequest with errorCode 0xC000006D, 0xC000006A or 0xC0000064; in clear: a KRB-ERROR 24 \
            or one of these numbers on port 88; with neither it is nla.refused",
        confused_with: &["nla.refused", "nla.account-locked", "nla.kerberos-failed-then-ntlm-refused"],
        shown_as: "0x807 or 0xA07; \"your credentials did not work\"",
        fixes: &[
            Remedy::new("client", r"type the password anew, with user@domain; for a local account MACHINE\user"),
            SAVED,
        ],
        more: &[
            LOGON_EVENTS,
            Remedy::new("client", "with Credential Guard saved Windows passwords cannot be used for RDP at all"),
        ],
        next: &[WITH_KERBEROS],
        sources: &[
            "MS-CSSP 2.2.1",
            "MS-ERREF 2.3.1",
            "Microsoft Learn: Credential Guard, considerations and known issues",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.refused-no-code",
        title: "an old server refused the logon and gave no code",
        chapter: Chapter::Logon,
        meaning: "Servers up to Windows 8 and 2012 have no way to send a reason: they close, or send a TLS alert \
            access_denied. A wrong password is the first thing to check.",
        wire: "after the client's NTLM authenticate: an alert record (26 bytes in TLS 1.2 with AES-GCM) or a close \
            from the server, no TSRequest",
        confused_with: &["nla.refused", "nla.bad-credentials", "tls.alert-server"],
        shown_as: "0x807, or 0x904",
        fixes: LOGON,
        next: &[WITH_KERBEROS],
        sources: &["MS-CSSP 2.2.1 (versions 2 and 5 carry no errorCode)", "RFC 8446 6.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.client-stops",
        title: "the client stops although the server accepted the user",
        chapter: Chapter::Logon,
        meaning: "The password was right. The client left at the point where it would hand the credentials over: the \
            user declined the certificate, a policy forbids it, or the server's key is not the one behind TLS.",
        wire: "the server's proof of its key (59 bytes with NTLM, 103 with Kerberos), then the client closes and \
            does not come back",
        confused_with: &["ok.prompt-reconnect", "nla.delegation-policy", "nla.pubkey-mismatch", "tls.client-refuses"],
        shown_as: "0x1607, 0x1707 or 0x1B07; or nothing, if the user declined",
        fixes: &[Remedy::new(
            "client",
            "ask the user for a certificate warning; look at the policy \"Credentials Delegation\" for TERMSRV/*",
        )],
        more: &[CLIENT_EVENTS],
        sources: &["MS-CSSP 3.1.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.client-quits-early",
        title: "the client leaves at the server's NTLM challenge",
        chapter: Chapter::Logon,
        meaning: "The client saw that only NTLM is left and may not use it: its policy forbids NTLM, or the user is in \
            Protected Users. Scanners that only want the names look the same.",
        wire: "NTLM negotiate, NTLM challenge, then FIN or RST from the client",
        confused_with: &["scan.ntlm-info", "nla.ntlm-blocked", "nla.credssp-version"],
        shown_as: "a code that ends in 07, or 0x80090302",
        fixes: &[
            FULL_NAME,
            Remedy::with(
                "client",
                "see whether a policy forbids outgoing NTLM (RestrictSendingNTLMTraffic 2)",
                r"gp HKLM:\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0",
            ),
        ],
        next: &[WITH_KERBEROS],
        sources: &["MS-NLMP 3.1.5.1", "MS-CSSP 3.1.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.credssp-version",
        title: "one side wants a newer CredSSP than the other has",
        chapter: Chapter::Logon,
        seen: Seen::NeedsKeys,
        meaning: "Since the update for CVE-2018-0886 a patched side refuses an unpatched one (\"encryption oracle \
            remediation\"). Nothing is wrong with the password.",
        wire: "with keys: the server's TSRequest has version 2 against 6 of the client, and the client closes; \
            without keys only that one side stops in NLA",
        confused_with: &["nla.client-quits-early", "nla.refused", "nla.client-stops"],
        shown_as: "\"the function requested is not supported; this could be due to CredSSP encryption oracle \
            remediation\"",
        fixes: &[
            Remedy::new(
                "server",
                "install the updates of 2018 and later on the side that lacks them; mostly the server",
            ),
            Remedy::with(
                "client",
                "see what the policy demands (0 force, 1 mitigated, 2 vulnerable)",
                r"reg query HKLM\Software\Microsoft\Windows\CurrentVersion\Policies\System\CredSSP\Parameters /v AllowEncryptionOracle",
            ),
        ],
        next: &[KEYS],
        not_this: &["AllowEncryptionOracle 2 as a cure: it is a bridge to reach the server and patch it; put it back"],
        sources: &["MS-CSSP 2.2.1", "Microsoft Learn: credssp-encryption-oracle-remediation", "CVE-2018-0886"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.pubkey-mismatch",
        title: "the key behind TLS is not the server's key",
        chapter: Chapter::Logon,
        meaning: "NLA binds the logon to the server's public key. The two do not agree, so somebody else's TLS stands \
            in between: inspection, a TLS relay, or an attack.",
        wire: "the server refuses the client's last token, or the client leaves right behind the server's proof and \
            never comes back; with it a certificate of an inspector",
        confused_with: &["tls.interception", "nla.client-stops", "nla.refused"],
        shown_as: "0x80090346 or 0x8009030F",
        fixes: &[
            Remedy::new("path", "take TLS inspection and TLS relays out of the way to {server}"),
            Remedy::with(
                "client",
                "compare the fingerprint that the client shows with the one on the server",
                r"gci 'Cert:\LocalMachine\Remote Desktop' | fl Thumbprint",
            ),
        ],
        more: &[NO_INSPECTION],
        next: &[Remedy::new(
            "capture",
            "capture on {server} too: if the certificate that is shown there is another one, something sits in between",
        )],
        sources: &["MS-CSSP 3.1.5 (pubKeyAuth)", "CVE-2018-0886"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.delegation-policy",
        title: "a policy of the client forbids handing the password to this server",
        chapter: Chapter::Logon,
        seen: Seen::NotInPackets,
        meaning: "The client decides it by itself and the server never hears of it. In packets it only looks like a \
            client that stops.",
        wire: "the client closes behind the server's proof of its key, without credentials and without a second \
            connection; the code is shown on the client only",
        confused_with: &["nla.client-stops", "ok.prompt-reconnect", "nla.pubkey-mismatch"],
        shown_as: "0x1607 or 0x1707; 0xF08",
        fixes: &[
            Remedy::with(
                "client",
                "allow it: policy \"Credentials Delegation\", \"Allow delegating fresh credentials\" (and its \
                 twin \"with NTLM-only server authentication\"), list TERMSRV/NAME",
                r"gpresult /scope computer /h C:\gp.html",
            ),
            FULL_NAME,
        ],
        more: &[Remedy::with(
            "client",
            "see what is set now",
            r"reg query HKLM\SOFTWARE\Policies\Microsoft\Windows\CredentialsDelegation /s",
        )],
        next: &[CLIENT_EVENTS],
        not_this: &["TERMSRV/* for everything: it hands the password to any machine that asks; name the servers"],
        sources: &["Microsoft Learn: IMsTscAxEvents::OnDisconnected", "MS-CSSP 3.1.5"],
    },
    Cause {
        id: "nla.authz-denied",
        title: "the password is right, but this user may not log on through Remote Desktop",
        chapter: Chapter::Logon,
        meaning: "The server authenticated the user and then said no: not in Remote Desktop Users, or a logon right \
            denies it.",
        wire: "with keys: Early User Authorization Result 5; without: a record of 4 bytes from the server, then its \
            close, and no MCS",
        confused_with: &["end.no-privilege", "nla.logon-type", "nla.refused", "rdp.closed-after-tls"],
        shown_as: "\"the connection was denied because the user account is not authorized for remote login\"; extended \
            code 0x9",
        fixes: &[RIGHTS, USER_RIGHTS],
        more: &[Remedy::with("server", "let the user in", r"net localgroup 'Remote Desktop Users' DOMAIN\USER /add")],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 2.2.10.2", "MS-RDPBCGR 5.4.2.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.restricted-admin-refused",
        title: "Restricted Admin is offered, but this user does not get in with it",
        chapter: Chapter::Logon,
        meaning: "Negotiation and NLA pass, the session even starts, and then the server ends it. Restricted Admin is \
            for local administrators, and must not be disabled in the registry.",
        wire: "the request has flag 0x01, the answer 0x08; empty credentials (96 or 52 bytes); activation, no Save \
            Session Info, and the end after 1 to 3 s",
        confused_with: &[
            "neg.restricted-admin-refused",
            "nla.remote-guard-refused",
            "nla.authz-denied",
            "rdp.closed-after-info",
        ],
        shown_as: "a box about the account, or a session that closes at once",
        fixes: &[
            RESTRICTED_ADMIN,
            Remedy::with(
                "server",
                "see whether the user is an administrator of {server}",
                "net localgroup Administrators",
            ),
        ],
        next: &[SESSION_EVENTS],
        sources: &["MS-RDPBCGR 2.2.1.2.1", "Microsoft Learn: Remote Credential Guard", "measured: mstsc 10.0.22621"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.remote-guard-refused",
        title: "Remote Credential Guard is offered, but this user does not get in with it",
        chapter: Chapter::Logon,
        meaning: "Negotiation and NLA pass, the session even starts, and then the server ends it. The server offers \
            the mode and does not let this user use it, or cannot get tickets back from the client.",
        wire: "the request has flag 0x02, the answer 0x10; large credentials (1500 to 9000 bytes); activation, no \
            Save Session Info, and the end after 1 to 3 s",
        confused_with: &[
            "neg.remote-guard-refused",
            "nla.restricted-admin-refused",
            "nla.authz-denied",
            "rdp.closed-after-info",
        ],
        shown_as: "a box about the account, or a session that closes at once",
        fixes: &[RESTRICTED_ADMIN, RIGHTS],
        more: &[Remedy::new("client", "connect by the full DNS name: the mode works with Kerberos only")],
        next: &[SESSION_EVENTS],
        sources: &["MS-RDPBCGR 2.2.1.2.1", "Microsoft Learn: Remote Credential Guard", "measured: mstsc 10.0.22621"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.server-slow",
        title: "the server takes seconds to answer a logon token",
        chapter: Chapter::Logon,
        meaning: "The server waits itself, mostly for a domain controller. The logon may still succeed; with the \
            client's patience it may not.",
        wire: "more than 5 s between a token of the client and the server's answer, the network being quick; or no \
            answer until one of them gives up",
        confused_with: &["nla.no-logon-server", "path.slow", "tcp.retransmit-giveup"],
        shown_as: "a long \"securing remote connection\"",
        fixes: &[
            SERVER_DC,
            Remedy::with("server", "see whether LSASS is overloaded", "Get-Process lsass | fl CPU,Handles,WorkingSet"),
        ],
        next: &[Remedy::new(
            "capture",
            "capture on {server}: its own packets to the domain controller (53, 88, 135, 389, 445) show what it \
             waits for",
        )],
        sources: &["MS-CSSP 3.1.5", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.token-too-big",
        title: "the Kerberos ticket is too large",
        chapter: Chapter::Logon,
        meaning: "A user in very many groups has a ticket that the server does not take in one piece. Other users on \
            the same client get in.",
        wire: "the client's Kerberos token is over 12 KB or comes in two records, and the server closes",
        confused_with: &["nla.refused", "path.mtu-black-hole"],
        shown_as: "only this user; 0x904 or a code that ends in 07",
        fixes: &[
            Remedy::with(
                "server",
                "raise the limit (MaxTokenSize), then restart Windows",
                r"reg add HKLM\SYSTEM\CurrentControlSet\Control\Lsa\Kerberos\Parameters /v MaxTokenSize /t REG_DWORD /d 48000 /f",
            ),
            Remedy::with("domain", "take the user out of groups; count them", r#"whoami /groups | find /c "S-1-""#),
        ],
        next: &[WITH_KERBEROS],
        sources: &["MS-CSSP 2.2.1 (with its note on fragments)", "Microsoft Learn: MaxTokenSize"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.rdstls-refused",
        title: "the target refused the redirected logon (RDSTLS)",
        chapter: Chapter::Logon,
        meaning: "Behind a broker the client shows the credentials that the broker gave it. The target did not take \
            them, or its certificate is not the one that the broker named.",
        wire: "protocol 4 is selected; with keys: an RDSTLS authentication response with another result than 0; \
            without: a record of 10 bytes, then the close",
        confused_with: &["redirect.cert", "nla.refused", "redirect.broker-error"],
        shown_as: "the codes of a refused logon, after a redirection",
        fixes: &[
            Remedy::new(
                "server",
                "see that broker and host belong to the same collection and share their clock and trust",
            ),
            SECURE_CHANNEL,
        ],
        more: &[LOGON_EVENTS],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 5.4.5.3", "MS-RDPBCGR 2.2.17.4"],
        ..Cause::BLANK
    },
    Cause {
        id: "nla.aad-refused",
        title: "the logon with Entra ID was refused",
        chapter: Chapter::Logon,
        meaning: "The client came with a token of Entra ID and the server did not accept it: wrong device name, wrong \
            tenant, a clock, or a user without the right.",
        wire: "protocol 0x10 is selected; the client's long token (1 to 4 kB) is answered by some 30 bytes, and no MCS \
            follows, or the client leaves without one; with keys: authentication_result with an HRESULT other than 0; \
            no HTTPS to login.microsoftonline.com before it is a sign too",
        confused_with: &["nla.refused", "nla.authz-denied", "nla.clock-skew"],
        shown_as: "a sign-in box that comes again; 0x80070005 or 0x80090308",
        fixes: &[
            Remedy::new("client", "connect by the name under which the device is registered, not by address"),
            Remedy::with("server", "see how the device is joined", "dsregcmd /status"),
        ],
        more: &[CLOCKS, RIGHTS],
        next: &[KEYS],
        sources: &["MS-RDPBCGR 5.4.5.4", "MS-RDPBCGR 2.2.18.3"],
        ..Cause::BLANK
    },
];
