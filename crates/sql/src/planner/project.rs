//! The top of a SELECT: target list, set-returning functions, DISTINCT, ORDER BY, row locks, LIMIT.
//!
//! Targets are computed as late as possible: rows are sorted and cut by their columns, and only what is left is projected. Targets come first where order or
//! distinctness is about their values: DISTINCT, volatile sort keys (`ORDER BY random()` must show what it sorted by), set-returning functions in ORDER BY.

use borealis_pgtypes::{Oid, Result, Type};

use super::cost::{self, OPERATOR};
use super::from::Rows;
use super::layout::{Layout, SETS, TARGETS, column};
use super::query::{Tail, limited, top_n};
use super::select::Upper;
use super::{Planner, build, same, substitute, walk};
use crate::ast::LockStrength;
use crate::bound::BoundDistinct;
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{Estimate, Node, Plan};

/// A locked table: relation, oid, strength.
pub(crate) type Locked = (usize, Oid, LockStrength);

impl Planner<'_> {
    /// Finishes a level.
    pub(crate) fn project(&mut self, mut upper: Upper, tail: Tail, rows: Rows, locked: &[Locked]) -> Result<Plan> {
        let sets_in_order = upper.order_by.iter().any(|key| walk::has_set_function(&key.expr));
        let sets = sets_in_order || upper.targets.iter().any(walk::has_set_function);
        let unsteady = upper.order_by.iter().any(|key| walk::is_volatile(&key.expr));
        let early = !matches!(upper.distinct, BoundDistinct::No) || unsteady || sets_in_order || (sets && tail.with_ties);
        if early {
            let rows = self.locks(rows, locked);
            return self.targets_first(upper, tail, rows);
        }
        let keys = std::mem::take(&mut upper.order_by);
        let Rows { mut plan, layout, ordered, groups } = rows;
        let keys = self.lower_keys(keys, &layout)?;
        let (limit, offset) = self.limit_counts(tail.limit, tail.offset)?;
        let most = if sets { None } else { top_n(limit.as_ref(), offset.as_ref(), tail.with_ties) };
        if !keys.is_empty() && !ordered {
            plan = cost::sort(plan, keys.clone(), most, self.ctx.settings);
        } else if let Some(most) = most {
            push_limit(&mut plan, &most);
        }
        let Rows { plan, layout, .. } = self.locks(Rows { plan, layout, ordered, groups }, locked);
        if sets {
            let plan = self.targets(upper.targets, plan, layout)?;
            return Ok(limited(plan, limit, offset, None));
        }
        let plan = limited(plan, limit, offset, tail.with_ties.then_some(keys));
        self.targets(upper.targets, plan, layout)
    }

    fn locks(&mut self, mut rows: Rows, locked: &[Locked]) -> Rows {
        let locks: Vec<(usize, Oid, LockStrength)> = locked
            .iter()
            .filter_map(|(relation, oid, strength)| build::locator_slot(&rows.layout, *relation).map(|slot| (slot, *oid, *strength)))
            .collect();
        if !locks.is_empty() {
            let (types, estimate) = (rows.plan.types.clone(), rows.plan.estimate);
            rows.plan = Plan { node: Node::LockRows { input: Box::new(rows.plan), locks }, types, estimate };
        }
        rows
    }

    /// The target list over rows of `layout`.
    fn targets(&mut self, mut targets: Vec<Expr>, plan: Plan, layout: Layout) -> Result<Plan> {
        let (plan, layout) = self.set_functions(&mut targets, plan, layout)?;
        let exprs = self.lower_all(targets, &layout)?;
        Ok(projected(plan, exprs))
    }

    /// Runs set-returning functions, innermost first; the targets then name their values as columns of a pseudo relation.
    fn set_functions(&mut self, targets: &mut [Expr], mut plan: Plan, mut layout: Layout) -> Result<(Plan, Layout)> {
        let mut count = 0;
        loop {
            let mut ready: Vec<Expr> = Vec::new();
            targets.iter().for_each(|target| collect_sets(target, &mut ready));
            if ready.is_empty() {
                return Ok((plan, layout));
            }
            let mut exprs: Vec<Expr> = plan.types.iter().enumerate().map(|(slot, ty)| Expr::new(ExprKind::Slot(slot), *ty)).collect();
            let table: Vec<(Expr, Expr)> =
                ready.iter().enumerate().map(|(index, set)| (set.clone(), column(0, SETS, count + index, set.ty))).collect();
            for set in ready {
                exprs.push(self.lower(set, &layout)?);
            }
            targets.iter_mut().for_each(|target| substitute::matching(target, 0, &table));
            for index in 0..table.len() {
                layout.push(SETS, count + index);
            }
            count += table.len();
            plan = project_set(plan, exprs);
        }
    }

    /// Targets, what DISTINCT ON and ORDER BY look at, then distinctness, order and limit over the slots.
    fn targets_first(&mut self, upper: Upper, tail: Tail, rows: Rows) -> Result<Plan> {
        let Upper { mut targets, distinct, order_by, .. } = upper;
        let visible = targets.len();
        let mut order: Vec<SortKey> = Vec::with_capacity(order_by.len());
        for key in order_by {
            order.push(SortKey { expr: target_slot(key.expr, &mut targets), ..key });
        }
        let on_some = matches!(distinct, BoundDistinct::On(_));
        let distinct = match distinct {
            BoundDistinct::No => None,
            BoundDistinct::All => Some((0..visible).collect()),
            BoundDistinct::On(exprs) => Some(exprs.into_iter().map(|expr| slot_index(expr, &mut targets)).collect::<Vec<usize>>()),
        };
        let plan = self.targets(targets, rows.plan, rows.layout)?;
        let layout = Layout::new((0..plan.types.len()).map(|slot| (TARGETS, slot)).collect());
        let order = self.lower_keys(order, &layout)?;
        let (limit, offset) = self.limit_counts(tail.limit, tail.offset)?;
        let most = top_n(limit.as_ref(), offset.as_ref(), tail.with_ties);
        let plan = self.distinct_and_order(plan, distinct, on_some, &order, most);
        let plan = limited(plan, limit, offset, tail.with_ties.then_some(order));
        Ok(first_slots(plan, visible))
    }

    /// `slots`: what must be distinct; `on_some`: by DISTINCT ON, where order decides which row of a group stays.
    fn distinct_and_order(&self, plan: Plan, slots: Option<Vec<usize>>, on_some: bool, order: &[SortKey], most: Option<Expr>) -> Plan {
        let settings = self.ctx.settings;
        let sorted = |plan: Plan, most| if order.is_empty() { plan } else { cost::sort(plan, order.to_vec(), most, settings) };
        let Some(slots) = slots else { return sorted(plan, most) };
        if !on_some || order.is_empty() {
            return sorted(cost::distinct(plan, slots, None), most);
        }
        // The leading keys of the order are the group's (the binder has checked it), not necessarily all of them.
        let mut keys = order.to_vec();
        for slot in &slots {
            if !keys.iter().any(|key| matches!(key.expr.kind, ExprKind::Slot(known) if known == *slot)) {
                keys.push(SortKey { expr: slot_expr(*slot, &plan.types), descending: false, nulls_first: false });
            }
        }
        unique(cost::sort(plan, keys, None, settings), slots)
    }
}

