//! What happens in a session, and what there is to know about it: the truth that is written beside the capture.

use super::random::Random;
use super::talk::{Label, Talk, Who};
use super::traffic::{CERTIFICATE, CONFIRM, REQUEST, client_hello, message, record};

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plot {
    ClientCloses,
    ServerCloses,
    ClientResets,
    ServerResets,
    ClientResetsAtCertificate,
    ClientClosesAtCertificate,
    ClientRefusesCertificate,
    NlaRequired,
    VersionRefused,
    ResetAtRequest,
    PortClosed,
    Unreachable,
    LogonRefused,
    OpenAtEnd,
}

/// The leaf's state at the time of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    Valid,
    Expired,
    NotYetValid,
}

impl Validity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
        }
    }
}

impl Plot {
    /// As the truth file names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ClientCloses => "closed_by_client",
            Self::ServerCloses => "closed_by_server",
            Self::ClientResets => "client_rst_in_session",
            Self::ServerResets => "server_rst_in_session",
            Self::ClientResetsAtCertificate => "client_rst_after_certificate",
            Self::ClientClosesAtCertificate => "client_fin_after_certificate",
            Self::ClientRefusesCertificate => "client_alert_certificate",
            Self::NlaRequired => "negotiation_failure_hybrid_required",
            Self::VersionRefused => "server_alert_protocol_version",
            Self::ResetAtRequest => "server_rst_after_x224_request",
            Self::PortClosed => "port_closed",
            Self::Unreachable => "unreachable",
            Self::LogonRefused => "server_close_in_credssp",
            Self::OpenAtEnd => "open_at_end_of_capture",
        }
    }

    /// Which side ends it.
    pub(crate) const fn killer(self) -> &'static str {
        match self {
            Self::ClientCloses
            | Self::ClientResets
            | Self::ClientResetsAtCertificate
            | Self::ClientClosesAtCertificate
            | Self::ClientRefusesCertificate => "client",
            Self::Unreachable | Self::OpenAtEnd => "none",
            _ => "server",
        }
    }

    /// Whether the server's certificate is shown in it.
    pub(crate) const fn has_certificate(self) -> bool {
        !matches!(
            self,
            Self::NlaRequired | Self::VersionRefused | Self::ResetAtRequest | Self::PortClosed | Self::Unreachable
        )
    }
}

/// The certificate with other dates in it; nobody here checks its signature.
fn certificate(validity: Validity) -> Vec<u8> {
    const DATES: [&[u8]; 2] = [b"251222063000Z", b"260623063000Z"];
    let dates: [&[u8]; 2] = match validity {
        Validity::Valid => DATES,
        Validity::Expired => [b"250822063000Z", b"260301063000Z"],
        Validity::NotYetValid => [b"260401063000Z", b"261001063000Z"],
    };
    let mut der = CERTIFICATE.to_vec();
    for (old, new) in DATES.iter().zip(dates) {
        let at = der.windows(old.len()).position(|window| window == *old).unwrap_or_else(|| unreachable!("its dates"));
        der[at..at + new.len()].copy_from_slice(new);
    }
    der
}

/// ServerHello, Certificate, ServerHelloDone: in one record, as Windows writes them, or in three.
fn server_flight(validity: Validity, random: &mut Random) -> Vec<u8> {
    let mut hello = vec![3, 3];
    let mut nonce = [0; 32];
    random.fill(&mut nonce);
    hello.extend(nonce);
    hello.extend([0, 0xc0, 0x30, 0, 0, 0]);
    let counted = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat();
    let chain = counted(&counted(&certificate(validity)));
    let messages = [message(2, &hello), message(11, &chain), message(14, &[])];
    match random.in_thousand(500) {
        true => record(22, &messages.concat()),
        false => messages.iter().map(|message| record(22, message)).collect::<Vec<_>>().concat(),
    }
}

/// Bytes that each protected record holds, the client's positive, the server's negative: NLA up to the user's answer, what
/// follows where it is right, and everything from MCS Connect Initial to the logon notification.
const ANSWER: &[i32] = &[57, -200, 600];
const ACCEPTED: &[i32] = &[-59, 124, -4];
const SETUP: &[i32] = &[
    462, -118, 12, 8, -11, 12, -15, 12, -15, 12, -15, 12, -15, 12, -15, 380, -34, -472, 611, 36, 40, 40, 40, -36, -40,
    -40, -40, -36, -645, -625,
];

