//! The TLS handshake, its certificate apart: versions, ciphers, silence, and those who listen in between.

use super::super::cause::{Cause, Chapter, Moot, Remedy, Seen};
use super::remedies::{
    CLIENT_EVENTS, CLOSE_AT_SERVER, FIPS_POLICY, KEY, KEY_RIGHTS, NO_RENAMING, PROTOCOLS, RDP_EVENTS, SCHANNEL_EVENTS,
    SMALLEST_MTU, SUITE_POLICY, SUITES, TLS12_ON,
};

const LOOK: &[Remedy] = &[
    Remedy::new("client", "on the client, look at the certificate warning or at the Schannel and CAPI2 event logs")
        .or(&CLIENT_SCHANNEL, Moot::RESUMED.and(Moot::NO_CERTIFICATE)),
    Remedy::new("server", "give {server} a certificate that its clients trust, for the name they use")
        .or(&SAME_SECRETS, Moot::RESUMED.and(Moot::NO_CERTIFICATE)),
];

static CLIENT_SCHANNEL: Remedy =
    Remedy::new("client", "on the client, look at the Schannel event log").or(&CLIENT_OFFER, Moot::NO_OFFER);

static CLIENT_OFFER: Remedy = Remedy::new(
    "client",
    "on the client, see which TLS versions and cipher suites its own settings leave it: options of the program, FIPS mode, a policy of the system",
);

static SAME_SECRETS: Remedy = Remedy::new(
    "server",
    "connect again: without the earlier session the handshake is a full one; if several hosts share the address of {server}, see that they do not resume each other's sessions with other secrets",
)
.or(&NEWER_TLS, Moot::NO_CERTIFICATE);

