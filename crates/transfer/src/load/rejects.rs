//! The list of rejected records: a file of JSON lines, each with the record's place, why it is no row, and the record itself.
//!
//! A record is listed before the transaction that passes over it commits, so none is ever lost; what was listed for a transaction
//! that then did not commit is taken out again when the load goes on.

use std::collections::HashSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::TransferError;
use crate::source::batch::{Batch, DurableRanges, Earlier, Record};

/// How much of a record is listed.
const RAW_BYTES_MAX: usize = 64 * 1024;

/// The file; made with the first record.
#[derive(Debug)]
pub(crate) struct Rejects {
    path: PathBuf,
    file: Option<File>,
    /// Records of several tables are read.
    has_tables: bool,
    /// Where the records that are listed begin: a batch that is tried again lists nothing twice.
    listed: HashSet<u64>,
}

/// A line of it.
#[derive(Debug, Serialize, Deserialize)]
struct Reject {
    /// The table that it was for, as SQL writes it.
    #[serde(default)]
    table: String,
    /// The line of the source, from 1; the number of the row in a table of a living database.
    line: u64,
    /// Where the record begins, in bytes of the uncompressed source; in rows of a living database and of a Parquet file.
    byte: u64,
    /// The SQLSTATE.
    code: String,
    message: String,
    /// The record; with `�` for what is no text.
    record: String,
}

impl Rejects {
    /// The list of a load that begins, or goes on: then what stands in it for ranges that are not in the database goes.
    pub(crate) fn open(path: PathBuf, earlier: &Earlier, has_tables: bool) -> Result<Self, TransferError> {
        let is_resumed = earlier.content.is_some() || !earlier.durable.is_empty();
        let old = if is_resumed { std::fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let parsed = old.lines().filter_map(|line| Some((line, serde_json::from_str::<Reject>(line).ok()?)));
        let (kept, listed): (Vec<&str>, HashSet<u64>) =
            parsed.filter(|(_, reject)| is_durable(reject, earlier)).map(|(line, reject)| (line, reject.byte)).unzip();
        let mut rejects = Self { path, file: None, has_tables, listed };
        if kept.is_empty() {
            // A list of an earlier load would be taken for this one's.
            let _ = std::fs::remove_file(&rejects.path);
        } else {
            rejects.append(&format!("{}\n", kept.join("\n")))?;
        }
        Ok(rejects)
    }

    /// Lists what is refused in a batch, unless that makes more than `allowed` in all.
    pub(crate) fn list(&mut self, batch: &Batch, allowed: u64) -> Result<(), TransferError> {
        let mut text = String::new();
        let mut last = None;
        for record in &batch.records {
            let Some(line) = line(batch, record) else { continue };
            if !self.listed.insert(line.byte) {
                continue;
            }
            text.push_str(&serde_json::to_string(&line).unwrap_or_default());
            text.push('\n');
            last = Some(line);
            if self.listed.len() as u64 > allowed {
                break;
            }
        }
        let Some(last) = last else { return Ok(()) };
        self.append(&text)?;
        if self.listed.len() as u64 <= allowed {
            return Ok(());
        }
        let of_table = if self.has_tables { format!("{}, ", last.table) } else { String::new() };
        let last = format!("{of_table}line {}: {} (SQLSTATE {})", last.line, last.message, last.code);
        Err(TransferError::TooManyRejects { allowed, last, file: self.path().map(|path| path.display().to_string()) })
    }

    /// The file, if any record is in it.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|_| self.path.as_path())
    }

    fn append(&mut self, text: &str) -> Result<(), TransferError> {
        let what = || format!("cannot write the list of rejected records {}", self.path.display());
        let file = match self.file.take() {
            Some(file) => file,
            None => File::create(&self.path).map_err(TransferError::file(what()))?,
        };
        let file = self.file.insert(file);
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        written.map_err(TransferError::file(format!("cannot write the list of rejected records {}", self.path.display())))
    }
}

fn line(batch: &Batch, record: &Record) -> Option<Reject> {
    let refusal = record.refusal.as_ref()?;
    let raw = &batch.raw[record.raw.clone()];
    let raw = &raw[..raw.len().min(RAW_BYTES_MAX)];
    Some(Reject {
        table: batch.target.table.clone(),
        line: record.line,
        byte: record.place,
        code: refusal.code.clone(),
        message: refusal.message.clone(),
        record: String::from_utf8_lossy(raw).trim_end_matches(['\r', '\n']).to_owned(),
    })
}

fn is_durable(reject: &Reject, earlier: &Earlier) -> bool {
    earlier.content.as_ref().is_some_and(|content| reject.byte < content.end) || is_in_range(reject, &earlier.durable)
}

fn is_in_range(reject: &Reject, durable: &DurableRanges) -> bool {
    durable.range(..=reject.byte).next_back().is_some_and(|(_, range)| reject.byte < range.end)
}
