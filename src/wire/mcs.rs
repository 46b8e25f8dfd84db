//! MCS Connect Initial and Connect Response: domain parameters, and the GCC conference that carries the blocks.
//!
//! MS-RDPBCGR [2.2.1.3] and [2.2.1.4]; T.125 11.1 and 11.2 (BER), T.124 8.7 (PER). The parsers take the payload after
//! TPKT and X.224 data header; all offsets and ranges count from the TPKT, which is seven bytes earlier.
//!
//! [2.2.1.3]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/
//! [2.2.1.4]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rdpbcgr/

use std::borrow::Cow;

use nom::bytes::complete::{tag, take};
use nom::number::complete::{be_u8, be_u16};
use nom::{IResult, Offset, Parser};

use super::ber::{ber_length, element, integer, per_length};
use super::describe::{Describe, Field, Malformed};
use super::gcc::{self, Block, ClientData, ServerData};
use crate::knowledge::mcs::McsResult;

/// 4 /* TPKT */ + 3 /* X.224 data */
const PAYLOAD_AT: usize = 7;

/// T.125 domain parameters, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct DomainParameters {
    /// maxChannelIds.
    pub channels: u32,
    /// maxUserIds.
    pub users: u32,
    /// maxTokenIds.
    pub tokens: u32,
    /// numPriorities.
    pub priorities: u32,
    /// minThroughput.
    pub throughput: u32,
    /// maxHeight.
    pub height: u32,
    /// maxMCSPDUsize.
    pub pdu_size: u32,
    /// protocolVersion: 2.
    pub version: u32,
}

/// A connect PDU, borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connect<'a> {
    /// `7f 65`, from the client.
    Initial(ConnectInitialView<'a>),
    /// `7f 66`, from the server.
    Response(ConnectResponseView<'a>),
}

/// Client MCS Connect Initial PDU, borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectInitialView<'a> {
    /// targetParameters.
    pub target: DomainParameters,
    /// minimumParameters.
    pub minimum: DomainParameters,
    /// maximumParameters.
    pub maximum: DomainParameters,
    /// The client's blocks.
    pub blocks: Vec<Block<'a>>,
    /// The first rule that it breaks.
    pub fault: Option<Malformed>,
}

/// Server MCS Connect Response PDU, borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectResponseView<'a> {
    /// result.
    pub result: McsResult,
    /// domainParameters, as merged by the server.
    pub parameters: DomainParameters,
    /// result of the GCC Conference Create Response; absent when a refusing server sent none.
    pub conference: Option<u8>,
    /// The server's blocks.
    pub blocks: Vec<Block<'a>>,
    /// The first rule that it breaks.
    pub fault: Option<Malformed>,
}

/// Whether a payload can only be a connect PDU.
#[must_use]
pub fn looks_like_connect(payload: &[u8]) -> bool {
    matches!(payload, [0x7f, 0x65 | 0x66, ..])
}

/// Reads a Connect Initial or Connect Response.
///
/// # Errors
/// [`Malformed`] when it is none, or ends before its user data; lesser faults are kept in the view.
pub fn connect(payload: &[u8]) -> Result<Connect<'_>, Malformed> {
    let reader = Reader { payload };
    match *payload {
        [0x7f, 0x65, ..] => reader.initial().map(Connect::Initial),
        [0x7f, 0x66, ..] => reader.response().map(Connect::Response),
        _ => Err(Malformed::at("MCS connect PDU", PAYLOAD_AT)),
    }
}

/// Turns nom's errors into field and offset. INVARIANT: every input given to it is a part of `payload`.
struct Reader<'a> {
    payload: &'a [u8],
}

impl<'a> Reader<'a> {
    fn fault(&self, field: &'static str, rest: &[u8]) -> Malformed {
        Malformed::at(field, PAYLOAD_AT + self.payload.offset(rest))
    }

