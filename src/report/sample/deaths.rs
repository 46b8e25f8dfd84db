//! Sessions that died.

use super::frame;
use super::story::{ENDED, HYBRID, START, Story, certificate, client_hello, server_hello, with_certificate};
use crate::diagnose::verdict::{Alternative, By, EndHow, Points, Sure};
use crate::diagnose::{Case, Inferred};
use crate::frame::Timestamp;
use crate::session::Direction::{ClientToServer as C, ServerToClient as S};
use crate::session::{Control, Direction, Phase, RstFacts};
use crate::tcp::side::Repeat;
use crate::tcp::stream::Mark;
use crate::wire::catalogue::Fact;
use crate::wire::tls_record::{Alert, ContentType};

pub(in crate::report) fn expired() -> Case {
    let mut story = with_certificate(0x0b, ENDED, "RDS-LEG01.corp.example");
    story.say(8, 65_000, C, Phase::Tls, Fact::Alert(Alert { level: 2, description: 45 }));
    story.tcp(9, 65_100, C, Phase::Tls, Control::Fin);
    story.tcp(11, 83_700, S, Phase::Tls, Control::Fin);
    let headline = "client refused the server certificate, 2 days too old";
    story.died("tls.cert-expired", Sure::Proven, headline, 8, Phase::Tls, By::Client);
    story.mark(7, false, "");
    story.mark(8, true, "");
    story.sign(Points::For, &[8], "frame 8 is the client's own alert; its reason byte (0x3c) is 0x2d");
    story.sign(Points::For, &[7], "frame 7: the certificate ended 2 d 4 h 33 min before this capture");
    let text = "the network; 12 packets, none lost, none sent twice".into();
    story.case.verdict.not_it.push(Alternative { id: "path", text });
    let text = "renew the certificate of the RDP listener on 10.20.1.9, then check with";
    story.fix("server", text, Some("rdpwhy probe 10.20.1.9"));
    story.end(9, EndHow::Fin, By::Client)
}

pub(in crate::report) fn mstsc_cancel() -> Case {
    let mut story = with_certificate(0x0b, ENDED, "RDS-LEG01.corp.example");
    story.say(8, 65_000, C, Phase::Tls, Fact::ChangeCipherSpec);
    story.record(8, 65_000, C, Phase::Tls, ContentType::HANDSHAKE, 40);
    story.say(9, 84_000, S, Phase::Tls, Fact::ChangeCipherSpec);
    story.record(9, 84_000, S, Phase::Tls, ContentType::HANDSHAKE, 40);
    story.tcp(10, 6_284_000, C, Phase::Tls, Control::Fin);
    let headline = "client left right after seeing an expired certificate";
    story.died("tls.client-refuses", Sure::Likely, headline, 10, Phase::Tls, By::Client);
    story.mark(7, false, "");
    story.mark(10, true, "nothing was sent inside TLS");
    story.sign(Points::For, &[7], "the certificate was 2 d 4 h 33 min out of date at that moment");
    story.sign(Points::For, &[10], "the client closed by itself, orderly, before any logon data");
    let text =
        "6.2 s between the end of TLS and the close: the Windows client shows its certificate warning exactly there";
    story.sign(Points::For, &[9, 10], text);
    let text = "the user cancelled for another reason; a connection test".into();
    story.case.verdict.could_be.push(Alternative { id: "client.cancelled", text });
    story.fix("server", "renew the certificate of the RDP listener on 10.20.1.9", None);
    story.end(10, EndHow::Fin, By::Client)
}

pub(in crate::report) fn hybrid() -> Case {
    let mut story = Story::new("10.20.4.80:49811", "10.20.1.9:3389", 1);
    story.opening(1, 21_100, 1, b"", [3, 0, 8, 0, 5, 0, 0, 0]);
    story.tcp(6, 47_300, S, Phase::X224, Control::Fin);
    let headline = "server insists on NLA; the client offered only TLS";
    story.died("neg.hybrid-required", Sure::Proven, headline, 5, Phase::X224, By::Server);
    story.mark(4, false, "no HYBRID here");
    story.mark(5, true, "");
    story.sign(Points::For, &[5], "frame 5 is the server's own refusal, failure code 0x00000005");
    story.case.verdict.means = Some(
        "the server accepts only clients that do Network Level Authentication (CredSSP) before it shows a desktop; \
         this one never offered it"
            .into(),
    );
    let text = "the certificate, the password: neither was reached".into();
    story.case.verdict.not_it.push(Alternative { id: "tls", text });
    let text = "on the client: enable CredSSP (enablecredsspsupport:i:1 in the .rdp file, /sec:nla in FreeRDP) or use a \
                client that knows NLA";
    story.fix("client", text, None);
    let note =
        "turning NLA off on the server also \"works\"; it opens the logon screen to anyone who can reach port 3389";
    story.case.verdict.notes.push(note.into());
    story.case.verdict.reached = [Phase::Tcp, Phase::X224].into_iter().collect();
    story.end(6, EndHow::Fin, By::Server)
}

