//! Expressions that DDL stores: bound, checked, and written back as text.

use borealis_catalog::{Column, Table};
use borealis_pgtypes::{CastContext, Datum, Function, Oid, Result, Settings, SqlError, SqlState, Volatility};

use crate::ast;
use crate::bind::{BindContext, Binder, Clause, Node, bind_over, walk};
use crate::deparse::{ColumnNames, Style, expression};
use crate::expr::{Coercion, Expr, ExprKind, JsonForm};

/// A stored expression: its text and what it is.
pub(crate) struct Stored {
    pub(crate) text: String,
    pub(crate) expr: Expr,
}

/// Text of an expression over a table's columns, with constants in the canonical settings whatever the session's are.
pub(crate) fn text_of(expr: &Expr, names: &dyn ColumnNames, indent: bool) -> String {
    let settings = Settings::default();
    expression(expr, names, Style { settings: &settings, indent, pretty: false })
}

/// A DEFAULT: `cookDefault`. `None` for a plain NULL, which is no default.
pub(crate) fn default(expr: &ast::Expr, names: &dyn ColumnNames, column: &Column, ctx: &BindContext<'_>) -> Result<Option<String>> {
    let mut binder = Binder::new(ctx);
    let node = binder.in_clause(Clause::Default, |binder| binder.expr(expr))?;
    if matches!(node.expr.kind, ExprKind::Const(Datum::Null)) {
        assigned(&mut binder, node, column)?;
        return Ok(None);
    }
    Ok(Some(text_of(&assigned(&mut binder, node, column)?, names, true)))
}

/// GENERATED ALWAYS AS (..) STORED: `cookDefault` for a generated column.
pub(crate) fn generated(expr: &ast::Expr, table: &Table, column: &Column, ctx: &BindContext<'_>) -> Result<String> {
    let mut binder = Binder::new(ctx);
    binder.slot_relation(&table.name, table, 0);
    let node = binder.in_clause(Clause::Generated, |binder| binder.expr(expr))?;
    if !is_immutable(&node.expr) {
        return Err(SqlError::new(SqlState::INVALID_OBJECT_DEFINITION, "generation expression is not immutable"));
    }
    Ok(text_of(&assigned(&mut binder, node, column)?, table, true))
}

/// The expression to keep for a value of the column: a literal takes the column's type; anything else is kept as it was written, and cast when a row is
/// made.
fn assigned(binder: &mut Binder<'_>, node: Node, column: &Column) -> Result<Expr> {
    let source = node.expr.ty;
    let shown = node.clone();
    let Some(cast) = binder.coerce_to(node, column.ty, CastContext::Assignment)? else {
        let message = format!(
            "column \"{}\" is of type {} but default expression is of type {}",
            column.name,
            binder.ctx.type_name(column.ty),
            binder.ctx.type_name(source)
        );
        let error = SqlError::new(SqlState::DATATYPE_MISMATCH, message);
        return Err(error.hint("You will need to rewrite or cast the expression."));
    };
    Ok(if source.oid == Oid::UNKNOWN { without_modifier(cast.expr) } else { shown.expr })
}

/// The value under the conditions of a domain and an implied modifier.
fn without_modifier(expr: Expr) -> Expr {
    match expr.kind {
        ExprKind::Coerce { arg, coercion: Coercion::Domain(_) } => without_modifier(*arg),
        ExprKind::Coerce { arg, coercion: Coercion::Typmod { explicit: false } } => *arg,
        _ => expr,
    }
}

/// A CHECK: its text in parentheses, and the only column it reads, when there is exactly one.
pub(crate) fn check(expr: &ast::Expr, table: &Table, ctx: &BindContext<'_>) -> Result<(String, Option<String>)> {
    let mut binder = Binder::new(ctx);
    binder.slot_relation(&table.name, table, 0);
    let bound = binder.in_clause(Clause::Check, |binder| binder.condition(expr, "CHECK"))?;
    let mut columns = columns_read(&bound);
    columns.dedup();
    let only = match columns.as_slice() {
        [only] => table.columns.get(*only).map(|column| column.name.clone()),
        _ => None,
    };
    Ok((parenthesised(&text_of(&bound, table, true)), only))
}

/// The condition in the parentheses that belong to CHECK itself.
pub(crate) fn parenthesised(text: &str) -> String {
    format!("({text})")
}

/// Slots an expression reads, ordered.
pub(crate) fn columns_read(expr: &Expr) -> Vec<usize> {
    let mut columns = Vec::new();
    collect(expr, &mut columns);
    columns.sort_unstable();
    columns
}

