//! X.224 TPDUs as RDP uses them: connection request and confirm with their negotiation blocks, disconnect, error.
//!
//! MS-RDPBCGR [2.2.1.1] and [2.2.1.2].
//!
//! [2.2.1.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/18a27ef9-6f9a-4501-b000-94b1fe3c2c10
//! [2.2.1.2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/13757f8f-66db-4273-9d2c-385c33b1e483

use std::borrow::Cow;

use nom::IResult;
use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::{be_u16, le_u16, le_u32, u8 as byte};

use super::describe::{Describe, Field, Malformed};
use super::framing::TPKT_HEADER;
use super::text::{Text, hex};
use crate::knowledge::negotiation::{self, FailureCode, Protocols};

/// X.224 TPDU codes (X.224 section 13.1), upper four bits.
mod code {
    pub(super) const CONNECTION_REQUEST: u8 = 0xe0;
    pub(super) const CONNECTION_CONFIRM: u8 = 0xd0;
    pub(super) const DISCONNECT_REQUEST: u8 = 0x80;
    pub(super) const DATA: u8 = 0xf0;
    pub(super) const ERROR: u8 = 0x70;
}

/// A TPDU, still in the capture's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tpdu<'a> {
    /// `e0`: everything after the class byte.
    ConnectionRequest(ConnectionRequestView<'a>),
    /// `d0`: with its negotiation block.
    ConnectionConfirm(ConnectionConfirm),
    /// `80`: the reason byte.
    DisconnectRequest(u8),
    /// `70`: the reject cause.
    Error(u8),
    /// `f0`: the payload.
    Data(&'a [u8]),
}

/// A Client X.224 Connection Request PDU, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionRequestView<'a> {
    /// Cookie or routing token without its CR LF.
    pub token: Option<&'a [u8]>,
    /// Where the token begins; bytes from the TPKT.
    token_at: usize,
    /// RDP_NEG_REQ flags and requestedProtocols.
    pub negotiation: Option<(u8, Protocols)>,
    /// Where RDP_NEG_REQ begins.
    negotiation_at: usize,
    /// RDP_NEG_CORRELATION_INFO.
    pub correlation: Option<[u8; 16]>,
    /// The first rule of the specification that it breaks.
    pub fault: Option<Malformed>,
}

/// Reads one whole TPKT that carries an X.224 TPDU.
///
/// # Errors
/// [`Malformed`] when it is none; faults that a lenient server would overlook are kept in the request instead.
pub fn tpdu(packet: &[u8]) -> Result<Tpdu<'_>, Malformed> {
    let body = packet.get(TPKT_HEADER..).ok_or(Malformed::at("TPKT", 0))?;
    let [indicator, code, ..] = *body else {
        return Err(Malformed::at("X.224 length indicator", TPKT_HEADER));
    };
    match code & 0xf0 {
        code::CONNECTION_REQUEST => Ok(Tpdu::ConnectionRequest(connection_request(packet, indicator))),
        code::CONNECTION_CONFIRM => connection_confirm(packet).map(Tpdu::ConnectionConfirm),
        code::DISCONNECT_REQUEST => Ok(Tpdu::DisconnectRequest(*body.get(6).unwrap_or(&0))),
        code::ERROR => Ok(Tpdu::Error(*body.get(4).unwrap_or(&0))),
        code::DATA if indicator == 2 => Ok(Tpdu::Data(body.get(3..).unwrap_or_default())),
        _ => Err(Malformed::at("X.224 code", 5)),
    }
}

/// Whether these first bytes of a stream can only be a connection request: safe on any port.
#[must_use]
pub fn looks_like_request(bytes: &[u8]) -> bool {
    match *bytes {
        [3, 0, high, low, indicator, code, 0, 0, _, _, 0, ..] => {
            let length = u16::from_be_bytes([high, low]);
            code & 0xf0 == code::CONNECTION_REQUEST && length >= 11 && u16::from(indicator) + 5 == length
        }
        _ => false,
    }
}

