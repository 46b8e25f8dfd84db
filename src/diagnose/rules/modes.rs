//! Restricted Admin and Remote Credential Guard: a server that does not know them, and one that knows and refuses.
//!
//! Source: MS-RDPBCGR 2.2.1.1.1 and 2.2.1.2.1, the flags of request and response.

use super::super::rule::{Found, Rule, Scene, number};
use super::super::shape::{LogonMode, Nla, name};
use super::super::signs::Signs;
use super::super::verdict::Sure;
use super::super::wording::say;
use crate::session::Direction;
use crate::wire::x224::Answer;

/// A mode of logon without a password, as request, response and CredSSP show it.
struct Mode {
    /// Bit of the request, bit of the response.
    asked: u8,
    granted: u8,
    logon: LogonMode,
    title: &'static str,
}

const RESTRICTED_ADMIN: Mode =
    Mode { asked: 0x01, granted: 0x08, logon: LogonMode::RestrictedAdmin, title: "Restricted Admin" };
const REMOTE_GUARD: Mode =
    Mode { asked: 0x02, granted: 0x10, logon: LogonMode::RemoteGuard, title: "Remote Credential Guard" };

/// A client that leaves this soon leaves because of what it heard; seconds.
const AT_ONCE: f64 = 2.0;
/// From activation to the end of a logon that is refused inside the session; seconds.
const BRIEF: f64 = 5.0;

/// The client insists on a mode that the server does not offer.
fn not_offered(scene: &Scene<'_>, mode: &Mode) -> Option<Found> {
    let session = scene.session;
    let (request, asked) = session.request()?;
    let (confirm, answer) = session.confirm()?;
    let Answer::Response { flags, .. } = answer.answer else { return None };
    let act = scene.ending.act?;
    let wanted = asked.flags.is_some_and(|flags| flags & mode.asked != 0);
    if !wanted || flags & mode.granted != 0 || session.client_hello().is_some() {
        return None;
    }
    let left = scene.ended_by(Direction::ClientToServer) && scene.ending.pause <= AT_ONCE;
    if !left || scene.crowd.is_one_of_many_leavers(scene.index) {
        return None;
    }
    let title = mode.title;
    Some(
        scene
            .died(Sure::Strong, say!("the server does not offer {title}, and the client insists on it"))
            .at(confirm, Direction::ServerToClient)
            .because(&[request.frame], say!("frame {}: the client asks for {title}", number(request)))
            .because(&[confirm.frame], say!("frame {}: the server's answer lacks {title}", number(confirm)))
            .because(&[act.frame], say!("frame {}: the client closes at once", number(act)))
            .witness(request, "")
            .not_it("nla", "the certificate, the password: neither was reached"),
    )
}

/// Everything goes well up to the desktop, nobody is logged on, and the server ends it.
fn refused_inside(scene: &Scene<'_>, mode: &Mode) -> Option<Found> {
    let shape = scene.shape;
    let (request, asked) = scene.session.request()?;
    let wanted = asked.flags.is_some_and(|flags| flags & mode.asked != 0);
    let handed = shape.mode == Some(mode.logon);
    let (left_out, _) = scene.session.timeline.elided();
    if !wanted || shape.nla != Nla::Done || !shape.activated || shape.logged_on || left_out.like_logon > 0 {
        return None;
    }
    let ready = scene.event_of(shape.first(name::FONT_MAP)?)?;
    let farewell = shape.farewell(Direction::ServerToClient).filter(|record| record.name == name::ULTIMATUM)?;
    let event = scene.event_of(farewell)?;
    let lasted = event.time.since(ready.time);
    if !handed || lasted > BRIEF || scene.ending.act.is_none_or(|act| act.time < event.time) {
        return None;
    }
    let title = mode.title;
    let mut found = scene
        .died(Sure::Likely, say!("the server does not let this user log on with {title}"))
        .at(event, Direction::ServerToClient)
        .because(&[request.frame], say!("frame {}: the client asks for {title}", number(request)))
        .because(
            &[ready.frame, event.frame],
            say!(
                "the server ends it {lasted:.1} s after activation (frame {}), and no logon notification came",
                ready.frame.number()
            ),
        )
        .missing("the reason: it is encrypted");
    if let Some(record) = shape.latest(name::ERROR_INFO) {
        let text = say!("frame {}: a record as long as Set Error Info just before", record.frame.number());
        found = found.because(&[record.frame], text);
    }
    Some(found.could_be("end.denied", "a limit or a deny policy of the server"))
}

/// Restricted Admin is not offered.
pub(super) static RESTRICTED_ADMIN_NOT_OFFERED: Rule = Rule {
    id: "neg.restricted-admin-refused",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::CLIENT_CLOSES).and(Signs::NO_CLIENT_HELLO),
    find: |scene| not_offered(scene, &RESTRICTED_ADMIN),
};

/// Remote Credential Guard is not offered.
pub(super) static REMOTE_GUARD_NOT_OFFERED: Rule = Rule {
    id: "neg.remote-guard-refused",
    needs: Signs::REQUEST.and(Signs::CONFIRM).and(Signs::CLIENT_CLOSES).and(Signs::NO_CLIENT_HELLO),
    find: |scene| not_offered(scene, &REMOTE_GUARD),
};

/// Restricted Admin is offered and then refused.
pub(super) static RESTRICTED_ADMIN_REFUSED: Rule = Rule {
    id: "nla.restricted-admin-refused",
    needs: Signs::REQUEST.and(Signs::LOGON).and(Signs::CLOSED),
    find: |scene| refused_inside(scene, &RESTRICTED_ADMIN),
};

/// Remote Credential Guard is offered and then refused.
pub(super) static REMOTE_GUARD_REFUSED: Rule = Rule {
    id: "nla.remote-guard-refused",
    needs: Signs::REQUEST.and(Signs::LOGON).and(Signs::CLOSED),
    find: |scene| refused_inside(scene, &REMOTE_GUARD),
};
