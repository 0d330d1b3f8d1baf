//! Window functions: one node for each window definition, windows of the same order next to each other.

use borealis_pgtypes::{Result, Type};

use super::cost::{self, OPERATOR, TUPLE};
use super::from::Rows;
use super::layout::{WINDOWS, column};
use super::select::Upper;
use super::{Planner, same, substitute, walk};
use crate::expr::{Expr, ExprKind, SortKey, Window, WindowCall};
use crate::plan::{Estimate, Node, Plan};

impl Planner<'_> {
    /// Computes all window functions of a level; `upper` then names them as columns of a pseudo relation.
    pub(crate) fn window_functions(&mut self, upper: &mut Upper, mut rows: Rows) -> Result<Rows> {
        let mut calls: Vec<Expr> = Vec::new();
        upper.above_windows(&mut |expr| collect(expr, &mut calls));
        let table: Vec<(Expr, Expr)> =
            calls.iter().enumerate().map(|(index, call)| (call.clone(), column(0, WINDOWS, index, call.ty))).collect();
        upper.above_windows(&mut |expr| substitute::matching(expr, 0, &table));
        let windows = std::mem::take(&mut upper.windows);
        let mut sorted_by: Option<usize> = None;
        for index in execution_order(&windows) {
            let own: Vec<(usize, WindowCall)> =
                calls.iter().enumerate().filter_map(|(number, call)| of_window(call, index).map(|call| (number, call))).collect();
            if own.is_empty() {
                continue;
            }
            let sorted = sorted_by.is_some_and(|previous| same::same_sorting(&windows[previous], &windows[index]));
            rows = self.window(&windows[index], own, sorted, rows)?;
            sorted_by = Some(index);
        }
        rows.ordered = false;
        Ok(rows)
    }

    fn window(&mut self, window: &Window, calls: Vec<(usize, WindowCall)>, sorted: bool, rows: Rows) -> Result<Rows> {
        let Rows { mut plan, mut layout, .. } = rows;
        let window = Window {
            partition_by: self.lower_all(window.partition_by.clone(), &layout)?,
            order_by: self.lower_keys(window.order_by.clone(), &layout)?,
            frame: window.frame.clone(),
            start_offset: self.lower_option(window.start_offset.clone(), &layout)?,
            end_offset: self.lower_option(window.end_offset.clone(), &layout)?,
        };
        let keys = sort_keys(&window);
        if !sorted && !keys.is_empty() {
            plan = cost::sort(plan, keys, None, self.ctx.settings);
        }
        let mut types = plan.types.clone();
        let mut lowered = Vec::with_capacity(calls.len());
        for (_, call) in &calls {
            lowered.push(WindowCall {
                args: self.lower_all(call.args.clone(), &layout)?,
                filter: self.lower_option(call.filter.clone(), &layout)?,
                ..call.clone()
            });
        }
        for (number, call) in calls {
            layout.push(WINDOWS, number);
            types.push(call.ty);
        }
        let estimate = estimate(&plan.estimate, lowered.len(), &types);
        let node = Node::Window { input: Box::new(plan), window, calls: lowered };
        Ok(Rows { plan: Plan { node, types, estimate }, layout, ordered: false, groups: 1.0 })
    }
}

/// Windows of the same partitions and order stand together, so that one sort serves them.
fn execution_order(windows: &[Window]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(windows.len());
    for index in 0..windows.len() {
        if order.contains(&index) {
            continue;
        }
        let alike = (index..windows.len()).filter(|other| !order.contains(other) && same::same_sorting(&windows[index], &windows[*other]));
        let alike: Vec<usize> = alike.collect();
        order.extend(alike);
    }
    order
}

fn sort_keys(window: &Window) -> Vec<SortKey> {
    let partition = window.partition_by.iter().map(|expr| SortKey { expr: expr.clone(), descending: false, nulls_first: false });
    partition.chain(window.order_by.iter().cloned()).collect()
}

fn of_window(call: &Expr, window: usize) -> Option<WindowCall> {
    match &call.kind {
        ExprKind::Window(call) if call.window == window => Some((**call).clone()),
        _ => None,
    }
}

fn collect(expr: &Expr, calls: &mut Vec<Expr>) {
    if let ExprKind::Window(_) = expr.kind {
        if !calls.iter().any(|known| same::same(known, expr)) {
            calls.push(expr.clone());
        }
        return;
    }
    walk::children(expr, &mut |child| collect(child, calls));
}

#[allow(clippy::cast_precision_loss)]
fn estimate(input: &Estimate, calls: usize, types: &[Type]) -> Estimate {
    let work = (OPERATOR * calls as f64 + TUPLE) * input.rows;
    Estimate { total_cost: input.total_cost + work, width: cost::width(types), ..*input }
}
