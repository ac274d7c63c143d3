//! Waiting longer after each failure (`ExponentialBackoff`, KIP-580).

/// How long to wait before the n-th further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first_ms: u64,
    most_ms: u64,
}

/// The share of the time by which chance moves it, up or down, in hundredths.
const JITTER_PERCENT: u64 = 20;

impl Backoff {
    /// Begins with `first_ms` and doubles up to `most_ms`; a first time above the most holds always.
    #[must_use]
    pub fn new(first_ms: u64, most_ms: u64) -> Backoff {
        Backoff { first_ms: first_ms.min(most_ms), most_ms }
    }

    /// Milliseconds after `failures` failures in a row (at least one); `random` is any number.
    #[must_use]
    pub fn after(&self, failures: u32, random: u64) -> u64 {
        let doublings = failures.saturating_sub(1).min(62);
        let base = self.first_ms.saturating_mul(1 << doublings).min(self.most_ms);
        let span = base.saturating_mul(2 * JITTER_PERCENT) / 100;
        let low = base - base * JITTER_PERCENT / 100;
        let moved = low + if span == 0 { 0 } else { random % (span + 1) };
        moved.min(self.most_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;

    #[test]
    fn times_double_up_to_the_most() {
        let backoff = Backoff::new(100, 1_000);
        for (failures, low, high) in
            [(1, 80, 120), (2, 160, 240), (4, 640, 960), (5, 800, 1_000), (9_999, 800, 1_000)]
        {
            for random in [0, 1, 39, 1_000_003, u64::MAX] {
                let wait = backoff.after(failures, random);
                assert!((low..=high).contains(&wait), "{failures}: {wait}");
            }
        }
        assert_eq!(Backoff::new(0, 0).after(3, 7), 0);
        assert!(Backoff::new(5_000, 50).after(1, 3) <= 50);
    }
}
