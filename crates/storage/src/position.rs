//! The place of a commit in the journal.

use std::fmt;

/// A place in the journal, and the only clock of the data: the record at position `p` is the `p`-th commit since the store was made.
///
/// Positions are dense: the commit after `p` has position `p + 1`. A snapshot is a position, and sees every commit at or below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before everything: the position of an empty store.
    pub const ZERO: Self = Self(0);

    /// The position `count` places later.
    ///
    /// # Panics
    /// Past 2^64 commits, which at a million a second is 584,000 years.
    #[must_use]
    pub const fn after(self, count: u64) -> Self {
        Self(self.0.checked_add(count).expect("fewer than 2^64 commits"))
    }

    /// The next position.
    #[must_use]
    pub const fn next(self) -> Self {
        self.after(1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
