//! The network as state of the world: listeners, connections, packets on the way.

use super::trace::{Kind, hash_bytes};
use super::world::{Effect, Event, Power, World};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::task::Waker;

/// How long a packet that a cut link held waits until it is sent again.
const RETRANSMIT: u64 = 200_000_000;
/// How often a connection request is repeated, once per second, before the system gives up.
const SYN_ATTEMPTS: u32 = 60;
const SYN_INTERVAL: u64 = 1_000_000_000;

/// All sockets of the world.
#[derive(Default)]
pub(crate) struct Network {
    pub(crate) listeners: BTreeMap<(u32, u16), ListenerState>,
    pub(crate) connections: BTreeMap<u64, Connection>,
    next_connection: u64,
    /// Pairs of nodes between which nothing arrives, lower one first.
    pub(crate) cut: BTreeSet<(u32, u32)>,
}

pub(crate) struct ListenerState {
    pub(crate) id: u64,
    pub(crate) limit: usize,
    pub(crate) backlog: VecDeque<u64>,
    pub(crate) wakers: Vec<Waker>,
}

/// End 0 connected, end 1 accepted.
pub(crate) struct Connection {
    pub(crate) ends: [End; 2],
    pub(crate) state: ConnectState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectState {
    Pending,
    Established,
    Failed(io::ErrorKind),
}

pub(crate) struct End {
    pub(crate) node: u32,
    pub(crate) address: SocketAddr,
    /// Whether a stream (or a place in a backlog) still owns this end.
    pub(crate) open: bool,
    pub(super) inbox: VecDeque<u8>,
    transit: VecDeque<Packet>,
    transit_bytes: usize,
    finished: bool,
    pub(super) broken: Option<io::ErrorKind>,
    write_closed: bool,
    pub(crate) read_wakers: Vec<Waker>,
    pub(crate) write_wakers: Vec<Waker>,
}

pub(super) enum Packet {
    Data(Vec<u8>),
    Finish,
    Reset,
    /// The answer to a connection request, for end 0.
    Answer(ConnectState),
}

impl End {
    fn new(node: u32, address: SocketAddr, open: bool) -> End {
        End {
            node,
            address,
            open,
            inbox: VecDeque::new(),
            transit: VecDeque::new(),
            transit_bytes: 0,
            finished: false,
            broken: None,
            write_closed: false,
            read_wakers: Vec::new(),
            write_wakers: Vec::new(),
        }
    }

    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        let mut wakers = std::mem::take(&mut self.read_wakers);
        wakers.append(&mut self.write_wakers);
        wakers
    }

    pub(crate) fn readable(&self) -> bool {
        !self.inbox.is_empty() || self.finished || self.broken.is_some()
    }
}

/// The address that a node has in the simulated network.
pub(crate) fn node_ip(node: u32) -> IpAddr {
    let [_, _, high, low] = node.to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(10, 0, high, low + 1))
}

impl World {
    fn node_of(&self, from: u32, ip: IpAddr) -> Option<u32> {
        if ip.is_loopback() || ip.is_unspecified() {
            return Some(from);
        }
        (0..self.nodes.len() as u32).find(|node| node_ip(*node) == ip)
    }

    fn is_cut(&self, a: u32, b: u32) -> bool {
        self.network.cut.contains(&(a.min(b), a.max(b)))
    }

    fn network_delay(&mut self, a: u32, b: u32) -> u64 {
        let range = if a == b { self.config.loopback_delay } else { self.config.network_delay };
        self.delay(range)
    }

    fn next_port(&mut self, node: u32) -> u16 {
        let state = self.node(node);
        state.next_port = state.next_port.checked_add(1).unwrap_or(32_768);
        state.next_port
    }

