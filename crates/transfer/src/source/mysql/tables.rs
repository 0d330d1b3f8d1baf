//! Which tables are read, in what order, and where their columns go.

use std::sync::Arc;

use borealis_client::{Connection, connect};
use borealis_pgtypes::Oid;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use super::LiveMysql;
use super::error::said;
use super::value::Turn;
use crate::error::TransferError;
use crate::name::identifier;
use crate::source::Destination;
use crate::source::batch::Target;
use crate::source::living::referred_first;
use crate::table::Table;

const TABLES: &str = "SELECT table_name FROM information_schema.tables \
     WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1";

const REFERENCES: &str = "SELECT DISTINCT table_name, referenced_table_name FROM information_schema.key_column_usage \
     WHERE table_schema = DATABASE() AND referenced_table_schema = DATABASE() AND table_name <> referenced_table_name";

/// What is computed has no values of its own.
const COLUMNS: &str = "SELECT column_name, data_type FROM information_schema.columns \
     WHERE table_schema = DATABASE() AND table_name = ? AND COALESCE(generation_expression, '') = '' ORDER BY ordinal_position";

/// A table that is to be read.
pub(super) struct Plan {
    /// As MySQL calls it.
    pub(super) name: String,
    /// Where its rows go.
    pub(super) target: Arc<Target>,
    /// What becomes of each value.
    pub(super) turns: Vec<Turn>,
    /// The query for its rows.
    pub(super) sql: String,
}

/// All tables that are meant, those that others refer to first.
pub(super) async fn plans(connection: &mut Conn, live: &LiveMysql, destination: &Destination<'_>) -> Result<Vec<Plan>, TransferError> {
    let names = match destination.table {
        _ if !live.living.tables.is_empty() => live.living.tables.clone(),
        Some(table) => vec![table.name.clone()],
        None => all(connection, live).await?,
    };
    let mut here = None;
    let mut plans = Vec::with_capacity(names.len());
    for name in names {
        let columns: Result<Vec<(String, String)>, _> = connection.exec(COLUMNS, (&name,)).await;
        let columns = columns.map_err(said(&format!("looking up table {name} in {}", live.address())))?;
        if columns.is_empty() {
            return Err(TransferError::Request(format!("{} has no table {name}", live.address())));
        }
        let table = match destination.table {
            Some(table) => table.clone(),
            None => {
                let here = match &mut here {
                    Some(here) => here,
                    none => none.insert(connect(destination.endpoint).await.map_err(TransferError::database("connecting"))?),
                };
                counterpart(here, &name).await?
            }
        };
        plans.push(plan(name, &columns, &table)?);
    }
    if let Some(here) = here {
        here.close().await;
    }
    Ok(plans)
}

async fn all(connection: &mut Conn, live: &LiveMysql) -> Result<Vec<String>, TransferError> {
    let failed = || said(&format!("listing the tables of {}", live.address()));
    let names: Vec<String> = connection.query(TABLES).await.map_err(failed())?;
    if names.is_empty() {
        return Err(TransferError::Request(format!("{} has no tables that its user may read", live.address())));
    }
    let references: Vec<(String, String)> = connection.query(REFERENCES).await.map_err(failed())?;
    let refers = |name: &str| references.iter().filter(|(table, _)| table == name).map(|(_, other)| other.clone()).collect();
    let tables = names.into_iter().map(|name| (name.clone(), name.clone(), refers(&name)));
    Ok(referred_first(tables.collect()))
}

/// The table of the same name here, where names may be in lower case.
async fn counterpart(here: &mut Connection, name: &str) -> Result<Table, TransferError> {
    if let Some(table) = Table::find(here, &identifier(name)).await? {
        return Ok(table);
    }
    if let Some(table) = Table::find(here, &identifier(&name.to_lowercase())).await? {
        return Ok(table);
    }
    Err(TransferError::Request(format!(
        "there is no table {name} here to load into: create it first, with `borealis convert mysql`, or name the tables to load with --from-table"
    )))
}

fn plan(name: String, columns: &[(String, String)], table: &Table) -> Result<Plan, TransferError> {
    let (mut targets, mut turns, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (column, data_type) in columns {
        let (there, known) = (table.plain_name(), table.column_names());
        let refused = |what: String| TransferError::Request(format!("column \"{column}\" of {name} {what}"));
        let place = place(column, table).ok_or_else(|| refused(format!("has no counterpart in {there}, which has {known}")))?;
        let target = &table.columns[place];
        if target.is_generated {
            return Err(refused(format!("has values, and \"{}\" of {there} is generated and takes none", target.name)));
        }
        let here = Oid(target.base_type);
        targets.push(target.name.clone());
        turns.push(Turn::of(data_type, here));
        values.push(value(column, data_type, here));
    }
    let sql = format!("SELECT {} FROM {}", values.join(", "), backticks(&name));
    Ok(Plan { target: Arc::new(Target { table: table.sql_name(), columns: targets }), turns, sql, name })
}

/// The place of the column of the same name, which may be cut or in lower case.
fn place(column: &str, table: &Table) -> Option<usize> {
    let cut = borealis_pgtypes::text::input::name(column);
    table.column(cut).or_else(|| table.column(&cut.to_lowercase()))
}

/// A column as it is asked for: MySQL prints six digits of a FLOAT, and all of a DOUBLE.
fn value(column: &str, data_type: &str, here: Oid) -> String {
    let name = backticks(column);
    let is_number = matches!(here, Oid::FLOAT4 | Oid::FLOAT8);
    if data_type.eq_ignore_ascii_case("float") && is_number { format!("{name} + 0e0") } else { name }
}

fn backticks(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
