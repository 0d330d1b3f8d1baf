//! The clusters there are. In memory for reading, and one file each under `DATA/control/clusters` that is replaced whole: a change is
//! written, synced and in place before anybody sees it, and a process killed at any point leaves the old record or the new one.
//!
//! What concerns one cluster is in one file (its tags, policy, streams, and the answers it gave to client tokens), so that no change needs
//! two files to agree. Where two clusters must agree, as multi-Region peers do, each states its own side and the agreement is computed.

mod files;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use borealis_base::{Clock, Id26};

use crate::cluster::{Cluster, Home, Phase, Properties};
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
        let writing = self.write();
        if let Some(known) = writing.get(id) {
            return Ok(known);
        }
        let now_ms = self.now_ms();
        writing.put(Cluster { default: true, ready_ms: now_ms, phase: Phase::Ready, ..Cluster::new(id, home, now_ms) })
    }

    /// Registers a cluster that `place` puts in its place from a backup. A process killed in between leaves a record from which the next start sees
    /// whether the cluster is there; nobody else changes anything meanwhile.
    ///
    /// # Errors
    /// What `place` says, or when the record cannot be written. The registry is then as before.
    pub fn restore<E: From<RegistryError>>(
        &self,
        id: Id26,
        properties: Properties,
        default: bool,
        place: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let writing = self.write();
        let record = Cluster::restored(id, properties, default, self.now_ms());
        writing.put(record.clone())?;
        if let Err(error) = place() {
            writing.remove(id)?;
            return Err(error);
        }
        writing.put(Cluster { phase: Phase::Ready, ..record })?;
        Ok(())
    }

    /// Takes the registry for a change: nobody else changes anything until the answer is dropped.
    pub(crate) fn write(&self) -> Writing<'_> {
        Writing { registry: self, files: self.files.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// What `pick` takes of the clusters whose identifiers come after one, in the order of these.
    pub(crate) fn after<T>(&self, id: Option<Id26>, pick: impl FnOnce(&mut dyn Iterator<Item = &Arc<Cluster>>) -> T) -> T {
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        pick(&mut self.read().range((start, Bound::Unbounded)).map(|(_, cluster)| cluster))
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.unix_micros().div_euclid(1000)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Id26, Arc<Cluster>>> {
        self.clusters.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self) -> RwLockWriteGuard<'_, BTreeMap<Id26, Arc<Cluster>>> {
        self.clusters.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The registry while one change is made to it.
pub(crate) struct Writing<'a> {
    registry: &'a Registry,
    files: MutexGuard<'a, Option<Files>>,
}

impl Writing<'_> {
    /// A cluster.
    pub(crate) fn get(&self, id: Id26) -> Option<Arc<Cluster>> {
        self.registry.cluster(id)
    }

    /// The cluster of an identifier that a client sent; one that is no identifier names none.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Cluster>> {
        self.get(id.parse().ok()?)
    }

    /// Every cluster, by identifier.
    pub(crate) fn all(&self) -> Vec<Arc<Cluster>> {
        self.registry.clusters()
    }

    /// Records a cluster; durable on return, and seen by readers only then.
    ///
    /// # Errors
    /// When the record cannot be written; the registry is then as before.
    pub(crate) fn put(&self, cluster: Cluster) -> Result<Arc<Cluster>, RegistryError> {
        if let Some(files) = &*self.files {
            files.write(&cluster)?;
        }
        let cluster = Arc::new(cluster);
        self.registry.publish().insert(cluster.id, cluster.clone());
        Ok(cluster)
    }

    /// Forgets a cluster.
    ///
    /// # Errors
    /// When the record cannot be removed; the registry is then as before.
    pub(crate) fn remove(&self, id: Id26) -> Result<(), RegistryError> {
        if let Some(files) = &*self.files {
            files.remove(id)?;
        }
        self.registry.publish().remove(&id);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
