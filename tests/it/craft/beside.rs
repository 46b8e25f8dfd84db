//! What is said beside RDP, as bytes: DNS, Kerberos, ARP.

use std::net::Ipv4Addr;

/// Who asks and who is asked, in an office with one of each.
pub(crate) const RESOLVER: &str = "10.20.0.2";
pub(crate) const CONTROLLER: &str = "10.20.0.3";
pub(crate) const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 20, 1, 1);

/// A question for the address of `name`.
pub(crate) fn dns_question(id: u16, name: &str) -> Vec<u8> {
    dns(id, 0x0100, name, &[])
}

/// The answer to it: addresses, or none and a code.
pub(crate) fn dns_answer(id: u16, name: &str, code: u16, addresses: &[&str]) -> Vec<u8> {
    dns(id, 0x8180 | code, name, addresses)
}

fn dns(id: u16, flags: u16, name: &str, addresses: &[&str]) -> Vec<u8> {
    let mut message = Vec::new();
    for word in [id, flags, 1, addresses.len() as u16, 0, 0] {
        message.extend(word.to_be_bytes());
    }
    for label in name.split('.') {
        message.push(label.len() as u8);
        message.extend(label.bytes());
    }
    message.extend([0, 0, 1 /* A */, 0, 1 /* IN */]);
    for address in addresses {
        let address: Ipv4Addr = address.parse().expect("an IPv4 address");
        message.extend([0xc0, 12 /* the name above */, 0, 1, 0, 1, 0, 0, 2, 0x58 /* 600 s */, 0, 4]);
        message.extend(address.octets());
    }
    message
}

/// One DER element.
fn der(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let mut element = vec![tag];
    match content.len() {
        length @ 0..0x80 => element.push(length as u8),
        length => element.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    element.extend(content);
    element
}

fn principal(kind: u8, parts: &[&str]) -> Vec<u8> {
    let strings: Vec<u8> = parts.iter().flat_map(|part| der(0x1b, &[part.as_bytes()])).collect();
    der(0x30, &[&der(0xa0, &[&[2, 1, kind]]), &der(0xa1, &[&der(0x30, &[&strings])])])
}

fn realm() -> Vec<u8> {
    der(0x1b, &[b"CORP.EXAMPLE"])
}

/// AS-REQ of `user`: a ticket to ask for tickets with.
pub(crate) fn as_request(user: &str) -> Vec<u8> {
    request(0x6a, 10, &[der(0xa1, &[&principal(1, &[user])])], &["krbtgt", "CORP.EXAMPLE"])
}

/// TGS-REQ for Remote Desktop on `host`.
pub(crate) fn tgs_request(host: &str) -> Vec<u8> {
    service_request("TERMSRV", host)
}

/// TGS-REQ for another service.
pub(crate) fn service_request(kind: &str, host: &str) -> Vec<u8> {
    request(0x6c, 12, &[], &[kind, host])
}

fn request(tag: u8, kind: u8, client: &[Vec<u8>], service: &[&str]) -> Vec<u8> {
    let body = der(
        0x30,
        &[
            &der(0xa0, &[&der(3, &[&[0, 0x40, 0x81, 0, 0x10]])]),
            &client.concat(),
            &der(0xa2, &[&realm()]),
            &der(0xa3, &[&principal(2, service)]),
        ],
    );
    der(tag, &[&der(0x30, &[&der(0xa1, &[&[2, 1, 5]]), &der(0xa2, &[&[2, 1, kind]]), &der(0xa4, &[&body])])])
}

/// AS-REP or TGS-REP, with a ticket of noise.
pub(crate) fn reply(tag: u8) -> Vec<u8> {
    let ticket = super::frame::noise(u64::from(tag), 1_200);
    let fields = [der(0xa0, &[&[2, 1, 5]]), der(0xa1, &[&[2, 1, tag & 0x1f]]), der(0xa3, &[&realm()])];
    der(tag, &[&der(0x30, &[&fields.concat(), &der(0xa5, &[&der(0x61, &[&ticket])])])])
}

pub(crate) const AS_REPLY: u8 = 0x6b;
pub(crate) const TGS_REPLY: u8 = 0x6d;

/// KRB-ERROR with `code` for `service`, at `clock`, and the NTSTATUS that a Windows controller adds.
pub(crate) fn krb_error(code: u8, service: &[&str], clock: &str, status: Option<u32>) -> Vec<u8> {
    let data = status.map(|status| {
        let value = [status.to_le_bytes(), [0; 4], [1, 0, 0, 0]].concat();
        let data = der(0x30, &[&der(0xa1, &[&[2, 1, 3]]), &der(0xa2, &[&der(4, &[&value])])]);
        der(0xac, &[&der(4, &[&data])])
    });
    let fields = [
        der(0xa0, &[&[2, 1, 5]]),
        der(0xa1, &[&[2, 1, 30]]),
        der(0xa4, &[&der(0x18, &[clock.as_bytes()])]),
        der(0xa5, &[&[2, 1, 7]]),
        der(0xa6, &[&[2, 1, code]]),
        der(0xa9, &[&realm()]),
        der(0xaa, &[&principal(2, service)]),
        data.unwrap_or_default(),
    ];
    der(0x7e, &[&der(0x30, &[&fields.concat()])])
}

/// A whole Ethernet frame: who has `target`?
pub(crate) fn arp_request(asker: Ipv4Addr, target: Ipv4Addr) -> Vec<u8> {
    arp(1, [0xff; 6], asker, target)
}

/// The answer, from `target`.
pub(crate) fn arp_reply(target: Ipv4Addr, asker: Ipv4Addr) -> Vec<u8> {
    arp(2, mac(asker), target, asker)
}

/// The answer of another machine that takes `target` for its own address.
pub(crate) fn arp_reply_from(machine: [u8; 6], target: Ipv4Addr, asker: Ipv4Addr) -> Vec<u8> {
    let mut frame = arp_reply(target, asker);
    for at in [6, 22] {
        frame[at..at + 6].copy_from_slice(&machine);
    }
    frame
}

fn mac(address: Ipv4Addr) -> [u8; 6] {
    let [a, b, c, d] = address.octets();
    [2, 0, a, b, c, d]
}

fn arp(operation: u8, to: [u8; 6], sender: Ipv4Addr, target: Ipv4Addr) -> Vec<u8> {
    let mut frame = to.to_vec();
    frame.extend(mac(sender));
    frame.extend([8, 6, 0, 1, 8, 0, 6, 4, 0, operation]);
    frame.extend(mac(sender));
    frame.extend(sender.octets());
    frame.extend(if operation == 1 { [0; 6] } else { mac(target) });
    frame.extend(target.octets());
    frame.resize(60, 0);
    frame
}
