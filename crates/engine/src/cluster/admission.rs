//! How fast connections may come: a bucket of tokens, one for each new connection, that fills with time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A bucket of tokens.
#[derive(Debug)]
pub(crate) struct Admission {
    burst: u64,
    per_second: u64,
    state: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// In millionths of a connection.
    tokens: u64,
    filled_at: Duration,
}

/// Millionths of a connection.
const ONE: u64 = 1_000_000;

impl Admission {
    /// A full bucket.
    pub(crate) fn new(burst: u64, per_second: u64, now: Duration) -> Self {
        Self { burst, per_second, state: Mutex::new(Bucket { tokens: burst * ONE, filled_at: now }) }
    }

    /// Takes a token; false when there is none.
    pub(crate) fn admit(&self, now: Duration) -> bool {
        let mut bucket = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = u64::try_from(now.saturating_sub(bucket.filled_at).as_micros()).unwrap_or(u64::MAX);
        // A microsecond fills as many millionths as a second fills tokens.
        let filled = bucket.tokens.saturating_add(micros.saturating_mul(self.per_second)).min(self.burst * ONE);
        bucket.filled_at = bucket.filled_at.max(now);
        let admitted = filled >= ONE;
        bucket.tokens = if admitted { filled - ONE } else { filled };
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::{Admission, Duration};

    #[test]
    fn a_burst_empties_the_bucket_and_time_fills_it() {
        let admission = Admission::new(3, 100, Duration::ZERO);
        let admitted = |millis| admission.admit(Duration::from_millis(millis));
        assert_eq!([admitted(0), admitted(0), admitted(0), admitted(0)], [true, true, true, false]);
        assert_eq!([admitted(9), admitted(10), admitted(11)], [false, true, false]);
        // An hour fills it to the brim and no further.
        assert_eq!([3_600_000; 4].map(admitted), [true, true, true, false]);
    }
}