    fn need<T>(
        &self,
        field: &'static str,
        input: &'a [u8],
        parser: impl FnOnce(&'a [u8]) -> IResult<&'a [u8], T>,
    ) -> Result<(&'a [u8], T), Malformed> {
        parser(input).map_err(|_| self.fault(field, input))
    }

    /// The content of the outermost element. A wrong length is a fault that most servers overlook.
    fn envelope(&self) -> Result<(&'a [u8], Option<Malformed>), Malformed> {
        let (rest, _) = self.need("MCS connect tag", self.payload, |input| take(2usize)(input))?;
        let (body, length) = self.need("MCS connect length", rest, ber_length)?;
        let fault = (length != body.len()).then(|| self.fault("MCS connect length", rest));
        Ok((body, fault))
    }

    fn initial(&self) -> Result<ConnectInitialView<'a>, Malformed> {
        let (rest, mut fault) = self.envelope()?;
        let (rest, _) = self.need("callingDomainSelector", rest, |input| element(input, 0x04))?;
        let (rest, _) = self.need("calledDomainSelector", rest, |input| element(input, 0x04))?;
        let (rest, _) = self.need("upwardFlag", rest, |input| element(input, 0x01))?;
        let (rest, target) = self.need("targetParameters", rest, domain_parameters)?;
        let (rest, minimum) = self.need("minimumParameters", rest, domain_parameters)?;
        let (rest, maximum) = self.need("maximumParameters", rest, domain_parameters)?;
        let (_, user_data) = self.need("userData", rest, |input| element(input, 0x04))?;
        let (rest, _) = self.need("GCC T.124 key", user_data, conference_key)?;
        // ConferenceCreateRequest up to the key: a conference named "1" and one set of user data
        let (rest, _) = self.need("GCC Conference Create Request", rest, |input| take(8usize)(input))?;
        let blocks = self.blocks(rest, b"Duca", &mut fault)?;
        Ok(ConnectInitialView { target, minimum, maximum, blocks, fault })
    }

    fn response(&self) -> Result<ConnectResponseView<'a>, Malformed> {
        let (rest, mut fault) = self.envelope()?;
        let (rest, result) = self.need("result", rest, |input| element(input, 0x0a))?;
        let (rest, _) = self.need("calledConnectId", rest, |input| element(input, 0x02))?;
        let (rest, parameters) = self.need("domainParameters", rest, domain_parameters)?;
        let mut view = ConnectResponseView {
            result: McsResult(integer(result)),
            parameters,
            conference: None,
            blocks: Vec::new(),
            fault,
        };
        // A server that refuses may leave the conference out.
        let refused = view.result != McsResult::SUCCESSFUL;
        match self.need("userData", rest, |input| element(input, 0x04)) {
            Ok((_, user_data)) if !(refused && user_data.is_empty()) => {
                let (rest, _) = self.need("GCC T.124 key", user_data, conference_key)?;
                let (rest, answer) = self.need("GCC Conference Create Response", rest, conference_response)?;
                view.conference = Some(answer);
                view.blocks = self.blocks(rest, b"McDn", &mut fault)?;
                view.fault = fault;
            }
            Err(broken) if !refused => return Err(broken),
            _ => {}
        }
        Ok(view)
    }

    /// H.221 key, length, blocks.
    fn blocks(&self, input: &'a [u8], key: &[u8], fault: &mut Option<Malformed>) -> Result<Vec<Block<'a>>, Malformed> {
        let (rest, found) = self.need("H.221 key", input, |input| take(4usize)(input))?;
        if found != key {
            fault.get_or_insert(self.fault("H.221 key", input));
        }
        let (data, length) = self.need("GCC user data length", rest, per_length)?;
        if length != data.len() {
            fault.get_or_insert(self.fault("GCC user data length", rest));
        }
        let data = data.get(..length).unwrap_or(data);
        let (blocks, broken) = gcc::blocks(data, (PAYLOAD_AT + self.payload.offset(data)) as u32);
        *fault = fault.or(broken);
        Ok(blocks)
    }
}

fn domain_parameters(input: &[u8]) -> IResult<&[u8], DomainParameters> {
    let (after, mut content) = element(input, 0x30)?;
    let mut values = [0; 8];
    for value in &mut values {
        let (rest, bytes) = element(content, 0x02)?;
        (content, *value) = (rest, integer(bytes));
    }
    let [channels, users, tokens, priorities, throughput, height, pdu_size, version] = values;
    Ok((after, DomainParameters { channels, users, tokens, priorities, throughput, height, pdu_size, version }))
}

/// T.124's object identifier and the length of the connectPDU, which Windows itself writes wrongly: ignored.
fn conference_key(input: &[u8]) -> IResult<&[u8], ()> {
    (tag(&[0, 5, 0, 0x14, 0x7c, 0, 1][..]), per_length).map(|_| ()).parse(input)
}

/// ConferenceCreateResponse: choice, node, tag of a variable length, result, then one set of user data.
fn conference_response(input: &[u8]) -> IResult<&[u8], u8> {
    let (input, (_choice, _node)) = (be_u8, be_u16).parse(input)?;
    let (input, length) = per_length(input)?;
    let (input, (_tag, result, _sets)) = (take(length), be_u8, take(2usize)).parse(input)?;
    // the result is an enumeration of five values: three bits
    let (input, _key_length) = be_u8(input)?;
    Ok((input, result >> 4 & 7))
}

/// Client MCS Connect Initial PDU with GCC Conference Create Request (MS-RDPBCGR 2.2.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectInitial {
    /// targetParameters.
    pub target: DomainParameters,
    /// minimumParameters.
    pub minimum: DomainParameters,
    /// maximumParameters.
    pub maximum: DomainParameters,
    /// What the client tells about itself.
    pub client: ClientData,
    /// The first rule that it breaks.
    pub fault: Option<Malformed>,
}