fn script(talk: &mut Talk, sizes: &[i32]) {
    for size in sizes {
        let who = if *size > 0 { Who::Client } else { Who::Server };
        // explicit nonce and tag of AES-GCM
        let bytes = sealed(23, 8 + size.unsigned_abs() as usize + 16, &mut talk.random);
        talk.say(who, &bytes, None);
    }
}

/// Protected bytes in a record.
fn sealed(kind: u8, length: usize, random: &mut Random) -> Vec<u8> {
    let mut body = vec![0; length];
    random.fill(&mut body);
    record(kind, &body)
}

/// Everything up to the end or up to where pictures begin.
pub(crate) fn begin(talk: &mut Talk, plot: Plot, validity: Validity) {
    match plot {
        Plot::Unreachable => return talk.knock(),
        Plot::PortClosed => return talk.refused(),
        _ => talk.open(),
    }
    let mut request = REQUEST.to_vec();
    // everybody has a name of four letters
    if let Some(at) = request.windows(4).position(|window| window == b"jdoe") {
        request[at..at + 4].fill_with(|| b'a' + talk.random.between(0, 26) as u8);
    }
    if plot == Plot::NlaRequired {
        // PROTOCOL_SSL alone, in the last field
        let at = request.len() - 4;
        request[at] = 1;
    }
    talk.say(Who::Client, &request, None);
    match plot {
        Plot::ResetAtRequest => return talk.reset(Who::Server),
        Plot::NlaRequired => {
            // RDP_NEG_FAILURE: HYBRID_REQUIRED_BY_SERVER
            talk.say(Who::Server, &[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 5, 0, 0, 0], None);
            return talk.close(Who::Server);
        }
        _ => talk.say(Who::Server, CONFIRM, None),
    }
    talk.say(Who::Client, &record(22, &client_hello()), None);
    if plot == Plot::VersionRefused {
        talk.say(Who::Server, &record(21, &[2, 70]), Some(Label::Alert));
        return talk.close(Who::Server);
    }
    let flight = server_flight(validity, &mut talk.random);
    talk.say(Who::Server, &flight, None);
    match plot {
        Plot::ClientResetsAtCertificate => return talk.reset(Who::Client),
        Plot::ClientClosesAtCertificate => return talk.close(Who::Client),
        Plot::ClientRefusesCertificate => {
            let code = if validity == Validity::Valid { 48 } else { 45 };
            talk.say(Who::Client, &record(21, &[2, code]), Some(Label::Alert));
            return talk.close(Who::Client);
        }
        _ => {}
    }
    let finished = sealed(22, 40, &mut talk.random);
    let key = record(22, &message(16, &[0x5a; 66]));
    talk.say(Who::Client, &[key, record(20, &[1]), finished.clone()].concat(), None);
    talk.say(Who::Server, &[record(20, &[1]), finished].concat(), None);
    script(talk, ANSWER);
    if plot == Plot::LogonRefused {
        return talk.close(Who::Server);
    }
    script(talk, ACCEPTED);
    script(talk, SETUP);
}

/// `bytes` of pictures from the server, and what the user does meanwhile.
pub(crate) fn pictures(talk: &mut Talk, bytes: usize) {
    let mut sent = 0;
    while sent < bytes {
        let length = talk.random.between(2000, 16_384) as usize;
        let picture = sealed(23, length, &mut talk.random);
        talk.say(Who::Server, &picture, None);
        sent += length;
        if talk.random.in_thousand(300) {
            let input = sealed(23, 60, &mut talk.random);
            talk.say(Who::Client, &input, None);
        }
        talk.now += talk.random.between(100_000, 8_000_000);
    }
}

/// The end of a session that ran.
pub(crate) fn end(talk: &mut Talk, plot: Plot) {
    match plot {
        Plot::ClientCloses => {
            // MCS Disconnect Provider Ultimatum, and close_notify
            script(talk, &[9]);
            let goodbye = sealed(21, 8 + 2 + 16, &mut talk.random);
            talk.say(Who::Client, &goodbye, None);
            talk.close(Who::Client);
        }
        Plot::ServerCloses => talk.close(Who::Server),
        Plot::ClientResets => talk.reset(Who::Client),
        Plot::ServerResets => talk.reset(Who::Server),
        _ => {}
    }
}
