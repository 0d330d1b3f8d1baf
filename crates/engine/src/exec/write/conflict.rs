//! ON CONFLICT.

use std::collections::HashSet;

use borealis_catalog::Table;
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};
use borealis_sql::bound::OnConflict;

use super::target::{Prepared, Target};
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::index_layout::column_types;
use crate::key;
use crate::row::{Reader, entry};

/// ON CONFLICT, compiled.
pub(super) struct ConflictCode {
    /// Empty: every unique index.
    arbiters: Vec<Oid>,
    primary: Option<Oid>,
    update: Option<UpdateCode>,
    /// Reads the existing row.
    reader: Reader,
}

struct UpdateCode {
    assignments: Vec<Option<Code>>,
    filter: Option<Code>,
}

/// Keys of rows this command has inserted or updated.
#[derive(Default)]
pub(super) struct Touched(HashSet<Vec<u8>>);

impl Touched {
    pub(super) fn add(&mut self, key: &[u8]) {
        self.0.insert(key.to_vec());
    }
}

impl ConflictCode {
    pub(super) fn compile(compiler: &Compiler<'_>, table: &Table, conflict: &OnConflict) -> Result<Self> {
        let update = conflict.update.as_ref().map(|update| {
            Ok(UpdateCode {
                assignments: update.assignments.iter().map(|value| compiler.optional(value.as_ref())).collect::<Result<_>>()?,
                filter: compiler.optional(update.filter.as_ref())?,
            })
        });
        let places: Vec<usize> = (0..table.columns.len()).collect();
        Ok(Self {
            arbiters: conflict.arbiters.clone(),
            primary: table.primary_key.as_ref().map(|index| index.oid),
            update: update.transpose()?,
            reader: Reader::new(&column_types(table), &places),
        })
    }

    fn arbitrates(&self, index: Oid) -> bool {
        self.arbiters.is_empty() || self.arbiters.contains(&index)
    }

    /// The key of the row that has a unique key of the new one, by an index that arbitrates.
    pub(super) fn find(&self, rt: &mut Runtime<'_>, target: &Target, prepared: &Prepared) -> Result<Option<Vec<u8>>> {
        let txn = rt.txn()?;
        if self.primary.is_some_and(|primary| self.arbitrates(primary)) && txn.get_current(&prepared.key)?.is_some() {
            return Ok(Some(prepared.key.clone()));
        }
        for (index, new) in target.indexes.iter().zip(&prepared.entries) {
            let Some(new) = new.as_ref().filter(|new| new.unique && self.arbitrates(index.oid())) else { continue };
            if let Some(value) = txn.get_current(&new.key)? {
                let row_key = entry::decode(&new.key, &value)?.row_key;
                return Ok(Some([&key::prefix(target.table.oid), row_key].concat()));
            }
        }
        Ok(None)
    }

    /// Does what the clause says with the existing row; the new version of it when it was updated.
    pub(super) fn resolve(
        &self,
        rt: &mut Runtime<'_>,
        target: &Target,
        existing: &[u8],
        proposed: &[Datum],
        touched: &mut Touched,
    ) -> Result<Option<Vec<Datum>>> {
        let Some(update) = &self.update else { return Ok(None) };
        if touched.0.contains(existing) {
            return Err(SqlError::new(SqlState::CARDINALITY_VIOLATION, "ON CONFLICT DO UPDATE command cannot affect row a second time")
                .hint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values."));
        }
        let mut row = Vec::with_capacity(2 * target.width());
        match rt.txn()?.get_current(existing)? {
            Some(stored) => self.reader.read(&stored, &mut row)?,
            None => return Err(SqlError::new(SqlState::DATA_CORRUPTED, "an index entry leads to no row")),
        }
        if !target.is_open(rt, &row)? {
            let what = "the row in conflict is not of the tenant";
            return Err(super::errors::of_another_tenant(rt.env, &target.table, what)
                .hint("Make the tenant's column part of the key that the statement names."));
        }
        row.extend_from_slice(proposed);
        if let Some(filter) = &update.filter
            && !filter.holds(rt, &row)?
        {
            return Ok(None);
        }
        let mut new: Vec<Datum> = row[..target.width()].to_vec();
        for (place, assignment) in update.assignments.iter().enumerate() {
            if let Some(assignment) = assignment {
                new[place] = assignment.eval(rt, &row)?;
            }
        }
        row.truncate(target.width());
        target.update(rt, existing, &row, &mut new)?;
        touched.add(existing);
        Ok(Some(new))
    }
}
