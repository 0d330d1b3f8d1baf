//! Expressions kept as text in descriptors, bound again: defaults, CHECK conditions, index keys and predicates.

use std::sync::Arc;

use borealis_catalog::{Column, Index, IndexKeyPart, Table};
use borealis_pgtypes::{Oid, Result, SqlError};

use super::{BindContext, Binder, Clause};
use crate::ast::{self, QueryBody, Statement};
use crate::bound::{GeneratedColumn, IndexTarget, WriteTarget};
use crate::expr::{Expr, ExprKind};
use crate::parse;

/// Binds what writing a row of `table` needs but for foreign keys: generated columns, CHECK conditions and index expressions, over `Slot(attnum - 1)`.
///
/// # Errors
/// When a stored expression no longer binds, which would be a defect.
pub fn write_target(table: &Arc<Table>, ctx: &BindContext<'_>) -> Result<WriteTarget> {
    let mut routines = Vec::new();
    let mut checks = Vec::with_capacity(table.checks.len());
    for check in &table.checks {
        let (expr, called) = bind_stored_calls(&check.expression, table, ctx)?;
        routines.extend(called);
        checks.push((check.name.clone(), expr));
    }
    let indexes = table.indexes.iter().map(|index| index_target(index, table, ctx)).collect::<Result<Vec<_>>>()?;
    let (generated, called) = generated_columns(table, ctx)?;
    routines.extend(called);
    let (foreign_keys, view_checks, confined) = (None, Vec::new(), None);
    Ok(WriteTarget { table: table.clone(), generated, routines, checks, indexes, foreign_keys, view_checks, confined })
}

/// Generated columns, and the users' functions they call.
fn generated_columns(table: &Table, ctx: &BindContext<'_>) -> Result<(Vec<GeneratedColumn>, Vec<Oid>)> {
    let (mut columns, mut routines) = (Vec::new(), Vec::new());
    let ctx = &stored(ctx);
    for (place, column) in table.columns.iter().enumerate() {
        let Some(text) = column.generated.as_ref().filter(|_| !column.dropped) else { continue };
        let expr = parse_expr(text, ctx)?;
        let mut binder = Binder::new(ctx);
        binder.slot_relation(&table.name, table, 0);
        let node = binder.expr(&expr).map_err(without_position)?;
        let expr = binder.assign(node, column).map_err(without_position)?;
        routines.append(&mut binder.routines);
        columns.push(GeneratedColumn { place, sources: crate::ddl::columns_read(&expr), expr });
    }
    Ok((columns, routines))
}

/// Binds what an index is made of, over `Slot(attnum - 1)`.
///
/// # Errors
/// When a stored expression no longer binds, which would be a defect.
pub(crate) fn index_target(index: &Index, table: &Table, ctx: &BindContext<'_>) -> Result<IndexTarget> {
    let mut keys = Vec::with_capacity(index.keys.len());
    for key in &index.keys {
        keys.push(match &key.part {
            IndexKeyPart::Column(number) => column_slot(table, *number)?,
            IndexKeyPart::Expression(text, _) => bind_stored_expr(text, table, ctx)?,
        });
    }
    let predicate = index.predicate.as_ref().map(|text| bind_stored_expr(text, table, ctx)).transpose()?;
    Ok(IndexTarget { keys, predicate })
}

fn column_slot(table: &Table, number: i16) -> Result<Expr> {
    let column = table.column_number(number).ok_or_else(|| SqlError::internal(format!("no column {number} in table {}", table.name)))?;
    Ok(Expr::new(ExprKind::Slot(super::scope::slot(number)), column.ty))
}

/// Binds an expression kept as text over the columns of `table` as `Slot(attnum - 1)`.
///
/// # Errors
/// When it does not bind.
pub fn bind_stored_expr(text: &str, table: &Table, ctx: &BindContext<'_>) -> Result<Expr> {
    bind_stored_calls(text, table, ctx).map(|(expr, _)| expr)
}

/// The same with the users' functions that it calls.
fn bind_stored_calls(text: &str, table: &Table, ctx: &BindContext<'_>) -> Result<(Expr, Vec<Oid>)> {
    let expr = parse_expr(text, ctx)?;
    // Places in the stored text mean nothing to whoever reads the statement.
    bind_calls_over(&expr, table, Clause::None, &stored(ctx)).map_err(without_position)
}

/// Binds a syntax tree over the columns of `table`, in the given clause.
pub(crate) fn bind_over(expr: &ast::Expr, table: &Table, clause: Clause, ctx: &BindContext<'_>) -> Result<Expr> {
    bind_calls_over(expr, table, clause, ctx).map(|(expr, _)| expr)
}

fn bind_calls_over(expr: &ast::Expr, table: &Table, clause: Clause, ctx: &BindContext<'_>) -> Result<(Expr, Vec<Oid>)> {
    let mut binder = Binder::new(ctx);
    binder.slot_relation(&table.name, table, 0);
    let node = binder.in_clause(clause, |binder| binder.expr(expr))?;
    Ok((binder.settle(node)?.expr, binder.routines))
}

/// The default of a column, in the column's type, and the users' functions that it calls.
pub(crate) fn default_expr(text: &str, table: &Table, column: &Column, ctx: &BindContext<'_>) -> Result<(Expr, Vec<Oid>)> {
    let expr = parse_expr(text, ctx)?;
    let ctx = &stored(ctx);
    let mut binder = Binder::new(ctx);
    let node = binder.expr(&expr).map_err(without_position)?;
    let expr = binder.assign(node, column).map_err(|error| without_position(error).table("", &table.name).column(&column.name))?;
    Ok((expr, binder.routines))
}

/// Stored text names what it named when it was written, whoever may use the schema by now.
pub(crate) fn stored<'a>(ctx: &BindContext<'a>) -> BindContext<'a> {
    BindContext { checks_usage: false, ..*ctx }
}

pub(crate) fn without_position(mut error: SqlError) -> SqlError {
    error.fields_mut().position = None;
    error
}

/// Reads an expression that stands alone.
pub(crate) fn parse_expr(text: &str, ctx: &BindContext<'_>) -> Result<ast::Expr> {
    let parsed = parse::parse(&format!("SELECT {text}"), ctx.dialect)?;
    let broken = || SqlError::internal(format!("stored expression cannot be read: {text}"));
    let Some(statement) = parsed.into_iter().next() else { return Err(broken()) };
    let Statement::Query(query) = statement.statement? else { return Err(broken()) };
    let QueryBody::Select(mut select) = query.body else { return Err(broken()) };
    match (select.targets.len(), select.targets.pop()) {
        (1, Some(target)) => Ok(target.expr),
        _ => Err(broken()),
    }
}
