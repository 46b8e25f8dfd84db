//! What comes beside TCP: errors that quote it, and datagrams.

use std::net::IpAddr;

use super::Engine;
use super::flows::{Flow, FlowKey};
use crate::session::{Direction, Endpoint, SessionId};
use crate::tcp::segment::{Datagram, IcmpError};
use crate::tcp::stream::Mark;

/// The RDP-UDP port of an RD Gateway (MS-TSGU 2.1.2).
const GATEWAY_UDP: u16 = 3391;

/// Conversations among which one is looked for by its addresses alone.
const FEW: usize = 1024;
/// A router complains of a packet within this time, even one that asks for its neighbour first; seconds.
const ANSWERS_WITHIN: f64 = 5.0;

impl Engine {
    /// An ICMP error belongs to the connection whose packet it quotes.
    pub(super) fn icmp(&mut self, error: &IcmpError, mark: Mark) -> Option<SessionId> {
        let source = Endpoint { ip: error.quoted_source.0, port: error.quoted_source.1 };
        let destination = Endpoint { ip: error.quoted_destination.0, port: error.quoted_destination.1 };
        let key = FlowKey::new(source, destination);
        if error.is_udp {
            return self.sideband.icmp(error, &key, mark);
        }
        let slot = match self.flows.get(&key) {
            Some(Flow::Rdp(slot)) => *slot as usize,
            _ if error.is_cut() => self.last_between(source.ip, destination.ip, mark)?,
            _ => return None,
        };
        let conversation = self.conversations[slot].as_mut()?;
        let is_client = conversation.session.client.ip == source.ip
            && (error.is_cut() || conversation.session.client.port == source.port);
        let direction = if is_client { Direction::ClientToServer } else { Direction::ServerToClient };
        conversation.icmp(error, direction, mark);
        conversation.count_in(&mut self.held);
        Some(conversation.session.id)
    }

    /// The conversation in which `source` asked `destination` last, just before `mark`, and was not answered yet; where there are
    /// not too many to look at.
    fn last_between(&self, source: IpAddr, destination: IpAddr, mark: Mark) -> Option<usize> {
        if self.conversations.len() > FEW {
            return None;
        }
        let spoke = self.conversations.iter().enumerate().filter_map(|(slot, conversation)| {
            let session =
                conversation.as_ref().map(|held| &held.session).filter(|session| session.accepted.is_none())?;
            let ends = [session.client.ip, session.server.ip];
            let who = ends.iter().position(|ip| *ip == source)?;
            let last = session.sides[who].last?;
            (ends[1 - who] == destination).then_some((last.time, slot))
        });
        let (time, slot) = spoke.max()?;
        (mark.time.since(time) <= ANSWERS_WITHIN).then_some(slot)
    }

    /// A datagram: of a side channel, or said beside the sessions.
    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>, mark: Mark) -> Option<SessionId> {
        let ports = [datagram.source_port, datagram.destination_port];
        if !ports.iter().any(|port| self.is_rdp_port(*port) || *port == GATEWAY_UDP) {
            self.asides.datagram(datagram, mark);
            return None;
        }
        let (id, is_new) = self.sideband.push(datagram, mark, SessionId(self.sessions + 1))?;
        self.sessions += u32::from(is_new);
        Some(id)
    }
}
