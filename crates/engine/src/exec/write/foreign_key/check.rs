//! The referencing end: what a row references must be there.

use std::sync::Arc;

use borealis_catalog::Table;
use borealis_pgtypes::{Datum, Oid, Result, SqlError};
use borealis_sql::bound::BoundForeignKey;
use borealis_storage::ClaimKind;

use super::compare::{self, Pair};
use super::{index_columns, places, reader};
use crate::eval::{Compiler, Runtime};
use crate::exec::access::{KeyColumn, key_columns};
use crate::exec::write::errors;
use crate::key;
use crate::row::{Reader, entry};

/// What the rows of a table reference by one foreign key, compiled.
pub(crate) struct Reference {
    key: borealis_catalog::ForeignKey,
    pub(super) child: Arc<Table>,
    pub(super) parent: Arc<Table>,
    pub(super) pairs: Vec<Pair>,
    pub(super) child_places: Vec<usize>,
    reader: Reader,
    /// What the referenced key is looked up in: the table itself by its primary key, or a unique index.
    object: Oid,
    /// Key columns of that, and the place of each in the foreign key.
    columns: Vec<(KeyColumn, usize)>,
}

impl Reference {
    pub(crate) fn compile(compiler: &Compiler<'_>, bound: &BoundForeignKey) -> Result<Self> {
        let (key, parent) = (&bound.key, &bound.parent);
        let lost = || SqlError::internal(format!("foreign key {} has lost the index it references", key.name));
        let index = parent.all_indexes().find(|index| index.oid == key.target_index).ok_or_else(lost)?;
        let mut columns = Vec::with_capacity(key.target_columns.len());
        for (number, column) in index_columns(index).ok_or_else(lost)?.iter().zip(key_columns(parent, index)) {
            let place = key.target_columns.iter().position(|target| target == number).ok_or_else(lost)?;
            columns.push((column, place));
        }
        let child_places = places(&key.columns);
        let ty = |table: &Table, number: &i16| table.column_number(*number).map_or(Oid::INVALID, |column| column.ty.oid);
        let ends = key.columns.iter().zip(&key.target_columns);
        let pairs = bound.pairs.iter().zip(ends);
        Ok(Self {
            key: key.clone(),
            child: bound.child.clone(),
            parent: parent.clone(),
            pairs: pairs
                .map(|(pair, (own, target))| Pair::compile(compiler, pair, ty(&bound.child, own), ty(parent, target)))
                .collect::<Result<_>>()?,
            reader: reader(&bound.child, &child_places),
            child_places,
            object: if index.primary { parent.oid } else { index.oid },
            columns,
        })
    }

    /// Whether a row references anything, or would have to: a key with a NULL in it references nothing, and MATCH FULL wants all or none.
    pub(super) fn refers(&self, row: &[Datum]) -> bool {
        let nulls = self.child_places.iter().filter(|place| row[**place].is_null()).count();
        nulls == 0 || self.key.match_type == 'f' && nulls < self.child_places.len()
    }

    /// Whether two versions of a row reference different values.
    pub(super) fn changed(&self, old: &[Datum], new: &[Datum]) -> bool {
        self.child_places.iter().zip(&self.pairs).any(|(place, pair)| !pair.child.same(&old[*place], &new[*place]))
    }

    /// Checks what the row under a key references by now, and claims that it stays; a row that is gone references nothing.
    pub(super) fn check(&self, rt: &mut Runtime<'_>, row_key: &[u8]) -> Result<()> {
        let mut values = Vec::with_capacity(self.child_places.len());
        match rt.txn()?.get_current(row_key)? {
            Some(row) => self.reader.read(&row, &mut values)?,
            None => return Ok(()),
        }
        if let Some(found) = self.resolve(rt, &values)? {
            rt.txn()?.storage.claim(found, ClaimKind::KeyShare);
        }
        Ok(())
    }

    /// The key of the row that a stored row references; `None` when it references nothing.
    ///
    /// # Errors
    /// `23503` when there is no such row.
    pub(crate) fn check_stored(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<()> {
        let values = super::key_values(row, &self.child_places);
        self.resolve(rt, &values).map(drop)
    }

    fn resolve(&self, rt: &mut Runtime<'_>, values: &[Datum]) -> Result<Option<Vec<u8>>> {
        let nulls = values.iter().filter(|value| value.is_null()).count();
        if nulls > 0 {
            let mixed = self.key.match_type == 'f' && nulls < values.len();
            return if mixed { Err(errors::mixed_nulls(rt.env, &self.child, &self.key)) } else { Ok(None) };
        }
        let found = match compare::to_parent(rt, &self.pairs, values)? {
            Some(key) => self.find(rt, &key)?,
            None => None,
        };
        match found {
            Some(row_key) => Ok(Some(row_key)),
            None => Err(errors::not_referenced(rt.env, &self.child, &self.parent, &self.key, values)),
        }
    }

    /// The key of the row that has these referenced values.
    pub(super) fn find(&self, rt: &mut Runtime<'_>, values: &[Datum]) -> Result<Option<Vec<u8>>> {
        let mut bytes = key::prefix(self.object).to_vec();
        for (column, place) in &self.columns {
            key::encode(&mut bytes, column.oid, &values[*place], column.nulls_first)?;
        }
        let txn = rt.txn()?;
        let Some(value) = txn.get_current(&bytes)? else { return Ok(None) };
        if self.object == self.parent.oid {
            drop(value);
            return Ok(Some(bytes));
        }
        let row_key = entry::decode(&bytes, &value)?.row_key;
        Ok(Some([&key::prefix(self.parent.oid), row_key].concat()))
    }
}
