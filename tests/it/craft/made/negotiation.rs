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

#[cfg(test)]
mod tests {
    use super::super::super::talk::Side;
    use super::super::judged;
    use super::*;
    use rdpwhy::diagnose::verdict::{By, Outcome};

    const PROXY_V1: &[u8] = b"PROXY TCP4 203.0.113.7 10.20.1.9 50000 3389\r\n";
    const PROXY_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x0a\x14\x01\x09\xc3\x50\x0d\x3d";

    fn at_port(port: u16) -> Talk {
        Talk::new(Side::windows("10.20.4.17", 51_544).hops(0), Side::windows("10.20.1.9", port).hops(2))
    }

    #[test]
    fn a_balancers_header_is_no_protocol_of_its_own() {
        for header in [PROXY_V1, PROXY_V2] {
            for port in [3389, 40_000] {
                let request = [header, &x224::asks("jdoe", x224::SSL)].concat();
                let mut refused = at_port(port);
                refused.handshake().client(&request).server(&x224::confirm(&x224::refuses(5))).client_rst();
                assert_eq!(judged(&[refused])[0].verdict.cause, Some("neg.hybrid-required"));
                let mut closed = at_port(port);
                closed.handshake().client(&request).server_rst();
                let verdict = &judged(&[closed])[0].verdict;
                assert_eq!((verdict.outcome, verdict.cause), (Outcome::Died, Some("x224.not-rdp")));
                assert_eq!(verdict.death.map(|death| death.by), Some(By::Server));
                assert!(verdict.headline.contains("PROXY"));
            }
            // The header may come alone, and in pieces.
            let mut pieces = at_port(3389);
            let (first, rest) = header.split_at(9);
            pieces.handshake().client(first).client(rest).client(&x224::asks("jdoe", x224::SSL));
            pieces.server(&x224::confirm(&x224::refuses(5))).client_rst();
            assert_eq!(judged(&[pieces])[0].verdict.cause, Some("neg.hybrid-required"));
            // Behind it anything else is what it is.
            let web = [header, b"GET / HTTP/1.1\r\n\r\n"].concat();
            let mut other = at_port(40_000);
            other.handshake().client(&web).server(b"HTTP/1.1 200 OK\r\n\r\n").client_fin();
            assert!(judged(&[other]).is_empty());
            let tls = [header, &hello::client_hello(hello::TLS_1_2, hello::SUITES, "www", 30)].concat();
            let mut other = at_port(40_000);
            other.handshake().client(&tls).server(&hello::alert(hello::TLS_1_2, 40)).server_fin();
            assert!(judged(&[other]).is_empty());
            let mut other = at_port(3389);
            other.handshake().client(&web).client_fin();
            assert_eq!(judged(&[other])[0].verdict.outcome, Outcome::Scan);
        }
    }

    /// Failure 1 to a client that offers nothing, NLA alone, or the very TLS that is wanted.
    #[test]
    fn what_a_client_offers_is_not_told_as_lacking() {
        let words = [
            (x224::RDP, "the client did not offer it"),
            (x224::HYBRID | x224::HYBRID_EX, "TLS without NLA"),
            (x224::MODERN, "though the client offered it"),
        ];
        for (asked, words) in words {
            let mut talk = at_port(3389);
            talk.handshake().client(&x224::asks("jdoe", asked)).server(&x224::confirm(&x224::refuses(1))).client_rst();
            let verdict = &judged(&[talk])[0].verdict;
            assert_eq!(verdict.cause, Some("neg.ssl-required"));
            assert!(verdict.headline.contains(words), "{}", verdict.headline);
        }
    }

    #[test]
    fn a_preconnection_pdu_begins_a_session_on_any_port() {
        let first: &[u8] = &[16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0];
        let second: &[u8] = &[24, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, b'V', 0, b'M', 0, 0, 0];
        for preconnection in [first, second] {
            for port in [2179, 40_000] {
                let asks = x224::asks("jdoe", x224::SSL);
                let fails = |talk: &mut Talk| {
                    talk.server(&x224::confirm(&x224::refuses(5))).client_rst();
                    judged(std::slice::from_ref(talk)).first().and_then(|case| case.verdict.cause)
                };
                let mut together = at_port(port);
                together.handshake().client(&[preconnection, &asks].concat());
                assert_eq!(fails(&mut together), Some("neg.hybrid-required"));
                let mut apart = at_port(port);
                apart.handshake().client(preconnection).client(&asks);
                assert_eq!(fails(&mut apart), Some("neg.hybrid-required"));
                let mut pieces = at_port(port);
                pieces.handshake().client(&preconnection[..5]).client(&preconnection[5..]).client(&asks);
                assert_eq!(fails(&mut pieces), Some("neg.hybrid-required"));
            }
        }
        // What only begins like one is no session.
        let mut other = at_port(40_000);
        other.handshake().client(&[16, 0, 0, 0]).client(&[7; 40]).server(&[1; 20]).client_fin();
        assert!(judged(&[other]).is_empty());
    }
}
