//! Seeds at random. `HEADWATER_SEEDS` sets how many, `HEADWATER_SEED` plays one.

use headwater_sim::seeds::{run_checked, run_many};
use headwater_sim::{Planted, run};

const USUALLY: u64 = 150;

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}: a number is expected")))
}

#[test]
fn all_invariants_hold_for_all_seeds() {
    if let Some(seed) = from_environment("HEADWATER_SEED") {
        let (report, _) = run_checked(seed);
        assert!(report.violations.is_empty(), "seed {seed}: {:#?}", report.violations);
        return;
    }
    let count = from_environment("HEADWATER_SEEDS").unwrap_or(USUALLY);
    let sums = run_many(1, count, |report| {
        for violation in &report.violations {
            println!("seed {}: {violation}", report.seed);
        }
        println!("replay: HEADWATER_SEED={} cargo test -p headwater-sim all_invariants", report.seed);
    });
    println!("{}", sums.line());
    assert!(sums.failed.is_empty(), "seeds that failed: {:?}", sums.failed);
    // A run in which little happens proves little.
    let counts = &sums.counts;
    assert!(counts.acknowledged > 100 * count && counts.seen > 100 * count, "{counts:?}");
    assert!(counts.power_losses > count / 2 && counts.starts > 2 * count, "{counts:?}");
}

#[test]
fn same_seed_equal_traces() {
    for seed in 100_000..100_010 {
        let (first, second) = (run(seed, Planted::Nothing), run(seed, Planted::Nothing));
        assert_eq!(first, second, "seed {seed}");
        assert_ne!(first.trace_hash, run(seed + 1, Planted::Nothing).trace_hash, "seed {seed}");
    }
}
