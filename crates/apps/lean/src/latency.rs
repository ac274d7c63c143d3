//! Latencies of a run and their quantiles.

use std::time::Duration;

/// All latencies of a run, in microseconds.
#[derive(Default)]
pub struct Latencies(Vec<u32>);

impl Latencies {
    pub fn add(&mut self, latency: Duration) {
        self.0.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The median in microseconds.
    pub fn median_us(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        f64::from(sorted.get(sorted.len() / 2).copied().unwrap_or(0))
    }

    /// `p50_us=… p95_us=… p99_us=… p999_us=… max_us=…`
    pub fn line(mut self) -> String {
        self.0.sort_unstable();
        let at = |share: f64| {
            let index = (self.0.len() as f64 * share) as usize;
            self.0.get(index.min(self.0.len().saturating_sub(1))).copied().unwrap_or(0)
        };
        format!(
            "p50_us={} p95_us={} p99_us={} p999_us={} max_us={}",
            at(0.5),
            at(0.95),
            at(0.99),
            at(0.999),
            at(1.0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_thousand() {
        let mut all = Latencies::default();
        (0..1000).for_each(|us| all.add(Duration::from_micros(us)));
        assert_eq!(all.line(), "p50_us=500 p95_us=950 p99_us=990 p999_us=999 max_us=999");
        assert_eq!(Latencies::default().line(), "p50_us=0 p95_us=0 p99_us=0 p999_us=0 max_us=0");
    }
}
