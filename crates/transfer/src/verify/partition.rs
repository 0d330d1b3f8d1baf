//! Rows dealt out by their key into partitions, each small enough to be compared in memory.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};

use tempfile::SpooledTempFile;

use super::{Difference, DifferenceKind, VerifyReport, shown, shown_value};
use crate::error::TransferError;
use borealis_pgtypes::copy_text;

/// How many partitions there are.
const PARTITIONS: usize = 64;
/// How much of a partition stays in memory before it goes to a file.
const SPOOL_BYTES: usize = 512 * 1024;

/// By what rows are told apart.
pub(super) struct Deal {
    /// The columns, in the order of a row's values.
    pub(super) columns: Vec<String>,
    /// The places of the key; the whole row when empty.
    pub(super) key: Vec<usize>,
}

impl Deal {
    /// The key as it is written in the row.
    fn key(&self, row: &[u8]) -> Vec<u8> {
        if self.key.is_empty() {
            return row.to_vec();
        }
        let values: Vec<&[u8]> = row.split(|byte| *byte == b'\t').collect();
        let parts: Vec<&[u8]> = self.key.iter().map(|place| values.get(*place).copied().unwrap_or_default()).collect();
        parts.join(&b'\t')
    }
}

/// The rows of one side.
pub(super) struct Partitions {
    files: Vec<SpooledTempFile>,
    rows: u64,
}

impl Partitions {
    pub(super) fn new() -> Result<Self, TransferError> {
        Ok(Self { files: (0..PARTITIONS).map(|_| SpooledTempFile::new(SPOOL_BYTES)).collect(), rows: 0 })
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
        let mut rows: HashMap<Vec<u8>, Vec<(u64, Vec<u8>)>> = HashMap::new();
        each_row(left, |line, row| rows.entry(deal.key(&row)).or_default().push((line, row))).map_err(failed())?;
        let mut comparison = Comparison { deal, differences_max, report };
        each_row(right, |_, row| comparison.row(rows.get_mut(&deal.key(&row)), &row)).map_err(failed())?;
        let mut alone: Vec<(u64, Vec<u8>)> = rows.into_values().flatten().collect();
        alone.sort();
        alone.iter().for_each(|(line, row)| comparison.alone(DifferenceKind::OnlyFirst, *line, row));
    }
    Ok(())
}

struct Comparison<'c> {
    deal: &'c Deal,
    differences_max: usize,
    report: &'c mut VerifyReport,
}

impl Comparison<'_> {
    /// A row of the second side, and those of the first with its key that have found no other yet.
    fn row(&mut self, same_key: Option<&mut Vec<(u64, Vec<u8>)>>, row: &[u8]) {
        let Some(same_key) = same_key else { return self.alone(DifferenceKind::OnlySecond, 0, row) };
        let equal = same_key.iter().position(|(_, other)| other == row);
        match (equal, same_key.is_empty()) {
            (Some(place), _) => {
                same_key.swap_remove(place);
                self.report.equal += 1;
            }
            (None, true) => self.alone(DifferenceKind::OnlySecond, 0, row),
            (None, false) => {
                let (line, other) = same_key.swap_remove(0);
                self.different(line, &other, row);
            }
        }
    }

    fn alone(&mut self, kind: DifferenceKind, line: u64, row: &[u8]) {
        match kind {
            DifferenceKind::OnlyFirst => self.report.only_first += 1,
            _ => self.report.only_second += 1,
        }
        self.list(|deal| Difference { kind, line, row: shown(&deal.columns, row, &deal.shown_places()), detail: String::new() });
    }

    fn different(&mut self, line: u64, first: &[u8], second: &[u8]) {
        self.report.different += 1;
        self.list(|deal| {
            let pairs = deal.columns.iter().zip(copy_text::values(first).zip(copy_text::values(second)));
            let differ = pairs.filter(|(_, (first, second))| first != second);
            let detail = differ
                .map(|(name, (first, second))| format!("{name}: {}, {}", shown_value(first.as_deref()), shown_value(second.as_deref())));
            let detail = detail.collect::<Vec<_>>().join("; ");
            Difference { kind: DifferenceKind::Values, line, row: shown(&deal.columns, first, &deal.shown_places()), detail }
        });
    }

    fn list(&mut self, difference: impl FnOnce(&Deal) -> Difference) {
        if self.report.differences.len() < self.differences_max {
            self.report.differences.push(difference(self.deal));
        }
    }
}

impl Deal {
    /// What shows which row is meant.
    fn shown_places(&self) -> Vec<usize> {
        if self.key.is_empty() { (0..self.columns.len()).collect() } else { self.key.clone() }
    }
}
