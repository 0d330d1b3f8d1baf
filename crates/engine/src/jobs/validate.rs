//! Validation of constraints that were added NOT VALID.
//!
//! New rows obey the constraint from its statement's commit on, so each old one must be looked at once, whenever that is; see
//! [`exec::validate_batch`](crate::exec::validate_batch) for why nothing has to be claimed.

use std::sync::Arc;

use borealis_catalog::snapshot::Constraint;
use borealis_catalog::{Change, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::Job;
use super::worker::{End, Step};
use crate::cluster::Cluster;
use crate::session::internal::{self, Validated};

/// Rows read per transaction.
const BATCH_ROWS: usize = 1_000;

pub(super) fn step(cluster: &Cluster, job: &mut Job) -> Result<Step> {
    let catalog = cluster.catalogs.at(&cluster.store.snapshot())?;
    let completed = |details: Option<&str>, changes| {
        let details = details.map(str::to_owned);
        Ok(Step::End(End::Completed { details, changes }))
    };
    let Some((constraint, table)) = catalog.constraint_by_oid(job.object) else {
        return completed(Some("Skipped job for nonexistent table."), Vec::new());
    };
    if is_valid(&constraint) {
        return completed(None, Vec::new());
    }
    let Validated { outcome, catalog: seen, mut txn } = internal::validate(cluster, job, constraint, table, BATCH_ROWS)?;
    match outcome {
        Ok(None) => completed(None, vec![validated(table, job.object)]),
        Ok(Some(next)) => {
            job.resume = Some(next);
            job.updated = Some(cluster.now());
            job.put(&mut txn.storage);
            cluster.commit_internal(txn.storage, &seen, &[])?;
            Ok(Step::More)
        }
        Err(error) if matches!(error.sqlstate(), SqlState::CHECK_VIOLATION | SqlState::FOREIGN_KEY_VIOLATION) => {
            Ok(Step::End(End::Failed { details: details(&error), changes: Vec::new() }))
        }
        Err(error) => Err(error),
    }
}

fn is_valid(constraint: &Constraint<'_>) -> bool {
    match constraint {
        Constraint::Unique(_) => true,
        Constraint::Check(check) => check.validated,
        Constraint::Foreign(key) => key.validated,
    }
}

fn details(error: &SqlError) -> String {
    let detail = error.fields().detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
    format!("{}{detail}", error.message())
}

fn validated(table: &Table, constraint: Oid) -> Change {
    let mut changed = table.clone();
    changed.checks.iter_mut().filter(|check| check.oid == constraint).for_each(|check| check.validated = true);
    changed.foreign_keys.iter_mut().filter(|key| key.oid == constraint).for_each(|key| key.validated = true);
    Change::PutTable(Arc::new(changed))
}
