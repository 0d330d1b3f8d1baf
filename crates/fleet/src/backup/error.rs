//! Why a backup was not made, or nothing was made of one.

use std::{fmt, io};

use borealis_base::Id26;
use borealis_control::RegistryError;
use borealis_engine::OpenError;

use super::format::Bad;
use crate::FleetError;

/// Why a backup was not made, or nothing was made of one.
#[derive(Debug)]
pub enum BackupError {
    /// No cluster was named, and none is the default one.
    NoDefault,
    /// There is no such cluster.
    Unknown(Id26),
    /// The cluster is being deleted, or the server stops.
    Ending(Id26),
    /// There is a cluster of that identifier already.
    Exists(Id26),
    /// Another restore is under way.
    Busy,
    /// The server keeps nothing, so nothing can be restored into it.
    NoFolder,
    /// The cluster's store could not be read or written.
    Store(String),
    /// The backup could not be written or read.
    Io(io::Error),
    /// The backup is damaged.
    Damaged {
        /// Where in the file, in bytes.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// The backup ends before its end.
    Cut(String),
    /// What the backup says of its cluster cannot be read.
    Description(String),
    /// The clusters as a whole are in the way.
    Fleet(FleetError),
    /// The record of the clusters could not be written.
    Registry(RegistryError),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDefault => f.write_str("there is no default cluster; name one with --cluster ID"),
            Self::Unknown(cluster) => write!(f, "there is no cluster {cluster}"),
            Self::Ending(cluster) => write!(f, "cluster {cluster} is being closed or deleted"),
            Self::Exists(cluster) => write!(f, "there is a cluster {cluster} already; restore under another identifier with --as new"),
            Self::Busy => f.write_str("another backup is being restored; try again when that is done"),
            Self::NoFolder => f.write_str("this server keeps nothing (--memory), so nothing can be restored into it"),
            Self::Store(detail) => f.write_str(detail),
            Self::Io(error) => error.fmt(f),
            Self::Damaged { offset, what } => write!(f, "the backup is damaged at byte {offset}: {what}; nothing was changed"),
            Self::Cut(why) => write!(f, "the backup is not complete: {why}; nothing was changed"),
            Self::Description(detail) => write!(f, "what the backup says of its cluster cannot be read: {detail}; nothing was changed"),
            Self::Fleet(error) => error.fmt(f),
            Self::Registry(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Fleet(error) => Some(error),
            Self::Registry(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Bad> for BackupError {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Io(error) => Self::Io(error),
            Bad::Damaged { offset, what } => Self::Damaged { offset, what },
            Bad::Cut(why) => Self::Cut(why),
        }
    }
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FleetError> for BackupError {
    fn from(error: FleetError) -> Self {
        Self::Fleet(error)
    }
}

impl From<RegistryError> for BackupError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<OpenError> for BackupError {
    fn from(error: OpenError) -> Self {
        Self::Store(error.to_string())
    }
}
