//! Sizes.
//!
//! Rows are stored in a log and a tree that all tables share, so no file's length answers these functions. They answer the planner's estimate:
//! estimated rows times the width the column types suggest.

use borealis_pgtypes::{Datum, Oid, Result, SessionFunction, SqlError, SqlState, types};

use super::Call;
use crate::describe::{self, Relation};
use crate::{Column, IndexKeyPart, Table};

/// Bytes assumed for a value of no fixed length, PostgreSQL's own assumption.
const VARIABLE_WIDTH: i64 = 32;
/// Bytes PostgreSQL gives a sequence: one page.
const SEQUENCE_BYTES: i64 = 8192;
/// Bytes of a row's key and header.
const ROW_OVERHEAD: i64 = 16;

/// `pg_relation_size(relation [, fork])`, `pg_table_size`, `pg_indexes_size`, `pg_total_relation_size`; NULL for a relation that does not exist.
pub(super) fn relation_size(call: &Call<'_>, function: SessionFunction) -> Result<Datum> {
    let oid = call.oid(0)?;
    let fork = if call.args.len() > 1 { call.text(1)? } else { "main" };
    check_fork(fork)?;
    let Some(relation) = describe::relation_by_oid(call.facts.catalog(), oid) else { return Ok(Datum::Null) };
    if fork != "main" {
        return Ok(Datum::Int8(0));
    }
    let table = function != SessionFunction::PgIndexesSize;
    let indexes = matches!(function, SessionFunction::PgIndexesSize | SessionFunction::PgTotalRelationSize);
    Ok(Datum::Int8(match relation {
        Relation::System(_) | Relation::View(_) => 0,
        Relation::Index(_, _) | Relation::Sequence(_) if !table => 0,
        Relation::Sequence(_) => SEQUENCE_BYTES,
        Relation::Index(index, of) => rows(call, of) * index_width(of, index.oid),
        Relation::Table(of) => rows(call, of) * (if table { row_width(of) } else { 0 } + if indexes { indexes_width(of) } else { 0 }),
    }))
}

/// The indexes besides the primary key's, which is the table.
fn indexes_width(table: &Table) -> i64 {
    table.indexes.iter().map(|index| index_width(table, index.oid)).sum()
}

/// `pg_database_size`: all tables with their indexes.
pub(super) fn database_size(call: &Call<'_>) -> Result<Datum> {
    match call.arg(0) {
        Datum::Text(name) if &**name != call.facts.database() => {
            return Err(SqlError::new(SqlState::INVALID_CATALOG_NAME, format!("database \"{name}\" does not exist")));
        }
        Datum::Oid(oid) if *oid != crate::snapshot::DATABASE => return Ok(Datum::Null),
        _ => {}
    }
    let tables = call.facts.catalog().tables();
    Ok(Datum::Int8(tables.map(|table| rows(call, table) * (row_width(table) + indexes_width(table))).sum()))
}

fn check_fork(fork: &str) -> Result<()> {
    if matches!(fork, "main" | "fsm" | "vm" | "init") {
        return Ok(());
    }
    let hint = "Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".";
    Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "invalid fork name").hint(hint))
}

#[allow(clippy::cast_possible_truncation)] // an estimate
fn rows(call: &Call<'_>, table: &Table) -> i64 {
    (call.facts.estimated_rows(table.oid) as i64).max(0)
}

fn width(ty: Oid) -> i64 {
    types::by_oid(ty).filter(|info| info.length > 0).map_or(VARIABLE_WIDTH, |info| i64::from(info.length))
}

pub(crate) fn row_width(table: &Table) -> i64 {
    ROW_OVERHEAD + table.live_columns().map(|column| width(column.ty.oid)).sum::<i64>()
}

/// The primary key's index is the table.
pub(crate) fn index_width(table: &Table, oid: Oid) -> i64 {
    let Some(index) = table.all_indexes().find(|index| index.oid == oid).filter(|index| !index.primary) else { return row_width(table) };
    let column = |number: i16| table.column_number(number).map_or(0, |column: &Column| width(column.ty.oid));
    let keys = index.keys.iter().map(|key| match &key.part {
        IndexKeyPart::Column(number) => column(*number),
        IndexKeyPart::Expression(_, ty) => width(ty.oid),
    });
    let primary = table.primary_key.iter().flat_map(|key| &key.keys).map(|key| match &key.part {
        IndexKeyPart::Column(number) => column(*number),
        IndexKeyPart::Expression(..) => 0,
    });
    ROW_OVERHEAD + keys.chain(primary).chain(index.include.iter().map(|number| column(*number))).sum::<i64>()
}
