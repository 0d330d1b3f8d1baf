//! INSERT, UPDATE and DELETE: the rows they work on, in the slots their plan nodes promise.

use borealis_catalog::Table;
use borealis_pgtypes::{Datum, Result, Type};

use super::cost;
use super::from::{FromClause, Needed, Rows, Wish};
use super::layout::{LOCATOR, Layout};
use super::{Planner, build, fold, substitute, walk};
use crate::bound::{ConflictUpdate, Delete, Insert, OnConflict, Select, Update, WriteTarget};
use crate::expr::{Expr, ExprKind};
use crate::plan::{DeletePlan, Estimate, InsertPlan, Node, Plan, UpdatePlan};

impl Planner<'_> {
    /// INSERT.
    pub(crate) fn insert(&mut self, insert: Insert) -> Result<Plan> {
        let Insert { ctes, mut target, alias: _, source, values, on_conflict, returning } = insert;
        self.enter();
        self.uses_table(target.table.oid);
        self.uses_foreign_keys(&target);
        self.define_ctes(ctes)?;
        let source = match source {
            Some(query) => self.nested_query(query)?,
            None => Plan { node: Node::Result { filter: None }, types: Vec::new(), estimate: cost::result(&[]) },
        };
        let identity = Layout::identity();
        let mut values = values;
        values.iter_mut().for_each(|value| fold::fold(value, self.ctx.eval()));
        let values = self.lower_all(values, &identity)?;
        let source = insert_rows(source, values);
        let on_conflict = on_conflict.map(|conflict| self.on_conflict(conflict)).transpose()?;
        let types: Vec<Type> = returning.iter().map(|expr| expr.ty).collect();
        let returning = self.lower_all(returning, &identity)?;
        self.view_checks(&mut target)?;
        self.leave();
        let estimate = modify_estimate(&source.estimate, &types);
        Ok(Plan { node: Node::Insert(Box::new(InsertPlan { target, source, on_conflict, returning })), types, estimate })
    }

    fn on_conflict(&mut self, conflict: OnConflict) -> Result<OnConflict> {
        let Some(ConflictUpdate { assignments, filter }) = conflict.update else { return Ok(conflict) };
        let identity = Layout::identity();
        let assignments = assignments.into_iter().map(|value| self.lower_option(value, &identity)).collect::<Result<Vec<_>>>()?;
        let filter = self.lower_option(filter, &identity)?;
        Ok(OnConflict { arbiters: conflict.arbiters, update: Some(ConflictUpdate { assignments, filter }) })
    }

    /// Conditions of check options may hold subqueries.
    fn view_checks(&mut self, target: &mut WriteTarget) -> Result<()> {
        let checks = std::mem::take(&mut target.view_checks);
        for (view, condition) in checks {
            let condition = self.lower_all(vec![condition], &Layout::identity())?;
            target.view_checks.extend(condition.into_iter().map(|condition| (view.clone(), condition)));
        }
        Ok(())
    }

    /// UPDATE.
    pub(crate) fn update(&mut self, update: Update) -> Result<Plan> {
        let Update { ctes, mut target, source, assignments, returning } = update;
        self.enter();
        self.uses_foreign_keys(&target);
        self.define_ctes(ctes)?;
        let changed: Vec<bool> = assignments.iter().map(Option::is_some).collect();
        let exprs: Vec<Expr> = assignments.into_iter().flatten().chain(returning).collect();
        let (source, mut exprs) = self.target_rows(source, exprs, &target.table)?;
        self.view_checks(&mut target)?;
        self.leave();
        let returning = exprs.split_off(changed.iter().filter(|changed| **changed).count());
        let mut values = exprs.into_iter();
        let assignments = changed.into_iter().map(|changed| if changed { values.next() } else { None }).collect();
        let types: Vec<Type> = returning.iter().map(|expr| expr.ty).collect();
        let estimate = modify_estimate(&source.estimate, &types);
        Ok(Plan { node: Node::Update(Box::new(UpdatePlan { target, source, assignments, returning })), types, estimate })
    }

    /// DELETE.
    pub(crate) fn delete(&mut self, delete: Delete) -> Result<Plan> {
        let Delete { ctes, target, source, returning } = delete;
        self.enter();
        self.uses_foreign_keys(&target);
        self.define_ctes(ctes)?;
        let (source, returning) = self.target_rows(source, returning, &target.table)?;
        self.leave();
        let types: Vec<Type> = returning.iter().map(|expr| expr.ty).collect();
        let estimate = modify_estimate(&source.estimate, &types);
        Ok(Plan { node: Node::Delete(Box::new(DeletePlan { target, source, returning })), types, estimate })
    }

    /// Checks and actions of foreign keys read and write tables that the statement does not name.
    fn uses_foreign_keys(&mut self, target: &WriteTarget) {
        for key in target.foreign_keys.iter().flat_map(|keys| &keys.keys) {
            self.uses_table(key.parent.oid);
            self.uses_table(key.child.oid);
        }
    }

    /// The rows to change (old row, locator, other relations) and `exprs` over them.
    fn target_rows(&mut self, mut source: Select, exprs: Vec<Expr>, table: &Table) -> Result<(Plan, Vec<Expr>)> {
        source.targets = exprs;
        let semis = self.rewrite(&mut source, &mut [], &mut Vec::new())?;
        let mut needed = Needed::new(&source.relations);
        needed.select(&source);
        needed.whole_row(0);
        let Select { relations, from, filter, targets, .. } = source;
        let rows = self.from(FromClause { relations, items: from, filter, semis, groups: Vec::new() }, needed, &Wish::default())?;
        let (plan, layout) = arrange(rows, table);
        let exprs = self.lower_all(targets, &layout)?;
        Ok((plan, exprs))
    }
}

