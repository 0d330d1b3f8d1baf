//! Rows dealt out by their key into partitions, each small enough to be compared in memory.

use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};

use tempfile::SpooledTempFile;

use super::VerifyReport;
use super::comparison::{Comparison, Deal};
use crate::error::TransferError;

/// How many partitions there are.
const PARTITIONS: usize = 64;
/// How much of a partition stays in memory before it goes to a file.
const SPOOL_BYTES: usize = 512 * 1024;

/// The rows of one side.
pub(super) struct Partitions {
    files: Vec<SpooledTempFile>,
    rows: u64,
}

impl Partitions {
    pub(super) fn new() -> Self {
        Self { files: (0..PARTITIONS).map(|_| SpooledTempFile::new(SPOOL_BYTES)).collect(), rows: 0 }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row, with its place for messages.
    pub(super) fn add(&mut self, deal: &Deal, line: u64, row: &[u8]) -> Result<(), TransferError> {
        let mut hasher = DefaultHasher::new();
        hasher.write(&deal.key(row));
        let partition = usize::try_from(hasher.finish() % PARTITIONS as u64).unwrap_or(0);
        self.rows += 1;
        let file = &mut self.files[partition];
        let written = (|| {
            file.write_all(&line.to_le_bytes())?;
            file.write_all(&(row.len() as u64).to_le_bytes())?;
            file.write_all(row)
        })();
        written.map_err(TransferError::file("cannot write a temporary file"))
    }
}

/// Calls `each` with the place and the row of everything in a partition.
fn each_row(file: &mut SpooledTempFile, mut each: impl FnMut(u64, Vec<u8>)) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    let mut file = BufReader::new(file);
    let mut number = [0; 8];
    loop {
        match file.read_exact(&mut number) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            other => other?,
        }
        let line = u64::from_le_bytes(number);
        file.read_exact(&mut number)?;
        let mut row = vec![0; usize::try_from(u64::from_le_bytes(number)).map_err(io::Error::other)?];
        file.read_exact(&mut row)?;
        each(line, row);
    }
}

/// Compares partition by partition.
pub(super) fn compare(
    deal: &Deal,
    mut left: Partitions,
    mut right: Partitions,
    differences_max: usize,
    report: &mut VerifyReport,
) -> Result<(), TransferError> {
    let failed = || TransferError::file("cannot read a temporary file");
    for (left, right) in left.files.iter_mut().zip(&mut right.files) {
        let mut comparison = Comparison::new(deal, differences_max, report);
        each_row(left, |line, row| comparison.first(line, row)).map_err(failed())?;
        each_row(right, |_, row| comparison.second(&row)).map_err(failed())?;
        comparison.finish();
    }
    Ok(())
}
