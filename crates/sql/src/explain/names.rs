//! What the slots of a node's output are called, and expressions over them.

use borealis_catalog::Table;

use super::Describer;
use crate::deparse::{self, ColumnNames, Style, quote};
use crate::expr::{ColumnRef, Expr, ExprKind, SubPlan};
use crate::plan::{Node, Plan, PlanJoinKind};

/// The name of a slot.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) text: String,
    /// A column, and no expression.
    plain: bool,
}

impl Name {
    fn column(text: String) -> Self {
        Self { text, plain: true }
    }

    fn expression(text: String) -> Self {
        Self { text, plain: false }
    }

    /// As a node above refers to it: in parentheses when it is computed.
    fn reference(&self) -> String {
        if self.plain { self.text.clone() } else { format!("({})", self.text) }
    }
}

/// Names for the deparser.
struct Slots<'n, 'a> {
    describer: &'n Describer<'a>,
    names: &'n [Name],
    /// Whether the expression stands in another node than the names.
    above: bool,
}

impl ColumnNames for Slots<'_, '_> {
    fn slot(&self, slot: usize) -> String {
        match self.names.get(slot) {
            Some(name) if self.above => name.reference(),
            Some(name) => name.text.clone(),
            None => format!("slot{slot}"),
        }
    }

    fn column(&self, column: &ColumnRef) -> String {
        match column.column {
            ColumnRef::LOCATOR => "locator".to_owned(),
            place => format!("column{}", place + 1),
        }
    }

    fn exec_param(&self, param: usize) -> String {
        self.describer.param_text(param)
    }

    fn subplan(&self, subplan: &SubPlan) -> String {
        let number = subplan.plan + 1;
        match (subplan.hashed, subplan.params.is_empty()) {
            (true, _) => format!("(hashed SubPlan {number})"),
            (false, true) => self.describer.init_plan(subplan.plan),
            (false, false) => format!("(SubPlan {number})"),
        }
    }
}

impl<'a> Describer<'a> {
    /// An expression that stands in a node above the one whose slots have these names.
    pub(super) fn text(&self, expr: &Expr, names: &[Name]) -> String {
        self.write(expr, names, true)
    }

    /// An expression that stands in the node itself.
    pub(super) fn own_text(&self, expr: &Expr, names: &[Name]) -> String {
        self.write(expr, names, false)
    }

    fn write(&self, expr: &Expr, names: &[Name], above: bool) -> String {
        let slots = Slots { describer: self, names, above };
        deparse::expression(expr, &slots, Style { settings: self.settings, indent: false, pretty: false })
    }

    /// What stands for the value of a subquery that runs once.
    pub(super) fn init_plan(&self, plan: usize) -> String {
        format!("${plan}")
    }

    fn computed(&self, expr: &Expr, names: &[Name]) -> Name {
        match expr.kind {
            ExprKind::Slot(slot) => names.get(slot).cloned().unwrap_or_else(|| Name::column(format!("slot{slot}"))),
            _ => Name::expression(self.text(expr, names)),
        }
    }

    /// What the slots of a node's output are called.
    pub(super) fn names(&self, plan: &Plan) -> Vec<Name> {
        match &plan.node {
            Node::Scan(scan) => {
                let columns = scan.columns.iter().map(|number| self.column_name(&scan.alias, &scan.table, *number));
                columns.chain(scan.locator.then(|| Name::column(self.qualified(&scan.alias, "ctid")))).collect()
            }
            Node::SystemScan { relation, alias, columns, .. } => {
                let name = |column: &usize| relation.columns.get(*column).map_or("?", |column| column.0);
                columns.iter().map(|column| Name::column(self.qualified(alias, name(column)))).collect()
            }
            Node::FunctionScan { functions, ordinality, alias, .. } => {
                let columns = functions.iter().flat_map(|function| &function.columns).map(|(name, _)| name.as_str());
                columns.chain(ordinality.then_some("ordinality")).map(|name| Name::column(self.qualified(alias, name))).collect()
            }
            Node::CteScan { alias, columns, .. } | Node::WorkTableScan { alias, columns, .. } => {
                columns.iter().map(|name| Name::column(self.qualified(alias, name))).collect()
            }
            Node::Project { input, exprs } | Node::ProjectSet { input, exprs } => {
                let names = self.names(input);
                exprs.iter().map(|expr| self.computed(expr, &names)).collect()
            }
            Node::Aggregate(aggregate) => self.aggregate_names(aggregate),
            Node::Window { input, calls, .. } => {
                let mut names = self.names(input);
                let call = |call: &crate::expr::WindowCall| {
                    let expr = Expr::new(ExprKind::Window(Box::new(call.clone())), call.ty);
                    Name::expression(self.text(&expr, &names))
                };
                let calls: Vec<Name> = calls.iter().map(call).collect();
                names.extend(calls);
                names
            }
            Node::NestedLoop { kind, left, right, .. }
            | Node::HashJoin { kind, left, right, .. }
            | Node::MergeJoin { kind, left, right, .. } => {
                let mut names = self.names(left);
                if !matches!(kind, PlanJoinKind::Semi | PlanJoinKind::Anti) {
                    names.extend(self.names(right));
                }
                names
            }
            Node::Filter { input, .. }
            | Node::Limit { input, .. }
            | Node::Sort { input, .. }
            | Node::Distinct { input, .. }
            | Node::Unique { input, .. }
            | Node::Materialize { input }
            | Node::LockRows { input, .. } => self.names(input),
            Node::Append { inputs } => inputs.first().map(|input| self.names(input)).unwrap_or_default(),
            Node::SetOp { left, .. } => self.names(left),
            Node::RecursiveUnion { base, .. } => self.names(base),
            Node::Values { rows } => match rows.as_slice() {
                [row] => row.iter().map(|expr| Name::expression(self.text(expr, &[]))).collect(),
                _ => {
                    (0..plan.types.len()).map(|slot| Name::column(self.qualified("\"*VALUES*\"", &format!("column{}", slot + 1)))).collect()
                }
            },
            Node::Insert(insert) => self.returning(&insert.returning, &insert.target.table),
            Node::Update(update) => self.returning(&update.returning, &update.target.table),
            Node::Delete(delete) => self.returning(&delete.returning, &delete.target.table),
            Node::Result { .. } => Vec::new(),
        }
    }

