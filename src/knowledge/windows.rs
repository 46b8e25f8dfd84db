//! What Windows speaks by default: TLS versions and cipher suites. Policies and updates change it; what a capture shows
//! counts more. Sources: [Protocols in TLS/SSL (Schannel SSP)], and the pages "TLS Cipher Suites in Windows ..." beside it.
//!
//! [Protocols in TLS/SSL (Schannel SSP)]: https://learn.microsoft.com/windows/win32/secauthn/protocols-in-tls-ssl--schannel-ssp-

/// The TLS versions of a Windows, for its server and its client alike.
#[derive(Clone, Copy, Debug)]
pub struct TlsVersions {
    /// Its names.
    pub windows: &'static str,
    /// Its builds, the first and the last; only these two where `between` is not set.
    pub builds: (u32, u32),
    /// Builds between the two are meant, too.
    pub between: bool,
    /// SSL 3.0, TLS 1.0, 1.1, 1.2, 1.3: `on`, `off` (there, but switched off), `no` (not there), with what else is known.
    pub states: [&'static str; 5],
}

impl TlsVersions {
    /// Whether `build` is one of these.
    #[must_use]
    pub const fn has(&self, build: u32) -> bool {
        let (first, last) = self.builds;
        if self.between { first <= build && build <= last } else { build == first || build == last }
    }
}

const fn row(windows: &'static str, first: u32, last: u32, states: [&'static str; 5]) -> TlsVersions {
    TlsVersions { windows, builds: (first, last), between: true, states }
}

const LATER: &str = "off (an update adds it for RDP)";

/// TLS versions by Windows, the oldest first.
#[rustfmt::skip]
pub static TLS_VERSIONS: &[TlsVersions] = &[
    row("Windows Vista / Server 2008", 6000, 6002, ["on", "on", "no", "no", "no"]),
    row("Windows Server 2008 SP2, updated", 6002, 6003, ["on", "on", "off", "off", "no"]),
    row("Windows 7 / Server 2008 R2", 7600, 7601, ["on", "on", LATER, LATER, "no"]),
    row("Windows 8 / Server 2012", 9200, 9200, ["on", "on", "on", "on", "no"]),
    row("Windows 8.1 / Server 2012 R2", 9600, 9600, ["on", "on", "on", "on", "no"]),
    TlsVersions { windows: "Windows 10 1507, 1511", builds: (10240, 10586), between: false, states: ["on", "on", "on", "on", "no"] },
    row("Windows 10 1607 / Server 2016", 14393, 14393, ["off", "on", "on", "on", "no"]),
    row("Windows 10 1703 to 1803", 15063, 17134, ["off", "on", "on", "on", "no"]),
    row("Windows 10 1809 / Server 2019", 17763, 17763, ["off", "on", "on", "on", "no"]),
    row("Windows 10 1903 to 22H2", 18362, 19045, ["off", "on", "on", "on", "no (preview only)"]),
    row("Windows Server 2022", 20348, 20348, ["off", "on", "on", "on", "on"]),
    row("Windows 11 21H2", 22000, 22000, ["off", "on", "on", "on", "on"]),
    TlsVersions { windows: "Windows 11 22H2, 23H2", builds: (22621, 22631), between: false, states: ["off", "on (off in later builds)", "on (off in later builds)", "on", "on"] },
    row("Windows 11 24H2 / Server 2025", 26100, 26100, ["off", "off", "off", "on", "on"]),
];

/// The cipher suites of a Windows.
#[derive(Clone, Copy, Debug)]
pub struct Suites {
    /// Its names.
    pub windows: &'static str,
    /// The page that lists them.
    pub page: &'static str,
    /// IANA numbers in the order in which it prefers them.
    pub order: &'static [u16],
}

/// Cipher suites by Windows, the newest first.
#[rustfmt::skip]
pub static SUITES: &[Suites] = &[
    Suites { windows: "Windows 11 / Server 2022", page: "tls-cipher-suites-in-windows-server-2022", order: &[
        0x1302, 0x1301, 0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027,
        0xc00a, 0xc009, 0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a,
    ]},
    Suites { windows: "Windows 10 1903 to 2004", page: "tls-cipher-suites-in-windows-10-v1903", order: &[
        0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027, 0xc00a, 0xc009,
        0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a,
    ]},
    Suites { windows: "Windows 10 1607 / Server 2016", page: "tls-cipher-suites-in-windows-10-v1607", order: &[
        0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028, 0xc027, 0xc00a, 0xc009,
        0xc014, 0xc013, 0x0039, 0x0033, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a, 0x006a,
        0x0040, 0x0038, 0x0032, 0x0013, 0x0005, 0x0004,
    ]},
    Suites { windows: "Windows 8.1 / Server 2012 R2", page: "tls-cipher-suites-in-windows-8-1", order: OLD },
    Suites { windows: "Windows 7, 8 / Server 2012", page: "tls-cipher-suites-in-windows-7", order: OLD },
];

/// With their later updates (KB2919355, KB3042058) both have the same list.
const OLD: &[u16] = &[
    0xc028, 0xc027, 0xc014, 0xc013, 0x009f, 0x009e, 0x0039, 0x0033, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
    0xc02c, 0xc02b, 0xc024, 0xc023, 0xc00a, 0xc009, 0x006a, 0x0040, 0x0038, 0x0032, 0x000a, 0x0013, 0x0005, 0x0004,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_complete() {
        assert_eq!(TLS_VERSIONS.len(), 14);
        assert_eq!(SUITES.iter().map(|suites| suites.order.len()).sum::<usize>(), 130);
        let of = |build| TLS_VERSIONS.iter().filter(|row| row.has(build)).count();
        assert_eq!((of(26100), of(10586), of(11000), of(18363)), (1, 1, 0, 1));
    }
}
