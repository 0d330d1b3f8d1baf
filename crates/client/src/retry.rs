//! How long to wait before a transaction runs again.

use std::time::Duration;

use borealis_base::Random;

/// The waits between attempts: the AWS connectors' numbers by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times a transaction may run again after its first attempt.
    pub retries_max: u32,
    /// The wait before the first retry; each further one doubles.
    pub first_wait: Duration,
    /// The longest wait, without its jitter.
    pub wait_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { retries_max: 3, first_wait: Duration::from_millis(100), wait_max: Duration::from_secs(5) }
    }
}

impl RetryPolicy {
    /// The wait before retry number `retry`, counted from 1, with up to a quarter of it added at random, so that transactions that
    /// collided once do not collide again.
    #[must_use]
    pub fn wait(&self, retry: u32, random: &dyn Random) -> Duration {
        let factor = 1u32.checked_shl(retry.saturating_sub(1)).unwrap_or(u32::MAX);
        let wait = self.first_wait.saturating_mul(factor).min(self.wait_max);
        let quarter_micros = u64::try_from(wait.as_micros() / 4).unwrap_or(u64::MAX - 1);
        wait + Duration::from_micros(random.next_u64() % (quarter_micros + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::RetryPolicy;
    use borealis_base::SeededRandom;
    use std::time::Duration;

    #[test]
    fn waits_double_up_to_the_cap_and_vary_by_a_quarter() {
        let (policy, random) = (RetryPolicy::default(), SeededRandom::new(5));
        for (retry, least_ms) in [(1, 100), (2, 200), (3, 400), (6, 3200), (7, 5000), (40, 5000), (u32::MAX, 5000)] {
            let waits: Vec<Duration> = (0..200).map(|_| policy.wait(retry, &random)).collect();
            let least = Duration::from_millis(least_ms);
            assert!(waits.iter().all(|wait| (least..=least + least / 4).contains(wait)), "retry {retry}");
            assert!(waits.iter().any(|wait| *wait > least + least / 5), "retry {retry} has no jitter");
        }
    }
}
