//! The single-threaded executor of the simulation.

use super::trace::Kind;
use super::world::{Shared, SimNode};
use crate::sync::lock;
use crate::{LocalBoxFuture, Random};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TaskId {
    slot: usize,
    generation: u64,
}

/// Tasks that were woken: one FIFO lane per core of each node. Which lane runs next is thrown.
pub(crate) struct ReadyQueue {
    state: Mutex<ReadyState>,
}

struct ReadyState {
    lanes: Vec<VecDeque<TaskId>>,
    /// The lanes that are not empty.
    busy: Vec<usize>,
    random: Random,
}

impl ReadyQueue {
    pub(crate) fn new(seed: u64) -> ReadyQueue {
        let state = ReadyState { lanes: Vec::new(), busy: Vec::new(), random: Random::new(seed) };
        ReadyQueue { state: Mutex::new(state) }
    }

    pub(super) fn add_lanes(&self, count: usize) -> usize {
        let mut state = lock(&self.state);
        let first = state.lanes.len();
        state.lanes.resize_with(first + count, VecDeque::new);
        first
    }

    fn push(&self, lane: usize, task: TaskId) {
        let mut state = lock(&self.state);
        if state.lanes[lane].is_empty() {
            state.busy.push(lane);
        }
        state.lanes[lane].push_back(task);
    }

    pub(super) fn pop(&self) -> Option<TaskId> {
        let mut state = lock(&self.state);
        if state.busy.is_empty() {
            return None;
        }
        let count = state.busy.len() as u64;
        let index = if count == 1 { 0 } else { state.random.below(count) as usize };
        let lane = state.busy[index];
        let task = state.lanes[lane].pop_front();
        if state.lanes[lane].is_empty() {
            state.busy.swap_remove(index);
        }
        task
    }
}

struct TaskWaker {
    task: TaskId,
    lane: usize,
    queued: AtomicBool,
    ready: Arc<ReadyQueue>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.ready.push(self.lane, self.task);
        }
    }
}

pub(super) struct Task {
    name: &'static str,
    node: u32,
    core: usize,
    waker: Arc<TaskWaker>,
    /// Absent while it is polled.
    future: Option<LocalBoxFuture<'static, ()>>,
}

#[derive(Default)]
struct Slot {
    generation: u64,
    task: Option<Task>,
}

/// The tasks of one simulation. They are not `Send`, so they live outside of the world.
#[derive(Default)]
pub(super) struct Executor {
    slots: RefCell<Vec<Slot>>,
    free: RefCell<Vec<usize>>,
    spawned: Cell<u64>,
    /// Node and core of the task that is polled now.
    current: Cell<(u32, usize)>,
}

thread_local! {
    /// The simulation that runs on this thread.
    static RUNNING: RefCell<Option<Rc<Executor>>> = const { RefCell::new(None) };
}

fn running() -> Rc<Executor> {
    let executor = RUNNING.with_borrow(Clone::clone);
    executor.expect("tasks of the simulated ground are spawned from its tasks, or with Sim::start")
}

/// Spawns a task; on the core of the calling task when `core` is `None`.
pub(crate) fn spawn(
    node: &SimNode,
    core: Option<usize>,
    name: &'static str,
    future: LocalBoxFuture<'static, ()>,
) {
    let executor = running();
    let (current_node, current_core) = executor.current.get();
    let core = core.unwrap_or(if current_node == node.node { current_core } else { node.cores() });
    executor.spawn(node, core, name, future);
}

/// The core of the calling task; the control core outside of tasks.
pub(crate) fn current_core(node: &SimNode) -> usize {
    let executor = RUNNING.with_borrow(Clone::clone);
    match executor.map(|executor| executor.current.get()) {
        Some((current_node, core)) if current_node == node.node => core,
        _ => node.cores(),
    }
}

impl Executor {
    pub(super) fn spawn(
        &self,
        node: &SimNode,
        core: usize,
        name: &'static str,
        future: LocalBoxFuture<'static, ()>,
    ) {
        let Some(mut world) = node.alive() else {
            drop(future);
            return;
        };
        let generation = self.spawned.get() + 1;
        self.spawned.set(generation);
        let state = world.node(node.node);
        assert!(core <= state.cores, "core {core} of a node with {} and the control core", state.cores);
        let lane = state.first_lane + core;
        world.record(node.node, Kind::Spawn, generation, core as u64, 0);
        world.trace.say(world.now, node.node, format_args!("  task {generation} is {name}"));
        drop(world);
        let slot = self.free.borrow_mut().pop().unwrap_or_else(|| {
            self.slots.borrow_mut().push(Slot::default());
            self.slots.borrow().len() - 1
        });
        let task = TaskId { slot, generation };
        let ready = node.shared.ready.clone();
        let waker = Arc::new(TaskWaker { task, lane, queued: AtomicBool::new(false), ready });
        waker.wake_by_ref();
        let task = Task { name, node: node.node, core, waker, future: Some(future) };
        self.slots.borrow_mut()[slot] = Slot { generation, task: Some(task) };
    }

    /// Polls one task, if it still exists.
    pub(super) fn poll(&self, shared: &Shared, id: TaskId) {
        let (mut future, waker) = {
            let mut slots = self.slots.borrow_mut();
            let slot = &mut slots[id.slot];
            let Some(task) = slot.task.as_mut().filter(|_| slot.generation == id.generation) else { return };
            let Some(future) = task.future.take() else { return };
            task.waker.queued.store(false, Ordering::Relaxed);
            self.current.set((task.node, task.core));
            shared.world().record(task.node, Kind::Poll, id.generation, 0, 0);
            (future, task.waker.clone())
        };
        let poll = future.as_mut().poll(&mut Context::from_waker(&Waker::from(waker)));
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[id.slot];
        // The task may have ended its own node.
        let Some(task) = slot.task.as_mut().filter(|_| slot.generation == id.generation) else {
            drop(slots);
            drop(future);
            return;
        };
        match poll {
            Poll::Pending => task.future = Some(future),
            Poll::Ready(()) => {
                let ended = slot.task.take();
                drop(slots);
                self.free.borrow_mut().push(id.slot);
                if let Some(ended) = &ended {
                    shared.world().record(ended.node, Kind::End, id.generation, 0, 0);
                }
                drop(future);
                drop(ended);
            }
        }
    }

    /// Takes all tasks of a node away from the executor.
    pub(super) fn take_tasks(&self, node: u32) -> Vec<Task> {
        let mut taken = Vec::new();
        for (index, slot) in self.slots.borrow_mut().iter_mut().enumerate() {
            if slot.task.as_ref().is_some_and(|task| task.node == node) {
                taken.extend(slot.task.take());
                self.free.borrow_mut().push(index);
            }
        }
        taken
    }

    pub(super) fn describe(&self) -> String {
        let mut counts: BTreeMap<(u32, &'static str), usize> = BTreeMap::new();
        for task in self.slots.borrow().iter().filter_map(|slot| slot.task.as_ref()) {
            *counts.entry((task.node, task.name)).or_default() += 1;
        }
        let words = counts.iter().map(|((node, name), count)| format!("n{node} {name} x{count}"));
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Makes an executor the one of this thread while it lives.
pub(super) struct Entered {
    outer: Option<Rc<Executor>>,
}

impl Entered {
    pub(super) fn new(executor: &Rc<Executor>) -> Entered {
        Entered { outer: RUNNING.replace(Some(executor.clone())) }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        RUNNING.set(self.outer.take());
    }
}
