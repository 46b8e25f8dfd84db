//! Causes: tls.

use super::super::cause::{Cause, Chapter, Remedy};
use super::remedies::*;

/// In the order of the wire.
pub(super) static CAUSES: &[Cause] = &[
    Cause {
        id: "tls.cert-expired",
        title: "the client refused the server certificate: it is out of date",
        chapter: Chapter::Tls,
        fixes: RENEW,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-not-yet-valid",
        title: "the client refused the server certificate: it is not valid yet",
        chapter: Chapter::Tls,
        fixes: &[
            Remedy::with(
                "server",
                "compare the clocks of {server}, the client and the domain controller",
                "w32tm /query /status",
            ),
            Remedy::with(
                "server",
                "set the wrong one right, then make a new certificate if it was the server's",
                "w32tm /resync",
            ),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-untrusted",
        title: "the client does not trust the issuer of the server certificate",
        chapter: Chapter::Tls,
        fixes: &[
            Remedy::new("server", "give {server} a certificate from an authority that its clients trust"),
            Remedy::new("client", "or let the client trust the issuer: put its certificate among the trusted roots"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-name-mismatch",
        title: "the client refused the server certificate: it is for another name",
        chapter: Chapter::Tls,
        fixes: &[
            Remedy::new("client", "connect by a name that is in the certificate"),
            Remedy::new("server", "or give {server} a certificate with the name (or address) that people type"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-weak",
        title: "the client refused a weak server certificate",
        chapter: Chapter::Tls,
        fixes: &[Remedy::new(
            "server",
            "give {server} a new certificate: RSA of 2048 bits or more, signed with SHA-256",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-wrong-usage",
        title: "the client refused a certificate made for another purpose",
        chapter: Chapter::Tls,
        fixes: &[Remedy::new(
            "server",
            "bind a certificate with the usage Server Authentication and digitalSignature to the RDP listener of {server}",
        )],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-key-mismatch",
        title: "the server's signature does not fit its certificate",
        chapter: Chapter::Tls,
        fixes: &[
            Remedy::with(
                "server",
                "see which certificate is bound to the RDP listener of {server}, and bind the right one",
                r"Get-CimInstance -Namespace root\cimv2\TerminalServices Win32_TSGeneralSetting | fl SSLCertificateSHA1Hash",
            ),
            Remedy::new("path", "or find the device that puts its own certificate in the server's place"),
        ],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.client-refuses",
        title: "the client leaves when it has seen the server's certificate",
        chapter: Chapter::Tls,
        fixes: LOOK,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.version-mismatch",
        title: "client and server share no TLS version",
        chapter: Chapter::Tls,
        fixes: PROTOCOLS,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cipher-mismatch",
        title: "client and server share no TLS cipher",
        chapter: Chapter::Tls,
        fixes: SUITES,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.alert-server",
        title: "the server ends TLS with an alert",
        chapter: Chapter::Tls,
        fixes: KEY,
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.server-silent-close",
        title: "the server closes on the ClientHello without a word: its private key is likely unusable",
        chapter: Chapter::Tls,
        fixes: KEY,
        next: &[Remedy::new(
            "capture",
            "capture on {server} itself: a close that is not seen there was made by a device on the way",
        )],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.handshake-stall",
        title: "the TLS handshake stops half-way",
        chapter: Chapter::Tls,
        fixes: &[
            Remedy::new("server", "look at the load and the Schannel events of {server} at that time"),
            Remedy::new("path", "try with a smaller MTU: large handshake packets may get lost"),
        ],
        next: &[Remedy::new("capture", "capture on {server}: does the ClientHello arrive there?")],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-expires-soon",
        title: "the server's certificate ends within 30 days",
        chapter: Chapter::Tls,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.cert-malformed",
        title: "the server's certificate breaks the X.509 rules",
        chapter: Chapter::Tls,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.interception",
        title: "a TLS inspection product issued the certificate",
        chapter: Chapter::Tls,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
    Cause {
        id: "tls.old-version",
        title: "the connection uses TLS 1.1 or older",
        chapter: Chapter::Tls,
        fixes: &[],
        next: &[],
        ..Cause::BLANK
    },
];
