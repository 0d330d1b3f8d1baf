//! Statements the server runs for itself.

use std::sync::Arc;

use borealis_catalog::snapshot::Constraint;
use borealis_catalog::{Catalog, Table};
use borealis_pgtypes::{Result, SqlError};

use super::{Session, SessionOptions};
use crate::cluster::Cluster;
use crate::exec::{self, BackfillError, QueryEnv, Txn, Validation};
use crate::jobs::Job;

/// Reads up to `max_rows` rows of a job's table and adds their index entries, in a transaction that is handed back for the caller to commit.
pub(crate) fn backfill(cluster: &Cluster, job: &Job, max_rows: usize) -> Result<Option<(Backfilled, Arc<Catalog>, Box<Txn>)>> {
    let mut session = open(cluster)?;
    let catalog = session.active()?.catalog.clone();
    let Some((table, index)) = job.find_index(&catalog) else { return Ok(None) };
    let filled = session.with_eval(|session, active, eval| {
        let path = session.search_path(active);
        let target = borealis_sql::bind::write_target(table, &session.bind_context(&catalog, &path, eval))?;
        // What an index's expressions call, they call as the table's owner.
        let batch = || exec::backfill_batch(&mut active.txn, &target, index, job.resume.as_deref(), max_rows);
        match session.as_role(table.owner, batch) {
            Ok(progress) => Ok(Backfilled::Up(progress.next)),
            Err(BackfillError::Duplicate) => Ok(Backfilled::Duplicate),
            Err(BackfillError::Sql(error)) => Err(error),
        }
    })?;
    let active = session.active.take().ok_or_else(|| SqlError::internal("the build's transaction is gone"))?;
    Ok(Some((filled, catalog, Box::new(active.txn))))
}

/// How a batch of a build went.
#[derive(Debug)]
pub(crate) enum Backfilled {
    /// The next batch begins at this key; `None`: the table's end is reached.
    Up(Option<Vec<u8>>),
    /// Two rows have one unique key.
    Duplicate,
}

/// Looks at up to `max_rows` rows of the table a job's constraint is on; answers the outcome and the transaction, for the caller to commit.
pub(crate) fn validate(cluster: &Cluster, job: &Job, constraint: Constraint<'_>, table: &Arc<Table>, max_rows: usize) -> Result<Validated> {
    let mut session = open(cluster)?;
    let limits = session.exec_limits();
    let catalog = session.active()?.catalog.clone();
    let outcome = session.with_eval(|session, active, eval| {
        let path = session.search_path(active);
        let context = session.bind_context(&catalog, &path, eval);
        let bodies = session.bodies(active);
        let env = QueryEnv { eval: *eval, params: &[], catalog: &catalog, system: session, routines: &bodies, limits: &limits, depth: 0 };
        let mut batch = |validation: &Validation<'_>| {
            let looked = || exec::validate_batch(&mut active.txn, &env, validation, job.resume.as_deref(), max_rows);
            Ok(session.as_role(table.owner, looked))
        };
        match constraint {
            Constraint::Check(check) => {
                let target = borealis_sql::bind::write_target(table, &context)?;
                let place = table.checks.iter().position(|known| known.oid == check.oid).unwrap_or(usize::MAX);
                batch(&Validation::Check(&target, place))
            }
            Constraint::Foreign(key) => batch(&Validation::ForeignKey(&borealis_sql::bind::referencing_key(key, table, &context)?)),
            Constraint::Unique(index) => Err(SqlError::internal(format!("constraint {} has nothing to validate", index.name))),
        }
    })?;
    let active = session.active.take().ok_or_else(|| SqlError::internal("the validation's transaction is gone"))?;
    Ok(Validated { outcome, catalog, txn: Box::new(active.txn) })
}

/// How a batch of a validation went.
pub(crate) struct Validated {
    /// Where the next batch begins, `None` at the end; or what is wrong with a row.
    pub(crate) outcome: Result<Option<Vec<u8>>>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) txn: Box<Txn>,
}

fn open(cluster: &Cluster) -> Result<Session> {
    let cluster = cluster.shared.upgrade().ok_or_else(|| SqlError::internal("the cluster is closing"))?;
    Session::open_internal(&cluster, &SessionOptions { user: "admin".to_owned(), parameters: Vec::new() })
}