fn collect(expr: &Expr, columns: &mut Vec<usize>) {
    if let ExprKind::Slot(slot) = expr.kind {
        columns.push(slot);
    }
    walk::children(expr, &mut |child| collect(child, columns));
}

/// An index expression or predicate.
pub(crate) fn index(expr: &ast::Expr, table: &Table, clause: Clause, ctx: &BindContext<'_>) -> Result<Stored> {
    let bound = if clause == Clause::IndexPredicate {
        let mut binder = Binder::new(ctx);
        binder.slot_relation(&table.name, table, 0);
        binder.in_clause(clause, |binder| binder.condition(expr, "WHERE"))?
    } else {
        bind_over(expr, table, clause, ctx)?
    };
    if !is_immutable(&bound) {
        let what = if clause == Clause::IndexPredicate { "index predicate" } else { "index expression" };
        let message = format!("functions in {what} must be marked IMMUTABLE");
        return Err(SqlError::new(SqlState::INVALID_OBJECT_DEFINITION, message));
    }
    refuse_calls(expr, table, clause, ctx)?;
    Ok(Stored { text: text_of(&bound, table, false), expr: bound })
}

/// An index is filled outside of any session: functions in SQL must be no more than expressions.
fn refuse_calls(expr: &ast::Expr, table: &Table, clause: Clause, ctx: &BindContext<'_>) -> Result<()> {
    let inlined = bind_over(expr, table, clause, &BindContext { inline_routines: true, ..*ctx })?;
    match first_call(&inlined) {
        Some(name) => Err(SqlError::unsupported(format!("function {name} is more than an expression, which an index does not support"))),
        None => Ok(()),
    }
}

fn first_call(expr: &Expr) -> Option<String> {
    if let ExprKind::Routine(call) = &expr.kind {
        return Some(call.spec.routine.name.clone());
    }
    let mut found = None;
    walk::children(expr, &mut |child| found = found.take().or_else(|| first_call(child)));
    found
}

/// What an element of CREATE STATISTICS is.
pub(crate) enum Statistics {
    /// A column after all, by its place.
    Column(usize),
    /// Anything else, as text.
    Expression(String),
}

/// An expression of CREATE STATISTICS.
pub(crate) fn statistics(expr: &ast::Expr, table: &Table, ctx: &BindContext<'_>) -> Result<Statistics> {
    let bound = bind_over(expr, table, Clause::Statistics, ctx)?;
    Ok(match bound.kind {
        ExprKind::Slot(place) => Statistics::Column(place),
        _ => Statistics::Expression(text_of(&bound, table, false)),
    })
}

fn is_immutable(expr: &Expr) -> bool {
    !walk::contains(expr, &|expr| match &expr.kind {
        ExprKind::Call { function, args, .. } => function.volatility != Volatility::Immutable && !is_fixed_concatenation(function, args),
        ExprKind::SetFunction { function, .. } | ExprKind::ScalarArray { function, .. } => function.volatility != Volatility::Immutable,
        ExprKind::Routine(call) => call.spec.routine.volatility() != Volatility::Immutable,
        // Dates and times are written as ISO 8601, but in the session's time zone.
        ExprKind::Json { args, form: JsonForm::Object { .. } | JsonForm::Array { .. } } => {
            !args.iter().all(|arg| text_form_is_fixed(arg.ty.oid))
        }
        ExprKind::Coerce { arg, coercion: Coercion::InOut } => !text_form_is_fixed(arg.ty.oid) || !text_form_is_fixed(expr.ty.oid),
        _ => false,
    })
}

/// `||` of a text and something else: PostgreSQL looks at the SQL the function stands for, a cast of the other operand to text.
fn is_fixed_concatenation(function: &Function, args: &[Expr]) -> bool {
    const TEXT_ANY: Oid = Oid(2003);
    const ANY_TEXT: Oid = Oid(2004);
    matches!(function.oid, TEXT_ANY | ANY_TEXT) && args.iter().all(|arg| text_form_is_fixed(arg.ty.oid))
}

/// Whether the type's text form does not depend on the session's settings.
fn text_form_is_fixed(oid: Oid) -> bool {
    !matches!(
        oid,
        Oid::DATE | Oid::TIME | Oid::TIMETZ | Oid::TIMESTAMP | Oid::TIMESTAMPTZ | Oid::INTERVAL | Oid::FLOAT4 | Oid::FLOAT8 | Oid::BYTEA
    )
}
