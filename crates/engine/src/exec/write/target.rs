//! A table as writes see it: constraints, keys, entries.

use std::sync::Arc;

use borealis_catalog::{Index, IndexKeyPart, Table};
use borealis_pgtypes::{Datum, Oid, Result};
use borealis_sql::bound::{GeneratedColumn, IndexTarget, WriteTarget};
use borealis_storage::{Before, ClaimKind};

use super::errors;
use super::foreign_key::ForeignKeys;
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::access::{KeyColumn, key_columns};
use crate::exec::index_layout::{column_types, primary_key_places, stored_places};
use crate::key;
use crate::row::{self, entry};

/// A table to write, compiled.
pub(crate) struct Target {
    pub(crate) table: Arc<Table>,
    types: Vec<Oid>,
    generated: Vec<Generated>,
    not_null: Vec<usize>,
    checks: Vec<(String, Code)>,
    /// Conditions of views' check options; they hold of a row that has been written.
    view_checks: Vec<(String, Code)>,
    /// What a tenant guard asks of every row.
    confined: Option<Code>,
    primary: Option<Primary>,
    pub(crate) indexes: Vec<IndexProgram>,
    /// Columns of a unique index that is neither partial nor over expressions: changing one is a change of the row's keys.
    key_columns: Vec<bool>,
    /// Foreign keys that writes leave events for.
    foreign_keys: Option<Arc<ForeignKeys>>,
}

/// A generated column, compiled.
struct Generated {
    place: usize,
    code: Code,
    sources: Vec<usize>,
}

struct Primary {
    places: Vec<usize>,
    columns: Vec<KeyColumn>,
}

impl Primary {
    /// Whether the row's key says the values exactly.
    fn lossless(&self) -> bool {
        self.columns.iter().all(|column| key::lossless(column.oid))
    }
}

/// A secondary index, compiled. Entries are kept whatever the index's state: one being built must not miss a write, a failed one still refuses
/// duplicates.
pub(crate) struct IndexProgram {
    /// Place in `table.indexes`.
    place: usize,
    oid: Oid,
    unique: bool,
    nulls_not_distinct: bool,
    columns: Vec<KeyColumn>,
    keys: Vec<Code>,
    predicate: Option<Code>,
    stored: Vec<usize>,
    stored_types: Vec<Oid>,
}

/// An entry of a secondary index.
#[derive(PartialEq, Eq)]
pub(crate) struct IndexEntry {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    /// No other row may have this key.
    pub(crate) unique: bool,
}

/// A row that has passed its constraints, and where it and its entries go.
pub(crate) struct Prepared {
    pub(crate) key: Vec<u8>,
    pub(crate) entries: Vec<Option<IndexEntry>>,
}

impl Target {
    pub(crate) fn compile(compiler: &Compiler<'_>, target: &WriteTarget) -> Result<Self> {
        let table = Arc::clone(&target.table);
        let checks = target.checks.iter().map(|(name, check)| Ok((name.clone(), compiler.compile(check)?)));
        let indexes = table.indexes.iter().zip(&target.indexes).enumerate();
        Ok(Self {
            types: column_types(&table),
            generated: target.generated.iter().map(|column| Generated::compile(compiler, column)).collect::<Result<_>>()?,
            not_null: (0..table.columns.len()).filter(|place| table.columns[*place].not_null && !table.columns[*place].dropped).collect(),
            checks: checks.collect::<Result<_>>()?,
            view_checks: target
                .view_checks
                .iter()
                .map(|(view, condition)| Ok((view.clone(), compiler.compile(condition)?)))
                .collect::<Result<_>>()?,
            confined: target.confined.as_ref().map(|condition| compiler.compile(condition)).transpose()?,
            primary: table
                .primary_key
                .as_ref()
                .map(|index| Primary { places: primary_key_places(&table), columns: key_columns(&table, index) }),
            indexes: indexes
                .map(|(place, (index, bound))| IndexProgram::compile(compiler, &table, place, index, bound))
                .collect::<Result<_>>()?,
            key_columns: unique_columns(&table),
            foreign_keys: target.foreign_keys.as_ref().map(|keys| ForeignKeys::compile(compiler, keys)).transpose()?,
            table,
        })
    }

