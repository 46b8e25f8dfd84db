//! Which names a certificate is for: a name or address as somebody typed it, held against those in the certificate.
//!
//! RFC 6125 6.4, RFC 5280 4.2.1.6.

use std::net::IpAddr;

use super::certificate::Certificate;
use super::text::Text;

impl Certificate {
    /// Whether `name` (as typed: a DNS name or an address) is one it is made for; `None` when that may be one of those that
    /// were not kept. The common name counts when there is no DNS name among the alternative ones (RFC 6125 6.4.4), as
    /// Windows does it.
    #[must_use]
    pub fn is_for(&self, name: &str) -> Option<bool> {
        // The root's dot says only that nothing is to be added; brackets, that a literal is one of IPv6.
        let name = name.strip_suffix('.').unwrap_or(name);
        let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        let address: Option<IpAddr> = literal.parse().ok();
        let matches = |pattern: &Text| {
            let pattern = pattern.raw();
            match (address, pattern.parse::<IpAddr>()) {
                (Some(address), Ok(own)) => address == own,
                (None, Err(_)) => is_of_pattern(name, pattern),
                _ => false,
            }
        };
        let has_dns = self.names.iter().any(|name| name.raw().parse::<IpAddr>().is_err());
        let is_named = self.names.iter().any(matches) || (!has_dns && matches(&self.common_name));
        (is_named || !self.has_more_names).then_some(is_named)
    }
}

/// Whether a DNS name fits `pattern`, whose first label may be a star (RFC 6125 6.4.3).
fn is_of_pattern(name: &str, pattern: &str) -> bool {
    pattern.eq_ignore_ascii_case(name)
        || pattern
            .strip_prefix("*.")
            .is_some_and(|domain| name.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::certificate::tests::sample;

    fn of(common_name: &str, names: &[&str]) -> Certificate {
        Certificate {
            subject: "".into(),
            common_name: common_name.into(),
            names: names.iter().map(|name| Text::from(*name)).collect(),
            ..sample()
        }
    }

    #[test]
    fn names_and_wildcards() {
        let certificate = of("rds01.corp.example", &[]);
        assert_eq!(certificate.is_for("RDS01.corp.example"), Some(true));
        assert_eq!(certificate.is_for("rds01.corp.example."), Some(true));
        assert_eq!(certificate.is_for("rds02.corp.example"), Some(false));
        let mut certificate = of("rds01.corp.example", &["*.corp.example", "10.0.0.1"]);
        assert_eq!(["rds02.corp.example", "10.0.0.1"].map(|name| certificate.is_for(name)), [Some(true); 2]);
        assert_eq!(certificate.is_for("a.b.corp.example"), Some(false));
        certificate.has_more_names = true;
        assert_eq!(["10.0.0.1", "10.0.0.2"].map(|name| certificate.is_for(name)), [Some(true), None]);
    }

    #[test]
    fn an_address_is_one_however_it_is_written() {
        let certificate = of("rds01", &["rds01", "2001:db8::1"]);
        let typed = ["2001:DB8:0:0::1", "[2001:db8::1]", "2001:db8::2"];
        assert_eq!(typed.map(|name| certificate.is_for(name)), [Some(true), Some(true), Some(false)]);
        // No star stands for a part of an address.
        assert_eq!(of("", &["*.0.0.1"]).is_for("10.0.0.1"), Some(false));
    }

    #[test]
    fn beside_addresses_alone_the_common_name_counts() {
        assert_eq!(of("rds01", &["10.0.0.1"]).is_for("rds01"), Some(true));
        assert_eq!(of("rds01", &["10.0.0.1", "rds02"]).is_for("rds01"), Some(false));
    }

    #[test]
    fn without_a_subject_the_first_name_stands_for_it() {
        assert_eq!(of("", &["rds01", "rds02"]).display_name(), "rds01");
        assert_eq!(of("", &[]).display_name(), "no name");
    }
}
