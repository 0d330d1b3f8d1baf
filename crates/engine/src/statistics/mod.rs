//! ANALYZE and what comes of it.
//!
//! Statistics are kept in the store under their table's oid and in memory. They are no part of the catalog: writing them changes no catalog position and
//! takes no claim, so they defeat no writer and no plan is refused for them. A plan made without them, or with older ones, is slower at worst, never wrong.
//!
//! Tables that have changed enough since they were last looked at get a job of type ANALYZE ([`activity`]), by autovacuum's rule.

mod activity;
mod compute;
mod sample;
mod stored;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use borealis_catalog::Table;
use borealis_catalog::statistics::TableStatistics;
use borealis_pgtypes::{Datum, Oid, Result, SqlError};
use borealis_storage::{Direction, Snapshot};

use crate::cluster::{Cluster, keys};
use crate::error::{commit_failed, read_failed};
use crate::exec::index_layout::column_types;
use crate::exec::neutral;
use crate::row::Reader;

pub(crate) use activity::Activity;

/// The statistics of all tables.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    tables: RwLock<HashMap<Oid, Arc<TableStatistics>>>,
    version: AtomicU64,
    pub(crate) activity: Activity,
}

impl Statistics {
    /// What the store has.
    pub(crate) fn load(snapshot: &Snapshot) -> Result<Self> {
        let mut tables = HashMap::new();
        let mut scan = snapshot.scan(keys::all_statistics(), Direction::Forward);
        while let Some((key, stored)) = scan.next().map_err(|error| read_failed(&error))? {
            let oid = keys::statistics_table(key).ok_or_else(|| SqlError::internal("statistics under a key that is none"))?;
            if let Some(table) = neutral::with_env(|env| stored::decode(stored, &env.eval))? {
                tables.insert(oid, Arc::new(table));
            }
        }
        Ok(Self { tables: RwLock::new(tables), version: AtomicU64::new(0), activity: Activity::default() })
    }

    /// Those of one table.
    pub(crate) fn table(&self, table: Oid) -> Option<Arc<TableStatistics>> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).get(&table).cloned()
    }

    /// Changes whenever plans made before would be made from other numbers now.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    fn put(&self, table: Oid, statistics: Option<TableStatistics>) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        match statistics {
            Some(statistics) => tables.insert(table, Arc::new(statistics)),
            None => tables.remove(&table),
        };
        drop(tables);
        self.version.fetch_add(1, Ordering::Release);
    }
}

impl borealis_sql::planner::Statistics for Statistics {
    fn table(&self, table: Oid) -> Option<Arc<TableStatistics>> {
        Self::table(self, table)
    }
}

/// What ANALYZE read of a table.
pub(crate) struct Analyzed {
    pub(crate) rows: u64,
    pub(crate) pages: i32,
    pub(crate) sampled: usize,
}

/// ANALYZE of one table: all columns, or those of the given numbers, the others keeping what is known of them. Blocks; `proceed` is asked now and then.
///
/// # Errors
/// Whatever `proceed` answers; when the store cannot be read or written.
pub(crate) fn analyze(cluster: &Cluster, table: &Table, only: Option<&[i16]>, proceed: &mut dyn FnMut() -> Result<()>) -> Result<Analyzed> {
    let changes = cluster.statistics.activity.changes(table.oid);
    let sample = sample::take(&cluster.store, table.oid, cluster.random.next_u64(), proceed)?;
    #[allow(clippy::cast_precision_loss)] // an estimate
    let (rows, bytes) = (sample.rows as f64, sample.bytes as f64);
    let known = cluster.statistics.table(table.oid);
    let mut statistics = TableStatistics { rows, bytes, columns: known.map(|known| known.columns.clone()).unwrap_or_default() };
    statistics.columns.retain(|number, _| table.column_number(*number).is_some_and(|column| !column.dropped));
    for column in table.live_columns().filter(|column| only.is_none_or(|only| only.contains(&column.number))) {
        proceed()?;
        let values = values(table, column.number, &sample.sampled)?;
        match compute::column(column.ty.oid, &values, rows) {
            Some(found) => statistics.columns.insert(column.number, found),
            None => statistics.columns.remove(&column.number),
        };
    }
    let bytes = stored::encode(&statistics, |number| table.column_number(number).map(|column| column.ty.oid))?;
    let mut transaction = cluster.store.begin();
    transaction.put(keys::statistics(table.oid), bytes, None);
    transaction.commit_blocking().map_err(|error| commit_failed(&error, &cluster.limits))?;
    let analyzed = Analyzed { rows: sample.rows, pages: statistics.pages(), sampled: sample.sampled.len() };
    cluster.statistics.put(table.oid, Some(statistics));
    cluster.statistics.activity.analyzed(table.oid, changes, cluster.clock.monotonic());
    Ok(analyzed)
}

/// One column of stored rows.
fn values(table: &Table, number: i16, rows: &[Vec<u8>]) -> Result<Vec<Datum>> {
    let place = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    let reader = Reader::new(&column_types(table), &[place]);
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        reader.read(row, &mut values)?;
    }
    Ok(values)
}

/// Forgets a dropped table.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn forget(cluster: &Cluster, table: Oid) -> Result<()> {
    cluster.statistics.activity.forget(table);
    if cluster.statistics.table(table).is_none() {
        return Ok(());
    }
    let mut transaction = cluster.store.begin();
    transaction.delete(keys::statistics(table), None);
    transaction.commit_blocking().map_err(|error| commit_failed(&error, &cluster.limits))?;
    cluster.statistics.put(table, None);
    Ok(())
}
