//! `dump`: schema and data as SQL that Aurora DSQL accepts, out of one snapshot.
//!
//! Everything is read in one read-only transaction, so it is of one moment; and that transaction may live five minutes, as every one.
//! Rows stream through: memory does not grow with the table.
//!
//! The order is one in which every statement can run: what others stand on comes first ([`order`]), then the rows, then what is
//! quicker or only possible behind them: the values of sequences, foreign keys, statistics, comments and privileges, and at last what
//! a background job finishes: indexes, and the validation of constraints. Two dumps of the same content are the same bytes.

mod acl;
mod data;
mod default_acl;
mod file;
mod objects;
mod order;
mod roles;
mod schema;
mod tables;

use std::io::Write;

use borealis_client::{ClientError, Connection, Database, Outcome, Row, connect};

use crate::error::TransferError;
use crate::source::postgres::begin_snapshot;
use data::Rows;
pub use file::{DumpFile, GzipLevel};

/// In what form rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DumpFormat {
    /// SQL, rows as COPY blocks.
    #[default]
    Sql,
    /// SQL, rows as INSERT statements.
    Inserts,
    /// CSV with a header; one table.
    Csv,
    /// JSON lines; one table.
    JsonLines,
}

/// Whether roles belong to a dump. They are the cluster's, not the database's, so they stay out unless asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Roles {
    /// They do not.
    #[default]
    LeftOut,
    /// They come first.
    First,
    /// There is nothing else.
    Only,
}

/// What to dump.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DumpOptions {
    /// The tables, as SQL names them; everything when empty.
    pub tables: Vec<String>,
    /// Leave the rows out.
    pub schema_only: bool,
    /// Leave everything but the rows out.
    pub data_only: bool,
    /// Leave owners and privileges out.
    pub no_privileges: bool,
    /// What becomes of roles.
    pub roles: Roles,
    /// The form of the rows.
    pub format: DumpFormat,
}

/// What was dumped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct DumpReport {
    /// Tables.
    pub tables: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Documents that are JSON's null and were written as `null` into JSON lines, where NULL is the same.
    pub json_nulls: u64,
}

/// What a dump begins with.
pub(crate) const FIRST_LINE: &str = "-- Dump of an Aurora DSQL database by borealis.";
const HOW_TO: &str = "-- To restore it into an empty cluster: psql -v ON_ERROR_STOP=1 -f FILE";
/// By what one sees that a dump is not cut.
pub(crate) const LAST_LINE: &str = "-- End of the dump.";
/// Before the first job in a form that cannot wait for it.
const JOBS: &str = "-- A background job does the work of each statement that follows, and the next may conflict with its end (OC001). Plain SQL cannot\n\
     -- wait for a job: CALL sys.wait_for_job takes the identifier that a statement answers as a literal or a parameter, and no sub-query.\n\
     -- Repeat what is answered by OC001, and wait for all of them by: SELECT * FROM sys.jobs WHERE status IN ('submitted', 'processing');\n\n";

/// Writes a dump.
///
/// # Errors
/// When the request contradicts itself, the database refuses or is lost, or the transaction grows too old; or `out` fails.
pub async fn dump(
    database: &Database,
    options: &DumpOptions,
    out: &mut (dyn Write + Send),
    progress: &(dyn Fn(DumpReport) + Send + Sync),
) -> Result<DumpReport, TransferError> {
    check(options)?;
    let connection = connect(database.endpoint()).await.map_err(TransferError::database("connecting"))?;
    let mut dumper = Dumper { snapshot: Snapshot { connection }, options, out, progress, report: DumpReport::default() };
    dumper.snapshot.begin().await?;
    dumper.run().await?;
    dumper.snapshot.connection.close().await;
    Ok(dumper.report)
}

