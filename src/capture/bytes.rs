//! Numbers out of bytes, in the byte order of the file.

/// The byte order a file was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The `u16` at `at`; 0 where there are no bytes.
    #[inline]
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let Some(&two) = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()) else { return 0 };
        match self {
            Self::Little => u16::from_le_bytes(two),
            Self::Big => u16::from_be_bytes(two),
        }
    }

    /// Four `u32`.
    #[inline]
    pub(super) fn words(self, bytes: &[u8; 16]) -> [u32; 4] {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
        let words = [[a, b, c, d], [e, f, g, h], [i, j, k, l], [m, n, o, p]].map(u32::from_le_bytes);
        match self {
            Self::Little => words,
            Self::Big => swapped(words),
        }
    }

    /// The `u32` at `at`; 0 where there are no bytes.
    #[inline]
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let Some(&four) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return 0 };
        match self {
            Self::Little => u32::from_le_bytes(four),
            Self::Big => u32::from_be_bytes(four),
        }
    }

    /// The `u64` at `at`; 0 where there are no bytes.
    pub(super) fn u64(self, bytes: &[u8], at: usize) -> u64 {
        let Some(&eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else { return 0 };
        match self {
            Self::Little => u64::from_le_bytes(eight),
            Self::Big => u64::from_be_bytes(eight),
        }
    }
}

/// Nearly all captures come from machines that write the lowest byte first.
#[cold]
fn swapped(words: [u32; 4]) -> [u32; 4] {
    words.map(u32::swap_bytes)
}
