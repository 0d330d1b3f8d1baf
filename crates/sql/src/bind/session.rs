//! What the session binds for its own statements: COPY's columns and CALL's arguments.

use borealis_catalog::acl::Rights;
use borealis_catalog::{Column, Table};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::insert::named_column;
use super::updatable::over_slots;
use super::{BindContext, Binder, Clause, Node};
use crate::ast::{Access, Call, Copy, CopySource, InsertColumn};
use crate::bound::{BoundStatement, WriteTarget};
use crate::expr::{Expr, ExprKind};
use crate::permission::Permissions;

/// What COPY reads or writes.
#[derive(Clone, Debug)]
pub enum CopyTarget {
    /// COPY table FROM.
    Into {
        /// What the current role must be allowed.
        permissions: Permissions,
        /// Where rows go.
        target: WriteTarget,
        /// `attnum`s in the order of the data.
        columns: Vec<i16>,
        /// One value per entry of `table.columns`, over the data's columns as `Slot`s: what the data gives, a default, or NULL.
        values: Vec<Expr>,
        /// WHERE, over `Slot(attnum - 1)`.
        filter: Option<Expr>,
    },
    /// COPY .. TO: a query with its columns.
    OutOf(Box<BoundStatement>),
}

/// Binds COPY's table, columns, query and WHERE. Options are the session's to read.
///
/// # Errors
/// PostgreSQL's own.
pub fn bind_copy(copy: &Copy, ctx: &BindContext<'_>) -> Result<CopyTarget> {
    match &copy.source {
        CopySource::Query(statement) => Ok(CopyTarget::OutOf(Box::new(super::bind(statement, ctx)?))),
        CopySource::Table { name, columns } if copy.from => {
            let mut binder = Binder::new(ctx);
            check_copyable(&binder.relation(&unplaced(name))?, true)?;
            // COPY tells what is missing, not where it was named.
            let table = binder.target_table(&unplaced(name))?;
            ctx.check_admitted(name, copy.access.as_ref())?;
            let listed: Vec<Column> = if columns.is_empty() {
                table.live_columns().filter(|column| column.generated.is_none()).cloned().collect()
            } else {
                columns.iter().map(|named| copied_column(&table, named).cloned()).collect::<Result<_>>()?
            };
            check_duplicates(&listed)?;
            binder.requires(table.oid, Rights::INSERT);
            let filter = match &copy.filter {
                Some(filter) => {
                    binder.slot_relation(&table.name, &table, 0);
                    binder.filter(Some(filter), Clause::CopyWhere)?
                }
                None => None,
            };
            let mut values = Vec::with_capacity(table.columns.len());
            for column in &table.columns {
                values.push(match listed.iter().position(|other| other.number == column.number) {
                    Some(place) => binder.copied_value(place, column)?,
                    None => binder.default_value(&table, column)?,
                });
            }
            let mut target = super::write::statement_target(&table, &super::foreign_key::Effect::Insert, ctx)?;
            target.confined = binder.confined(&table, copy.access.as_ref())?.map(|confined| over_slots(confined, &table, 0));
            binder.calls_of_target(&target);
            let columns: Vec<i16> = listed.iter().map(|column| column.number).collect();
            let permissions = binder.copy_permissions(&table, &columns);
            Ok(CopyTarget::Into { permissions, target, columns, values, filter })
        }
        CopySource::Table { name, columns } => copy_out(name, columns, copy.access.clone(), ctx),
    }
}

/// A column named to be copied; what is computed is not.
fn copied_column<'t>(table: &'t Table, named: &InsertColumn) -> Result<&'t Column> {
    let column = named_column(table, named)?;
    if column.generated.is_some() {
        let error = SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, format!("column \"{}\" is a generated column", column.name));
        return Err(error.detail("Generated columns cannot be used in COPY."));
    }
    Ok(column)
}

fn unplaced(name: &crate::ast::ObjectName) -> crate::ast::ObjectName {
    crate::ast::ObjectName { at: -1, ..name.clone() }
}