pub(in crate::report) fn forged() -> Case {
    let mut story = Story::new("10.20.4.17:52010", "172.16.9.40:3389", 1);
    story.opening(1, 41_200, 0x0b, b"jdoe", HYBRID);
    story.say(6, 90_000, C, Phase::Tls, client_hello(&[]));
    let reset = |distance| {
        Control::Rst(Box::new(RstFacts {
            ttl: 253,
            id: Some(0),
            window: 0,
            has_ack: true,
            has_timestamp: false,
            in_window: true,
            ahead: false,
            distance,
            place: 0,
            echoes: false,
            acknowledges: None,
            stray_id: None,
            lacks_timestamp: false,
        }))
    };
    story.tcp(7, 90_600, S, Phase::Tls, reset(0));
    story.tcp(8, 90_650, S, Phase::Tls, reset(1460));
    story.say(9, 131_700, S, Phase::Tls, server_hello(false));
    story.say(9, 131_700, S, Phase::Tls, certificate("RDS40.corp.example", ENDED + 9_000_000));
    let headline = "a device in the path sent a reset in the server's name";
    story.died("tcp.rst-injected", Sure::Strong, headline, 7, Phase::Tls, By::Middlebox);
    story.mark(7, true, "too near, too fast to be the server");
    story.mark(9, false, "the real server, unaware");
    story.sign(Points::For, &[7, 8], "frames 7 and 8 travelled 2 hops; the server is 11 hops away");
    story.sign(Points::For, &[7], "frame 7 comes 0.6 ms after frame 6; the server needs 41.2 ms");
    let text = "frame 7 has the right sequence number; any device that reads the traffic can manage that";
    story.sign(Points::Against, &[7], text);
    story.fix("path", "find what sits 2 hops from the capture point and knows RDP", None);
    story.next("capture", "capture on both sides of it; only the inner side will show no reset", None);
    story.end(7, EndHow::Rst, By::Middlebox)
}

pub(in crate::report) fn mtu() -> Case {
    let mut story = Story::new("10.88.0.23:50122", "10.20.1.9:3389", 481);
    story.opening(481, 36_000, 0x03, b"mlopez", HYBRID);
    story.say(486, 115_000, C, Phase::Tls, client_hello(&[]));
    story.say(487, 115_200, S, Phase::Tls, server_hello(false));
    story.say(488, 115_300, S, Phase::Tls, certificate("RDS-LEG01.corp.example", ENDED + 9_000_000));
    let offset = story.offsets[1];
    story.offsets[1] = 100; // where the ServerHello began
    for (number, wait) in (490..496).zip([300, 900, 2_100, 4_500, 9_300, 18_900]) {
        story.tcp(number, 115_200 + wait * 1_000, S, Phase::Tls, Control::Retransmission(1460));
    }
    story.offsets[1] = offset;
    story.tcp(496, 30_015_000, C, Phase::Tls, Control::Fin);
    let mark = |number, micros: i64| Mark { frame: frame(number), time: Timestamp(START + micros * 1_000), place: 0 };
    story.case.session.sides[1].set_repeat(Repeat {
        offset: 100,
        length: 1460,
        ip_length: 1500,
        dont_fragment: true,
        original: mark(487, 115_200),
        third: None,
        last: mark(495, 19_015_200),
        count: 6,
    });
    story.case.session.sides[1].retransmissions = 6;
    let headline = "full-size packets from the server vanish on the way";
    story.died("path.mtu-black-hole", Sure::Strong, headline, 487, Phase::Tls, By::Network);
    story.mark(487, true, "it never gets through");
    story.sign(
        Points::For,
        &[487],
        "7 packets of 1500 bytes sent, none acknowledged; all 9 packets up to 1219 bytes were",
    );
    story.sign(Points::Missing, &[], "where it happens; the limit lies between 1220 and 1500 bytes");
    let text = "allow ICMP type 3 code 4 (IPv6: type 2) towards 10.20.1.9, or clamp the MSS on the VPN gateway to 1360";
    story.fix("path", text, None);
    story.next("client", "from a VPN client:", Some("rdpwhy probe 10.20.1.9 --mtu"));
    story.end(496, EndHow::Fin, By::Client)
}

pub(in crate::report) fn win11() -> Case {
    let mut story = Story::new("10.20.4.17:51620", "10.20.1.22:3389", 1);
    story.opening(1, 18_400, 0x0b, b"jdoe", HYBRID);
    story.say(6, 44_000, C, Phase::Tls, client_hello(&[3, 4]));
    story.say(7, 63_000, S, Phase::Tls, server_hello(true));
    for length in [23, 786, 281, 69] {
        story.record(7, 63_000, S, Phase::Tls, ContentType::APPLICATION_DATA, length);
    }
    let offset = story.offsets[0];
    story.record(8, 65_000, C, Phase::Tls, ContentType::APPLICATION_DATA, 19);
    story.tcp(9, 65_100, C, Phase::Tls, Control::Fin);
    let alert = Inferred {
        frame: frame(8),
        stream_offset: offset,
        phase: Phase::Tls,
        name: "Alert",
        exact: true,
        direction: Direction::ClientToServer,
        plaintext: Some(2),
    };
    story.case.shape.records.push(alert);
    let headline = "client hung up on a certificate hidden by TLS 1.3";
    story.died("tls.client-refuses", Sure::Likely, headline, 8, Phase::Tls, By::Client);
    story.mark(8, true, "");
    story.sign(Points::For, &[8], "frame 8: 19 bytes is exactly alert (2) + type (1) + tag (16)");
    story.sign(Points::For, &[8], "frame 8 comes 2 ms after the certificate, before any password");
    story.sign(Points::Missing, &[], "which complaint: expired, unknown issuer, wrong name, revoked, ...");
    story.next("server", "see the certificate yourself:", Some("rdpwhy probe 10.20.1.22"));
    story.end(9, EndHow::Fin, By::Client)
}
