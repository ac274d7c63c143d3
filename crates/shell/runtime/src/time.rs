//! Monotonic time as a value, and waiting for it.

use crate::sim::clock::SimSleep;
use std::future::Future;
use std::ops::{Add, AddAssign, Sub};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A point in monotonic time: nanoseconds since the ground was made. Never goes back; says nothing of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

impl Tick {
    /// The end of time, for "no deadline".
    pub const NEVER: Tick = Tick(u64::MAX);

    /// Whole milliseconds since the ground was made.
    pub fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The time from `earlier` to this, zero when `earlier` is later.
    pub fn since(self, earlier: Tick) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Tick {
    type Output = Tick;

    /// Saturates at [`Tick::NEVER`].
    fn add(self, duration: Duration) -> Tick {
        Tick(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl AddAssign<Duration> for Tick {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Tick> for Tick {
    type Output = Duration;

    /// As [`Tick::since`].
    fn sub(self, earlier: Tick) -> Duration {
        self.since(earlier)
    }
}

/// The time that [`crate::Runtime::timeout`] allowed is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl std::fmt::Display for Elapsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the time allowed is over")
    }
}

impl std::error::Error for Elapsed {}

/// A future of a moment. Real: rounded up to the next millisecond.
pub struct Sleep {
    pub(crate) inner: SleepInner,
}

pub(crate) enum SleepInner {
    Real(Pin<Box<tokio::time::Sleep>>),
    Sim(SimSleep),
    Never,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.inner {
            SleepInner::Real(sleep) => sleep.as_mut().poll(context),
            SleepInner::Sim(sleep) => sleep.poll(context),
            SleepInner::Never => Poll::Pending,
        }
    }
}
