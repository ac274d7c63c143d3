//! How long things take: counts in fixed buckets, four to each doubling.
//!
//! Values are nanoseconds, buckets are cut in microseconds: the first four are 0, 1, 2 and 3 µs, from there on each
//! doubling has four of equal width. So a bucket is at most a quarter of its values wide, and a quantile, which is
//! taken from inside its bucket by proportion, is off by an eighth at most.

use std::time::Duration;

use super::counter::Counter;

/// Buckets to each doubling, as a power of two.
const SUB_BITS: u32 = 2;
const SUB: usize = 1 << SUB_BITS;
/// Everything from 2^36 µs (19 hours) on is in the last bucket.
const DOUBLINGS: usize = 36;
/// How many buckets there are.
pub const BUCKETS: usize = SUB * DOUBLINGS;

/// A histogram with one writer, or with many that say so.
#[derive(Debug)]
pub struct Histogram {
    counts: [Counter; BUCKETS],
    sum_nanos: Counter,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: std::array::from_fn(|_| Counter::default()), sum_nanos: Counter::default() }
    }
}

/// The bucket of a time.
fn bucket(micros: u64) -> usize {
    let exponent = (micros | 1).ilog2();
    if exponent < SUB_BITS {
        return micros as usize;
    }
    let within = (micros >> (exponent - SUB_BITS)) as usize & (SUB - 1);
    ((exponent - SUB_BITS + 1) as usize * SUB + within).min(BUCKETS - 1)
}

/// The first microsecond of a bucket.
fn begins(bucket: usize) -> u64 {
    let (doubling, within) = (bucket / SUB, (bucket % SUB) as u64);
    if doubling == 0 { within } else { (SUB as u64 + within) << (doubling - 1) }
}

impl Histogram {
    /// Notes a time. Only for the one thread that owns the histogram.
    pub fn record(&self, nanos: u64) {
        self.counts[bucket(nanos / 1_000)].add(1);
        self.sum_nanos.add(nanos);
    }

    /// Notes a time from any thread; never together with [`Histogram::record`].
    pub fn record_shared(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.counts[bucket(nanos / 1_000)].add_shared(1);
        self.sum_nanos.add_shared(nanos);
    }

    /// Adds what was recorded so far to `total`.
    pub fn add_to(&self, total: &mut Distribution) {
        for (sum, count) in total.counts.iter_mut().zip(&self.counts) {
            *sum += count.get();
        }
        total.sum_nanos += self.sum_nanos.get();
    }
}

/// What a histogram held at some moment; sums and differences of such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    counts: Box<[u64; BUCKETS]>,
    sum_nanos: u64,
}

impl Default for Distribution {
    fn default() -> Self {
        Self { counts: Box::new([0; BUCKETS]), sum_nanos: 0 }
    }
}

impl Distribution {
    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All values together, in seconds.
    #[must_use]
    pub fn sum_seconds(&self) -> f64 {
        self.sum_nanos as f64 / 1e9
    }

    /// How many values are below `2^exponent` microseconds.
    #[must_use]
    pub fn below(&self, exponent: u32) -> u64 {
        self.counts[..bucket(1 << exponent)].iter().sum()
    }

    /// What came since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut rest = self.clone();
        for (count, before) in rest.counts.iter_mut().zip(earlier.counts.iter()) {
            *count = count.saturating_sub(*before);
        }
        rest.sum_nanos = rest.sum_nanos.saturating_sub(earlier.sum_nanos);
        rest
    }

    /// The time in milliseconds that the share `q` of all values does not exceed; `None` without values.
    #[must_use]
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        let rank = q * self.count() as f64;
        let mut below = 0;
        for (bucket, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            if (below + count) as f64 >= rank {
                let (from, to) = (begins(bucket) as f64, begins(bucket + 1) as f64);
                let within = ((rank - below as f64) / *count as f64).clamp(0.0, 1.0);
                return Some((from + (to - from) * within) / 1e3);
            }
            below += count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for index in 0..BUCKETS - 1 {
            assert_eq!(bucket(begins(index)), index);
            assert_eq!(bucket(begins(index + 1) - 1), index, "the last microsecond of {index}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
        assert_eq!(begins(bucket(1 << 20)), 1 << 20, "powers of two begin a bucket");
    }

    #[test]
    fn quantiles_are_near_the_truth() {
        let histogram = Histogram::default();
        for micros in 1..=10_000 {
            histogram.record(micros * 1_000);
        }
        let mut all = Distribution::default();
        histogram.add_to(&mut all);
        assert_eq!(all.count(), 10_000);
        assert!((all.sum_seconds() - 50.005).abs() < 1e-9);
        for (q, expected) in [(0.5, 5.0), (0.99, 9.9), (0.999, 9.99)] {
            let got = all.quantile_ms(q).expect("values");
            assert!((got / expected - 1.0).abs() < 0.13, "{q}: {got}");
        }
        assert_eq!(all.below(10), 1_023);
        assert_eq!(all.since(&all).quantile_ms(0.5), None);
        let before = all.clone();
        histogram.record_shared(Duration::from_secs(3));
        histogram.add_to(&mut all);
        // `all` holds the first ten thousand twice now.
        assert_eq!(all.since(&before).count(), 10_001);
    }
}
