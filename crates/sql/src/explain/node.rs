//! One node: its line, its properties, its subplans, its children.

use super::{Place, Printer};
use crate::ast::SetOperator;
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{AggregateStrategy, Node, Plan, PlanJoinKind};

/// Whether the node reads a relation that has a name.
pub(super) fn is_relation(plan: &Plan) -> bool {
    matches!(
        plan.node,
        Node::Scan(_) | Node::SystemScan { .. } | Node::FunctionScan { .. } | Node::CteScan { .. } | Node::WorkTableScan { .. }
    )
}

/// What nodes that are not shown leave to the one below them.
#[derive(Clone, Copy)]
struct Above<'p> {
    /// The outermost hidden node: its estimates and measurements are shown.
    outermost: Option<(&'p Plan, usize)>,
    filter: Option<&'p Expr>,
}

impl<'a> Printer<'a> {
    /// A tree whose first node has the given number.
    pub(super) fn tree(&mut self, plan: &'a Plan, number: usize, place: Place) {
        self.node(plan, number, place, Above { outermost: None, filter: None });
    }

    fn node(&mut self, plan: &'a Plan, number: usize, place: Place, above: Above<'a>) {
        let outermost = above.outermost.unwrap_or((plan, number));
        match &plan.node {
            // A condition can be shown below a projection only when nothing else is waiting to be shown.
            Node::Project { input, .. } if above.filter.is_none() => {
                return self.node(input, number + 1, place, Above { outermost: Some(outermost), filter: None });
            }
            Node::Filter { input, predicate } if above.filter.is_none() => {
                return self.node(input, number + 1, place, Above { outermost: Some(outermost), filter: Some(predicate) });
            }
            Node::Scan(scan) => return self.scan(scan, plan, outermost, place, above.filter),
            _ => {}
        }
        let label = self.label(plan);
        self.head(place, &label, &outermost.0.estimate, outermost.1);
        let inside = place.inside();
        self.properties(plan, inside);
        if let Some(filter) = above.filter {
            let names = self.names(plan);
            let text = self.text(filter, &names);
            self.line(inside, &format!("Filter: {text}"));
        }
        self.subplans(plan, above, inside);
        self.children(plan, number, inside);
    }

    fn children(&mut self, plan: &'a Plan, number: usize, inside: usize) {
        let place = Place { arrow: Some(inside) };
        if let (Some(_), Node::NestedLoop { right, .. }) = (gate(plan), &plan.node) {
            return self.tree(right, number + 2, place);
        }
        let mut next = number + 1;
        for (index, child) in plan.children().into_iter().enumerate() {
            if index == 1 && matches!(plan.node, Node::HashJoin { .. }) {
                let estimate = crate::plan::Estimate { startup_cost: child.estimate.total_cost, ..child.estimate };
                self.head(place, "Hash", &estimate, next);
                self.tree(child, next, Place { arrow: Some(place.inside()) });
            } else {
                self.tree(child, next, place);
            }
            next += child.node_count();
        }
    }

    fn label(&self, plan: &Plan) -> String {
        match &plan.node {
            Node::Result { .. } => "Result".to_owned(),
            Node::Values { rows } if rows.len() < 2 => "Result".to_owned(),
            Node::Values { .. } => "Values Scan on \"*VALUES*\"".to_owned(),
            Node::Scan(_) => "Scan".to_owned(),
            Node::SystemScan { relation, alias, .. } => format!("Seq Scan on {}", aliased(relation.name, alias)),
            Node::FunctionScan { functions, alias, .. } => match functions.as_slice() {
                [function] => format!("Function Scan on {}", aliased(function_name(&function.expr), alias)),
                _ => format!("Function Scan on {alias}"),
            },
            Node::CteScan { id, alias, .. } => {
                let name = self.planned.ctes.iter().find(|cte| cte.id == *id).map_or(alias.as_str(), |cte| cte.name.as_str());
                format!("CTE Scan on {}", aliased(name, alias))
            }
            Node::WorkTableScan { alias, .. } => format!("WorkTable Scan on {alias}"),
            Node::Filter { .. } | Node::Project { .. } => "Result".to_owned(),
            Node::ProjectSet { .. } => "ProjectSet".to_owned(),
            Node::Limit { .. } => "Limit".to_owned(),
            Node::Sort { .. } => "Sort".to_owned(),
            Node::Distinct { .. } => "HashAggregate".to_owned(),
            Node::Unique { .. } => "Unique".to_owned(),
            Node::Aggregate(aggregate) => match aggregate.strategy {
                AggregateStrategy::Plain => "Aggregate".to_owned(),
                AggregateStrategy::Sorted => "GroupAggregate".to_owned(),
                AggregateStrategy::Hashed => "HashAggregate".to_owned(),
            },
            Node::Window { .. } => "WindowAgg".to_owned(),
            Node::NestedLoop { .. } if gate(plan).is_some() => "Result".to_owned(),
            Node::NestedLoop { kind, .. } => join_label("Nested Loop", *kind, ""),
            Node::HashJoin { kind, .. } => join_label("Hash", *kind, " Join"),
            Node::Append { .. } => "Append".to_owned(),
            Node::SetOp { op, all, .. } => format!("HashSetOp {}{}", set_operator(*op), if *all { " All" } else { "" }),
            Node::RecursiveUnion { .. } => "Recursive Union".to_owned(),
            Node::LockRows { .. } => "LockRows".to_owned(),
            Node::Insert(insert) => format!("Insert on {}", insert.target.table.name),
            Node::Update(update) => format!("Update on {}", update.target.table.name),
            Node::Delete(delete) => format!("Delete on {}", delete.target.table.name),
        }
    }

