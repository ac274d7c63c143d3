//! `watch`: see [`channel`].

use super::{Closed, Wakeup, lock, store_waker};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

struct State<T> {
    value: T,
    version: u64,
    senders: usize,
    next_id: u64,
    waiters: BTreeMap<u64, Option<Wakeup>>,
}

/// The writing half; clones write the same value.
pub struct Sender<T> {
    shared: Arc<Mutex<State<T>>>,
}

/// The reading half; each clone remembers on its own which version it has seen.
pub struct Receiver<T> {
    shared: Arc<Mutex<State<T>>>,
    seen: u64,
}

/// Makes a place for the latest value. A receiver counts the value it was made with as seen.
pub fn channel<T: Clone>(value: T) -> (Sender<T>, Receiver<T>) {
    let state = State { value, version: 0, senders: 1, next_id: 0, waiters: BTreeMap::new() };
    let shared = Arc::new(Mutex::new(state));
    (Sender { shared: shared.clone() }, Receiver { shared, seen: 0 })
}

impl<T: Clone> Sender<T> {
    /// Replaces the value and wakes all who wait.
    pub fn send(&self, value: T) {
        self.modify(|old| *old = value);
    }

    /// Changes the value in place under the lock (keep it short) and wakes all who wait.
    pub fn modify(&self, change: impl FnOnce(&mut T)) {
        let mut state = lock(&self.shared);
        change(&mut state.value);
        state.version += 1;
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        waiters.into_values().flatten().for_each(Wakeup::wake);
    }

    /// A copy of the value.
    pub fn get(&self) -> T {
        lock(&self.shared).value.clone()
    }

    /// A new receiver, for which the present value counts as seen.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { shared: self.shared.clone(), seen: lock(&self.shared).version }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        lock(&self.shared).senders += 1;
        Sender { shared: self.shared.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared);
        state.senders -= 1;
        let waiters = if state.senders == 0 { std::mem::take(&mut state.waiters) } else { BTreeMap::new() };
        drop(state);
        waiters.into_values().flatten().for_each(Wakeup::wake);
    }
}

impl<T: Clone> Receiver<T> {
    /// A copy of the value, which does not count as seen.
    pub fn get(&self) -> T {
        lock(&self.shared).value.clone()
    }

    /// A copy of the value, which now counts as seen.
    pub fn get_and_update(&mut self) -> T {
        let state = lock(&self.shared);
        self.seen = state.version;
        state.value.clone()
    }

    /// Waits until there is a value that was not seen, and counts it as seen. Safe to cancel.
    ///
    /// # Errors
    /// [`Closed`] when there is none and all senders are gone.
    pub async fn changed(&mut self) -> Result<(), Closed> {
        let mut place = Place { shared: &self.shared, id: None };
        let version = poll_fn(|context| {
            let mut state = lock(place.shared);
            if state.version != self.seen {
                return Poll::Ready(Ok(state.version));
            }
            if state.senders == 0 {
                return Poll::Ready(Err(Closed));
            }
            let id = match place.id {
                Some(id) => id,
                None => {
                    state.next_id += 1;
                    place.id = Some(state.next_id);
                    state.next_id
                }
            };
            store_waker(state.waiters.entry(id).or_default(), context.waker());
            Poll::Pending
        })
        .await;
        drop(place);
        self.seen = version?;
        Ok(())
    }

    /// Waits until the value satisfies `condition` and returns a copy of it.
    ///
    /// # Errors
    /// [`Closed`] when it does not and all senders are gone.
    pub async fn wait_for(&mut self, mut condition: impl FnMut(&T) -> bool) -> Result<T, Closed> {
        loop {
            let value = self.get_and_update();
            if condition(&value) {
                return Ok(value);
            }
            self.changed().await?;
        }
    }
}

/// A place among the waiters, given up on drop.
struct Place<'a, T> {
    shared: &'a Mutex<State<T>>,
    id: Option<u64>,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let waker = lock(self.shared).waiters.remove(&id);
            drop(waker);
        }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Receiver<T> {
        Receiver { shared: self.shared.clone(), seen: self.seen }
    }
}

impl<T> std::fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("watch::Sender")
    }
}

impl<T> std::fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("watch::Receiver")
    }
}
