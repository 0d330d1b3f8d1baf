//! Grouping: which expressions make the groups, which aggregates are computed, and how the expressions above name them.

use borealis_pgtypes::{Datum, Oid, Result, Type};

use super::cost::{self, HASH_BUILD, OPERATOR, TUPLE};
use super::from::Rows;
use super::layout::{AGGREGATES, GROUPINGS, GROUPS, Layout, column};
use super::select::Upper;
use super::{Planner, build, same, substitute, walk};
use crate::expr::{AggregateCall, Expr, ExprKind, SortKey};
use crate::plan::{Aggregate, AggregateStrategy, Estimate, Node, Plan};

/// What the expressions above a grouping ask of it.
#[derive(Default)]
struct Asked {
    calls: Vec<AggregateCall>,
    groupings: Vec<Vec<usize>>,
}

impl Asked {
    /// Notes an aggregate as it reads at its own level.
    fn call(&mut self, expr: &Expr, nesting: u32) {
        let mut own = expr.clone();
        walk::shift(&mut own, 0, -nesting.cast_signed());
        let ExprKind::Aggregate(call) = own.kind else { return };
        if !self.calls.iter().any(|known| same::same_aggregate(known, &call)) {
            self.calls.push(*call);
        }
    }
}

impl Planner<'_> {
    /// Groups `rows`; `upper` then names group expressions, aggregates and GROUPING calls as columns of pseudo relations.
    pub(crate) fn aggregate(&mut self, upper: &mut Upper, rows: Rows) -> Result<Rows> {
        let mut groups = std::mem::take(&mut upper.group_by);
        let mut sets = std::mem::take(&mut upper.grouping_sets);
        let mut asked = Asked::default();
        upper.above_groups(&mut |expr| collect(expr, 0, &mut asked));
        rename(upper, &groups, &asked, !sets.is_empty());
        // Columns left over depend on the group's primary key: one value in each group.
        let written = groups.len();
        let dependent = dependent_columns(upper);
        for expr in dependent {
            let index = groups.len();
            let table = [(expr.clone(), column(0, GROUPS, index, expr.ty))];
            upper.above_groups(&mut |above| substitute::matching(above, 0, &table));
            sets.iter_mut().for_each(|set| set.push(index));
            groups.push(expr);
        }
        self.grouped((groups, written), sets, asked, rows, upper)
    }

    /// `written`: how many of the groups GROUP BY names.
    fn grouped(
        &mut self,
        (groups, written): (Vec<Expr>, usize),
        mut sets: Vec<Vec<usize>>,
        asked: Asked,
        rows: Rows,
        upper: &mut Upper,
    ) -> Result<Rows> {
        let layout = output_layout(&groups, &asked, &sets);
        let mut types: Vec<Type> = groups.iter().map(|group| group.ty).chain(asked.calls.iter().map(|call| call.ty)).collect();
        if !sets.is_empty() {
            types.extend(asked.groupings.iter().map(|_| Type::plain(Oid::INT4)));
        }
        if groups.is_empty() && sets.len() == 1 && asked.groupings.is_empty() {
            sets.clear();
        }
        let strategy = match (groups.is_empty(), sets.is_empty()) {
            (true, true) => AggregateStrategy::Plain,
            // Groups that depend on those before them came after the order was wished for, and change nothing about it.
            (false, true) if rows.ordered => AggregateStrategy::Sorted,
            _ => AggregateStrategy::Hashed,
        };
        let estimate = estimate(&rows, groups.len(), &asked, strategy, &types);
        let groups = self.lower_all(groups, &rows.layout)?;
        let aggregates = asked.calls.into_iter().map(|call| self.lower_call(call, &rows.layout)).collect::<Result<Vec<_>>>()?;
        let groupings = if sets.is_empty() { Vec::new() } else { asked.groupings };
        let node = Node::Aggregate(Box::new(Aggregate { input: Box::new(rows.plan), strategy, groups, sets, aggregates, groupings }));
        let having = self.lower_option(upper.having.take(), &layout)?;
        let plan = build::filtered(Plan { node, types, estimate }, having, 0.5);
        // The wish began with what ORDER BY asks for when all of that is groups.
        let by_groups =
            |key: &SortKey| matches!(key.expr.kind, ExprKind::Column(column) if column.relation == GROUPS && column.column < written);
        let ordered = strategy == AggregateStrategy::Sorted && upper.order_by.iter().all(by_groups);
        Ok(Rows { plan, layout, ordered, groups: 1.0 })
    }

    fn lower_call(&mut self, call: AggregateCall, layout: &Layout) -> Result<AggregateCall> {
        Ok(AggregateCall {
            args: self.lower_all(call.args, layout)?,
            order_by: self.lower_keys(call.order_by, layout)?,
            filter: self.lower_option(call.filter, layout)?,
            ..call
        })
    }
}