    fn properties(&mut self, plan: &'a Plan, inside: usize) {
        match &plan.node {
            Node::Result { filter: Some(filter) } => self.condition("One-Time Filter", filter, &[], inside),
            Node::Values { rows } if rows.is_empty() => self.line(inside, "One-Time Filter: false"),
            Node::SystemScan { filter: Some(filter), .. }
            | Node::FunctionScan { filter: Some(filter), .. }
            | Node::CteScan { filter: Some(filter), .. }
            | Node::WorkTableScan { filter: Some(filter), .. } => {
                let names = self.names(plan);
                self.condition("Filter", filter, &names, inside);
            }
            Node::Sort { input, keys, .. } => {
                let names = self.names(input);
                let keys: Vec<String> = keys.iter().map(|key| self.sort_key(key, &names)).collect();
                self.line(inside, &format!("Sort Key: {}", keys.join(", ")));
            }
            Node::Distinct { input, slots } => {
                let names = self.names(input);
                let keys: Vec<&str> = slots.iter().filter_map(|slot| names.get(*slot).map(String::as_str)).collect();
                self.line(inside, &format!("Group Key: {}", keys.join(", ")));
            }
            Node::Aggregate(aggregate) => self.group_keys(aggregate, inside),
            Node::NestedLoop { left, condition, .. } => {
                if let Some(filter) = gate(plan) {
                    self.condition("One-Time Filter", filter, &[], inside);
                } else if let Some(condition) = condition {
                    let names = self.both_names(left, plan);
                    self.condition("Join Filter", condition, &names, inside);
                }
            }
            Node::HashJoin { left, right, left_keys, right_keys, residual, .. } => {
                let (left_names, right_names) = (self.names(left), self.names(right));
                let pairs: Vec<String> = left_keys
                    .iter()
                    .zip(right_keys)
                    .map(|(a, b)| format!("({} = {})", self.text(a, &left_names), self.text(b, &right_names)))
                    .collect();
                match pairs.as_slice() {
                    [] => {}
                    [pair] => self.line(inside, &format!("Hash Cond: {pair}")),
                    pairs => self.line(inside, &format!("Hash Cond: ({})", pairs.join(" AND "))),
                }
                if let Some(residual) = residual {
                    let names = self.both_names(left, plan);
                    self.condition("Join Filter", residual, &names, inside);
                }
            }
            _ => {}
        }
    }

    fn group_keys(&mut self, aggregate: &'a crate::plan::Aggregate, inside: usize) {
        let names = self.names(&aggregate.input);
        let keys: Vec<String> = aggregate.groups.iter().map(|group| self.text(group, &names)).collect();
        if aggregate.sets.is_empty() {
            if !keys.is_empty() {
                self.line(inside, &format!("Group Key: {}", keys.join(", ")));
            }
            return;
        }
        for set in &aggregate.sets {
            let set: Vec<&str> = set.iter().filter_map(|index| keys.get(*index).map(String::as_str)).collect();
            let text = if set.is_empty() { "()".to_owned() } else { set.join(", ") };
            self.line(inside, &format!("Group Key: {text}"));
        }
    }

    fn both_names(&self, left: &Plan, join: &Plan) -> Vec<String> {
        let mut names = self.names(left);
        if let Node::NestedLoop { right, .. } | Node::HashJoin { right, .. } = &join.node {
            names.extend(self.names(right));
        }
        names
    }

    fn condition(&mut self, title: &str, condition: &Expr, names: &[String], inside: usize) {
        let text = self.text(condition, names);
        self.line(inside, &format!("{title}: {text}"));
    }

