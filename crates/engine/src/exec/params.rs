//! What a plan depends on from outside: the exec parameters it reads and does not set itself, and work tables of recursive CTEs around it.

use std::collections::{BTreeMap, BTreeSet};

use borealis_sql::expr::{AggregateCall, BoundSubscript, Coercion, Expr, ExprKind, SortKey, SubqueryKind, WindowCall};
use borealis_sql::plan::{Access, Bounds, InsertPlan, KeyMatch, Node, Plan, Planned};

/// Something that can change between two runs of the same operator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Dependency {
    Param(usize),
    WorkTable(usize),
}

/// What plans depend on; subqueries and CTEs are looked up in the statement.
pub(crate) struct Dependencies<'a> {
    planned: &'a Planned,
    ctes: BTreeMap<usize, &'a Plan>,
}

type Set = BTreeSet<Dependency>;

impl<'a> Dependencies<'a> {
    pub(crate) fn new(planned: &'a Planned) -> Self {
        Self { planned, ctes: planned.ctes.iter().map(|cte| (cte.id, &cte.plan)).collect() }
    }

    /// Whether every run of the plan in one execution gives the same rows.
    pub(crate) fn constant(&self, plan: &Plan) -> bool {
        self.of(plan).is_empty()
    }

    pub(crate) fn of(&self, plan: &Plan) -> Set {
        let mut set = Set::new();
        self.plan(plan, &mut set);
        set
    }

    fn plan(&self, plan: &Plan, set: &mut Set) {
        match &plan.node {
            Node::Result { filter } => self.exprs(filter, set),
            Node::Values { rows } => rows.iter().for_each(|row| self.exprs(row, set)),
            Node::Scan(scan) => {
                self.access(&scan.access, set);
                self.exprs(&scan.filter, set);
                self.exprs(&scan.limit, set);
            }
            Node::SystemScan { filter, .. } => self.exprs(filter, set),
            Node::FunctionScan { functions, filter, .. } => {
                self.exprs(functions.iter().map(|function| &function.expr), set);
                self.exprs(filter, set);
            }
            Node::CteScan { id, filter, .. } => {
                if let Some(cte) = self.ctes.get(id) {
                    self.plan(cte, set);
                }
                self.exprs(filter, set);
            }
            Node::WorkTableScan { id, filter, .. } => {
                set.insert(Dependency::WorkTable(*id));
                self.exprs(filter, set);
            }
            Node::Filter { input, predicate } => {
                self.plan(input, set);
                self.expr(predicate, set);
            }
            Node::Project { input, exprs } | Node::ProjectSet { input, exprs } => {
                self.plan(input, set);
                self.exprs(exprs, set);
            }
            Node::Limit { input, limit, offset, ties } => {
                self.plan(input, set);
                self.exprs(limit, set);
                self.exprs(offset, set);
                self.keys(ties.iter().flatten(), set);
            }
            Node::Sort { input, keys, limit } => {
                self.plan(input, set);
                self.keys(keys, set);
                self.exprs(limit, set);
            }
            Node::Distinct { input, .. } | Node::Unique { input, .. } | Node::LockRows { input, .. } => self.plan(input, set),
            Node::Aggregate(aggregate) => {
                self.plan(&aggregate.input, set);
                self.exprs(&aggregate.groups, set);
                aggregate.aggregates.iter().for_each(|call| self.aggregate(call, set));
            }
            Node::Window { input, window, calls } => {
                self.plan(input, set);
                self.exprs(&window.partition_by, set);
                self.keys(&window.order_by, set);
                self.exprs(&window.start_offset, set);
                self.exprs(&window.end_offset, set);
                calls.iter().for_each(|call| self.window(call, set));
            }
            Node::Materialize { input } => self.plan(input, set),
            Node::MergeJoin { left, right, left_keys, right_keys, residual, .. } => {
                self.plan(left, set);
                self.plan(right, set);
                self.exprs(left_keys, set);
                self.exprs(right_keys, set);
                self.exprs(residual, set);
            }
            Node::NestedLoop { left, right, params, condition, .. } => {
                let mut inner = self.of(right);
                self.exprs(condition, &mut inner);
                for (param, _) in params {
                    inner.remove(&Dependency::Param(*param));
                }
                set.extend(inner);
                self.plan(left, set);
                self.exprs(params.iter().map(|(_, expr)| expr), set);
            }
            Node::HashJoin { left, right, left_keys, right_keys, residual, .. } => {
                self.plan(left, set);
                self.plan(right, set);
                self.exprs(left_keys, set);
                self.exprs(right_keys, set);
                self.exprs(residual, set);
            }
            Node::Append { inputs } => inputs.iter().for_each(|input| self.plan(input, set)),
            Node::SetOp { left, right, .. } => {
                self.plan(left, set);
                self.plan(right, set);
            }
            Node::RecursiveUnion { id, base, recursive, .. } => {
                let mut inner = self.of(recursive);
                inner.remove(&Dependency::WorkTable(*id));
                set.extend(inner);
                self.plan(base, set);
            }
            Node::Insert(insert) => self.insert(insert, set),
            Node::Update(update) => {
                self.plan(&update.source, set);
                self.exprs(update.assignments.iter().flatten(), set);
                self.exprs(&update.returning, set);
            }
            Node::Delete(delete) => {
                self.plan(&delete.source, set);
                self.exprs(&delete.returning, set);
            }
        }
    }

    fn insert(&self, insert: &InsertPlan, set: &mut Set) {
        self.plan(&insert.source, set);
        self.exprs(&insert.returning, set);
        if let Some(update) = insert.on_conflict.as_ref().and_then(|conflict| conflict.update.as_ref()) {
            self.exprs(update.assignments.iter().flatten(), set);
            self.exprs(&update.filter, set);
        }
    }

