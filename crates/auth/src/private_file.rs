//! Files that nobody else may read: replaced whole, edited by one at a time.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use borealis_base::Random;
use data_encoding::HEXLOWER;

/// Waits until no other process edits the file, and keeps others from it until the answer is dropped. The lock is a file of its own, since the one it
/// guards is replaced by each edit.
pub(crate) fn lock(path: &Path) -> io::Result<fs::File> {
    fs::create_dir_all(folder_of(path))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path.with_extension("lock"))?;
    file.lock()?;
    Ok(file)
}

/// Writes the file beside, syncs it and renames it, with mode 0600 from its first byte on.
pub(crate) fn replace(path: &Path, text: &str, random: &dyn Random) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut unique = [0; 8];
    random.fill(&mut unique);
    let beside = path.with_extension(format!("{}.tmp", HEXLOWER.encode(&unique)));
    let written = write_new(&beside, text).and_then(|()| fs::rename(&beside, path)).and_then(|()| sync_folder(folder));
    if written.is_err() {
        // The first error is the one to report; what is left over holds a secret and must not stay.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
