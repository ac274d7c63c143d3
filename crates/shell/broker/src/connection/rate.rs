//! A rate over the last seconds (`org.apache.kafka.common.metrics.stats.Rate` as connection quotas use it).

use std::collections::VecDeque;
use std::time::Duration;

/// Length of a sample (`quota.window.size.seconds`).
const SAMPLE_MS: u64 = 1_000;
/// How many samples count (`quota.window.num`).
const SAMPLES: u64 = 11;
/// Nobody waits longer than this at a time.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Events of the last seconds.
#[derive(Debug, Default)]
pub struct Rate {
    /// When each sample began, and what happened in it.
    samples: VecDeque<(u64, u64)>,
}

impl Rate {
    /// Counts an event, and says how long to wait until `most` per second are kept. A limit of [`usize::MAX`] or more than
    /// 32 bits can say is none.
    pub fn record(&mut self, most: usize, now_ms: u64) -> Duration {
        if most >= i32::MAX as usize {
            self.samples.clear();
            return Duration::ZERO;
        }
        while self
            .samples
            .front()
            .is_some_and(|(begun, _)| now_ms.saturating_sub(*begun) >= SAMPLES * SAMPLE_MS)
        {
            self.samples.pop_front();
        }
        match self.samples.back_mut() {
            Some((begun, count)) if now_ms.saturating_sub(*begun) < SAMPLE_MS => *count += 1,
            _ => self.samples.push_back((now_ms, 1)),
        }
        let window_ms = self.window_ms(now_ms);
        let count: u64 = self.samples.iter().map(|(_, count)| count).sum();
        let rate = count as f64 * 1_000.0 / window_ms as f64;
        let most = most as f64;
        if rate <= most {
            return Duration::ZERO;
        }
        // A limit of nothing lets nobody in sooner than the longest wait.
        let wait_ms = if most > 0.0 { (rate - most) / most * window_ms as f64 } else { f64::MAX };
        LONGEST_WAIT.min(Duration::from_millis(wait_ms.min(1e9).round() as u64))
    }

    /// What the count is divided by: never less than all samples but one, so that a burst after silence is let through.
    fn window_ms(&self, now_ms: u64) -> u64 {
        let oldest = self.samples.front().map_or(now_ms, |(begun, _)| *begun);
        let elapsed = now_ms.saturating_sub(oldest);
        let whole = elapsed / SAMPLE_MS;
        elapsed + (SAMPLES - 1).saturating_sub(whole) * SAMPLE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e1_a_burst_is_let_through_and_then_the_rate_is_kept() {
        let mut rate = Rate::default();
        let free = (0..200).take_while(|_| rate.record(10, 5_000).is_zero()).count();
        assert_eq!(free, 100, "ten seconds' worth");
        // From here on whoever obeys the waits keeps the rate.
        let (mut now, mut count) = (5_000, 0);
        while now < 65_000 {
            now += rate.record(10, now).as_millis() as u64 + 1;
            count += 1;
        }
        assert!((500..=660).contains(&count), "{count} in a minute at ten a second");
    }

    #[test]
    fn no_limit_costs_nothing_and_a_limit_of_nothing_waits() {
        let mut rate = Rate::default();
        assert!((0..1_000).all(|_| rate.record(i32::MAX as usize, 1).is_zero()));
        assert!(rate.samples.is_empty());
        assert_eq!(rate.record(0, 1), LONGEST_WAIT);
    }
}
