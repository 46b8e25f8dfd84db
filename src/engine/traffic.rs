//! What else was in the capture: connections and their ports, for the report that finds no RDP.

/// Traffic that was looked at, RDP or not.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// TCP connections.
    pub connections: u64,
    /// Connections per server port.
    ports: Vec<u32>,
}

impl Traffic {
    pub(super) fn count(&mut self, port: u16) {
        self.connections += 1;
        if self.ports.is_empty() {
            self.ports = vec![0; 1 << 16];
        }
        self.ports[usize::from(port)] += 1;
    }

    /// The server ports with the most connections: port and number.
    #[must_use]
    pub fn busiest(&self, most: usize) -> Vec<(u16, u32)> {
        let mut ports: Vec<(u16, u32)> =
            (0..=u16::MAX).zip(self.ports.iter().copied()).filter(|(_, count)| *count > 0).collect();
        ports.sort_by_key(|(port, count)| (std::cmp::Reverse(*count), *port));
        ports.truncate(most);
        ports
    }
}
