//! One SELECT, from FROM upwards.

use borealis_pgtypes::Result;

use super::Planner;
use super::fold;
use super::from::{FromClause, Needed, Wish};
use super::group::{SemiItem, relations};
use super::query::Tail;
use super::same::same;
use super::walk;
use crate::ast::LockStrength;
use crate::bound::{BoundDistinct, QueryBody, Relation, Select};
use crate::expr::{Expr, ExprKind, SortKey, Window};
use crate::plan::Plan;

/// The parts of a SELECT above its FROM.
#[allow(missing_docs)]
pub(crate) struct Upper {
    pub group_by: Vec<Expr>,
    pub grouping_sets: Vec<Vec<usize>>,
    pub grouped: bool,
    pub having: Option<Expr>,
    pub windows: Vec<Window>,
    pub targets: Vec<Expr>,
    pub distinct: BoundDistinct,
    pub order_by: Vec<SortKey>,
}

impl Upper {
    /// Calls `f` on every expression evaluated above grouping.
    pub(crate) fn above_groups(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        if let Some(having) = &mut self.having {
            f(having);
        }
        self.above_windows(f);
        for window in &mut self.windows {
            walk::window_exprs_mut(window, f);
        }
    }

    /// Calls `f` on every expression evaluated above windows.
    pub(crate) fn above_windows(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        self.targets.iter_mut().for_each(&mut *f);
        if let BoundDistinct::On(exprs) = &mut self.distinct {
            exprs.iter_mut().for_each(&mut *f);
        }
        for key in &mut self.order_by {
            f(&mut key.expr);
        }
    }
}

impl Planner<'_> {
    /// A SELECT with what follows it; its level has been entered.
    pub(crate) fn select(&mut self, mut select: Select, mut tail: Tail) -> Result<Plan> {
        let mut order_by = std::mem::take(&mut tail.order_by);
        super::minmax::rewrite(&mut select);
        let semis = self.rewrite(&mut select, &mut order_by, &mut tail.locks)?;
        push_locks(&mut select, &tail);
        let mut needed = Needed::new(&select.relations);
        needed.select(&select);
        for key in &order_by {
            needed.expr(&key.expr, 0);
        }
        for (relation, _) in &tail.locks {
            if let Some(Relation::Table(_)) = select.relations.get(*relation).map(|entry| &entry.relation) {
                needed.locators[*relation] = true;
            }
        }
        let locked = lock_targets(&select, &tail);
        let wish = wish(&select, &order_by, &tail);
        let (clause, mut upper) = split(select, order_by, semis);
        let mut rows = self.from(clause, needed, &wish)?;
        if upper.grouped {
            rows = self.aggregate(&mut upper, rows)?;
        }
        if !upper.windows.is_empty() {
            rows = self.window_functions(&mut upper, rows)?;
        }
        self.project(upper, tail, rows, &locked)
    }

    /// Folding, pulling up, semi joins: everything done to the bound tree before relations are looked at.
    pub(crate) fn rewrite(
        &mut self,
        select: &mut Select,
        order_by: &mut [SortKey],
        locks: &mut Vec<(usize, LockStrength)>,
    ) -> Result<Vec<SemiItem>> {
        let eval = self.ctx.eval();
        walk::level_exprs_mut(select, &mut |expr| fold::fold(expr, eval));
        for item in &mut select.from {
            walk::from_exprs_mut(item, &mut |expr| fold::fold(expr, eval));
        }
        for key in order_by.iter_mut() {
            fold::fold(&mut key.expr, eval);
        }
        self.pull_up(select, order_by, locks);
        having_to_where(select);
        Ok(self.semi_joins(select))
    }
}

/// A lock on a subquery that stays one is a lock on the relations in it, where it is a query whose rows are rows of theirs.
fn push_locks(select: &mut Select, tail: &Tail) {
    for (relation, strength) in &tail.locks {
        let Some(Relation::Subquery(query)) = select.relations.get_mut(*relation).map(|entry| &mut entry.relation) else { continue };
        let QueryBody::Select(inner) = &query.body else { continue };
        let plain = !is_grouped(inner) && inner.windows.is_empty() && matches!(inner.distinct, BoundDistinct::No);
        if plain && query.locks.is_empty() {
            query.locks = (0..inner.relations.len()).map(|relation| (relation, *strength)).collect();
        }
    }
}

