//! A side that is not heard any more.

use super::super::reached::phase_of_mark;
use super::super::rule::{Found, Remedy, Rule, Scene, number};
use super::super::verdict::{By, Sure};
use crate::frame::FrameNumber;
use crate::session::{Control, Direction, Event};
use crate::tcp::stream::Mark;

/// One side is not heard any more, and the other gives up.
pub(super) static RETRANSMIT_GIVEUP: Rule = Rule {
    id: "tcp.retransmit-giveup",
    title: "one side is not heard any more, and the other gives up",
    find: |scene| {
        let session = scene.session;
        session.accepted.or(session.server_side().last)?;
        for direction in [Direction::ClientToServer, Direction::ServerToClient] {
            let (speaker, silent) = (session.side(direction), session.side(direction.reverse()));
            let (Some(last_heard), Some(last_try)) = (silent.last_alive, speaker.last) else { continue };
            let tries: Vec<&Event> = session
                .timeline
                .iter()
                .filter(|event| {
                    event.direction == direction
                        && event.time > last_heard.time
                        && matches!(event.control(), Some(Control::Retransmission(_) | Control::KeepAlive))
                })
                .collect();
            let waited = last_try.time.since(last_heard.time);
            let resent = speaker.repeat.map_or(0, |repeat| repeat.count);
            // The one that gives up says so with a reset or a FIN of its own.
            let gave_up = scene.ended_by(direction) && scene.ending.act.is_some_and(|act| act.time > last_heard.time);
            let enough = if gave_up { 2 } else { 3 };
            if tries.len() < enough || waited < 2.0 || (resent < 2 && waited < 5.0) {
                continue;
            }
            let first = tries[0];
            let silent_name = direction.reverse().speaker();
            let frames: Vec<FrameNumber> = tries.iter().take(6).map(|event| event.frame).collect();
            let death = speaker.repeat.map_or(first.mark(), |repeat| repeat.original);
            return Some(
                Found::died(
                    Sure::Strong,
                    format!("the {silent_name} is not heard any more: the path or the host is gone"),
                )
                .at_mark(death, phase_of_mark(session, death), By::Network, "never answered")
                .because(
                    &frames,
                    format!("{} packets of the {} in {waited:.1} s, none answered", tries.len(), direction.speaker()),
                )
                .because(
                    &[last_heard.frame],
                    format!("frame {} is the last that was heard of the {silent_name}", last_heard.frame.number()),
                )
                .could_be("path", "a VPN or Wi-Fi that broke, a firewall that forgot the connection")
                .could_be("host", format!("the {silent_name}'s machine went to sleep, froze or lost power"))
                .not_it("tls", "certificate and TLS: the connection just went silent"),
            );
        }
        None
    },
    remedies: &[
        Remedy::new(
            "path",
            "look at VPN, Wi-Fi and firewall logs at that second; other connections of the same host should have died too",
        ),
        Remedy::with(
            "server",
            "let the server notice dead connections sooner (minutes)",
            r"reg add 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' /v KeepAliveInterval /t REG_DWORD /d 1 /f",
        ),
    ],
    next: &[Remedy::new("capture", "capture at the other end too: who stops hearing whom tells where the path breaks")],
};
