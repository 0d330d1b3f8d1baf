//! What can be wrong with a history.

use std::fmt;

use super::super::record::{Key, Tag, Value};

/// A breach of snapshot isolation, durability or the database's own constraints. Attempts are named by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are named after what they are
pub enum Violation {
    /// Acknowledged, and gone.
    LostCommit { attempt: u64 },
    /// Refused, and there.
    PhantomCommit { attempt: u64, why: String },
    /// G1a: a value of a transaction that was not committed.
    AbortedRead { reader: u64, value: Value },
    /// G1b: a value that its writer overwrote before it committed.
    IntermediateRead { reader: u64, value: Value },
    /// A value that nobody wrote.
    Unwritten { reader: u64, value: Value },
    /// A row whose columns are not of one version.
    TornRow { reader: u64, value: Value },
    /// A transaction did not see its own change.
    OwnWriteUnseen { attempt: u64, key: Key },
    /// Two reads of one row in one transaction differ.
    Unrepeatable { attempt: u64, key: Key },
    /// Two transactions overwrote the same version.
    LostUpdate { value: Value, writers: [u64; 2] },
    /// Two rows with one primary key.
    TwoRows { key: Key, writers: [u64; 2] },
    /// No row where there was one all the time.
    NoRow { attempt: u64, key: Key },
    /// Two rows with one unique value.
    DuplicateTag { attempt: u64, tag: Tag },
    /// An index and its table disagree.
    WrongIndex { attempt: u64, tag: Tag },
    /// Two transactions at once held a lock that excludes the other.
    SharedLock { value: Value, holders: [u64; 2] },
    /// No order of snapshots and commits explains what was read.
    Cycle { kind: &'static str, path: String },
}

impl Violation {
    /// Its short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::LostCommit { .. } => "lost-commit",
            Self::PhantomCommit { .. } => "phantom-commit",
            Self::AbortedRead { .. } => "G1a",
            Self::IntermediateRead { .. } => "G1b",
            Self::Unwritten { .. } => "unwritten",
            Self::TornRow { .. } => "torn-row",
            Self::OwnWriteUnseen { .. } => "own-write-unseen",
            Self::Unrepeatable { .. } => "unrepeatable-read",
            Self::LostUpdate { .. } => "lost-update",
            Self::TwoRows { .. } => "two-rows",
            Self::NoRow { .. } => "no-row",
            Self::DuplicateTag { .. } => "duplicate-tag",
            Self::WrongIndex { .. } => "wrong-index",
            Self::SharedLock { .. } => "shared-lock",
            Self::Cycle { kind, .. } => kind,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name())?;
        match self {
            Self::LostCommit { attempt } => write!(f, "T{attempt} was acknowledged and is gone"),
            Self::PhantomCommit { attempt, why } => write!(f, "T{attempt} was refused ({why}) and is there"),
            Self::AbortedRead { reader, value } => write!(f, "T{reader} read {value}, which was not committed"),
            Self::IntermediateRead { reader, value } => write!(f, "T{reader} read {value}, which its writer overwrote itself"),
            Self::Unwritten { reader, value } => write!(f, "T{reader} read {value}, which nobody wrote"),
            Self::TornRow { reader, value } => write!(f, "T{reader} read {value} with another version's tag"),
            Self::OwnWriteUnseen { attempt, key } => write!(f, "T{attempt} did not see its own change of key {key}"),
            Self::Unrepeatable { attempt, key } => write!(f, "T{attempt} read key {key} twice and differently"),
            Self::LostUpdate { value, writers: [one, two] } => write!(f, "T{one} and T{two} both overwrote {value}"),
            Self::TwoRows { key, writers: [one, two] } => write!(f, "key {key} had the rows of T{one} and T{two} at once"),
            Self::NoRow { attempt, key } => write!(f, "T{attempt} saw no row of key {key}, and there was one"),
            Self::DuplicateTag { attempt, tag } => write!(f, "T{attempt} saw tag {tag} in two rows"),
            Self::WrongIndex { attempt, tag } => write!(f, "T{attempt} got other rows for tag {tag} by index than by key"),
            Self::SharedLock { value, holders: [one, two] } => write!(f, "T{one} and T{two} both locked {value}"),
            Self::Cycle { path, .. } => f.write_str(path),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {} of T{}.{}", self.key, self.attempt, self.statement)
    }
}
