//! What a stream is when it is no RDP: marks of other protocols in its first bytes. Only certain marks are taken; a
//! guess is worse than no answer.

use std::borrow::Cow;

use super::describe::{Describe, Field};
use super::framing::Framing;
use super::text::Text;

/// Bytes with which every mark is decided; with fewer, `None` may still become an answer.
pub const ENOUGH: usize = 16;
/// The longest first line shown; bytes.
const LINE_LIMIT: usize = 120;

/// The longest PROXY header of version 1, with its line end (HAProxy, proxy-protocol.txt 2.1); bytes.
const PROXY_LINE: usize = 107;
/// Signature of version 2 (2.2), and its header up to the addresses.
const PROXY_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const PROXY_V2_FIXED: usize = 16;
/// The longest of version 2 believed: addresses and what is added to them; bytes.
const PROXY_V2_LIMIT: usize = 2048;

/// The PROXY header with which a stream begins; its own protocol follows behind it.
#[must_use]
pub fn proxy_header(bytes: &[u8]) -> Framing {
    let begins = |mark: &[u8]| mark.iter().zip(bytes).all(|(a, b)| a == b);
    if begins(PROXY_V2) && !bytes.is_empty() {
        return match *bytes {
            [_, _, _, _, _, _, _, _, _, _, _, _, 0x20 | 0x21, _, high, low, ..] => {
                let length = PROXY_V2_FIXED + usize::from(u16::from_be_bytes([high, low]));
                if length <= PROXY_V2_LIMIT { Framing::Length(length) } else { Framing::No }
            }
            _ if bytes.len() < PROXY_V2_FIXED => Framing::NotYet,
            _ => Framing::No,
        };
    }
    let families: [&[u8]; 3] = [b"PROXY TCP4 ", b"PROXY TCP6 ", b"PROXY UNKNOWN"];
    if bytes.is_empty() || !families.iter().any(|family| begins(family)) {
        return Framing::No;
    }
    match bytes.iter().take(PROXY_LINE).position(|byte| *byte == b'\n') {
        Some(end) => Framing::Length(end + 1),
        None if bytes.len() < PROXY_LINE => Framing::NotYet,
        None => Framing::No,
    }
}

/// A PROXY header of so many bytes, as [`proxy_header`] found it.
#[must_use]
pub fn proxy(header: &[u8]) -> Foreign {
    Foreign::new(Protocol::Proxy, false, header)
}

/// A protocol that is not RDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// An HTTP response (RFC 9112 4).
    Http,
    /// An HTTP request (RFC 9112 3), also CONNECT of a proxy.
    HttpRequest,
    /// SSH (RFC 4253 4.2).
    Ssh,
    /// A TLS handshake or alert before any negotiation. From a client it may still be RDP's direct approach
    /// (MS-RDPBCGR 5.4.2.2): look inside, or at the server's answer, before calling it foreign.
    Tls,
    /// VNC (RFC 6143 7.1.1).
    Rfb,
    /// A mail server's greeting (RFC 5321 3.1).
    Smtp,
    /// A file server's greeting (RFC 959 5.4), or another service that greets with 220.
    Ftp,
    /// POP3 or IMAP greeting (RFC 1939 4, RFC 3501 7.1.5).
    Mail,
    /// SMB over TCP (MS-SMB2 2.1).
    Smb,
    /// SOCKS 4 or 5 (RFC 1928 3).
    Socks,
    /// Telnet option negotiation (RFC 854).
    Telnet,
    /// The header that a load balancer puts in front of a stream (HAProxy's PROXY protocol).
    Proxy,
}

/// Marks that either side may show.
const MARKS: &[(&[u8], Protocol)] = &[
    (b"SSH-2.0-", Protocol::Ssh),
    (b"SSH-1.", Protocol::Ssh),
    (b"RFB 003.", Protocol::Rfb),
    (b"PROXY TCP", Protocol::Proxy),
    (b"PROXY UNKNOWN", Protocol::Proxy),
    (PROXY_V2, Protocol::Proxy),
];

/// Marks of a client.
const CLIENT_MARKS: &[(&[u8], Protocol)] = &[
    (b"GET ", Protocol::HttpRequest),
    (b"POST ", Protocol::HttpRequest),
    (b"HEAD ", Protocol::HttpRequest),
    (b"PUT ", Protocol::HttpRequest),
    (b"OPTIONS ", Protocol::HttpRequest),
    (b"CONNECT ", Protocol::HttpRequest),
    (b"RDG_OUT_DATA ", Protocol::HttpRequest),
    (b"RDG_IN_DATA ", Protocol::HttpRequest),
    (b"RPC_OUT_DATA ", Protocol::HttpRequest),
    (b"RPC_IN_DATA ", Protocol::HttpRequest),
    (b"PRI * HTTP/2", Protocol::HttpRequest),
];

