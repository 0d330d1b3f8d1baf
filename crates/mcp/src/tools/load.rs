//! `load_data`: a file of rows into a table. The operator names the folder that files come from; a call names a file in it.

use std::path::{Path, PathBuf};

use borealis_transfer::{Counts, Format, Input, LoadOptions, LoadReport, OnConflict, Progress, Source, load};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::answer::Origin;
use crate::call::{Call, Step};
use crate::failure::Failure;
use crate::registry::Tool;
use crate::service::Service;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadData {
    #[schemars(description = "The file, by its path in the operator's data folder; compressed by gzip or zstd or not at all")]
    file: String,
    #[schemars(description = "The table, as SQL names it")]
    table: String,
    #[schemars(description = "What the file is [default: by its name]")]
    #[serde(default)]
    format: Option<FileFormat>,
    #[schemars(description = "Whether the first record names the columns (csv, tsv) [default: false]")]
    #[serde(default)]
    header: bool,
    #[schemars(description = "The columns that the values are for, in order [default: the header's, or the table's]")]
    #[serde(default)]
    columns: Option<Vec<String>>,
    #[schemars(description = "What becomes of a row whose key is in the table [default: error]")]
    #[serde(default)]
    on_conflict: Conflict,
    #[schemars(description = "How many records may be rejected before the load ends [default: 0]")]
    #[serde(default)]
    max_rejects: u64,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum FileFormat {
    Csv,
    Tsv,
    Jsonl,
    Parquet,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Conflict {
    #[default]
    Error,
    Skip,
    Update,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Loaded {
    table: String,
    inserted: u64,
    updated: u64,
    skipped: u64,
    rejected: u64,
    #[schemars(description = "Records that an earlier run of the same load had dealt with")]
    resumed_records: u64,
    #[schemars(description = "The file that lists the rejected records with their reasons")]
    rejects_file: Option<String>,
    #[schemars(description = "An earlier call had loaded this very file, and nothing was done")]
    already_complete: bool,
}

impl Tool for LoadData {
    type Output = Loaded;
    const NAME: &'static str = "load_data";
    const TITLE: &'static str = "Load a file";
    const DESCRIPTION: &'static str = "Load a file of CSV, TSV, JSON lines or Parquet from the operator's data folder into a table, in transactions within the database's \
        limits. Every record is loaded exactly once: when a call fails or is cancelled, what it has loaded stays, and the same call again goes on behind it. \
        Records that are no rows of the table are listed in a file of rejects, with their reasons.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(_: &Service) -> ToolAnnotations {
        ToolAnnotations::with_title(Self::TITLE).read_only(false).destructive(true).idempotent(true).open_world(false)
    }

    async fn run(self, call: &Call) -> Result<Loaded, Failure> {
        let target = call.writable().await?;
        let folder = call.service.options.data_folder.as_deref().ok_or_else(|| Failure::call("no data folder is configured"))?;
        let source = self.source(within(folder, &self.file)?);
        let options = LoadOptions {
            on_conflict: self.on_conflict.into(),
            max_rejects: self.max_rejects,
            retry: call.service.options.retry,
            ..LoadOptions::new(self.table)
        };
        let (tell, heard) = watch::channel(Progress::default());
        let progress = move |progress| {
            tell.send_replace(progress);
        };
        // A load has no time limit of its own: it goes on where it was, so its client can end it whenever it likes.
        let loaded = call.follow(load(&target.database, &source, &options, &progress), || Some(step(*heard.borrow()))).await;
        match loaded {
            Some(done) => done.map(Loaded::of).map_err(|error| Failure::call(error.to_string())),
            None => Err(Failure::call("cancelled; what was loaded stays, and the same call goes on behind it")),
        }
    }
}

impl LoadData {
    fn source(&self, path: PathBuf) -> Source {
        let mut source = Source::new(Input::File(path));
        source.format = self.format.map(Into::into);
        source.header = self.header;
        source.columns.clone_from(&self.columns);
        source
    }
}

fn step(progress: Progress) -> Step {
    let Counts { inserted, updated, skipped, rejected } = progress.counts;
    let message =
        format!("{} records: {inserted} inserted, {updated} updated, {skipped} skipped, {rejected} rejected", progress.counts.records());
    Step { done: progress.bytes, total: progress.bytes_total, message }
}

/// The file of that name, if it is in the folder: whatever links and dots there are on the way.
fn within(folder: &Path, file: &str) -> Result<PathBuf, Failure> {
    let unknown = |why: String| Failure::call(format!("{file}: {why}"));
    let folder = folder.canonicalize().map_err(|error| unknown(format!("the data folder cannot be read: {error}")))?;
    let path = folder.join(file).canonicalize().map_err(|error| unknown(error.to_string()))?;
    match path.starts_with(&folder) {
        true if path.is_file() => Ok(path),
        true => Err(unknown("not a file".to_owned())),
        false => Err(unknown("not in the data folder".to_owned())),
    }
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::Tsv => Self::Tsv,
            FileFormat::Jsonl => Self::JsonLines,
            FileFormat::Parquet => Self::Parquet,
        }
    }
}

impl From<Conflict> for OnConflict {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Error => Self::Error,
            Conflict::Skip => Self::Skip,
            Conflict::Update => Self::Update,
        }
    }
}

impl Loaded {
    fn of(report: LoadReport) -> Self {
        Self {
            table: report.table,
            inserted: report.counts.inserted,
            updated: report.counts.updated,
            skipped: report.counts.skipped,
            rejected: report.counts.rejected,
            resumed_records: report.resumed_records,
            rejects_file: report.rejects_file,
            already_complete: report.already_complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn files_come_from_the_folder_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("inside");
        std::fs::create_dir(&inside).expect("a folder");
        std::fs::write(folder.path().join("outside.csv"), "").expect("a file");
        std::fs::write(inside.join("a.csv"), "").expect("a file");
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("outside.csv"), inside.join("link.csv")).expect("a link");
        assert!(within(&inside, "a.csv").is_ok());
        assert!(within(&inside, "./x/../a.csv").is_err(), "there is no folder x");
        let absolute = folder.path().join("outside.csv").display().to_string();
        for file in ["../outside.csv", "link.csv", "", ".", "nothing.csv", absolute.as_str(), "/etc/passwd"] {
            assert!(within(&inside, file).is_err(), "{file}");
        }
    }
}
