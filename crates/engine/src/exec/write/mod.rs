//! INSERT, UPDATE, DELETE, and COPY FROM.
//!
//! A statement first collects the rows it is about and only then writes, so it never meets its own work. What a row's write must check and which
//! entries it touches is a [`target::Target`], compiled once; the claims follow from the table in `docs/architecture/executor.md`. What a write leaves to
//! be checked once the statement is done is a [`foreign_key::Event`].

mod conflict;
mod copy;
mod delete;
mod errors;
pub(super) mod foreign_key;
mod insert;
mod target;
mod update;

pub use copy::CopyIn;
pub(super) use delete::DeleteNode;
pub(super) use errors::violated_by_some_row;
pub(super) use insert::InsertNode;
pub(super) use target::{IndexProgram, store_entry};
pub(super) use update::UpdateNode;

use borealis_pgtypes::{Datum, Result, SqlError, SqlState};

use super::batch::{BATCH_ROWS, Batch};
use super::operator::Operator;
use super::txn::row_limit_exceeded;
use crate::eval::{Code, Runtime};

/// Refuses to write in a read-only transaction.
fn check_writable(rt: &mut Runtime<'_>, statement: &str) -> Result<()> {
    if rt.txn()?.read_only {
        let message = format!("cannot execute {statement} in a read-only transaction");
        return Err(SqlError::new(SqlState::READ_ONLY_SQL_TRANSACTION, message));
    }
    Ok(())
}

/// Reads all rows of a source; `keep` says which of them count. No more are read than the transaction may still modify.
fn collect(
    rt: &mut Runtime<'_>,
    source: &mut dyn Operator,
    bounded: bool,
    mut keep: impl FnMut(&[Datum]) -> Result<bool>,
) -> Result<Vec<Batch>> {
    let limit = rt.env.limits.rows_modified_max.saturating_sub(rt.txn()?.rows_modified);
    let limit = if bounded { usize::try_from(limit).unwrap_or(usize::MAX) } else { usize::MAX };
    let (mut batches, mut total) = (Vec::new(), 0usize);
    loop {
        let mut rows = Batch::default();
        if !source.next(rt, &mut rows, BATCH_ROWS)? {
            return Ok(batches);
        }
        let mut kept = 0;
        for index in 0..rows.len() {
            if keep(rows.row(index))? {
                rows.move_row(index, kept);
                kept += 1;
            }
        }
        rows.truncate(kept);
        total += kept;
        if total > limit {
            return Err(row_limit_exceeded());
        }
        rt.charge(rows.bytes())?;
        batches.push(rows);
    }
}

/// Frees what [`collect`] has counted.
fn release(rt: &mut Runtime<'_>, batches: &[Batch]) {
    rt.shared.memory.release(batches.iter().map(Batch::bytes).sum());
}

/// Appends the RETURNING row.
fn push_returning(rt: &mut Runtime<'_>, returning: &[Code], row: &[Datum], out: &mut Batch) -> Result<()> {
    if returning.is_empty() {
        return Ok(());
    }
    for code in returning {
        let value = code.eval(rt, row)?;
        out.push_value(value);
    }
    out.end_row();
    Ok(())
}

/// Gives out the RETURNING rows of a statement that has run.
fn give(rows: &mut Option<Batch>, given: &mut usize, out: &mut Batch, max: usize) -> bool {
    let Some(rows) = rows else { return false };
    out.reset(rows.width());
    let end = rows.len().min(given.saturating_add(max));
    for index in *given..end {
        out.push(rows.row(index));
    }
    *given = end;
    !out.is_empty()
}

/// The locator in a row: the storage key of the row it belongs to.
fn locator(row: &[Datum], slot: usize) -> Result<&std::sync::Arc<[u8]>> {
    match row.get(slot) {
        Some(Datum::Bytea(key)) => Ok(key),
        _ => Err(SqlError::internal("a row to change without its locator")),
    }
}