    fn access(&self, access: &Access, set: &mut Set) {
        match access {
            Access::Full => {}
            Access::PrimaryKey(bounds) | Access::Index { bounds, .. } => self.bounds(bounds, set),
        }
    }

    fn bounds(&self, bounds: &Bounds, set: &mut Set) {
        for key in &bounds.prefix {
            match key {
                KeyMatch::Equal(expr) | KeyMatch::Any(expr) => self.expr(expr, set),
                KeyMatch::IsNull => {}
            }
        }
        self.exprs(bounds.lower.iter().chain(&bounds.upper).flat_map(|edge| &edge.values), set);
    }

    fn exprs<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>, set: &mut Set) {
        exprs.into_iter().for_each(|expr| self.expr(expr, set));
    }

    fn keys<'e>(&self, keys: impl IntoIterator<Item = &'e SortKey>, set: &mut Set) {
        self.exprs(keys.into_iter().map(|key| &key.expr), set);
    }

    fn aggregate(&self, call: &AggregateCall, set: &mut Set) {
        self.exprs(&call.args, set);
        self.keys(&call.order_by, set);
        self.exprs(&call.filter, set);
    }

    fn window(&self, call: &WindowCall, set: &mut Set) {
        self.exprs(&call.args, set);
        self.exprs(&call.filter, set);
    }

    fn expr(&self, expr: &Expr, set: &mut Set) {
        match &expr.kind {
            ExprKind::ExecParam(param) => {
                set.insert(Dependency::Param(*param));
            }
            ExprKind::SubPlan(subplan) => {
                let mut inner = self.planned.subplans.get(subplan.plan).map(|plan| self.of(plan)).unwrap_or_default();
                for (param, _) in &subplan.params {
                    inner.remove(&Dependency::Param(*param));
                }
                set.extend(inner);
                self.exprs(subplan.params.iter().map(|(_, expr)| expr), set);
                if let SubqueryKind::Quantified { left, .. } = &subplan.kind {
                    self.exprs(left, set);
                }
            }
            ExprKind::Coerce { arg, coercion } => {
                self.expr(arg, set);
                match coercion {
                    Coercion::ArrayElements(element) => self.expr(element, set),
                    Coercion::RowFields { fields, .. } => self.exprs(fields, set),
                    Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } | Coercion::Spread | Coercion::Domain(_) => {}
                }
            }
            ExprKind::Aggregate(call) => self.aggregate(call, set),
            ExprKind::Window(call) => self.window(call, set),
            _ => children(expr).into_iter().for_each(|child| self.expr(child, set)),
        }
    }
}

/// The direct parts of the expressions that are nothing but their parts.
fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Call { args, .. } | ExprKind::SetFunction { args, .. } | ExprKind::And(args) | ExprKind::Or(args) => {
            args.iter().collect()
        }
        ExprKind::Coalesce(args) | ExprKind::MinMax { args, .. } | ExprKind::Json { args, .. } => args.iter().collect(),
        ExprKind::Array { items, .. } | ExprKind::Row { items, .. } => items.iter().collect(),
        ExprKind::Routine(call) => call.args.iter().collect(),
        ExprKind::ScalarArray { left, right, .. } | ExprKind::IsDistinct { left, right, .. } | ExprKind::NullIf { left, right, .. } => {
            vec![left, right]
        }
        ExprKind::Not(arg) | ExprKind::IsNull { arg, .. } | ExprKind::BooleanTest { arg, .. } => vec![arg],
        ExprKind::Case { arg, whens, otherwise } => {
            let whens = whens.iter().flat_map(|(when, then)| [when, then]);
            arg.as_deref().into_iter().chain(whens).chain(otherwise.as_deref()).collect()
        }
        ExprKind::RowCompare { left, right, .. } => left.iter().chain(right).collect(),
        ExprKind::Subscript { base, subscripts } => {
            let bounds = subscripts.iter().flat_map(|subscript| match subscript {
                BoundSubscript::Index(index) => vec![index],
                BoundSubscript::Slice(lower, upper) => lower.iter().chain(upper).collect(),
            });
            std::iter::once(&**base).chain(bounds).collect()
        }
        ExprKind::Field { base, .. } => vec![base],
        _ => Vec::new(),
    }
}

/// Whether the expression has a subquery or a call of a function in SQL in it: such a one cannot run while a scan holds the transaction.
pub(crate) fn has_subplan(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::SubPlan(_) | ExprKind::Routine(_) => true,
        ExprKind::Coerce { arg, coercion } => {
            has_subplan(arg)
                || match coercion {
                    Coercion::ArrayElements(element) => has_subplan(element),
                    Coercion::RowFields { fields, .. } => fields.iter().any(has_subplan),
                    Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } | Coercion::Spread | Coercion::Domain(_) => false,
                }
        }
        _ => children(expr).into_iter().any(has_subplan),
    }
}

/// The largest slot an expression reads, and whether it reads any: calls `seen` for each.
pub(crate) fn slots(expr: &Expr, seen: &mut impl FnMut(usize)) {
    match &expr.kind {
        ExprKind::Slot(slot) => seen(*slot),
        ExprKind::Coerce { arg, .. } => slots(arg, seen),
        ExprKind::SubPlan(subplan) => {
            subplan.params.iter().for_each(|(_, expr)| slots(expr, seen));
            if let SubqueryKind::Quantified { left, .. } = &subplan.kind {
                left.iter().for_each(|expr| slots(expr, seen));
            }
        }
        _ => children(expr).into_iter().for_each(|child| slots(child, seen)),
    }
}
