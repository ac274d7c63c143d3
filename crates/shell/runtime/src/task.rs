//! What is left in hand of a spawned task.

use crate::sync::{Wakeup, lock, store_waker};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// A task that was spawned. Dropping the handle lets it run on; awaiting it gives the result.
pub struct TaskHandle<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

/// The task was aborted, or its ground ended before it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the task was cancelled")
    }
}

impl std::error::Error for Cancelled {}

struct Shared<T> {
    output: Option<T>,
    ended: bool,
    aborted: bool,
    /// Who waits for the end.
    joiner: Option<Wakeup>,
    /// The task itself, to be woken by an abort.
    task: Option<Wakeup>,
}

impl<T> TaskHandle<T> {
    /// Ends the task at its next wait: its future is dropped on its own core, soon.
    pub fn abort(&self) {
        let mut shared = lock(&self.shared);
        shared.aborted = true;
        let task = shared.task.take();
        drop(shared);
        if let Some(task) = task {
            task.wake();
        }
    }

    /// The result of a task that has ended, once.
    pub(crate) fn take_output(&self) -> Option<T> {
        lock(&self.shared).output.take()
    }

    /// Whether the task has ended, for whatever reason.
    pub fn is_finished(&self) -> bool {
        lock(&self.shared).ended
    }
}

impl<T> Future for TaskHandle<T> {
    type Output = Result<T, Cancelled>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut shared = lock(&self.shared);
        if shared.ended {
            return Poll::Ready(shared.output.take().ok_or(Cancelled));
        }
        store_waker(&mut shared.joiner, context.waker());
        Poll::Pending
    }
}

impl<T> std::fmt::Debug for TaskHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskHandle")
    }
}

/// Wraps a future so that its handle sees the end and can abort it.
pub(crate) fn with_handle<F: Future>(future: F) -> (impl Future<Output = ()>, TaskHandle<F::Output>) {
    let shared = Shared { output: None, ended: false, aborted: false, joiner: None, task: None };
    let shared = Arc::new(Mutex::new(shared));
    let end = EndOnDrop { shared: shared.clone() };
    (run(future, end), TaskHandle { shared })
}

async fn run<F: Future>(future: F, end: EndOnDrop<F::Output>) {
    let mut future = std::pin::pin!(future);
    let output = std::future::poll_fn(|context| {
        let mut shared = lock(&end.shared);
        if shared.aborted {
            return Poll::Ready(None);
        }
        store_waker(&mut shared.task, context.waker());
        drop(shared);
        future.as_mut().poll(context).map(Some)
    })
    .await;
    lock(&end.shared).output = output;
}

/// Tells the handle, also when the future is dropped before its end.
struct EndOnDrop<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

impl<T> Drop for EndOnDrop<T> {
    fn drop(&mut self) {
        let mut shared = lock(&self.shared);
        shared.ended = true;
        let wakers = (shared.joiner.take(), shared.task.take());
        drop(shared);
        if let Some(joiner) = wakers.0 {
            joiner.wake();
        }
    }
}
