//! What a query names: the tables, views and columns a view depends on. After `recordDependencyOnExpr`.

use std::collections::BTreeSet;

use borealis_catalog::depend::{Address, Class};
use borealis_pgtypes::{Datum, Oid, Type};

use super::walk;
use crate::bound::{BoundDistinct, CteBody, FromItem, Query, QueryBody, Relation, RelationEntry, Select};
use crate::expr::{ColumnRef, Expr, ExprKind};

/// The user's objects a query depends on. A relation of which columns are read is named by them alone.
pub(crate) fn of_query(query: &Query) -> Vec<Address> {
    let mut found = References::default();
    found.query(query);
    let whole = |address: &Address| address.class == Class::Relation && address.column == 0;
    let has_columns = |oid: Oid| found.found.iter().any(|other| other.class == Class::Relation && other.oid == oid && other.column != 0);
    found.found.iter().filter(|address| !whole(address) || !has_columns(address.oid)).copied().collect()
}

#[derive(Default)]
struct References<'q> {
    /// Relations of the levels around, innermost last; a level that is no SELECT has none.
    levels: Vec<&'q [RelationEntry]>,
    found: BTreeSet<Address>,
}

impl<'q> References<'q> {
    fn add(&mut self, address: Address) {
        if address.oid >= Oid::FIRST_USER {
            self.found.insert(address);
        }
    }

    fn ty(&mut self, ty: Type) {
        self.add(Address::new(Class::Type, ty.oid));
        self.add(Address::new(Class::Type, ty.declared));
    }

    fn query(&mut self, query: &'q Query) {
        let relations: &[RelationEntry] = match &query.body {
            QueryBody::Select(select) => &select.relations,
            QueryBody::Values(_) | QueryBody::SetOperation { .. } => &[],
        };
        self.levels.push(relations);
        for cte in &query.ctes {
            match &cte.body {
                CteBody::Query(query) => self.query(query),
                CteBody::Recursive { base, recursive, traversal, .. } => {
                    self.query(base);
                    self.query(recursive);
                    // A mark may be of a domain.
                    let marks = traversal.cycle.iter().flat_map(|cycle| [&cycle.value, &cycle.default]);
                    marks.for_each(|mark| self.expr(mark));
                }
                CteBody::Modify(_) => {}
            }
        }
        match &query.body {
            QueryBody::Select(select) => self.select(select),
            QueryBody::Values(rows) => rows.iter().flatten().for_each(|expr| self.expr(expr)),
            QueryBody::SetOperation { left, right, .. } => {
                self.query(left);
                self.query(right);
            }
        }
        query.order_by.iter().for_each(|key| self.expr(&key.expr));
        query.limit.iter().chain(&query.offset).for_each(|expr| self.expr(expr));
        self.levels.pop();
    }

    fn select(&mut self, select: &'q Select) {
        select.relations.iter().for_each(|entry| self.relation(entry));
        select.from.iter().for_each(|item| self.from(item));
        let exprs = select.filter.iter().chain(&select.group_by).chain(&select.having).chain(&select.targets);
        exprs.for_each(|expr| self.expr(expr));
        for window in &select.windows {
            window.partition_by.iter().for_each(|expr| self.expr(expr));
            window.order_by.iter().for_each(|key| self.expr(&key.expr));
            window.start_offset.iter().chain(&window.end_offset).for_each(|expr| self.expr(expr));
        }
        if let BoundDistinct::On(exprs) = &select.distinct {
            exprs.iter().for_each(|expr| self.expr(expr));
        }
    }

    fn relation(&mut self, entry: &'q RelationEntry) {
        // What a view reads is the view's own business.
        if let Some(view) = entry.form.view {
            self.add(Address::relation(view));
            return;
        }
        if let Some(sequence) = entry.form.sequence {
            self.add(Address::relation(sequence));
            return;
        }
        match &entry.relation {
            Relation::Table(table) => self.add(Address::relation(table.oid)),
            Relation::Subquery(query) => self.query(query),
            Relation::Function { functions, .. } => functions.iter().for_each(|function| self.expr(&function.expr)),
            Relation::Values(rows) => rows.iter().flatten().for_each(|expr| self.expr(expr)),
            Relation::System(_) | Relation::Cte(_) | Relation::WorkTable(_) => {}
        }
    }

    fn from(&mut self, item: &'q FromItem) {
        if let FromItem::Join { left, right, condition, .. } = item {
            self.from(left);
            self.from(right);
            condition.iter().for_each(|expr| self.expr(expr));
        }
    }

    fn expr(&mut self, expr: &'q Expr) {
        match &expr.kind {
            ExprKind::Column(column) => self.column(column),
            ExprKind::Call { function, .. } | ExprKind::SetFunction { function, .. } => {
                self.add(Address::new(Class::Function, function.oid))
            }
            ExprKind::Routine(call) => self.add(Address::new(Class::Function, call.spec.routine.oid)),
            ExprKind::Aggregate(call) => self.add(Address::new(Class::Function, call.function.oid)),
            ExprKind::Window(call) => self.add(Address::new(Class::Function, call.function.oid)),
            // A relation named by a constant: `nextval('s')`.
            ExprKind::Const(Datum::Oid(relation)) if expr.ty.oid == Oid::REGCLASS => self.add(Address::relation(*relation)),
            ExprKind::Coerce { .. } | ExprKind::Const(_) => self.ty(expr.ty),
            ExprKind::Subquery(subquery) => self.query(&subquery.query),
            _ => {}
        }
        walk::children(expr, &mut |child| self.expr(child));
    }

    fn column(&mut self, column: &ColumnRef) {
        // That a row is there at all is no column's doing.
        if column.column == ColumnRef::LOCATOR {
            return;
        }
        let level = usize::try_from(column.depth).ok().and_then(|depth| self.levels.len().checked_sub(depth + 1));
        let Some(entry) = level.and_then(|level| self.levels[level].get(column.relation)) else { return };
        let number = i16::try_from(column.column + 1).unwrap_or(i16::MAX);
        match (&entry.form.view, &entry.relation) {
            (Some(view), _) => self.add(Address::column(*view, number)),
            (None, Relation::Table(table)) => {
                if let Some(column) = table.live_columns().nth(column.column) {
                    self.add(Address::column(table.oid, column.number));
                }
            }
            _ => {}
        }
    }
}
