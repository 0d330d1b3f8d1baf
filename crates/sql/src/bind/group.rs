//! GROUP BY, and the rule that everything else be grouped. After `transformGroupClause` and `parseCheckAggregates`.

use std::ops::Range;

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::equal::equal;
use super::grouping_sets::{self, Item};
use super::order::check_sortable;
use super::scope::Noted;
use super::target::BoundTarget;
use super::{Binder, Clause, walk};
use crate::ast::{self, ExprKind as Ast, GroupItem};
use crate::bound::{BoundDistinct, GroupForm, Relation, Select};
use crate::expr::{ColumnRef, Expr, ExprKind, SortKey};
use crate::planner::walk as deep;

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
                self.check_groupable(&targets[index])?;
                targets[index].node.clone()
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

    /// Checks grouping and resolves GROUPING, when all clauses are bound. PostgreSQL looks at HAVING last. `having` and `order`: what the level had noted
    /// before these were bound.
    pub(crate) fn finish_grouping(
        &mut self,
        select: &mut Select,
        targets: &[BoundTarget],
        order_by: &mut [SortKey],
        [having, order]: [Noted; 2],
    ) -> Result<()> {
        let all = self.level().groupings.len();
        let mut places = vec![Vec::new(); all];
        self.look_up_groupings(0..having.groupings, &select.group_by, &mut places)?;
        self.look_up_groupings(order.groupings..all, &select.group_by, &mut places)?;
        for target in targets {
            self.check_grouped(&target.node.expr, select, target.noted.uses)?;
        }
        for key in order_by.iter() {
            self.check_grouped(&key.expr, select, order.uses)?;
        }
        if let BoundDistinct::On(exprs) = &select.distinct {
            exprs.iter().try_for_each(|expr| self.check_grouped(expr, select, 0))?;
        }
        for window in &select.windows {
            window.order_by.iter().try_for_each(|key| self.check_grouped(&key.expr, select, 0))?;
            window.partition_by.iter().try_for_each(|expr| self.check_grouped(expr, select, 0))?;
        }
        self.look_up_groupings(having.groupings..order.groupings, &select.group_by, &mut places)?;
        if let Some(condition) = &select.having {
            self.check_grouped(condition, select, having.uses)?;
        }
        resolve_groupings(select, order_by, &places);
        self.check_recursive_term(select)
    }

    /// Refuses a column that is neither grouped nor inside an aggregate. `uses`: where the clause's column uses start.
    fn check_grouped(&mut self, expr: &Expr, select: &Select, uses: usize) -> Result<()> {
        let mut search = Search { select, in_direct: false, found: None };
        search.visit(expr, 0);
        match search.found {
            Some(found) => Err(self.ungrouped(&found, select, uses)),
            None => Ok(()),
        }
    }

    /// What reads the rows of a recursive query's last step is no aggregate over them.
    fn check_recursive_term(&mut self, select: &Select) -> Result<()> {
        let level = self.level();
        if level.has_aggregates && select.relations.iter().any(|entry| matches!(entry.relation, Relation::WorkTable(_))) {
            let message = "aggregate functions are not allowed in a recursive query's recursive term";
            return Err(SqlError::new(SqlState::INVALID_RECURSION, message).at(level.aggregates.first().copied().unwrap_or(-1)));
        }
        Ok(())
    }

    fn ungrouped(&mut self, found: &Ungrouped, select: &Select, uses: usize) -> SqlError {
        let column = found.column;
        let entry = &select.relations[column.relation];
        let name = if found.whole_row { "*" } else { entry.columns[column.column].name.as_str() };
        let name = format!("{}.{name}", entry.alias);
        let own = &self.level().uses;
        let is_use =
            |known: &&super::scope::ColumnUse| known.relation == column.relation && known.column == column.column && !known.in_aggregate;
        let at = own
            .iter()
            .skip(uses)
            .find(is_use)
            .or_else(|| own.iter().find(is_use))
            .filter(|known| !known.merged)
            .map_or(-1, |known| known.at);
        let error = |message: String| SqlError::new(SqlState::GROUPING_ERROR, message).at(at);
        if found.depth > 0 {
            return error(format!("subquery uses ungrouped column \"{name}\" from outer query"));
        }
        let error = error(format!("column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function"));
        if found.in_direct {
            return error.detail("Direct arguments of an ordered-set aggregate must use only grouped columns.");
        }
        error
    }

    /// The places in GROUP BY of the arguments of the GROUPING calls in `range`.
    fn look_up_groupings(&mut self, range: Range<usize>, group_by: &[Expr], places: &mut [Vec<usize>]) -> Result<()> {
        for (call, places) in self.level().groupings[range.clone()].iter().zip(&mut places[range]) {
            for (arg, at) in &call.args {
                let usable = !call.columns_only || matches!(arg.kind, ExprKind::Column(_));
                let Some(place) = group_by.iter().position(|known| usable && equal(known, arg)) else {
                    let message = "arguments to GROUPING must be grouping expressions of the associated query level";
                    return Err(SqlError::new(SqlState::GROUPING_ERROR, message).at(*at));
                };
                places.push(place);
            }
        }
        Ok(())
    }

    /// An output column named or numbered in GROUP BY must not contain what GROUP BY could not.
    fn check_groupable(&mut self, target: &BoundTarget) -> Result<()> {
        let expr = &target.node.expr;
        let level = self.level();
        if has_aggregate(expr) {
            let at = level.aggregates.get(target.noted.aggregates).copied().unwrap_or(-1);
            return Err(SqlError::new(SqlState::GROUPING_ERROR, "aggregate functions are not allowed in GROUP BY").at(at));
        }
        if walk::contains(expr, &|expr| matches!(expr.kind, ExprKind::Window(_))) {
            let at = level.window_functions.get(target.noted.window_functions).copied().unwrap_or(-1);
            return Err(SqlError::new(SqlState::WINDOWING_ERROR, "window functions are not allowed in GROUP BY").at(at));
        }
        Ok(())
    }
}

