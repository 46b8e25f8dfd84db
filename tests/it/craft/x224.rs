//! What is said in clear before any security: TPKT, X.224, the negotiation blocks; and RDP-UDP's first datagrams.

/// Protocols of `requestedProtocols` and `selectedProtocol`.
pub(crate) const RDP: u32 = 0;
pub(crate) const SSL: u32 = 1;
pub(crate) const HYBRID: u32 = 2;
pub(crate) const RDSTLS: u32 = 4;
pub(crate) const HYBRID_EX: u32 = 8;

/// What current clients ask for.
pub(crate) const MODERN: u32 = SSL | HYBRID | HYBRID_EX;

/// A TPKT packet.
pub(crate) fn tpkt(payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![3, 0];
    packet.extend((payload.len() as u16 + 4).to_be_bytes());
    packet.extend(payload);
    packet
}

/// X.224 data, the envelope of everything after the negotiation.
pub(crate) fn data(payload: &[u8]) -> Vec<u8> {
    tpkt(&[&[2, 0xf0, 0x80], payload].concat())
}

/// What stands between the X.224 header and the negotiation request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    None,
    /// `Cookie: mstshash=`, a hint at the user.
    Cookie(&'a str),
    /// A load balancer's word, up to and without CR LF.
    Routing(&'a str),
}

/// A Connection Request.
pub(crate) fn request(token: Token, negotiation: &[u8]) -> Vec<u8> {
    let token = match token {
        Token::None => Vec::new(),
        Token::Cookie(name) => format!("Cookie: mstshash={name}\r\n").into_bytes(),
        Token::Routing(token) => format!("{token}\r\n").into_bytes(),
    };
    connect(0xe0, 0, &[token, negotiation.to_vec()].concat())
}

/// The usual request: a cookie and the protocols.
pub(crate) fn asks(name: &str, protocols: u32) -> Vec<u8> {
    request(Token::Cookie(name), &wants(0, protocols))
}

/// A Connection Confirm as Windows writes it, or the bare 11 bytes with an empty `negotiation`.
pub(crate) fn confirm(negotiation: &[u8]) -> Vec<u8> {
    connect(0xd0, 0x1234, negotiation)
}

/// RDP_NEG_REQ.
pub(crate) fn wants(flags: u8, protocols: u32) -> Vec<u8> {
    negotiation(1, flags, protocols)
}

/// RDP_NEG_RSP.
pub(crate) fn selects(flags: u8, protocol: u32) -> Vec<u8> {
    negotiation(2, flags, protocol)
}

/// RDP_NEG_FAILURE.
pub(crate) fn refuses(code: u32) -> Vec<u8> {
    negotiation(3, 0, code)
}

/// RDP_NEG_CORRELATION_INFO, which goes behind a request whose flag 0x08 announces it.
pub(crate) fn correlation(id: [u8; 16]) -> Vec<u8> {
    [&[6, 0, 0x24, 0], &id[..], &[0; 16]].concat()
}

/// A Disconnect Request.
pub(crate) fn disconnect(reason: u8) -> Vec<u8> {
    tpkt(&[6, 0x80, 0, 0, 0x12, 0x34, reason])
}

/// An Error TPDU quoting nothing.
pub(crate) fn error(cause: u8) -> Vec<u8> {
    tpkt(&[4, 0x70, 0, 0, cause])
}

/// The first datagram of the UDP side channel, padded to 1232 bytes.
pub(crate) fn udp_syn(isn: u32, correlation: Option<[u8; 16]>) -> Vec<u8> {
    let mut datagram = vec![0xff; 4];
    let flags: u16 = 0x0001 | 0x1000 /* SYNEX */ | if correlation.is_some() { 0x0800 } else { 0 };
    datagram.extend(64_u16.to_be_bytes());
    datagram.extend(flags.to_be_bytes());
    datagram.extend(isn.to_be_bytes());
    datagram.extend([1232_u16.to_be_bytes(), 1232_u16.to_be_bytes()].concat());
    if let Some(id) = correlation {
        datagram.extend(id);
        datagram.extend([0; 16]);
    }
    datagram.extend([0, 1, 0, 2] /* version 2 */);
    datagram.resize(1232, 0);
    datagram
}

/// The server's answer to it.
pub(crate) fn udp_syn_ack(client_isn: u32, isn: u32) -> Vec<u8> {
    let mut datagram = client_isn.to_be_bytes().to_vec();
    datagram.extend(64_u16.to_be_bytes());
    datagram.extend(0x1005_u16.to_be_bytes());
    datagram.extend(isn.to_be_bytes());
    datagram.extend([1232_u16.to_be_bytes(), 1232_u16.to_be_bytes()].concat());
    datagram.extend([0, 1, 0, 2]);
    datagram.resize(1232, 0);
    datagram
}

fn connect(code: u8, source: u16, rest: &[u8]) -> Vec<u8> {
    let mut body = vec![6 + rest.len() as u8, code, 0, 0];
    body.extend(source.to_be_bytes());
    body.push(0);
    body.extend(rest);
    tpkt(&body)
}

fn negotiation(kind: u8, flags: u8, value: u32) -> Vec<u8> {
    let mut block = vec![kind, flags];
    block.extend(8_u16.to_le_bytes());
    block.extend(value.to_le_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_field_by_field() {
        let expected: &[u8] = &[
            3, 0, 0, 19, // TPKT: 19 bytes
            14, 0xe0, 0, 0, 0, 0, 0, // X.224: 14 more, connection request
            1, 0, 8, 0, 11, 0, 0, 0, // RDP_NEG_REQ: SSL, HYBRID, HYBRID_EX
        ];
        assert_eq!(request(Token::None, &wants(0, MODERN)), expected);
    }
}
