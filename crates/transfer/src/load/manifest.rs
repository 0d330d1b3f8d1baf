//! The manifest: a small file that ties a source to its load, so that the same command goes on where it was ended.
//!
//! It does not say how far the load has come: the ledger does, in the same transactions as the rows ([`super::ledger`]).

use std::path::{Path, PathBuf};

use borealis_base::Id26;
use borealis_base::Random;
use serde::{Deserialize, Serialize};

use crate::error::TransferError;
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
        Ok(Self { version: VERSION, load: Id26::random(random).to_string(), reading, complete: false })
    }

    /// The manifest in a file, if there is one, which has to be of the same load as `self`.
    pub(crate) fn resumed(self, path: &Path) -> Result<Self, TransferError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(self),
            Err(error) => return Err(TransferError::file(format!("cannot read the manifest {}", path.display()))(error)),
        };
        let refused = |what: String| TransferError::Request(format!("the manifest {} {what}", path.display()));
        let found: Self = serde_json::from_slice(&text).map_err(|error| refused(format!("is none of this program's: {error}")))?;
        if found.version != VERSION {
            return Err(refused(format!("is of version {}, and this program writes version {VERSION}", found.version)));
        }
        if found.reading != self.reading {
            return Err(refused(
                "is of a load with other options: repeat those to go on with it, or delete the file to begin a new load".to_owned(),
            ));
        }
        Ok(found)
    }

    /// Writes the file, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), TransferError> {
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