    fn sort_key(&self, key: &SortKey, names: &[String]) -> String {
        let mut text = self.text(&key.expr, names);
        if key.descending {
            text.push_str(" DESC");
        }
        if key.nulls_first != key.descending {
            text.push_str(if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
        }
        text
    }

    /// The subplans a node's expressions run, each where it is first met.
    fn subplans(&mut self, plan: &'a Plan, above: Above<'a>, inside: usize) {
        let mut found = Vec::new();
        let outermost = above.outermost.map_or(plan, |(outermost, _)| outermost);
        hidden_exprs(outermost, plan, above.filter, &mut |expr| collect_subplans(expr, &mut found));
        self.print_subplans(found, inside);
    }

    pub(super) fn print_subplans(&mut self, found: Vec<(usize, bool)>, inside: usize) {
        let planned = self.planned;
        for (index, correlated) in found {
            if std::mem::replace(&mut self.shown[index], true) {
                continue;
            }
            let title = if correlated { "SubPlan" } else { "InitPlan" };
            self.line(inside, &format!("{title} {}", index + 1));
            self.tree(&planned.subplans[index], self.starts[1 + index], Place { arrow: Some(inside + 2) });
        }
    }
}

/// The condition of a join that only lets its right side run or not.
fn gate(plan: &Plan) -> Option<&Expr> {
    let Node::NestedLoop { left, kind: PlanJoinKind::Inner, condition: None, .. } = &plan.node else { return None };
    match &left.node {
        Node::Result { filter: Some(filter) } => Some(filter),
        _ => None,
    }
}

/// `name`, with the alias when it is another.
pub(super) fn aliased(name: &str, alias: &str) -> String {
    if name == alias || alias.is_empty() { name.to_owned() } else { format!("{name} {alias}") }
}

fn function_name(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::SetFunction { function, .. } | ExprKind::Call { function, .. } => function.name,
        _ => "function",
    }
}

fn join_label(method: &str, kind: PlanJoinKind, inner: &str) -> String {
    let kind = match kind {
        PlanJoinKind::Inner => return format!("{method}{inner}"),
        PlanJoinKind::Left => "Left",
        PlanJoinKind::Right => "Right",
        PlanJoinKind::Full => "Full",
        PlanJoinKind::Semi => "Semi",
        PlanJoinKind::Anti => "Anti",
    };
    format!("{method} {kind} Join")
}

fn set_operator(op: SetOperator) -> &'static str {
    match op {
        SetOperator::Union => "Union",
        SetOperator::Intersect => "Intersect",
        SetOperator::Except => "Except",
    }
}

/// Subplans below an expression: number and whether they depend on the row (a hashed one is run once, but printed like these, as PostgreSQL does).
pub(super) fn collect_subplans(expr: &Expr, found: &mut Vec<(usize, bool)>) {
    crate::planner::walk::children(expr, &mut |child| collect_subplans(child, found));
    if let ExprKind::SubPlan(subplan) = &expr.kind {
        found.push((subplan.plan, !subplan.params.is_empty() || subplan.hashed));
    }
}

/// Calls `f` on the expressions of a node and of the hidden nodes between it and `outermost`.
pub(super) fn hidden_exprs(outermost: &Plan, plan: &Plan, filter: Option<&Expr>, f: &mut dyn FnMut(&Expr)) {
    node_exprs(plan, f);
    filter.into_iter().for_each(&mut *f);
    let mut hidden = outermost;
    while !std::ptr::eq(hidden, plan) {
        node_exprs(hidden, f);
        match hidden.children().first() {
            Some(child) => hidden = child,
            None => break,
        }
    }
}

/// Calls `f` on the expressions of a node in which subqueries can stand.
fn node_exprs(plan: &Plan, f: &mut dyn FnMut(&Expr)) {
    match &plan.node {
        Node::Result { filter } | Node::SystemScan { filter, .. } | Node::CteScan { filter, .. } | Node::WorkTableScan { filter, .. } => {
            filter.iter().for_each(f);
        }
        Node::Scan(scan) => scan.filter.iter().for_each(f),
        Node::FunctionScan { functions, filter, .. } => functions.iter().map(|function| &function.expr).chain(filter).for_each(f),
        Node::Values { rows } => rows.iter().flatten().for_each(f),
        Node::Filter { predicate, .. } => f(predicate),
        Node::Project { exprs, .. } | Node::ProjectSet { exprs, .. } => exprs.iter().for_each(f),
        Node::Limit { limit, offset, .. } => limit.iter().chain(offset).for_each(f),
        Node::Sort { keys, limit, .. } => keys.iter().map(|key| &key.expr).chain(limit).for_each(f),
        Node::Aggregate(aggregate) => {
            aggregate.groups.iter().for_each(&mut *f);
            aggregate.aggregates.iter().flat_map(|call| call.args.iter().chain(&call.filter)).for_each(f);
        }
        Node::Window { calls, .. } => calls.iter().flat_map(|call| call.args.iter().chain(&call.filter)).for_each(f),
        Node::NestedLoop { params, condition, .. } => params.iter().map(|(_, value)| value).chain(condition).for_each(f),
        Node::HashJoin { left_keys, right_keys, residual, .. } => left_keys.iter().chain(right_keys).chain(residual).for_each(f),
        Node::Insert(insert) => insert.returning.iter().for_each(f),
        Node::Update(update) => update.assignments.iter().flatten().chain(&update.returning).for_each(f),
        Node::Delete(delete) => delete.returning.iter().for_each(f),
        Node::Distinct { .. }
        | Node::Unique { .. }
        | Node::Append { .. }
        | Node::SetOp { .. }
        | Node::RecursiveUnion { .. }
        | Node::LockRows { .. } => {}
    }
}
