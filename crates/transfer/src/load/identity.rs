//! Counters of identity columns, moved behind the values that were loaded: a counter that stayed would give them out again.

use borealis_client::{Database, End, Limits, Mode, Statement, Transaction, TransactionError};

use super::report::Advanced;
use crate::error::TransferError;
use crate::name::{identifier, literal};
use crate::table::Table;

/// Moves a table's counters behind the largest values of their columns.
pub(crate) async fn advance(database: &Database, table: &Table) -> Result<Vec<Advanced>, TransferError> {
    let mut advanced = Vec::new();
    for column in &table.columns {
        let Some(sequence) = sequence_of(database, table, &column.name).await? else { continue };
        let sql = statement(table, &column.name, &sequence);
        let moved = run(database, sql, Mode::ReadWrite, &sequence.name).await?;
        let value = moved.first().and_then(|row| row.get(0)).map(str::to_owned);
        advanced.extend(value.map(|last_value| Advanced { sequence: sequence.name, last_value }));
    }
    Ok(advanced)
}

struct Sequence {
    name: String,
    counts_down: bool,
}

async fn sequence_of(database: &Database, table: &Table, column: &str) -> Result<Option<Sequence>, TransferError> {
    let sql = format!(
        "SELECT o.name, s.seqincrement < 0 FROM (SELECT pg_get_serial_sequence({}, {}) AS name) o \
         JOIN pg_catalog.pg_sequence s ON s.seqrelid = o.name::regclass",
        literal(&table.sql_name()),
        literal(column)
    );
    let rows = run(database, sql, Mode::ReadOnly, column).await?;
    Ok(rows.first().map(|row| Sequence { name: row.get(0).unwrap_or_default().to_owned(), counts_down: row.get(1) == Some("t") }))
}

/// Reading and setting are one statement, so that a value given out in between is hardly passed over.
fn statement(table: &Table, column: &str, sequence: &Sequence) -> String {
    let (extreme, beyond) = if sequence.counts_down { ("min", "<") } else { ("max", ">") };
    format!(
        "SELECT setval({name}, loaded.value) FROM (SELECT {extreme}({column})::bigint AS value FROM {table}) loaded, {relation} counter \
         WHERE loaded.value {beyond} counter.last_value OR (loaded.value = counter.last_value AND NOT counter.is_called)",
        name = literal(&sequence.name),
        column = identifier(column),
        table = table.sql_name(),
        relation = sequence.name
    )
}

async fn run(database: &Database, sql: String, mode: Mode, what: &str) -> Result<Vec<borealis_client::Row>, TransferError> {
    let transaction = Transaction { statements: vec![Statement::new(sql)], mode, end: End::Commit, limits: Limits::default() };
    let failed = |error: TransactionError| TransferError::database(format!("advancing the counter of {what}"))(error.error);
    Ok(database.transact(&transaction).await.map_err(failed)?.outcomes.pop().map(|outcome| outcome.rows).unwrap_or_default())
}
