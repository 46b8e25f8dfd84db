//! A second look at certificates that a strict parser refuses: just the DER skeleton down to names and dates.

use super::text::Text;

/// DER tags used here (X.690 8).
mod tag {
    pub(super) const INTEGER: u8 = 0x02;
    pub(super) const OID: u8 = 0x06;
    pub(super) const UTC_TIME: u8 = 0x17;
    pub(super) const GENERALIZED_TIME: u8 = 0x18;
    pub(super) const SEQUENCE: u8 = 0x30;
    pub(super) const SET: u8 = 0x31;
    pub(super) const VERSION: u8 = 0xa0;
}

/// 2.5.4.3, commonName.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// The few parts of a certificate that answer "whose" and "until when".
#[derive(Debug)]
pub(super) struct Skeleton<'a> {
    pub(super) serial: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    /// Seconds since the epoch.
    pub(super) not_before: i64,
    /// Seconds since the epoch.
    pub(super) not_after: i64,
}

/// One element: tag, contents, rest.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

fn expect(bytes: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, contents, rest) = element(bytes)?;
    (tag == wanted).then_some((contents, rest))
}

/// TBSCertificate (RFC 5280 4.1) up to the subject.
pub(super) fn read(der: &[u8]) -> Option<Skeleton<'_>> {
    let (certificate, _) = expect(der, tag::SEQUENCE)?;
    let (mut rest, _) = expect(certificate, tag::SEQUENCE)?;
    if let Some((_, after)) = expect(rest, tag::VERSION) {
        rest = after;
    }
    let (serial, rest) = expect(rest, tag::INTEGER)?;
    let (_, rest) = expect(rest, tag::SEQUENCE)?;
    let (issuer, rest) = expect(rest, tag::SEQUENCE)?;
    let (validity, rest) = expect(rest, tag::SEQUENCE)?;
    let (subject, _) = expect(rest, tag::SEQUENCE)?;
    let (kind, from, validity) = element(validity)?;
    let not_before = time(kind, from)?;
    let (kind, to, _) = element(validity)?;
    Some(Skeleton { serial, issuer, subject, not_before, not_after: time(kind, to)? })
}

/// UTCTime or GeneralizedTime (RFC 5280 4.1.2.5), seconds optional, zone ignored unless Z.
fn time(kind: u8, text: &[u8]) -> Option<i64> {
    let (year, rest) = match kind {
        tag::UTC_TIME => {
            let short = digits(text.get(..2)?)?;
            (if short < 50 { 2000 + short } else { 1900 + short }, text.get(2..)?)
        }
        tag::GENERALIZED_TIME => (digits(text.get(..4)?)?, text.get(4..)?),
        _ => return None,
    };
    let part = |index: usize| rest.get(index * 2..index * 2 + 2).and_then(digits);
    let (month, day, hour, minute) = (part(0)?, part(1)?, part(2)?, part(3)?);
    let second = part(4).unwrap_or(0);
    let sane = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    sane.then(|| ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// Days since 1970-01-01 of a date in the Gregorian calendar.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The values of a Name (RFC 5280 4.1.2.4), with the attribute spelled out only for the common name.
pub(super) fn name(contents: &[u8]) -> Text {
    let parts: Vec<String> = attributes(contents)
        .map(|(oid, value)| {
            let value = String::from_utf8_lossy(value);
            if oid == COMMON_NAME { format!("CN={value}") } else { value.into_owned() }
        })
        .collect();
    Text::from(parts.join(", ").as_str())
}

/// The last common name of a Name.
pub(super) fn common_name(contents: &[u8]) -> Text {
    attributes(contents)
        .filter(|(oid, _)| *oid == COMMON_NAME)
        .last()
        .map(|(_, value)| Text::from_bytes(value))
        .unwrap_or_default()
}

fn attributes(mut contents: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (set, rest) = expect(contents, tag::SET)?;
        contents = rest;
        let (attribute, _) = expect(set, tag::SEQUENCE)?;
        let (oid, value) = expect(attribute, tag::OID)?;
        let (_, text, _) = element(value)?;
        Some((oid, text))
    })
    .take(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(time(tag::UTC_TIME, b"260309034112Z"), Some(1_773_027_672));
        assert_eq!(time(tag::GENERALIZED_TIME, b"19700101000000Z"), Some(0));
        assert_eq!(time(tag::UTC_TIME, b"991231235959Z"), Some(946_684_799));
        assert_eq!(time(tag::UTC_TIME, b"26130903411"), None);
        assert_eq!(time(tag::UTC_TIME, b""), None);
    }

    #[test]
    fn skeleton_of_a_broken_certificate() {
        let name = b"\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02ab";
        let mut tbs = vec![0x02, 0x01, 0x07, 0x30, 0x00];
        for part in [
            [&[0x30, name.len() as u8][..], name].concat(),
            [&[0x30, 30][..], b"\x17\x0d200101000000Z\x17\x0d210101000000Z"].concat(),
            [&[0x30, name.len() as u8][..], name].concat(),
        ] {
            tbs.extend_from_slice(&part);
        }
        let der = [&[0x30, tbs.len() as u8 + 2, 0x30, tbs.len() as u8][..], &tbs].concat();
        let skeleton = read(&der).expect("a skeleton");
        assert_eq!(common_name(skeleton.subject).raw(), "ab");
        assert_eq!(skeleton.not_after - skeleton.not_before, 366 * 86_400);
        for end in 0..der.len() {
            assert!(read(&der[..end]).is_none());
        }
    }
}