fn check(options: &DumpOptions) -> Result<(), TransferError> {
    let refused = |what: &str| Err(TransferError::Request(what.to_owned()));
    if options.schema_only && options.data_only {
        return refused("without rows and with nothing but rows, there is nothing to dump");
    }
    if options.roles != Roles::LeftOut && (options.data_only || !matches!(options.format, DumpFormat::Sql | DumpFormat::Inserts)) {
        return refused("roles are statements: they cannot stand where nothing but rows is wanted");
    }
    match options.format {
        DumpFormat::Csv | DumpFormat::JsonLines if options.tables.len() != 1 => {
            refused("CSV and JSON lines hold the rows of one table: name it")
        }
        DumpFormat::Csv | DumpFormat::JsonLines if options.schema_only => refused("CSV and JSON lines hold rows only"),
        _ => Ok(()),
    }
}

/// Behind a statement that starts a job, for psql, which COPY blocks are for as well: its end changes the catalog, to which the next
/// statement would lose.
pub(crate) const WAIT: &str = " \\gset\nCALL sys.wait_for_job(:'job_id');";

fn starts_a_job(statement: &str) -> bool {
    ["CREATE INDEX ASYNC ", "CREATE UNIQUE INDEX ASYNC ", "ALTER TABLE ASYNC "].iter().any(|start| statement.starts_with(start))
}

/// The transaction that everything is read in.
pub(crate) struct Snapshot {
    connection: Connection,
}

impl Snapshot {
    async fn begin(&mut self) -> Result<(), TransferError> {
        begin_snapshot(&mut self.connection).await
    }

    /// The rows of a query.
    pub(crate) async fn rows(&mut self, sql: &str, params: &[&str]) -> Result<Vec<Row>, TransferError> {
        let params: Vec<Option<String>> = params.iter().map(|param| Some((*param).to_owned())).collect();
        let outcome: Result<Outcome, ClientError> = self.connection.query(sql, &params).await;
        Ok(outcome.map_err(|error| too_old("reading the catalog", error))?.rows)
    }
}

/// An error in the snapshot, with what to do when it is its age.
pub(crate) fn too_old(doing: &str, error: ClientError) -> TransferError {
    TransferError::aged(doing, "a snapshot lives five minutes: dump fewer tables at a time with --table", error)
}

struct Dumper<'d> {
    snapshot: Snapshot,
    options: &'d DumpOptions,
    out: &'d mut (dyn Write + Send),
    progress: &'d (dyn Fn(DumpReport) + Send + Sync),
    report: DumpReport,
}

impl Dumper<'_> {
    async fn run(&mut self) -> Result<(), TransferError> {
        let roles = match self.options.roles {
            Roles::LeftOut => Vec::new(),
            Roles::First | Roles::Only => roles::read(&mut self.snapshot).await?,
        };
        let content = match self.options.roles {
            Roles::LeftOut | Roles::First => schema::read(&mut self.snapshot, self.options).await?,
            Roles::Only => schema::Content::default(),
        };
        let sql = matches!(self.options.format, DumpFormat::Sql | DumpFormat::Inserts);
        if sql {
            self.write(format!("{FIRST_LINE}\n{HOW_TO}\n\n").as_bytes())?;
            self.statements(&roles)?;
        }
        if sql && !self.options.data_only {
            self.statements(&content.before)?;
        }
        if !self.options.schema_only {
            for table in &content.tables {
                Rows { table, format: self.options.format }.write(self).await?;
                self.report.tables += 1;
            }
        }
        if sql && !self.options.schema_only {
            self.statements(&content.counters)?;
        }
        if sql && !self.options.data_only {
            self.statements(&content.after)?;
        }
        if sql {
            self.write(format!("{LAST_LINE}\n").as_bytes())?;
        }
        self.out.flush().map_err(TransferError::file("cannot write the dump"))
    }

    fn statements(&mut self, statements: &[String]) -> Result<(), TransferError> {
        let waits = self.options.format == DumpFormat::Sql;
        let first_job = statements.iter().position(|statement| starts_a_job(statement)).filter(|_| !waits);
        statements.iter().enumerate().try_for_each(|(place, statement)| {
            let before = if first_job == Some(place) { JOBS } else { "" };
            let end = if waits && starts_a_job(statement) { WAIT } else { ";" };
            self.write(format!("{before}{statement}{end}\n\n").as_bytes())
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), TransferError> {
        self.report.bytes += bytes.len() as u64;
        self.out.write_all(bytes).map_err(TransferError::file("cannot write the dump"))
    }
}
