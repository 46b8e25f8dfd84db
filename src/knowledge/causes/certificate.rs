//! The server's certificate: readable up to TLS 1.2, hidden in TLS 1.3.

use super::super::cause::{Cause, Chapter, Moot, Remedy};
use super::remedies::{BIND, CLOCKS, KEY_RIGHTS, NO_RENAMING, SKEW, UNBIND};

const RENEW: &[Remedy] = &[
    Remedy::with(
        "server",
        "renew the certificate of the RDP listener on {server}",
        r"gci 'Cert:\LocalMachine\Remote Desktop' | Remove-Item; Restart-Service SessionEnv,TermService -Force",
    )
    .or(&OTHER_CLOCK, Moot::IN_DATE),
    Remedy::new(
        "server",
        "if Windows made it (self-signed, valid for half a year), its renewal is broken: look for events 1057 and 1058",
    )
    .or(&WHOLE_CHAIN, Moot::IN_DATE),
];

static OTHER_CLOCK: Remedy = Remedy::with(
    "client",
    "look at the client's clock: by its day the certificate is out of date",
    "w32tm /stripchart /computer:{server} /samples:1 /dataonly",
);

static WHOLE_CHAIN: Remedy = Remedy::new(
    "server",
    "look at the certificates that sign the one of {server}: one of them may have ended; renew that one, and let {server} show it",
);

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "tls.cert-expired",
        title: "the server's certificate is out of date",
        chapter: Chapter::Tls,
        meaning: "The certificate ended before this connection. It is the cause of a death only if the client says so \
            or leaves at it; the Windows client asks its user and goes on if told to. One that Windows made for \
            itself should never expire: then its renewal is broken.",
        wire: "notAfter lies before the packet that shows the certificate; an alert certificate_expired (45) or a \
            close from the client states it",
        confused_with: &["tls.cert-not-yet-valid", "tls.client-refuses", "cap.clock-wrong"],
        shown_as: "0x1B07; not 0x904",
        fixes: RENEW,
        more: KEY_RIGHTS,
        not_this: &[NO_RENAMING, "setting the clock back: it breaks Kerberos and everything signed since"],
        sources: &["RFC 5280 4.1.2.5", "RFC 8446 6.2", "Microsoft Learn: IMsTscAxEvents::OnDisconnected"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-not-yet-valid",
        title: "the server's certificate is not valid yet",
        chapter: Chapter::Tls,
        meaning: "The certificate begins after this connection. Somebody's clock is wrong: the server's when it made \
            the certificate, or the client's now.",
        wire: "notBefore lies after the packet that shows the certificate; the client's alert is then mostly \
            bad_certificate (42)",
        confused_with: &["tls.cert-expired", "cap.clock-wrong", "nla.clock-skew"],
        shown_as: "0x1B07, or a certificate warning",
        fixes: &[
            CLOCKS,
            Remedy::with(
                "server",
                "set the wrong one right, then make a new certificate if it was the server's",
                "w32tm /resync",
            ),
        ],
        more: &[SKEW],
        sources: &["RFC 5280 4.1.2.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-untrusted",
        title: "the client does not trust the issuer of the server certificate",
        chapter: Chapter::Tls,
        meaning: "Self-signed is normal for RDP; it ends a session only where the client is told to insist. Then no \
            authority that the client trusts has signed it.",
        wire: "issuer and subject are the same, or the issuer is private; an alert unknown_ca (48) or \
            certificate_unknown (46), or the client leaves at it",
        confused_with: &["tls.cert-name-mismatch", "tls.interception", "tls.client-refuses", "ok.prompt-reconnect"],
        shown_as: "a certificate warning; 0x907 or 0x80090325",
        fixes: &[
            Remedy::new("server", "give {server} a certificate from an authority that its clients trust"),
            Remedy::new("client", "or let the client trust the issuer: put its certificate among the trusted roots"),
        ],
        more: &[
            BIND,
            Remedy::with(
                "client",
                "see how strict the client is (authentication level 1 refuses, 2 asks)",
                r"gp 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' -Name AuthenticationLevel",
            ),
        ],
        sources: &[
            "RFC 8446 6.2",
            "RFC 5280 6.1",
            "Microsoft Learn: remote-desktop-listener-certificate-configurations",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-name-mismatch",
        title: "the server's certificate is for another name",
        chapter: Chapter::Tls,
        meaning: "The name or address that the user typed is not in the certificate. The Windows client only warns, \
            unless a policy forbids it; strict clients refuse.",
        wire: "the subject and its alternative names lack the name in the ClientHello (SNI); the client's alert is \
            then mostly bad_certificate (42)",
        confused_with: &["tls.cert-untrusted", "dns.wrong-address", "tls.cert-changed"],
        shown_as: "a certificate warning that names both",
        fixes: &[
            Remedy::new("client", "connect by a name that is in the certificate"),
            Remedy::new("server", "or give {server} a certificate with the name (or address) that people type"),
        ],
        more: &[BIND],
        sources: &["RFC 6125 6", "RFC 5280 4.2.1.6", "RFC 6066 3"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-weak",
        title: "the server's certificate has a weak key or signature",
        chapter: Chapter::Tls,
        meaning: "RSA below 2048 bits, or a signature with SHA-1 or MD5. Current systems refuse such certificates.",
        wire: "key size and signature algorithm in the certificate; the client's alert insufficient_security (71) \
            or bad_certificate (42), or it leaves",
        confused_with: &["tls.cipher-mismatch", "tls.client-refuses"],
        shown_as: "a certificate warning, or 0x904",
        fixes: &[Remedy::new(
            "server",
            "give {server} a new certificate: RSA of 2048 bits or more, signed with SHA-256",
        )],
        more: &[
            Remedy::with(
                "server",
                "let Windows make one (this ends all sessions)",
                r"gci 'Cert:\LocalMachine\Remote Desktop' | Remove-Item; Restart-Service SessionEnv,TermService -Force",
            ),
            BIND,
        ],
        sources: &["RFC 9155", "RFC 8446 4.2.3", "NIST SP 800-131A"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-wrong-usage",
        title: "the server's certificate was made for another purpose",
        chapter: Chapter::Tls,
        meaning: "Its extended key usage lacks Server Authentication (and Remote Desktop Authentication), or its key \
            usage does not allow what the chosen cipher needs. A certificate for signing mail or code was bound \
            to the listener.",
        wire: "the usages in the certificate; the client's alert unsupported_certificate (43) or \
            certificate_unknown (46), or it leaves",
        confused_with: &["tls.cert-untrusted", "tls.client-refuses"],
        shown_as: "0x80090349, or a certificate warning",
        fixes: &[Remedy::new(
            "server",
            "bind a certificate with the usage Server Authentication and digitalSignature to the RDP listener of \
             {server}",
        )],
        more: &[BIND, UNBIND],
        sources: &[
            "RFC 5280 4.2.1.12",
            "RFC 5280 4.2.1.3",
            "Microsoft Learn: remote-desktop-listener-certificate-configurations",
        ],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-key-mismatch",
        title: "the server's signature does not fit its certificate",
        chapter: Chapter::Tls,
        meaning: "What the server signs in the handshake cannot be checked with the key in its certificate. \
            Certificate and private key were mixed up, or two hosts behind one address answer for each other.",
        wire: "alert decrypt_error (51) from the client after the server's flight, or a signature that does not \
            verify",
        confused_with: &["tls.interception", "tls.client-refuses", "tcp.stream-damaged"],
        shown_as: "0x904",
        fixes: &[
            Remedy::with(
                "server",
                "see which certificate is bound to the RDP listener of {server}, and bind the right one",
                r"Get-CimInstance -Namespace root\cimv2\TerminalServices Win32_TSGeneralSetting | fl SSLCertificateSHA1Hash",
            ),
            Remedy::new("path", "or find the device that puts its own certificate in the server's place"),
        ],
        more: &[
            Remedy::with(
                "server",
                "test whether key and certificate belong together",
                r#"certutil -store "Remote Desktop""#,
            ),
            BIND,
        ],
        sources: &["RFC 8446 4.4.3", "RFC 5246 7.4.3"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-changed",
        title: "the same server shows different certificates",
        chapter: Chapter::Tls,
        meaning: "Two connections to one name or address got two certificates. It was renewed in between, several \
            hosts share the name, or somebody sits in between on one of the ways.",
        wire: "different fingerprints from the same server address in one capture, or over TCP and over UDP",
        confused_with: &["tls.interception", "dns.wrong-address", "tls.cert-name-mismatch", "redirect.cert"],
        shown_as: "a new certificate warning although the old one was accepted for good",
        fixes: &[
            Remedy::with(
                "server",
                "compare with the certificate on {server} itself; a change with a new date is a renewal",
                r"gci 'Cert:\LocalMachine\Remote Desktop' | fl Thumbprint,NotBefore",
            ),
            Remedy::new("path", "if several hosts share the name, give all of them the same certificate"),
        ],
        sources: &["RFC 5280 4.1.2", "practice"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-expires-soon",
        title: "the server's certificate ends within 30 days",
        chapter: Chapter::Tls,
        meaning: "Nothing is broken yet. Windows renews its own certificate by itself; one that an administrator bound \
            must be renewed by hand.",
        wire: "notAfter lies less than 30 days after the packet that shows the certificate",
        confused_with: &["tls.cert-expired"],
        fixes: &[Remedy::with(
            "server",
            "if an administrator bound it: renew it in time; if Windows made it, see that it gets renewed",
            r"gci 'Cert:\LocalMachine\Remote Desktop' | fl NotAfter",
        )],
        more: &[BIND],
        sources: &["RFC 5280 4.1.2.5"],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-malformed",
        title: "the server's certificate breaks the X.509 rules",
        chapter: Chapter::Tls,
        meaning: "A field of the certificate is not encoded as the standard demands. Lenient clients take it, strict \
            ones (rustls, new OpenSSL) refuse it.",
        wire: "the DER of the certificate: negative serial, wrong times, bad lengths, unknown version",
        confused_with: &["tls.client-refuses", "tls.cert-weak"],
        fixes: &[Remedy::new(
            "server",
            "make a new certificate with a current tool, and bind it to the RDP listener of {server}",
        )],
        more: &[BIND],
        sources: &["RFC 5280 4.1", "X.690 10"],
        ..Cause::BLANK
    },
];
