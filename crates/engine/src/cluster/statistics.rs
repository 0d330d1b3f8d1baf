//! What ANALYZE found: row counts, which the planner's estimates start from.
//!
//! Kept in memory: a plan made without them is slower at worst, never wrong.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use borealis_pgtypes::Oid;

/// Row counts by table.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    rows: RwLock<HashMap<Oid, u64>>,
}

impl Statistics {
    pub(crate) fn set_rows(&self, table: Oid, rows: u64) {
        self.rows.write().unwrap_or_else(PoisonError::into_inner).insert(table, rows);
    }

    pub(crate) fn rows(&self, table: Oid) -> Option<u64> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner).get(&table).copied()
    }
}

impl borealis_sql::planner::Statistics for Statistics {
    #[allow(clippy::cast_precision_loss)] // an estimate
    fn rows(&self, table: Oid) -> Option<f64> {
        Self::rows(self, table).map(|rows| rows as f64)
    }

    fn distinct(&self, _table: Oid, _column: i16) -> Option<f64> {
        None
    }
}