fn slot_expr(slot: usize, types: &[Type]) -> Expr {
    Expr::new(ExprKind::Slot(slot), types[slot])
}

/// The slot that holds `expr` among the targets, added when there is none.
fn slot_index(expr: Expr, targets: &mut Vec<Expr>) -> usize {
    if let Some(index) = targets.iter().position(|target| same::same(target, &expr)) {
        return index;
    }
    targets.push(expr);
    targets.len() - 1
}

fn target_slot(expr: Expr, targets: &mut Vec<Expr>) -> Expr {
    let ty = expr.ty;
    column(0, TARGETS, slot_index(expr, targets), ty)
}

/// `plan` with the given slots; nothing to do when they are its own.
fn projected(plan: Plan, exprs: Vec<Expr>) -> Plan {
    let identity = exprs.len() == plan.types.len()
        && exprs.iter().enumerate().all(|(index, expr)| matches!(expr.kind, ExprKind::Slot(slot) if slot == index));
    if identity { plan } else { cost::project(plan, exprs) }
}

fn first_slots(plan: Plan, count: usize) -> Plan {
    let exprs = (0..count).map(|slot| slot_expr(slot, &plan.types)).collect();
    projected(plan, exprs)
}

fn unique(plan: Plan, slots: Vec<usize>) -> Plan {
    let types = plan.types.clone();
    let estimate = Estimate { total_cost: plan.estimate.total_cost + OPERATOR * plan.estimate.rows, ..plan.estimate };
    Plan { node: Node::Unique { input: Box::new(plan), slots }, types, estimate }
}

fn project_set(plan: Plan, exprs: Vec<Expr>) -> Plan {
    let types: Vec<Type> = exprs.iter().map(|expr| expr.ty).collect();
    // PostgreSQL's guess: a set-returning function gives a thousand rows.
    let rows = plan.estimate.rows * 1000.0;
    let estimate = Estimate { total_cost: plan.estimate.total_cost + OPERATOR * rows, rows, width: cost::width(&types), ..plan.estimate };
    Plan { node: Node::ProjectSet { input: Box::new(plan), exprs }, types, estimate }
}

/// Set-returning functions with no other below them.
fn collect_sets(expr: &Expr, found: &mut Vec<Expr>) {
    let mut below = false;
    walk::children(expr, &mut |child| below = below || walk::has_set_function(child));
    if expr.is_set() && !below {
        if !found.iter().any(|known| same::same(known, expr)) || walk::is_volatile(expr) {
            found.push(expr.clone());
        }
        return;
    }
    walk::children(expr, &mut |child| collect_sets(child, found));
}

/// Tells the scan that gives a node's rows one by one how many are wanted.
fn push_limit(plan: &mut Plan, most: &Expr) {
    match &mut plan.node {
        Node::Scan(scan) => scan.limit = Some(most.clone()),
        Node::LockRows { input, .. } | Node::Project { input, .. } => push_limit(input, most),
        _ => {}
    }
}
