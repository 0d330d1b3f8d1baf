//! Expressions: `get_rule_expr` and its family.

use borealis_pgtypes::functions::hidden::ELEMENTS_ASSIGNED;
use borealis_pgtypes::{AggregateKind, CastMethod, Datum, Function, Oid, Operator, Type, cast, types};

use super::constant::{Label, constant};
use super::simple::is_simple;
use super::{ColumnNames, Style, quote};
use crate::ast::BooleanTest;
use crate::bind::row_when_there;
use crate::expr::{AggregateCall, BoundSubscript, Coercion, Expr, ExprKind, RoutineCall, SortKey, WindowCall};

/// Writes one expression.
pub(super) struct Writer<'a> {
    names: &'a dyn ColumnNames,
    style: Style<'a>,
    out: String,
    indent: usize,
    /// Arguments of the CASEs and array coercions around: what CASE's argument stands for.
    case_args: Vec<String>,
}

/// Blanks per level of a broken CASE.
const INDENT: usize = 4;

/// An expression on lines indented by `indent`.
pub(super) fn at(expr: &Expr, names: &dyn ColumnNames, style: Style<'_>, indent: usize) -> String {
    let mut writer = Writer::new(names, style);
    writer.indent = indent;
    writer.expr(expr);
    writer.finish()
}

impl<'a> Writer<'a> {
    pub(super) fn new(names: &'a dyn ColumnNames, style: Style<'a>) -> Self {
        Self { names, style, out: String::new(), indent: 0, case_args: Vec::new() }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        if let Some(name) = self.names.whole(expr) {
            self.put(&name);
            return;
        }
        match &expr.kind {
            ExprKind::Const(value) => self.constant(value, expr.ty, Label::Needed),
            ExprKind::Column(column) => self.put(&self.names.column(column)),
            ExprKind::Slot(slot) => self.put(&self.names.slot(*slot)),
            ExprKind::ExecParam(param) => self.put(&self.names.exec_param(*param)),
            ExprKind::Param(index) => self.put(&format!("${}", index + 1)),
            ExprKind::Call { operator: Some(operator), args, .. } => self.operator(operator, args, expr),
            ExprKind::Call { function, operator: None, args } => self.call(function, args, expr),
            ExprKind::SetFunction { function, args } => self.plain_call(function, args),
            ExprKind::Routine(call) => self.routine(call),
            ExprKind::Coerce { arg, coercion } => self.coercion(arg, coercion, expr),
            ExprKind::ScalarArray { operator, all, left, right, .. } => {
                self.scalar_array(operator, *all, [left.as_ref(), right.as_ref()], expr)
            }
            ExprKind::And(args) => self.connective(args, " AND ", expr),
            ExprKind::Or(args) => self.connective(args, " OR ", expr),
            ExprKind::Not(arg) => self.prefixed("NOT ", arg, expr),
            ExprKind::IsNull { arg, negated } => self.postfixed(arg, if *negated { " IS NOT NULL" } else { " IS NULL" }, expr),
            ExprKind::BooleanTest { arg, test } => self.postfixed(arg, boolean_test(*test), expr),
            ExprKind::IsDistinct { left, right, negated, .. } => self.is_distinct([left.as_ref(), right.as_ref()], *negated, expr),
            ExprKind::NullIf { left, right, .. } => self.list_call("NULLIF", [left.as_ref(), right.as_ref()]),
            ExprKind::Case { .. } if let Some(row) = row_when_there(expr) => self.expr(row),
            ExprKind::Case { arg, whens, otherwise } => self.case(arg.as_deref(), whens, otherwise.as_deref()),
            ExprKind::CaseArg => {
                let text = self.case_args.last().cloned().unwrap_or_else(|| "CASE_TEST_EXPR".to_owned());
                self.put(&text);
            }
            ExprKind::Coalesce(args) => self.list_call("COALESCE", args),
            ExprKind::MinMax { greatest, args } => self.list_call(if *greatest { "GREATEST" } else { "LEAST" }, args),
            ExprKind::Array { items, .. } => self.array(items, expr.ty),
            ExprKind::Row { items, .. } => self.list_call("ROW", items),
            ExprKind::RowCompare { operator, left, right, .. } => self.row_compare(operator, left, right),
            ExprKind::Subscript { base, subscripts } => self.subscript(base, subscripts),
            ExprKind::Field { base, field } => self.field(base, *field),
            ExprKind::Json { form, args } => self.json(*form, args, expr),
            ExprKind::Subquery(subquery) => self.put(&self.names.subquery(subquery, self.indent)),
            ExprKind::SubPlan(subplan) => self.put(&self.names.subplan(subplan)),
            ExprKind::Aggregate(call) => self.aggregate(call),
            ExprKind::Window(call) => self.window(call),
            ExprKind::Grouping { level, places } => {
                let names = self.names.grouping(*level, places).join(", ");
                self.put(&format!("GROUPING({names})"));
            }
        }
    }

