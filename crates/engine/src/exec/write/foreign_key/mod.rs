//! Foreign keys: what a statement's writes leave to be checked, and the checks.
//!
//! A write of a row that has to do with a foreign key leaves an [`Event`] in the transaction: a referencing row came (or changed what it
//! references), or a referenced key went. The events of a statement are looked at when it is done, in their order, as PostgreSQL's AFTER triggers are: so
//! that rows of one statement may reference each other. What an action writes leaves events of its own, behind all others. Checks that are deferred wait
//! until COMMIT, or until SET CONSTRAINTS calls them.
//!
//! Nobody waits, so what is found must still hold when the transaction commits. A check claims the row it has found with `KeyShare`; whoever deletes that row or
//! changes its keys claims it with `KeyWrite`; of two such transactions the second to commit loses. That also covers a child which comes while its
//! parent goes and which the parent's transaction cannot see: both claim the parent.

mod action;
mod check;
mod children;
mod compare;
mod pending;

use std::sync::Arc;

use borealis_catalog::{IndexKeyPart, Table};
use borealis_pgtypes::{Datum, Oid, Result};
use borealis_sql::bound::{self, BoundForeignKey};

use super::target::{Prepared, Target};
use crate::eval::order::Order;
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::index_layout::column_types;
use crate::row::Reader;
pub(crate) use check::Reference;
use children::Children;
pub use pending::ConstraintMode;
pub(crate) use pending::{Event, Events, What};

/// The foreign keys of a statement, compiled.
pub(crate) struct ForeignKeys {
    keys: Vec<ForeignKey>,
    /// Tables that actions write, by [`ForeignKey::cascade`].
    cascades: Vec<Target>,
}

/// A foreign key, compiled.
pub(super) struct ForeignKey {
    key: borealis_catalog::ForeignKey,
    /// What it references, looked up.
    reference: Reference,
    /// Who references a value, looked up.
    children: Children,
    parent_places: Vec<usize>,
    /// ON UPDATE CASCADE: the referenced values as the referencing columns take them.
    assigned: Vec<Code>,
    /// SET DEFAULT: the referencing columns' defaults.
    defaults: Vec<Code>,
    cascade: Option<usize>,
}

/// Places (`attnum - 1`) of columns.
fn places(numbers: &[i16]) -> Vec<usize> {
    numbers.iter().filter_map(|number| usize::try_from(*number).ok()?.checked_sub(1)).collect()
}

fn key_values(row: &[Datum], places: &[usize]) -> Vec<Datum> {
    places.iter().map(|place| row[*place].clone()).collect()
}

impl ForeignKey {
    fn compile(compiler: &Compiler<'_>, bound: &BoundForeignKey) -> Result<Self> {
        let reference = Reference::compile(compiler, bound)?;
        Ok(Self {
            children: Children::new(bound, &reference.pairs),
            reference,
            parent_places: places(&bound.key.target_columns),
            assigned: compiler.all(&bound.assigned)?,
            defaults: compiler.all(&bound.defaults)?,
            cascade: bound.cascade,
            key: bound.key.clone(),
        })
    }
}

