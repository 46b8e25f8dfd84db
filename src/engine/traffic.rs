//! What else was in the capture: connections and their ports, for the report that finds no RDP.

use hashbrown::HashMap;

/// Traffic that was looked at, RDP or not.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// TCP connections.
    pub connections: u64,
    /// Connections per server port.
    ports: HashMap<u16, u32, foldhash::fast::RandomState>,
}

impl Traffic {
    pub(super) fn count(&mut self, port: u16) {
        self.connections += 1;
        *self.ports.entry(port).or_default() += 1;
    }

    /// The server ports with the most connections: port and number.
    #[must_use]
    pub fn busiest(&self, most: usize) -> Vec<(u16, u32)> {
        let mut ports: Vec<(u16, u32)> = self.ports.iter().map(|(port, count)| (*port, *count)).collect();
        ports.sort_unstable_by_key(|(port, count)| (std::cmp::Reverse(*count), *port));
        ports.truncate(most);
        ports
    }
}
