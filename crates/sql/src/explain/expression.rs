//! Planned expressions as text, and the names of a node's slots.

use borealis_catalog::Table;
use borealis_pgtypes::{Datum, Oid, Settings, Type, types};

use super::Printer;
use crate::ast::BooleanTest;
use crate::expr::{BoundSubscript, Coercion, Expr, ExprKind, SubPlan, SubqueryKind};
use crate::plan::{Node, Plan, PlanJoinKind};

impl Printer<'_> {
    /// What the slots of a node's output are called.
    pub(super) fn names(&self, plan: &Plan) -> Vec<String> {
        match &plan.node {
            Node::Scan(scan) => {
                let mut names: Vec<String> =
                    scan.columns.iter().map(|number| self.column_name(&scan.alias, &scan.table, *number)).collect();
                if scan.locator {
                    names.push(self.qualified(&scan.alias, "ctid"));
                }
                names
            }
            Node::SystemScan { relation, alias, columns, .. } => {
                columns.iter().map(|column| self.qualified(alias, relation.columns.get(*column).map_or("?", |column| column.0))).collect()
            }
            Node::FunctionScan { functions, ordinality, alias, .. } => {
                let columns = functions.iter().flat_map(|function| &function.columns).map(|(name, _)| name.as_str());
                columns.chain(ordinality.then_some("ordinality")).map(|name| self.qualified(alias, name)).collect()
            }
            Node::CteScan { alias, .. } | Node::WorkTableScan { alias, .. } => {
                (0..plan.types.len()).map(|slot| self.qualified(alias, &format!("column{}", slot + 1))).collect()
            }
            Node::Project { input, exprs } | Node::ProjectSet { input, exprs } => {
                let names = self.names(input);
                exprs.iter().map(|expr| self.text(expr, &names)).collect()
            }
            Node::Aggregate(aggregate) => {
                let names = self.names(&aggregate.input);
                let groups = aggregate.groups.iter().map(|group| self.text(group, &names));
                let calls = aggregate.aggregates.iter().map(|call| {
                    let distinct = if call.distinct { "DISTINCT " } else { "" };
                    let args = if call.args.is_empty() { "*".to_owned() } else { self.list(&call.args, &names) };
                    format!("{}({distinct}{args})", call.function.name)
                });
                let mut all: Vec<String> = groups.chain(calls).collect();
                all.extend(aggregate.groupings.iter().map(|_| "GROUPING()".to_owned()));
                all
            }
            Node::Window { input, calls, .. } => {
                let mut names = self.names(input);
                let texts: Vec<String> =
                    calls.iter().map(|call| format!("{}({}) OVER (?)", call.function.name, self.list(&call.args, &names))).collect();
                names.extend(texts);
                names
            }
            Node::NestedLoop { kind, left, right, .. } | Node::HashJoin { kind, left, right, .. } => {
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
            | Node::LockRows { input, .. } => self.names(input),
            Node::Append { inputs } => inputs.first().map(|input| self.names(input)).unwrap_or_default(),
            Node::SetOp { left, .. } => self.names(left),
            Node::RecursiveUnion { base, .. } => self.names(base),
            Node::Result { .. } | Node::Values { .. } | Node::Insert(_) | Node::Update(_) | Node::Delete(_) => {
                (0..plan.types.len()).map(|slot| format!("column{}", slot + 1)).collect()
            }
        }
    }

    fn column_name(&self, alias: &str, table: &Table, number: i16) -> String {
        self.qualified(alias, table.column_number(number).map_or("?", |column| column.name.as_str()))
    }

    fn qualified(&self, alias: &str, name: &str) -> String {
        if self.qualify { format!("{alias}.{name}") } else { name.to_owned() }
    }

    /// An expression, its slots called by `names`.
    pub(super) fn text(&self, expr: &Expr, names: &[String]) -> String {
        match &expr.kind {
            ExprKind::Const(value) => literal(value, expr.ty),
            ExprKind::Slot(slot) => names.get(*slot).cloned().unwrap_or_else(|| format!("slot{slot}")),
            ExprKind::Column(column) => format!("column{}", column.column + 1),
            ExprKind::ExecParam(param) => self.param_text(*param),
            ExprKind::Param(number) => format!("${}", number + 1),
            ExprKind::Call { operator: Some(operator), args, .. } => match args.as_slice() {
                [left, right] => format!("({} {} {})", self.text(left, names), operator.name, self.text(right, names)),
                _ => format!("({} {})", operator.name, self.list(args, names)),
            },
            ExprKind::Call { function, operator: None, args } => match args.as_slice() {
                [arg] if is_cast(function.name, expr.ty) => format!("({})::{}", self.text(arg, names), types::format_type(expr.ty)),
                _ => format!("{}({})", function.name, self.list(args, names)),
            },
            ExprKind::SetFunction { function, args } => format!("{}({})", function.name, self.list(args, names)),
            ExprKind::Coerce { arg, coercion } => self.coercion(arg, coercion, expr.ty, names),
            ExprKind::ScalarArray { operator, all, left, right, .. } => {
                let quantifier = if *all { "ALL" } else { "ANY" };
                format!("({} {} {quantifier} ({}))", self.text(left, names), operator.name, self.text(right, names))
            }
            ExprKind::And(args) => self.joined(args, " AND ", names),
            ExprKind::Or(args) => self.joined(args, " OR ", names),
            ExprKind::Not(arg) => format!("(NOT {})", self.text(arg, names)),
            ExprKind::IsNull { arg, negated } => format!("({} IS {}NULL)", self.text(arg, names), if *negated { "NOT " } else { "" }),
            ExprKind::BooleanTest { arg, test } => format!("({} IS {})", self.text(arg, names), boolean_test(*test)),
            ExprKind::IsDistinct { left, right, negated, .. } => {
                let not = if *negated { "NOT " } else { "" };
                format!("({} IS {not}DISTINCT FROM {})", self.text(left, names), self.text(right, names))
            }
            ExprKind::NullIf { left, right, .. } => format!("NULLIF({}, {})", self.text(left, names), self.text(right, names)),
            ExprKind::Case { arg, whens, otherwise } => self.case(arg.as_deref(), whens, otherwise.as_deref(), names),
            ExprKind::CaseArg => "CASE_TEST_EXPR".to_owned(),
            ExprKind::Coalesce(args) => format!("COALESCE({})", self.list(args, names)),
            ExprKind::MinMax { greatest, args } => format!("{}({})", if *greatest { "GREATEST" } else { "LEAST" }, self.list(args, names)),
            ExprKind::Array { items, .. } => format!("ARRAY[{}]", self.list(items, names)),
            ExprKind::Row { items, .. } => format!("ROW({})", self.list(items, names)),
            ExprKind::RowCompare { operator, left, right, .. } => {
                format!("(ROW({}) {operator} ROW({}))", self.list(left, names), self.list(right, names))
            }
            ExprKind::Subscript { base, subscripts } => {
                let subscripts: String = subscripts.iter().map(|subscript| self.subscript(subscript, names)).collect();
                format!("({}){subscripts}", self.text(base, names))
            }
            ExprKind::Field { base, field } => format!("({}).f{}", self.text(base, names), field + 1),
            ExprKind::SubPlan(subplan) => self.subplan_text(subplan, names),
            ExprKind::Subquery(_) => "(SubPlan)".to_owned(),
            ExprKind::Aggregate(call) => format!("{}({})", call.function.name, self.list(&call.args, names)),
            ExprKind::Window(call) => format!("{}({})", call.function.name, self.list(&call.args, names)),
            ExprKind::Grouping(_) => "GROUPING()".to_owned(),
        }
    }

    fn list(&self, exprs: &[Expr], names: &[String]) -> String {
        exprs.iter().map(|expr| self.text(expr, names)).collect::<Vec<_>>().join(", ")
    }

    fn joined(&self, exprs: &[Expr], operator: &str, names: &[String]) -> String {
        format!("({})", exprs.iter().map(|expr| self.text(expr, names)).collect::<Vec<_>>().join(operator))
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
        plan.children().into_iter().find_map(|child| self.param_in(child, param))
    }

    fn coercion(&self, arg: &Expr, coercion: &Coercion, ty: Type, names: &[String]) -> String {
        let arg = self.text(arg, names);
        match coercion {
            Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } | Coercion::ArrayElements(_) => {
                format!("({arg})::{}", types::format_type(ty))
            }
            Coercion::RowFields(_) => arg,
        }
    }

    fn case(&self, arg: Option<&Expr>, whens: &[(Expr, Expr)], otherwise: Option<&Expr>, names: &[String]) -> String {
        let mut text = "CASE".to_owned();
        if let Some(arg) = arg {
            text.push_str(&format!(" {}", self.text(arg, names)));
        }
        for (when, then) in whens {
            text.push_str(&format!(" WHEN {} THEN {}", self.text(when, names), self.text(then, names)));
        }
        if let Some(otherwise) = otherwise {
            text.push_str(&format!(" ELSE {}", self.text(otherwise, names)));
        }
        text.push_str(" END");
        text
    }

    fn subscript(&self, subscript: &BoundSubscript, names: &[String]) -> String {
        let end = |expr: &Option<Expr>| expr.as_ref().map(|expr| self.text(expr, names)).unwrap_or_default();
        match subscript {
            BoundSubscript::Index(index) => format!("[{}]", self.text(index, names)),
            BoundSubscript::Slice(low, high) => format!("[{}:{}]", end(low), end(high)),
        }
    }

    fn subplan_text(&self, subplan: &SubPlan, names: &[String]) -> String {
        let number = subplan.plan + 1;
        let name = match (subplan.hashed, subplan.params.is_empty()) {
            (true, _) => format!("hashed SubPlan {number}"),
            (false, true) => format!("InitPlan {number}"),
            (false, false) => format!("SubPlan {number}"),
        };
        match &subplan.kind {
            SubqueryKind::Quantified { all, left, .. } => {
                let quantifier = if *all { "ALL " } else { "ANY " };
                format!("({quantifier}{} = ({name}))", self.list(left, names))
            }
            SubqueryKind::Exists => format!("EXISTS({name})"),
            SubqueryKind::Scalar | SubqueryKind::Array => format!("({name})"),
        }
    }
}