impl ForeignKeys {
    pub(crate) fn compile(compiler: &Compiler<'_>, bound: &bound::ForeignKeys) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            keys: bound.keys.iter().map(|key| ForeignKey::compile(compiler, key)).collect::<Result<_>>()?,
            cascades: bound.cascades.iter().map(|target| Target::compile(compiler, target)).collect::<Result<_>>()?,
        }))
    }

    /// Inserts a row.
    pub(super) fn insert(self: &Arc<Self>, rt: &mut Runtime<'_>, target: &Target, row: &mut [Datum], prepared: Prepared) -> Result<()> {
        let row_key: Arc<[u8]> = Arc::from(prepared.key.as_slice());
        target.insert_row(rt, row, prepared)?;
        for (place, key) in self.of_child(target.table.oid) {
            if key.reference.refers(row) {
                self.leave(rt, place, What::Came { row_key: Arc::clone(&row_key) })?;
            }
        }
        Ok(())
    }

    /// Deletes a row.
    pub(super) fn delete(self: &Arc<Self>, rt: &mut Runtime<'_>, target: &Target, row_key: &[u8], row: &[Datum]) -> Result<()> {
        target.delete_row(rt, row_key, row)?;
        for (place, key) in self.of_parent(target.table.oid) {
            let old = key_values(row, &key.parent_places);
            if !old.iter().any(Datum::is_null) {
                self.leave(rt, place, What::Went { old, new: None })?;
            }
        }
        Ok(())
    }

    /// Updates a row: first what the old key had, then what the new row references.
    pub(super) fn update(
        self: &Arc<Self>,
        rt: &mut Runtime<'_>,
        target: &Target,
        row_key: &[u8],
        old: &[Datum],
        new: &mut [Datum],
    ) -> Result<()> {
        // A check of the row as it was may be pending, under the key it leaves.
        let pending = rt.txn()?.storage.has_written(row_key);
        let moved_to = target.update_row(rt, row_key, old, new)?;
        for (place, key) in self.of_parent(target.table.oid) {
            let (before, after) = (key_values(old, &key.parent_places), key_values(new, &key.parent_places));
            if !before.iter().any(Datum::is_null) && !identical(&before, &after) {
                self.leave(rt, place, What::Went { old: before, new: Some(after) })?;
            }
        }
        let again = pending && moved_to.is_some();
        let row_key: Arc<[u8]> = Arc::from(moved_to.as_deref().unwrap_or(row_key));
        for (place, key) in self.of_child(target.table.oid) {
            if key.reference.refers(new) && (again || key.reference.changed(old, new)) {
                self.leave(rt, place, What::Came { row_key: Arc::clone(&row_key) })?;
            }
        }
        Ok(())
    }

    fn leave(self: &Arc<Self>, rt: &mut Runtime<'_>, key: usize, what: What) -> Result<()> {
        rt.txn()?.events.add(Event { keys: Arc::clone(self), key, what });
        Ok(())
    }

    fn of_child(&self, table: Oid) -> impl Iterator<Item = (usize, &ForeignKey)> {
        self.keys.iter().enumerate().filter(move |(_, key)| key.reference.child.oid == table)
    }

    fn of_parent(&self, table: Oid) -> impl Iterator<Item = (usize, &ForeignKey)> {
        self.keys.iter().enumerate().filter(move |(_, key)| key.key.target == table)
    }
}

/// Whether no value has changed, not even its looks: `1.0` that becomes `1.00` is carried on to whoever references it.
fn identical(old: &[Datum], new: &[Datum]) -> bool {
    old.iter().zip(new).all(|(old, new)| match (old, new) {
        (Datum::Text(old), Datum::Text(new)) => old == new,
        (Datum::Numeric(old), Datum::Numeric(new)) => old.to_string() == new.to_string(),
        (Datum::Float8(old), Datum::Float8(new)) => old.to_bits() == new.to_bits(),
        (Datum::Float4(old), Datum::Float4(new)) => old.to_bits() == new.to_bits(),
        _ => Order::Plain.same(old, new),
    })
}

/// Looks at the events of the statement that has just run, and at those its actions leave.
///
/// # Errors
/// `23503`, and whatever an action's writes answer.
pub(crate) fn check_events(rt: &mut Runtime<'_>) -> Result<()> {
    while let Some(event) = rt.txn()?.events.next_due() {
        rt.env.eval.host.check_interrupt()?;
        event.run(rt)?;
    }
    Ok(())
}

/// Reads the columns of a table's rows at `places`.
fn reader(table: &Table, places: &[usize]) -> Reader {
    Reader::new(&column_types(table), places)
}

/// Columns of an index that has no expressions.
fn index_columns(index: &borealis_catalog::Index) -> Option<Vec<i16>> {
    index.keys.iter().map(|key| if let IndexKeyPart::Column(number) = key.part { Some(number) } else { None }).collect()
}
