//! Keeps what clients can cause again and again from flooding the log: a few lines a second, then a count of the rest.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use headwater_runtime::Tick;

/// How long a line's place stays taken.
const WINDOW: Duration = Duration::from_secs(1);
/// Lines in that time.
const LINES: u32 = 5;

#[derive(Debug)]
struct State {
    began: Tick,
    logged: u32,
    unlogged: u64,
}

/// The lines of one kind.
#[derive(Debug)]
pub struct LineLimit {
    state: Mutex<State>,
}

impl Default for LineLimit {
    fn default() -> Self {
        Self::new()
    }
}

impl LineLimit {
    /// Nothing logged yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: Mutex::new(State { began: Tick(0), logged: 0, unlogged: 0 }) }
    }

    /// Whether a line may be logged now, and how many were not since the last one.
    pub fn admit(&self, now: Tick) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that stands before the window is that of another life of the node.
        if now.since(state.began) >= WINDOW || now < state.began {
            (state.began, state.logged) = (now, 0);
        }
        if state.logged == LINES {
            state.unlogged += 1;
            return None;
        }
        state.logged += 1;
        Some(std::mem::take(&mut state.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_a_few_lines_and_a_number() {
        let limit = LineLimit::new();
        let at = |millis: u64| limit.admit(Tick(millis * 1_000_000));
        let logged = (0..1_000).filter(|millis| at(*millis).is_some()).count();
        assert_eq!(logged, 5);
        assert_eq!(at(1_000), Some(995));
        assert_eq!(at(1_001), Some(0));
        assert_eq!(at(2_500), Some(0));
        assert_eq!(at(0), Some(0), "a clock that began anew");
    }
}
