//! GCC user data: the blocks in which client and server tell what they are, inside MCS Connect Initial and Response.
//!
//! MS-RDPBCGR [2.2.1.3] (client) and [2.2.1.4] (server). Blocks come in any order, and the tail of a core block may be
//! cut after any field, so every field is looked up by its offset and may be absent.
//!
//! [2.2.1.3]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/
//! [2.2.1.4]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/

use super::describe::{Field, Malformed};
use super::text::Text;
use crate::knowledge::mcs::{self, EncryptionLevel, EncryptionMethod, RdpVersion};
use crate::knowledge::negotiation::Protocols;

/// The most blocks kept of one message; the specification has fewer than twenty.
const BLOCK_LIMIT: usize = 32;
/// The most static channels a client may ask for (2.2.1.3.4).
const CHANNEL_LIMIT: usize = 31;
/// The most certificates kept of a chain.
const CHAIN_LIMIT: usize = 16;
/// The largest server certificate kept; bytes.
const CERTIFICATE_LIMIT: usize = 16 * 1024;

/// One block with its header (2.2.1.3.1), borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// `c001` CS_CORE and so on.
    pub kind: u16,
    /// Everything, the four bytes of the header included: the offsets of the specification count from here.
    pub bytes: &'a [u8],
    /// Where the block begins; bytes from the TPKT.
    pub at: u32,
}

/// Cuts user data that begins `at` bytes after the TPKT into blocks, with the first fault met.
#[must_use]
pub fn blocks(mut data: &[u8], mut at: u32) -> (Vec<Block<'_>>, Option<Malformed>) {
    let mut blocks = Vec::new();
    while !data.is_empty() {
        let fault = Some(Malformed::at("GCC block length", at as usize + 2));
        let (Some(kind), Some(length)) = (u16_at(data, 0), u16_at(data, 2).map(usize::from)) else {
            return (blocks, fault);
        };
        if length < 4 || blocks.len() == BLOCK_LIMIT {
            return (blocks, fault);
        }
        let Some((bytes, rest)) = data.split_at_checked(length) else {
            blocks.push(Block { kind, bytes: data, at });
            return (blocks, fault);
        };
        blocks.push(Block { kind, bytes, at });
        (data, at) = (rest, at + length as u32);
    }
    (blocks, None)
}

/// The certificate of standard RDP security (2.2.1.4.3.1), borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateView<'a> {
    /// dwVersion 1: an RSA key with a signature whose key everybody knows (5.3.3.1.1); bits of the modulus.
    Proprietary(u32),
    /// dwVersion 2: DER of each certificate, root first, server last; sixteen at most.
    Chain(Vec<&'a [u8]>),
    /// Another dwVersion.
    Other(u32),
}

/// The certificate in an SC_SECURITY block, if there is one; `Err` when it is cut.
///
/// # Errors
/// [`Malformed`] when the lengths in it do not fit the block.
pub fn certificate<'a>(block: &Block<'a>) -> Result<Option<CertificateView<'a>>, Malformed> {
    let bytes = block.bytes;
    let (Some(random), Some(length)) = (u32_at(bytes, 12), u32_at(bytes, 16)) else { return Ok(None) };
    if length == 0 {
        return Ok(None);
    }
    // 20: header, method, level and the two lengths
    let start = 20_usize.saturating_add(random as usize);
    let broken = |offset: usize| Malformed::at("SC_SECURITY serverCertificate", block.at as usize + offset);
    let end = start.saturating_add(length as usize);
    let data = bytes.get(start..end).ok_or(broken(16))?;
    let version = u32_at(data, 0).ok_or(broken(start))?;
    match version & 0x7fff_ffff {
        1 => match (data.get(16..20), u32_at(data, 24)) {
            (Some(b"RSA1"), Some(bits)) => Ok(Some(CertificateView::Proprietary(bits))),
            _ => Err(broken(start + 16)),
        },
        2 => chain(data).map(|chain| Some(CertificateView::Chain(chain))).ok_or(broken(start + 4)),
        other => Ok(Some(CertificateView::Other(other))),
    }
}

