//! GROUP BY, and the rule that everything else be grouped. After `transformGroupClause` and `parseCheckAggregates`.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::equal::equal;
use super::grouping_sets::{self, Item};
use super::order::check_sortable;
use super::shift::children_mut;
use super::target::BoundTarget;
use super::{Binder, Clause, walk};
use crate::ast::{self, ExprKind as Ast, GroupItem};
use crate::bound::{BoundDistinct, GroupForm, Relation, Select};
use crate::expr::{AggregateCall, ColumnRef, Expr, ExprKind, SortKey};

/// GROUP BY, bound.
#[derive(Default)]
pub(crate) struct Grouping {
    pub(crate) exprs: Vec<Expr>,
    /// As in [`Select::grouping_sets`].
    pub(crate) sets: Vec<Vec<usize>>,
    /// GROUP BY () and nothing else.
    pub(crate) empty: bool,
}

impl Binder<'_> {
    pub(crate) fn group_by(&mut self, items: &[GroupItem], distinct: bool, targets: &mut [BoundTarget]) -> Result<Grouping> {
        let mut grouping = Grouping::default();
        let mut sets = Vec::with_capacity(items.len());
        for item in items {
            let (set, form) = self.group_item(item, &mut grouping.exprs, targets)?;
            sets.push(set);
            self.level().group_forms.push(form);
        }
        if sets.iter().all(Item::is_plain) {
            return Ok(grouping);
        }
        grouping.sets = grouping_sets::expand(&sets, distinct)?;
        grouping.empty = true;
        Ok(grouping)
    }

    fn group_item(&mut self, item: &GroupItem, exprs: &mut Vec<Expr>, targets: &mut [BoundTarget]) -> Result<(Item, GroupForm)> {
        Ok(match item {
            GroupItem::Expr(expr) => {
                let places = self.group_exprs(expr, exprs, targets)?;
                (Item::Plain(places.clone()), GroupForm::Expr(places))
            }
            GroupItem::Empty => (Item::Sets(vec![Vec::new()]), GroupForm::Empty),
            GroupItem::Rollup(list) => {
                let lists = self.group_lists(list, exprs, targets)?;
                (Item::Sets(grouping_sets::rollup(&lists)), GroupForm::Rollup(lists))
            }
            GroupItem::Cube(list) => {
                let lists = self.group_lists(list, exprs, targets)?;
                (Item::Sets(grouping_sets::cube(&lists)?), GroupForm::Cube(lists))
            }
            GroupItem::Sets(items) => {
                let (mut sets, mut forms) = (Vec::new(), Vec::new());
                for item in items {
                    let (set, form) = self.group_item(item, exprs, targets)?;
                    sets.extend(set.into_sets());
                    forms.push(form);
                }
                (Item::Sets(sets), GroupForm::Sets(forms))
            }
        })
    }

    fn group_lists(&mut self, list: &[ast::Expr], exprs: &mut Vec<Expr>, targets: &mut [BoundTarget]) -> Result<Vec<Vec<usize>>> {
        list.iter().map(|expr| self.group_exprs(expr, exprs, targets)).collect()
    }

    /// One expression, or the several of an implicit row `(a, b)`.
    fn group_exprs(&mut self, expr: &ast::Expr, exprs: &mut Vec<Expr>, targets: &mut [BoundTarget]) -> Result<Vec<usize>> {
        if let Ast::Row { items, explicit: false } = &expr.kind {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                all.extend(self.group_exprs(item, exprs, targets)?);
            }
            return Ok(all);
        }
        let node = match self.output_entry(expr, targets, Clause::GroupBy)? {
            Some(index) => {
                let node = targets[index].node.clone();
                check_groupable(&node.expr, node.at)?;
                node
            }
            None => {
                let node = self.in_clause(Clause::GroupBy, |binder| binder.expr(expr))?;
                self.settle(node)?
            }
        };
        check_sortable(node.oid(), expr.at)?;
        if let Some(known) = exprs.iter().position(|known| equal(known, &node.expr)) {
            return Ok(vec![known]);
        }
        exprs.push(node.expr);
        Ok(vec![exprs.len() - 1])
    }

    /// Refuses a column that is neither grouped nor inside an aggregate. `uses`: where the clause's column uses start.
    pub(crate) fn check_grouped(&mut self, expr: &Expr, select: &Select, uses: usize) -> Result<()> {
        if let Some(column) = find_ungrouped(expr, select, &mut |_| {}) {
            return Err(self.ungrouped(column.0, column.1, select, uses, false));
        }
        let mut direct = Vec::new();
        find_ungrouped(expr, select, &mut |call| direct.extend_from_slice(&call.args[..call.function.direct_args(call.args.len())]));
        for expr in direct {
            if let Some(column) = find_ungrouped(&expr, select, &mut |_| {}) {
                let detail = "Direct arguments of an ordered-set aggregate must use only grouped columns.";
                return Err(self.ungrouped(column.0, column.1, select, uses, true).detail(detail));
            }
        }
        Ok(())
    }

    fn ungrouped(&mut self, column: ColumnRef, depth: u32, select: &Select, uses: usize, in_aggregate: bool) -> SqlError {
        let entry = &select.relations[column.relation];
        let name = format!("{}.{}", entry.alias, entry.columns[column.column].name);
        let message = if depth == 0 {
            format!("column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function")
        } else {
            format!("subquery uses ungrouped column \"{name}\" from outer query")
        };
        let own = &self.level().uses;
        let is_use = |known: &&super::scope::ColumnUse| {
            known.relation == column.relation && known.column == column.column && known.in_aggregate == in_aggregate
        };
        let at = own.iter().skip(uses).find(is_use).or_else(|| own.iter().find(is_use)).map_or(-1, |known| known.at);
        SqlError::new(SqlState::GROUPING_ERROR, message).at(at)
    }

    /// Replaces each GROUPING's provisional number with the places of its arguments in GROUP BY.
    pub(crate) fn resolve_groupings(&mut self, select: &mut Select, order_by: &mut [SortKey]) -> Result<()> {
        let calls = std::mem::take(&mut self.level().groupings);
        if calls.is_empty() {
            return Ok(());
        }
        let mut resolved = Vec::with_capacity(calls.len());
        for args in &calls {
            let mut places = Vec::with_capacity(args.len());
            for (arg, at) in args {
                let Some(place) = select.group_by.iter().position(|known| equal(known, arg)) else {
                    let message = "arguments to GROUPING must be grouping expressions of the associated query level";
                    return Err(SqlError::new(SqlState::GROUPING_ERROR, message).at(*at));
                };
                places.push(place);
            }
            resolved.push(places);
        }
        let exprs = select.targets.iter_mut().chain(&mut select.having).chain(order_by.iter_mut().map(|key| &mut key.expr));
        exprs.for_each(|expr| replace_groupings(expr, &resolved));
        for window in &mut select.windows {
            window.partition_by.iter_mut().for_each(|expr| replace_groupings(expr, &resolved));
            window.order_by.iter_mut().for_each(|key| replace_groupings(&mut key.expr, &resolved));
        }
        if let BoundDistinct::On(exprs) = &mut select.distinct {
            exprs.iter_mut().for_each(|expr| replace_groupings(expr, &resolved));
        }
        Ok(())
    }
}

