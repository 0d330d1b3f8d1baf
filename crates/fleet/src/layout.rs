//! The clusters of a data folder: what lies where.
//!
//! ```text
//! LOCK                          held with flock while a server uses the folder
//! clusters/default-cluster      the id of the cluster for connections that name none
//! clusters/<id>/cluster.json    what the folder holds
//! clusters/<id>/…               the store of the cluster, see docs/formats/store.md
//! clusters/.new-<id>/           a cluster in the making
//! clusters/.gone-<id>/          a cluster being removed
//! ```
//!
//! # Why a crash at any point is harmless
//! A cluster exists exactly if the folder of its name does. It is put there whole, by renaming it from `.new-`, and leaves at once, by renaming it to
//! `.gone-`; a rename and the flush of the folder around it are what a creation and a deletion are durable by. What begins with a dot is the remains
//! of one that a crash cut short, and is removed at the next start. Files are replaced whole in the same way.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use borealis_base::Id26;
use borealis_dialect::Dialect;
use borealis_storage::folder::{FolderLock, make_folder, sync_folder};
use serde::{Deserialize, Serialize};

use crate::FleetError;

const CLUSTER_FILE: &str = "cluster.json";
const DEFAULT_FILE: &str = "default-cluster";
/// The only cluster of older data folders, whose name its folder did not tell.
const UNNAMED: &str = "default";
const NEW: &str = ".new-";
const GONE: &str = ".gone-";

/// Version of `cluster.json`.
const FORMAT_VERSION: u32 = 1;

/// The folder of all clusters, which this process has to itself.
#[derive(Debug)]
pub struct Layout {
    clusters: PathBuf,
    _lock: FolderLock,
}

/// What the folder of a cluster holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Nothing yet: the first opening makes the store, with this dialect.
    Unmade(Dialect),
    /// A store.
    Made,
    /// A store whose own endpoint is gone: other endpoints share it.
    Retired,
    /// No store: an endpoint of another cluster's.
    Shared(Id26),
}

/// `cluster.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterFile {
    format: u32,
    store: Store,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dialect: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Store {
    Unmade,
    Made,
    Retired,
    Shared,
}

impl Layout {
    /// Locks a data folder, made if it is not there, and removes what a crash left of clusters in the making and clusters being removed.
    ///
    /// # Errors
    /// [`FleetError::InUse`] when another process has it.
    pub fn open(data: &Path) -> Result<Self, FleetError> {
        let clusters = data.join("clusters");
        make_folder(&clusters).map_err(FleetError::io("making folder", &clusters))?;
        let lock = FolderLock::take(data).map_err(|error| match error {
            borealis_storage::OpenError::InUse { folder, pid } => FleetError::InUse { folder, pid },
            source => FleetError::Open { cluster: None, source: borealis_engine::OpenError::Store(source) },
        })?;
        let layout = Self { clusters, _lock: lock };
        layout.sweep()?;
        Ok(layout)
    }

    /// The folder of a cluster.
    pub(crate) fn folder(&self, cluster: Id26) -> PathBuf {
        self.clusters.join(cluster.to_string())
    }

    /// The folder of a cluster from before clusters had names, if it is still there.
    pub(crate) fn unnamed(&self) -> Option<PathBuf> {
        Some(self.clusters.join(UNNAMED)).filter(|folder| folder.is_dir())
    }

    /// Gives the cluster from before clusters had names its own, and makes it the default one.
    pub(crate) fn name(&self, cluster: Id26) -> Result<(), FleetError> {
        // First, so that a crash in between does not lose which one it was.
        self.set_default_cluster(Some(cluster))?;
        self.rename(&self.clusters.join(UNNAMED), &self.folder(cluster))
    }

    /// All clusters, and the databases whose own endpoint is gone.
    pub(crate) fn list(&self) -> Result<Vec<(Id26, Content)>, FleetError> {
        let mut found = Vec::new();
        for name in self.names()? {
            match name.parse::<Id26>() {
                Ok(cluster) => found.push((cluster, self.content(cluster)?)),
                Err(_) if [DEFAULT_FILE, UNNAMED].contains(&name.as_str()) => {}
                Err(_) => tracing::warn!(%name, folder = %self.clusters.display(), "this is not the name of a cluster and is left alone"),
            }
        }
        Ok(found)
    }

    fn names(&self) -> Result<Vec<String>, FleetError> {
        let failed = |source| FleetError::io("reading folder", &self.clusters)(source);
        let entries = fs::read_dir(&self.clusters).map_err(failed)?;
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        let mut names = names.collect::<io::Result<Vec<_>>>().map_err(failed)?;
        names.sort();
        Ok(names)
    }