    pub(crate) fn listen(&mut self, node: u32, address: SocketAddr, limit: usize) -> io::Result<SocketAddr> {
        let port = match address.port() {
            0 => loop {
                let port = self.next_port(node);
                if !self.network.listeners.contains_key(&(node, port)) {
                    break port;
                }
            },
            port => port,
        };
        if self.network.listeners.contains_key(&(node, port)) {
            let words = format!("listen on {address}: the address is in use");
            return Err(io::Error::new(io::ErrorKind::AddrInUse, words));
        }
        if self.node_of(node, address.ip()) != Some(node) {
            let words = format!("listen on {address}: not an address of this node");
            return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, words));
        }
        self.network.next_connection += 1;
        let id = self.network.next_connection;
        let state = ListenerState { id, limit: limit.max(1), backlog: VecDeque::new(), wakers: Vec::new() };
        self.network.listeners.insert((node, port), state);
        self.record(node, Kind::Listen, u64::from(port), 0, 0);
        Ok(SocketAddr::new(address.ip(), port))
    }

    /// Begins to connect; the state of the connection tells how it went.
    pub(crate) fn begin_connect(&mut self, node: u32, address: SocketAddr) -> u64 {
        let target = self.node_of(node, address.ip());
        let local = SocketAddr::new(node_ip(node), self.next_port(node));
        self.network.next_connection += 1;
        let id = self.network.next_connection;
        // A request to an address that nobody has is never answered.
        let far = End::new(target.unwrap_or(u32::MAX), address, false);
        let ends = [End::new(node, local, true), far];
        self.network.connections.insert(id, Connection { ends, state: ConnectState::Pending });
        let delay = self.network_delay(node, target.unwrap_or(u32::MAX));
        self.schedule(self.now + delay, Event::Syn { connection: id, attempt: 1 });
        self.record(node, Kind::Connect, id, u64::from(address.port()), 0);
        id
    }

    pub(crate) fn arrive_syn(&mut self, id: u64, attempt: u32) -> Effect {
        let Some(connection) = self.network.connections.get(&id) else { return Effect::default() };
        let (from, to) = (connection.ends[0].node, connection.ends[1].node);
        let port = connection.ends[1].address.port();
        let reachable =
            (to as usize) < self.nodes.len() && self.node(to).power != Power::Off && !self.is_cut(from, to);
        let full = |listener: &ListenerState| listener.backlog.len() >= listener.limit;
        if !reachable || self.network.listeners.get(&(to, port)).is_some_and(full) {
            if attempt < SYN_ATTEMPTS {
                let event = Event::Syn { connection: id, attempt: attempt + 1 };
                self.schedule(self.now + SYN_INTERVAL, event);
            } else {
                self.send(id, 0, Packet::Answer(ConnectState::Failed(io::ErrorKind::TimedOut)));
            }
            return Effect::default();
        }
        let Some(listener) = self.network.listeners.get_mut(&(to, port)) else {
            self.send(id, 0, Packet::Answer(ConnectState::Failed(io::ErrorKind::ConnectionRefused)));
            return Effect::default();
        };
        listener.backlog.push_back(id);
        let wakers = std::mem::take(&mut listener.wakers);
        if let Some(connection) = self.network.connections.get_mut(&id) {
            connection.ends[1].open = true;
        }
        self.send(id, 0, Packet::Answer(ConnectState::Established));
        Effect { wakers, job: None }
    }

    /// Sends a packet to an end; packets of one direction keep their order.
    pub(super) fn send(&mut self, id: u64, to: usize, packet: Packet) {
        let Some(connection) = self.network.connections.get(&id) else { return };
        let (a, b) = (connection.ends[0].node, connection.ends[1].node);
        let arrival = self.now + self.network_delay(a, b);
        let Some(connection) = self.network.connections.get_mut(&id) else { return };
        let end = &mut connection.ends[to];
        if let Packet::Data(bytes) = &packet {
            end.transit_bytes += bytes.len();
        }
        end.transit.push_back(packet);
        // An event brings whatever is first on the way, so a quick one does not overtake.
        self.schedule(arrival, Event::Deliver { connection: id, end: to });
    }

    pub(crate) fn deliver(&mut self, id: u64, to: usize) -> Effect {
        let Some(connection) = self.network.connections.get(&id) else { return Effect::default() };
        let (from_node, to_node) = (connection.ends[1 - to].node, connection.ends[to].node);
        if self.is_cut(from_node, to_node) {
            self.schedule(self.now + RETRANSMIT, Event::Deliver { connection: id, end: to });
            return Effect::default();
        }
        let off = self.nodes.get(to_node as usize).is_none_or(|node| node.power == Power::Off);
        let Some(connection) = self.network.connections.get_mut(&id) else { return Effect::default() };
        let end = &mut connection.ends[to];
        let Some(packet) = end.transit.pop_front() else { return Effect::default() };
        let mut detail = 0;
        let mut size = 0;
        let mut answer_reset = false;
        match packet {
            Packet::Data(bytes) => {
                (size, detail) = (bytes.len() as u64, hash_bytes(&bytes));
                end.transit_bytes -= bytes.len();
                if !end.open {
                    answer_reset = !off;
                } else if end.broken.is_none() {
                    end.inbox.extend(&bytes);
                }
            }
            Packet::Finish => end.finished = true,
            Packet::Reset => {
                end.broken = Some(io::ErrorKind::ConnectionReset);
                end.inbox.clear();
            }
            Packet::Answer(state) => connection.state = state,
        }
        let wakers = connection.ends[to].take_wakers();
        if answer_reset {
            self.send(id, 1 - to, Packet::Reset);
        }
        self.record(to_node, Kind::Deliver, id, size, detail);
        self.forget_if_over(id);
        Effect { wakers, job: None }
    }

    /// Removes a connection of which nobody will hear again.
    pub(super) fn forget_if_over(&mut self, id: u64) {
        let over = |connection: &Connection| {
            connection.ends.iter().all(|end| !end.open && end.transit.is_empty())
                && connection.state != ConnectState::Pending
        };
        if self.network.connections.get(&id).is_some_and(over) {
            self.network.connections.remove(&id);
        }
    }

    /// A size that is sometimes smaller than what is possible.
    fn maybe_less(&mut self, count: usize) -> usize {
        let one_in = self.config.short_transfer_one_in;
        if count > 1 && one_in > 0 && self.random.chance(one_in) {
            return self.random.between(1, count as u64) as usize;
        }
        count
    }

    /// What is there for an end: `None` to wait.
    pub(crate) fn read(&mut self, id: u64, side: usize, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        let Some(connection) = self.network.connections.get_mut(&id) else {
            return Some(Err(io::ErrorKind::NotConnected.into()));
        };
        let end = &mut connection.ends[side];
        if end.inbox.is_empty() || buffer.is_empty() {
            return match end.broken {
                Some(kind) => Some(Err(kind.into())),
                None if end.finished || buffer.is_empty() => Some(Ok(0)),
                None => None,
            };
        }
        let possible = buffer.len().min(end.inbox.len());
        let node = end.node;
        let count = self.maybe_less(possible);
        let connection = self.network.connections.get_mut(&id)?;
        let inbox = &mut connection.ends[side].inbox;
        let (first, second) = inbox.as_slices();
        let split = count.min(first.len());
        buffer[..split].copy_from_slice(&first[..split]);
        buffer[split..count].copy_from_slice(&second[..count - split]);
        inbox.drain(..count);
        self.record(node, Kind::Read, id, count as u64, 0);
        Some(Ok(count))
    }

    /// Bytes that the writer at this end may send now, or why it may not.
    pub(crate) fn writable(&self, id: u64, side: usize) -> io::Result<usize> {
        let Some(connection) = self.network.connections.get(&id) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let end = &connection.ends[side];
        if let Some(kind) = end.broken {
            return Err(kind.into());
        }
        if end.write_closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let peer = &connection.ends[1 - side];
        Ok(self.config.socket_buffer.saturating_sub(peer.inbox.len() + peer.transit_bytes))
    }

    /// Takes a prefix of the parts; `None` to wait.
    pub(crate) fn write(
        &mut self,
        id: u64,
        side: usize,
        parts: &[io::IoSlice<'_>],
    ) -> Option<io::Result<usize>> {
        let space = match self.writable(id, side) {
            Ok(space) => space,
            Err(error) => return Some(Err(error)),
        };
        let total: usize = parts.iter().map(|part| part.len()).sum();
        if total == 0 {
            return Some(Ok(0));
        }
        if space == 0 {
            return None;
        }
        let count = self.maybe_less(total.min(space));
        let mut bytes = Vec::with_capacity(count);
        for part in parts {
            let take = part.len().min(count - bytes.len());
            bytes.extend_from_slice(&part[..take]);
        }
        let node = self.network.connections.get(&id)?.ends[side].node;
        self.record(node, Kind::Write, id, count as u64, hash_bytes(&bytes));
        self.send(id, 1 - side, Packet::Data(bytes));
        Some(Ok(count))
    }

    pub(crate) fn shutdown(&mut self, id: u64, side: usize) -> io::Result<()> {
        let Some(connection) = self.network.connections.get_mut(&id) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let end = &mut connection.ends[side];
        if !end.write_closed {
            end.write_closed = true;
            self.send(id, 1 - side, Packet::Finish);
        }
        Ok(())
    }

    /// The stream of this end is gone. Unread bytes turn the farewell into a reset, as TCP does.
    pub(crate) fn close(&mut self, id: u64, side: usize) {
        let Some(connection) = self.network.connections.get_mut(&id) else { return };
        let end = &mut connection.ends[side];
        if !end.open {
            return;
        }
        end.open = false;
        let (node, unread, finished) = (end.node, !end.inbox.is_empty(), end.write_closed);
        let broken = end.broken.is_some();
        self.record(node, Kind::Close, id, 0, 0);
        if unread && !broken {
            self.send(id, 1 - side, Packet::Reset);
        } else if !finished && !broken {
            self.send(id, 1 - side, Packet::Finish);
        }
        self.forget_if_over(id);
    }
}