impl From<ConnectInitialView<'_>> for ConnectInitial {
    fn from(view: ConnectInitialView<'_>) -> Self {
        let mut fault = view.fault;
        let client = ClientData::read(&view.blocks, &mut fault);
        Self { target: view.target, minimum: view.minimum, maximum: view.maximum, client, fault }
    }
}

impl Describe for ConnectInitial {
    fn name(&self) -> Cow<'static, str> {
        "MCS Connect Initial".into()
    }

    fn summary(&self) -> String {
        let who = match &self.client.core {
            Some(core) => format!("{} client \"{}\" build {}", core.version, core.name, core.build),
            None => "client without core data".into(),
        };
        let count = self.client.channel_count;
        let plural = if count == 1 { "" } else { "s" };
        format!("{who}, {count} channel{plural}{}", fault_words(self.fault))
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        self.client.fields(&mut fields);
        fields.extend(fault_field(self.fault));
        fields
    }
}

/// Server MCS Connect Response PDU with GCC Conference Create Response (MS-RDPBCGR 2.2.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectResponse {
    /// result.
    pub result: McsResult,
    /// domainParameters.
    pub parameters: DomainParameters,
    /// result of the GCC Conference Create Response, if there is one.
    pub conference: Option<u8>,
    /// What the server tells about itself.
    pub server: ServerData,
    /// The first rule that it breaks.
    pub fault: Option<Malformed>,
}

impl From<ConnectResponseView<'_>> for ConnectResponse {
    fn from(view: ConnectResponseView<'_>) -> Self {
        let mut fault = view.fault;
        let server = ServerData::read(&view.blocks, &mut fault);
        Self { result: view.result, parameters: view.parameters, conference: view.conference, server, fault }
    }
}

impl Describe for ConnectResponse {
    fn name(&self) -> Cow<'static, str> {
        "MCS Connect Response".into()
    }

    fn summary(&self) -> String {
        let mut words = self.result.to_string();
        if self.result != McsResult::SUCCESSFUL {
            return words + &fault_words(self.fault);
        }
        if self.server.method.0 == 0 {
            words.push_str(", no RDP encryption");
        } else {
            words.push_str(&format!(", {}, level {}", self.server.method, self.server.level));
        }
        if let Some(certificate) = &self.server.certificate {
            words.push_str(&format!(", {certificate}"));
        }
        words + &fault_words(self.fault)
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Field::new("result", self.result.to_string(), 0..0)];
        self.server.fields(&mut fields);
        fields.extend(fault_field(self.fault));
        fields
    }
}

fn fault_words(fault: Option<Malformed>) -> String {
    fault.map(|fault| format!(", malformed: {} at byte {}", fault.field, fault.offset)).unwrap_or_default()
}

