//! What takes the records of a stream.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::feed::FeedError;
use crate::stream::FailureCode;

/// Takes records, all of them or (as far as anybody may rely on it) none.
pub(super) trait Sink: Send {
    fn deliver(&mut self, records: &[String]) -> Result<(), SinkError>;
}

/// Why records were not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SinkError {
    pub(crate) code: FailureCode,
    pub(crate) reason: String,
}

impl SinkError {
    pub(super) fn new(code: FailureCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

impl From<FeedError> for SinkError {
    fn from(error: FeedError) -> Self {
        Self::new(FailureCode::InternalError, error.0)
    }
}

/// A file with one record a line; what was delivered is on the disk.
pub(super) struct FileSink {
    path: PathBuf,
    file: File,
}

impl FileSink {
    pub(super) fn open(path: &Path) -> Result<Self, SinkError> {
        let opened = OpenOptions::new().create(true).read(true).append(true).open(path);
        let mut sink = Self { path: path.to_owned(), file: opened.map_err(|error| failure(path, &error))? };
        sink.append(&[]).map_err(|error| failure(path, &error))?;
        Ok(sink)
    }

    /// Appends whole lines. Several streams may have one file: each has it to itself while it writes.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.lock()?;
        let written = self.cut_torn_line().and_then(|()| self.file.write_all(lines)).and_then(|()| self.file.sync_data());
        let unlocked = self.file.unlock();
        written.and(unlocked)
    }

    /// A process that was killed while it wrote leaves part of a record behind, which comes again whole.
    fn cut_torn_line(&mut self) -> io::Result<()> {
        let mut end = self.file.metadata()?.len();
        let mut block = [0; 8192];
        let whole = loop {
            let start = end.saturating_sub(block.len() as u64);
            let part = &mut block[..usize::try_from(end - start).expect("at most a block")];
            self.file.seek(SeekFrom::Start(start))?;
            self.file.read_exact(part)?;
            match part.iter().rposition(|byte| *byte == b'\n') {
                Some(place) => break start + place as u64 + 1,
                None if start == 0 => break 0,
                None => end = start,
            }
        };
        if whole < self.file.metadata()?.len() { self.file.set_len(whole) } else { Ok(()) }
    }
}

impl Sink for FileSink {
    fn deliver(&mut self, records: &[String]) -> Result<(), SinkError> {
        let mut lines = records.join("\n");
        lines.push('\n');
        self.append(lines.as_bytes()).map_err(|error| failure(&self.path, &error))
    }
}

fn failure(path: &Path, error: &io::Error) -> SinkError {
    let code = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => FailureCode::KinesisStreamNotFound,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => FailureCode::KinesisAccessDenied,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FailureCode::KinesisThroughputExceeded,
        io::ErrorKind::FileTooLarge => FailureCode::KinesisOversizeRecord,
        _ => FailureCode::InternalError,
    };
    SinkError::new(code, format!("{}: {error}", path.display()))
}
