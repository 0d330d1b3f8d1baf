//! Statements the server runs for itself.

use std::sync::Arc;

use borealis_catalog::{Catalog, Table};
use borealis_pgtypes::{Datum, Result, SqlError};
use borealis_sql::bound::WriteTarget;
use borealis_sql::plan::Planned;

use super::portal::blocking;
use super::{Session, SessionOptions};
use crate::cluster::Cluster;
use crate::exec::QueryEnv;

/// What writing a table needs, bound against a catalog.
pub(crate) fn write_target(cluster: &Cluster, catalog: &Arc<Catalog>, table: &Arc<Table>) -> Result<WriteTarget> {
    let mut session = open(cluster)?;
    session.active()?;
    session.with_eval(|session, active, eval| {
        let path = session.search_path(active);
        let context = session.bind_context(catalog, &path, eval);
        borealis_sql::bind::write_target(table, &context)
    })
}

/// Whether a query yields any row.
pub(crate) fn has_rows(cluster: &Cluster, query: &str) -> Result<bool> {
    let mut session = open(cluster)?;
    let parsed = session.parse_script(query)?.pop().ok_or_else(|| SqlError::internal("an internal query is empty"))?;
    let bound = session.bind_statement(&parsed.statement?, &[])?;
    let planned = Arc::new(session.plan(bound)?);
    Ok(!all_rows(&mut session, &planned, &[])?.is_empty())
}

fn open(cluster: &Cluster) -> Result<Session> {
    let cluster = cluster.shared.upgrade().ok_or_else(|| SqlError::internal("the cluster is closing"))?;
    Session::open_internal(&cluster, &SessionOptions { user: "admin".to_owned(), parameters: Vec::new() })
}

/// Runs a plan to its end in the session's transaction.
pub(super) fn all_rows(session: &mut Session, planned: &Arc<Planned>, values: &[Datum]) -> Result<Vec<Vec<Datum>>> {
    let mut running = session.begin_plan(planned)?;
    let limits = session.exec_limits();
    let mut rows = Vec::new();
    let run = || {
        session.with_eval(|session, active, eval| {
            let catalog = active.catalog.clone();
            let env = QueryEnv { eval, params: values, catalog: &catalog, system: session, limits: &limits };
            while let Some(batch) = running.execution.next_batch(&mut active.txn, &env, crate::exec::BATCH_ROWS)? {
                rows.extend(batch.rows().map(<[Datum]>::to_vec));
            }
            Ok(())
        })
    };
    if planned.small { run()? } else { blocking(run)? }
    Ok(rows)
}
