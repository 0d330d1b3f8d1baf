//! Errors, each named after what its receiver should do.

use std::path::PathBuf;
use std::{fmt, io};

use crate::{Conflict, Position};

/// A store did not open. Nothing was changed, except that a torn tail may have been cut.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has the folder open: stop it, or choose another folder.
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// The process that has it, where it could be read.
        pid: Option<u32>,
    },
    /// The folder was written by a version of Borealis that this one does not read.
    Version {
        /// The file that says so.
        file: String,
        /// The version found there.
        found: u32,
        /// The only version this program reads.
        supported: u32,
    },
    /// Something that had been written durably is gone or changed. Restore the folder from a backup.
    Damaged(Damage),
    /// The operating system refused.
    Io {
        /// What was being done, and to which file.
        action: String,
        /// What it said.
        source: io::Error,
    },
}

/// What is lost, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The damaged or missing file.
    pub file: String,
    /// Where in the file, in bytes.
    pub offset: u64,
    /// The first position that is lost.
    pub first_lost: Position,
    /// The last position that is known to be lost, where it can be told.
    pub last_lost: Option<Position>,
    /// What was found.
    pub detail: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}; lost: ", self.file, self.offset, self.detail)?;
        match self.last_lost {
            Some(last) if last == self.first_lost => write!(f, "commit {last}"),
            Some(last) => write!(f, "commits {} to {last}", self.first_lost),
            None => write!(f, "commits from {} on", self.first_lost),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { folder, pid: Some(pid) } => write!(f, "data folder {} is in use by process {pid}", folder.display()),
            Self::InUse { folder, pid: None } => write!(f, "data folder {} is in use by another process", folder.display()),
            Self::Version { file, found, supported } => {
                write!(f, "{file} has format version {found}; this program reads version {supported}")
            }
            Self::Damaged(damage) => write!(f, "the store is damaged: {damage}"),
            Self::Io { action, source } => write!(f, "{action}: {source}"),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::InUse { .. } | Self::Version { .. } | Self::Damaged(_) => None,
        }
    }
}

/// A read failed. The transaction is still usable; whatever was asked has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    /// What was being done and what the base store said.
    pub detail: String,
}

impl StoreError {
    pub(crate) fn new(action: &str, source: &heed::Error) -> Self {
        Self { detail: format!("{action}: {source}") }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for StoreError {}

/// A commit did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitError {
    /// Another transaction won: retry from a new snapshot.
    Conflict(Conflict),
    /// The node can not commit. Whether this transaction did is in [`Unavailable::outcome`].
    Unavailable(Unavailable),
    /// The transaction is larger than a limit of the store: nothing was committed, and a retry would not help.
    TooLarge {
        /// Which limit.
        what: TooLarge,
        /// The size found, in bytes.
        bytes: usize,
        /// The largest size allowed, in bytes.
        limit: usize,
    },
}

/// Which limit a transaction exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLarge {
    /// A key is longer than [`crate::Store::MAX_KEY_BYTES`].
    Key,
    /// The whole commit record is longer than [`crate::Limits::record_bytes_max`].
    Record,
}

/// The node can not commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// Whether the transaction was committed.
    pub outcome: Outcome,
    /// What keeps the node from committing.
    pub cause: Cause,
    /// The words of whoever refused.
    pub detail: String,
}

/// What is known about a commit that got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not committed, and never will be.
    NotCommitted,
    /// May or may not be there after a restart.
    Unknown,
}

/// What keeps a node from committing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No space left: later commits work once there is space.
    DiskFull,
    /// The journal refused for another reason; later commits may work.
    Io,
    /// A flush to disk failed once. What the kernel did with the data is unknowable, so nothing is accepted until a restart.
    Stopped,
    /// The store has been closed.
    Closed,
    /// Others kept winning the race for the journal's tail.
    Contended,
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(conflict) => write!(f, "the commit at position {} wins", conflict.winner),
            Self::Unavailable(unavailable) => write!(f, "the store can not commit: {}", unavailable.detail),
            Self::TooLarge { what: TooLarge::Key, bytes, limit } => write!(f, "a key has {bytes} bytes, the limit is {limit}"),
            Self::TooLarge { what: TooLarge::Record, bytes, limit } => {
                write!(f, "the transaction takes {bytes} bytes of the journal, the limit is {limit}")
            }
        }
    }
}

impl std::error::Error for CommitError {}