/// A cast function bears its target type's name.
fn is_cast(function: &str, ty: Type) -> bool {
    types::by_oid(ty.oid).is_some_and(|info| info.name == function)
}

fn boolean_test(test: BooleanTest) -> &'static str {
    match test {
        BooleanTest::True => "TRUE",
        BooleanTest::NotTrue => "NOT TRUE",
        BooleanTest::False => "FALSE",
        BooleanTest::NotFalse => "NOT FALSE",
        BooleanTest::Unknown => "UNKNOWN",
        BooleanTest::NotUnknown => "NOT UNKNOWN",
    }
}

/// A constant as PostgreSQL deparses it: bare when the literal alone has the type.
fn literal(value: &Datum, ty: Type) -> String {
    let name = types::format_type(ty);
    match value {
        Datum::Null => format!("NULL::{name}"),
        Datum::Bool(value) => value.to_string(),
        Datum::Int4(value) if *value >= 0 => value.to_string(),
        value => {
            let mut text = String::new();
            let known = borealis_pgtypes::text::output(value, ty.oid, &Settings::default(), &mut text).is_ok();
            let text = if known { text } else { "?".to_owned() };
            if ty.oid == Oid::NUMERIC && !text.starts_with('-') && text.contains('.') {
                return text;
            }
            format!("'{}'::{name}", text.replace('\'', "''"))
        }
    }
}
