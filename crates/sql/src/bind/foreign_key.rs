//! Foreign keys that a statement may touch, and everything their checks and actions need.
//!
//! A write of the referencing table must find what it references; a write of the referenced table must look for who references it, and may write them
//! in turn. So a statement needs its table's keys, those that point to it, and the same again for every table that an action can reach.

use std::sync::Arc;

use borealis_catalog::{Column, ForeignKey, IndexKeyPart, Table};
use borealis_pgtypes::{CastContext, Oid, Result, SqlError, operators};

use super::coerce::can_coerce;
use super::{BindContext, Binder, Node};
use crate::bound::{BoundForeignKey, ForeignKeys, KeyPair, WriteTarget};
use crate::expr::{Expr, ExprKind};

/// What a statement does to the rows of its table. An update has one entry per column: `None` for one that it leaves alone.
pub(crate) enum Effect<'e> {
    Insert,
    Update(&'e [Option<Expr>]),
    /// INSERT .. ON CONFLICT DO UPDATE.
    Upsert(&'e [Option<Expr>]),
    Delete,
}

impl Effect<'_> {
    /// Whether rows may come to reference something else by this key, or move while a check of it is pending.
    fn writes_child(&self, table: &Table, key: &ForeignKey) -> bool {
        match self {
            Self::Insert | Self::Upsert(_) => true,
            Self::Update(assignments) => changes(assignments, table, &key.columns) || moves(assignments, table),
            Self::Delete => false,
        }
    }

    /// Whether values that this key may reference can go.
    fn writes_parent(&self, table: &Table, key: &ForeignKey) -> bool {
        match self {
            Self::Insert => false,
            Self::Update(assignments) | Self::Upsert(assignments) => changes(assignments, table, &key.target_columns),
            Self::Delete => true,
        }
    }
}

/// Whether any of the columns may get another value: by an assignment, or because it is generated from others.
fn changes(assignments: &[Option<Expr>], table: &Table, columns: &[i16]) -> bool {
    columns.iter().any(|number| {
        let assigned = assignments.get(super::scope::slot(*number)).is_some_and(Option::is_some);
        assigned || table.column_number(*number).is_some_and(|column| column.generated.is_some())
    })
}

fn moves(assignments: &[Option<Expr>], table: &Table) -> bool {
    let keys = table.primary_key.iter().flat_map(|index| &index.keys);
    let columns: Vec<i16> = keys.filter_map(|key| if let IndexKeyPart::Column(number) = key.part { Some(number) } else { None }).collect();
    changes(assignments, table, &columns)
}

/// The foreign keys of a statement; `None` when it touches none.
pub(crate) fn foreign_keys(table: &Arc<Table>, effect: &Effect<'_>, ctx: &BindContext<'_>) -> Result<Option<Arc<ForeignKeys>>> {
    let mut found = Found { ctx, keys: Vec::new(), written: Vec::new() };
    for key in table.foreign_keys.iter().filter(|key| effect.writes_child(table, key)) {
        found.add(key, table)?;
    }
    for (key, child) in ctx.catalog.referencing(table.oid).filter(|(key, _)| effect.writes_parent(table, key)) {
        found.add(key, child)?;
    }
    if found.keys.is_empty() {
        return Ok(None);
    }
    found.follow_actions()?;
    found.keys.sort_by_key(|bound| bound.key.oid);
    let cascades = found.written.iter().map(|table| super::stored::write_target(table, ctx)).collect::<Result<Vec<WriteTarget>>>()?;
    Ok(Some(Arc::new(ForeignKeys { keys: found.keys, cascades })))
}

struct Found<'a> {
    ctx: &'a BindContext<'a>,
    keys: Vec<BoundForeignKey>,
    /// Tables that actions write.
    written: Vec<Arc<Table>>,
}

impl Found<'_> {
    fn add(&mut self, key: &ForeignKey, child: &Arc<Table>) -> Result<()> {
        if self.keys.iter().any(|known| known.key.oid == key.oid) {
            return Ok(());
        }
        let mut bound = bind_key(key, child, self.ctx)?;
        if [key.on_delete, key.on_update].iter().any(|action| matches!(action, 'c' | 'n' | 'd')) {
            let place = self.written.iter().position(|table| table.oid == child.oid);
            bound.cascade = Some(place.unwrap_or(self.written.len()));
            if place.is_none() {
                self.written.push(child.clone());
            }
        }
        self.keys.push(bound);
        Ok(())
    }

    /// Adds the keys at both ends of every table that an action writes, until no new table turns up.
    fn follow_actions(&mut self) -> Result<()> {
        let mut at = 0;
        while let Some(table) = self.written.get(at).cloned() {
            at += 1;
            for key in &table.foreign_keys {
                self.add(key, &table)?;
            }
            for (key, child) in self.ctx.catalog.referencing(table.oid) {
                self.add(key, child)?;
            }
        }
        Ok(())
    }
}

