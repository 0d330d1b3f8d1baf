//! What the sessions of a run asked and were answered: the history that is checked.

use std::collections::BTreeSet;

/// A row's primary key.
pub type Key = u8;
/// The unique value of a column `tag`, which a unique index keeps.
pub type Tag = u16;
/// A place in the order in which this process sent requests and took answers; no two events have the same.
pub type Tick = u64;

/// What a row holds, different in every version of every row: so a value read says who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// The attempt that wrote it.
    pub attempt: u64,
    /// Which of the attempt's statements.
    pub statement: u8,
    /// The row's key.
    pub key: Key,
}

impl Value {
    /// The number in the column; it lies in `bigint` for every attempt of a run.
    #[must_use]
    pub fn number(self) -> u64 {
        Self::base(self.attempt, self.statement) + u64::from(self.key)
    }

    /// The value of `number`.
    #[must_use]
    pub fn of(number: u64) -> Self {
        let [.., statement, key] = number.to_be_bytes();
        Self { attempt: number >> 16, statement, key }
    }

    /// What a statement over several rows adds each row's key to.
    #[must_use]
    pub fn base(attempt: u64, statement: u8) -> u64 {
        (attempt << 16) | (u64::from(statement) << 8)
    }
}

/// A version of a row, as read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Who wrote it.
    pub value: Value,
    /// Its tag.
    pub tag: Option<Tag>,
}

/// How firmly a row was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// `FOR UPDATE`.
    Update,
    /// `FOR KEY SHARE`.
    KeyShare,
}

/// What a statement told about one row, or about a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The row as it is, `None` when there is none.
    Read {
        /// Its key.
        key: Key,
        /// What was there.
        seen: Option<Version>,
    },
    /// A read that locks.
    Lock {
        /// Its key.
        key: Key,
        /// What was there.
        seen: Option<Version>,
        /// How firmly.
        strength: Strength,
    },
    /// A change.
    Write {
        /// The row's key.
        key: Key,
        /// What was overwritten.
        before: Option<Value>,
        /// What is there now.
        after: Option<Version>,
    },
    /// The rows of a tag, through its index.
    ByTag {
        /// The tag.
        tag: Tag,
        /// The rows.
        rows: Vec<(Key, Value)>,
    },
    /// All rows; keys that are not among them have none.
    Scan {
        /// The rows.
        rows: Vec<(Key, Version)>,
    },
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// COMMIT was answered with COMMIT.
    Committed,
    /// Refused, rolled back, or lost before COMMIT was sent.
    Aborted(String),
    /// COMMIT was sent and never answered.
    Unknown,
}

/// One try at a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number; 0 filled the table before the run.
    pub id: u64,
    /// Before its first request was sent: the snapshot is not older.
    pub begun: Tick,
    /// When its first answer was there: the snapshot is not younger.
    pub snapshot_by: Tick,
    /// Before COMMIT was sent.
    pub committing: Tick,
    /// When COMMIT was answered; the end of the attempt otherwise.
    pub ended: Tick,
    /// How.
    pub outcome: Outcome,
    /// It adds its number to the ledger, which tells afterwards whether it was committed.
    pub in_ledger: bool,
    /// It is a single statement outside of a block: what it wrote is not known when its answer is lost.
    pub lone: bool,
    /// What it was told.
    pub events: Vec<Event>,
}

/// A run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// How many keys the table may have: 0 to this.
    pub keys: Key,
    /// Every attempt; the last one reads what the run left behind.
    pub attempts: Vec<Attempt>,
    /// The attempts that the ledger has at the end.
    pub ledger: BTreeSet<u64>,
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn a_value_tells_who_wrote_it() {
        let value = Value { attempt: 70_000, statement: 3, key: 200 };
        assert_eq!(Value::of(value.number()), value);
        assert_eq!(value.number(), Value::base(70_000, 3) + 200);
    }
}
