//! Quantiles of late: Kafka's histograms forget, and so dashboards expect.
//!
//! A histogram counts from the start on. What came in the last one to two minutes is the difference to what it held
//! then, so two earlier states are kept, and moved on by whoever reads. Nobody reads: nothing is done.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_runtime::Tick;

use super::Distribution;

/// How old the younger of the two states gets.
const STEP: Duration = Duration::from_secs(60);

/// Which histogram: what kind of thing, and which of them.
pub type Key = (&'static str, i32);

#[derive(Debug, Default)]
struct States {
    moved: Tick,
    older: BTreeMap<Key, Distribution>,
    younger: BTreeMap<Key, Distribution>,
    busy: [(Tick, Duration); 2],
}

/// See the module.
#[derive(Debug, Default)]
pub struct Windows {
    states: Mutex<States>,
}

/// One look at everything.
pub struct Look<'a> {
    states: MutexGuard<'a, States>,
    now: Tick,
    moving: bool,
}

impl Windows {
    /// Begins a look. Every histogram is to be shown once.
    pub fn look(&self, now: Tick) -> Look<'_> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let moving = now.since(states.moved) >= STEP;
        if moving {
            states.moved = now;
            states.older = std::mem::take(&mut states.younger);
        }
        Look { states, now, moving }
    }
}

impl Look<'_> {
    /// What came of late to a histogram that holds `all`.
    pub fn lately(&mut self, key: Key, all: &Distribution) -> Distribution {
        let lately = match self.states.older.get(&key) {
            Some(older) => all.since(older),
            None => all.clone(),
        };
        if self.moving {
            self.states.younger.insert(key, all.clone());
        }
        lately
    }

    /// The share of late that `cores` threads, which have been busy for `busy` together, were idle.
    pub fn idle_share(&mut self, busy: Duration, cores: usize) -> f64 {
        let (since, before) = self.states.busy[0];
        let available = self.now.since(since).as_secs_f64() * cores as f64;
        let used = busy.saturating_sub(before).as_secs_f64();
        if self.moving {
            self.states.busy[0] = self.states.busy[1];
            self.states.busy[1] = (self.now, busy);
        }
        if available > 0.0 { (1.0 - used / available).clamp(0.0, 1.0) } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Histogram;

    #[test]
    fn what_is_old_is_forgotten() {
        let (windows, histogram) = (Windows::default(), Histogram::default());
        let at = |seconds: u64| Tick(seconds * 1_000_000_000);
        let count = |seconds| {
            let mut all = Distribution::default();
            histogram.add_to(&mut all);
            windows.look(at(seconds)).lately(("t", 0), &all).count()
        };
        histogram.record(1);
        assert_eq!((count(1), count(59), count(60)), (1, 1, 1));
        histogram.record(1);
        assert_eq!(count(119), 2);
        assert_eq!(count(120), 1, "the first one is older than a step");
        assert_eq!(count(121), 1);
        assert_eq!(count(180), 0);
        assert_eq!(count(240), 0);
        let mut look = windows.look(at(250));
        assert!((look.idle_share(Duration::from_secs(125), 2) - 0.75).abs() < 1e-9);
    }
}
