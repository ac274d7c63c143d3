//! The state of the simulated world behind one lock, and the events that will change it.

use super::executor::ReadyQueue;
use super::io_pool::Pool;
use super::net::{Network, node_ip};
use super::trace::{Kind, Trace};
use crate::io_pool::Job;
use crate::sync::lock;
use crate::{Random, Signal, Tick};
use headwater_log::disk::MemDisk;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Duration;

/// A machine of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub(crate) u32);

/// The chances of a simulated world. All ranges are inclusive.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// One-way delay between two nodes.
    pub network_delay: (Duration, Duration),
    /// One-way delay inside a node.
    pub loopback_delay: (Duration, Duration),
    /// Bytes that fit between a writer and the reader of the other side.
    pub socket_buffer: usize,
    /// One read or write in this many moves fewer bytes than it could; 0 for never.
    pub short_transfer_one_in: u64,
    /// Time that a job of an I/O pool takes.
    pub job_delay: (Duration, Duration),
    /// One job in this many takes up to `slow_job_delay`; 0 for never.
    pub slow_job_one_in: u64,
    /// The longest that a slow job takes.
    pub slow_job_delay: Duration,
    /// One question about the page cache in this many is answered with "cold"; 0 for never.
    pub cold_read_one_in: u64,
    /// How much a timer may be late.
    pub timer_delay: Duration,
    /// The wall clock at the start, in milliseconds since 1970.
    pub wall_clock_start_ms: i64,
    /// [`super::Sim::run_until`] fails when the future has not ended after this much virtual time.
    pub time_limit: Duration,
}

impl Default for SimConfig {
    fn default() -> SimConfig {
        let micros = Duration::from_micros;
        SimConfig {
            network_delay: (micros(50), micros(1500)),
            loopback_delay: (micros(5), micros(60)),
            socket_buffer: 64 << 10,
            short_transfer_one_in: 8,
            job_delay: (micros(20), micros(900)),
            slow_job_one_in: 20,
            slow_job_delay: Duration::from_millis(30),
            cold_read_one_in: 16,
            timer_delay: micros(100),
            wall_clock_start_ms: 1_700_000_000_000,
            time_limit: Duration::from_secs(3600),
        }
    }
}

/// One node's handle to the world: the simulated half of [`crate::Runtime`].
#[derive(Clone)]
pub(crate) struct SimNode {
    pub(crate) shared: Arc<Shared>,
    pub(crate) node: u32,
    /// Which life of the node this handle belongs to; handles of an ended life do nothing.
    pub(crate) life: u32,
}

pub(crate) struct Shared {
    world: Mutex<World>,
    pub(crate) ready: Arc<ReadyQueue>,
}

impl Shared {
    pub(crate) fn new(seed: u64, config: SimConfig, print: bool) -> Shared {
        let mut random = Random::new(seed);
        let ready = Arc::new(ReadyQueue::new(random.next_u64()));
        let world = World {
            config,
            now: 0,
            sequence: 0,
            random,
            events: BTreeMap::new(),
            trace: Trace::new(seed, print),
            nodes: Vec::new(),
            network: Network::default(),
            pools: BTreeMap::new(),
            next_pool: 0,
        };
        Shared { world: Mutex::new(world), ready }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }
}

/// When an event happens; the second number makes it unique and keeps the order of equal times.
pub(crate) type EventKey = (u64, u64);

pub(crate) enum Event {
    /// A sleep is over.
    Timer { node: u32, waker: Waker },
    /// A thread of a pool finishes a job.
    Job { pool: u64, job: Job },
    /// A connection request reaches its target.
    Syn { connection: u64, attempt: u32 },
    /// The first packet on the way to this end of a connection arrives.
    Deliver { connection: u64, end: usize },
}

/// What is left to do for an event once the world is unlocked.
#[derive(Default)]
pub(crate) struct Effect {
    pub(crate) wakers: Vec<Waker>,
    pub(crate) job: Option<Job>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// The process runs.
    Running,
    /// The process is gone, the machine answers (with refusals and resets).
    ProcessGone,
    /// Nothing answers.
    Off,
}

pub(crate) struct NodeState {
    pub(crate) name: String,
    pub(crate) cores: usize,
    /// Index of core 0 among the ready queue's lanes.
    pub(crate) first_lane: usize,
    pub(crate) life: u32,
    /// Losses of power so far.
    pub(crate) power_losses: u32,
    pub(crate) power: Power,
    /// When the present life began: the zero of its monotonic clock.
    pub(crate) started_at: u64,
    pub(crate) wall_offset_ms: i64,
    pub(crate) disks: BTreeMap<PathBuf, MemDisk>,
    /// Folders locked by the present life.
    pub(crate) locks: Vec<PathBuf>,
    pub(crate) signals: Vec<Signal>,
    pub(crate) signal_wakers: Vec<Waker>,
    pub(crate) next_port: u16,
}

