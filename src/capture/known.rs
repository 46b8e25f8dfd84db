//! Files that are often taken for captures rdpwhy can read, by their first bytes: what they are and what to do with them.

/// A kind of file that is not pcap or pcapng.
pub(super) struct Foreign {
    /// Where the mark stands.
    at: usize,
    mark: &'static [u8],
    /// What it is, after "is".
    pub(super) what: &'static str,
    /// What to do.
    pub(super) cure: Cure,
}

/// What helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cure {
    /// editcap reads it.
    Editcap,
    /// This text; `FILE` stands for the file's name.
    Do(&'static str),
}

/// Longest look that a mark needs.
pub(super) const LOOK: usize = 264;

/// What begins as a key log, and what to do with it: keys alone tell nothing, and none are used yet.
const KEYS: (&str, Cure) = (
    "a TLS key log",
    Cure::Do("name the capture that it belongs to; keys are not needed, and not used in this version"),
);

const fn foreign(mark: &'static [u8], what: &'static str, cure: Cure) -> Foreign {
    Foreign { at: 0, mark, what, cure }
}

/// Captures of other programs first, then what else ends in `.cap`, then what was never a capture.
const FOREIGN: &[Foreign] = &[
    foreign(b"snoop\0\0\0", "a Sun snoop capture", Cure::Editcap),
    foreign(b"GMBU", "a Microsoft Network Monitor 2 capture", Cure::Editcap),
    foreign(b"RTSS", "a Microsoft Network Monitor 1 capture", Cure::Editcap),
    foreign(b"TRSNIFF data    \x1a", "a Network General Sniffer capture", Cure::Editcap),
    foreign(b"XCP\0", "a NetXRay or Windows Sniffer capture", Cure::Editcap),
    foreign(b"VL\0\0", "a Visual Networks capture", Cure::Editcap),
    foreign(b"iptrace 1.0", "an AIX iptrace capture", Cure::Editcap),
    foreign(b"iptrace 2.0", "an AIX iptrace capture", Cure::Editcap),
    foreign(b"\x7fver", "a WildPackets or Savvius capture", Cure::Editcap),
    foreign(b"btsnoop\0", "a Bluetooth capture (btsnoop)", Cure::Do("Bluetooth has no RDP; capture the network")),
    foreign(&[0x1c, 0x00, 0x01, 0xac], "an IXIA lcap capture", Cure::Editcap),
    foreign(&[0x1c, 0x00, 0x01, 0xab], "an IXIA lcap capture", Cure::Editcap),
    foreign(&[0xac, 0x01, 0x00, 0x1c], "an IXIA lcap capture", Cure::Editcap),
    foreign(&[0xab, 0x01, 0x00, 0x1c], "an IXIA lcap capture", Cure::Editcap),
    foreign(
        &[0x0d, 0x0a, 0x0d, 0x0d, 0x0a],
        "a pcapng whose line ends were changed, as FTP in text mode does",
        Cure::Do("fetch it again in binary mode"),
    ),
    foreign(
        &[0x0d, 0x0d, 0x0a],
        "a pcapng whose line ends were changed, as FTP in text mode does",
        Cure::Do("fetch it again in binary mode"),
    ),
    foreign(
        &[0x0a, 0x0a],
        "a pcapng whose line ends were changed, as FTP in text mode does",
        Cure::Do("fetch it again in binary mode"),
    ),
    foreign(b"PK\x03\x04", "a zip archive", Cure::Do("unpack it first: unzip FILE")),
    foreign(b"\xfd7zXZ\0", "compressed with xz", Cure::Do("xz -dc FILE | rdpwhy -")),
    foreign(b"BZh", "compressed with bzip2", Cure::Do("bzip2 -dc FILE | rdpwhy -")),
    foreign(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", Cure::Do("7z e -so FILE | rdpwhy -")),
    Foreign { at: 257, mark: b"ustar", what: "a tar archive", cure: Cure::Do("tar -xOf FILE NAME | rdpwhy -") },
    foreign(
        b"ElfFile\0",
        "a Windows event log",
        Cure::Do("rdpwhy reads packets; look at event logs with Event Viewer or wevtutil"),
    ),
    foreign(b"\x7fELF", "a program", Cure::Do("name the capture it wrote instead")),
    foreign(b"MZ", "a Windows program", Cure::Do("name the capture it wrote instead")),
    foreign(b"CLIENT_RANDOM ", KEYS.0, KEYS.1),
    foreign(b"CLIENT_HANDSHAKE_TRAFFIC_SECRET ", KEYS.0, KEYS.1),
    foreign(b"# SSL/TLS secrets log file", KEYS.0, KEYS.1),
    foreign(b"<?xml", "XML", Cure::Do("rdpwhy reads packets, not what was decoded from them; use the capture itself")),
    foreign(
        b"<!DOCTYPE",
        "a web page",
        Cure::Do("the download probably fetched a login or error page instead of the file"),
    ),
    foreign(
        b"<html",
        "a web page",
        Cure::Do("the download probably fetched a login or error page instead of the file"),
    ),
    foreign(b"{\"", "JSON", Cure::Do("rdpwhy reads packets, not what was decoded from them; use the capture itself")),
    foreign(b"version https://git-lfs", "a Git LFS pointer", Cure::Do("fetch the file itself: git lfs pull")),
];

const TEXT_OF_TCPDUMP: Foreign = foreign(
    b"",
    "text that tcpdump or tshark printed",
    Cure::Do("keep the packets instead of their text: tcpdump -w out.pcap ..."),
);

const WINDOWS_TRACE: Foreign = foreign(
    b"",
    "a Windows event trace (pktmon or netsh trace)",
    Cure::Do("on Windows: pktmon etl2pcap FILE -o out.pcapng (for netsh trace: etl2pcapng FILE out.pcapng)"),
);

/// What a file called `name` that begins with `head` is, when it is something we know.
pub(super) fn recognise(head: &[u8], name: &str) -> Option<&'static Foreign> {
    if let Some(found) = FOREIGN.iter().find(|one| head.get(one.at..).is_some_and(|rest| rest.starts_with(one.mark))) {
        return Some(found);
    }
    if looks_like_tcpdump(head) {
        return Some(&TEXT_OF_TCPDUMP);
    }
    // an event trace has no mark of its own; its name is all there is to go by
    name.to_ascii_lowercase().ends_with(".etl").then_some(&WINDOWS_TRACE)
}

