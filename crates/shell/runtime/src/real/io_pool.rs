//! Threads for work that blocks: one queue, one lock, a condition variable.

use crate::io_pool::Job;
use crate::sync::lock;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

#[derive(Clone)]
pub(crate) struct RealIoPool {
    owner: Arc<Owner>,
}

/// Ends the threads when the last handle is gone.
struct Owner {
    queue: Arc<Queue>,
}

struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    closed: bool,
}

impl RealIoPool {
    pub(crate) fn start(name: &str, threads: usize) -> io::Result<RealIoPool> {
        let state = State { jobs: VecDeque::new(), idle: 0, closed: false };
        let queue = Arc::new(Queue { state: Mutex::new(state), arrived: Condvar::new() });
        let owner = Owner { queue: queue.clone() };
        for number in 0..threads.max(1) {
            let queue = queue.clone();
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&queue))?;
        }
        Ok(RealIoPool { owner: Arc::new(owner) })
    }

    pub(crate) fn push(&self, job: Job) {
        let queue = &self.owner.queue;
        let mut state = lock(&queue.state);
        state.jobs.push_back(job);
        let wake = state.idle > 0;
        drop(state);
        if wake {
            queue.arrived.notify_one();
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        lock(&self.queue.state).closed = true;
        self.queue.arrived.notify_all();
    }
}

fn work(queue: &Queue) {
    let mut state = lock(&queue.state);
    loop {
        if let Some(job) = state.jobs.pop_front() {
            drop(state);
            job();
            state = lock(&queue.state);
        } else if state.closed {
            return;
        } else {
            state.idle += 1;
            state = queue.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}
