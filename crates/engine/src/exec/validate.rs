//! Work of validation jobs, one transaction's worth at a time.
//!
//! Nothing is claimed, and no writer has to mind. A constraint binds every write whose transaction began after the constraint was made, and older ones
//! cannot commit any more; so a row that is right in one snapshot is right in all later ones, and batches may each have their own.

use borealis_pgtypes::Result;
use borealis_sql::bound::{BoundForeignKey, WriteTarget};

use super::backfill::read_rows;
use super::write::foreign_key::Reference;
use super::write::violated_by_some_row;
use super::{Program, QueryEnv, Shared, Txn};
use crate::eval::{Compiler, Runtime};

/// A constraint whose rows are to be looked at.
pub enum Validation<'a> {
    /// A CHECK of the table, by its place in `checks`.
    Check(&'a WriteTarget, usize),
    /// A foreign key.
    ForeignKey(&'a BoundForeignKey),
}

/// Looks at up to `max_rows` rows from key `from` on (the table's first row: `None`); answers where the next batch begins, `None` at the end.
///
/// # Errors
/// `23514` or `23503` for a row that violates the constraint, and whatever a condition answers.
pub fn validate_batch(
    txn: &mut Txn,
    env: &QueryEnv<'_>,
    constraint: &Validation<'_>,
    from: Option<&[u8]>,
    max_rows: usize,
) -> Result<Option<Vec<u8>>> {
    let compiler = Compiler::default();
    let table = match constraint {
        Validation::Check(target, _) => &target.table,
        Validation::ForeignKey(key) => &key.child,
    };
    let (rows, next) = read_rows(txn, table, from, max_rows)?;
    let mut shared = Shared::new(Program::none());
    let mut rt = Runtime { env, txn: Some(txn), shared: &mut shared };
    match constraint {
        Validation::Check(target, place) => {
            let (name, condition) = &target.checks[*place];
            let condition = compiler.compile(condition)?;
            for (_, row) in &rows {
                if condition.test3(&mut rt, row)? == Some(false) {
                    return Err(violated_by_some_row(env, table, name));
                }
            }
        }
        Validation::ForeignKey(key) => {
            let reference = Reference::compile(&compiler, key)?;
            rows.iter().try_for_each(|(_, row)| reference.check_stored(&mut rt, row))?;
        }
    }
    Ok(next)
}