/// Marks of a server.
const SERVER_MARKS: &[(&[u8], Protocol)] = &[
    (b"HTTP/1.", Protocol::Http),
    // An answer to what looked like a request of HTTP/0.9: the page alone.
    (b"<!DOCTYPE", Protocol::Http),
    (b"<!doctype", Protocol::Http),
    (b"<html", Protocol::Http),
    (b"<HTML", Protocol::Http),
    (b"+OK ", Protocol::Mail),
    (b"* OK ", Protocol::Mail),
];

/// A stream that is no RDP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What it is.
    pub protocol: Protocol,
    /// Whether the server showed it, and not the client.
    pub server: bool,
    /// The first line of a text protocol, the first sixteen bytes in hexadecimal of another.
    pub first: Text,
}

/// What a client speaks that does not speak RDP; `None` when it is not certain. [`ENOUGH`] bytes decide.
#[must_use]
pub fn from_client(bytes: &[u8]) -> Option<Foreign> {
    let protocol =
        marked(CLIENT_MARKS, bytes).or_else(|| marked(MARKS, bytes)).or_else(|| binary(bytes)).or_else(|| {
            match *bytes {
                // version, command, port, address; or version and a list of methods that ends the message
                [4, 1 | 2, _, _, _, _, _, _, ..] => Some(Protocol::Socks),
                [5, count @ 1..=8, ..] if bytes.len() == 2 + usize::from(count) => Some(Protocol::Socks),
                _ => None,
            }
        })?;
    Some(Foreign::new(protocol, false, bytes))
}

/// What a server speaks that does not speak RDP; `None` when it is not certain. [`ENOUGH`] bytes decide.
#[must_use]
pub fn from_server(bytes: &[u8]) -> Option<Foreign> {
    let protocol = marked(SERVER_MARKS, bytes)
        .or_else(|| marked(MARKS, bytes))
        .or_else(|| binary(bytes))
        .or_else(|| greeting(bytes))
        .or((bytes.len() == 2 && matches!(bytes, [5, 0 | 1 | 2 | 0xff])).then_some(Protocol::Socks))?;
    Some(Foreign::new(protocol, true, bytes))
}

/// Whether these few bytes may yet become the mark of another protocol, when more of them are there.
#[must_use]
pub fn may_become(bytes: &[u8], from_client: bool) -> bool {
    let own = if from_client { CLIENT_MARKS } else { SERVER_MARKS };
    let is_begun = |(mark, _): &(&[u8], Protocol)| mark.len() > bytes.len() && mark.starts_with(bytes);
    !bytes.is_empty() && own.iter().chain(MARKS).any(is_begun)
}

fn marked(table: &[(&[u8], Protocol)], bytes: &[u8]) -> Option<Protocol> {
    table.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|row| row.1)
}

fn binary(bytes: &[u8]) -> Option<Protocol> {
    match *bytes {
        // handshake or alert, version 3.0 to 3.3, and a length that fits such a record
        [22, 3, 0..=3, 0..=0x40, _, 1 | 2, ..] | [21, 3, 0..=3, 0, 2, 1 | 2, ..] => Some(Protocol::Tls),
        [0, _, _, _, 0xfe | 0xff, b'S', b'M', b'B', ..] => Some(Protocol::Smb),
        // IAC, then WILL, WONT, DO or DONT, twice
        [0xff, 0xfb..=0xfe, _, 0xff, 0xfa..=0xfe, ..] => Some(Protocol::Telnet),
        _ => None,
    }
}

/// `220 ` or `220-`: a mail server if its first line says so, else a file server.
fn greeting(bytes: &[u8]) -> Option<Protocol> {
    if !(bytes.starts_with(b"220 ") || bytes.starts_with(b"220-")) {
        return None;
    }
    let line = line(bytes);
    let mail = line.windows(4).any(|word| word.eq_ignore_ascii_case(b"SMTP"));
    Some(if mail { Protocol::Smtp } else { Protocol::Ftp })
}

fn line(bytes: &[u8]) -> &[u8] {
    let bytes = &bytes[..bytes.len().min(LINE_LIMIT)];
    bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default()
}

impl Foreign {
    fn new(protocol: Protocol, server: bool, bytes: &[u8]) -> Self {
        let first = match protocol {
            Protocol::Tls | Protocol::Smb | Protocol::Socks | Protocol::Telnet => hexadecimal(bytes),
            Protocol::Proxy if !bytes.starts_with(b"PROXY") => hexadecimal(bytes),
            _ => Text::from_bytes(line(bytes)),
        };
        Self { protocol, server, first }
    }
}

fn hexadecimal(bytes: &[u8]) -> Text {
    let words: Vec<_> = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Text::from(words.join(" ").as_str())
}

