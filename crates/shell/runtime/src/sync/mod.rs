//! Channels, gates and waiting, independent of the executor: plain wakers behind short locks.
//!
//! Everything here is `Send` when its contents are, wakes in FIFO order and never loses a wake-up, and behaves the
//! same on both grounds. No wake is made while a lock is held, so a waker may call back into the same object.

mod memory_pool;
mod mpsc_channel;
mod notify;
mod oneshot_channel;
mod permits;
mod select;
mod wakeup;
mod watch_channel;

pub use memory_pool::{MemoryPool, Reservation};
pub use notify::{Notified, Notify};
pub use permits::{Acquire, Permit, Permits};
pub use select::{Either, Either3, select2, select3, yield_now};
pub(crate) use wakeup::{Wakeup, store_waker};

/// One value, once, from one task or thread to another.
pub mod oneshot {
    pub use super::oneshot_channel::{Receiver, Sender, channel};
}

/// A bounded queue with many senders and one receiver.
pub mod mpsc {
    pub use super::mpsc_channel::{Receiver, SendError, Sender, TryRecvError, TrySendError, channel};
}

/// The latest value of something, with a way to wait for the next.
pub mod watch {
    pub use super::watch_channel::{Receiver, Sender, channel};
}

/// The other end of a channel is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the other end of the channel is gone")
    }
}

impl std::error::Error for Closed {}

/// Locks a mutex; a poisoned one means that another thread panicked, which is a bug that ends the process anyway.
pub(crate) fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
