//! Wall and monotonic time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A source of time. Everything that asks for the time takes one of these, so that a test decides what time it is.
pub trait Clock: Send + Sync + 'static {
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    fn unix_micros(&self) -> i64;
    /// Time since an arbitrary, fixed start; never goes back.
    fn monotonic(&self) -> Duration;
}

/// The machine's clock.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        // The one place where the process reads the monotonic clock's origin.
        #[allow(clippy::disallowed_methods)]
        Self { start: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // this type is what the ban sends everybody to
    fn unix_micros(&self) -> i64 {
        match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
        }
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Default)]
pub struct ManualClock {
    unix_micros: AtomicI64,
    monotonic_micros: AtomicI64,
}

impl ManualClock {
    /// A clock showing `unix_micros`, with its monotonic time at zero.
    #[must_use]
    pub fn at(unix_micros: i64) -> Self {
        Self { unix_micros: AtomicI64::new(unix_micros), monotonic_micros: AtomicI64::new(0) }
    }

    /// Moves both times forward.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.unix_micros.fetch_add(micros, Ordering::SeqCst);
        self.monotonic_micros.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn unix_micros(&self) -> i64 {
        self.unix_micros.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.monotonic_micros.load(Ordering::SeqCst).unsigned_abs())
    }
}