/// Puts the places in GROUP BY where a SELECT's GROUPING calls have the call's number.
fn resolve_groupings(select: &mut Select, order_by: &mut [SortKey], places: &[Vec<usize>]) {
    if places.is_empty() {
        return;
    }
    let resolve = |expr: &mut Expr| {
        deep::columns_mut(expr, 0, &mut |expr, nesting| {
            if let ExprKind::Grouping { level, places: number } = &mut expr.kind
                && *level == nesting
                && let Some(places) = number.first().and_then(|number| places.get(*number))
            {
                number.clone_from(places);
            }
        });
    };
    deep::level_exprs_mut(select, &mut |expr| resolve(expr));
    order_by.iter_mut().for_each(|key| resolve(&mut key.expr));
}

/// Whether the expression has an aggregate or a GROUPING of its own level, subqueries included.
fn has_aggregate(expr: &Expr) -> bool {
    let mut found = false;
    walk::deep(expr, 0, &mut |expr, depth| {
        found = found
            || match &expr.kind {
                ExprKind::Aggregate(call) => call.level == depth,
                ExprKind::Grouping { level, .. } => *level == depth,
                _ => false,
            };
        !found
    });
    found
}

/// A column that should have been grouped.
struct Ungrouped {
    column: ColumnRef,
    /// How many levels further in it is read.
    depth: u32,
    /// The row of its relation is what is read.
    whole_row: bool,
    /// It stands in a direct argument of an aggregate.
    in_direct: bool,
}

/// The search for the first column of a level that is neither grouped nor inside an aggregate. After `check_ungrouped_columns_walker`.
struct Search<'s> {
    select: &'s Select,
    in_direct: bool,
    found: Option<Ungrouped>,
}

impl Search<'_> {
    fn visit(&mut self, expr: &Expr, depth: u32) {
        walk::deep(expr, depth, &mut |expr, depth| self.enter(expr, depth));
    }

    /// Whether to look below `expr`.
    fn enter(&mut self, expr: &Expr, depth: u32) -> bool {
        if self.found.is_some() || depth == 0 && is_grouped(expr, self.select) {
            return false;
        }
        match &expr.kind {
            ExprKind::Aggregate(call) if call.level == depth => {
                self.in_direct = true;
                call.args[..call.function.direct_args(call.args.len())].iter().for_each(|arg| self.visit(arg, depth));
                self.in_direct = false;
                false
            }
            // What belongs further out reads no column of this level.
            ExprKind::Aggregate(call) => call.level < depth,
            ExprKind::Column(column) if column.depth == depth => {
                let column = ColumnRef { depth: 0, ..*column };
                // What is no column of the relation goes with its row.
                let is_column = self.select.relations.get(column.relation).is_some_and(|entry| column.column < entry.columns.len());
                if is_column && !column_is_grouped(column, self.select) {
                    self.found = Some(Ungrouped { column, depth, whole_row: false, in_direct: self.in_direct });
                }
                false
            }
            ExprKind::Row { items, names } => match self.whole_row(items, names, depth) {
                // The row is grouped where the primary key is, not where each of its columns is.
                Some(column) => {
                    if !is_determined(column, self.select) {
                        self.found = Some(Ungrouped { column, depth, whole_row: true, in_direct: self.in_direct });
                    }
                    false
                }
                None => true,
            },
            _ => true,
        }
    }
}

impl Search<'_> {
    /// The first column of the relation whose row this is. Fields called f1, f2, .. are those of ROW itself.
    fn whole_row(&self, items: &[Expr], names: &[String], depth: u32) -> Option<ColumnRef> {
        let ExprKind::Column(first) = items.first()?.kind else { return None };
        let entry =
            self.select.relations.get(first.relation).filter(|_| first.depth == depth && names.first().is_none_or(|name| name != "f1"))?;
        let is_column =
            |(place, item): (usize, &Expr)| matches!(item.kind, ExprKind::Column(column) if column == ColumnRef { column: place, ..first });
        let whole = items.len() == entry.columns.len() && items.iter().enumerate().all(is_column);
        whole.then_some(ColumnRef { depth: 0, ..first })
    }
}

fn is_grouped(expr: &Expr, select: &Select) -> bool {
    select.group_by.iter().any(|known| equal(known, expr))
}

/// Grouped itself, or determined by a primary key that is grouped.
fn column_is_grouped(column: ColumnRef, select: &Select) -> bool {
    let is = |expr: &Expr, wanted: ColumnRef| matches!(expr.kind, ExprKind::Column(known) if known == wanted);
    select.group_by.iter().any(|expr| is(expr, column)) || is_determined(column, select)
}

/// Whether a primary key is grouped that determines the column.
fn is_determined(column: ColumnRef, select: &Select) -> bool {
    let is = |expr: &Expr, wanted: ColumnRef| matches!(expr.kind, ExprKind::Column(known) if known == wanted);
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
