//! A living PostgreSQL database as a source: COPY out of one repeatable-read snapshot.
//!
//! Values come as PostgreSQL prints them. Those of types that Aurora DSQL has no columns of come as what they are converted into: arrays and
//! composite values as JSON, money as a number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use borealis_client::{ClientError, Connection, Endpoint, Tls, connect};
use tokio::runtime::Runtime;

use super::batch::{Batcher, Target};
use super::living::{LiveUrl, Living, referred_first, refused};
use crate::error::TransferError;
use crate::name::identifier;
use crate::table::{Table, text};

/// A database and what of it is meant.
#[derive(Debug, Clone)]
pub struct LivePostgres {
    /// Where it is, and who reaches it.
    pub endpoint: Endpoint,
    /// The tables, as SQL names them there; when empty, the one that is loaded into, or all.
    pub tables: Vec<String>,
}

const FORM: &str = "postgres://USER@HOST:PORT/DATABASE";

impl LivePostgres {
    /// From a URL: `postgres://user:password@host:port/database`, with `?sslmode=disable` for a server on this machine.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(url: &str, living: Living) -> Result<Self, TransferError> {
        let url = LiveUrl::parse(url, FORM)?;
        let mut endpoint = Endpoint::resolve(url.host, None, &url.user).map_err(|error| TransferError::Request(error.to_string()))?;
        endpoint.password = url.password.or(living.password);
        endpoint.database = url.database.unwrap_or(url.user);
        for (name, value) in &url.options {
            match (name.as_str(), value.as_str()) {
                ("sslmode", "disable") => endpoint.tls = Tls::DisabledForLoopback,
                ("sslmode", "require" | "verify-full") => {}
                _ => return Err(refused("has an option other than sslmode=disable and sslmode=verify-full", FORM)),
            }
        }
        Ok(Self { endpoint, tables: living.tables })
    }
}

/// What makes values print the same whatever the database's own settings are.
const SETTINGS: [&str; 6] = [
    "SET datestyle = 'ISO'",
    "SET intervalstyle = 'postgres'",
    "SET timezone = 'UTC'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET statement_timeout = 0",
];

/// Tables with those that they refer to, for an order in which references find what they refer to.
const TABLES: &str = "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.oid, \
     (SELECT string_agg(k.confrelid::text, ',') FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1";

struct Reader<'r> {
    runtime: Runtime,
    connection: Connection,
    batcher: &'r mut Batcher,
    consumed: &'r AtomicU64,
    /// How many rows have been read; a row's place.
    rows: u64,
}

/// A connection on which values print the same as on every other.
pub(crate) async fn open(endpoint: &Endpoint) -> Result<Connection, ClientError> {
    let mut connection = connect(endpoint).await?;
    for sql in SETTINGS {
        match connection.simple(sql).await {
            // What Aurora DSQL does not let one set is as it should be.
            Err(error) if error.code() == Some("0A000") => {}
            other => drop(other?),
        }
    }
    Ok(connection)
}

/// Reads tables into batches; on a thread that may block.
pub(super) fn read(
    live: &LivePostgres,
    table: Option<&Table>,
    batcher: &mut Batcher,
    consumed: &Arc<AtomicU64>,
) -> Result<(), TransferError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(TransferError::file("cannot start a runtime"))?;
    let failed = || TransferError::database(format!("reading from {}", live.endpoint.address_text()));
    let connection = runtime.block_on(async {
        let mut connection = open(&live.endpoint).await?;
        connection.simple("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        Ok(connection)
    });
    let connection = connection.map_err(failed())?;
    let mut reader = Reader { runtime, connection, batcher, consumed, rows: 0 };
    for name in reader.tables(live, table)? {
        reader.table(&name, table)?;
    }
    let Reader { runtime, connection, rows, .. } = reader;
    runtime.block_on(connection.close());
    batcher.finish(rows)
}

/// Puts the pieces of a stream of COPY text, which may end inside of a row, together to whole rows.
#[derive(Default)]
pub(crate) struct WholeRows(Vec<u8>);

impl WholeRows {
    /// Hands over the rows that are whole now, each with its line end.
    pub(crate) fn take<T: Default>(
        &mut self,
        data: &[u8],
        each: impl FnOnce(&[u8]) -> Result<T, TransferError>,
    ) -> Result<T, TransferError> {
        self.0.extend_from_slice(data);
        let Some(end) = memchr::memrchr(b'\n', &self.0) else { return Ok(T::default()) };
        let taken = each(&self.0[..=end])?;
        self.0.drain(..=end);
        Ok(taken)
    }
}