/// Whether these bytes could still become a connection request once more of them are there.
#[must_use]
pub fn may_become_request(bytes: &[u8]) -> bool {
    let fits = |index: usize, byte: u8| match index {
        0 => byte == 3,
        1 => byte == 0,
        5 => byte & 0xf0 == code::CONNECTION_REQUEST,
        _ => true,
    };
    bytes.iter().take(6).enumerate().all(|(index, byte)| fits(index, *byte))
}

fn connection_request(packet: &[u8], indicator: u8) -> ConnectionRequestView<'_> {
    /* 4 TPKT + 1 length indicator + 6 code, references, class */
    const FIXED: usize = 11;
    let mut view = ConnectionRequestView {
        token: None,
        token_at: FIXED,
        negotiation: None,
        negotiation_at: FIXED,
        correlation: None,
        fault: None,
    };
    let fault = |view: &mut ConnectionRequestView<'_>, field, at| {
        view.fault.get_or_insert(Malformed::at(field, at));
    };
    if usize::from(indicator) + 5 != packet.len() {
        fault(&mut view, "X.224 length indicator", 4);
    }
    if packet.len() < FIXED {
        fault(&mut view, "X.224 connection request", packet.len());
        return view;
    }
    if packet[10] & 0xf0 != 0 {
        fault(&mut view, "X.224 class", 10);
    }
    let mut rest = &packet[FIXED..];
    if rest.first().is_some_and(|first| !matches!(first, 1 | 6)) || rest.starts_with(b"\x01") && rest.len() < 8 {
        match rest.windows(2).position(|pair| pair == b"\r\n") {
            Some(end) => {
                view.token = Some(&rest[..end]);
                rest = &rest[end + 2..];
            }
            None => {
                fault(&mut view, "cookie or routing token without CR LF", FIXED);
                view.token = Some(rest);
                return view;
            }
        }
    }
    view.negotiation_at = packet.len() - rest.len();
    if let Ok((tail, (flags, protocols))) = negotiation_block(rest, 1) {
        view.negotiation = Some((flags, Protocols(protocols)));
        rest = tail;
        if flags & 8 != 0 || !rest.is_empty() {
            match correlation_info(rest) {
                Ok((_, id)) => view.correlation = Some(id),
                Err(_) => fault(&mut view, "RDP_NEG_CORRELATION_INFO", packet.len() - rest.len()),
            }
        }
    } else if !rest.is_empty() {
        let at = view.negotiation_at;
        fault(&mut view, "RDP_NEG_REQ", at);
    }
    view
}

/// type, flags, length 8, value: the shape of RDP_NEG_REQ, RDP_NEG_RSP and RDP_NEG_FAILURE alike.
fn negotiation_block(input: &[u8], kind: u8) -> IResult<&[u8], (u8, u32)> {
    let (input, (found, flags, length, value)) = (byte, byte, le_u16, le_u32).parse(input)?;
    if found != kind || length != 8 {
        return Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Tag)));
    }
    Ok((input, (flags, value)))
}

fn correlation_info(input: &[u8]) -> IResult<&[u8], [u8; 16]> {
    let (input, (kind, _flags, length, id, _reserved)) =
        (byte, byte, le_u16, take(16usize), take(16usize)).parse(input)?;
    match <[u8; 16]>::try_from(id) {
        Ok(id) if kind == 6 && length == 36 => Ok((input, id)),
        _ => Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Tag))),
    }
}

