//! Work of index and DROP jobs, one transaction's worth at a time.

use borealis_catalog::Table;
use borealis_pgtypes::{Datum, Result, SqlError};
use borealis_sql::bound::WriteTarget;
use borealis_storage::{ClaimKind, Direction, KeyRange};

use super::index_layout::column_types;
use super::txn::store_error;
use super::write::{IndexProgram, store_entry};
use super::{Program, Shared, Txn, neutral};
use crate::eval::{Compiler, Runtime};
use crate::key;
use crate::row::{Reader, entry};

/// How far a backfill has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackfillProgress {
    /// Where the next batch begins, in another transaction; `None`: every row has its entry.
    pub next: Option<Vec<u8>>,
}

/// Why a backfill stopped.
#[derive(Debug)]
pub enum BackfillError {
    /// Two rows have the same unique key: the build fails.
    Duplicate,
    /// Anything else.
    Sql(SqlError),
}

impl From<SqlError> for BackfillError {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

/// Adds the entries that rows from key `from` on (the table's first row: `None`) lack in `target.table.indexes[index]`; reads at most `max_rows` rows.
///
/// Every row read is claimed with `Observe`: if it changes before the commit, the batch loses and is tried again with a new snapshot. Writers keep the
/// index themselves from the commit that made it on, so a row either has its entry from its writer or gets it here.
///
/// # Errors
/// [`BackfillError::Duplicate`] when a unique key is already another row's.
pub fn backfill_batch(
    txn: &mut Txn,
    target: &WriteTarget,
    index: usize,
    from: Option<&[u8]>,
    max_rows: usize,
) -> Result<BackfillProgress, BackfillError> {
    let table = &target.table;
    let (Some(descriptor), Some(bound)) = (table.indexes.get(index), target.indexes.get(index)) else {
        return Err(BackfillError::Sql(SqlError::internal("no such index to fill")));
    };
    let program = IndexProgram::compile(&Compiler::default(), table, index, descriptor, bound)?;
    let (rows, next) = read_rows(txn, table, from, max_rows)?;
    neutral::with_env(|env| {
        let mut shared = Shared::new(Program::none());
        let mut rt = Runtime { env, txn: Some(txn), shared: &mut shared };
        rows.into_iter().try_for_each(|(row_key, row)| fill(&mut rt, &program, row_key, &row))
    })?;
    Ok(BackfillProgress { next })
}

/// Adds one row's entry.
fn fill(rt: &mut Runtime<'_>, program: &IndexProgram, row_key: Vec<u8>, row: &[Datum]) -> Result<(), BackfillError> {
    let suffix = row_key.get(key::PREFIX_BYTES..).unwrap_or_default().to_vec();
    rt.txn()?.storage.claim(row_key, ClaimKind::Observe);
    let Some(new) = program.entry(rt, row, &suffix)? else { return Ok(()) };
    let txn = rt.txn()?;
    let owner = match txn.get_current(&new.key)? {
        Some(value) => entry::decode(&new.key, &value)?.row_key.to_vec(),
        None => return Ok(store_entry(txn, new)?),
    };
    if owner == suffix { Ok(()) } else { Err(BackfillError::Duplicate) }
}

type RowAndKey = (Vec<u8>, Vec<Datum>);

/// Up to `max_rows` rows, and the key of the one after them.
pub(super) fn read_rows(txn: &Txn, table: &Table, from: Option<&[u8]>, max_rows: usize) -> Result<(Vec<RowAndKey>, Option<Vec<u8>>)> {
    let mut range = KeyRange::prefix(key::prefix(table.oid).to_vec());
    if let Some(from) = from {
        range.start = std::ops::Bound::Included(from.to_vec());
    }
    let types = column_types(table);
    let reader = Reader::new(&types, &(0..types.len()).collect::<Vec<_>>());
    let mut scan = txn.storage.scan(range, Direction::Forward);
    let mut rows = Vec::new();
    while let Some((key, value)) = scan.next().map_err(store_error)? {
        if rows.len() == max_rows {
            return Ok((rows, Some(key.to_vec())));
        }
        let mut row = Vec::with_capacity(types.len());
        reader.read(value, &mut row)?;
        rows.push((key.to_vec(), row));
    }
    Ok((rows, None))
}

/// Deletes up to `max_rows` keys of a dropped table or index; whether there may be more. Nothing is claimed: nobody can name the object any more.
///
/// # Errors
/// When the store cannot be read.
pub fn drop_storage_batch(txn: &mut Txn, object: borealis_pgtypes::Oid, max_rows: usize) -> Result<bool> {
    let mut scan = txn.storage.scan(KeyRange::prefix(key::prefix(object).to_vec()), Direction::Forward);
    let mut keys = Vec::new();
    while keys.len() < max_rows
        && let Some((key, _)) = scan.next().map_err(store_error)?
    {
        keys.push(key.to_vec());
    }
    drop(scan);
    let more = keys.len() == max_rows;
    for key in keys {
        txn.storage.delete(key, None);
    }
    Ok(more)
}
