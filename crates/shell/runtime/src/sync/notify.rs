//! A wake-up without a value.

use super::{Wakeup, lock, store_waker};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

/// Wakes tasks that wait for "something changed". Share it by reference or in an `Arc`.
///
/// No wake-up is lost: [`Notify::notify_one`] without a waiter is kept for the next one (once), and
/// [`Notify::notify_waiters`] reaches every [`Notified`] that was made before it, polled or not.
#[derive(Default)]
pub struct Notify {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stored: bool,
    generation: u64,
    next_id: u64,
    waiters: BTreeMap<u64, Option<Wakeup>>,
}

impl Notify {
    /// A gate without a stored wake-up.
    pub fn new() -> Notify {
        Notify::default()
    }

    /// Wakes the longest waiting task, or lets the next one that waits pass at once.
    pub fn notify_one(&self) {
        let mut state = lock(&self.state);
        let waker = match state.waiters.pop_first() {
            Some((_, waker)) => waker,
            None => {
                state.stored = true;
                None
            }
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Wakes everybody whose wait was begun before this call; stores nothing.
    pub fn notify_waiters(&self) {
        let mut state = lock(&self.state);
        state.generation += 1;
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        for waker in waiters.into_values().flatten() {
            waker.wake();
        }
    }

    /// A future of the next wake-up, counted from now for [`Notify::notify_waiters`].
    pub fn notified(&self) -> Notified<'_> {
        Notified { notify: self, generation: lock(&self.state).generation, id: None, done: false }
    }
}

/// The wait of [`Notify::notified`].
pub struct Notified<'a> {
    notify: &'a Notify,
    generation: u64,
    id: Option<u64>,
    done: bool,
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.done {
            return Poll::Ready(());
        }
        let mut state = lock(&this.notify.state);
        match this.id {
            None if state.generation != this.generation => {}
            None if state.stored => state.stored = false,
            None => {
                let id = state.next_id;
                state.next_id += 1;
                this.id = Some(id);
                state.waiters.insert(id, Some(Wakeup::new(context.waker())));
                return Poll::Pending;
            }
            Some(id) => {
                if let Some(slot) = state.waiters.get_mut(&id) {
                    store_waker(slot, context.waker());
                    return Poll::Pending;
                }
            }
        }
        this.done = true;
        Poll::Ready(())
    }
}

impl Drop for Notified<'_> {
    fn drop(&mut self) {
        let (Some(id), false) = (self.id, self.done) else { return };
        let mut state = lock(&self.notify.state);
        let woken_alone = state.waiters.remove(&id).is_none() && state.generation == self.generation;
        drop(state);
        // A single wake-up that was given to this waiter and not used belongs to the next one.
        if woken_alone {
            self.notify.notify_one();
        }
    }
}

impl std::fmt::Debug for Notify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Notify")
    }
}