fn connection_confirm(packet: &[u8]) -> Result<ConnectionConfirm, Malformed> {
    let short = |_: nom::Err<nom::error::Error<&[u8]>>| Malformed::at("X.224 connection confirm", packet.len());
    let (rest, (_, _, _, source, _)) = (take(5usize), byte, be_u16, be_u16, byte).parse(packet).map_err(short)?;
    let answer = match rest.first() {
        None => Answer::Absent,
        Some(2) => {
            let (_, (flags, selected)) =
                negotiation_block(rest, 2).map_err(|_| Malformed::at("RDP_NEG_RSP.length", 13))?;
            Answer::Response { flags, selected: Protocols(selected) }
        }
        Some(3) => {
            let (_, (_, failure)) =
                negotiation_block(rest, 3).map_err(|_| Malformed::at("RDP_NEG_FAILURE.length", 13))?;
            Answer::Failure(FailureCode(failure))
        }
        Some(_) => return Err(Malformed::at("negotiation type", 11)),
    };
    Ok(ConnectionConfirm { source_reference: source, answer })
}

/// Client X.224 Connection Request PDU (MS-RDPBCGR 2.2.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRequest {
    /// `mstshash` cookie: a hint who connects, cut to nine characters by Windows.
    pub cookie: Option<Text>,
    /// Routing token, when it is no `mstshash` cookie.
    pub routing_token: Option<Text>,
    /// RDP_NEG_REQ flags, absent when the client sent none.
    pub flags: Option<u8>,
    /// requestedProtocols; `PROTOCOL_RDP` (0) when no RDP_NEG_REQ was sent.
    pub protocols: Protocols,
    /// correlationId, the key that joins this connection with the server's event log and the UDP side.
    pub correlation: Option<[u8; 16]>,
    /// The first rule it breaks.
    pub fault: Option<Malformed>,
    token_range: (u32, u32),
    negotiation_at: u32,
}

impl From<ConnectionRequestView<'_>> for ConnectionRequest {
    fn from(view: ConnectionRequestView<'_>) -> Self {
        const COOKIE: &[u8] = b"Cookie: mstshash=";
        let cookie = view.token.and_then(|token| token.strip_prefix(COOKIE));
        let start = if cookie.is_some() { view.token_at + COOKIE.len() } else { view.token_at };
        let end = view.token_at + view.token.map_or(0, <[u8]>::len);
        Self {
            cookie: cookie.map(Text::from_bytes),
            routing_token: if cookie.is_none() { view.token.map(Text::from_bytes) } else { None },
            flags: view.negotiation.map(|(flags, _)| flags),
            protocols: view.negotiation.map_or(Protocols(0), |(_, protocols)| protocols),
            correlation: view.correlation,
            fault: view.fault,
            token_range: (start as u32, end as u32),
            negotiation_at: view.negotiation_at as u32,
        }
    }
}

impl Describe for ConnectionRequest {
    fn name(&self) -> Cow<'static, str> {
        "Connection Request".into()
    }

    fn summary(&self) -> String {
        if let Some(fault) = self.fault {
            return format!("malformed: {} at byte {}", fault.field, fault.offset);
        }
        match self.flags {
            Some(_) => format!("offers {}", self.protocols),
            None => "offers standard RDP security only, no negotiation".into(),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        let token = self.token_range.0..self.token_range.1;
        if let Some(cookie) = &self.cookie {
            fields.push(Field::new("mstshash", cookie.to_string(), token));
        } else if let Some(routing) = &self.routing_token {
            fields.push(Field::new("routingToken", routing.to_string(), token));
        }
        let at = self.negotiation_at;
        if let Some(flags) = self.flags {
            let names = negotiation::request_flags(flags).join(", ");
            fields.push(Field::new("flags", format!("{flags:#04x} {names}").trim().to_owned(), at + 1..at + 2));
            let value = format!("{:#010x} {}", self.protocols.0, self.protocols);
            fields.push(Field::new("requestedProtocols", value, at + 4..at + 8));
        }
        if let Some(id) = self.correlation {
            fields.push(Field::new("correlationId", hex(&id), at + 12..at + 28));
        }
        fields
    }
}

/// Server X.224 Connection Confirm PDU (MS-RDPBCGR 2.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionConfirm {
    /// SRC-REF: 0x1234 from Windows.
    pub source_reference: u16,
    /// The negotiation block.
    pub answer: Answer,
}

