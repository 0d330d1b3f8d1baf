//! Definitions of indexes that are more than a list of columns: key expressions and predicates, bound over a relation's columns.

use borealis_catalog::{Index, IndexKey, IndexKeyPart, IndexState, Table};
use borealis_pgtypes::{Result, SqlError, Type};

use super::bounds::{Key, KeyPart};
use super::from::Base;
use super::layout::column;
use super::{Planner, fold, walk};
use crate::bind;
use crate::bound::Relation;
use crate::expr::{Expr, ExprKind};
use crate::implication::{implied_by, implies};

/// What the text of an index's descriptor means for one relation of a query level.
#[derive(Debug)]
pub(crate) struct Definition {
    /// Place in `table.indexes`.
    pub(crate) place: usize,
    /// The keys over the relation's columns.
    pub(crate) keys: Vec<Expr>,
    /// The conjuncts of a partial index's predicate.
    pub(crate) predicate: Vec<Expr>,
}

impl Definition {
    /// Whether every row that all of `conditions` let pass has an entry.
    pub(crate) fn has_all_rows_of<'e>(&self, conditions: impl Iterator<Item = &'e Expr> + Clone) -> bool {
        self.predicate.iter().all(|part| implied_by(part, conditions.clone()))
    }

    /// Whether `condition` is true of every row that has an entry.
    pub(crate) fn ensures(&self, condition: &Expr) -> bool {
        self.predicate.iter().any(|part| implies(part, condition))
    }
}

/// Whether a descriptor says more than columns.
pub(crate) fn has_text(index: &Index) -> bool {
    index.predicate.is_some() || index.keys.iter().any(|key| matches!(key.part, IndexKeyPart::Expression(..)))
}

impl Planner<'_> {
    /// The definitions of a table's indexes that are more than columns. Indexes that may not be read are left out.
    pub(crate) fn definitions(&self, table: &Table, relation: usize) -> Result<Vec<Definition>> {
        let Some(binding) = self.ctx.binding else { return Ok(Vec::new()) };
        let mut definitions = Vec::new();
        for (place, index) in table.indexes.iter().enumerate() {
            if index.state != IndexState::Valid || !has_text(index) {
                continue;
            }
            let target = bind::index_target(index, table, binding)?;
            let over_relation = |mut expr: Expr| -> Result<Expr> {
                fold::fold(&mut expr, self.ctx.eval());
                columns_of(expr, table, relation)
            };
            let mut predicate = Vec::new();
            if let Some(condition) = target.predicate {
                walk::conjuncts(over_relation(condition)?, &mut predicate);
            }
            let keys = target.keys.into_iter().map(over_relation).collect::<Result<_>>()?;
            definitions.push(Definition { place, keys, predicate });
        }
        Ok(definitions)
    }
}

/// A stored expression reads `Slot(attnum - 1)`; the query reads columns by their place among the live ones.
fn columns_of(mut expr: Expr, table: &Table, relation: usize) -> Result<Expr> {
    let mut missing = false;
    replace_slots(&mut expr, &mut |slot, ty| {
        let live = table.columns.get(slot).filter(|column| !column.dropped);
        missing |= live.is_none();
        column(0, relation, table.columns.iter().take(slot).filter(|column| !column.dropped).count(), ty)
    });
    if missing { Err(SqlError::internal(format!("an index of table {} reads a column that is no more", table.name))) } else { Ok(expr) }
}

fn replace_slots(expr: &mut Expr, replacement: &mut dyn FnMut(usize, Type) -> Expr) {
    match expr.kind {
        ExprKind::Slot(slot) => *expr = replacement(slot, expr.ty),
        _ => walk::children_mut(expr, &mut |child| replace_slots(child, replacement)),
    }
}

impl Base {
    /// The definition of the index at that place of `table.indexes`, when it is more than columns.
    pub(crate) fn definition(&self, place: usize) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.place == place)
    }

    /// The keys that order an index's entries, as conditions are compared with them; they end before one that is not known.
    pub(crate) fn keys<'d>(&'d self, relation: usize, index: &'d Index, definition: Option<&'d Definition>) -> Vec<Key<'d>> {
        let Relation::Table(table) = &self.entry.relation else { return Vec::new() };
        let key = |(position, key): (usize, &'d IndexKey)| match &key.part {
            IndexKeyPart::Column(number) => {
                let (column, ty) = self.live_column(*number)?;
                let not_null = table.column_number(*number).is_some_and(|column| column.not_null);
                Some(Key { relation, part: KeyPart::Column(column), ty, not_null, nulls_first: key.nulls_first })
            }
            IndexKeyPart::Expression(_, ty) => {
                let part = KeyPart::Expression(definition?.keys.get(position)?);
                Some(Key { relation, part, ty: Type::plain(ty.oid), not_null: false, nulls_first: key.nulls_first })
            }
        };
        table.entry_keys(index).enumerate().map_while(key).collect()
    }
}
