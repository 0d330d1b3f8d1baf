//! What was committed, for whoever follows it: commit by commit, in order, out of the journal.
//!
//! A *follower* is a name and a position: what was committed after it is kept in the journal, checkpoints or not, until the follower has moved on
//! or is gone. The journal and not the data is what is followed, because only the journal knows each commit, its order and its time; the data
//! knows the latest values. A follower that stays behind makes the journal grow, up to
//! [`Limits::followed_bytes_max`](crate::Limits::followed_bytes_max); beyond it the oldest commits are forgotten, and who has not read them is told.
//!
//! The position of a follower is durable when it begins, and from then on with every checkpoint, which is when the journal is truncated. So after a
//! crash a follower's position may be one it has passed already, and never one it has not reached.

use std::fmt;
use std::ops::ControlFlow;

use crate::error::OpenError;
use crate::journal::Journal;
use crate::record::{Malformed, Record};
use crate::{Position, StoreError};

/// Names a follower.
pub type Follower = [u8; 16];

/// What a change replaces, as far as its writer tells those who follow. It is no part of the data: a commit does the same whatever is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Before<V = Vec<u8>> {
    /// Something; nothing is told of it.
    #[default]
    Untold,
    /// Nothing was there.
    Absent,
    /// Something, of which this is told.
    Value(V),
}

impl Before {
    /// The same, borrowed.
    #[must_use]
    pub fn as_deref(&self) -> Before<&[u8]> {
        match self {
            Self::Untold => Before::Untold,
            Self::Absent => Before::Absent,
            Self::Value(told) => Before::Value(told),
        }
    }
}

impl Before<&[u8]> {
    fn to_owned(&self) -> Before {
        match self {
            Self::Untold => Before::Untold,
            Self::Absent => Before::Absent,
            Self::Value(told) => Before::Value(told.to_vec()),
        }
    }
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Its place.
    pub position: Position,
    /// When it was decided, nanoseconds since 1970-01-01 UTC. No two commits have the same, and later ones have later ones unless the clock was set
    /// back while the store was closed. Zero when it was committed by a release that kept no time.
    pub time_ns: i64,
    /// Whether it wrote a catalog descriptor.
    pub catalog: bool,
    /// Every key it changed, ascending, with the net change.
    pub changes: Vec<KeyChange>,
}

/// What a commit did to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// The key.
    pub key: Vec<u8>,
    /// What it replaced, as far as its writer told.
    pub before: Before,
    /// The value since; `None` when the key is gone.
    pub after: Option<Vec<u8>>,
}

/// Why commits cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangesError {
    /// They are no longer in the journal.
    Forgotten {
        /// They were asked for after this.
        after: Position,
    },
    /// There never was such a position: another store is meant.
    Ahead {
        /// They were asked for after this.
        after: Position,
        /// The newest commit.
        newest: Position,
    },
    /// The journal could not be read.
    Unreadable(String),
}

impl fmt::Display for ChangesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forgotten { after } => write!(f, "what was committed after {after} is no longer known"),
            Self::Ahead { after, newest } => write!(f, "nothing was committed up to {after}: the newest commit is {newest}"),
            Self::Unreadable(detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for ChangesError {}

impl From<OpenError> for ChangesError {
    fn from(error: OpenError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<StoreError> for ChangesError {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error.detail)
    }
}

impl Committed {
    fn decode(position: Position, bytes: &[u8]) -> Result<Self, Malformed> {
        let record = Record::decode(bytes)?;
        let changed = |entry: &crate::record::Entry<'_>| {
            let after = entry.change?;
            Some(KeyChange { key: entry.key.to_vec(), before: entry.before.to_owned(), after: after.map(<[u8]>::to_vec) })
        };
        let changes = record.entries.iter().filter_map(changed).collect();
        Ok(Self { position, time_ns: record.time_ns, catalog: record.writes_catalog(), changes })
    }
}

/// The commits after `after` up to `newest`, the latest visible one: at least one when there is one, and no more once they take `bytes_max`.
pub(crate) fn read(journal: &dyn Journal, after: Position, newest: Position, bytes_max: usize) -> Result<Vec<Committed>, ChangesError> {
    if after >= newest {
        return if after == newest { Ok(Vec::new()) } else { Err(ChangesError::Ahead { after, newest }) };
    }
    let (mut found, mut bytes, mut failure) = (Vec::new(), 0, None);
    journal.read(after, &mut |position, record| {
        if position > newest {
            return ControlFlow::Break(());
        }
        if position != after.after(found.len() as u64 + 1) {
            failure = Some(ChangesError::Forgotten { after });
            return ControlFlow::Break(());
        }
        match Committed::decode(position, record) {
            Ok(committed) => found.push(committed),
            Err(malformed) => {
                failure = Some(ChangesError::Unreadable(format!("record {position} of the journal: {}", malformed.0)));
                return ControlFlow::Break(());
            }
        }
        bytes += record.len();
        if bytes >= bytes_max { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match failure {
        Some(failure) => Err(failure),
        // There is something after it, and the journal does not begin early enough to say what.
        None if found.is_empty() => Err(ChangesError::Forgotten { after }),
        None => Ok(found),
    }
}