/// dwVersion, count, then length and DER of each (MS-RDPELE 2.2.1.4.2).
fn chain(data: &[u8]) -> Option<Vec<&[u8]>> {
    let count = u32_at(data, 4)? as usize;
    let mut rest = data.get(8..)?;
    let mut certificates = Vec::new();
    for _ in 0..count.min(CHAIN_LIMIT) {
        let length = u32_at(rest, 0)? as usize;
        let (der, tail) = rest.get(4..)?.split_at_checked(length)?;
        certificates.push(der);
        rest = tail;
    }
    Some(certificates)
}

/// Client Core Data (2.2.1.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCore {
    /// version.
    pub version: RdpVersion,
    /// desktopWidth and desktopHeight.
    pub desktop: (u16, u16),
    /// keyboardLayout: a locale identifier.
    pub keyboard: u32,
    /// clientBuild.
    pub build: u32,
    /// clientName: the computer's name, cut to 15 characters.
    pub name: Text,
    /// earlyCapabilityFlags; when absent or without bit 1 the server will not say why it ends a session.
    pub capabilities: Option<u16>,
    /// serverSelectedProtocol: what the client read in the Connection Confirm.
    pub selected: Option<Protocols>,
    at: u32,
}

impl ClientCore {
    fn read(block: &Block<'_>) -> Option<Self> {
        let bytes = block.bytes;
        Some(Self {
            version: RdpVersion(u32_at(bytes, 4)?),
            desktop: (u16_at(bytes, 8)?, u16_at(bytes, 10)?),
            keyboard: u32_at(bytes, 16)?,
            build: u32_at(bytes, 20)?,
            name: Text::from_utf16le(bytes.get(24..56)?),
            capabilities: u16_at(bytes, 144),
            selected: u32_at(bytes, 212).map(Protocols),
            at: block.at,
        })
    }

    /// Whether the client can be told why its session ends (RNS_UD_CS_SUPPORT_ERRINFO_PDU).
    #[must_use]
    pub fn wants_error_info(&self) -> bool {
        self.capabilities.is_some_and(|flags| flags & 1 != 0)
    }

    fn fields(&self, fields: &mut Vec<Field>) {
        let at = self.at;
        let build = match mcs::windows_of_build(self.build) {
            Some(windows) => format!("{} {windows}", self.build),
            None => self.build.to_string(),
        };
        fields.push(Field::new("version", format!("{:#010x} {}", self.version.0, self.version), at + 4..at + 8));
        fields.push(Field::new("desktop", format!("{} x {}", self.desktop.0, self.desktop.1), at + 8..at + 12));
        fields.push(Field::new("keyboardLayout", format!("{:#010x}", self.keyboard), at + 16..at + 20));
        fields.push(Field::new("clientBuild", build, at + 20..at + 24));
        fields.push(Field::new("clientName", self.name.to_string(), at + 24..at + 56));
        if let Some(flags) = self.capabilities {
            let names = mcs::bits(mcs::CLIENT_CAPABILITIES, flags.into()).join(", ");
            let value = format!("{flags:#06x} {names}").trim_end().to_owned();
            fields.push(Field::new("earlyCapabilityFlags", value, at + 144..at + 146));
        }
        if let Some(selected) = self.selected {
            let value = format!("{:#010x} {}", selected.0, selected.with_meaning());
            fields.push(Field::new("serverSelectedProtocol", value, at + 212..at + 216));
        }
    }
}

