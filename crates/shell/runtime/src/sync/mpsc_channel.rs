//! `mpsc`: see [`channel`].

use super::permits::Permits;
use super::{Wakeup, lock, store_waker};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

struct Shared<T> {
    slots: Permits,
    state: Mutex<State<T>>,
}

struct State<T> {
    queue: VecDeque<T>,
    senders: usize,
    receiver_gone: bool,
    waker: Option<Wakeup>,
}

/// The sending half; clone it for more senders.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// The receiving half.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

/// The receiver is gone; the value comes back.
#[derive(Debug, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why [`Sender::try_send`] did not take the value, which comes back.
#[derive(Debug, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// The queue is full, or others wait for a place in it.
    Full(T),
    /// The receiver is gone.
    Closed(T),
}

/// Why [`Receiver::try_recv`] has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// Nothing is queued now.
    Empty,
    /// Nothing is queued and all senders are gone.
    Closed,
}

/// Makes a queue of at most `capacity` values (at least one). Senders that wait are served in FIFO order.
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let state = State { queue: VecDeque::new(), senders: 1, receiver_gone: false, waker: None };
    let shared = Arc::new(Shared { slots: Permits::new(capacity.max(1) as u64), state: Mutex::new(state) });
    (Sender { shared: shared.clone() }, Receiver { shared })
}

impl<T> Sender<T> {
    /// Waits for a place in the queue.
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        let permit = self.shared.slots.acquire(1).await;
        match self.push(value) {
            Ok(()) => {
                permit.forget();
                Ok(())
            }
            Err(value) => Err(SendError(value)),
        }
    }

    /// Queues the value if there is a place now.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        if self.is_closed() {
            return Err(TrySendError::Closed(value));
        }
        let Some(permit) = self.shared.slots.try_acquire(1) else { return Err(TrySendError::Full(value)) };
        match self.push(value) {
            Ok(()) => {
                permit.forget();
                Ok(())
            }
            Err(value) => Err(TrySendError::Closed(value)),
        }
    }

    /// Whether the receiver is gone.
    pub fn is_closed(&self) -> bool {
        lock(&self.shared.state).receiver_gone
    }

    fn push(&self, value: T) -> Result<(), T> {
        let mut state = lock(&self.shared.state);
        if state.receiver_gone {
            return Err(value);
        }
        state.queue.push_back(value);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        lock(&self.shared.state).senders += 1;
        Sender { shared: self.shared.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.senders -= 1;
        let waker = if state.senders == 0 { state.waker.take() } else { None };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Receiver<T> {
    /// The next value; `None` when the queue is empty and all senders are gone. Safe to cancel.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|context| self.poll_recv(context)).await
    }

    /// Poll form of [`Receiver::recv`].
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = lock(&self.shared.state);
        let Some(value) = state.queue.pop_front() else {
            if state.senders == 0 {
                return Poll::Ready(None);
            }
            store_waker(&mut state.waker, context.waker());
            return Poll::Pending;
        };
        drop(state);
        self.shared.slots.restore(1);
        Poll::Ready(Some(value))
    }

    /// The next value if one is queued.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let mut state = lock(&self.shared.state);
        let Some(value) = state.queue.pop_front() else {
            return Err(if state.senders == 0 { TryRecvError::Closed } else { TryRecvError::Empty });
        };
        drop(state);
        self.shared.slots.restore(1);
        Ok(value)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.receiver_gone = true;
        let abandoned = std::mem::take(&mut state.queue);
        drop(state);
        // Returned places let waiting senders run into `receiver_gone`, each returning its place to the next.
        self.shared.slots.restore(abandoned.len() as u64);
    }
}

impl<T> std::fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("mpsc::Sender")
    }
}

impl<T> std::fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("mpsc::Receiver")
    }
}
