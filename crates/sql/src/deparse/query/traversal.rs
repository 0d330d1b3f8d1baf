//! SEARCH and CYCLE.

use borealis_pgtypes::{Datum, Oid, types};

use super::Out;
use super::scope::Scope;
use crate::bound::{Cycle, OutputColumn, Search, Traversal};
use crate::deparse::constant::{Label, constant};
use crate::deparse::quote;
use crate::expr::{Coercion, Expr, ExprKind};

impl Out {
    /// Both clauses of a query with these columns, its own before those that they add.
    pub(super) fn traversal(&mut self, scope: &Scope<'_>, traversal: &Traversal, columns: &[OutputColumn]) {
        let added = &columns[columns.len() - traversal.columns()..];
        if let Some(search) = &traversal.search {
            self.search(search, columns, &added[0]);
        }
        if let (Some(cycle), [.., mark, path]) = (&traversal.cycle, added) {
            self.cycle(scope, cycle, columns, [mark, path]);
        }
    }

    fn search(&mut self, search: &Search, columns: &[OutputColumn], sequence: &OutputColumn) {
        self.put(if search.breadth_first { " SEARCH BREADTH FIRST BY " } else { " SEARCH DEPTH FIRST BY " });
        self.put(&key(&search.columns, columns));
        self.put(&format!(" SET {}", quote::identifier(&sequence.name)));
    }

    fn cycle(&mut self, scope: &Scope<'_>, cycle: &Cycle, columns: &[OutputColumn], [mark, path]: [&OutputColumn; 2]) {
        self.put(&format!(" CYCLE {} SET {}", key(&cycle.columns, columns), quote::identifier(&mark.name)));
        let is = |expr: &Expr, wanted: bool| matches!(expr.kind, ExprKind::Const(Datum::Bool(value)) if value == wanted);
        if !(is(&cycle.value, true) && is(&cycle.default, false)) {
            let [value, default] = [&cycle.value, &cycle.default]
                .map(|expr| if scope.style.stored { readable(scope, expr) } else { scope.expr(as_written(expr), self.indent) });
            self.put(&format!(" TO {value} DEFAULT {default}"));
        }
        self.put(&format!(" USING {}", quote::identifier(&path.name)));
    }
}

fn key(places: &[usize], columns: &[OutputColumn]) -> String {
    places.iter().map(|place| quote::identifier(&columns[*place].name)).collect::<Vec<_>>().join(", ")
}

/// A mark in the one form that the grammar lets stand there: a constant, with its type before it. PostgreSQL shows `'Y'::text`, which it cannot read back.
fn readable(scope: &Scope<'_>, expr: &Expr) -> String {
    let settings = scope.style.settings;
    match &expr.kind {
        ExprKind::Const(Datum::Null) => "NULL".to_owned(),
        ExprKind::Const(value) => {
            let body = constant(value, expr.ty, settings, Label::Never);
            let bare = constant(value, expr.ty, settings, Label::Needed) == body;
            if bare { body } else { typed(&type_name(expr.ty), &body) }
        }
        ExprKind::Coerce { arg, coercion: Coercion::Typmod { .. } } => match &arg.kind {
            ExprKind::Const(value) => typed(&type_name(expr.ty), &constant(value, arg.ty, settings, Label::Never)),
            _ => readable(scope, arg),
        },
        ExprKind::Coerce { arg, coercion: Coercion::Domain(domain) } => match innermost(arg) {
            Expr { kind: ExprKind::Const(value), ty } => {
                let name = format!("{}.{}", quote::identifier(&domain.schema), quote::identifier(&domain.name));
                typed(&name, &quoted(&constant(value, *ty, settings, Label::Never)))
            }
            _ => scope.expr(expr, 0),
        },
        _ => match as_written(expr) {
            same if std::ptr::eq(same, expr) => scope.expr(expr, 0),
            written => readable(scope, written),
        },
    }
}

/// A mark before it was converted to the common type of both, which is found again.
fn as_written(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Coerce { arg, coercion: Coercion::Relabel | Coercion::InOut | Coercion::ArrayElements(_) } => as_written(arg),
        ExprKind::Call { operator: None, args, .. } if args.len() == 1 => as_written(&args[0]),
        _ => expr,
    }
}

fn innermost(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Coerce { arg, .. } => innermost(arg),
        _ => expr,
    }
}

/// `type 'text'`, or `interval 'text' fields`.
fn typed(name: &str, literal: &str) -> String {
    match name.strip_prefix("interval ") {
        Some(fields) => format!("interval {literal} {fields}"),
        None => format!("{name} {literal}"),
    }
}

/// A string, for what is written without quotes.
fn quoted(body: &str) -> String {
    if body.starts_with(['\'', 'E']) { body.to_owned() } else { quote::literal(body) }
}

/// The type before a string: that of an array only by its own name.
fn type_name(ty: borealis_pgtypes::Type) -> String {
    match types::by_oid(ty.oid) {
        Some(info) if types::element_of(ty.oid).is_some() => format!("pg_catalog.{}", quote::identifier(info.name)),
        _ if ty.oid == Oid::CHAR => "pg_catalog.\"char\"".to_owned(),
        _ => types::format_type(ty),
    }
}
