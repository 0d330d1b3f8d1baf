//! What can go wrong with clusters as a whole.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use borealis_base::Id26;

/// Something about the clusters of a data folder failed.
#[derive(Debug)]
pub enum FleetError {
    /// Another process has the data folder: stop it, or choose another folder.
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// The process that has it, where it could be read.
        pid: Option<u32>,
    },
    /// A file or folder could not be read or changed.
    Io {
        /// What was being done, and to which file.
        action: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file that describes a cluster is not what this release writes.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A cluster did not open.
    Open {
        /// Which, where that is known.
        cluster: Option<Id26>,
        /// Why.
        source: borealis_engine::OpenError,
    },
    /// No cluster has this endpoint.
    Unknown(Id26),
    /// A cluster that has data of its own cannot become an endpoint of another's.
    HasData(Id26),
    /// Sessions of a cluster did not end in time, so that it could not be closed.
    Busy(Id26),
}

impl FleetError {
    pub(crate) fn io(action: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let action = format!("{action} {}", path.display());
        move |source| Self::Io { action, source }
    }
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { folder, pid } => {
                write!(f, "data folder {} is in use by ", folder.display())?;
                match pid {
                    Some(pid) => write!(f, "process {pid}")?,
                    None => write!(f, "another process")?,
                }
                f.write_str("; stop that server, or choose another folder with --data")
            }
            Self::Io { action, source } => write!(f, "{action}: {source}"),
            Self::Unreadable { path, detail } => write!(f, "{}: {detail}", path.display()),
            Self::Open { cluster: Some(cluster), source } => write!(f, "cluster {cluster}: {source}"),
            Self::Open { cluster: None, source } => source.fmt(f),
            Self::Unknown(cluster) => write!(f, "there is no cluster {cluster}"),
            Self::HasData(cluster) => write!(f, "cluster {cluster} has data of its own and cannot become an endpoint of another cluster"),
            Self::Busy(cluster) => write!(f, "sessions of cluster {cluster} do not end"),
        }
    }
}

impl std::error::Error for FleetError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Open { source, .. } => Some(source),
            Self::InUse { .. } | Self::Unreadable { .. } | Self::Unknown(_) | Self::HasData(_) | Self::Busy(_) => None,
        }
    }
}
