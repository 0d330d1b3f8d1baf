//! One node: its line, its properties, its subplans, its children.

use super::document::Value;
use super::item::{Item, Line, Measured};
use super::names::Name;
use super::{Describer, Work, join};
use crate::ast::SetOperator;
use crate::deparse::quote;
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{AggregateStrategy, Estimate, Node, Plan, PlanJoinKind};

/// Facts of a node.
pub(super) type Facts = Vec<(&'static str, Value)>;

/// Whether the node reads a relation that has a name.
pub(super) fn is_relation(plan: &Plan) -> bool {
    matches!(
        plan.node,
        Node::Scan(_) | Node::SystemScan { .. } | Node::FunctionScan { .. } | Node::CteScan { .. } | Node::WorkTableScan { .. }
    )
}

/// What nodes that are not shown leave to the one below them.
#[derive(Clone, Copy)]
pub(super) struct Above<'p> {
    /// The outermost hidden node and its number: its estimates and measurements are shown.
    pub(super) outermost: (&'p Plan, usize),
    /// A condition, and the number of its node.
    pub(super) filter: Option<(&'p Expr, usize)>,
}

impl<'a> Describer<'a> {
    /// A tree whose first node has the given number.
    pub(super) fn tree(&mut self, plan: &'a Plan, number: usize) -> Item {
        self.node(plan, number, Above { outermost: (plan, number), filter: None })
    }

    fn node(&mut self, plan: &'a Plan, number: usize, above: Above<'a>) -> Item {
        match &plan.node {
            // A condition can be shown below a projection only when nothing else is waiting to be shown.
            Node::Project { input, .. } if above.filter.is_none() => return self.node(input, number + 1, above),
            Node::Filter { input, predicate } if above.filter.is_none() => {
                return self.node(input, number + 1, Above { filter: Some((predicate, number)), ..above });
            }
            Node::Scan(scan) => return self.scan(scan, plan, number, above),
            _ => {}
        }
        let (label, facts) = self.label(plan);
        let mut item = self.item(label, facts, above);
        self.properties(&mut item, plan, number);
        self.filter(&mut item, plan, above);
        let (first, last) = self.subplans(plan, above);
        item.children.extend(first);
        self.children(&mut item, plan, number);
        item.children.extend(last);
        item
    }

    /// The item of a node, with its Output.
    pub(super) fn item(&self, label: String, facts: Facts, above: Above<'_>) -> Item {
        let (outermost, number) = above.outermost;
        let mut item = Item::new(label, facts, outermost.estimate, self.measured(number));
        if self.options.verbose {
            let output: Vec<String> = self.names(outermost).into_iter().map(|name| name.text).collect();
            if !output.is_empty() {
                item.list("Output", output);
            }
        }
        item
    }

    pub(super) fn measured(&self, number: usize) -> Measured {
        match self.actuals.map(|actuals| actuals.node(number)) {
            None => Measured::No,
            Some(Some(actual)) if actual.loops > 0 => Measured::Ran(actual),
            Some(_) => Measured::Never,
        }
    }

    /// The condition of a hidden filter.
    pub(super) fn filter(&self, item: &mut Item, plan: &Plan, above: Above<'_>) {
        if let Some((filter, number)) = above.filter {
            item.line("Filter", self.own_text(filter, &self.names(plan)));
            self.removed(item, "Rows Removed by Filter", number);
        }
    }

    fn children(&mut self, item: &mut Item, plan: &'a Plan, number: usize) {
        if let (Some(_), Node::NestedLoop { right, .. }) = (gate(plan), &plan.node) {
            let child = self.tree(right, number + 2);
            return item.add("Outer", child);
        }
        let mut next = number + 1;
        for (index, child) in plan.children().into_iter().enumerate() {
            let below = self.tree(child, next);
            let below =
                if index == 1 && matches!(plan.node, Node::HashJoin { .. }) { self.hash(child, below, number, next) } else { below };
            item.add(relationship(plan, index), below);
            next += child.node_count();
        }
    }

    /// The building of a hash table, which is the join's work here and a node of its own in PostgreSQL.
    fn hash(&self, child: &Plan, below: Item, join: usize, number: usize) -> Item {
        let estimate = Estimate { startup_cost: child.estimate.total_cost, ..child.estimate };
        let facts = vec![("Node Type", Value::Text("Hash".to_owned()))];
        let mut item = Item::new("Hash".to_owned(), facts, estimate, self.measured(number));
        if self.options.verbose {
            item.list("Output", self.names(child).into_iter().map(|name| name.text).collect());
        }
        if let Some(Work::Hash { entries, bytes }) = self.work(join) {
            let (buckets, kilobytes) = (entries.next_power_of_two().max(1024), kilobytes(bytes));
            item.lines.push(Line {
                text: format!("Buckets: {buckets}  Batches: 1  Memory Usage: {kilobytes}kB"),
                facts: vec![
                    ("Hash Buckets", plain(buckets)),
                    ("Original Hash Buckets", plain(buckets)),
                    ("Hash Batches", plain(1)),
                    ("Original Hash Batches", plain(1)),
                    ("Peak Memory Usage", plain(kilobytes)),
                ],
            });
        }
        item.add("Outer", below);
        item
    }

    fn work(&self, number: usize) -> Option<Work> {
        self.actuals?.node(number)?.work
    }

    fn label(&self, plan: &Plan) -> (String, Facts) {
        match &plan.node {
            Node::Values { rows } if rows.len() < 2 => named("Result"),
            Node::Values { .. } => on("Values Scan", "\"*VALUES*\"", vec![("Alias", text("*VALUES*"))]),
            Node::Scan(_) => named("Scan"),
            Node::SystemScan { relation, alias, .. } => {
                let (name, facts) = self.relation(relation.schema, relation.name, alias);
                on("Seq Scan", &name, facts)
            }
            Node::FunctionScan { functions, alias, .. } => match functions.as_slice() {
                [function] => {
                    let name = function_name(&function.expr);
                    let shown = if self.options.verbose { format!("pg_catalog.{name}") } else { name.to_owned() };
                    on("Function Scan", &aliased(&shown, name, alias), vec![("Function Name", text(name)), ("Alias", text(alias))])
                }
                _ => on("Function Scan", &quote::identifier(alias), vec![("Alias", text(alias))]),
            },
            Node::CteScan { id, alias, .. } => {
                let name = self.planned.ctes.iter().find(|cte| cte.id == *id).map_or(alias.as_str(), |cte| cte.name.as_str());
                on("CTE Scan", &aliased(&quote::identifier(name), name, alias), vec![("CTE Name", text(name)), ("Alias", text(alias))])
            }
            Node::WorkTableScan { alias, .. } => {
                on("WorkTable Scan", &quote::identifier(alias), vec![("CTE Name", text(alias)), ("Alias", text(alias))])
            }
            Node::ProjectSet { .. } => named("ProjectSet"),
            Node::Limit { .. } => named("Limit"),
            Node::Sort { .. } => named("Sort"),
            Node::Distinct { .. } => grouping("HashAggregate", "Hashed"),
            Node::Unique { .. } => named("Unique"),
            Node::Aggregate(aggregate) => match aggregate.strategy {
                AggregateStrategy::Plain => grouping("Aggregate", "Plain"),
                AggregateStrategy::Sorted => grouping("GroupAggregate", "Sorted"),
                AggregateStrategy::Hashed => grouping("HashAggregate", "Hashed"),
            },
            Node::Window { .. } => named("WindowAgg"),
            Node::Result { .. } | Node::Filter { .. } | Node::Project { .. } => named("Result"),
            Node::NestedLoop { .. } if gate(plan).is_some() => named("Result"),
            Node::NestedLoop { kind, batched: true, .. } => {
                let facts = vec![("Node Type", text("Nested Loop (Batched Join)")), ("Join Type", text(join::kind_name(*kind)))];
                ("Nested Loop (Batched Join)".to_owned(), facts)
            }
            Node::NestedLoop { kind, .. } => join::label("Nested Loop", *kind),
            Node::HashJoin { kind, .. } => join::label("Hash Join", *kind),
            Node::MergeJoin { kind, .. } => join::label("Merge Join", *kind),
            Node::Materialize { .. } => named("Materialize"),
            Node::Append { .. } => named("Append"),
            Node::SetOp { op, all, .. } => {
                let command = format!("{}{}", set_operator(*op), if *all { " All" } else { "" });
                let facts = vec![("Node Type", text("SetOp")), ("Strategy", text("Hashed")), ("Command", text(&command))];
                (format!("HashSetOp {command}"), facts)
            }
            Node::RecursiveUnion { .. } => named("Recursive Union"),
            Node::LockRows { .. } => named("LockRows"),
            Node::Insert(insert) => self.modify("Insert", &insert.target.table),
            Node::Update(update) => self.modify("Update", &update.target.table),
            Node::Delete(delete) => self.modify("Delete", &delete.target.table),
        }
    }

    fn modify(&self, operation: &'static str, table: &borealis_catalog::Table) -> (String, Facts) {
        let (name, facts) = self.relation(table.schema, &table.name, &table.name);
        let mut all = vec![("Node Type", text("ModifyTable")), ("Operation", text(operation))];
        all.extend(facts);
        (format!("{operation} on {name}"), all)
    }

    /// A relation's name as it is shown, with its schema where VERBOSE wants it, and the alias when it is another; then the facts.
    pub(super) fn relation(&self, schema: borealis_pgtypes::Oid, name: &str, alias: &str) -> (String, Facts) {
        let schema = self.catalog.filter(|_| self.options.verbose).and_then(|catalog| catalog.schema_by_oid(schema));
        let mut facts = vec![("Relation Name", text(name))];
        let mut shown = quote::identifier(name);
        if let Some(schema) = schema {
            facts.push(("Schema", text(&schema.name)));
            shown = format!("{}.{shown}", quote::identifier(&schema.name));
        }
        facts.push(("Alias", text(if alias.is_empty() { name } else { alias })));
        (aliased(&shown, name, alias), facts)
    }

    fn properties(&mut self, item: &mut Item, plan: &'a Plan, number: usize) {
        match &plan.node {
            Node::Result { filter: Some(filter) } => item.line("One-Time Filter", self.text(filter, &[])),
            Node::Values { rows } if rows.is_empty() => item.line("One-Time Filter", "false".to_owned()),
            Node::FunctionScan { functions, filter, .. } => {
                if self.options.verbose {
                    item.list("Function Call", functions.iter().map(|function| self.text(&function.expr, &[])).collect());
                }
                self.leaf_filter(item, plan, filter.as_ref(), number);
            }
            Node::SystemScan { filter, .. } | Node::CteScan { filter, .. } | Node::WorkTableScan { filter, .. } => {
                self.leaf_filter(item, plan, filter.as_ref(), number);
            }
            Node::Sort { input, keys, .. } => {
                let names = self.names(input);
                item.list("Sort Key", keys.iter().map(|key| self.sort_key(key, &names)).collect());
                self.sort_method(item, number);
            }
            Node::Distinct { input, slots } => {
                let names = self.names(input);
                let key = |slot: &usize| names.get(*slot).map(|name| name.text.clone());
                item.list("Group Key", slots.iter().filter_map(key).collect());
                self.hash_memory(item, number);
            }
            Node::Aggregate(aggregate) => {
                self.group_keys(item, aggregate);
                self.hash_memory(item, number);
            }
            Node::NestedLoop { condition, batched, .. } => match gate(plan) {
                Some(filter) => item.line("One-Time Filter", self.text(filter, &[])),
                None => {
                    if *batched {
                        self.batched(item, plan);
                    }
                    self.join_filter(item, plan, condition.as_ref(), number);
                }
            },
            Node::MergeJoin { left, right, left_keys, right_keys, residual, .. } => {
                self.key_condition(item, "Merge Cond", (left_keys, left), (right_keys, right));
                self.join_filter(item, plan, residual.as_ref(), number);
            }
            Node::HashJoin { left, right, left_keys, right_keys, residual, .. } => {
                self.key_condition(item, "Hash Cond", (left_keys, left), (right_keys, right));
                self.join_filter(item, plan, residual.as_ref(), number);
            }
            _ => {}
        }
    }

    fn leaf_filter(&self, item: &mut Item, plan: &Plan, filter: Option<&Expr>, number: usize) {
        if let Some(filter) = filter {
            item.line("Filter", self.text(filter, &self.names(plan)));
            self.removed(item, "Rows Removed by Filter", number);
        }
    }

    fn sort_method(&self, item: &mut Item, number: usize) {
        let Some(Work::Sort { top, bytes }) = self.work(number) else { return };
        let (method, kilobytes) = (if top { "top-N heapsort" } else { "quicksort" }, kilobytes(bytes));
        item.lines.push(Line {
            text: format!("Sort Method: {method}  Memory: {kilobytes}kB"),
            facts: vec![("Sort Method", text(method)), ("Sort Space Used", plain(kilobytes)), ("Sort Space Type", text("Memory"))],
        });
    }

    fn hash_memory(&self, item: &mut Item, number: usize) {
        let Some(Work::Hash { bytes, .. }) = self.work(number) else { return };
        let kilobytes = kilobytes(bytes);
        item.lines.push(Line {
            text: format!("Batches: 1  Memory Usage: {kilobytes}kB"),
            facts: vec![("HashAgg Batches", plain(1)), ("Peak Memory Usage", plain(kilobytes)), ("Disk Usage", plain(0))],
        });
    }

    fn group_keys(&self, item: &mut Item, aggregate: &crate::plan::Aggregate) {
        let names = self.names(&aggregate.input);
        let keys: Vec<String> = aggregate.groups.iter().map(|group| self.text(group, &names)).collect();
        if aggregate.sets.is_empty() {
            if !keys.is_empty() {
                item.list("Group Key", keys);
            }
            return;
        }
        for set in &aggregate.sets {
            let set: Vec<String> = set.iter().filter_map(|index| keys.get(*index).cloned()).collect();
            item.list("Group Key", if set.is_empty() { vec!["()".to_owned()] } else { set });
        }
    }

    fn sort_key(&self, key: &SortKey, names: &[Name]) -> String {
        let mut text = self.text(&key.expr, names);
        if key.descending {
            text.push_str(" DESC");
        }
        if key.nulls_first != key.descending {
            text.push_str(if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
        }
        text
    }

    /// The subplans a node's expressions run, each where it is first met: those that run once, which come before the node's children, and the others.
    pub(super) fn subplans(&mut self, plan: &'a Plan, above: Above<'a>) -> (Vec<super::item::Child>, Vec<super::item::Child>) {
        let mut found = Vec::new();
        hidden_exprs(above.outermost.0, plan, above.filter.map(|filter| filter.0), &mut |expr| collect_subplans(expr, &mut found));
        let planned = self.planned;
        let (mut first, mut last) = (Vec::new(), Vec::new());
        for (index, correlated) in found {
            if std::mem::replace(&mut self.shown[index], true) {
                continue;
            }
            let item = self.tree(&planned.subplans[index], self.starts[1 + index]);
            let (relation, into) = if correlated { ("SubPlan", &mut last) } else { ("InitPlan", &mut first) };
            let returns = if correlated { String::new() } else { format!(" (returns {})", self.init_plan(index)) };
            into.push(super::item::Child { relation, title: Some(format!("{relation} {}{returns}", index + 1)), item });
        }
        (first, last)
    }
}

fn relationship(plan: &Plan, index: usize) -> &'static str {
    match (&plan.node, index) {
        (Node::Append { .. }, _) => "Member",
        (_, 0) => "Outer",
        _ => "Inner",
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

pub(super) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn plain(value: impl ToString) -> Value {
    Value::Plain(value.to_string())
}

fn kilobytes(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

fn named(name: &'static str) -> (String, Facts) {
    (name.to_owned(), vec![("Node Type", text(name))])
}

fn on(node: &'static str, name: &str, facts: Facts) -> (String, Facts) {
    let mut all = vec![("Node Type", text(node))];
    all.extend(facts);
    (format!("{node} on {name}"), all)
}

fn grouping(name: &'static str, strategy: &'static str) -> (String, Facts) {
    (name.to_owned(), vec![("Node Type", text("Aggregate")), ("Strategy", text(strategy)), ("Partial Mode", text("Simple"))])
}

/// `shown`, with the alias when it is another than `name`.
fn aliased(shown: &str, name: &str, alias: &str) -> String {
    if name == alias || alias.is_empty() { shown.to_owned() } else { format!("{shown} {}", quote::identifier(alias)) }
}

fn function_name(expr: &Expr) -> &str {
    match &expr.kind {
        ExprKind::SetFunction { function, .. } | ExprKind::Call { function, .. } => function.name,
        ExprKind::Routine(call) => &call.spec.routine.name,
        _ => "function",
    }
}

fn set_operator(op: SetOperator) -> &'static str {
    match op {
        SetOperator::Union => "Union",
        SetOperator::Intersect => "Intersect",
        SetOperator::Except => "Except",
    }
}

/// Subplans below an expression: number and whether they depend on the row (a hashed one is run once, but printed like these, as PostgreSQL does).
fn collect_subplans(expr: &Expr, found: &mut Vec<(usize, bool)>) {
    crate::planner::walk::children(expr, &mut |child| collect_subplans(child, found));
    if let ExprKind::SubPlan(subplan) = &expr.kind {
        found.push((subplan.plan, !subplan.params.is_empty() || subplan.hashed));
    }
}

/// Calls `f` on the expressions of a node and of the hidden nodes between it and `outermost`.
fn hidden_exprs(outermost: &Plan, plan: &Plan, filter: Option<&Expr>, f: &mut dyn FnMut(&Expr)) {
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
pub(super) fn node_exprs(plan: &Plan, f: &mut dyn FnMut(&Expr)) {
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
        Node::HashJoin { left_keys, right_keys, residual, .. } | Node::MergeJoin { left_keys, right_keys, residual, .. } => {
            left_keys.iter().chain(right_keys).chain(residual).for_each(f)
        }
        Node::Insert(insert) => insert.returning.iter().for_each(f),
        Node::Update(update) => update.assignments.iter().flatten().chain(&update.returning).for_each(f),
        Node::Delete(delete) => delete.returning.iter().for_each(f),
        Node::Distinct { .. }
        | Node::Unique { .. }
        | Node::Append { .. }
        | Node::SetOp { .. }
        | Node::RecursiveUnion { .. }
        | Node::Materialize { .. }
        | Node::LockRows { .. } => {}
    }
}
