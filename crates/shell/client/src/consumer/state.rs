//! What a consumer knows of its partitions.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use headwater_base::TopicPartition;
use headwater_runtime::Tick;

use crate::admin::OffsetSpec;
use crate::error::Error;
use crate::machine::decode::Fetched;

/// How much is fetched ahead: answers of one partition that wait to be polled.
pub(super) const AHEAD: usize = 2;

/// Where a partition's reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The next offset.
    pub(super) offset: i64,
    /// Epoch of the record before it, −1 when it is not known.
    pub(super) epoch: i32,
}

/// One assigned partition.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) topic: Rc<str>,
    pub(super) partition: i32,
    /// `None` until it is known.
    pub(super) position: Option<Position>,
    /// Asked for by a seek to an end, or because the position was not there any more.
    pub(super) reset: Option<OffsetSpec>,
    pub(super) paused: bool,
    pub(super) fetched: VecDeque<Fetched>,
    /// A request for it is under way.
    pub(super) in_flight: bool,
    /// Changes with each seek: answers to what was asked before are of no use.
    pub(super) version: u64,
    pub(super) high_watermark: Option<i64>,
    pub(super) last_stable_offset: Option<i64>,
    /// The epoch of the leader at which the position was last found to be right.
    pub(super) checked_epoch: i32,
    /// A replica to read from, and until when (KIP-392).
    pub(super) preferred: Option<(i32, Tick)>,
    /// Nothing is asked for it before this moment.
    pub(super) rest_until: Tick,
    /// What poll still has to tell about it; nothing is fetched meanwhile.
    pub(super) failed: bool,
}

impl Assigned {
    pub(super) fn new(key: &TopicPartition) -> Assigned {
        Assigned {
            topic: Rc::from(key.topic.as_str()),
            partition: key.partition.0,
            position: None,
            reset: None,
            paused: false,
            fetched: VecDeque::new(),
            in_flight: false,
            version: 0,
            high_watermark: None,
            last_stable_offset: None,
            checked_epoch: -1,
            preferred: None,
            rest_until: Tick::default(),
            failed: false,
        }
    }

    /// Reading goes on elsewhere.
    pub(super) fn seek(&mut self, position: Option<Position>, reset: Option<OffsetSpec>) {
        self.position = position;
        self.reset = reset;
        self.fetched.clear();
        self.in_flight = false;
        self.version += 1;
        self.checked_epoch = -1;
        self.failed = false;
        self.rest_until = Tick::default();
    }

    /// The offset to fetch next, if something is to be fetched.
    pub(super) fn fetch_offset(&self, now: Tick) -> Option<i64> {
        let position = self.position?;
        let idle = !self.paused && !self.in_flight && !self.failed && self.reset.is_none();
        if !idle || self.fetched.len() >= AHEAD || now < self.rest_until {
            return None;
        }
        Some(self.fetched.back().map_or(position.offset, Fetched::end))
    }
}

/// All of a consumer.
#[derive(Default)]
pub(super) struct State {
    pub(super) partitions: BTreeMap<TopicPartition, Assigned>,
    /// What poll tells next.
    pub(super) errors: VecDeque<Error>,
    /// The partition with which the next poll begins.
    pub(super) turn: usize,
    pub(super) next_version: u64,
}

/// How many errors are kept for poll.
const MAX_ERRORS: usize = 100;

impl State {
    pub(super) fn tell(&mut self, error: Error) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push_back(error);
        }
    }

    /// Reads these partitions and no others; what stays keeps its position.
    pub(super) fn assign(&mut self, keys: Vec<TopicPartition>) {
        let mut old = std::mem::take(&mut self.partitions);
        for key in keys {
            let assigned = old.remove(&key).unwrap_or_else(|| {
                self.next_version += 1 << 32;
                Assigned { version: self.next_version, ..Assigned::new(&key) }
            });
            self.partitions.insert(key, assigned);
        }
    }
}
