//! Many members of one group, each with a thread and a connection, as applications have them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::group::{Member, REBALANCE_IN_PROGRESS};

/// A thread has little to remember.
const STACK: usize = 128 << 10;

/// Who has which generation.
#[derive(Default)]
struct Standing {
    generations: BTreeMap<usize, i32>,
    failed: Option<String>,
}

/// See the module.
pub struct Crowd {
    broker: String,
    group: String,
    topic: String,
    interval: Duration,
    standing: Arc<(Mutex<Standing>, Condvar)>,
    members: BTreeMap<usize, (Arc<AtomicBool>, JoinHandle<()>)>,
    next: usize,
}

impl Crowd {
    /// A group without members, which will send heartbeats so often.
    pub fn new(broker: &str, group: &str, topic: &str, interval: Duration) -> Self {
        Self {
            broker: broker.to_owned(),
            group: group.to_owned(),
            topic: topic.to_owned(),
            interval,
            standing: Arc::default(),
            members: BTreeMap::new(),
            next: 0,
        }
    }

    /// More members come, all at once.
    pub fn come(&mut self, count: usize) -> Result<(), String> {
        for _ in 0..count {
            let number = self.next;
            self.next += 1;
            let ends = Arc::new(AtomicBool::new(false));
            let (broker, group, topic, interval, standing, ending) = (
                self.broker.clone(),
                self.group.clone(),
                self.topic.clone(),
                self.interval,
                Arc::clone(&self.standing),
                Arc::clone(&ends),
            );
            let life = move || {
                if let Err(why) = live(number, &broker, &group, &topic, interval, &standing, &ending) {
                    let mut known = standing.0.lock().unwrap_or_else(PoisonError::into_inner);
                    known.failed.get_or_insert(format!("member {number}: {why}"));
                    standing.1.notify_all();
                }
            };
            let thread = thread::Builder::new().stack_size(STACK).spawn(life);
            let thread = thread.map_err(|error| format!("a thread for member {number}: {error}"))?;
            self.members.insert(number, (ends, thread));
        }
        Ok(())
    }

    /// The oldest members leave; returns when they have.
    pub fn leave(&mut self, count: usize) -> Result<(), String> {
        let mut going = Vec::new();
        for _ in 0..count {
            let Some((number, (ends, thread))) = self.members.pop_first() else { break };
            ends.store(true, Ordering::Release);
            going.push((number, thread));
        }
        for (number, thread) in going {
            thread.join().map_err(|_| "a member panicked")?;
            let mut known = self.standing.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.generations.remove(&number);
        }
        Ok(())
    }

    /// Waits until all members are in one generation that is newer than `before`; gives it.
    pub fn together(&self, before: i32, patience: Duration) -> Result<i32, String> {
        let deadline = Instant::now() + patience;
        let (lock, changed) = &*self.standing;
        let mut known = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(why) = &known.failed {
                return Err(why.clone());
            }
            let newest = known.generations.values().copied().max().unwrap_or(-1);
            let all = known.generations.len() == self.members.len();
            if all && newest > before && known.generations.values().all(|generation| *generation == newest) {
                return Ok(newest);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!(
                    "{} of {} members came together",
                    known.generations.len(),
                    self.members.len()
                ));
            }
            known = changed.wait_timeout(known, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn live(
    number: usize,
    broker: &str,
    group: &str,
    topic: &str,
    interval: Duration,
    standing: &(Mutex<Standing>, Condvar),
    ends: &AtomicBool,
) -> Result<(), String> {
    let mut member = Member::open(broker, group, topic)?;
    loop {
        member.enter()?;
        let mut known = standing.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.generations.insert(number, member.generation);
        standing.1.notify_all();
        drop(known);
        loop {
            if ends.load(Ordering::Acquire) {
                return member.leave();
            }
            thread::sleep(interval);
            match member.heartbeat()? {
                0 => {}
                REBALANCE_IN_PROGRESS | 22 => break,
                25 => {
                    member.id.clear();
                    break;
                }
                code => return Err(format!("Heartbeat: error {code}")),
            }
        }
    }
}