    /// What the folder of a cluster holds. One without the file was put there by hand, whole.
    pub(crate) fn content(&self, cluster: Id26) -> Result<Content, FleetError> {
        let path = self.folder(cluster).join(CLUSTER_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Made),
            Err(error) => return Err(FleetError::io("reading", &path)(error)),
        };
        decode(&text).map_err(|detail| FleetError::Unreadable { path, detail })
    }

    /// Whether a store that was made is still there.
    pub(crate) fn has_store(&self, cluster: Id26) -> bool {
        self.folder(cluster).join("store").is_dir()
    }

    /// Makes the folder of a cluster; durable on return.
    pub(crate) fn create(&self, cluster: Id26, content: Content) -> Result<(), FleetError> {
        let fresh = self.begin(cluster)?;
        self.write(&fresh.join(CLUSTER_FILE), &encode(content))?;
        self.finish(cluster)
    }

    /// An empty folder in which a cluster is made, before it is put in its place.
    pub(crate) fn begin(&self, cluster: Id26) -> Result<PathBuf, FleetError> {
        let fresh = self.clusters.join(format!("{NEW}{cluster}"));
        remove_all(&fresh)?;
        fs::create_dir(&fresh).map_err(FleetError::io("making folder", &fresh))?;
        Ok(fresh)
    }

    /// Puts the folder that [`Layout::begin`] gave in its place; durable on return.
    pub(crate) fn finish(&self, cluster: Id26) -> Result<(), FleetError> {
        let fresh = self.clusters.join(format!("{NEW}{cluster}"));
        sync_folder(&fresh).map_err(FleetError::io("flushing", &fresh))?;
        self.rename(&fresh, &self.folder(cluster))
    }

    /// Notes in the folder that [`Layout::begin`] gave that it has a store now.
    pub(crate) fn seal(&self, cluster: Id26) -> Result<(), FleetError> {
        self.write(&self.clusters.join(format!("{NEW}{cluster}")).join(CLUSTER_FILE), &encode(Content::Made))
    }

    /// Removes the folder that [`Layout::begin`] gave, if it is still there; what cannot be removed the next start removes.
    pub(crate) fn abandon(&self, cluster: Id26) {
        let fresh = self.clusters.join(format!("{NEW}{cluster}"));
        if let Err(error) = remove_all(&fresh) {
            tracing::warn!(%error, "what is left of a cluster that was not made stays until the next start");
        }
    }

    /// Notes what the folder of a cluster holds from now on; durable on return.
    pub(crate) fn mark(&self, cluster: Id26, content: Content) -> Result<(), FleetError> {
        self.write(&self.folder(cluster).join(CLUSTER_FILE), &encode(content))
    }

    /// Removes a cluster; durable on return, and no matter if it is not there.
    pub(crate) fn remove(&self, cluster: Id26) -> Result<(), FleetError> {
        let (folder, gone) = (self.folder(cluster), self.clusters.join(format!("{GONE}{cluster}")));
        remove_all(&gone)?;
        if folder.is_dir() {
            self.rename(&folder, &gone)?;
            remove_all(&gone)?;
        }
        Ok(())
    }

    /// The cluster for connections that name none.
    pub(crate) fn default_cluster(&self) -> Result<Option<Id26>, FleetError> {
        let path = self.clusters.join(DEFAULT_FILE);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let detail =
                    |_| "this is not the name of a cluster; remove the file, and the next start makes a new default cluster".to_owned();
                text.trim().parse().map(Some).map_err(|invalid| FleetError::Unreadable { path, detail: detail(invalid) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FleetError::io("reading", &path)(error)),
        }
    }

    /// Sets or forgets it; durable on return.
    pub(crate) fn set_default_cluster(&self, cluster: Option<Id26>) -> Result<(), FleetError> {
        let path = self.clusters.join(DEFAULT_FILE);
        match cluster {
            Some(cluster) => self.write(&path, &format!("{cluster}\n")),
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FleetError::io("removing", &path)(error)),
                _ => sync_folder(&self.clusters).map_err(FleetError::io("flushing", &self.clusters)),
            },
        }
    }

    fn sweep(&self) -> Result<(), FleetError> {
        for name in self.names()?.iter().filter(|name| name.starts_with(NEW) || name.starts_with(GONE)) {
            remove_all(&self.clusters.join(name))?;
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), FleetError> {
        let renamed = fs::rename(from, to).and_then(|()| sync_folder(&self.clusters));
        renamed.map_err(FleetError::io(&format!("renaming {} to", from.display()), to))
    }

    /// Replaces a file whole: a reader, and whoever comes after a crash, sees the old or the new one.
    fn write(&self, path: &Path, text: &str) -> Result<(), FleetError> {
        let fresh = path.with_extension("new");
        let written = File::create(&fresh).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, path)?;
            sync_folder(path.parent().unwrap_or(&self.clusters))
        });
        written.map_err(FleetError::io("writing", path))
    }
}

fn remove_all(folder: &Path) -> Result<(), FleetError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FleetError::io("removing", folder)(error)),
        _ => Ok(()),
    }
}

fn encode(content: Content) -> String {
    let mut file = ClusterFile { format: FORMAT_VERSION, store: Store::Made, dialect: None, of: None };
    match content {
        Content::Unmade(dialect) => (file.store, file.dialect) = (Store::Unmade, Some(dialect.to_string())),
        Content::Made => {}
        Content::Retired => file.store = Store::Retired,
        Content::Shared(other) => (file.store, file.of) = (Store::Shared, Some(other.to_string())),
    }
    serde_json::to_string(&file).expect("a cluster file holds nothing that JSON cannot") + "\n"
}

fn decode(text: &str) -> Result<Content, String> {
    let file: ClusterFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.format != FORMAT_VERSION {
        return Err(format!("this has format version {}; this program reads version {FORMAT_VERSION}", file.format));
    }
    let missing = |what: &str| format!("the field \"{what}\" is missing or cannot be read");
    match file.store {
        Store::Unmade => file.dialect.and_then(|dialect| dialect.parse().ok()).map(Content::Unmade).ok_or_else(|| missing("dialect")),
        Store::Made => Ok(Content::Made),
        Store::Retired => Ok(Content::Retired),
        Store::Shared => file.of.and_then(|other| other.parse().ok()).map(Content::Shared).ok_or_else(|| missing("of")),
    }
}

#[cfg(test)]
mod tests;