/// What the client's blocks say (2.2.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ClientData {
    /// CS_CORE.
    pub core: Option<ClientCore>,
    /// encryptionMethods of CS_SECURITY (2.2.1.3.3).
    pub methods: Option<EncryptionMethod>,
    /// Names and options of CS_NET's channels (2.2.1.3.4), 31 at most.
    pub channels: Vec<(Text, u32)>,
    /// channelCount as the client wrote it; a server refuses more than 31.
    pub channel_count: u32,
    /// CS_CLUSTER (2.2.1.3.5): Flags and RedirectedSessionID.
    pub cluster: Option<(u32, u32)>,
    /// monitorCount of CS_MONITOR (2.2.1.3.6).
    pub monitors: Option<u32>,
    /// flags of CS_MULTITRANSPORT (2.2.1.3.8).
    pub multitransport: Option<u32>,
    /// Types of all blocks in their order.
    pub kinds: Vec<u16>,
    ranges: Vec<(u16, u32, u32)>,
}

impl ClientData {
    /// Reads the blocks; the fault is the first one that a server would stumble over.
    pub(super) fn read(blocks: &[Block<'_>], fault: &mut Option<Malformed>) -> Self {
        let mut data = Self::default();
        for block in blocks {
            let bytes = block.bytes;
            let mut broken = |field| {
                fault.get_or_insert(Malformed::at(field, block.at as usize));
            };
            match block.kind {
                0xc001 => {
                    data.core = ClientCore::read(block);
                    if data.core.is_none() {
                        broken("CS_CORE");
                    }
                }
                0xc002 => data.methods = u32_at(bytes, 4).map(EncryptionMethod),
                0xc003 => {
                    data.channel_count = u32_at(bytes, 4).unwrap_or_default();
                    data.channels = bytes.get(8..).unwrap_or_default().chunks_exact(12).map(channel).collect();
                    if data.channel_count as usize > data.channels.len().min(CHANNEL_LIMIT) {
                        broken("CS_NET channelCount");
                    }
                    data.channels.truncate((data.channel_count as usize).min(CHANNEL_LIMIT));
                }
                0xc004 => data.cluster = u32_at(bytes, 4).zip(u32_at(bytes, 8)),
                0xc005 => data.monitors = u32_at(bytes, 8),
                0xc00a => data.multitransport = u32_at(bytes, 4),
                _ => {}
            }
            data.kinds.push(block.kind);
            data.ranges.push((block.kind, block.at, block.at + bytes.len() as u32));
        }
        data
    }

    pub(super) fn fields(&self, fields: &mut Vec<Field>) {
        if let Some(core) = &self.core {
            core.fields(fields);
        }
        for &(kind, start, end) in &self.ranges {
            let value = match kind {
                0xc001 => continue,
                0xc002 => self.methods.map(|methods| ("encryptionMethods", methods.to_string())),
                0xc003 => Some(("channels", self.channel_names())),
                0xc004 => self.cluster.map(|(flags, id)| ("CS_CLUSTER", format!("flags {flags:#x}, session {id}"))),
                0xc005 => self.monitors.map(|count| ("monitorCount", count.to_string())),
                0xc00a => self.multitransport.map(|flags| ("CS_MULTITRANSPORT", format!("flags {flags:#x}"))),
                0xc006 | 0xc008 => None,
                other => Some(("block", format!("{other:#06x}"))),
            };
            fields.extend(value.map(|(name, value)| Field::new(name, value, start..end)));
        }
    }

    fn channel_names(&self) -> String {
        let names: Vec<_> = self.channels.iter().map(|(name, _)| name.to_string()).collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }
}

/// CHANNEL_DEF (2.2.1.3.4.1): eight bytes of name, four of options. `bytes` are twelve.
fn channel(bytes: &[u8]) -> (Text, u32) {
    let name = bytes.get(..8).unwrap_or_default();
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    (Text::from_bytes(&name[..end]), u32_at(bytes, 8).unwrap_or_default())
}

/// The server's certificate under standard RDP security, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// An RSA key of so many bits.
    Proprietary(u32),
    /// X.509: how many there are in the chain, and the DER of the last, which is the server's; empty above 16 KiB, and
    /// once it was read.
    Chain(usize, Box<[u8]>),
    /// An unknown dwVersion.
    Other(u32),
}

