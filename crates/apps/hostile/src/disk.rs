//! What the machine's disk does meanwhile: whoever shares it may hold a sync up, and no broker can help that.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Time between two syncs.
const PAUSE: Duration = Duration::from_millis(20);
/// Shorter ones are not remembered.
const NOTABLE: Duration = Duration::from_millis(50);

/// A thread that appends to a file of its own and syncs it, as brokers do.
pub struct Probe {
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<Syncs>,
}

/// Syncs that took long: when they began, how long they took.
pub struct Syncs(Vec<(Instant, Duration)>);

impl Probe {
    /// Writes in `folder`.
    pub fn start(folder: &Path) -> Result<Probe, String> {
        let path = folder.join("probe");
        let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let stopping = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            let (mut syncs, mut position) = (Vec::new(), 0);
            while !until.load(Ordering::Relaxed) {
                let begun = Instant::now();
                // A disk that fails is the broker's to tell.
                let _ = file.write_all_at(&[0; 128], position).and_then(|()| file.sync_data());
                position += 128;
                let took = begun.elapsed();
                if took >= NOTABLE {
                    syncs.push((begun, took));
                }
                std::thread::sleep(PAUSE);
            }
            Syncs(syncs)
        });
        Ok(Probe { stopping, thread })
    }

    pub fn stop(self) -> Result<Syncs, String> {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "the probe of the disk panicked".to_owned())
    }
}

impl Syncs {
    /// How much of a stretch of time the disk kept the probe waiting, in milliseconds.
    pub fn held_up_ms(&self, begun: Instant, took: Duration) -> f64 {
        let shared = |(from, lasted): &(Instant, Duration)| {
            let end = (*from + *lasted).min(begun + took);
            end.saturating_duration_since((*from).max(begun))
        };
        self.0.iter().map(shared).sum::<Duration>().as_secs_f64() * 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_stretch_counts() {
        let (begun, second) = (Instant::now(), Duration::from_secs(1));
        let syncs =
            Syncs(vec![(begun, 2 * second), (begun + 4 * second, second), (begun + 9 * second, second)]);
        assert_eq!(syncs.held_up_ms(begun + second, 5 * second), 2_000.0);
        assert_eq!(syncs.held_up_ms(begun + 6 * second, second), 0.0);
    }
}