    pub(super) fn constant(&mut self, value: &Datum, ty: Type, label: Label) {
        let text = constant(value, ty, self.style.settings, label);
        self.put(&text);
    }

    /// The parenthesis that goes around everything when nobody asked for pretty text.
    pub(super) fn open(&mut self) {
        self.put(if self.style.pretty { "" } else { "(" });
    }

    pub(super) fn close(&mut self) {
        self.put(if self.style.pretty { "" } else { ")" });
    }

    /// An operand of `parent`, in parentheses where pretty text needs them.
    pub(super) fn operand(&mut self, expr: &Expr, parent: &Expr) {
        let paren = self.style.pretty && !is_simple(expr, parent);
        self.put(if paren { "(" } else { "" });
        self.expr(expr);
        self.put(if paren { ")" } else { "" });
    }

    fn operator(&mut self, operator: &Operator, args: &[Expr], whole: &Expr) {
        self.open();
        match args {
            [arg] => {
                self.put(operator.name);
                self.put(" ");
                self.operand(arg, whole);
            }
            [left, right] => {
                self.operand(left, whole);
                self.put(&format!(" {} ", operator.name));
                self.operand(right, whole);
            }
            _ => self.list(args),
        }
        self.close();
    }

    fn call(&mut self, function: &Function, args: &[Expr], whole: &Expr) {
        let ty = whole.ty;
        if std::ptr::eq(function, &ELEMENTS_ASSIGNED) {
            self.elements_assigned(args);
        } else if let Some(keyword) = sql_value_keyword(function, args) {
            self.put(keyword);
        } else if is_cast(function, args, ty) {
            self.cast(&args[0], ty, whole);
        } else if function.name == "timezone" && args.len() == 2 {
            self.put("(");
            self.expr(&args[1]);
            self.put(" AT TIME ZONE ");
            self.expr(&args[0]);
            self.put(")");
        } else if let (true, Some(field)) = (function.name == "extract" && args.len() == 2, text_constant(args.first())) {
            self.put(&format!("EXTRACT({field} FROM "));
            self.expr(&args[1]);
            self.put(")");
        } else {
            self.plain_call(function, args);
        }
    }