/// Begins a transaction that sees one moment, and takes its snapshot.
pub(crate) async fn begin_snapshot(connection: &mut Connection) -> Result<(), TransferError> {
    for sql in ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"] {
        connection.simple(sql).await.map_err(TransferError::database("taking the snapshot"))?;
    }
    Ok(())
}

impl Reader<'_> {
    fn tables(&mut self, live: &LivePostgres, table: Option<&Table>) -> Result<Vec<String>, TransferError> {
        match table {
            _ if !live.tables.is_empty() => return Ok(live.tables.clone()),
            Some(table) => return Ok(vec![table.sql_name()]),
            None => {}
        }
        let found = self.runtime.block_on(self.connection.query(TABLES, &[])).map_err(TransferError::database("listing the tables"))?;
        let row = |row: &borealis_client::Row| {
            let refers: Vec<String> = text(row, 2).split(',').filter(|oid| !oid.is_empty()).map(str::to_owned).collect();
            (text(row, 0).to_owned(), text(row, 1).to_owned(), refers)
        };
        Ok(referred_first(found.rows.iter().map(row).collect()))
    }

    fn table(&mut self, name: &str, into: Option<&Table>) -> Result<(), TransferError> {
        let described = self.runtime.block_on(Table::describe(&mut self.connection, name))?;
        let writable = described.writable();
        let columns: Vec<String> = writable.iter().map(|place| described.columns[*place].name.clone()).collect();
        let table = into.map_or_else(|| described.sql_name(), Table::sql_name);
        self.batcher.enter(&Arc::new(Target { table, columns }))?;
        let values: Vec<String> = writable.iter().map(|place| value(&described.columns[*place])).collect();
        let sql = format!("COPY (SELECT {} FROM {}) TO STDOUT", values.join(", "), described.sql_name());
        let failed = || TransferError::database(format!("reading the rows of {name}"));
        let mut stream = self.runtime.block_on(self.connection.copy_out(&sql)).map_err(failed())?;
        let (mut pieces, mut of_table) = (WholeRows::default(), 0);
        while let Some(data) = self.runtime.block_on(stream.next()).map_err(|error| failed()(error))? {
            self.consumed.fetch_add(data.len() as u64, Ordering::Relaxed);
            pieces.take(&data, |rows| {
                for row in rows.split_inclusive(|byte| *byte == b'\n') {
                    self.rows += 1;
                    of_table += 1;
                    self.batcher.row(self.rows, of_table, row, Ok(()))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// A column's value as what it becomes.
pub(crate) fn value(column: &crate::table::Column) -> String {
    let name = identifier(&column.name);
    let type_name = column.type_name.as_str();
    if type_name.ends_with("[]") {
        format!("to_jsonb({name})")
    } else if type_name == "money" {
        format!("{name}::numeric")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use borealis_base::Redacted;
    use borealis_client::Tls;

    use super::{LivePostgres, Living};

    #[test]
    fn urls() {
        let beside = || Living { password: Some(Redacted::new("beside".to_owned())), ..Living::default() };
        let live = LivePostgres::parse("postgres://me:p%40ss@localhost:5516/shop?sslmode=disable", beside()).expect("a URL");
        let endpoint = live.endpoint;
        assert_eq!((endpoint.user.as_str(), endpoint.database.as_str(), endpoint.port), ("me", "shop", 5516));
        assert_eq!(endpoint.password.as_ref().map(|password| password.expose().as_str()), Some("p@ss"));
        assert_eq!(endpoint.tls, Tls::DisabledForLoopback);
        let default = LivePostgres::parse("postgresql://me@db.example", beside()).expect("a URL").endpoint;
        assert_eq!((default.database.as_str(), default.tls), ("me", Tls::Required));
        assert_eq!(default.password.as_ref().map(|password| password.expose().as_str()), Some("beside"));
        for (url, why) in [("postgres://host/db", "names no user"), ("postgres://a@b/c?sslrootcert=x", "has an option other than")] {
            let error = LivePostgres::parse(url, Living::default()).expect_err(url).to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
