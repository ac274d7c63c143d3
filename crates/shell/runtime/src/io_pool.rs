//! Fixed threads for work that may block, with a bounded queue.

use crate::real::io_pool::RealIoPool;
use crate::sim::clock::SimSleep;
use crate::sim::io_pool::{SimIoPool, news_delay};
use crate::sync::{Permits, oneshot};

/// Work for an [`IoPool`].
pub type Job = Box<dyn FnOnce() + Send>;

/// A fixed number of named threads that take jobs in FIFO order. Clones share the threads, which end when the last
/// clone is gone and the queue is done. Simulated: jobs run as events, each after its own delay.
#[derive(Clone)]
pub struct IoPool {
    pub(crate) inner: PoolInner,
    /// Places in the queue; a job's place is free again when a thread takes it.
    pub(crate) places: Permits,
}

#[derive(Clone)]
pub(crate) enum PoolInner {
    Real(RealIoPool),
    Sim(SimIoPool),
}

impl IoPool {
    /// Queues a job without waiting for it.
    ///
    /// # Errors
    /// Gives the job back when the queue is full.
    pub fn try_submit(&self, job: Job) -> Result<(), Job> {
        match self.places.try_acquire(1) {
            Some(place) => {
                self.push(Box::new(move || {
                    drop(place);
                    job();
                }));
                Ok(())
            }
            None => Err(job),
        }
    }

    /// Queues a job without waiting, outside of the bound. Only for jobs of which the caller never has more than a
    /// fixed number queued, such as the one worker of something.
    pub fn submit_now(&self, job: Job) {
        self.push(job);
    }

    /// Waits for a place in the queue (FIFO) and queues a job without waiting for it to run.
    pub async fn submit(&self, job: Job) {
        let place = self.places.acquire(1).await;
        self.push(Box::new(move || {
            drop(place);
            job();
        }));
    }

    /// Runs `work` on one of the threads and gives its result. When this future is dropped, queued work still runs.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, receiver) = oneshot::channel();
        let place = self.places.acquire(1).await;
        self.push(Box::new(move || {
            drop(place);
            // Nobody waiting any more is no error: the work itself was wanted.
            let _ = sender.send(work());
        }));
        // A job dropped unrun: the simulated node is dead, and so is whoever waits here.
        let Ok(value) = receiver.await else { return std::future::pending().await };
        if let PoolInner::Sim(pool) = &self.inner {
            // What was done and the news of it are two moments, between which the node may die.
            let mut news = SimSleep::new(pool.node().clone(), pool.node().now() + news_delay(pool.node()));
            std::future::poll_fn(|context| news.poll(context)).await;
        }
        value
    }

    /// Jobs that wait for a thread.
    pub fn queued(&self) -> u64 {
        self.places.capacity() - self.places.available()
    }

    fn push(&self, job: Job) {
        match &self.inner {
            PoolInner::Real(pool) => pool.push(job),
            PoolInner::Sim(pool) => pool.push(job),
        }
    }
}