pub(crate) struct World {
    pub(crate) config: SimConfig,
    pub(crate) now: u64,
    sequence: u64,
    pub(crate) random: Random,
    pub(crate) events: BTreeMap<EventKey, Event>,
    pub(crate) trace: Trace,
    pub(crate) nodes: Vec<NodeState>,
    pub(crate) network: Network,
    pub(crate) pools: BTreeMap<u64, Pool>,
    pub(crate) next_pool: u64,
}

impl World {
    /// Plans an event at an absolute time.
    pub(crate) fn schedule(&mut self, time: u64, event: Event) -> EventKey {
        self.sequence += 1;
        let key = (time.max(self.now), self.sequence);
        self.events.insert(key, event);
        key
    }

    /// A random time within the range, in nanoseconds.
    pub(crate) fn delay(&mut self, range: (Duration, Duration)) -> u64 {
        self.random.between(range.0.as_nanos() as u64, range.1.as_nanos() as u64)
    }

    pub(crate) fn node(&mut self, node: u32) -> &mut NodeState {
        &mut self.nodes[node as usize]
    }

    pub(crate) fn record(&mut self, node: u32, kind: Kind, subject: u64, size: u64, detail: u64) {
        self.trace.record(self.now, node, kind, subject, size, detail);
    }

    /// Carries out an event that was taken out of the plan.
    pub(crate) fn fire(&mut self, event: Event) -> Effect {
        match event {
            Event::Timer { node, waker } => {
                self.record(node, Kind::Timer, 0, 0, 0);
                Effect { wakers: vec![waker], job: None }
            }
            Event::Job { pool, job } => self.finish_job(pool, job),
            Event::Syn { connection, attempt } => self.arrive_syn(connection, attempt),
            Event::Deliver { connection, end } => self.deliver(connection, end),
        }
    }
}

impl SimNode {
    /// The world, if this handle's life still lasts.
    pub(crate) fn alive(&self) -> Option<MutexGuard<'_, World>> {
        let mut world = self.shared.world();
        (world.node(self.node).life == self.life).then_some(world)
    }

    pub(crate) fn now(&self) -> Tick {
        let mut world = self.shared.world();
        Tick(world.now - world.node(self.node).started_at)
    }

    pub(crate) fn wall_clock_ms(&self) -> i64 {
        let mut world = self.shared.world();
        let since_start = (world.now / 1_000_000) as i64;
        world.config.wall_clock_start_ms + since_start + world.node(self.node).wall_offset_ms
    }

    pub(crate) fn random_u64(&self) -> u64 {
        self.shared.world().random.next_u64()
    }

    pub(crate) fn is_cold_by_chance(&self) -> bool {
        let mut world = self.shared.world();
        let one_in = world.config.cold_read_one_in;
        one_in > 0 && world.random.chance(one_in)
    }

    pub(crate) fn random_bytes(&self, bytes: &mut [u8]) {
        let mut world = self.shared.world();
        for chunk in bytes.chunks_mut(8) {
            let word = world.random.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }

    pub(crate) fn cores(&self) -> usize {
        self.shared.world().node(self.node).cores
    }

    pub(crate) fn host_name(&self) -> String {
        self.shared.world().node(self.node).name.clone()
    }

    pub(crate) fn boot_id(&self) -> String {
        format!("boot {}", self.shared.world().node(self.node).power_losses)
    }

    /// Node names, `localhost` and literal addresses.
    pub(crate) fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let world = self.shared.world();
        let named = world.nodes.iter().position(|node| node.name == host).map(|node| node_ip(node as u32));
        let ip = match named {
            Some(ip) => Some(ip),
            None if host == "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
            None => host.parse::<IpAddr>().ok(),
        };
        match ip {
            Some(ip) => Ok(vec![SocketAddr::new(ip, port)]),
            None => Err(io::Error::new(io::ErrorKind::NotFound, format!("resolve {host}: unknown name"))),
        }
    }

    pub(crate) async fn shutdown_signal(&self) -> Signal {
        std::future::poll_fn(|context| {
            let mut world = self.shared.world();
            let node = world.node(self.node);
            if node.life == self.life && !node.signals.is_empty() {
                return std::task::Poll::Ready(node.signals.remove(0));
            }
            node.signal_wakers.push(context.waker().clone());
            std::task::Poll::Pending
        })
        .await
    }
}