/// What the server says to the client's offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No block: a server that does not negotiate.
    Absent,
    /// RDP_NEG_RSP (2.2.1.2.1).
    Response {
        /// What else the server supports.
        flags: u8,
        /// selectedProtocol.
        selected: Protocols,
    },
    /// RDP_NEG_FAILURE (2.2.1.2.2).
    Failure(FailureCode),
}

impl Describe for ConnectionConfirm {
    fn name(&self) -> Cow<'static, str> {
        match self.answer {
            Answer::Failure(_) => "RDP_NEG_FAILURE".into(),
            _ => "Connection Confirm".into(),
        }
    }

    fn summary(&self) -> String {
        match self.answer {
            Answer::Absent => "no negotiation block: standard RDP security".into(),
            Answer::Response { selected, .. } => format!("picks {}", selected.with_meaning()),
            Answer::Failure(failure) => failure.to_string(),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Field::new("SRC-REF", format!("{:#06x}", self.source_reference), 8..10)];
        match self.answer {
            Answer::Absent => {}
            Answer::Response { flags, selected } => {
                let names = negotiation::response_flags(flags).join(", ");
                fields.push(Field::new("flags", format!("{flags:#04x} {names}").trim().to_owned(), 12..13));
                let value = format!("{:#010x} {selected}", selected.0);
                fields.push(Field::new("selectedProtocol", value, 15..19));
            }
            Answer::Failure(failure) => fields.push(Field::new("failureCode", failure.to_string(), 15..19)),
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_with_cookie_and_protocols() {
        let mut packet = vec![3, 0, 0, 0, 0, 0xe0, 0, 0, 0, 0, 0];
        packet.extend_from_slice(b"Cookie: mstshash=jdoe\r\n");
        packet.extend_from_slice(&[1, 0, 8, 0, 0x0b, 0, 0, 0]);
        packet[3] = packet.len() as u8;
        packet[4] = packet[3] - 5;
        assert!(looks_like_request(&packet));
        let Ok(Tpdu::ConnectionRequest(view)) = tpdu(&packet) else { panic!("no request") };
        let request = ConnectionRequest::from(view);
        assert_eq!(request.cookie.as_ref().map(Text::raw), Some("jdoe"));
        assert_eq!(request.protocols, Protocols(0x0b));
        assert_eq!(request.fault, None);
        assert_eq!(request.summary(), "offers SSL, HYBRID, HYBRID_EX");
    }

    #[test]
    fn smallest_request() {
        let packet = [3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0];
        let Ok(Tpdu::ConnectionRequest(view)) = tpdu(&packet) else { panic!("no request") };
        assert_eq!(ConnectionRequest::from(view).flags, None);
    }

    #[test]
    fn request_faults_name_field_and_place() {
        let wrong_length = [3, 0, 0, 11, 7, 0xe0, 0, 0, 0, 0, 0];
        let Ok(Tpdu::ConnectionRequest(view)) = tpdu(&wrong_length) else { panic!("no request") };
        assert_eq!(view.fault, Some(Malformed::at("X.224 length indicator", 4)));
        let open_cookie = [3, 0, 0, 13, 8, 0xe0, 0, 0, 0, 0, 0, b'C', b'o'];
        let Ok(Tpdu::ConnectionRequest(view)) = tpdu(&open_cookie) else { panic!("no request") };
        assert_eq!(view.fault.map(|fault| fault.offset), Some(11));
    }

    #[test]
    fn confirm_with_failure() {
        let packet = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 5, 0, 0, 0];
        let Ok(Tpdu::ConnectionConfirm(confirm)) = tpdu(&packet) else { panic!("no confirm") };
        assert_eq!(confirm.answer, Answer::Failure(FailureCode(5)));
        assert_eq!(confirm.summary(), "HYBRID_REQUIRED_BY_SERVER (5)");
    }

    #[test]
    fn any_prefix_is_refused_or_read_without_panic() {
        let packet = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0];
        for end in 0..packet.len() {
            let _ = tpdu(&packet[..end]);
        }
    }
}
