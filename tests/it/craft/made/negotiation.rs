//! Deaths between TCP's handshake and the first security byte: always in clear.

use super::super::frame::noise;
use super::super::talk::{Talk, Who};
use super::super::{hello, mcs, x224};
use super::{Made, file, fixed, negotiated};

pub(super) const ROSTER: &[Made] = &[
    fixed("x224.no-confirm--server-closes-late.pcap", no_confirm),
    fixed("x224.close-on-cr--rst.pcap", close_on_cr),
    fixed("x224.not-rdp--tls-service.pcap", tls_service),
    fixed("x224.not-rdp--vnc.pcap", vnc),
    fixed("x224.malformed--length.pcap", malformed),
    fixed("x224.disconnect-request--reason-128.pcap", disconnect_request),
    fixed("neg.hybrid-required--correlated.pcap", hybrid_required),
    fixed("neg.ssl-with-user-auth-required--failure-6.pcap", user_auth_required),
    fixed("neg.foreign-selection--hybrid-ex.pcap", foreign_selection),
    fixed("lic.no-server--in-clear.pcap", no_license_server),
];

/// The request is acknowledged, nobody answers it, and after half a minute the forwarder in front gives up.
fn no_confirm() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).wait(30.2).server_fin().client_fin().ack(Who::Server);
    file(&talk)
}

/// Reset as the direct answer to the request.
fn close_on_cr() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::MODERN)).server_rst();
    file(&talk)
}

/// A web server with TLS listens there: to it the request is a bad record.
fn tls_service() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.handshake()
        .client(&x224::asks("jdoe", x224::MODERN))
        .server(&hello::alert(hello::TLS_1_0, 70))
        .server_fin()
        .ack(Who::Client)
        .client_rst();
    file(&talk)
}

/// A VNC server listens there and speaks first.
fn vnc() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.handshake().wait(0.004).server(b"RFB 003.008\n").client(&x224::asks("jdoe", x224::MODERN)).server_fin();
    talk.client_rst();
    file(&talk)
}

/// X.224's length says 5 bytes more than there are; the server hangs up.
fn malformed() -> Vec<u8> {
    let mut talk = Talk::office();
    let mut request = x224::asks("jdoe", x224::MODERN);
    request[4] += 5;
    talk.handshake().client(&request).wait(0.019).server_fin().client_fin().ack(Who::Server);
    file(&talk)
}

/// A gateway refuses the way X.224 means it.
fn disconnect_request() -> Vec<u8> {
    let mut talk = Talk::office();
    let request =
        x224::request(x224::Token::Routing("Cookie: msts=3640205228.15629.0000"), &x224::wants(0, x224::MODERN));
    talk.handshake().client(&request).server(&x224::disconnect(128)).server_fin().client_fin().ack(Who::Server);
    file(&talk)
}

/// A client without CredSSP, with a correlation id, meets a server that wants nothing else.
fn hybrid_required() -> Vec<u8> {
    let mut talk = Talk::office();
    let mut id = [0; 16];
    id.copy_from_slice(&noise(77, 16));
    let blocks = [x224::wants(0x08, x224::SSL), x224::correlation(id)].concat();
    talk.handshake()
        .client(&x224::request(x224::Token::Cookie("jdoe"), &blocks))
        .server(&x224::confirm(&x224::refuses(5)))
        .client_rst();
    file(&talk)
}

fn user_auth_required() -> Vec<u8> {
    let mut talk = Talk::office();
    talk.handshake().client(&x224::asks("jdoe", x224::SSL)).server(&x224::confirm(&x224::refuses(6))).client_rst();
    file(&talk)
}

/// The answer selects what was never offered; the client has no way on.
fn foreign_selection() -> Vec<u8> {
    let mut talk = Talk::office();
    negotiated(&mut talk, x224::SSL | x224::HYBRID, x224::HYBRID_EX).client_rst();
    file(&talk)
}

/// Standard security, so that the refusal of the licence can be read: ERR_NO_LICENSE_SERVER, total abort.
fn no_license_server() -> Vec<u8> {
    let mut talk = Talk::office();
    let turns = mcs::classic("WKS-0417", mcs::Security::Proprietary);
    let until = turns.iter().position(|(_, bytes)| *bytes == mcs::license(7, 2)).expect("the licence");
    negotiated(&mut talk, x224::RDP, x224::RDP)
        .turns(&turns[..until])
        .wait(0.35)
        .server(&mcs::license(6, 1))
        .server_fin()
        .client_fin()
        .ack(Who::Server);
    file(&talk)
}