    fn aggregate_names(&self, aggregate: &crate::plan::Aggregate) -> Vec<Name> {
        let names = self.names(&aggregate.input);
        let mut all: Vec<Name> = aggregate.groups.iter().map(|group| self.computed(group, &names)).collect();
        all.extend(aggregate.aggregates.iter().map(|call| {
            let expr = Expr::new(ExprKind::Aggregate(Box::new(call.clone())), call.ty);
            Name::expression(self.text(&expr, &names))
        }));
        all.extend(aggregate.groupings.iter().map(|places| {
            let groups: Vec<String> =
                places.iter().filter_map(|place| aggregate.groups.get(*place)).map(|group| self.text(group, &names)).collect();
            Name::expression(format!("GROUPING({})", groups.join(", ")))
        }));
        all
    }

    /// RETURNING is over the row that was written.
    fn returning(&self, exprs: &[Expr], table: &Table) -> Vec<Name> {
        let columns: Vec<Name> = table.columns.iter().map(|column| self.column_name(&table.name, table, column.number)).collect();
        exprs.iter().map(|expr| self.computed(expr, &columns)).collect()
    }

    fn column_name(&self, alias: &str, table: &Table, number: i16) -> Name {
        Name::column(self.qualified(alias, table.column_number(number).map_or("?", |column| column.name.as_str())))
    }

    fn qualified(&self, alias: &str, name: &str) -> String {
        let name = quote::identifier(name);
        match (self.qualify, alias.starts_with('"')) {
            (false, _) => name,
            (true, true) => format!("{alias}.{name}"),
            (true, false) => format!("{}.{name}", quote::identifier(alias)),
        }
    }

    /// A value handed down, called by what it is where it is handed down.
    fn param_text(&self, param: usize) -> String {
        self.planned.trees().find_map(|tree| self.param_in(tree, param)).unwrap_or_else(|| format!("$p{param}"))
    }

    fn param_in(&self, plan: &Plan, param: usize) -> Option<String> {
        if let Node::NestedLoop { left, params, .. } = &plan.node
            && let Some((_, value)) = params.iter().find(|(number, _)| *number == param)
        {
            return Some(self.text(value, &self.names(left)));
        }
        self.subplan_param(plan, param).or_else(|| plan.children().into_iter().find_map(|child| self.param_in(child, param)))
    }

    /// A parameter of a correlated subquery that stands in an expression of this node.
    fn subplan_param(&self, plan: &Plan, param: usize) -> Option<String> {
        let mut found = None;
        super::node::node_exprs(plan, &mut |expr| {
            find_param(expr, param, &mut |value| {
                if found.is_none() {
                    found = Some(self.text(value, &self.input_names(plan)));
                }
            });
        });
        found
    }

    /// What the slots are called that a node's expressions read.
    pub(super) fn input_names(&self, plan: &Plan) -> Vec<Name> {
        match plan.children().as_slice() {
            [] => self.names(plan),
            children => children.iter().flat_map(|child| self.names(child)).collect(),
        }
    }
}

fn find_param(expr: &Expr, param: usize, f: &mut dyn FnMut(&Expr)) {
    if let ExprKind::SubPlan(subplan) = &expr.kind
        && let Some((_, value)) = subplan.params.iter().find(|(number, _)| *number == param)
    {
        f(value);
    }
    crate::planner::walk::children(expr, &mut |child| find_param(child, param, f));
}
