//! The hands that move the simulated world: starting, killing, cutting, running.

use super::executor::{Entered, Executor};
use super::net::node_ip;
use super::trace::Kind;
use super::world::{Node, NodeState, Power, Shared, SimConfig, SimNode, World};
use crate::runtime::Ground;
use crate::task::{TaskHandle, with_handle};
use crate::{Runtime, Signal};
use headwater_log::disk::MemDisk;
use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

/// Polls without any movement of time after which the simulation counts as stuck.
const LIVELOCK_POLLS: u64 = 2_000_000;

/// The node of the test itself.
const DRIVER: u32 = 0;

/// A simulated world. Clones are the same world, so that a scenario can hold one and kill nodes from inside.
#[derive(Clone)]
pub struct Sim {
    inner: Rc<Inner>,
}

struct Inner {
    seed: u64,
    shared: Arc<Shared>,
    executor: Rc<Executor>,
}

enum Turn {
    Moved,
    /// Nothing can ever happen again.
    Idle,
    /// The next thing happens after the limit.
    Later,
}

impl Sim {
    /// A world with the usual chances. With `HEADWATER_TRACE=1` in the environment all events are printed.
    pub fn new(seed: u64) -> Sim {
        Sim::with_config(seed, SimConfig::default())
    }

    /// A world with other chances.
    pub fn with_config(seed: u64, config: SimConfig) -> Sim {
        let print = std::env::var_os("HEADWATER_TRACE").is_some_and(|value| value == "1");
        let shared = Arc::new(Shared::new(seed, config, print));
        let sim = Sim { inner: Rc::new(Inner { seed, shared, executor: Rc::default() }) };
        sim.add_node("driver", 1);
        sim.inner.shared.world().node(DRIVER).power = Power::Running;
        sim
    }

    /// Adds a machine with so many data cores; it is off until [`Sim::start`].
    pub fn add_node(&self, name: &str, cores: usize) -> Node {
        let first_lane = self.inner.shared.ready.add_lanes(cores + 1);
        let mut world = self.inner.shared.world();
        world.nodes.push(NodeState {
            name: name.to_owned(),
            cores,
            first_lane,
            life: 0,
            power_losses: 0,
            power: Power::Off,
            started_at: 0,
            wall_offset_ms: 0,
            disks: BTreeMap::new(),
            locks: Vec::new(),
            signals: Vec::new(),
            signal_wakers: Vec::new(),
            next_port: 32_767,
        });
        Node(world.nodes.len() as u32 - 1)
    }

    /// Where a node can be reached.
    pub fn address(&self, node: Node, port: u16) -> SocketAddr {
        SocketAddr::new(node_ip(node.0), port)
    }

    /// Starts a process on a node: `main` runs on its control core. The handle of its life is returned. When `main`
    /// ends, the other tasks live on until the node is killed.
    ///
    /// # Panics
    /// When the node already runs.
    pub fn start<F>(&self, node: Node, main: impl FnOnce(Runtime) -> F) -> Runtime
    where
        F: Future<Output = ()> + 'static,
    {
        let mut world = self.inner.shared.world();
        let now = world.now;
        let state = world.node(node.0);
        assert!(state.power != Power::Running, "node {} already runs", state.name);
        state.power = Power::Running;
        state.started_at = now;
        let (life, cores) = (state.life, state.cores);
        world.record(node.0, Kind::Life, u64::from(life), 1, 0);
        drop(world);
        let handle = SimNode { shared: self.inner.shared.clone(), node: node.0, life };
        let runtime = Runtime { ground: Ground::Sim(handle.clone()) };
        self.inner.executor.spawn(&handle, cores, "main", Box::pin(main(runtime.clone())));
        runtime
    }

    /// Whether the node's process runs.
    pub fn is_running(&self, node: Node) -> bool {
        self.inner.shared.world().node(node.0).power == Power::Running
    }

    /// The process dies: its tasks are dropped, its sockets reset; what it wrote to its disks stays (page cache).
    pub fn kill(&self, node: Node) {
        self.end(node, Power::ProcessGone);
    }

    /// The machine loses power: peers hear nothing, and each write that was not synced stays, goes or is torn.
    pub fn power_loss(&self, node: Node) {
        self.end(node, Power::Off);
    }

    fn end(&self, node: Node, power: Power) {
        assert!(node.0 != DRIVER, "the driver does not die");
        let mut world = self.inner.shared.world();
        if world.node(node.0).power != Power::Running {
            // A machine whose process is gone can still lose its power.
            if power == Power::Off {
                self.lose_power(&mut world, node);
            }
            return;
        }
        world.node(node.0).life += 1;
        world.record(node.0, Kind::Life, 0, 0, power as u64);
        let wakers = world.close_node(node.0, power == Power::ProcessGone);
        let jobs = world.take_jobs(node.0);
        let state = world.node(node.0);
        state.power = power;
        state.locks.clear();
        state.signals.clear();
        let signal_wakers = std::mem::take(&mut state.signal_wakers);
        state.disks.values().for_each(MemDisk::process_crash);
        if power == Power::Off {
            self.lose_power(&mut world, node);
        }
        drop(world);
        // What dies here may call back into the world, which no longer listens to this life.
        drop((wakers, jobs, signal_wakers));
        drop(self.inner.executor.take_tasks(node.0));
    }

