//! What happens to sockets when nodes die and links break.

use super::net::Packet;
use super::world::World;
use std::io;
use std::task::Waker;

impl World {
    /// Ends all sockets of a node; with `resets` its machine says so to the peers.
    pub(crate) fn close_node(&mut self, node: u32, resets: bool) -> Vec<Waker> {
        let mut wakers = Vec::new();
        let ports: Vec<_> = self.network.listeners.keys().filter(|key| key.0 == node).copied().collect();
        for port in ports {
            wakers.extend(self.network.listeners.remove(&port).into_iter().flat_map(|l| l.wakers));
        }
        let ids: Vec<u64> = self.network.connections.keys().copied().collect();
        for id in ids {
            for side in 0..2 {
                let Some(connection) = self.network.connections.get_mut(&id) else { break };
                let end = &mut connection.ends[side];
                if end.node != node || !end.open {
                    continue;
                }
                end.open = false;
                end.inbox.clear();
                wakers.extend(end.take_wakers());
                if resets {
                    self.send(id, 1 - side, Packet::Reset);
                }
                self.forget_if_over(id);
            }
        }
        wakers
    }

    /// Breaks every connection between two nodes, at once and for both sides.
    pub(crate) fn reset_between(&mut self, a: u32, b: u32) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for connection in self.network.connections.values_mut() {
            let nodes = (connection.ends[0].node, connection.ends[1].node);
            if nodes != (a, b) && nodes != (b, a) {
                continue;
            }
            for end in &mut connection.ends {
                end.broken = Some(io::ErrorKind::ConnectionReset);
                end.inbox.clear();
                wakers.extend(end.take_wakers());
            }
        }
        wakers
    }
}
