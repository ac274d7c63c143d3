//! So many bytes a second (`log.cleaner.io.max.bytes.per.second`).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use headwater_runtime::{Runtime, Tick};

/// The longest pause at once, so that a rate that is raised is soon felt.
const MAX_PAUSE: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Debt {
    bytes: f64,
    /// When it was that much.
    at: Option<Tick>,
}

/// Shared by all compactions.
#[derive(Default)]
pub(super) struct Throttle {
    debt: Mutex<Debt>,
}

impl Throttle {
    /// Waits until everything that was moved, and `bytes` more, are within the rate. `rate` gives the bytes a second of
    /// the moment.
    pub(super) async fn moved(&self, runtime: &Runtime, bytes: u64, rate: impl Fn() -> f64) {
        let mut bytes = bytes as f64;
        loop {
            let rate = rate().max(1.0);
            let pause = {
                let mut debt = self.debt.lock().unwrap_or_else(PoisonError::into_inner);
                let now = runtime.now();
                let paid = debt.at.map_or(0.0, |at| now.since(at).as_secs_f64() * rate);
                debt.bytes = (debt.bytes - paid).max(0.0) + std::mem::take(&mut bytes);
                debt.at = Some(now);
                debt.bytes / rate
            };
            if pause < 1e-4 {
                return;
            }
            runtime.sleep(Duration::try_from_secs_f64(pause).unwrap_or(MAX_PAUSE).min(MAX_PAUSE)).await;
        }
    }
}