    fn plain_call(&mut self, function: &Function, args: &[Expr]) {
        self.put(&quote::identifier(function.name));
        self.put("(");
        let packed = function.variadic && function.args.last() != Some(&Oid::ANY) && args.len() == function.args.len();
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            if packed && index + 1 == args.len() {
                self.put("VARIADIC ");
            }
            self.expr(arg);
        }
        self.put(")");
    }

    /// A user's function, always with its schema: the text is read under any search path.
    fn routine(&mut self, call: &RoutineCall) {
        let routine = &call.spec.routine;
        self.put(&format!("{}.{}(", quote::identifier(&call.spec.schema), quote::identifier(&routine.name)));
        for (index, arg) in call.args.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            if call.variadic && index + 1 == call.args.len() {
                self.put("VARIADIC ");
            }
            self.expr(arg);
        }
        self.put(")");
    }

    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            self.expr(item);
        }
    }

    fn list_call<'e>(&mut self, name: &str, items: impl IntoIterator<Item = &'e Expr>) {
        self.put(name);
        self.put("(");
        self.list(items);
        self.put(")");
    }

    fn connective(&mut self, args: &[Expr], word: &str, whole: &Expr) {
        self.open();
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                self.put(word);
            }
            self.operand(arg, whole);
        }
        self.close();
    }

    fn prefixed(&mut self, word: &str, arg: &Expr, whole: &Expr) {
        self.open();
        self.put(word);
        self.operand(arg, whole);
        self.close();
    }

    fn postfixed(&mut self, arg: &Expr, word: &str, whole: &Expr) {
        self.open();
        self.operand(arg, whole);
        self.put(word);
        self.close();
    }

    /// The negated form is a NOT around the other one.
    fn is_distinct(&mut self, [left, right]: [&Expr; 2], negated: bool, whole: &Expr) {
        if negated {
            self.open();
            self.put("NOT ");
        }
        self.open();
        self.operand(left, whole);
        self.put(" IS DISTINCT FROM ");
        self.operand(right, whole);
        self.close();
        if negated {
            self.close();
        }
    }

    fn scalar_array(&mut self, operator: &Operator, all: bool, [left, right]: [&Expr; 2], whole: &Expr) {
        self.open();
        self.operand(left, whole);
        self.put(&format!(" {} {} (", operator.name, if all { "ALL" } else { "ANY" }));
        self.operand(right, whole);
        self.put(")");
        self.close();
    }

    /// `get_coercion_expr`
    fn cast(&mut self, arg: &Expr, ty: Type, whole: &Expr) {
        match &arg.kind {
            // A constant with only a modifier to add is written once.
            ExprKind::Const(value) if arg.ty.oid == ty.oid && arg.ty.typmod == -1 => self.constant(value, arg.ty, Label::Never),
            _ => {
                self.open();
                self.operand(arg, whole);
                self.close();
            }
        }
        self.put(&format!("::{}", types::format_type(ty)));
    }

    fn coercion(&mut self, arg: &Expr, coercion: &Coercion, whole: &Expr) {
        let ty = whole.ty;
        match coercion {
            // CURRENT_TIMESTAMP and its like are calls under a label that changes nothing.
            Coercion::Relabel if arg.ty == ty => match keyword_of(arg) {
                Some(keyword) => self.put(keyword),
                None => self.expr(arg),
            },
            Coercion::Typmod { .. } => self.modifier(arg, whole),
            Coercion::Spread => {
                self.put("VARIADIC ");
                self.expr(arg);
            }
            Coercion::Domain(test) => {
                self.put("(");
                self.expr(arg);
                self.put(&format!(")::{}.{}", quote::identifier(&test.schema), quote::identifier(&test.name)));
            }
            Coercion::Relabel | Coercion::InOut | Coercion::ArrayElements(_) | Coercion::RowFields { .. } => {
                self.cast(strip_array_modifier(arg, coercion), ty, whole);
            }
        }
    }

    /// A modifier on top of a cast to the same type is one cast.
    fn modifier(&mut self, arg: &Expr, whole: &Expr) {
        let ty = whole.ty;
        if let Some(keyword) = value_with_precision(arg, ty) {
            self.put(&keyword);
            return;
        }
        match &arg.kind {
            ExprKind::Call { function, operator: None, args } if arg.ty.typmod == -1 && is_cast(function, args, arg.ty) => {
                self.cast(&args[0], ty, whole);
            }
            ExprKind::Coerce { arg: inner, coercion: Coercion::Relabel | Coercion::InOut } if arg.ty.typmod == -1 && inner.ty != arg.ty => {
                self.cast(inner, ty, whole);
            }
            _ => self.cast(arg, ty, whole),
        }
    }

    fn case(&mut self, arg: Option<&Expr>, whens: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.keyword_line("CASE");
        self.indent += INDENT;
        if let Some(arg) = arg {
            self.put(" ");
            self.expr(arg);
        }
        for (when, then) in whens {
            self.keyword_line("WHEN ");
            match (arg, &when.kind) {
                // Of `argument = value` only the value is written.
                (Some(_), ExprKind::Call { operator: Some(_), args, .. }) if args.len() == 2 => self.expr(&args[1]),
                _ => self.expr(when),
            }
            self.put(" THEN ");
            self.expr(then);
        }
        self.keyword_line("ELSE ");
        match otherwise {
            Some(expr) => self.expr(expr),
            None => {
                let ty = whens.first().map_or(Type::plain(Oid::TEXT), |(_, then)| then.ty);
                self.constant(&Datum::Null, Type::plain(ty.oid), Label::Needed);
            }
        }
        self.indent -= INDENT;
        self.keyword_line("END");
    }

    /// A keyword of CASE: on a line of its own where lines are broken.
    fn keyword_line(&mut self, word: &str) {
        if self.style.indent {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.put("\n");
            self.put(&" ".repeat(self.indent));
        } else if word != "CASE" {
            self.put(" ");
        }
        self.put(word);
    }

    fn array(&mut self, items: &[Expr], ty: Type) {
        self.put("ARRAY[");
        self.list(items);
        self.put("]");
        if items.is_empty() {
            self.put(&format!("::{}", types::format_type(ty)));
        }
    }

    fn row_compare(&mut self, operator: &str, left: &[Expr], right: &[Expr]) {
        self.put("(");
        self.list_call("ROW", left);
        self.put(&format!(" {operator} "));
        self.list_call("ROW", right);
        self.put(")");
    }

    /// `(base[..] := value)[..] := value`
    fn elements_assigned(&mut self, args: &[Expr]) {
        let Some((base, mut rest)) = args.split_first() else { return };
        let mut assignments = Vec::new();
        while let Some((Expr { kind: ExprKind::Const(Datum::Int4(steps)), .. }, after)) = rest.split_first() {
            let Some((path, [value, others @ ..])) = after.split_at_checked(usize::try_from(*steps).unwrap_or_default()) else { break };
            assignments.push((path, value));
            rest = others;
        }
        (1..assignments.len()).for_each(|_| self.put("("));
        self.subscripted(base);
        for (index, (path, value)) in assignments.into_iter().enumerate() {
            self.put(if index > 0 { ")" } else { "" });
            for step in path {
                self.put("[");
                self.expr(step);
                self.put("]");
            }
            self.put(" := ");
            self.expr(value);
        }
    }

    /// What subscripts follow.
    fn subscripted(&mut self, base: &Expr) {
        let plain = matches!(base.kind, ExprKind::Column(_) | ExprKind::Slot(_) | ExprKind::Field { .. });
        self.put(if plain { "" } else { "(" });
        self.expr(base);
        self.put(if plain { "" } else { ")" });
    }

    fn subscript(&mut self, base: &Expr, subscripts: &[BoundSubscript]) {
        self.subscripted(base);
        for subscript in subscripts {
            self.put("[");
            match subscript {
                BoundSubscript::Index(index) => self.expr(index),
                BoundSubscript::Slice(low, high) => {
                    low.iter().for_each(|expr| self.expr(expr));
                    self.put(":");
                    high.iter().for_each(|expr| self.expr(expr));
                }
            }
            self.put("]");
        }
    }

    fn field(&mut self, base: &Expr, field: usize) {
        let name = crate::bind::field_name(base, field).unwrap_or_else(|| format!("f{}", field + 1));
        self.put("(");
        self.expr(base);
        self.put(&format!(").{}", quote::identifier(&name)));
    }

    fn aggregate(&mut self, call: &AggregateCall) {
        self.put(&quote::identifier(call.function.name));
        self.put("(");
        if call.distinct {
            self.put("DISTINCT ");
        }
        if call.args.is_empty() {
            self.put("*");
        }
        let direct = call.function.direct_args(call.args.len());
        let within_group = matches!(call.function.aggregate_kind(), Some(AggregateKind::OrderedSet | AggregateKind::Hypothetical));
        self.list(if within_group { &call.args[..direct] } else { &call.args });
        if within_group {
            self.put(") WITHIN GROUP (");
        }
        if !call.order_by.is_empty() {
            self.put(if within_group { "ORDER BY " } else { " ORDER BY " });
            self.sort_keys(&call.order_by);
        }
        self.put(")");
        self.filter(call.filter.as_ref());
    }

    fn sort_keys(&mut self, keys: &[SortKey]) {
        for (index, key) in keys.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            self.sort_key(&key.expr);
            self.put(order_suffix(key.descending, key.nulls_first));
        }
    }

    fn sort_key(&mut self, key: &Expr) {
        match &key.kind {
            ExprKind::Const(value) => self.constant(value, key.ty, Label::Always),
            _ if key_needs_parentheses(key, self.style.pretty) => {
                self.put("(");
                self.expr(key);
                self.put(")");
            }
            _ => self.expr(key),
        }
    }

    fn filter(&mut self, filter: Option<&Expr>) {
        if let Some(filter) = filter {
            self.put(" FILTER (WHERE ");
            self.expr(filter);
            self.put(")");
        }
    }

    fn window(&mut self, call: &WindowCall) {
        self.put(&quote::identifier(call.function.name));
        self.put("(");
        if call.args.is_empty() && matches!(call.function.body, borealis_pgtypes::Body::Aggregate(_)) {
            self.put("*");
        }
        self.list(&call.args);
        self.put(")");
        self.filter(call.filter.as_ref());
        let over = self.names.window(call.window, self.indent);
        self.put(&format!(" OVER {over}"));
    }
}