fn replace_groupings(expr: &mut Expr, resolved: &[Vec<usize>]) {
    if let ExprKind::Grouping(index) = &mut expr.kind {
        if let Some(places) = index.first().and_then(|index| resolved.get(*index)) {
            *index = places.clone();
        }
        return;
    }
    children_mut(&mut expr.kind, &mut |child| replace_groupings(child, resolved));
}

/// An output column named or numbered in GROUP BY must not contain what GROUP BY could not.
fn check_groupable(expr: &Expr, at: i32) -> Result<()> {
    if walk::contains(expr, &|expr| matches!(expr.kind, ExprKind::Aggregate(_) | ExprKind::Grouping(_))) {
        return Err(SqlError::new(SqlState::GROUPING_ERROR, "aggregate functions are not allowed in GROUP BY").at(at));
    }
    if walk::contains(expr, &|expr| matches!(expr.kind, ExprKind::Window(_))) {
        return Err(SqlError::new(SqlState::WINDOWING_ERROR, "window functions are not allowed in GROUP BY").at(at));
    }
    Ok(())
}

/// The first column of this level that is neither grouped nor inside an aggregate, with the depth it stands at. `met` is told of this level's
/// aggregates.
fn find_ungrouped(expr: &Expr, select: &Select, met: &mut dyn FnMut(&AggregateCall)) -> Option<(ColumnRef, u32)> {
    let mut bad: Option<(ColumnRef, u32)> = None;
    let mut check = |expr: &Expr, depth: u32| -> bool {
        if bad.is_some() || depth == 0 && is_grouped(expr, select) {
            return false;
        }
        match &expr.kind {
            ExprKind::Aggregate(call) if depth == 0 => {
                met(call);
                false
            }
            ExprKind::Aggregate(_) => true,
            ExprKind::Grouping(_) => depth > 0,
            ExprKind::Column(column) if column.depth == depth => {
                let own = ColumnRef { depth: 0, ..*column };
                if !column_is_grouped(own, select) {
                    bad = Some((own, depth));
                }
                false
            }
            _ => true,
        }
    };
    walk::deep(expr, 0, &mut check);
    bad
}

fn is_grouped(expr: &Expr, select: &Select) -> bool {
    select.group_by.iter().any(|known| equal(known, expr))
}

/// Grouped itself, or determined by a primary key that is grouped.
fn column_is_grouped(column: ColumnRef, select: &Select) -> bool {
    let is = |expr: &Expr, wanted: ColumnRef| matches!(expr.kind, ExprKind::Column(known) if known == wanted);
    if select.group_by.iter().any(|expr| is(expr, column)) {
        return true;
    }
    let Relation::Table(table) = &select.relations[column.relation].relation else { return false };
    let Some(key) = &table.primary_key else { return false };
    key.keys.iter().all(|part| {
        let borealis_catalog::IndexKeyPart::Column(number) = &part.part else { return false };
        let Some(place) = table.live_columns().position(|column| column.number == *number) else { return false };
        let wanted = ColumnRef { column: place, ..column };
        let common = |index: usize| select.grouping_sets.iter().all(|set| set.contains(&index));
        select.group_by.iter().enumerate().any(|(index, expr)| is(expr, wanted) && common(index))
    })
}