/// The aggregates and GROUPING calls of this level below `expr`, which stands `nesting` levels further in.
fn collect(expr: &Expr, nesting: u32, asked: &mut Asked) {
    match &expr.kind {
        ExprKind::Aggregate(call) if call.level == nesting => asked.call(expr, nesting),
        ExprKind::Grouping { level, places } if *level == nesting => {
            if !asked.groupings.contains(places) {
                asked.groupings.push(places.clone());
            }
        }
        kind => {
            walk::children(expr, &mut |child| collect(child, nesting, asked));
            if let ExprKind::Subquery(subquery) = kind {
                walk::query_exprs(&subquery.query, nesting + 1, &mut |expr, nesting| collect(expr, nesting, asked));
            }
        }
    }
}

fn rename(upper: &mut Upper, groups: &[Expr], asked: &Asked, has_sets: bool) {
    let int4 = Type::plain(Oid::INT4);
    let mut table: Vec<(Expr, Expr)> = Vec::new();
    for (index, call) in asked.calls.iter().enumerate() {
        table.push((Expr::new(ExprKind::Aggregate(Box::new(call.clone())), call.ty), column(0, AGGREGATES, index, call.ty)));
    }
    for (index, grouping) in asked.groupings.iter().enumerate() {
        let value = if has_sets { column(0, GROUPINGS, index, int4) } else { Expr::constant(Datum::Int4(0), int4) };
        table.push((Expr::new(ExprKind::Grouping { level: 0, places: grouping.clone() }, int4), value));
    }
    for (index, group) in groups.iter().enumerate() {
        table.push((group.clone(), column(0, GROUPS, index, group.ty)));
    }
    upper.above_groups(&mut |expr| substitute::matching(expr, 0, &table));
}

fn dependent_columns(upper: &mut Upper) -> Vec<Expr> {
    let mut found: Vec<Expr> = Vec::new();
    upper.above_groups(&mut |expr| {
        walk::columns(expr, 0, &mut |expr, nesting| {
            let ExprKind::Column(reference) = expr.kind else { return };
            if reference.depth != nesting || reference.relation >= super::group::RELATIONS_MAX {
                return;
            }
            let own = column(0, reference.relation, reference.column, expr.ty);
            if !found.iter().any(|known| same::same(known, &own)) {
                found.push(own);
            }
        });
    });
    found
}

fn output_layout(groups: &[Expr], asked: &Asked, sets: &[Vec<usize>]) -> Layout {
    let mut layout = Layout::default();
    (0..groups.len()).for_each(|index| layout.push(GROUPS, index));
    (0..asked.calls.len()).for_each(|index| layout.push(AGGREGATES, index));
    if !sets.is_empty() {
        (0..asked.groupings.len()).for_each(|index| layout.push(GROUPINGS, index));
    }
    layout
}

#[allow(clippy::cast_precision_loss)]
fn estimate(rows: &Rows, groups: usize, asked: &Asked, strategy: AggregateStrategy, types: &[Type]) -> Estimate {
    let input = &rows.plan.estimate;
    let transitions = OPERATOR * asked.calls.len() as f64 * input.rows;
    let width = cost::width(types);
    match strategy {
        AggregateStrategy::Plain => {
            let startup_cost = input.total_cost + transitions;
            Estimate { startup_cost, total_cost: startup_cost + TUPLE, rows: 1.0, width }
        }
        AggregateStrategy::Sorted => {
            let total_cost = input.total_cost + transitions + OPERATOR * groups as f64 * input.rows + TUPLE * rows.groups;
            Estimate { startup_cost: input.startup_cost, total_cost, rows: rows.groups, width }
        }
        AggregateStrategy::Hashed => {
            let startup_cost = input.total_cost + transitions + HASH_BUILD * input.rows;
            Estimate { startup_cost, total_cost: startup_cost + TUPLE * rows.groups, rows: rows.groups, width }
        }
    }
}