impl From<CertificateView<'_>> for Certificate {
    fn from(view: CertificateView<'_>) -> Self {
        match view {
            CertificateView::Proprietary(bits) => Self::Proprietary(bits),
            CertificateView::Chain(chain) => {
                let server = chain.last().copied().filter(|der| der.len() <= CERTIFICATE_LIMIT).unwrap_or_default();
                Self::Chain(chain.len(), server.into())
            }
            CertificateView::Other(version) => Self::Other(version),
        }
    }
}

impl std::fmt::Display for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Proprietary(bits) => write!(f, "proprietary certificate {bits}-bit RSA"),
            Self::Chain(1, _) => f.write_str("X.509 certificate"),
            Self::Chain(count, _) => write!(f, "X.509 chain of {count}"),
            Self::Other(version) => write!(f, "certificate of unknown version {version}"),
        }
    }
}

/// What the server's blocks say (2.2.1.4).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ServerData {
    /// version of SC_CORE (2.2.1.4.2).
    pub version: Option<RdpVersion>,
    /// clientRequestedProtocols: what the server read in the Connection Request. Anything else there was forged.
    pub requested: Option<Protocols>,
    /// earlyCapabilityFlags of SC_CORE.
    pub capabilities: Option<u32>,
    /// encryptionMethod of SC_SECURITY (2.2.1.4.3).
    pub method: EncryptionMethod,
    /// encryptionLevel of SC_SECURITY.
    pub level: EncryptionLevel,
    /// serverRandomLen of SC_SECURITY: 32, or 0 with enhanced security.
    pub random_length: u32,
    /// serverCertificate of SC_SECURITY.
    pub certificate: Option<Certificate>,
    /// MCSChannelId of SC_NET (2.2.1.4.4): the I/O channel.
    pub io_channel: Option<u16>,
    /// channelIdArray of SC_NET, in the order of the client's names.
    pub channel_ids: Vec<u16>,
    /// MCSChannelID of SC_MCS_MSGCHANNEL (2.2.1.4.5).
    pub message_channel: Option<u16>,
    /// flags of SC_MULTITRANSPORT (2.2.1.4.6).
    pub multitransport: Option<u32>,
    ranges: Vec<(u16, u32)>,
}

