//! What the server says of the end itself, where Set Error Info is in clear (MS-RDPBCGR 2.2.5.1.1).

use super::super::rule::{Rule, Scene, number};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use super::farewell::farewell;
use crate::knowledge::disconnect::ErrorInfo;
use crate::session::{Direction, Event};
use crate::wire::catalogue::Fact;
use crate::wire::share::{DataBody, SecurityKind, ShareKind};

/// From Set Error Info to the end; a code that is older was about something else; seconds.
const RECENT: f64 = 30.0;

/// Codes from and to, the cause that they state. The first row that fits counts.
const CAUSES: &[(u32, u32, &str)] = &[
    (0x1, 0x1, "end.admin-disconnect"),
    (0x2, 0x2, "end.admin-logoff"),
    (0x3, 0x3, "end.idle-limit"),
    (0x4, 0x4, "end.session-limit"),
    (0x5, 0x5, "end.replaced"),
    (0x6, 0x6, "end.session-crash"),
    (0x7, 0x7, "end.denied"),
    (0x9, 0x9, "end.no-privilege"),
    (0xa, 0xa, "end.fresh-creds"),
    (0xb, 0xb, USER_DISCONNECT),
    (0xc, 0xc, USER_LOGOFF),
    (0x10, 0x10, "end.session-crash"),
    (0xf, 0x12, "rdp.gfx-failed"),
    (0x17, 0x18, "end.session-crash"),
    (0x19, 0x19, "end.server-shutdown"),
    (0x1a, 0x1a, "end.server-reboot"),
    (0x101, 0x101, "lic.no-server"),
    (0x102, 0x102, "lic.none-left"),
    (0x106, 0x106, "lic.network"),
    (0x10a, 0x10a, "lic.not-licensed"),
    (0x103, 0x109, "lic.client-store"),
    (0x100, 0x1ff, "lic.refused"),
    (0x400, 0x4ff, "redirect.broker-error"),
    (0x10e7, 0x10ea, "rdp.caps-refused"),
    (0x10f3, 0x10f3, "end.denied"),
    (0x112d, 0x112d, "rdp.caps-refused"),
    (0x112e, 0x112f, "rdp.gfx-failed"),
    (0x1134, 0x1136, "rdp.caps-refused"),
    (0x1194, 0x1194, "mcs.stdsec-method-mismatch"),
    (0x1191, 0x1195, "rdp.stdsec-decrypt"),
    (0x10c9, 0x1136, "end.protocol-error"),
];

const USER_DISCONNECT: &str = "ok.user-disconnect";
const USER_LOGOFF: &str = "ok.user-logoff";

/// The cause that a code states; the general one for a code that nobody knows.
fn cause(code: ErrorInfo) -> &'static str {
    let row = CAUSES.iter().find(|(from, to, _)| (*from..=*to).contains(&code.0));
    row.map_or("end.server-ended", |row| row.2)
}

/// The server's codes, in order.
fn codes<'a>(scene: &Scene<'a>) -> impl DoubleEndedIterator<Item = (&'a Event, ErrorInfo)> {
    let codes = scene.session.timeline.facts().filter_map(|(event, fact)| {
        let Fact::Security(pdu) = fact else { return None };
        let SecurityKind::Share(share) = &pdu.kind else { return None };
        match share.kind {
            ShareKind::Data(_, DataBody::ErrorInfo(code)) => Some((event, code)),
            _ => None,
        }
    });
    codes.filter(|(event, _)| event.direction == Direction::ServerToClient)
}

/// The last code that is an error: some servers send "no error" at logon.
fn last_code<'a>(scene: &Scene<'a>) -> Option<(&'a Event, ErrorInfo)> {
    codes(scene).rfind(|(_, code)| *code != ErrorInfo::NONE)
}

/// Whether the server took `event`, its code, back before the client said goodbye by itself.
fn is_taken_back(scene: &Scene<'_>, event: &Event) -> bool {
    let Some((goodbye, _)) = farewell(scene, Direction::ClientToServer) else { return false };
    let cleared =
        codes(scene).any(|(other, code)| code == ErrorInfo::NONE && event.precedes(other) && other.precedes(goodbye));
    let server_first = farewell(scene, Direction::ServerToClient).is_some_and(|(own, _)| !goodbye.precedes(own));
    cleared && !server_first
}

/// The server says why.
pub(super) static ERROR_INFO: Rule = Rule {
    id: "end.protocol-error",
    needs: Signs::SECURITY.and(Signs::CLOSED),
    find: |scene| {
        let (event, code) = last_code(scene).filter(|(event, _)| !is_taken_back(scene, event))?;
        let act = scene.ending.act.filter(|act| act.time.since(event.time) <= RECENT && !act.precedes(event))?;
        let id = cause(code);
        let meaning = code.meaning().unwrap_or("the server ended it with a code that the specification does not have");
        let found = match id {
            USER_DISCONNECT | USER_LOGOFF => scene.ok(Sure::Proven, meaning),
            _ => scene.died(Sure::Proven, meaning).at(event, Direction::ServerToClient),
        };
        Some(
            found
                .named(id)
                .because(&[event.frame], say!("frame {} is the server's own Set Error Info: {code}", number(event)))
                .because(
                    &[act.frame],
                    say!(
                        "frame {}: the {} closes {:.1} s later",
                        number(act),
                        act.direction.speaker(),
                        act.time.since(event.time)
                    ),
                )
                .not_it("path", "the network: the server said itself why it ends"),
        )
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::disconnect::ERROR_INFO as CODES;

    #[test]
    fn every_code_states_a_cause() {
        for code in CODES.iter().filter(|code| code.value != 0) {
            assert_ne!(cause(ErrorInfo(code.value)), "end.server-ended", "{}", code.symbol);
        }
        assert_eq!(cause(ErrorInfo(0x0c)), "ok.user-logoff");
        assert_eq!(cause(ErrorInfo(0x11)), "rdp.gfx-failed");
        assert_eq!(cause(ErrorInfo(0x105)), "lic.client-store");
        assert_eq!(cause(ErrorInfo(0x1192)), "rdp.stdsec-decrypt");
        assert_eq!(cause(ErrorInfo(0x77)), "end.server-ended");
    }
}