/// Binds one foreign key for whoever only looks up what its rows reference.
///
/// # Errors
/// `XX000` for a key whose ends cannot be compared, which DDL refuses to make.
pub fn referencing_key(key: &ForeignKey, child: &Arc<Table>, ctx: &BindContext<'_>) -> Result<BoundForeignKey> {
    bind_key(key, child, ctx)
}

fn bind_key(key: &ForeignKey, child: &Arc<Table>, ctx: &BindContext<'_>) -> Result<BoundForeignKey> {
    let missing = || SqlError::internal(format!("foreign key {} has lost one of its ends", key.name));
    let parent = ctx.catalog.table_by_oid(key.target).ok_or_else(missing)?.clone();
    let mut columns: Vec<(&Column, &Column)> = Vec::with_capacity(key.columns.len());
    for (own, referenced) in key.columns.iter().zip(&key.target_columns) {
        columns.push((child.column_number(*own).ok_or_else(missing)?, parent.column_number(*referenced).ok_or_else(missing)?));
    }
    let mut binder = Binder::new(ctx);
    let each = |make: &mut dyn FnMut(usize, &Column, &Column) -> Result<Expr>| -> Result<Vec<Expr>> {
        columns.iter().enumerate().map(|(place, (own, referenced))| make(place, own, referenced)).collect()
    };
    let assigned = match key.on_update {
        'c' => each(&mut |place, own, referenced| binder.assign(slot(place, referenced), own))?,
        _ => Vec::new(),
    };
    let defaults = match (key.on_delete, key.on_update) {
        ('d', _) | (_, 'd') => each(&mut |_, own, _| binder.default_value(child, own))?,
        _ => Vec::new(),
    };
    let pairs = columns.iter().enumerate().map(|(place, (own, referenced))| pair(&mut binder, place, own, referenced));
    let pairs = pairs.collect::<Result<_>>()?;
    Ok(BoundForeignKey { key: key.clone(), child: child.clone(), parent, pairs, assigned, defaults, cascade: None })
}

fn slot(place: usize, column: &Column) -> Node {
    Node::new(ExprKind::Slot(place), column.ty, -1)
}

fn pair(binder: &mut Binder<'_>, place: usize, own: &Column, referenced: &Column) -> Result<KeyPair> {
    let to_parent = binder.coerce(slot(place, own), referenced.ty.oid, CastContext::Explicit)?.expr;
    let to_child = match one_to_one(own.ty.oid, referenced.ty.oid) {
        true => Some(binder.coerce(slot(place, referenced), own.ty.oid, CastContext::Explicit)?.expr),
        false => None,
    };
    Ok(KeyPair { to_parent, to_child })
}

/// The type that has the operators: `varchar` borrows those of `text`.
fn operand(oid: Oid) -> Oid {
    if oid == Oid::VARCHAR { Oid::TEXT } else { oid }
}

/// Whether values of a referencing type can be compared with those of a referenced one: by an operator of their own, or as the latter.
pub(crate) fn comparable(child: Oid, parent: Oid) -> bool {
    let (child, parent) = (operand(child), operand(parent));
    has_operator(child, parent) || operators::equality(parent, parent).is_some() && can_coerce(child, parent, CastContext::Implicit)
}

fn has_operator(child: Oid, parent: Oid) -> bool {
    operators::equality(parent, child).is_some() && operators::equality(child, child).is_some()
}

/// Whether at most one value of the referencing type equals a value of the referenced one.
fn one_to_one(child: Oid, parent: Oid) -> bool {
    let (child, parent) = (operand(child), operand(parent));
    let integer = matches!(child, Oid::INT2 | Oid::INT4 | Oid::INT8);
    has_operator(child, parent) || integer && parent == Oid::NUMERIC || child == Oid::BPCHAR && parent == Oid::TEXT
}