/// Whether `get_rule_sortgroupclause` puts parentheses around an expression: it does around all but columns where text is pretty.
pub(super) fn key_needs_parentheses(expr: &Expr, pretty: bool) -> bool {
    match &expr.kind {
        ExprKind::Column(_) | ExprKind::Slot(_) => false,
        ExprKind::Aggregate(_) | ExprKind::Window(_) | ExprKind::Call { operator: None, .. } => true,
        _ => pretty,
    }
}

/// What follows a sort key that is not the default.
#[must_use]
pub(super) fn order_suffix(descending: bool, nulls_first: bool) -> &'static str {
    match (descending, nulls_first) {
        (false, false) => "",
        (false, true) => " NULLS FIRST",
        (true, true) => " DESC",
        (true, false) => " DESC NULLS LAST",
    }
}

fn boolean_test(test: BooleanTest) -> &'static str {
    match test {
        BooleanTest::True => " IS TRUE",
        BooleanTest::NotTrue => " IS NOT TRUE",
        BooleanTest::False => " IS FALSE",
        BooleanTest::NotFalse => " IS NOT FALSE",
        BooleanTest::Unknown => " IS UNKNOWN",
        BooleanTest::NotUnknown => " IS NOT UNKNOWN",
    }
}

/// Whether a call is what the cast table does for these types.
pub(super) fn is_cast(function: &Function, args: &[Expr], ty: Type) -> bool {
    let Some(arg) = args.first() else { return false };
    let by_cast = cast::find(arg.ty.oid, ty.oid).is_some_and(|row| matches!(row.method, CastMethod::Function(oid) if oid == function.oid));
    by_cast && arg.ty.oid != ty.oid
}