fn fault_field(fault: Option<Malformed>) -> Option<Field> {
    fault.map(|fault| Field::new("malformed", fault.field, fault.offset..fault.offset + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::gcc::Certificate;

    /// `02 01 vv` eight times.
    const PARAMETERS: [u8; 26] = [0x30, 24, 2, 1, 34, 2, 1, 2, 2, 1, 0, 2, 1, 1, 2, 1, 0, 2, 1, 1, 2, 1, 124, 2, 1, 2];

    fn initial(key: &[u8]) -> Vec<u8> {
        let mut core = vec![0; 216];
        core[..4].copy_from_slice(&[0x01, 0xc0, 216, 0]);
        core[4..8].copy_from_slice(&[0x0c, 0, 8, 0]); // RDP 10.7
        core[8..12].copy_from_slice(&[0x80, 0x07, 0x38, 0x04]); // 1920 x 1080
        core[20..24].copy_from_slice(&22621_u32.to_le_bytes());
        core[24..34].copy_from_slice(b"J\0D\0O\0E\x001\0");
        core[144] = 1; // RNS_UD_CS_SUPPORT_ERRINFO_PDU
        core[212] = 2; // PROTOCOL_HYBRID
        core.extend_from_slice(&[3, 0xc0, 20, 0, 1, 0, 0, 0]);
        core.extend_from_slice(b"rdpsnd\0\0\0\0\0\xc0");
        let mut conference = vec![0, 5, 0, 0x14, 0x7c, 0, 1, 0x80, 250, 0, 8, 0, 0x10, 0, 1, 0xc0, 0];
        conference.extend_from_slice(key);
        conference.extend_from_slice(&[0x80, core.len() as u8]);
        conference.extend_from_slice(&core);
        let mut packet = vec![4, 1, 1, 4, 1, 1, 1, 1, 0xff];
        packet.extend_from_slice(&[PARAMETERS, PARAMETERS, PARAMETERS].concat());
        packet.extend_from_slice(&[4, 0x82, (conference.len() >> 8) as u8, conference.len() as u8]);
        packet.extend_from_slice(&conference);
        let mut whole = vec![0x7f, 0x65, 0x82, (packet.len() >> 8) as u8, packet.len() as u8];
        whole.extend_from_slice(&packet);
        whole
    }

    fn response() -> Vec<u8> {
        let mut blocks = vec![1, 0x0c, 12, 0, 4, 0, 8, 0, 3, 0, 0, 0];
        blocks.extend_from_slice(&[3, 0x0c, 12, 0, 0xeb, 3, 1, 0, 0xec, 3, 0, 0]);
        blocks.extend_from_slice(&[2, 0x0c, 80, 0, 2, 0, 0, 0, 3, 0, 0, 0, 32, 0, 0, 0, 28, 0, 0, 0]);
        blocks.extend_from_slice(&[7; 32]);
        blocks.extend_from_slice(&[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0x5c, 0]);
        blocks.extend_from_slice(b"RSA1\x48\0\0\0\0\x02\0\0");
        let mut conference = vec![0, 5, 0, 0x14, 0x7c, 0, 1, 0x2a, 0x14, 0x76, 0x0a, 1, 1, 0, 1, 0xc0, 0];
        conference.extend_from_slice(b"McDn");
        conference.extend_from_slice(&[blocks.len() as u8]);
        conference.extend_from_slice(&blocks);
        let mut packet = vec![0x0a, 1, 0, 2, 1, 0];
        packet.extend_from_slice(&PARAMETERS);
        packet.extend_from_slice(&[4, 0x81, conference.len() as u8]);
        packet.extend_from_slice(&conference);
        let mut whole = vec![0x7f, 0x66, 0x81, packet.len() as u8];
        whole.extend_from_slice(&packet);
        whole
    }

    #[test]
    fn initial_tells_who_connects() {
        let packet = initial(b"Duca");
        let Ok(Connect::Initial(view)) = connect(&packet) else { panic!("no connect initial") };
        let fact = ConnectInitial::from(view);
        assert_eq!(fact.summary(), "RDP 10.7 client \"JDOE1\" build 22621, 1 channel");
        assert_eq!(fact.fault, None);
        assert_eq!((fact.target.channels, fact.target.pdu_size), (34, 124));
        let core = fact.client.core.as_ref();
        assert_eq!(core.and_then(|core| core.selected).map(|set| set.0), Some(2));
        assert!(core.is_some_and(gcc::ClientCore::wants_error_info));
        let fields = fact.fields();
        let Some(build) = fields.iter().find(|field| field.name == "clientBuild") else { panic!("no clientBuild") };
        assert_eq!(build.value, "22621 Windows 11 22H2");
        let start = build.range.start as usize - PAYLOAD_AT;
        assert_eq!(packet[start..start + 4], 22621_u32.to_le_bytes());
    }

    #[test]
    fn foreign_key_is_a_fault() {
        let packet = initial(b"Ducx");
        let Ok(Connect::Initial(view)) = connect(&packet) else { panic!("no connect initial") };
        assert_eq!(view.fault.map(|fault| fault.field), Some("H.221 key"));
    }

    #[test]
    fn response_tells_the_encryption() {
        let packet = response();
        let Ok(Connect::Response(view)) = connect(&packet) else { panic!("no connect response") };
        let fact = ConnectResponse::from(view);
        assert_eq!(fact.fault, None);
        assert_eq!(fact.summary(), "rt-successful, 128-bit RC4, level high, proprietary certificate 512-bit RSA");
        assert_eq!(fact.server.certificate, Some(Certificate::Proprietary(512)));
        assert_eq!((fact.server.io_channel, fact.server.channel_ids.as_slice()), (Some(1003), &[1004][..]));
    }

    #[test]
    fn refusal_needs_no_conference() {
        let mut packet = vec![0x7f, 0x66, 34, 0x0a, 1, 14, 2, 1, 0];
        packet.extend_from_slice(&PARAMETERS);
        packet.extend_from_slice(&[4, 0]);
        let Ok(Connect::Response(view)) = connect(&packet) else { panic!("no connect response") };
        assert_eq!(ConnectResponse::from(view).summary(), "rt-unspecified-failure");
    }

    #[test]
    fn any_prefix_is_refused_or_read_without_panic() {
        for packet in [initial(b"Duca"), response()] {
            for end in 0..packet.len() {
                match connect(&packet[..end]) {
                    Ok(Connect::Initial(view)) => drop(ConnectInitial::from(view).fields()),
                    Ok(Connect::Response(view)) => drop(ConnectResponse::from(view).fields()),
                    Err(_) => {}
                }
            }
        }
    }
}
