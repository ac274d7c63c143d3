//! I/O pools whose threads are events: each job takes its own time, so completions overtake each other.

use super::trace::Kind;
use super::world::{Effect, Event, SimNode, World};
use crate::io_pool::Job;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// A pool's place in the world.
pub(crate) struct Pool {
    pub(crate) node: u32,
    threads: usize,
    busy: usize,
    queue: VecDeque<Job>,
}

#[derive(Clone)]
pub(crate) struct SimIoPool {
    owner: Arc<Owner>,
}

struct Owner {
    node: SimNode,
    pool: u64,
}

impl SimIoPool {
    pub(crate) fn start(node: &SimNode, threads: usize) -> SimIoPool {
        let mut world = node.shared.world();
        world.next_pool += 1;
        let pool = world.next_pool;
        let state = Pool { node: node.node, threads: threads.max(1), busy: 0, queue: VecDeque::new() };
        world.pools.insert(pool, state);
        drop(world);
        SimIoPool { owner: Arc::new(Owner { node: node.clone(), pool }) }
    }

    pub(crate) fn push(&self, job: Job) {
        // Of a dead node the job is dropped, after the lock.
        let unwanted = match self.owner.node.alive() {
            Some(mut world) => world.queue_job(self.owner.pool, job),
            None => Some(job),
        };
        drop(unwanted);
    }

    /// The node whose time passes between a job's effect and the news of it.
    pub(crate) fn node(&self) -> &SimNode {
        &self.owner.node
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // As on the real ground queued jobs still run; the pool's place goes with the last of them.
        let mut world = self.node.shared.world();
        let idle = world.pools.get(&self.pool).is_some_and(|pool| pool.busy == 0);
        let pool = if idle { world.pools.remove(&self.pool) } else { None };
        drop(world);
        drop(pool);
    }
}

impl World {
    fn queue_job(&mut self, id: u64, job: Job) -> Option<Job> {
        let Some(pool) = self.pools.get_mut(&id) else { return Some(job) };
        let node = pool.node;
        if pool.busy < pool.threads {
            pool.busy += 1;
            self.start_job(id, job);
        } else {
            pool.queue.push_back(job);
        }
        self.record(node, Kind::JobQueued, id, 0, 0);
        None
    }

    fn start_job(&mut self, pool: u64, job: Job) {
        let config = &self.config;
        let (usual, slow, one_in) = (config.job_delay, config.slow_job_delay, config.slow_job_one_in);
        let slow_now = one_in > 0 && self.random.chance(one_in);
        let range = if slow_now { (usual.0, slow.max(usual.0)) } else { usual };
        let delay = self.delay(range);
        self.schedule(self.now + delay, Event::Job { pool, job });
    }

    pub(crate) fn finish_job(&mut self, id: u64, job: Job) -> Effect {
        if let Some(pool) = self.pools.get_mut(&id) {
            let node = pool.node;
            match pool.queue.pop_front() {
                Some(next) => self.start_job(id, next),
                None => pool.busy -= 1,
            }
            self.record(node, Kind::JobRun, id, 0, 0);
        }
        Effect { wakers: Vec::new(), job: Some(job) }
    }

    /// Takes out all jobs of a node, for its death; dropped by the caller after the lock.
    pub(crate) fn take_jobs(&mut self, node: u32) -> Vec<Job> {
        let ids: Vec<u64> =
            self.pools.iter().filter(|(_, pool)| pool.node == node).map(|(id, _)| *id).collect();
        let mut jobs = Vec::new();
        for id in &ids {
            jobs.extend(self.pools.remove(id).into_iter().flat_map(|pool| pool.queue));
        }
        let running = |event: &Event| matches!(event, Event::Job { pool, .. } if ids.contains(pool));
        let keys: Vec<_> =
            self.events.iter().filter(|(_, event)| running(event)).map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(Event::Job { job, .. }) = self.events.remove(&key) {
                jobs.push(job);
            }
        }
        jobs
    }
}

/// How long after its effect a job's waiter hears of it.
pub(crate) fn news_delay(node: &SimNode) -> Duration {
    let mut world = node.shared.world();
    let usual = world.config.job_delay;
    Duration::from_nanos(world.delay((Duration::ZERO, usual.1 / 4)))
}