/// Tables whose rows are locked: relation and oid and strength.
fn lock_targets(select: &Select, tail: &Tail) -> Vec<super::project::Locked> {
    let target =
        |(relation, strength): &(usize, crate::ast::LockStrength)| match select.relations.get(*relation).map(|entry| &entry.relation) {
            Some(Relation::Table(table)) => Some((*relation, table.oid, *strength)),
            _ => None,
        };
    tail.locks.iter().filter_map(target).collect()
}

fn is_grouped(select: &Select) -> bool {
    select.has_aggregates || !select.group_by.is_empty() || !select.grouping_sets.is_empty() || select.having.is_some()
}

/// The order and number of rows that would spare work above the joins.
fn wish(select: &Select, order_by: &[SortKey], tail: &Tail) -> Wish {
    let plain = !is_grouped(select) && select.windows.is_empty() && matches!(select.distinct, BoundDistinct::No);
    if !select.group_by.is_empty() && select.grouping_sets.is_empty() {
        return grouping_wish(select, order_by);
    }
    if !plain || select.targets.iter().any(walk::has_set_function) {
        return Wish::default();
    }
    if !order_by.iter().all(|key| is_of_one_relation(&key.expr)) {
        return Wish::default();
    }
    Wish { order: order_by.to_vec(), wanted: tail.wanted(), grouping: false }
}

/// Rows in the order of their groups need no hash table; when ORDER BY begins with groups, its order is the one to have.
fn grouping_wish(select: &Select, order_by: &[SortKey]) -> Wish {
    let mut order: Vec<SortKey> = Vec::with_capacity(select.group_by.len());
    let leading = order_by.iter().take_while(|key| select.group_by.iter().any(|group| same(group, &key.expr))).cloned();
    let rest = select.group_by.iter().map(|group| SortKey { expr: group.clone(), descending: false, nulls_first: false });
    for key in leading.chain(rest) {
        if !order.iter().any(|known| same(&known.expr, &key.expr)) {
            order.push(key);
        }
    }
    if !order.iter().all(|key| is_of_one_relation(&key.expr)) {
        return Wish::default();
    }
    Wish { order, wanted: None, grouping: true }
}

/// Whether an index of a relation could have the expression as its key.
fn is_of_one_relation(expr: &Expr) -> bool {
    relations(expr).count_ones() == 1 && !walk::has_subquery(expr) && !walk::is_volatile(expr)
}

/// The expressions of each grouping set.
fn grouping_sets(select: &Select) -> Vec<Vec<Expr>> {
    if select.grouping_sets.is_empty() {
        return vec![select.group_by.clone()];
    }
    let set = |set: &Vec<usize>| set.iter().filter_map(|place| select.group_by.get(*place).cloned()).collect();
    select.grouping_sets.iter().map(set).collect()
}

fn split(select: Select, order_by: Vec<SortKey>, semis: Vec<SemiItem>) -> (FromClause, Upper) {
    let grouped = is_grouped(&select);
    let groups = grouping_sets(&select);
    let Select { relations, from, filter, group_by, grouping_sets, has_aggregates: _, having, windows, targets, distinct, form: _ } =
        select;
    (
        FromClause { relations, items: from, filter, semis, groups },
        Upper { group_by, grouping_sets, grouped, having, windows, targets, distinct, order_by },
    )
}

/// A HAVING condition on group expressions alone holds for a group exactly when it holds for its rows.
fn having_to_where(select: &mut Select) {
    if select.group_by.is_empty() || !select.grouping_sets.is_empty() {
        return;
    }
    let Some(having) = select.having.take() else { return };
    let (mut parts, mut filters) = (Vec::new(), Vec::new());
    walk::conjuncts(having, &mut parts);
    parts.retain(|part| {
        let stays =
            walk::any(part, &mut |expr| matches!(expr.kind, ExprKind::Aggregate(_) | ExprKind::Grouping { .. } | ExprKind::Subquery(_)))
                || walk::is_volatile(part);
        if !stays {
            filters.push(part.clone());
        }
        stays
    });
    select.having = walk::conjunction(parts);
    filters.extend(select.filter.take());
    select.filter = walk::conjunction(filters);
}
