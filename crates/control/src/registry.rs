//! The clusters there are. In memory for reading, and one file each under `DATA/control/clusters` that is replaced whole: a change is
//! written, synced and in place before anybody sees it, and a process killed at any point leaves the old record or the new one.
//!
//! What concerns one cluster is in one file (its tags, policy, streams, and the answers it gave to client tokens), so that no change needs
//! two files to agree. Where two clusters must agree, as multi-Region peers do, each states its own side and the agreement is computed.

mod files;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use borealis_base::{Clock, Id26};

use crate::cluster::{Cluster, Home, Phase, Policy};
use files::Files;

/// Why the registry could not be read or changed.
#[derive(Debug)]
pub enum RegistryError {
    /// The operating system refused.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A record is not what was written. Nothing was changed; the file must be brought back from a backup, or moved away to give the
    /// cluster up.
    Damaged {
        /// The record's file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Another process has the folder open.
    InUse(PathBuf),
    /// There is a cluster of this identifier already.
    Exists(Id26),
    /// There is no cluster of this identifier.
    Unknown(Id26),
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Damaged { path, what } => write!(
                f,
                "{}: {what}; bring the file back from a backup, or move it away to start without that cluster (its storage stays)",
                path.display()
            ),
            Self::InUse(path) => write!(f, "{} is in use by another server; one data folder serves one server", path.display()),
            Self::Exists(id) => write!(f, "there is a cluster {id} already"),
            Self::Unknown(id) => write!(f, "there is no cluster {id}"),
        }
    }
}

impl std::error::Error for RegistryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The clusters there are.
pub struct Registry {
    clock: Arc<dyn Clock>,
    clusters: RwLock<BTreeMap<Id26, Arc<Cluster>>>,
    /// Taken for as long as a change takes: changes are one after the other, readers never wait for a disk.
    files: Mutex<Option<Files>>,
}

impl Registry {
    /// Reads the registry in `folder` (`DATA/control`), which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or another process has it.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, RegistryError> {
        let (files, clusters) = Files::open(folder)?;
        let clusters = clusters.into_iter().map(|cluster| (cluster.id, Arc::new(cluster))).collect();
        Ok(Self { clock, clusters: RwLock::new(clusters), files: Mutex::new(Some(files)) })
    }

    /// A registry that ends with the process.
    #[must_use]
    pub fn in_memory(clock: Arc<dyn Clock>) -> Self {
        Self { clock, clusters: RwLock::default(), files: Mutex::new(None) }
    }

    /// Every cluster, by identifier.
    #[must_use]
    pub fn clusters(&self) -> Vec<Arc<Cluster>> {
        self.read().values().cloned().collect()
    }

    /// A cluster.
    #[must_use]
    pub fn cluster(&self, id: Id26) -> Option<Arc<Cluster>> {
        self.read().get(&id).cloned()
    }

    /// The resource policy of a cluster, when it has one.
    #[must_use]
    pub fn policy(&self, id: Id26) -> Option<Policy> {
        self.read().get(&id)?.policy.clone()
    }

    /// Where a connection goes that names no cluster.
    #[must_use]
    pub fn default_cluster(&self) -> Option<Id26> {
        self.read().values().find(|cluster| cluster.default && cluster.usable()).map(|cluster| cluster.id)
    }

    /// Registers a cluster whose storage exists already, such as the one made at the first start, as the default cluster. One that is known
    /// stays as it is.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn adopt(&self, id: Id26, home: Home) -> Result<Arc<Cluster>, RegistryError> {
        if let Some(known) = self.cluster(id) {
            return Ok(known);
        }
        let now_ms = self.now_ms();
        self.insert(Cluster { default: true, ready_ms: now_ms, phase: Phase::Ready, ..Cluster::new(id, home, now_ms) })
    }

    /// Adds a cluster.
    ///
    /// # Errors
    /// When there is one of its identifier or the record cannot be written; the registry is then as before.
    pub(crate) fn insert(&self, cluster: Cluster) -> Result<Arc<Cluster>, RegistryError> {
        let files = self.writing();
        if self.read().contains_key(&cluster.id) {
            return Err(RegistryError::Exists(cluster.id));
        }
        self.put(&files, cluster)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.unix_micros().div_euclid(1000)
    }

    fn put(&self, files: &Option<Files>, cluster: Cluster) -> Result<Arc<Cluster>, RegistryError> {
        if let Some(files) = files {
            files.write(&cluster)?;
        }
        let cluster = Arc::new(cluster);
        self.clusters.write().unwrap_or_else(PoisonError::into_inner).insert(cluster.id, cluster.clone());
        Ok(cluster)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<Id26, Arc<Cluster>>> {
        self.clusters.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, Option<Files>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
