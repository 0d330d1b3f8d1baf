//! A file that is read again whenever it has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

/// The contents of a file, followed: what another process writes counts from the next look on.
///
/// A file that has become unreadable changes nothing: what was read last stays, so that an editor's half-saved file locks nobody out.
#[derive(Debug)]
pub(crate) struct Live<T> {
    path: PathBuf,
    state: RwLock<(Option<FileStamp>, Arc<T>)>,
}

impl<T> Live<T> {
    /// Reads the file with `load`.
    pub(crate) fn load<E>(path: &Path, load: impl Fn(&Path) -> Result<T, E>) -> Result<Self, E> {
        // The stamp is taken first: a change between the two reads is seen as one at the next look, never missed.
        let stamp = FileStamp::of(path);
        Ok(Self { path: path.to_owned(), state: RwLock::new((stamp, Arc::new(load(path)?))) })
    }

    /// What the file holds now.
    pub(crate) fn get<E>(&self, load: impl Fn(&Path) -> Result<T, E>) -> Arc<T> {
        let stamp = FileStamp::of(&self.path);
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if state.0 == stamp {
                return state.1.clone();
            }
        }
        let loaded = load(&self.path);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let Ok(contents) = loaded {
            *state = (stamp, Arc::new(contents));
        }
        state.1.clone()
    }
}

/// What changes whenever a file does. The inode makes a replacement within one tick of the file system's clock visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileStamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl FileStamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), bytes: metadata.len(), inode: inode(&metadata) })
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}
