//! The manifest: a small file that ties a source to its load, so that the same command goes on where it was ended.
//!
//! It does not say how far the load has come: the ledger does, in the same transactions as the rows ([`super::ledger`]). What no transaction
//! of ours can record stands in it: what a load that is complete has read, and how far the statements of a dump have come.
//!
//! It is written when there is something to go on with, ahead of the first transaction, and goes when nothing has come of that.

use std::path::{Path, PathBuf};

use borealis_base::Id26;
use borealis_base::Random;
use serde::{Deserialize, Serialize};

use super::report::Counts;
use crate::error::TransferError;
use crate::source::content::Content;
use crate::source::{Format, Source};

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The version of this form.
    version: u32,
    /// The load.
    pub(crate) load: String,
    /// How the source was understood, and where it went: what must not differ between two runs of one load.
    reading: Reading,
    /// The load is complete.
    pub(crate) complete: bool,
    /// What it had loaded when it was complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) loaded: Option<Loaded>,
    /// Where the last of the dump's statements begins that was about to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<u64>,
}

/// What a load that was complete has read, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Loaded {
    pub(crate) content: Content,
    pub(crate) counts: Counts,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    source: String,
    table: String,
    format: Format,
    header: bool,
    delimiter: Option<u8>,
    null: Option<String>,
    encoding: Option<String>,
    columns: Option<Vec<String>>,
    schema: bool,
    on_conflict: String,
}

const VERSION: u32 = 1;

impl Manifest {
    pub(crate) fn new(source: &Source, table: &str, on_conflict: &str, random: &dyn Random) -> Result<Self, TransferError> {
        let reading = Reading {
            source: source.name(),
            table: table.to_owned(),
            format: source.format()?,
            header: source.header,
            delimiter: source.delimiter,
            null: source.null.clone(),
            encoding: source.encoding.clone(),
            columns: source.columns.clone(),
            schema: source.schema,
            on_conflict: on_conflict.to_owned(),
        };
        let load = Id26::random(random).to_string();
        Ok(Self { version: VERSION, load, reading, complete: false, loaded: None, statement: None })
    }

    /// The manifest in a file, if there is one.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, TransferError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(TransferError::file(format!("cannot read the manifest {}", path.display()))(error)),
        };
        let refused = |what: String| TransferError::Request(format!("the manifest {} {what}", path.display()));
        let found: Self = serde_json::from_slice(&text).map_err(|error| refused(format!("is none of this program's: {error}")))?;
        if found.version != VERSION {
            return Err(refused(format!("is of version {}, and this program writes version {VERSION}", found.version)));
        }
        if found.complete && found.loaded.is_none() {
            return Err(refused("says that a load is complete and not of what: delete it to begin a new load".to_owned()));
        }
        Ok(Some(found))
    }

    /// Whether it is of a load of the same source in the same way.
    pub(crate) fn is_of_the_load_of(&self, other: &Self) -> bool {
        self.reading == other.reading
    }

    /// Whether no more can have come of the load than its lines in the ledger of the table that `other` is for.
    pub(crate) fn is_in_the_ledger_of(&self, other: &Self) -> bool {
        self.reading.table == other.reading.table && self.loaded.is_none() && self.statement.is_none()
    }

    /// Why it is none to go on with.
    pub(crate) fn of_other_options(path: &Path) -> TransferError {
        TransferError::Request(format!(
            "the manifest {} is of a load with other options, of which rows are in the table: repeat those options to go on with it, or delete \
             the file to begin a new load",
            path.display()
        ))
    }

    /// Writes the file, whole or not at all.
    fn write(&self, path: &Path) -> Result<(), TransferError> {
        let what = || {
            let path = path.display();
            format!("cannot write the manifest {path}, without which an interrupted load could not go on (--manifest names another place)")
        };
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(TransferError::file(what()))?;
        std::io::Write::write_all(&mut file, &text).map_err(TransferError::file(what()))?;
        file.as_file().sync_all().map_err(TransferError::file(what()))?;
        file.persist(path).map_err(|error| TransferError::file(what())(error.error))?;
        Ok(())
    }
}

