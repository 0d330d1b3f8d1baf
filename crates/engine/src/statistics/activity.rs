//! Which tables have changed since they were analysed: autovacuum's counters and its rule.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use borealis_base::Clock;
use borealis_pgtypes::Oid;

use super::Statistics;

/// `autovacuum_analyze_threshold` and `autovacuum_analyze_scale_factor`: rows changed before a table is analysed again.
const THRESHOLD: f64 = 50.0;
const SCALE_FACTOR: f64 = 0.1;
/// `autovacuum_naptime`: a table is analysed no more often than this.
const INTERVAL: Duration = Duration::from_secs(60);

/// Changes by table.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    tables: RwLock<HashMap<Oid, Counter>>,
    due: Mutex<Vec<Oid>>,
}

#[derive(Debug, Default)]
struct Counter {
    /// Rows changed and not yet looked at.
    changes: AtomicU64,
    /// A job is waiting or running.
    queued: AtomicBool,
    /// Milliseconds on the monotonic clock, plus one, when it was analysed last; 0: never.
    analyzed_ms: AtomicU64,
}

impl Counter {
    fn rested(&self, now: Duration) -> bool {
        match self.analyzed_ms.load(Ordering::Relaxed) {
            0 => true,
            at => millis(now).saturating_sub(at) >= millis(INTERVAL),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

impl Activity {
    /// Counts rows changed; how many they are now.
    fn add(&self, table: Oid, rows: u64) -> u64 {
        if let Some(counter) = self.tables.read().unwrap_or_else(PoisonError::into_inner).get(&table) {
            return counter.changes.fetch_add(rows, Ordering::Relaxed) + rows;
        }
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.entry(table).or_default().changes.fetch_add(rows, Ordering::Relaxed) + rows
    }

    /// Makes a table due unless it is, or was analysed a moment ago.
    fn queue(&self, table: Oid, now: Duration) -> bool {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let Some(counter) = tables.get(&table).filter(|counter| counter.rested(now)) else { return false };
        if counter.queued.swap(true, Ordering::Relaxed) {
            return false;
        }
        self.due.lock().unwrap_or_else(PoisonError::into_inner).push(table);
        true
    }

    /// The tables that are due, each once.
    pub(crate) fn take_due(&self) -> Vec<Oid> {
        std::mem::take(&mut *self.due.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rows of a table changed and not yet looked at.
    pub(super) fn changes(&self, table: Oid) -> u64 {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.get(&table).map_or(0, |counter| counter.changes.load(Ordering::Relaxed))
    }

    /// A table has been looked at, `changes` after the last time.
    pub(super) fn analyzed(&self, table: Oid, changes: u64, now: Duration) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        let counter = tables.entry(table).or_default();
        let left = counter.changes.load(Ordering::Relaxed).saturating_sub(changes);
        counter.changes.store(left, Ordering::Relaxed);
        counter.queued.store(false, Ordering::Relaxed);
        counter.analyzed_ms.store(millis(now), Ordering::Relaxed);
    }

    pub(crate) fn forget(&self, table: Oid) {
        self.tables.write().unwrap_or_else(PoisonError::into_inner).remove(&table);
    }
}

impl Statistics {
    /// A commit has changed rows; whether the table became due by that.
    #[allow(clippy::cast_precision_loss)] // a threshold of estimates
    pub(crate) fn changed(&self, table: Oid, rows: u64, clock: &dyn Clock) -> bool {
        let changes = self.activity.add(table, rows) as f64;
        if changes <= THRESHOLD {
            return false;
        }
        let known = self.table(table).map_or(0.0, |statistics| statistics.rows);
        changes > THRESHOLD + SCALE_FACTOR * known && self.activity.queue(table, clock.monotonic())
    }
}
