//! A store's folder: its layout, and who may use it.
//!
//! ```text
//! LOCK       held with flock while the store is open; names the process for whoever comes second
//! store/     the base store, an LMDB environment
//! journal/   the segments of the journal
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use borealis_base::Random;
use rustix::fs::{FlockOperation, flock};

use crate::error::OpenError;

/// The folders of a store that is open, and the lock on them.
pub(crate) struct DataFolder {
    pub(crate) base: PathBuf,
    pub(crate) journal: PathBuf,
    pub(crate) lock: FolderLock,
}

/// Keeps other processes out of a folder for as long as it lives. The operating system releases it with the process, however that ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl DataFolder {
    /// Makes the folders that are missing, and locks them.
    pub(crate) fn open(root: &Path) -> Result<Self, OpenError> {
        let (base, journal) = (root.join("store"), root.join("journal"));
        for folder in [root, &base, &journal] {
            make_folder(folder).map_err(|source| OpenError::Io { action: format!("making folder {}", folder.display()), source })?;
        }
        let lock = FolderLock::take(root)?;
        Ok(Self { base, journal, lock })
    }
}

/// Makes a folder and those above it, durably: a folder lost in a crash would take its files along.
///
/// # Errors
/// When one cannot be made.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(parent)?;
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {} // another process was quicker
        result => result?,
    }
    sync_folder(parent)
}

/// Makes the names in a folder durable.
///
/// # Errors
/// When the folder cannot be opened or flushed.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

impl FolderLock {
    /// Locks a folder, which must exist, by its file `LOCK`.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when somebody has it, naming the process where that can be read; [`OpenError::Io`] when the file cannot be made.
    pub fn take(root: &Path) -> Result<Self, OpenError> {
        let path = root.join("LOCK");
        let failed = |source: io::Error| OpenError::Io { action: format!("locking {}", path.display()), source };
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(OpenError::InUse { folder: root.to_owned(), pid: read_pid(&mut file) });
            }
            Err(errno) => return Err(failed(errno.into())),
        }
        write_pid(&mut file).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

/// A folder for a store in memory, under the system's folder for temporary files.
pub(crate) struct TemporaryFolder(pub(crate) PathBuf);

impl TemporaryFolder {
    pub(crate) fn make(random: &dyn Random) -> Result<Self, OpenError> {
        let path = std::env::temp_dir().join(format!("borealis-{}-{:016x}", std::process::id(), random.next_u64()));
        std::fs::create_dir(&path).map_err(|source| OpenError::Io { action: format!("making folder {}", path.display()), source })?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "could not remove a temporary folder");
        }
    }
}
