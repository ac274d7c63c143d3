//! What other threads want of a core: tasks to spawn and tasks to wake. One wake-up of the core serves all that have
//! gathered: waking a task from outside costs a system call, waking it from its own core a push onto a queue.

use crate::sync::lock;
use crate::{LocalBoxFuture, Runtime};
use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// A task on its way to another core.
pub(crate) type SpawnFn = Box<dyn FnOnce(Runtime) -> LocalBoxFuture<'static, ()> + Send>;

thread_local! {
    static HOME: RefCell<Option<Arc<Mailbox>>> = const { RefCell::new(None) };
}

/// One core's mailbox. Unbounded in form: an arrival is a connection or a part of the node, a wake-up belongs to a
/// task, and both are bounded where they come from.
#[derive(Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    arrivals: Vec<SpawnFn>,
    wakers: Vec<Waker>,
    /// The task that serves this mailbox, while it waits.
    server: Option<Waker>,
    stopping: bool,
}

impl Mailbox {
    /// The mailbox of the core that this thread is.
    pub(crate) fn of_this_thread() -> Option<Arc<Mailbox>> {
        HOME.try_with(|home| home.borrow().clone()).unwrap_or(None)
    }

    /// Makes this thread the core of the mailbox, or of none.
    pub(crate) fn set_home(mailbox: Option<Arc<Mailbox>>) {
        drop(HOME.replace(mailbox));
    }

    fn is_here(&self) -> bool {
        // While the thread ends its tasks may still wake each other, after this variable is gone.
        HOME.try_with(|home| home.borrow().as_ref().is_some_and(|home| std::ptr::eq(&raw const **home, self)))
            .unwrap_or(false)
    }

    /// Wakes a task of this core.
    pub(crate) fn wake(&self, waker: Waker) {
        if self.is_here() {
            waker.wake();
            return;
        }
        let mut state = lock(&self.state);
        if state.stopping {
            drop(state);
            waker.wake();
            return;
        }
        state.wakers.push(waker);
        let server = state.server.take();
        drop(state);
        if let Some(server) = server {
            server.wake();
        }
    }

    /// Has a task spawned on this core. Dropped when the ground has begun to stop.
    pub(crate) fn spawn(&self, make: SpawnFn) {
        let mut state = lock(&self.state);
        if state.stopping {
            return;
        }
        state.arrivals.push(make);
        let server = state.server.take();
        drop(state);
        if let Some(server) = server {
            server.wake();
        }
    }

    /// Ends [`Mailbox::serve`].
    pub(crate) fn stop(&self) {
        let mut state = lock(&self.state);
        state.stopping = true;
        let unwanted = (std::mem::take(&mut state.arrivals), std::mem::take(&mut state.wakers));
        let server = state.server.take();
        drop(state);
        drop(unwanted);
        if let Some(server) = server {
            server.wake();
        }
    }

    /// Spawns and wakes what other threads want, on this core, until the ground stops.
    pub(crate) async fn serve(&self, runtime: Runtime) {
        let (mut arrivals, mut wakers) = (Vec::new(), Vec::new());
        loop {
            let stopping = poll_fn(|context| {
                let mut state = lock(&self.state);
                if state.arrivals.is_empty() && state.wakers.is_empty() && !state.stopping {
                    state.server = Some(context.waker().clone());
                    return Poll::Pending;
                }
                // The emptied vectors go back, so that their memory is used again.
                std::mem::swap(&mut arrivals, &mut state.arrivals);
                std::mem::swap(&mut wakers, &mut state.wakers);
                Poll::Ready(state.stopping)
            })
            .await;
            if stopping {
                return;
            }
            wakers.drain(..).for_each(Waker::wake);
            for make in arrivals.drain(..) {
                tokio::task::spawn_local(make(runtime.clone()));
            }
        }
    }
}
