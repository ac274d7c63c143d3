//! A counting gate with strict FIFO order, the base of the bounded queues and of the memory pool.

use super::{Wakeup, lock, store_waker};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// A pool of `capacity` permits. Who comes later never overtakes, however little he asks for.
#[derive(Clone)]
pub struct Permits {
    shared: Arc<Shared>,
}

struct Shared {
    capacity: u64,
    state: Mutex<State>,
}

struct State {
    available: u64,
    next_id: u64,
    /// Ordered by id. An id that was queued and is no longer here has been granted.
    waiters: VecDeque<Waiter>,
}

struct Waiter {
    id: u64,
    need: u64,
    waker: Option<Wakeup>,
}

impl State {
    /// Takes permits for everybody at the head of the queue who can be served; returns whom to wake.
    fn grant(&mut self) -> Vec<Wakeup> {
        let mut woken = Vec::new();
        while let Some(front) = self.waiters.front() {
            if front.need > self.available {
                break;
            }
            self.available -= front.need;
            let waiter = self.waiters.pop_front().expect("the front was just seen");
            woken.extend(waiter.waker);
        }
        woken
    }
}

impl Permits {
    /// A pool with `capacity` free permits.
    pub fn new(capacity: u64) -> Permits {
        let state = State { available: capacity, next_id: 0, waiters: VecDeque::new() };
        Permits { shared: Arc::new(Shared { capacity, state: Mutex::new(state) }) }
    }

    /// Waits for `count` permits. A request for more than the capacity waits for the whole pool and takes it, so it
    /// makes progress when everything else has been returned.
    pub fn acquire(&self, count: u64) -> Acquire {
        Acquire { pool: self.clone(), need: count.min(self.shared.capacity), id: None, done: false }
    }

    /// Takes `count` permits if they are free and nobody waits.
    pub fn try_acquire(&self, count: u64) -> Option<Permit> {
        let need = count.min(self.shared.capacity);
        let mut state = lock(&self.shared.state);
        if !state.waiters.is_empty() || state.available < need {
            return None;
        }
        state.available -= need;
        Some(Permit { pool: self.clone(), count: need })
    }

    /// Permits that are free now.
    pub fn available(&self) -> u64 {
        lock(&self.shared.state).available
    }

    /// All permits there are.
    pub fn capacity(&self) -> u64 {
        self.shared.capacity
    }

    /// How many acquisitions wait.
    pub fn waiting(&self) -> usize {
        lock(&self.shared.state).waiters.len()
    }

    fn release(&self, count: u64) {
        let mut state = lock(&self.shared.state);
        state.available += count;
        assert!(state.available <= self.shared.capacity, "more permits returned than taken");
        let woken = state.grant();
        drop(state);
        woken.into_iter().for_each(Wakeup::wake);
    }
}

/// Permits that were taken; they return to the pool when this is dropped.
pub struct Permit {
    pool: Permits,
    count: u64,
}

impl Permit {
    /// How many permits this holds.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns all permits above `count`.
    pub fn shrink(&mut self, count: u64) {
        if count < self.count {
            let excess = self.count - count;
            self.count = count;
            self.pool.release(excess);
        }
    }

    /// Keeps the permits taken; whoever calls this returns them with [`Permits::restore`].
    pub(crate) fn forget(mut self) {
        self.count = 0;
    }
}

impl Permits {
    /// Returns permits that were taken and forgotten.
    pub(crate) fn restore(&self, count: u64) {
        self.release(count);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.count > 0 {
            self.pool.release(self.count);
        }
    }
}

/// The wait of [`Permits::acquire`]. Dropping it gives up the place in the queue.
pub struct Acquire {
    pool: Permits,
    need: u64,
    id: Option<u64>,
    done: bool,
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let this = &mut *self;
        let mut state = lock(&this.pool.shared.state);
        match this.id {
            None if state.waiters.is_empty() && state.available >= this.need => state.available -= this.need,
            None => {
                let id = state.next_id;
                state.next_id += 1;
                this.id = Some(id);
                state.waiters.push_back(Waiter {
                    id,
                    need: this.need,
                    waker: Some(Wakeup::new(context.waker())),
                });
                return Poll::Pending;
            }
            Some(id) => {
                if let Ok(index) = state.waiters.binary_search_by_key(&id, |waiter| waiter.id) {
                    store_waker(&mut state.waiters[index].waker, context.waker());
                    return Poll::Pending;
                }
            }
        }
        drop(state);
        this.done = true;
        Poll::Ready(Permit { pool: this.pool.clone(), count: this.need })
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        if self.done {
            return;
        }
        let mut state = lock(&self.pool.shared.state);
        match state.waiters.binary_search_by_key(&id, |waiter| waiter.id) {
            Ok(index) => {
                state.waiters.remove(index);
            }
            Err(_) => state.available += self.need,
        }
        let woken = state.grant();
        drop(state);
        woken.into_iter().for_each(Wakeup::wake);
    }
}

impl std::fmt::Debug for Permits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Permits({} of {})", self.available(), self.capacity())
    }
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Permit({})", self.count)
    }
}