    /// Number of columns, dropped ones included.
    pub(crate) fn width(&self) -> usize {
        self.types.len()
    }

    /// Whether the row is one that a tenant guard lets the statement touch.
    pub(super) fn is_open(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<bool> {
        self.confined.as_ref().map_or(Ok(true), |condition| condition.holds(rt, row))
    }

    /// The tenant guard, NOT NULL, sizes and CHECK.
    pub(crate) fn check(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<()> {
        if !self.is_open(rt, row)? {
            return Err(errors::of_another_tenant(rt.env, &self.table, "new row is not of the tenant"));
        }
        if let Some(place) = self.not_null.iter().find(|place| row[**place].is_null()) {
            return Err(errors::not_null(rt.env, &self.table, *place, row));
        }
        self.check_sizes(rt, row)?;
        for (name, check) in &self.checks {
            if check.test3(rt, row)? == Some(false) {
                return Err(errors::check(rt.env, &self.table, name, row));
            }
        }
        Ok(())
    }

    fn check_sizes(&self, rt: &Runtime<'_>, row: &[Datum]) -> Result<()> {
        let limit = rt.env.limits.value_bytes_max;
        for (value, oid) in row.iter().zip(&self.types) {
            let bytes = match value {
                Datum::Text(text) | Datum::Json(text) => text.len(),
                Datum::Bytea(bytes) => bytes.len(),
                // What a document takes in memory bounds what it takes in a row.
                Datum::Jsonb(json) if json.heap_bytes() > limit => stored_bytes(*oid, value)?,
                _ => continue,
            };
            if bytes > limit {
                let name = borealis_pgtypes::types::by_oid(*oid).map_or("unknown", |info| info.display);
                return Err(errors::value_too_large(limit, name));
            }
        }
        Ok(())
    }

    /// The key of a row: of its primary key, or a new hidden row id.
    pub(crate) fn row_key(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Vec<u8>> {
        let mut bytes = key::prefix(self.table.oid).to_vec();
        match &self.primary {
            Some(primary) => {
                for (place, column) in primary.places.iter().zip(&primary.columns) {
                    key::encode(&mut bytes, column.oid, &row[*place], column.nulls_first)?;
                }
                key::check_size(&bytes, rt.env.limits.key_bytes_max)?;
            }
            None => {
                let host = rt.env.eval.host;
                bytes.extend(rt.txn()?.new_row_id(host));
            }
        }
        Ok(bytes)
    }

    /// The key the row has after an update: unchanged for a hidden row id.
    pub(crate) fn updated_key(&self, rt: &mut Runtime<'_>, row: &[Datum], old: &[u8]) -> Result<Vec<u8>> {
        if self.primary.is_some() { self.row_key(rt, row) } else { Ok(old.to_vec()) }
    }

    /// The row's entries under `key`.
    pub(crate) fn entries(&self, rt: &mut Runtime<'_>, row: &[Datum], key: &[u8]) -> Result<Vec<Option<IndexEntry>>> {
        self.indexes.iter().map(|index| index.entry(rt, row, &key[key::PREFIX_BYTES..])).collect()
    }

    /// Computes the generated columns of a new row, checks its constraints and makes its keys.
    pub(crate) fn prepare(&self, rt: &mut Runtime<'_>, row: &mut [Datum]) -> Result<Prepared> {
        for column in &self.generated {
            row[column.place] = column.code.eval(rt, row)?;
        }
        self.check(rt, row)?;
        let key = self.row_key(rt, row)?;
        let entries = self.entries(rt, row, &key)?;
        Ok(Prepared { key, entries })
    }

    /// The row's bytes. Dropped columns are left out: what is written now need not carry them.
    pub(crate) fn encode(&self, rt: &Runtime<'_>, row: &mut [Datum]) -> Result<Vec<u8>> {
        for (value, column) in row.iter_mut().zip(&self.table.columns) {
            if column.dropped {
                *value = Datum::Null;
            }
        }
        let mut bytes = Vec::with_capacity(16 + row.len() * 8);
        row::encode(&mut bytes, &self.types, row)?;
        if bytes.len() > rt.env.limits.row_bytes_max {
            return Err(errors::row_too_large());
        }
        Ok(bytes)
    }

    /// Refuses a row whose primary key is taken.
    pub(crate) fn check_row_key(&self, rt: &mut Runtime<'_>, key: &[u8], row: &[Datum]) -> Result<()> {
        let (Some(primary), Some(index)) = (&self.primary, &self.table.primary_key) else { return Ok(()) };
        if rt.txn()?.get_current(key)?.is_none() {
            return Ok(());
        }
        let keys: Vec<Datum> = primary.places.iter().map(|place| row[*place].clone()).collect();
        Err(errors::duplicate(rt.env, &self.table, index, &keys))
    }

    /// Refuses an entry whose unique key is taken.
    pub(crate) fn check_entry(&self, rt: &mut Runtime<'_>, index: usize, entry: &IndexEntry, row: &[Datum]) -> Result<()> {
        if !entry.unique || rt.txn()?.get_current(&entry.key)?.is_none() {
            return Ok(());
        }
        let program = &self.indexes[index];
        let keys = program.keys.iter().map(|code| code.eval(rt, row)).collect::<Result<Vec<_>>>()?;
        Err(errors::duplicate(rt.env, &self.table, &self.table.indexes[program.place], &keys))
    }

    /// Writes a new row and its entries.
    pub(crate) fn insert(&self, rt: &mut Runtime<'_>, row: &mut [Datum], prepared: Prepared) -> Result<()> {
        match &self.foreign_keys {
            None => self.insert_row(rt, row, prepared),
            Some(keys) => keys.insert(rt, self, row, prepared),
        }
    }

    /// Replaces a row: `old` under `old_key` by `new`.
    pub(crate) fn update(&self, rt: &mut Runtime<'_>, old_key: &[u8], old: &[Datum], new: &mut [Datum]) -> Result<()> {
        match &self.foreign_keys {
            None => self.update_row(rt, old_key, old, new).map(drop),
            Some(keys) => keys.update(rt, self, old_key, old, new),
        }
    }

    /// Removes a row and its entries.
    pub(crate) fn delete(&self, rt: &mut Runtime<'_>, key: &[u8], row: &[Datum]) -> Result<()> {
        match &self.foreign_keys {
            None => self.delete_row(rt, key, row),
            Some(keys) => keys.delete(rt, self, key, row),
        }
    }

    /// Writes a new row and its entries, after checking that its unique keys are free, and counts it.
    pub(super) fn insert_row(&self, rt: &mut Runtime<'_>, row: &mut [Datum], prepared: Prepared) -> Result<()> {
        self.check_row_key(rt, &prepared.key, row)?;
        let value = self.encode(rt, row)?;
        let limit = rt.env.limits.rows_modified_max;
        rt.txn()?.count_row(self.table.oid, limit)?;
        for (index, entry) in prepared.entries.iter().enumerate() {
            if let Some(entry) = entry {
                self.check_entry(rt, index, entry, row)?;
            }
        }
        let txn = rt.txn()?;
        // Nothing was there: that has been checked.
        txn.put_telling(prepared.key, value, Some(ClaimKind::KeyWrite), Before::Absent)?;
        for entry in prepared.entries.into_iter().flatten() {
            store_entry(txn, entry)?;
        }
        self.check_views(rt, row)
    }

    /// Refuses a row that a view written through would not show. PostgreSQL asks after every other constraint.
    fn check_views(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<()> {
        for (view, condition) in &self.view_checks {
            if !condition.holds(rt, row)? {
                return Err(errors::view_check(rt.env, &self.table, view, row));
            }
        }
        Ok(())
    }

    /// Computes those generated columns anew whose sources differ. One that is computed keeps its value whatever an assignment put there.
    fn regenerate(&self, rt: &mut Runtime<'_>, old: &[Datum], new: &mut [Datum]) -> Result<()> {
        for column in &self.generated {
            let unchanged = column.sources.iter().all(|source| surely_same(&old[*source], &new[*source]));
            new[column.place] = if unchanged { old[column.place].clone() } else { column.code.eval(rt, new)? };
        }
        Ok(())
    }

    /// Replaces a row; the key it has moved to, if it has. Only entries that differ are touched.
    pub(super) fn update_row(&self, rt: &mut Runtime<'_>, old_key: &[u8], old: &[Datum], new: &mut [Datum]) -> Result<Option<Vec<u8>>> {
        self.regenerate(rt, old, new)?;
        self.check(rt, new)?;
        let new_key = self.updated_key(rt, new, old_key)?;
        let moved = new_key != old_key;
        if moved {
            self.check_row_key(rt, &new_key, new)?;
        }
        let value = self.encode(rt, new)?;
        let limit = rt.env.limits.rows_modified_max;
        rt.txn()?.count_row(self.table.oid, limit)?;
        let claim = if moved || self.keys_changed(old, new) { ClaimKind::KeyWrite } else { ClaimKind::Write };
        for index in 0..self.indexes.len() {
            self.update_entry(rt, index, (old_key, old), (&new_key, new))?;
        }
        let txn = rt.txn()?;
        let before = if moved { Before::Absent } else { Before::Untold };
        if moved {
            txn.delete_telling(old_key.to_vec(), Some(ClaimKind::KeyWrite), self.removed(old)?)?;
        }
        let moved_to = moved.then(|| new_key.clone());
        txn.put_telling(new_key, value, Some(claim), before)?;
        self.check_views(rt, new)?;
        Ok(moved_to)
    }

    /// What is told of a row that goes: the values of its primary key in key order, where its key's bytes do not say them exactly.
    fn removed(&self, row: &[Datum]) -> Result<Before> {
        let Some(primary) = self.primary.as_ref().filter(|primary| !primary.lossless()) else { return Ok(Before::Untold) };
        let types: Vec<Oid> = primary.columns.iter().map(|column| column.oid).collect();
        let values: Vec<Datum> = primary.places.iter().map(|place| row[*place].clone()).collect();
        let mut told = Vec::new();
        row::encode(&mut told, &types, &values)?;
        Ok(Before::Value(told))
    }

    fn update_entry(&self, rt: &mut Runtime<'_>, index: usize, old: (&[u8], &[Datum]), new: (&[u8], &[Datum])) -> Result<()> {
        let program = &self.indexes[index];
        let before = program.entry(rt, old.1, &old.0[key::PREFIX_BYTES..])?;
        let after = program.entry(rt, new.1, &new.0[key::PREFIX_BYTES..])?;
        if before == after {
            return Ok(());
        }
        let same_key = matches!((&before, &after), (Some(before), Some(after)) if before.key == after.key);
        if let Some(after) = after.as_ref().filter(|_| !same_key) {
            self.check_entry(rt, index, after, new.1)?;
        }
        let txn = rt.txn()?;
        if let Some(before) = before.filter(|_| !same_key) {
            txn.delete(before.key, before.unique.then_some(ClaimKind::KeyWrite))?;
        }
        match after {
            // What the entry carries has changed, not whose key it is: the row's claim says so.
            Some(after) if same_key => txn.put(after.key, after.value, None),
            Some(after) => store_entry(txn, after),
            None => Ok(()),
        }
    }

    /// Whether a column of a unique key has another value.
    fn keys_changed(&self, old: &[Datum], new: &[Datum]) -> bool {
        let columns = self.key_columns.iter().zip(&self.types).zip(old.iter().zip(new));
        columns.into_iter().any(|((key, oid), (old, new))| *key && !crate::eval::order::Order::of(*oid).same(old, new))
    }

    /// Removes a row and its entries, and counts it.
    pub(super) fn delete_row(&self, rt: &mut Runtime<'_>, key: &[u8], row: &[Datum]) -> Result<()> {
        let limit = rt.env.limits.rows_modified_max;
        rt.txn()?.count_row(self.table.oid, limit)?;
        let entries = self.entries(rt, row, key)?;
        let before = self.removed(row)?;
        let txn = rt.txn()?;
        txn.delete_telling(key.to_vec(), Some(ClaimKind::KeyWrite), before)?;
        for entry in entries.into_iter().flatten() {
            txn.delete(entry.key, entry.unique.then_some(ClaimKind::KeyWrite))?;
        }
        Ok(())
    }
}

/// Whether two values are the same to the last byte, as far as that is cheap to tell; equal is not enough, `1.0` and `1.00` are two texts.
fn surely_same(old: &Datum, new: &Datum) -> bool {
    match (old, new) {
        (Datum::Null, Datum::Null) => true,
        (Datum::Bool(old), Datum::Bool(new)) => old == new,
        (Datum::Int2(old), Datum::Int2(new)) => old == new,
        (Datum::Int4(old), Datum::Int4(new)) => old == new,
        (Datum::Int8(old), Datum::Int8(new)) => old == new,
        (Datum::Text(old), Datum::Text(new)) => old == new,
        _ => false,
    }
}

/// Writes an entry: one that no other row may have is claimed, others ride on their row's claim.
pub(crate) fn store_entry(txn: &mut crate::exec::Txn, entry: IndexEntry) -> Result<()> {
    let claim = entry.unique.then_some(ClaimKind::KeyWrite);
    txn.put(entry.key, entry.value, claim)
}

fn stored_bytes(oid: Oid, value: &Datum) -> Result<usize> {
    let mut bytes = Vec::new();
    row::encode(&mut bytes, &[oid], std::slice::from_ref(value))?;
    Ok(bytes.len())
}

fn unique_columns(table: &Table) -> Vec<bool> {
    let plain = |index: &&Index| {
        index.unique && index.predicate.is_none() && index.keys.iter().all(|key| matches!(key.part, IndexKeyPart::Column(_)))
    };
    let mut columns = vec![false; table.columns.len()];
    for key in table.all_indexes().filter(plain).flat_map(|index| &index.keys) {
        if let IndexKeyPart::Column(number) = key.part
            && let Some(column) = usize::try_from(number).ok().and_then(|number| columns.get_mut(number.checked_sub(1)?))
        {
            *column = true;
        }
    }
    columns
}

impl Generated {
    fn compile(compiler: &Compiler<'_>, column: &GeneratedColumn) -> Result<Self> {
        Ok(Self { place: column.place, code: compiler.compile(&column.expr)?, sources: column.sources.clone() })
    }
}

impl IndexProgram {
    pub(crate) fn compile(compiler: &Compiler<'_>, table: &Table, place: usize, index: &Index, bound: &IndexTarget) -> Result<Self> {
        let stored = stored_places(table, index);
        Ok(Self {
            place,
            oid: index.oid,
            unique: index.unique,
            nulls_not_distinct: index.nulls_not_distinct,
            columns: key_columns(table, index),
            keys: compiler.all(&bound.keys)?,
            predicate: compiler.optional(bound.predicate.as_ref())?,
            stored_types: stored.iter().map(|place| table.columns[*place].ty.oid).collect(),
            stored,
        })
    }

    /// The index's oid.
    pub(crate) const fn oid(&self) -> Oid {
        self.oid
    }

    /// The row's entry; none when the predicate leaves the row out. `row_key` is without the table's prefix.
    pub(crate) fn entry(&self, rt: &mut Runtime<'_>, row: &[Datum], row_key: &[u8]) -> Result<Option<IndexEntry>> {
        if let Some(predicate) = &self.predicate
            && !predicate.holds(rt, row)?
        {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(key::PREFIX_BYTES + 16 * self.columns.len() + row_key.len());
        bytes.extend(key::prefix(self.oid));
        let mut nulls = false;
        for (code, column) in self.keys.iter().zip(&self.columns) {
            let mut place = Datum::Null;
            let value = code.eval_ref(rt, row, &mut place)?;
            nulls |= value.is_null();
            key::encode(&mut bytes, column.oid, value, column.nulls_first)?;
        }
        let unique = self.unique && (self.nulls_not_distinct || !nulls);
        if !unique {
            bytes.extend_from_slice(row_key);
        }
        key::check_size(&bytes, rt.env.limits.key_bytes_max)?;
        Ok(Some(IndexEntry { key: bytes, value: self.value(row, row_key, unique)?, unique }))
    }

    fn value(&self, row: &[Datum], row_key: &[u8], unique: bool) -> Result<Vec<u8>> {
        let mut value = Vec::with_capacity(8 + row_key.len());
        entry::encode(&mut value, row_key, !unique);
        if !self.stored.is_empty() {
            let kept: Vec<Datum> = self.stored.iter().map(|place| row[*place].clone()).collect();
            row::encode(&mut value, &self.stored_types, &kept)?;
        }
        Ok(value)
    }
}
