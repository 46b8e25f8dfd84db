//! What a pcapng file says about an interface: link type, snap length, and how its clock counts.

use nom::IResult;
use pcap_parser::PcapNGOption;
use pcap_parser::pcapng::{OptionCode, parse_option_be, parse_option_le};

use crate::frame::{LinkType, Timestamp};

use super::bytes::Order;

/// An interface of the current section.
pub(super) struct Interface {
    pub(super) link: LinkType,
    pub(super) known: bool,
    pub(super) snaplen: u32,
    scale: Scale,
    /// Seconds to add to every time stamp.
    offset: i64,
    /// Packets it says it lost, so far.
    pub(super) dropped: u64,
}

/// How ticks become nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    Times(u64),
    Over(u64),
    /// Ticks of 2^-n seconds.
    Binary(u32),
}

impl Interface {
    /// From the body of an Interface Description Block.
    pub(super) fn new(order: Order, body: &[u8]) -> Self {
        let link = LinkType(u32::from(order.u16(body, 0)));
        let mut interface = Self {
            link,
            known: link.is_known(),
            snaplen: order.u32(body, 4),
            scale: Scale::Times(1000),
            offset: 0,
            dropped: 0,
        };
        options(order, body.get(8..).unwrap_or_default(), |code, value| match code {
            OptionCode::IfTsresol => interface.scale = Scale::of(value.first().copied().unwrap_or(6)),
            OptionCode::IfTsoffset => interface.offset = order.u64(value, 0).cast_signed(),
            _ => {}
        });
        interface
    }

    /// The time that `ticks` of this interface's clock mean; saturates.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Timestamp {
        let nanoseconds = match self.scale {
            Scale::Times(factor) => ticks.saturating_mul(factor),
            Scale::Over(divisor) => ticks / divisor,
            Scale::Binary(bits) => {
                let nanoseconds = (u128::from(ticks) * 1_000_000_000).checked_shr(bits).unwrap_or(0);
                u64::try_from(nanoseconds).unwrap_or(u64::MAX)
            }
        };
        let nanoseconds = i64::try_from(nanoseconds).unwrap_or(i64::MAX);
        Timestamp(nanoseconds.saturating_add(self.offset.saturating_mul(1_000_000_000)))
    }
}

impl Scale {
    /// From the value of `if_tsresol`: a power of ten, or with the upper bit set a power of two.
    fn of(resolution: u8) -> Self {
        let exponent = u32::from(resolution & 0x7f);
        if resolution & 0x80 != 0 {
            return Self::Binary(exponent);
        }
        match exponent {
            0..=9 => Self::Times(10_u64.pow(9 - exponent)),
            _ => Self::Over(10_u64.checked_pow(exponent - 9).unwrap_or(u64::MAX)),
        }
    }
}

/// Calls `each` with every option in `bytes`, up to the end mark or the first that is cut.
pub(super) fn options(order: Order, mut bytes: &[u8], mut each: impl FnMut(OptionCode, &[u8])) {
    loop {
        let parsed: IResult<&[u8], PcapNGOption<'_>> = match order {
            Order::Little => parse_option_le(bytes),
            Order::Big => parse_option_be(bytes),
        };
        let Ok((rest, option)) = parsed else { return };
        if option.code == OptionCode::EndOfOpt {
            return;
        }
        if let Ok(value) = option.as_bytes() {
            each(option.code, value);
        }
        bytes = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(resolution: u8, offset: i64) -> Interface {
        let mut body = vec![1, 0, 0, 0, 0, 0, 4, 0];
        body.extend([9, 0, 1, 0, resolution, 0, 0, 0]);
        body.extend([14, 0, 8, 0]);
        body.extend(offset.to_le_bytes());
        body.extend([0; 4]);
        Interface::new(Order::Little, &body)
    }

    #[test]
    fn clocks_count_as_the_interface_says() {
        assert_eq!(clock(6, 0).time(1_500_000).0, 1_500_000_000);
        assert_eq!(clock(9, 0).time(1_500_000_000).0, 1_500_000_000);
        assert_eq!(clock(3, 0).time(1_500).0, 1_500_000_000);
        assert_eq!(clock(0, 0).time(2).0, 2_000_000_000);
        assert_eq!(clock(12, 0).time(1_500_000_000_000).0, 1_500_000_000);
        assert_eq!(clock(0x80 | 10, 0).time(1536).0, 1_500_000_000);
        assert_eq!(clock(0x80 | 32, 0).time(3 << 31).0, 1_500_000_000);
        assert_eq!(clock(6, -1).time(1_500_000).0, 500_000_000);
    }

    #[test]
    fn absurd_clocks_saturate() {
        assert_eq!(clock(0, i64::MAX).time(u64::MAX).0, i64::MAX);
        assert_eq!(clock(0xff, 0).time(u64::MAX).0, 0);
        assert_eq!(clock(0x7f, 0).time(u64::MAX).0, 1);
    }
}