static NEWER_TLS: Remedy = Remedy::new(
    "server",
    "update what answers on {server}:{port}, or its TLS settings: the client does not take what it chooses; as a test, connect with another client",
)
.unless(Moot::NO_OFFER);

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "tls.server-silent-close",
        title: "the server closes on the ClientHello without a word: its private key is likely unusable",
        chapter: Chapter::Tls,
        meaning: "A good ClientHello arrived and the server hung up, without an alert. On Windows this is what a \
            certificate looks like whose private key the service cannot use. Versions and ciphers that do \
            not meet can end the same way, and so can a forged reset.",
        wire: "ClientHello, or the client's key exchange, acknowledged; then FIN or RST with the server's own TTL, and \
            no alert",
        confused_with: &[
            "tls.version-mismatch",
            "tls.cipher-mismatch",
            "tcp.rst-injected",
            "tls.hello-split-drop",
            "tls.alert-server",
            "neg.ssl-cert-not-on-server",
        ],
        shown_as: "0x904 with extended code 0x7 or 0x0; or 0x4, an internal error has occurred",
        fixes: KEY,
        more: KEY_RIGHTS,
        next: &[CLOSE_AT_SERVER],
        not_this: &[NO_RENAMING, "clearing MSLicensing or the saved passwords: neither was reached"],
        sources: &[
            "Microsoft Learn: event-id-troubleshoot-vm-rdp-connecton",
            "Microsoft Learn: internal-error-has-occurred-connecting-remote-machine",
            "RFC 8446 6.2",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.version-mismatch",
        title: "client and server share no TLS version",
        chapter: Chapter::Tls,
        meaning: "One side speaks only TLS versions that the other has switched off. Old clients against \
            hardened servers, or new clients against servers that never learned TLS 1.2.",
        wire: "alert protocol_version (70) after the ClientHello, or a ServerHello with a version that the \
            client then refuses",
        confused_with: &["tls.cipher-mismatch", "tls.server-silent-close", "tls.renego-or-1-0-only"],
        shown_as: "0x904 or 0x4; \"the function requested is not supported\"",
        fixes: PROTOCOLS,
        more: &[
            TLS12_ON,
            Remedy::new("server", "Windows 7 and Server 2008 R2 learn TLS 1.1 and 1.2 for RDP from update KB3080079"),
            SCHANNEL_EVENTS,
        ],
        sources: &["RFC 8446 6.2", "RFC 5246 E.1", "Microsoft Learn: event-id-troubleshoot-vm-rdp-connecton"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cipher-mismatch",
        title: "client and server share no TLS cipher",
        chapter: Chapter::Tls,
        meaning: "The versions fit, but no cipher suite, key exchange group or signature algorithm is on both \
            lists. Hardened lists (policy, IIS Crypto) on one side are the usual reason.",
        wire: "alert handshake_failure (40) or insufficient_security (71) after the ClientHello, before any \
            certificate",
        confused_with: &["tls.version-mismatch", "tls.server-silent-close", "tls.fips-mismatch", "tls.cert-weak"],
        shown_as: "0x904 or 0x4",
        fixes: SUITES,
        more: &[
            SUITE_POLICY,
            Remedy::new(
                "server",
                "an RSA certificate serves only RSA suites, an ECDSA certificate only ECDSA suites: see that \
                 the list has some for yours",
            ),
            Remedy::new("server", "look for event 36874, or 36888 with state 1205, on {server}"),
        ],
        sources: &["RFC 8446 4.1.1", "RFC 5246 7.4.1.3", "Microsoft Learn: Get-TlsCipherSuite"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.fips-mismatch",
        title: "one side allows only FIPS algorithms",
        chapter: Chapter::Tls,
        seen: Seen::NotInPackets,
        meaning: "FIPS mode (or the encryption level \"FIPS compliant\") removes ciphers on one side, and what \
            is left does not meet the other side. With standard RDP security the server tells it by a code \
            of its own.",
        wire: "as a cipher mismatch: alert 40 or a silent close after the ClientHello; in a session Set Error \
            Info or extended code 8",
        confused_with: &["tls.cipher-mismatch", "mcs.stdsec-method-mismatch"],
        shown_as: "0xE06, extended code 0x8",
        fixes: &[
            FIPS_POLICY,
            Remedy::with(
                "server",
                "see the encryption level of the listener (4: FIPS)",
                r"(gp 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp').MinEncryptionLevel",
            ),
        ],
        more: &[Remedy::new("client", "use a client and a certificate with FIPS algorithms (RSA 2048, SHA-256, AES)")],
        sources: &["MS-RDPBCGR 5.3.1", "Microsoft Learn: ExtendedDisconnectReasonCode"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.alert-server",
        title: "the server ends TLS with an alert",
        chapter: Chapter::Tls,
        meaning: "The server itself says why, by the number of its alert. internal_error (80) is its own fault: \
            mostly a certificate whose key it cannot use. access_denied (49) behind a finished handshake \
            is an old server's way to refuse a logon.",
        wire: "a fatal alert record from the server, in clear",
        confused_with: &[
            "tls.server-silent-close",
            "tls.cipher-mismatch",
            "tls.version-mismatch",
            "nla.refused-no-code",
        ],
        shown_as: "0x904, 0x4 or an error of the 0x8009.... kind",
        fixes: KEY,
        more: KEY_RIGHTS,
        not_this: &[NO_RENAMING],
        sources: &["RFC 8446 6", "RFC 5246 7.2"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.hello-split-drop",
        title: "a large ClientHello is not carried in one packet, and its second part gets lost",
        chapter: Chapter::Tls,
        meaning: "New clients send a ClientHello of about 1.7 KB, because post-quantum keys are large. A device \
            that expects it in one packet drops or resets it. Older clients from the same place work.",
        wire: "a ClientHello over two segments; the second one is sent again and again, or the server side \
            resets after the first",
        confused_with: &["path.mtu-black-hole", "tls.server-silent-close", "tcp.rst-injected"],
        shown_as: "0x904 or a time-out",
        fixes: &[
            Remedy::new("path", "update the firewall or balancer that inspects TLS on the way to {server}"),
            Remedy::new("client", "as a test, offer classic key exchange only (OpenSSL: Groups = X25519:P-256)"),
        ],
        more: &[SMALLEST_MTU],
        next: &[Remedy::new(
            "capture",
            "capture on both sides of the suspect at once; only one side will show the second part",
        )],
        sources: &["RFC 8446 4.2.8", "RFC 8446 5.1 (handshake messages may be split)"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.client-flight-split",
        title: "the client's last flight comes in pieces, and the server hangs up",
        chapter: Chapter::Tls,
        meaning: "Windows expects ClientKeyExchange, ChangeCipherSpec and Finished in one piece. A few clients \
            of other makers send them one by one.",
        wire: "TLS 1.2: ClientKeyExchange alone in its packet, then RST or FIN from the server before the \
            client's Finished",
        confused_with: &["tls.client-refuses", "tcp.rst-injected", "path.loss"],
        shown_as: "another client works",
        fixes: &[Remedy::new("client", "update the client, or let it send its handshake flight in one write")],
        next: &[CLOSE_AT_SERVER],
        sources: &["MS-RDPBCGR 5.4.5.1 (with its note on Windows)", "RFC 5246 7.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.handshake-stall",
        title: "the TLS handshake stops half-way",
        chapter: Chapter::Tls,
        meaning: "The handshake began and then nothing comes any more. Either large packets get lost on the way, \
            or the server waits for something itself: revocation lists, a key in a hardware module, a \
            loaded processor.",
        wire: "ClientHello, perhaps a ServerHello, then silence for seconds; no close from the server",
        confused_with: &["path.mtu-black-hole", "tls.hello-split-drop", "x224.no-confirm"],
        shown_as: "0x108 or 0x704; it hangs at \"Securing remote connection\"",
        fixes: &[
            Remedy::new("server", "look at the load and the Schannel events of {server} at that time"),
            Remedy::new("path", "try with a smaller MTU: large handshake packets may get lost"),
        ],
        more: &[
            Remedy::with(
                "server",
                "see whether the server can fetch revocation lists and issuers, or waits for them",
                "certutil -urlcache *",
            ),
            SMALLEST_MTU,
        ],
        next: &[Remedy::new(
            "capture",
            "capture on {server}: does all of the client's part arrive there, and does the server answer?",
        )],
        sources: &["RFC 8446 2", "RFC 2923 2.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.renego-or-1-0-only",
        title: "the server offers TLS 1.0 only",
        chapter: Chapter::Tls,
        meaning: "A server from the time of Windows 7 and 2008 R2 that never got TLS 1.2 for RDP, or one where \
            it was switched off. Today's clients refuse it.",
        wire: "ServerHello with TLS 1.0, then an alert protocol_version (70) from the client, or it closes",
        confused_with: &["tls.version-mismatch", "tls.old-version"],
        shown_as: "0x904 or 0x4",
        fixes: &[TLS12_ON, Remedy::new("server", "on Windows 7 and Server 2008 R2 install KB3080079 first")],
        next: &[SCHANNEL_EVENTS],
        sources: &["RFC 8996", "Microsoft Support: KB3080079"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.old-version",
        title: "the connection uses TLS 1.1 or older",
        chapter: Chapter::Tls,
        meaning: "Nothing is broken yet. TLS 1.0 and 1.1 are withdrawn, and the next update of a client may \
            refuse them.",
        wire: "ServerHello with TLS 1.0 or 1.1",
        confused_with: &["tls.renego-or-1-0-only", "tls.version-mismatch"],
        fixes: &[TLS12_ON],
        more: &[Remedy::with(
            "client",
            "see that TLS 1.2 is switched on for clients too",
            r"gci -Recurse 'HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols'",
        )],
        sources: &["RFC 8996"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.client-cert-asked",
        title: "the server asks for a client certificate",
        chapter: Chapter::Tls,
        meaning: "The server wants the client to show a certificate during TLS. RDP does not do that: another \
            product or a proxy answers here, or it is an RDP 6.0 server for smart cards.",
        wire: "CertificateRequest in the server's flight; then the client sends an empty certificate or an \
            alert (42, 116)",
        confused_with: &["neg.ssl-with-user-auth-required", "tls.interception"],
        shown_as: "0x904 or a question for a certificate",
        fixes: &[
            Remedy::new(
                "server",
                "find out which product answers on {server}:{port}, and switch its demand for client \
                 certificates off",
            ),
            Remedy::new("path", "or take the proxy out of the way"),
        ],
        sources: &["MS-CSSP 3.1.5", "RFC 8446 4.3.2", "RFC 5246 7.4.4"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.interception",
        title: "a TLS inspection product issued the certificate",
        chapter: Chapter::Tls,
        meaning: "Security software or a firewall opens the encryption, reads along and puts its own certificate \
            in the server's place. NLA notices that, because the logon is bound to the server's real key.",
        wire: "the issuer is a known inspector, or the certificate for the server's name is days old and from \
            a foreign issuer; the ServerHello comes sooner than the distance allows",
        confused_with: &["tls.cert-untrusted", "tls.cert-changed", "nla.pubkey-mismatch", "path.proxy"],
        shown_as: "a certificate warning; 0x80090346, 0x907 or 0x904 after the password",
        fixes: &[Remedy::new(
            "path",
            "exempt tcp {port} of {server} from TLS inspection, on the firewall and in the security \
             software of the client",
        )],
        more: &[
            Remedy::new(
                "client",
                "an exception for mstsc.exe is often not enough; switch the network scan off as a test",
            ),
            Remedy::new("client", "if nobody knows the issuer: treat it as an attack until you know it"),
        ],
        next: &[Remedy::with(
            "capture",
            "compare the certificate's fingerprint with the one on {server} itself",
            r"gci 'Cert:\LocalMachine\Remote Desktop' | fl Subject,Thumbprint",
        )],
        not_this: &["importing the inspector's root as trusted: the warning goes away, NLA still fails"],
        sources: &["MS-CSSP 3.1.5 (binding to the public key)", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.client-refuses",
        title: "the client refuses the server's TLS or certificate",
        chapter: Chapter::Tls,
        meaning: "The client saw what the server shows and left. The alert says why, if there is one; in TLS 1.3 \
            and behind a close it may only be seen that it refused. Sometimes it was the user, at the \
            warning.",
        wire: "an alert from the client, or FIN or RST, between ServerHello and the client's Finished; in TLS \
            1.3 a record of 19 bytes where the Finished belongs",
        confused_with: &[
            "tls.cert-expired",
            "tls.cert-untrusted",
            "tls.cert-name-mismatch",
            "ok.prompt-reconnect",
            "nla.client-stops",
        ],
        shown_as: "0x1B07, 0x907 or 0x80090325; or a certificate warning",
        fixes: LOOK,
        more: &[CLIENT_EVENTS],
        next: &[Remedy::new("client", "ask the user what the certificate warning said")
            .unless(Moot::RESUMED.and(Moot::NO_CERTIFICATE))],
        sources: &["RFC 8446 6.2", "MS-RDPBCGR 5.4.5.1"],
        ..Cause::BLANK
    },
    Cause {
        id: "rdp.closed-after-tls",
        title: "the server closes right after the TLS handshake",
        chapter: Chapter::Tls,
        meaning: "TLS is up, nothing was refused, and the server leaves before any RDP. Services behind a TLS \
            front do this when their own start fails; so does Windows when the listener cannot make a \
            connection object.",
        wire: "the handshake is complete; the server closes before the client's first RDP or NLA message, or \
            right on it",
        confused_with: &["nla.refused", "tls.server-silent-close", "mcs.refused"],
        shown_as: "0x904 or 0x4",
        fixes: &[Remedy::new(
            "server",
            "look in the logs of the RDP service on {server} for that second (RdpCoreTS/Operational)",
        )],
        more: &[
            RDP_EVENTS,
            Remedy::with(
                "server",
                "on xrdp or weston: read the service's own log",
                r#"journalctl -u xrdp --since "10 min ago""#,
            ),
        ],
        next: &[CLOSE_AT_SERVER],
        sources: &["MS-RDPBCGR 1.3.1.1", "MS-RDPBCGR 5.4.5.1"],
        ..Cause::BLANK
    },
];
