//! Statements the server runs for itself.

use std::sync::Arc;

use borealis_catalog::Catalog;
use borealis_pgtypes::{Datum, Result, SqlError};

use super::portal::blocking;
use super::statement::Compiled;
use super::{Session, SessionOptions};
use crate::cluster::Cluster;
use crate::exec::{self, BATCH_ROWS, BackfillError, QueryEnv, Txn};
use crate::jobs::Job;

/// Reads up to `max_rows` rows of a job's table and adds their index entries, in a transaction that is handed back for the caller to commit.
pub(crate) fn backfill(cluster: &Cluster, job: &Job, max_rows: usize) -> Result<Option<(Backfilled, Arc<Catalog>, Box<Txn>)>> {
    let mut session = open(cluster)?;
    let catalog = session.active()?.catalog.clone();
    let Some((table, index)) = job.find_index(&catalog) else { return Ok(None) };
    let filled = session.with_eval(|session, active, eval| {
        let path = session.search_path(active);
        let target = borealis_sql::bind::write_target(table, &session.bind_context(&catalog, &path, eval))?;
        match exec::backfill_batch(&mut active.txn, &target, index, job.resume.as_deref(), max_rows) {
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

/// Whether a query yields any row.
pub(crate) fn has_rows(cluster: &Cluster, query: &str) -> Result<bool> {
    let mut session = open(cluster)?;
    let parsed = session.parse_script(query)?.pop().ok_or_else(|| SqlError::internal("an internal query is empty"))?;
    let bound = session.bind_statement(&parsed.statement?, &[])?;
    let compiled = session.compile(bound)?;
    Ok(!all_rows(&mut session, &compiled, &[])?.is_empty())
}

fn open(cluster: &Cluster) -> Result<Session> {
    let cluster = cluster.shared.upgrade().ok_or_else(|| SqlError::internal("the cluster is closing"))?;
    Session::open_internal(&cluster, &SessionOptions { user: "admin".to_owned(), parameters: Vec::new() })
}

/// Runs a plan to its end in the session's transaction.
pub(super) fn all_rows(session: &mut Session, compiled: &Arc<Compiled>, values: &[Datum]) -> Result<Vec<Vec<Datum>>> {
    let mut running = session.begin_plan(compiled)?;
    let limits = session.exec_limits();
    let mut rows = Vec::new();
    let mut run = || {
        session.with_eval(|session, active, eval| {
            let catalog = active.catalog.clone();
            let env = QueryEnv { eval: *eval, params: values, catalog: &catalog, system: session, limits: &limits };
            while let Some(batch) = running.execution.next_batch(&mut active.txn, &env, BATCH_ROWS)? {
                rows.extend(batch.rows().map(<[Datum]>::to_vec));
            }
            Ok(())
        })
    };
    if compiled.planned.small {
        run()?
    } else {
        blocking(run)?
    }
    Ok(rows)
}
