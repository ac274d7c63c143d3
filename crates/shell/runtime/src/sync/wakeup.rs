//! A waker that knows the core of its task, so that many wake-ups from elsewhere cost one system call together.

use crate::real::mailbox::Mailbox;
use std::sync::Arc;
use std::task::Waker;

/// Wakes a task. Made where the task runs; used anywhere.
pub(crate) struct Wakeup {
    waker: Waker,
    /// The real core on which the task waits; `None` on the simulated ground and on foreign threads.
    home: Option<Arc<Mailbox>>,
}

impl Wakeup {
    /// Of the task that is polled now.
    pub(crate) fn new(waker: &Waker) -> Wakeup {
        Wakeup { waker: waker.clone(), home: Mailbox::of_this_thread() }
    }

    /// Wakes the task: at once on its own core, else through that core's mailbox.
    pub(crate) fn wake(self) {
        match self.home {
            Some(home) => home.wake(self.waker),
            None => self.waker.wake(),
        }
    }
}

/// Keeps a wake-up of the polled task in `slot`; nothing to do when the slot already wakes it.
pub(crate) fn store_waker(slot: &mut Option<Wakeup>, waker: &Waker) {
    match slot {
        Some(old) if old.waker.will_wake(waker) => {}
        _ => *slot = Some(Wakeup::new(waker)),
    }
}
