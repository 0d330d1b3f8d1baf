//! Who references a value: an index of the referencing table that begins with the key's columns, or else all of its rows.

use borealis_catalog::{IndexState, Table};
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};
use borealis_sql::bound::BoundForeignKey;
use borealis_storage::{Direction, KeyRange};

use super::compare::{self, Pair};
use super::{index_columns, places, reader};
use crate::eval::Runtime;
use crate::exec::Txn;
use crate::exec::access::{KeyColumn, key_columns};
use crate::exec::scan::Cursor;
use crate::key;
use crate::row::{Reader, entry};

/// Rows looked at between two checks for cancellation.
const ROWS_PER_CHECK: usize = 1024;

/// The rows that reference a value, looked up.
pub(super) struct Children {
    table: Oid,
    /// What is searched: the table itself, or an index.
    object: Oid,
    /// Leading key columns of that which are the foreign key's, with their places in it.
    prefix: Vec<(KeyColumn, usize)>,
    /// Reads the key's columns.
    key: Reader,
    /// Reads whole rows.
    row: Reader,
    columns: usize,
}

/// A referencing row.
pub(super) type Child = (Vec<u8>, Vec<Datum>);

impl Children {
    pub(super) fn new(bound: &BoundForeignKey, pairs: &[Pair]) -> Self {
        let table = &bound.child;
        let (object, prefix) = best_access(table, &bound.key.columns, pairs);
        let all: Vec<usize> = (0..table.columns.len()).collect();
        Self {
            table: table.oid,
            object,
            prefix,
            key: reader(table, &places(&bound.key.columns)),
            row: reader(table, &all),
            columns: bound.key.columns.len(),
        }
    }

    /// Whether any row references the value.
    pub(super) fn any(&self, rt: &mut Runtime<'_>, pairs: &[Pair], parent: &[Datum]) -> Result<bool> {
        Ok(!self.search(rt, pairs, parent, 1)?.is_empty())
    }

    /// All rows that reference the value; no more than the transaction may still modify.
    pub(super) fn all(&self, rt: &mut Runtime<'_>, pairs: &[Pair], parent: &[Datum]) -> Result<Vec<Child>> {
        let left = rt.env.limits.rows_modified_max.saturating_sub(rt.txn()?.rows_modified);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let found = self.search(rt, pairs, parent, left.saturating_add(1))?;
        if found.len() > left {
            return Err(crate::exec::txn::row_limit_exceeded());
        }
        Ok(found)
    }

    fn search(&self, rt: &mut Runtime<'_>, pairs: &[Pair], parent: &[Datum], max: usize) -> Result<Vec<Child>> {
        let Some(wanted) = compare::to_child(rt, pairs, parent)? else { return Ok(Vec::new()) };
        let mut bytes = key::prefix(self.object).to_vec();
        for (column, place) in &self.prefix {
            key::encode(&mut bytes, column.oid, &wanted[*place], column.nulls_first)?;
        }
        let Some(txn) = rt.txn.take() else { return Err(SqlError::internal("a foreign key's search inside a scan")) };
        let found = self.scan(rt, txn, KeyRange::prefix(bytes), (pairs, parent), max);
        rt.txn = Some(txn);
        found
    }

    fn scan(
        &self,
        rt: &mut Runtime<'_>,
        txn: &Txn,
        range: KeyRange,
        (pairs, parent): (&[Pair], &[Datum]),
        max: usize,
    ) -> Result<Vec<Child>> {
        let mut cursor = Cursor::open(txn, range, Direction::Forward);
        let (mut found, mut looked_at, mut values) = (Vec::new(), 0usize, Vec::with_capacity(self.columns));
        while found.len() < max
            && let Some((key, value)) = cursor.next()?
        {
            looked_at += 1;
            if looked_at % ROWS_PER_CHECK == 0 {
                rt.env.eval.host.check_interrupt()?;
            }
            let mut take = |row_key: Vec<u8>, row: &[u8]| {
                values.clear();
                self.key.read(row, &mut values)?;
                if compare::matches(rt, pairs, &values, parent)? {
                    let mut whole = Vec::new();
                    self.row.read(row, &mut whole)?;
                    found.push((row_key, whole));
                }
                Ok(())
            };
            if self.object == self.table {
                take(key.to_vec(), value)?;
                continue;
            }
            let row_key = [&key::prefix(self.table), entry::decode(key, value)?.row_key].concat();
            match txn.get_current(&row_key)? {
                Some(row) => take(row_key, &row)?,
                None => return Err(SqlError::new(SqlState::DATA_CORRUPTED, "an index entry leads to no row")),
            }
        }
        Ok(found)
    }
}

/// The index with the most leading columns that the key has; rows in key order before entries that lead to them.
fn best_access(table: &Table, columns: &[i16], pairs: &[Pair]) -> (Oid, Vec<(KeyColumn, usize)>) {
    let mut best = (table.oid, Vec::new());
    let usable = table.all_indexes().filter(|index| index.predicate.is_none() && index.state == IndexState::Valid);
    for index in usable {
        // An index over expressions counts up to the first of them.
        let numbers = index_columns(index).unwrap_or_default();
        let place = |number: &i16| columns.iter().position(|column| column == number).filter(|place| pairs[*place].is_searchable());
        let keys = key_columns(table, index).into_iter().zip(numbers);
        let prefix: Vec<_> = keys.map_while(|(column, number)| Some((column, place(&number)?))).collect();
        if prefix.len() > best.1.len() {
            best = (if index.primary { table.oid } else { index.oid }, prefix);
        }
    }
    best
}
