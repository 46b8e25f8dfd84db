//! Who is asked for on a link, and who answers: ARP (RFC 826) and neighbour discovery (RFC 4861 4.3, 4.4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::segment::{Hardware, Neighbour, Net};

/// ARP for IPv4 over Ethernet.
pub(super) fn arp(bytes: &[u8]) -> Option<Neighbour> {
    let [0, 1, 8, 0, 6, 4, 0, operation @ (1 | 2), body @ ..] = bytes else { return None };
    let address = |at: usize| Some(IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(body.get(at..at + 4)?).ok()?)));
    // sender's hardware address 0..6 and address 6..10, target's 10..16 and 16..20
    let (sender, target) = (address(6)?, address(16)?);
    let claim = body.first_chunk().copied().map(Hardware);
    let is_answer = *operation == 2;
    let is_probe = sender == IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let (asker, target) = if is_answer { (target, sender) } else { (sender, target) };
    (!is_probe).then_some(Neighbour { asker, target, is_answer, claim })
}

/// Neighbor Solicitation (135) and Advertisement (136).
pub(super) fn discovery(net: &Net, bytes: &[u8]) -> Option<Neighbour> {
    let [kind @ (135 | 136), 0, _, _, _, _, _, _, body @ ..] = bytes else { return None };
    let (target, options) = body.split_at_checked(16)?;
    let target = IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(target).ok()?));
    let is_answer = *kind == 136;
    let asker = if is_answer { net.destination } else { net.source };
    // An announcement goes to everybody; duplicate address detection comes from the unspecified address.
    let asker = if is_answer && asker.is_multicast() { target } else { asker };
    let is_told = !asker.is_unspecified() && !asker.is_multicast();
    is_told.then_some(Neighbour { asker, target, is_answer, claim: link_layer(options, is_answer) })
}

/// The source's (1) or target's (2) link-layer address (RFC 4861 4.6.1), where it is the first option, as all systems write it.
fn link_layer(options: &[u8], is_answer: bool) -> Option<Hardware> {
    let wanted = if is_answer { 2 } else { 1 };
    match *options {
        [kind, 1, a, b, c, d, e, f, ..] if kind == wanted => Some(Hardware([a, b, c, d, e, f])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_answer_and_announcement() {
        let mut bytes = [0, 1, 8, 0, 6, 4, 0, 1, 2, 2, 2, 2, 2, 2, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 9];
        let (asker, target) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 9]));
        let claim = Some(Hardware([2; 6]));
        assert_eq!(arp(&bytes), Some(Neighbour { asker, target, is_answer: false, claim }));
        bytes[7] = 2;
        assert_eq!(arp(&bytes), Some(Neighbour { asker: target, target: asker, is_answer: true, claim }));
        bytes[27] = 1;
        assert!(arp(&bytes).is_some_and(|told| told.is_announcement() && told.speaker() == asker));
        bytes[14..18].fill(0);
        assert_eq!(arp(&bytes), None, "somebody asks whether an address is free");
        assert_eq!(arp(&bytes[..20]), None);
    }
}