impl Protocol {
    /// As people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::HttpRequest => "HTTP request",
            Self::Ssh => "SSH",
            Self::Tls => "TLS",
            Self::Rfb => "VNC (RFB)",
            Self::Smtp => "SMTP",
            Self::Ftp => "FTP",
            Self::Mail => "POP3 or IMAP",
            Self::Smb => "SMB",
            Self::Socks => "SOCKS",
            Self::Telnet => "Telnet",
            Self::Proxy => "PROXY header",
        }
    }
}

impl Describe for Foreign {
    fn name(&self) -> Cow<'static, str> {
        self.protocol.name().into()
    }

    fn summary(&self) -> String {
        let side = if self.server { "server" } else { "client" };
        format!("the {side} speaks {}: {}", self.protocol.name(), self.first)
    }

    fn fields(&self) -> Vec<Field> {
        vec![Field::new("first bytes", self.first.to_string(), 0..self.first.raw().len().min(16) as u32)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(bytes: &[u8]) -> Option<Protocol> {
        from_server(bytes).map(|foreign| foreign.protocol)
    }

    fn client(bytes: &[u8]) -> Option<Protocol> {
        from_client(bytes).map(|foreign| foreign.protocol)
    }

    #[test]
    fn servers() {
        assert_eq!(server(b"HTTP/1.1 400 Bad Request\r\n"), Some(Protocol::Http));
        assert_eq!(server(b"SSH-2.0-OpenSSH_9.6\r\n"), Some(Protocol::Ssh));
        assert_eq!(server(b"RFB 003.008\n"), Some(Protocol::Rfb));
        assert_eq!(server(b"220 mx.example.org ESMTP Postfix\r\n"), Some(Protocol::Smtp));
        assert_eq!(server(b"220 (vsFTPd 3.0.5)\r\n"), Some(Protocol::Ftp));
        assert_eq!(server(&[21, 3, 1, 0, 2, 2, 10]), Some(Protocol::Tls));
        assert_eq!(server(&[0xff, 0xfd, 1, 0xff, 0xfd, 31]), Some(Protocol::Telnet));
        assert_eq!(server(&[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 0, 0, 0, 0]), None);
    }

    #[test]
    fn clients() {
        assert_eq!(client(b"CONNECT host:3389 HTTP/1.1\r\n"), Some(Protocol::HttpRequest));
        assert_eq!(client(&[5, 1, 0]), Some(Protocol::Socks));
        assert_eq!(client(b"\0\0\0\x40\xfeSMB"), Some(Protocol::Smb));
        assert_eq!(client(&[3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0]), None);
    }

    #[test]
    fn proxy_headers_are_measured() {
        let v1 = b"PROXY TCP4 192.0.2.1 192.0.2.2 50000 3389\r\n\x03\0\0\x13";
        let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\xc3\x50\x0d\x3d\x03\0";
        assert_eq!(proxy_header(v1), Framing::Length(v1.len() - 4));
        assert_eq!(proxy_header(v2), Framing::Length(28));
        assert_eq!(proxy_header(b"PROXY UNKNOWN\r\n"), Framing::Length(15));
        for (whole, decided) in [(&v1[..], v1.len() - 4), (&v2[..], 16)] {
            assert!((1..decided).all(|end| proxy_header(&whole[..end]) == Framing::NotYet));
        }
        for other in [&b""[..], b"PUT / HTTP/1.1", b"PROXY UDP4 ", &[b'P'; 200], b"\r\n\r\n\0\r\nQUIT\n\x11\x11\0\0"] {
            assert_eq!(proxy_header(other), Framing::No, "{other:?}");
        }
        let endless = [&b"PROXY TCP4 "[..], &[b'1'; 200]].concat();
        assert_eq!(proxy_header(&endless), Framing::No);
    }

    #[test]
    fn a_mark_may_come_in_pieces() {
        assert!(may_become(b"RFB 003", false) && may_become(b"SSH", true) && may_become(b"GE", true));
        assert!(!may_become(b"RFB 003.", false) && !may_become(b"GET", false) && !may_become(b"", false));
    }

    #[test]
    fn the_first_line_is_quoted_safely() {
        let foreign = from_server(b"SSH-2.0-x\x1b[2J\r\nmore");
        assert_eq!(foreign.map(|foreign| foreign.summary()), Some("the server speaks SSH: SSH-2.0-x\\x1b[2J".into()));
    }

    #[test]
    fn any_bytes_are_read_without_panic() {
        for first in 0..=255 {
            for second in [0, 1, 3, 5, 0xfb, b' '] {
                let bytes = [first, second, 1, 0, 2, 1, 0];
                for end in 0..bytes.len() {
                    let _ = (from_client(&bytes[..end]), from_server(&bytes[..end]));
                }
            }
        }
    }
}
