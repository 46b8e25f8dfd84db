//! What comes beside TCP: errors that quote it, and datagrams.

use super::Engine;
use super::flows::{Flow, FlowKey};
use crate::session::{Direction, Endpoint, SessionId};
use crate::tcp::segment::{Datagram, IcmpError};
use crate::tcp::stream::Mark;

/// The RDP-UDP port of an RD Gateway (MS-TSGU 2.1.2).
const GATEWAY_UDP: u16 = 3391;

impl Engine {
    /// An ICMP error belongs to the connection whose packet it quotes.
    pub(super) fn icmp(&mut self, error: &IcmpError, mark: Mark) -> Option<SessionId> {
        let source = Endpoint { ip: error.quoted_source.0, port: error.quoted_source.1 };
        let destination = Endpoint { ip: error.quoted_destination.0, port: error.quoted_destination.1 };
        let key = FlowKey::new(source, destination);
        if error.is_udp {
            return self.sideband.icmp(error, &key, mark);
        }
        let Some(Flow::Rdp(slot)) = self.flows.get(&key) else { return None };
        let conversation = self.conversations[*slot as usize].as_mut()?;
        let is_client = conversation.session.client == source;
        let direction = if is_client { Direction::ClientToServer } else { Direction::ServerToClient };
        conversation.icmp(error, direction, mark);
        conversation.count_in(&mut self.held);
        Some(conversation.session.id)
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
