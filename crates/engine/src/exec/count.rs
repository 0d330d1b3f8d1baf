//! Counting rows, for ANALYZE.

use borealis_pgtypes::{Host, Oid, Result};
use borealis_storage::{Direction, KeyRange};

use super::Txn;
use super::txn::store_error;
use crate::key;

/// Rows between two looks for a cancel request.
const ROWS_PER_CHECK: u64 = 1024;

/// Number of rows of a table at the transaction's snapshot.
///
/// # Errors
/// `57014` when cancelled; when the store cannot be read.
pub fn count_rows(txn: &Txn, table: Oid, host: &dyn Host) -> Result<u64> {
    let mut scan = txn.storage.scan(KeyRange::prefix(key::prefix(table).to_vec()), Direction::Forward);
    let mut rows = 0;
    while scan.next().map_err(store_error)?.is_some() {
        rows += 1;
        if rows % ROWS_PER_CHECK == 0 {
            host.check_interrupt()?;
        }
    }
    Ok(rows)
}