impl ServerData {
    pub(super) fn read(blocks: &[Block<'_>], fault: &mut Option<Malformed>) -> Self {
        let mut data = Self::default();
        for block in blocks {
            let bytes = block.bytes;
            match block.kind {
                0x0c01 => {
                    data.version = u32_at(bytes, 4).map(RdpVersion);
                    data.requested = u32_at(bytes, 8).map(Protocols);
                    data.capabilities = u32_at(bytes, 12);
                }
                0x0c02 => data.security(block, fault),
                0x0c03 => {
                    data.io_channel = u16_at(bytes, 4);
                    let count = usize::from(u16_at(bytes, 6).unwrap_or_default());
                    let ids = (0..count.min(CHANNEL_LIMIT)).map_while(|index| u16_at(bytes, 8 + 2 * index));
                    data.channel_ids = ids.collect();
                }
                0x0c04 => data.message_channel = u16_at(bytes, 4),
                0x0c08 => data.multitransport = u32_at(bytes, 4),
                _ => {}
            }
            data.ranges.push((block.kind, block.at));
        }
        data
    }

    fn security(&mut self, block: &Block<'_>, fault: &mut Option<Malformed>) {
        self.method = EncryptionMethod(u32_at(block.bytes, 4).unwrap_or_default());
        self.level = EncryptionLevel(u32_at(block.bytes, 8).unwrap_or_default());
        self.random_length = u32_at(block.bytes, 12).unwrap_or_default();
        match certificate(block) {
            Ok(view) => self.certificate = view.map(Certificate::from),
            Err(broken) => *fault = fault.or(Some(broken)),
        }
    }

    pub(super) fn fields(&self, fields: &mut Vec<Field>) {
        for &(kind, at) in &self.ranges {
            match kind {
                0x0c01 => {
                    let version = self.version.map(|version| format!("{:#010x} {version}", version.0));
                    fields.extend(version.map(|value| Field::new("version", value, at + 4..at + 8)));
                    let requested = self.requested.map(|set| format!("{:#010x} {set}", set.0));
                    fields.extend(requested.map(|v| Field::new("clientRequestedProtocols", v, at + 8..at + 12)));
                    let flags = self.capabilities.map(|flags| {
                        format!("{flags:#010x} {}", mcs::bits(mcs::SERVER_CAPABILITIES, flags).join(", "))
                    });
                    fields.extend(flags.map(|v| Field::new("earlyCapabilityFlags", v.trim_end(), at + 12..at + 16)));
                }
                0x0c02 => {
                    fields.push(Field::new("encryptionMethod", self.method.to_string(), at + 4..at + 8));
                    fields.push(Field::new("encryptionLevel", self.level.to_string(), at + 8..at + 12));
                    let start = at + 20 + self.random_length.min(0xffff);
                    let certificate = self.certificate.as_ref().map(ToString::to_string);
                    fields.extend(certificate.map(|v| Field::new("serverCertificate", v, start..start + 4)));
                }
                0x0c03 => {
                    let io = self.io_channel.map(|id| id.to_string());
                    fields.extend(io.map(|value| Field::new("MCSChannelId", value, at + 4..at + 6)));
                    let ids: Vec<_> = self.channel_ids.iter().map(u16::to_string).collect();
                    let end = at + 8 + 2 * ids.len() as u32;
                    fields.push(Field::new("channelIdArray", ids.join(", "), at + 8..end));
                }
                0x0c04 => {
                    let id = self.message_channel.map(|id| id.to_string());
                    fields.extend(id.map(|value| Field::new("message channel", value, at + 4..at + 6)));
                }
                _ => {}
            }
        }
    }
}

/// Little-endian, if the bytes are there.
pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_le_bytes)
}

/// Little-endian, if the bytes are there.
pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_cut_and_faults_are_kept() {
        let (found, fault) = blocks(&[2, 0xc0, 12, 0, 0x1b, 0, 0, 0, 0, 0, 0, 0, 3, 0xc0, 9, 0], 100);
        assert_eq!(
            found.iter().map(|block| (block.kind, block.at)).collect::<Vec<_>>(),
            [(0xc002, 100), (0xc003, 112)]
        );
        assert_eq!(fault, Some(Malformed::at("GCC block length", 114)));
    }

    #[test]
    fn chain_keeps_the_servers_certificate() {
        let mut bytes = vec![2, 0x0c, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 19, 0, 0, 0];
        bytes.extend_from_slice(&[2, 0, 0, 0x80, 2, 0, 0, 0, 1, 0, 0, 0, b'R', 2, 0, 0, 0, b'S', b'S']);
        let block = Block { kind: 0x0c02, bytes: &bytes, at: 0 };
        let view = certificate(&block).ok().flatten();
        assert_eq!(view, Some(CertificateView::Chain(vec![b"R", b"SS"])));
        assert_eq!(view.map(Certificate::from), Some(Certificate::Chain(2, b"SS".as_slice().into())));
        for end in 0..bytes.len() {
            let _ = certificate(&Block { bytes: &bytes[..end], ..block });
        }
    }

    #[test]
    fn more_channels_than_allowed_are_a_fault() {
        let mut bytes = vec![3, 0xc0, 0, 0, 32, 0, 0, 0];
        bytes.extend_from_slice(&[b'x'; 12 * 32]);
        let mut fault = None;
        let data = ClientData::read(&[Block { kind: 0xc003, bytes: &bytes, at: 7 }], &mut fault);
        assert_eq!((data.channels.len(), data.channel_count), (31, 32));
        assert_eq!(fault, Some(Malformed::at("CS_NET channelCount", 7)));
    }
}
