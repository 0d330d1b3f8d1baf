//! How fast: batches shrink and pauses grow while the database is busy, and recover when it is not.

use std::time::Duration;

/// The least rows of a batch.
const ROWS_MIN: u64 = 10;
/// The longest pause between two batches.
const PAUSE_MAX: Duration = Duration::from_secs(5);
const PAUSE_FIRST: Duration = Duration::from_millis(20);

/// When to slow down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleLimits {
    /// Conflicts in a batch from which on the next one waits.
    pub conflicts_max: u64,
    /// The time of a batch from which on the next ones are smaller and wait.
    pub latency_max: Duration,
    /// A pause behind every batch.
    pub pause: Duration,
}

impl Default for ThrottleLimits {
    fn default() -> Self {
        Self { conflicts_max: 1, latency_max: Duration::from_secs(2), pause: Duration::ZERO }
    }
}

/// The speed of a copy.
#[derive(Debug)]
pub(crate) struct Throttle {
    limits: ThrottleLimits,
    rows_max: u64,
    rows: u64,
    pause: Duration,
}

impl Throttle {
    pub(crate) fn new(limits: ThrottleLimits, rows: u64) -> Self {
        Self { limits, rows_max: rows.max(1), rows: rows.max(1), pause: Duration::ZERO }
    }

    /// Rows of the next batch.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// How long to wait before it.
    pub(crate) fn pause(&self) -> Duration {
        self.pause.max(self.limits.pause)
    }

    /// A batch was larger than a transaction may be; it cannot be made smaller than one row.
    pub(crate) fn too_large(&mut self) -> bool {
        self.rows_max = (self.rows / 2).max(1);
        let smaller = self.rows_max < self.rows;
        self.rows = self.rows_max;
        smaller
    }

    /// A batch went through.
    pub(crate) fn took(&mut self, time: Duration, conflicts: u64) {
        let slow = time > self.limits.latency_max;
        if slow {
            self.rows = (self.rows / 2).max(ROWS_MIN.min(self.rows_max));
        } else {
            self.rows = (self.rows + self.rows / 10 + 1).min(self.rows_max);
        }
        self.pause = match slow || conflicts > self.limits.conflicts_max {
            true => (self.pause * 2).clamp(PAUSE_FIRST, PAUSE_MAX),
            false if self.pause <= PAUSE_FIRST => Duration::ZERO,
            false => self.pause / 2,
        };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Throttle, ThrottleLimits};

    #[test]
    fn a_busy_database_gets_smaller_batches_and_longer_pauses_and_a_quiet_one_the_full_speed_again() {
        let mut throttle = Throttle::new(ThrottleLimits::default(), 1_000);
        assert_eq!((throttle.rows(), throttle.pause()), (1_000, Duration::ZERO));
        throttle.took(Duration::from_secs(3), 0);
        assert_eq!((throttle.rows(), throttle.pause()), (500, Duration::from_millis(20)));
        throttle.took(Duration::from_millis(5), 7);
        assert_eq!((throttle.rows(), throttle.pause()), (551, Duration::from_millis(40)));
        for _ in 0..20 {
            throttle.took(Duration::from_millis(5), 0);
        }
        assert_eq!((throttle.rows(), throttle.pause()), (1_000, Duration::ZERO));
        for _ in 0..40 {
            throttle.took(Duration::from_secs(9), 9);
        }
        assert_eq!((throttle.rows(), throttle.pause()), (10, Duration::from_secs(5)));
    }

    #[test]
    fn a_batch_that_was_too_large_is_never_tried_again() {
        let mut throttle = Throttle::new(ThrottleLimits::default(), 5);
        assert!(throttle.too_large());
        throttle.took(Duration::ZERO, 0);
        assert_eq!(throttle.rows(), 2);
        assert!(throttle.too_large());
        assert!(!throttle.too_large(), "one row is the least");
    }
}
