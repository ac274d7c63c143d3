//! Many seeds, one after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::history::Counts;
use crate::invariants::Violation;
use crate::scenario::{Planted, Report, run};

/// How often a seed is played twice to compare the traces.
const TWICE_ONE_IN: u64 = 10;

/// Sums over many seeds.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Seeds played.
    pub seeds: u64,
    /// Of them twice.
    pub twice: u64,
    /// Seeds with violations.
    pub failed: Vec<u64>,
    /// All counts together.
    pub counts: Counts,
    /// Real time.
    pub took: Duration,
}

impl Sums {
    /// Plays per minute of real time.
    #[must_use]
    pub fn per_minute(&self) -> f64 {
        (self.seeds + self.twice) as f64 * 60.0 / self.took.as_secs_f64().max(1e-9)
    }

    /// One line.
    #[must_use]
    pub fn line(&self) -> String {
        let counts = &self.counts;
        format!(
            "{} seeds ({} twice), {} failed; {} starts, {} power losses, {} kills, {} clean stops, {} disk faults; {} \
             records acknowledged, {} read, {} lost that nobody promised to keep; {} assignments, {} offsets committed; {:.1} s, {:.0} seeds a minute",
            self.seeds,
            self.twice,
            self.failed.len(),
            counts.starts,
            counts.power_losses,
            counts.kills,
            counts.clean_stops,
            counts.disk_faults,
            counts.acknowledged,
            counts.seen,
            counts.lost_rightly,
            counts.assignments,
            counts.commits,
            self.took.as_secs_f64(),
            self.per_minute(),
        )
    }
}

/// Plays a seed; a panic is a violation.
#[must_use]
pub fn run_caught(seed: u64, planted: Planted) -> Report {
    match catch_unwind(AssertUnwindSafe(|| run(seed, planted))) {
        Ok(report) => report,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let what = text.unwrap_or_else(|| "a panic without words".to_owned());
            Report {
                seed,
                trace_hash: 0,
                trace_events: 0,
                counts: Counts::default(),
                violations: vec![Violation { invariant: "no_panic", what }],
            }
        }
    }
}

/// Plays a seed, every tenth twice: a difference between the traces is a violation.
#[must_use]
pub fn run_checked(seed: u64) -> (Report, bool) {
    let mut report = run_caught(seed, Planted::Nothing);
    let twice = seed.is_multiple_of(TWICE_ONE_IN);
    if twice {
        let again = run_caught(seed, Planted::Nothing);
        if again != report {
            report.violations.push(Violation {
                invariant: "same_seed_same_trace",
                what: format!(
                    "{:x} of {} events, then {:x} of {}",
                    report.trace_hash, report.trace_events, again.trace_hash, again.trace_events
                ),
            });
        }
    }
    (report, twice)
}

/// Plays `count` seeds from `first` on and tells of each that fails.
pub fn run_many(first: u64, count: u64, mut failed: impl FnMut(&Report)) -> Sums {
    let began = Instant::now();
    let mut sums = Sums::default();
    for seed in first..first + count {
        let (report, twice) = run_checked(seed);
        sums.seeds += 1;
        sums.twice += u64::from(twice);
        sums.counts.add(&report.counts);
        if !report.violations.is_empty() {
            sums.failed.push(seed);
            failed(&report);
        }
    }
    sums.took = began.elapsed();
    sums
}