/// `12:34:56.789012 IP 10.0.0.1...`, or with a date or a packet number before it.
fn looks_like_tcpdump(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let has_time = line.split(' ').take(4).any(|word| {
        let bytes = word.as_bytes();
        bytes.len() >= 12 && bytes[2] == b':' && bytes[5] == b':' && bytes[8] == b'.'
    });
    let words = [" IP ", " IP6 ", " ARP", " > "];
    let arrow = line.contains('\u{2192}') || line.contains(" -> ");
    has_time && words.iter().any(|word| line.contains(word)) || arrow && line.contains(" TCP ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_called_by_their_name() {
        let what = |head: &[u8], name: &str| recognise(head, name).map(|found| found.what);
        assert_eq!(what(b"snoop\0\0\0\0\0\0\x02", "a.cap"), Some("a Sun snoop capture"));
        assert_eq!(what(b"09:14:22.481201 IP 10.20.4.10.50000 > 10.20.1.9.3389: [S]", "a"), Some(TEXT_OF_TCPDUMP.what));
        assert_eq!(what(b"    1 0.000000 10.0.0.1 \xe2\x86\x92 10.0.0.2 TCP 74", "a.txt"), Some(TEXT_OF_TCPDUMP.what));
        assert_eq!(what(b"\0\0\x02\0", "trace.ETL"), Some(WINDOWS_TRACE.what));
        assert_eq!(what(b"hello\n", "notes.txt"), None);
        let mut tar = vec![0; 300];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(what(&tar, "a.tar"), Some("a tar archive"));
    }
}
