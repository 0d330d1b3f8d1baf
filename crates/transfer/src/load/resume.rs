//! What a load goes on with: its manifest, and its lines in the ledger.

use std::collections::BTreeMap;
use std::path::Path;

use borealis_base::Random;
use borealis_client::Connection;

use super::LoadOptions;
use super::ledger::{self, Ledger, Line};
use super::manifest::{self, Kept, Manifest};
use super::report::Counts;
use crate::error::TransferError;
use crate::source::Source;
use crate::source::batch::Earlier;
use crate::table::Table;

/// What earlier runs of a load have done.
pub(super) struct Resumption {
    pub(super) kept: Kept,
    pub(super) ledger: Ledger,
    lines: BTreeMap<u64, Line>,
    /// The last of them has loaded everything that there was.
    pub(super) was_complete: bool,
}

impl Resumption {
    /// Looks for them. `name` is what the load is called.
    pub(super) async fn find(
        source: &Source,
        options: &LoadOptions,
        (name, table): (&str, Option<&Table>),
        random: &dyn Random,
        connection: &mut Connection,
    ) -> Result<Self, TransferError> {
        let path = options.manifest.clone().unwrap_or_else(|| manifest::default_path(source, name));
        let fresh = Manifest::new(source, name, options.on_conflict.name(), random)?;
        let schema = table.map_or("public", |table| &table.schema);
        let found = if source.is_live() { None } else { found(&path, &fresh, schema, connection).await? };
        let is_written = found.is_some();
        let manifest = found.unwrap_or(fresh);
        let was_complete = manifest.complete;
        let ledger = Ledger::new(schema, &manifest.load);
        ledger.create(connection).await?;
        let lines = ledger.lines(connection).await?;
        let file = (!source.is_live()).then(|| (path, options.manifest.is_some()));
        Ok(Self { kept: Kept::new(manifest, file, is_written), ledger, lines, was_complete })
    }

    /// What the reader need not read out again.
    pub(super) fn earlier(&self) -> Earlier {
        let content = self.kept.manifest.loaded.as_ref().map(|loaded| loaded.content.clone());
        Earlier { content, durable: ledger::ranges(&self.lines), manifest: self.kept.shown() }
    }

    /// What became of the records so far.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = self.kept.manifest.loaded.as_ref().map(|loaded| loaded.counts).unwrap_or_default();
        self.lines.values().for_each(|line| counts += line.counts);
        counts
    }
}

/// The manifest of an earlier run of the same load. One of another load is in the way if anything has come of that, and goes otherwise.
async fn found(path: &Path, fresh: &Manifest, schema: &str, connection: &mut Connection) -> Result<Option<Manifest>, TransferError> {
    let Some(found) = Manifest::read(path)? else { return Ok(None) };
    if found.is_of_the_load_of(fresh) {
        return Ok(Some(found));
    }
    if !found.is_in_the_ledger_of(fresh) || Ledger::new(schema, &found.load).has_lines(connection).await? {
        return Err(Manifest::of_other_options(path));
    }
    std::fs::remove_file(path).map_err(TransferError::file("cannot remove the manifest of a load that has loaded nothing"))?;
    Ok(None)
}