/// The new rows. Constant rows are written with the casts and defaults in place, so that no projection runs.
fn insert_rows(source: Plan, values: Vec<Expr>) -> Plan {
    let identity = values.len() == source.types.len()
        && values.iter().enumerate().all(|(index, value)| matches!(value.kind, ExprKind::Slot(slot) if slot == index));
    if identity {
        return source;
    }
    match source {
        Plan { node: Node::Values { rows }, .. } if rows.len() == 1 || !values.iter().any(holds_subplan) => {
            let types: Vec<Type> = values.iter().map(|value| value.ty).collect();
            let rows: Vec<Vec<Expr>> = rows.into_iter().map(|row| values.iter().map(|value| over_row(value, &row)).collect()).collect();
            let estimate = cost::values(rows.len(), &types);
            Plan { node: Node::Values { rows }, types, estimate }
        }
        source => cost::project(source, values),
    }
}

fn over_row(value: &Expr, row: &[Expr]) -> Expr {
    let mut value = value.clone();
    substitute::slots(&mut value, row);
    value
}

fn holds_subplan(expr: &Expr) -> bool {
    walk::has_subquery(expr)
}

/// `rows` with the target's columns first, one slot for each entry of `table.columns`, then the locator, then the rest.
fn arrange(rows: Rows, table: &Table) -> (Plan, Layout) {
    let Rows { plan, layout, .. } = rows;
    let mut wanted: Vec<(usize, usize)> = Vec::with_capacity(layout.len());
    let mut live = 0;
    for (place, column) in table.columns.iter().enumerate() {
        // A dropped column's slot has a name that no reference has.
        wanted.push((0, if column.dropped { LOCATOR - 1 - place } else { live }));
        live += usize::from(!column.dropped);
    }
    wanted.push((0, LOCATOR));
    wanted.extend(layout.slots().iter().filter(|slot| slot.0 != 0));
    if wanted == layout.slots() {
        return (plan, layout);
    }
    let exprs = wanted
        .iter()
        .enumerate()
        .map(|(place, (relation, column))| match layout.slot(*relation, *column) {
            Some(slot) => Expr::new(ExprKind::Slot(slot), plan.types[slot]),
            None => Expr::constant(Datum::Null, table.columns.get(place).map_or(build::LOCATOR_TYPE, |column| column.ty)),
        })
        .collect();
    (cost::project(plan, exprs), Layout::new(wanted))
}

fn modify_estimate(source: &Estimate, types: &[Type]) -> Estimate {
    let rows = if types.is_empty() { 0.0 } else { source.rows };
    Estimate { startup_cost: source.startup_cost, total_cost: source.total_cost, rows, width: cost::width(types) }
}
