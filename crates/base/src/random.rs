//! Randomness: the operating system's in production, a seeded generator in simulations.

use std::sync::Mutex;

use rand::{RngCore, SeedableRng, rngs::SmallRng};

/// A source of random bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` with random data.
    fn fill(&self, bytes: &mut [u8]);

    /// A random 64-bit number.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// The operating system's generator: for keys, identifiers and `gen_random_uuid()`.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    #[allow(clippy::disallowed_methods)] // this type is what the ban sends everybody to
    fn fill(&self, bytes: &mut [u8]) {
        // Without entropy no key or identifier is safe to make: stopping is the only right answer.
        getrandom::fill(bytes).expect("the operating system provides randomness");
    }
}

/// A reproducible generator: the same seed gives the same bytes in the same order of calls.
#[derive(Debug)]
pub struct SeededRandom(Mutex<SmallRng>);

impl SeededRandom {
    /// A generator started from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(SmallRng::seed_from_u64(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
    }
}