fn text_constant(expr: Option<&Expr>) -> Option<&str> {
    match expr.map(|expr| &expr.kind) {
        Some(ExprKind::Const(Datum::Text(text))) => Some(text),
        _ => None,
    }
}

/// A modifier inside the elements of an array cast is part of the array's own modifier.
fn strip_array_modifier<'e>(arg: &'e Expr, coercion: &Coercion) -> &'e Expr {
    match (coercion, &arg.kind) {
        (Coercion::ArrayElements(inner), ExprKind::Coerce { arg: below, coercion: Coercion::ArrayElements(_) })
            if matches!(inner.kind, ExprKind::Coerce { coercion: Coercion::Typmod { .. }, .. }) =>
        {
            below
        }
        _ => arg,
    }
}

/// A call wrapped in a label of its own type is a keyword of SQL.
fn is_marked(expr: &Expr, name: &str) -> bool {
    match &expr.kind {
        ExprKind::Coerce { arg, coercion: Coercion::Relabel } if arg.ty == expr.ty => {
            matches!(&arg.kind, ExprKind::Call { function, .. } if function.name == name)
        }
        _ => false,
    }
}

fn keyword_of(call: &Expr) -> Option<&'static str> {
    let ExprKind::Call { function, .. } = &call.kind else { return None };
    Some(match function.name {
        "now" => "CURRENT_TIMESTAMP",
        "current_database" => "CURRENT_CATALOG",
        "current_schema" => "CURRENT_SCHEMA",
        "current_user" => "CURRENT_USER",
        "session_user" => "SESSION_USER",
        _ => return None,
    })
}

/// `CURRENT_DATE` and its like are casts of the marked `now()`.
fn sql_value_keyword(function: &Function, args: &[Expr]) -> Option<&'static str> {
    match (function.name, args) {
        ("current_user", []) => Some("CURRENT_USER"),
        ("session_user", []) => Some("SESSION_USER"),
        (_, [arg]) if is_marked(arg, "now") => match function.result {
            Oid::DATE => Some("CURRENT_DATE"),
            Oid::TIMETZ => Some("CURRENT_TIME"),
            Oid::TIME => Some("LOCALTIME"),
            Oid::TIMESTAMP => Some("LOCALTIMESTAMP"),
            _ => None,
        },
        _ => None,
    }
}

/// `CURRENT_TIMESTAMP(3)`
fn value_with_precision(arg: &Expr, ty: Type) -> Option<String> {
    let keyword = match &arg.kind {
        ExprKind::Call { function, operator: None, args } if arg.ty.typmod == -1 => sql_value_keyword(function, args)?,
        _ if is_marked(arg, "now") => "CURRENT_TIMESTAMP",
        _ => return None,
    };
    Some(format!("{keyword}({})", ty.typmod))
}
