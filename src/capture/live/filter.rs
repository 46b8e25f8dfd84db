//! What is asked of the kernel when nobody says otherwise.

/// Tags inside each other that are looked into.
const TAGS: usize = 2;

/// Packets that a verdict may need: RDP over TCP and UDP on its port and on `ports`, and ICMP.
#[must_use]
pub fn default_filter(ports: &[u16]) -> String {
    let mut words = vec!["tcp port 3389 or udp port 3389".to_owned()];
    words.extend(ports.iter().filter(|port| **port != 3389).map(|port| format!("tcp port {port} or udp port {port}")));
    words.push("icmp or icmp6".to_owned());
    words.join(" or ")
}

/// The same inside VLAN tags. `vlan` moves everything behind it, so it must stand last.
pub(super) fn inside_tags(filter: &str) -> String {
    (0..TAGS).fold(filter.to_owned(), |inner, _| format!("({filter}) or (vlan and ({inner}))"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::filter::Filter;
    use crate::frame::LinkType;

    #[test]
    fn the_default_names_rdp_and_what_routers_say() {
        assert_eq!(default_filter(&[]), "tcp port 3389 or udp port 3389 or icmp or icmp6");
        assert_eq!(
            default_filter(&[3389, 3390]),
            "tcp port 3389 or udp port 3389 or tcp port 3390 or udp port 3390 or icmp or icmp6"
        );
    }

    #[test]
    fn tags_are_looked_into_twice() {
        let mut filter = Filter::new(&inside_tags(&default_filter(&[]))).expect("libpcap understands it");
        let mut packet = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        packet.extend([0xc3, 0x50, 0x0d, 0x3d]);
        packet.extend([0; 16]);
        for tags in 0..=TAGS {
            let mut frame = vec![2; 12];
            (0..tags).for_each(|_| frame.extend([0x81, 0, 0, 7]));
            frame.extend([8, 0]);
            frame.extend(&packet);
            assert!(filter.matches(LinkType::ETHERNET, &frame).expect("compiled"), "{tags} tags");
        }
    }
}