/// A load's manifest, and the file that it is kept in.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) manifest: Manifest,
    /// The file, and whether it stays when the load is complete; a load that cannot be repeated has none.
    file: Option<(PathBuf, bool)>,
    is_written: bool,
}

impl Kept {
    /// One that is in its file already, or will be.
    pub(crate) fn new(manifest: Manifest, file: Option<(PathBuf, bool)>, is_written: bool) -> Self {
        Self { manifest, file, is_written }
    }

    /// The file's name for a message.
    pub(crate) fn shown(&self) -> String {
        self.file.as_ref().map_or_else(|| "the manifest".to_owned(), |(path, _)| path.display().to_string())
    }

    /// Something is about to be written to the database.
    pub(crate) fn begin(&mut self) -> Result<(), TransferError> {
        if self.is_written && !self.manifest.complete {
            return Ok(());
        }
        self.manifest.complete = false;
        self.write()
    }

    /// Whether a statement may have run before.
    pub(crate) fn has_begun(&self, place: u64) -> bool {
        self.manifest.statement.is_some_and(|last| place <= last)
    }

    /// A statement is about to run.
    pub(crate) fn begin_statement(&mut self, place: u64) -> Result<Option<u64>, TransferError> {
        let before = self.manifest.statement.replace(place);
        self.manifest.complete = false;
        self.write()?;
        Ok(before)
    }

    /// The server has refused the statement, so it has not run, and the last one is what it was before.
    pub(crate) fn take_back_statement(&mut self, before: Option<u64>) -> Result<(), TransferError> {
        self.manifest.statement = before;
        self.write()
    }

    /// Everything has been loaded.
    pub(crate) fn complete(&mut self, loaded: Option<Loaded>) -> Result<(), TransferError> {
        self.manifest.complete = true;
        self.manifest.loaded = loaded;
        self.write()
    }

    /// Removes the file of a complete load, unless it is to stay.
    pub(crate) fn tidy_up(&self) -> Result<(), TransferError> {
        match &self.file {
            Some((path, false)) => std::fs::remove_file(path).map_err(TransferError::file("cannot remove the manifest")),
            _ => Ok(()),
        }
    }

    /// Whether the file holds a load of which nothing but lines of the ledger can have come.
    pub(crate) fn is_only_of_the_ledger(&self) -> bool {
        self.is_written && self.file.is_some() && self.manifest.loaded.is_none() && self.manifest.statement.is_none()
    }

    /// Nothing has come of the load: there is nothing to go on with.
    pub(crate) fn forget(&mut self) {
        if let Some((path, _)) = &self.file {
            // One that stays is found to be of nothing by the next load.
            let _ = std::fs::remove_file(path);
            self.is_written = false;
        }
    }

    fn write(&mut self) -> Result<(), TransferError> {
        if let Some((path, _)) = &self.file {
            self.manifest.write(path)?;
            self.is_written = true;
        }
        Ok(())
    }
}

/// Where a load's manifest is when nobody says so: beside the source, and in the working folder for one that is no file.
pub(crate) fn default_path(source: &Source, table: &str) -> PathBuf {
    beside(source, table, "load.json")
}

/// Likewise for the list of rejected records.
pub(crate) fn default_rejects_path(source: &Source, table: &str) -> PathBuf {
    beside(source, table, "rejects.jsonl")
}

fn beside(source: &Source, table: &str, end: &str) -> PathBuf {
    let plain = |name: &str| -> String {
        name.chars().map(|letter| if letter.is_alphanumeric() || "._-".contains(letter) { letter } else { '_' }).collect()
    };
    let table = plain(table);
    match source.path() {
        Some(path) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            path.with_file_name(format!("{name}.{table}.{end}"))
        }
        None => PathBuf::from(format!("{}.{table}.{end}", plain(source.stem()))),
    }
}
