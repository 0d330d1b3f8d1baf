//! What system relations show of the running server.

use std::sync::Arc;

use borealis_catalog::statistics::TableStatistics;
use borealis_catalog::system::ServerState;
use borealis_catalog::{Catalog, Sequence, SequenceState};
use borealis_pgtypes::{Datum, EvalContext, Oid, Result, Settings};

use super::Session;
use super::host::SessionHost;
use crate::jobs;

impl ServerState for Session {
    fn current_user(&self) -> Oid {
        self.current_role()
    }

    fn parameters(&self) -> Vec<(String, String, String)> {
        let parameters = self.parameters.borrow();
        parameters.all().map(|(name, value, description)| (name.to_owned(), value.to_owned(), description.to_owned())).collect()
    }

    fn jobs(&self) -> Result<Vec<Vec<Datum>>> {
        // The worker's progress is shown as it is, not as it was at the statement's snapshot: who asks waits for the end.
        let snapshot = self.cluster.store.snapshot();
        let catalog = self.cluster.catalogs.at(&snapshot)?;
        jobs::rows(&snapshot, &catalog, self.sees(&catalog))
    }

    fn conflicts(&self, settings: &Settings) -> Result<Vec<Vec<Datum>>> {
        let catalog = self.cluster.catalog()?;
        let host = SessionHost::for_output(self, &catalog);
        let now = self.statement_start;
        let eval = EvalContext { settings, transaction_timestamp: now, statement_timestamp: now, host: &host };
        let redacted = self.parameters.borrow().is_on("borealis.redact_keys");
        Ok(self.cluster.conflicts.rows(&eval, redacted, self.sees(&catalog)))
    }

    fn injections(&self) -> Vec<Vec<Datum>> {
        self.cluster.injections.rows()
    }

    fn statistics(&self, table: Oid) -> Option<Arc<TableStatistics>> {
        self.cluster.statistics.table(table)
    }

    fn search_path(&self) -> Vec<Oid> {
        match &self.active {
            Some(active) => self.resolved_path(&active.catalog, true),
            None => self.cluster.catalog().map(|catalog| self.resolved_path(&catalog, true)).unwrap_or_default(),
        }
    }

    fn sequence_state(&self, sequence: &Sequence) -> Result<SequenceState> {
        self.cluster.sequences.state(&self.cluster, sequence)
    }

    fn view_definition(&self, catalog: &Catalog, view: Oid) -> Result<Option<String>> {
        self.view_text(catalog, view, false)
    }

    fn sessions(&self) -> Vec<(i32, Oid, String, String, i64)> {
        let list = self.cluster.registry.list().into_iter().map(|(pid, entry)| {
            let name = entry.application_name.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
            let state = if entry.active.load(std::sync::atomic::Ordering::Relaxed) { "active" } else { "idle" };
            (pid, entry.role, name, state.to_owned(), entry.started)
        });
        list.collect()
    }
}