impl Binder<'_> {
    /// A value of the data: read as the type that represents a domain, it must pass the domain's conditions.
    fn copied_value(&mut self, place: usize, column: &Column) -> Result<Expr> {
        match self.ctx.catalog.domain_by_oid(column.ty.declared).cloned() {
            Some(domain) => Ok(self.coerce_to_domain(Node::new(ExprKind::Slot(place), column.ty.undeclared(), -1), &domain)?.expr),
            None => Ok(Expr::new(ExprKind::Slot(place), column.ty)),
        }
    }
}

/// `42809` for a view: its rows are copied by a query, and none are copied into it.
fn check_copyable(found: &super::relation::Found, from: bool) -> Result<()> {
    let super::relation::Found::View(view) = found else { return Ok(()) };
    let (preposition, hint) = if from {
        ("to", "To enable copying to a view, provide an INSTEAD OF INSERT trigger.")
    } else {
        ("from", "Try the COPY (SELECT ...) TO variant.")
    };
    Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("cannot copy {preposition} view \"{}\"", view.name)).hint(hint))
}

fn check_duplicates(columns: &[Column]) -> Result<()> {
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].iter().any(|other| other.number == column.number) {
            let message = format!("column \"{}\" specified more than once", column.name);
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message));
        }
    }
    Ok(())
}

/// COPY table TO is a query over the columns named.
fn copy_out(
    name: &crate::ast::ObjectName,
    columns: &[crate::ast::InsertColumn],
    access: Option<Access>,
    ctx: &BindContext<'_>,
) -> Result<CopyTarget> {
    use crate::ast::{ExprKind, Query, Statement, TableRef, Target};
    let mut targets: Vec<Target> = Vec::with_capacity(columns.len());
    let binder = Binder::new(ctx);
    let found = binder.relation(&unplaced(name))?;
    if let super::relation::Found::Sequence(sequence) = &found {
        return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("cannot copy from sequence \"{}\"", sequence.name)));
    }
    check_copyable(&found, false)?;
    for column in columns {
        if let super::relation::Found::Table(table) = &found {
            copied_column(table, column)?;
        }
        let expr = crate::ast::Expr { kind: ExprKind::Column(vec![column.name.clone()]), at: column.at };
        targets.push(Target { expr, alias: None, at: column.at });
    }
    if let (super::relation::Found::Table(table), true) = (&found, targets.is_empty())
        && table.live_columns().any(|column| column.generated.is_some())
    {
        targets.extend(table.live_columns().filter(|column| column.generated.is_none()).map(|column| {
            let expr = crate::ast::Expr { kind: ExprKind::Column(vec![column.name.clone()]), at: -1 };
            Target { expr, alias: None, at: -1 }
        }));
    }
    if targets.is_empty() {
        let expr = crate::ast::Expr { kind: ExprKind::Star(Vec::new()), at: -1 };
        targets.push(Target { expr, alias: None, at: -1 });
    }
    let from = vec![TableRef::Table { name: name.clone(), only: true, alias: None, access }];
    let query = Query::selecting(targets, from);
    let bound = super::bind(&Statement::Query(Box::new(query)), ctx)?;
    Ok(CopyTarget::OutOf(Box::new(bound)))
}

/// Binds the arguments of CALL; with what the current role must be allowed.
///
/// # Errors
/// `0A000` for a subquery, and whatever the arguments deserve.
pub fn bind_call_args(call: &Call, ctx: &BindContext<'_>) -> Result<(Vec<Expr>, Permissions)> {
    let mut binder = Binder::new(ctx);
    let nodes = binder.in_clause(Clause::Call, |binder| binder.call_args(&call.function))?;
    let args = nodes.into_iter().map(|node| binder.settle(node).map(|node| node.expr)).collect::<Result<_>>()?;
    Ok((args, Permissions { relations: Vec::new(), routines: binder.routines }))
}
