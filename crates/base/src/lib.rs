//! What every crate of Borealis may use and nothing else may provide: time, randomness, threads and tasks, secrets that cannot be
//! printed, and the 26-character identifiers of clusters and jobs.
//!
//! Determinism is designed here: a component that takes a [`Clock`] and a [`Random`] can be simulated with a seed. `clippy.toml` bans
//! the standard library's own clock, random and spawn functions everywhere but in this crate.

pub mod clock;
pub mod id;
pub mod random;
pub mod redact;
pub mod task;

pub use clock::{Clock, ManualClock, SystemClock};
pub use id::Id26;
pub use random::{OsRandom, Random, SeededRandom};
pub use redact::Redacted;
