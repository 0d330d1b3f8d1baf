//! ANALYZE.

use std::sync::Arc;

use borealis_catalog::privilege::{Standing, may_use_schema};
use borealis_catalog::snapshot::SYSTEM_ROLE;
use borealis_catalog::{Catalog, Table, system};
use borealis_pgtypes::{Oid, Result, Severity, SqlError, SqlState};
use borealis_sql::ast::ObjectName;

use super::portal::blocking;
use super::transaction::Block;
use super::{Session, Sink, utility};
use crate::statistics;

/// What a name of ANALYZE stands for.
enum Found {
    Table(Arc<Table>),
    /// A relation of another kind, which has no statistics.
    Other,
}

/// Analyses the tables one after the other, when all of them have been found; each one's statistics are there when it is done.
pub(super) fn run(session: &mut Session, verbose: bool, tables: &[(ObjectName, Vec<String>)], sink: &mut dyn Sink) -> Result<()> {
    if session.block != Block::Implicit {
        let text = "ANALYZE cannot run inside a transaction block";
        return Err(SqlError::new(SqlState::ACTIVE_SQL_TRANSACTION, text));
    }
    let mut found = Vec::with_capacity(tables.len());
    for (name, columns) in tables {
        let (relation, allowed) = find(session, name)?;
        if allowed {
            found.push((&name.name, relation, columns));
        } else {
            let text = format!("permission denied to analyze \"{}\", skipping it", name.name);
            utility::warn(sink, SqlState::WARNING, &text);
        }
    }
    for (name, relation, columns) in found {
        match relation {
            Found::Table(table) => analyze(session, verbose, &table, columns, sink)?,
            Found::Other => {
                let text = format!("skipping \"{name}\" --- cannot analyze non-tables or special system tables");
                utility::warn(sink, SqlState::WARNING, &text);
            }
        }
    }
    Ok(())
}

fn analyze(session: &mut Session, verbose: bool, table: &Table, columns: &[String], sink: &mut dyn Sink) -> Result<()> {
    if verbose {
        let catalog = &session.active()?.catalog;
        let schema = catalog.schema_by_oid(table.schema).map_or("", |schema| schema.name.as_str());
        inform(sink, &format!("analyzing \"{schema}.{}\"", table.name));
    }
    let columns = numbers(table, columns)?;
    let cluster = session.cluster.clone();
    let read = session.with_eval(|_, _, eval| {
        let mut proceed = || eval.host.check_interrupt();
        blocking(|| statistics::analyze(&cluster, table, columns.as_deref(), &mut proceed))
    })?;
    if verbose {
        inform(sink, &told(&table.name, &read));
    }
    Ok(())
}

/// The whole table is read, in the pages that `relpages` counts; a row that is not live is not there.
fn told(table: &str, read: &statistics::Analyzed) -> String {
    let statistics::Analyzed { rows, pages, sampled } = read;
    format!(
        "\"{table}\": scanned {pages} of {pages} pages, containing {rows} live rows and 0 dead rows; {sampled} rows in sample, {rows} estimated total rows"
    )
}

fn inform(sink: &mut dyn Sink, text: &str) {
    sink.notice(&SqlError::with_severity(Severity::Info, SqlState::SUCCESSFUL_COMPLETION, text));
}

/// The relation, and whether the role may analyse it.
fn find(session: &mut Session, name: &ObjectName) -> Result<(Found, bool)> {
    session.active()?;
    session.with_eval(|session, active, _| {
        let catalog = &active.catalog;
        let role = session.current_role();
        let path = match &name.schema {
            None => session.search_path(active),
            Some(schema) => vec![usable_schema(catalog, role, schema)?],
        };
        let (found, owner) = path.iter().find_map(|schema| relation(catalog, *schema, &name.name)).ok_or_else(|| {
            let shown = name.schema.as_ref().map_or_else(|| name.name.clone(), |schema| format!("{schema}.{}", name.name));
            SqlError::new(SqlState::UNDEFINED_TABLE, format!("relation \"{shown}\" does not exist"))
        })?;
        Ok((found, Standing::of(catalog, role).has_privileges_of(owner)))
    })
}

fn usable_schema(catalog: &Catalog, role: Oid, name: &str) -> Result<Oid> {
    let unknown = || SqlError::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist"));
    let schema = catalog.schema(name).ok_or_else(unknown)?;
    if !may_use_schema(catalog, role, schema) {
        let text = format!("permission denied for schema {name}");
        return Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, text));
    }
    Ok(schema.oid)
}

/// The relation of that name in the schema, and its owner.
fn relation(catalog: &Catalog, schema: Oid, name: &str) -> Option<(Found, Oid)> {
    let table = || catalog.table(schema, name).map(|table| (Found::Table(table.clone()), table.owner));
    let view = || catalog.view(schema, name).map(|view| (Found::Other, view.owner));
    let sequence = || catalog.sequence(schema, name).map(|sequence| (Found::Other, sequence.owner));
    let index = || catalog.index(schema, name).map(|(_, table)| (Found::Other, table.owner));
    let of_system = || system::by_name(schema, name).map(|_| (Found::Other, SYSTEM_ROLE));
    table().or_else(view).or_else(sequence).or_else(index).or_else(of_system)
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
