//! The file that a dump is written to: there is all of it under its name, or nothing.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use crate::error::TransferError;

/// How much is gathered before it is written.
const WRITE_BYTES: usize = 256 * 1024;

/// How hard gzip tries, from 1 to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GzipLevel(u32);

impl GzipLevel {
    /// A level; `None` beyond those that there are.
    #[must_use]
    pub fn new(level: u32) -> Option<Self> {
        (1..=9).contains(&level).then_some(Self(level))
    }
}

impl Default for GzipLevel {
    /// What the command gzip does.
    fn default() -> Self {
        Self(6)
    }
}

/// Where a dump goes. It has to be [finished](DumpFile::finish); one that is dropped before leaves no file, and what was there before stays.
pub struct DumpFile {
    sink: Sink,
    /// The name that the file gets in the end.
    name: Option<PathBuf>,
}

enum Sink {
    Plain(BufWriter<Place>),
    Gzip(GzEncoder<BufWriter<Place>>),
}

enum Place {
    Stdout(io::Stdout),
    /// In the same folder, under another name.
    File(NamedTempFile),
    /// A pipe or a device, which has nothing to be kept.
    Special(File),
}

impl DumpFile {
    /// A file, or stdout without a path.
    ///
    /// # Errors
    /// When the file cannot be made where it is to be.
    pub fn create(path: Option<&Path>, gzip: Option<GzipLevel>) -> Result<Self, TransferError> {
        let (place, name) = match path {
            None => (Place::Stdout(io::stdout()), None),
            Some(path) => {
                let failed = TransferError::file(format!("cannot write {}", path.display()));
                let (place, name) = open(path).map_err(failed)?;
                (place, Some(name))
            }
        };
        let place = BufWriter::with_capacity(WRITE_BYTES, place);
        let sink = match gzip {
            None => Sink::Plain(place),
            Some(GzipLevel(level)) => Sink::Gzip(GzEncoder::new(place, flate2::Compression::new(level))),
        };
        Ok(Self { sink, name })
    }

    /// Writes what is left, has it reach the disk, and gives the file its name.
    ///
    /// # Errors
    /// When one of these fails; then there is no file.
    pub fn finish(self) -> Result<(), TransferError> {
        let what = self.name.as_ref().map_or_else(|| "cannot write the dump".to_owned(), |name| format!("cannot write {}", name.display()));
        finish(self.sink, self.name.as_deref()).map_err(TransferError::file(what))
    }
}

fn open(path: &Path) -> io::Result<(Place, PathBuf)> {
    // A link goes on pointing at the file.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if std::fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return Ok((Place::Special(File::options().write(true).open(&path)?), path));
    }
    let name = path.file_name().filter(|_| !path.is_dir()).ok_or(io::ErrorKind::IsADirectory)?;
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    // As any new file, not as a secret one.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    Ok((Place::File(builder.tempfile_in(folder(&path))?), path))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn finish(sink: Sink, name: Option<&Path>) -> io::Result<()> {
    let buffer = match sink {
        Sink::Plain(buffer) => buffer,
        Sink::Gzip(encoder) => encoder.finish()?,
    };
    match (buffer.into_inner().map_err(io::IntoInnerError::into_error)?, name) {
        (Place::File(file), Some(name)) => {
            file.as_file().sync_all()?;
            file.persist(name)?;
            // The name is the folder's, which has to reach the disk as well.
            if cfg!(unix) { File::open(folder(name))?.sync_all() } else { Ok(()) }
        }
        (mut place, _) => place.flush(),
    }
}

impl Write for DumpFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Plain(sink) => sink.write(bytes),
            Sink::Gzip(sink) => sink.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Plain(sink) => sink.flush(),
            // A flush would cut the stream into blocks; what is left is written at the end.
            Sink::Gzip(_) => Ok(()),
        }
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(place) => place.write(bytes),
            Self::File(place) => place.write(bytes),
            Self::Special(place) => place.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(place) => place.flush(),
            Self::File(place) => place.flush(),
            Self::Special(place) => place.flush(),
        }
    }
}

impl std::fmt::Debug for DumpFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DumpFile").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
