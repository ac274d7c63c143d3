//! A number that one thread raises and everybody may read.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count with one writer. Raising it is a load and a store: no locked instruction, no shared cache line as long as
/// each core has a counter of its own. Two writers would lose counts; where there can be two, see
/// [`Counter::add_shared`].
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Raises the count. Only for the one thread that owns it.
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }

    /// Raises the count from any thread, for what does not happen with every request. Never together with
    /// [`Counter::add`].
    pub fn add_shared(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The count.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
