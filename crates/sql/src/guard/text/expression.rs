//! Expressions, each in parentheses where anything could bind to it.

use super::{Text, literal};
use crate::ast::{
    BooleanTest, Expr, ExprKind, Frame, FrameBound, FrameExclusion, FrameMode, FunctionArg, FunctionCall, LikeKind, Operator, Over,
    SqlValue, SubqueryKind, Subscript, TypeName, WindowSpec,
};

impl Text {
    pub(super) fn exprs(&mut self, exprs: &[Expr]) {
        self.list(exprs, ", ", Self::expr);
    }

    /// `word(a, b)`
    fn keyword_call(&mut self, word: &str, args: &[Expr]) {
        self.put(word);
        self.put("(");
        self.exprs(args);
        self.put(")");
    }

    /// `(left word right)`
    fn infix(&mut self, left: &Expr, word: &str, right: &Expr) {
        self.put("(");
        self.expr(left);
        self.put(&format!(" {word} "));
        self.expr(right);
        self.put(")");
    }

    /// `(arg words)`
    fn postfix(&mut self, arg: &Expr, words: &str) {
        self.put("(");
        self.expr(arg);
        self.put(&format!(" {words})"));
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Null => self.put("NULL"),
            ExprKind::Bool(value) => self.put(if *value { "TRUE" } else { "FALSE" }),
            ExprKind::Integer(value) => self.number(&value.to_string()),
            ExprKind::Number(value) => self.number(value),
            ExprKind::String(text) => self.put(&literal(text)),
            ExprKind::BitString(bits) => {
                let (kind, digits) = bits.split_at(bits.len().min(1));
                self.put(&format!("{kind}{}", literal(digits)));
            }
            ExprKind::Column(names) => self.names(names),
            ExprKind::Star(names) => {
                self.names(names);
                self.put(if names.is_empty() { "*" } else { ".*" });
            }
            ExprKind::Param(number) => self.put(&format!("${number}")),
            ExprKind::DefaultKeyword => self.put("DEFAULT"),
            ExprKind::SqlValue { function, precision } => self.sql_value(*function, *precision),
            ExprKind::Function(call) => self.function(call),
            ExprKind::Subquery { kind, query } => self.subquery(kind, query),
            ExprKind::Case { arg, whens, otherwise } => self.case(arg.as_deref(), whens, otherwise.as_deref()),
            _ => self.compound(&expr.kind),
        }
    }

    /// A sign would bind to what stands before it.
    fn number(&mut self, digits: &str) {
        if digits.starts_with('-') { self.put(&format!("({digits})")) } else { self.put(digits) }
    }

    fn compound(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Unary { op, arg } => {
                self.put(&format!("({} ", operator(op)));
                self.expr(arg);
                self.put(")");
            }
            ExprKind::Binary { op, left, right } => self.infix(left, &operator(op), right),
            ExprKind::ScalarArray { op, all, left, right } => {
                self.put("(");
                self.expr(left);
                self.put(&format!(" {} {} (", operator(op), if *all { "ALL" } else { "ANY" }));
                self.expr(right);
                self.put("))");
            }
            ExprKind::In { arg, list, negated } => {
                self.put("(");
                self.expr(arg);
                self.keyword_call(if *negated { " NOT IN " } else { " IN " }, list);
                self.put(")");
            }
            ExprKind::Like { arg, pattern, escape, kind, negated } => self.like((arg, pattern, escape.as_deref()), *kind, *negated),
            ExprKind::Between { arg, low, high, symmetric, negated } => {
                self.put("(");
                self.expr(arg);
                self.put(if *negated { " NOT BETWEEN " } else { " BETWEEN " });
                self.put(if *symmetric { "SYMMETRIC " } else { "" });
                self.expr(low);
                self.put(" AND ");
                self.expr(high);
                self.put(")");
            }
            ExprKind::IsDistinct { left, right, negated } => {
                self.infix(left, if *negated { "IS NOT DISTINCT FROM" } else { "IS DISTINCT FROM" }, right);
            }
            ExprKind::NullIf(left, right) => {
                self.put("NULLIF(");
                self.expr(left);
                self.put(", ");
                self.expr(right);
                self.put(")");
            }
            ExprKind::And(list) => self.connective(list, " AND "),
            ExprKind::Or(list) => self.connective(list, " OR "),
            ExprKind::Not(arg) => {
                self.put("(NOT ");
                self.expr(arg);
                self.put(")");
            }
            ExprKind::IsNull { arg, negated } => self.postfix(arg, if *negated { "IS NOT NULL" } else { "IS NULL" }),
            ExprKind::BooleanTest { arg, test } => self.postfix(arg, boolean_test(*test)),
            other => self.primary(other),
        }
    }

    fn primary(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Coalesce(list) => self.keyword_call("COALESCE", list),
            ExprKind::Greatest(list) => self.keyword_call("GREATEST", list),
            ExprKind::Least(list) => self.keyword_call("LEAST", list),
            ExprKind::Grouping(list) => self.keyword_call("GROUPING", list),
            ExprKind::Json(constructor) => self.json(constructor),
            ExprKind::JsonAggregate(aggregate) => self.json_aggregate(aggregate),
            ExprKind::IsJson(test) => self.is_json(test),
            ExprKind::Row { items, explicit } => self.keyword_call(if *explicit || items.len() < 2 { "ROW" } else { "" }, items),
            ExprKind::Cast { arg, ty } => {
                self.put("CAST(");
                self.expr(arg);
                self.put(" AS ");
                self.type_name(ty);
                self.put(")");
            }
            ExprKind::Array(list) => {
                self.put("ARRAY[");
                self.exprs(list);
                self.put("]");
            }
            ExprKind::Subscript { base, subscripts } => {
                self.put("(");
                self.expr(base);
                self.put(")");
                subscripts.iter().for_each(|subscript| self.subscript(subscript));
            }
            ExprKind::Field { base, field } => {
                self.put("(");
                self.expr(base);
                self.put(").");
                self.name(field);
            }
            ExprKind::FieldStar(base) => {
                self.put("(");
                self.expr(base);
                self.put(").*");
            }
            ExprKind::Collate { arg, collation } => {
                self.put("(");
                self.expr(arg);
                self.put(" COLLATE ");
                self.names(collation);
                self.put(")");
            }
            other => unreachable!("written by the caller: {other:?}"),
        }
    }

    fn connective(&mut self, list: &[Expr], word: &str) {
        self.put("(");
        self.list(list, word, Self::expr);
        self.put(")");
    }

    fn like(&mut self, (arg, pattern, escape): (&Expr, &Expr, Option<&Expr>), kind: LikeKind, negated: bool) {
        self.put("(");
        self.expr(arg);
        self.put(if negated { " NOT " } else { " " });
        self.put(match kind {
            LikeKind::Like => "LIKE ",
            LikeKind::Ilike => "ILIKE ",
            LikeKind::Similar => "SIMILAR TO ",
        });
        self.expr(pattern);
        if let Some(escape) = escape {
            self.put(" ESCAPE ");
            self.expr(escape);
        }
        self.put(")");
    }

    fn case(&mut self, arg: Option<&Expr>, whens: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.put("CASE");
        if let Some(arg) = arg {
            self.put(" ");
            self.expr(arg);
        }
        for (when, then) in whens {
            self.put(" WHEN ");
            self.expr(when);
            self.put(" THEN ");
            self.expr(then);
        }
        if let Some(otherwise) = otherwise {
            self.put(" ELSE ");
            self.expr(otherwise);
        }
        self.put(" END");
    }

    pub(super) fn subscript(&mut self, subscript: &Subscript) {
        self.put("[");
        match subscript {
            Subscript::Index(index) => self.expr(index),
            Subscript::Slice(low, high) => {
                low.iter().for_each(|low| self.expr(low));
                self.put(":");
                high.iter().for_each(|high| self.expr(high));
            }
        }
        self.put("]");
    }

    fn subquery(&mut self, kind: &SubqueryKind, query: &crate::ast::Query) {
        match kind {
            SubqueryKind::Scalar => match query.json_array() {
                Some((aggregate, rows)) => self.json_array_of_query(aggregate, rows),
                None => self.nested(query),
            },
            SubqueryKind::Exists => {
                self.put("EXISTS ");
                self.nested(query);
            }
            SubqueryKind::Array => {
                self.put("ARRAY");
                self.nested(query);
            }
            SubqueryKind::Any { test, op } | SubqueryKind::All { test, op } => {
                self.put("(");
                self.expr(test);
                self.put(&format!(" {} {} ", operator(op), if matches!(kind, SubqueryKind::All { .. }) { "ALL" } else { "ANY" }));
                self.nested(query);
                self.put(")");
            }
        }
    }

    fn function(&mut self, call: &FunctionCall) {
        let FunctionCall { name, args, variadic, star, distinct, order_by, within_group, filter: _, over: _, sql_syntax: _ } = call;
        self.names(name);
        self.put("(");
        self.put(if *distinct { "DISTINCT " } else { "" });
        self.put(if *star { "*" } else { "" });
        for (index, FunctionArg { name, value }) in args.iter().enumerate() {
            self.put(if index > 0 { ", " } else { "" });
            self.put(if *variadic && index + 1 == args.len() { "VARIADIC " } else { "" });
            if let Some(name) = name {
                self.name(name);
                self.put(" => ");
            }
            self.expr(value);
        }
        if !order_by.is_empty() {
            self.put(if *within_group { ") WITHIN GROUP (ORDER BY " } else { " ORDER BY " });
            self.order_by(order_by);
        }
        self.put(")");
        self.behind_call(call);
    }

    /// What follows the parentheses of an aggregate or window function.
    pub(super) fn behind_call(&mut self, call: &FunctionCall) {
        if let Some(filter) = &call.filter {
            self.put(" FILTER (WHERE ");
            self.expr(filter);
            self.put(")");
        }
        match &call.over {
            None => {}
            Some(Over::Named(name, _)) => {
                self.put(" OVER ");
                self.name(name);
            }
            Some(Over::Spec(window)) => {
                self.put(" OVER ");
                self.window(window);
            }
        }
    }

    pub(super) fn window(&mut self, window: &WindowSpec) {
        let WindowSpec { base, partition_by, order_by, frame, in_over: _, at: _ } = window;
        self.put("(");
        if let Some(base) = base {
            self.name(base);
        }
        if !partition_by.is_empty() {
            self.put(" PARTITION BY ");
            self.exprs(partition_by);
        }
        if !order_by.is_empty() {
            self.put(" ORDER BY ");
            self.order_by(order_by);
        }
        if let Some(frame) = frame {
            self.frame(frame);
        }
        self.put(")");
    }

    fn frame(&mut self, frame: &Frame) {
        let Frame { mode, start, end, exclusion } = frame;
        self.put(match mode {
            FrameMode::Rows => " ROWS BETWEEN ",
            FrameMode::Range => " RANGE BETWEEN ",
            FrameMode::Groups => " GROUPS BETWEEN ",
        });
        self.frame_bound(start);
        self.put(" AND ");
        self.frame_bound(end);
        self.put(match exclusion {
            FrameExclusion::None => "",
            FrameExclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion::Group => " EXCLUDE GROUP",
            FrameExclusion::Ties => " EXCLUDE TIES",
        });
    }

    fn frame_bound(&mut self, bound: &FrameBound) {
        match bound {
            FrameBound::UnboundedPreceding => self.put("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(offset) => self.postfix_bound(offset, " PRECEDING"),
            FrameBound::CurrentRow => self.put("CURRENT ROW"),
            FrameBound::Following(offset) => self.postfix_bound(offset, " FOLLOWING"),
            FrameBound::UnboundedFollowing => self.put("UNBOUNDED FOLLOWING"),
        }
    }

    fn postfix_bound(&mut self, offset: &Expr, word: &str) {
        self.expr(offset);
        self.put(word);
    }

    pub(super) fn type_name(&mut self, ty: &TypeName) {
        let TypeName { names, modifiers, array_dimensions, setof: _, percent_type: _, at: _ } = ty;
        self.names(names);
        if !modifiers.is_empty() {
            self.keyword_call("", modifiers);
        }
        self.put(&"[]".repeat(*array_dimensions));
    }

    fn sql_value(&mut self, function: SqlValue, precision: Option<i32>) {
        self.put(match function {
            SqlValue::CurrentDate => "CURRENT_DATE",
            SqlValue::CurrentTime => "CURRENT_TIME",
            SqlValue::CurrentTimestamp => "CURRENT_TIMESTAMP",
            SqlValue::LocalTime => "LOCALTIME",
            SqlValue::LocalTimestamp => "LOCALTIMESTAMP",
            SqlValue::CurrentRole => "CURRENT_ROLE",
            SqlValue::CurrentUser => "CURRENT_USER",
            SqlValue::User => "USER",
            SqlValue::SessionUser => "SESSION_USER",
            SqlValue::CurrentCatalog => "CURRENT_CATALOG",
            SqlValue::CurrentSchema => "CURRENT_SCHEMA",
        });
        if let Some(precision) = precision {
            self.put(&format!("({precision})"));
        }
    }
}

fn operator(op: &Operator) -> String {
    match &op.schema {
        Some(schema) => format!("OPERATOR({}.{})", super::quoted(schema), op.name),
        None => op.name.clone(),
    }
}

fn boolean_test(test: BooleanTest) -> &'static str {
    match test {
        BooleanTest::True => "IS TRUE",
        BooleanTest::NotTrue => "IS NOT TRUE",
        BooleanTest::False => "IS FALSE",
        BooleanTest::NotFalse => "IS NOT FALSE",
        BooleanTest::Unknown => "IS UNKNOWN",
        BooleanTest::NotUnknown => "IS NOT UNKNOWN",
    }
}
