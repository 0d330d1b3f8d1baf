//! ANALYZE.

use std::sync::Arc;

use borealis_catalog::Table;
use borealis_catalog::privilege::{Standing, may_use_schema};
use borealis_pgtypes::{Result, SqlError, SqlState};
use borealis_sql::ast::ObjectName;

use super::portal::blocking;
use super::transaction::Block;
use super::{Session, Sink, utility};
use crate::statistics;

/// Analyses the tables one after the other; each one's statistics are there when it is done.
pub(super) fn run(session: &mut Session, tables: &[(ObjectName, Vec<String>)], sink: &mut dyn Sink) -> Result<()> {
    if session.block != Block::Implicit {
        let text = "ANALYZE cannot run inside a transaction block";
        return Err(SqlError::new(SqlState::ACTIVE_SQL_TRANSACTION, text));
    }
    for (name, columns) in tables {
        let (table, allowed) = find(session, name)?;
        let columns = numbers(&table, columns)?;
        if !allowed {
            let text = format!("permission denied to analyze \"{}\", skipping it", table.name);
            utility::warn(sink, SqlState::WARNING, &text);
            continue;
        }
        let cluster = session.cluster.clone();
        session.with_eval(|_, _, eval| {
            let mut proceed = || eval.host.check_interrupt();
            blocking(|| statistics::analyze(&cluster, &table, columns.as_deref(), &mut proceed))
        })?;
    }
    Ok(())
}

/// The table, and whether the role owns it.
fn find(session: &mut Session, name: &ObjectName) -> Result<(Arc<Table>, bool)> {
    session.active()?;
    session.with_eval(|session, active, _| {
        let path = session.search_path(active);
        let table = utility::find_table(&active.catalog, &path, name)?;
        let role = session.current_role();
        let schema = active.catalog.schema_by_oid(table.schema).filter(|_| name.schema.is_some());
        if let Some(schema) = schema.filter(|schema| !may_use_schema(&active.catalog, role, schema)) {
            let text = format!("permission denied for schema {}", schema.name);
            return Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, text));
        }
        let allowed = Standing::of(&active.catalog, role).has_privileges_of(table.owner);
        Ok((table, allowed))
    })
}

/// The numbers of the columns; `None`: all.
fn numbers(table: &Table, columns: &[String]) -> Result<Option<Vec<i16>>> {
    if columns.is_empty() {
        return Ok(None);
    }
    let mut numbers = Vec::with_capacity(columns.len());
    for name in columns {
        let Some(column) = table.column(name) else {
            let text = format!("column \"{name}\" of relation \"{}\" does not exist", table.name);
            return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, text));
        };
        if numbers.contains(&column.number) {
            let text = format!("column \"{name}\" of relation \"{}\" appears more than once", table.name);
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, text));
        }
        numbers.push(column.number);
    }
    Ok(Some(numbers))
}