    fn lose_power(&self, world: &mut World, node: Node) {
        let seed = world.random.next_u64();
        let state = world.node(node.0);
        state.power = Power::Off;
        state.power_losses += 1;
        for (index, disk) in state.disks.values().enumerate() {
            disk.power_loss(seed.wrapping_add(index as u64));
        }
        world.record(node.0, Kind::Fault, 0, 0, seed);
    }

    /// Sends a signal to the node's process, once for one waiter of `shutdown_signal`.
    pub fn signal(&self, node: Node, signal: Signal) {
        let mut world = self.inner.shared.world();
        let state = world.node(node.0);
        state.signals.push(signal);
        let wakers = std::mem::take(&mut state.signal_wakers);
        drop(world);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Cuts the link between two nodes (nothing arrives until it is healed; nothing is lost), or heals it.
    pub fn set_link(&self, a: Node, b: Node, works: bool) {
        let mut world = self.inner.shared.world();
        let pair = (a.0.min(b.0), a.0.max(b.0));
        if works {
            world.network.cut.remove(&pair);
        } else {
            world.network.cut.insert(pair);
        }
        world.record(a.0, Kind::Fault, u64::from(b.0), u64::from(works), 0);
    }

    /// Breaks all connections between two nodes.
    pub fn reset_connections(&self, a: Node, b: Node) {
        let mut world = self.inner.shared.world();
        world.record(a.0, Kind::Fault, u64::from(b.0), 2, 0);
        let wakers = world.reset_between(a.0, b.0);
        drop(world);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Moves a node's wall clock to so many milliseconds beside the world's.
    pub fn set_wall_clock_offset(&self, node: Node, offset_ms: i64) {
        self.inner.shared.world().node(node.0).wall_offset_ms = offset_ms;
    }

    /// A disk of a node, made if there is none, for looking into it and for faults. It outlives the node's lives.
    pub fn disk(&self, node: Node, root: impl AsRef<Path>) -> MemDisk {
        let mut world = self.inner.shared.world();
        world.node(node.0).disks.entry(root.as_ref().to_owned()).or_default().clone()
    }

    /// The handle of the test's own node, which never dies.
    pub fn driver(&self) -> Runtime {
        let life = self.inner.shared.world().node(DRIVER).life;
        Runtime { ground: Ground::Sim(SimNode { shared: self.inner.shared.clone(), node: DRIVER, life }) }
    }

    /// Virtual time since the beginning.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.inner.shared.world().now)
    }

    /// The hash of everything that has happened. Equal seeds and programs give equal hashes.
    pub fn trace_hash(&self) -> u64 {
        self.inner.shared.world().trace.hash()
    }

    /// How many events the hash covers.
    pub fn trace_events(&self) -> u64 {
        self.inner.shared.world().trace.events()
    }

    /// Chance from the world's seed, for scenarios.
    pub fn random_u64(&self) -> u64 {
        self.inner.shared.world().random.next_u64()
    }

    /// Runs the world until `future`, a task of the driver, has ended.
    ///
    /// # Panics
    /// When nothing can happen any more, or the configured time limit is over, before it has.
    pub fn run_until<F>(&self, future: F) -> F::Output
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let Ground::Sim(driver) = self.driver().ground else { unreachable!("a simulated driver") };
        let (future, handle): (_, TaskHandle<F::Output>) = with_handle(future);
        self.inner.executor.spawn(&driver, 1, "scenario", Box::pin(future));
        let limit = {
            let world = self.inner.shared.world();
            world.now.saturating_add(world.config.time_limit.as_nanos() as u64)
        };
        let _entered = Entered::new(&self.inner.executor);
        let mut polls = 0;
        while !handle.is_finished() {
            match self.turn(limit, &mut polls) {
                Turn::Moved => {}
                Turn::Idle => {
                    panic!("nothing can happen any more; waiting: {}", self.inner.executor.describe())
                }
                Turn::Later => panic!("the time limit is over; waiting: {}", self.inner.executor.describe()),
            }
        }
        handle.take_output().expect("the driver's tasks are not cancelled")
    }

    /// Runs the world for so much virtual time.
    pub fn run_for(&self, duration: Duration) {
        let limit = self.inner.shared.world().now + duration.as_nanos() as u64;
        let _entered = Entered::new(&self.inner.executor);
        let mut polls = 0;
        while matches!(self.turn(limit, &mut polls), Turn::Moved) {}
        let mut world = self.inner.shared.world();
        world.now = world.now.max(limit);
    }

    /// Polls one ready task, or else lets the next event happen.
    fn turn(&self, limit: u64, polls: &mut u64) -> Turn {
        let shared = &self.inner.shared;
        if let Some(task) = shared.ready.pop() {
            *polls += 1;
            let stuck = *polls > LIVELOCK_POLLS;
            assert!(!stuck, "time stands still; tasks: {}", self.inner.executor.describe());
            self.inner.executor.poll(shared, task);
            return Turn::Moved;
        }
        let mut world = shared.world();
        let Some((&key, _)) = world.events.first_key_value() else { return Turn::Idle };
        if key.0 > limit {
            return Turn::Later;
        }
        if key.0 > world.now {
            world.now = key.0;
            *polls = 0;
        }
        let Some(event) = world.events.remove(&key) else { return Turn::Idle };
        let effect = world.fire(event);
        drop(world);
        if let Some(job) = effect.job {
            job();
        }
        effect.wakers.into_iter().for_each(Waker::wake);
        Turn::Moved
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let world = self.shared.world();
            eprintln!("the simulated world: seed {} at {} us", self.seed, world.now / 1000);
        }
    }
}
