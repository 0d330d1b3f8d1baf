//! `borealis load`: rows from files into tables.

use std::path::PathBuf;
use std::process::ExitCode;

use borealis_base::Redacted;
use borealis_client::Database;
use borealis_transfer::{
    BATCH_ROWS_MAX, Counts, Format, Input, Living, LoadOptions, LoadReport, OnConflict, Progress, Source, TransferError, load,
};
use clap::{Args, ValueEnum};

use crate::connection::{self, Target};
use crate::convert::ZeroDatesName;
use crate::meter::Meter;
use crate::{Failure, Usage};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  borealis load users.csv --table users --header
  zcat big.csv.gz | borealis load - --format csv --table events --jobs 8 --max-rejects 100
  borealis load new.jsonl --table users --on-conflict update
  borealis load shop.sql --with-schema         a dump, into an empty cluster
  MYSQL_PWD=… borealis load --from mysql://app@db.example/shop

A load that was interrupted goes on where it ended when the same command runs again: every record is loaded exactly once.

A living database's password is the URL's, that of --from-password-file, or that of PGPASSWORD or MYSQL_PWD. The connection is \
encrypted and the server's name checked; on this machine ?sslmode=disable does without (PostgreSQL), for MySQL ?ssl-mode=disabled, \
which is the default there. MySQL's URL may also have ssl-mode=verify_identity, ssl-ca=FILE, ssl-name=NAME and socket=PATH. Such a \
load cannot go on when it was interrupted: repeat it with --on-conflict skip.")]
pub(crate) struct Load {
    #[command(flatten)]
    target: Target,
    /// File to load, compressed by gzip or zstd or not at all; - for stdin
    #[arg(value_name = "FILE", required_unless_present = "from")]
    file: Option<PathBuf>,
    #[command(flatten)]
    living: LiveSource,
    /// Table to read there; may be repeated [default: the one of the same name, or all]
    #[arg(long, value_name = "TABLE", requires = "from")]
    from_table: Vec<String>,
    /// Table to load into, as SQL names it [default for a dump or a living database: all its tables]
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Run a dump's statements that make the schema, too; indexes are awaited
    #[arg(long, conflicts_with = "table")]
    with_schema: bool,
    #[command(flatten)]
    reading: Reading,
    /// A row whose key is in the table is rejected, left out, or gives the table's row its values
    #[arg(long, value_enum, value_name = "POLICY", default_value = "error")]
    on_conflict: Policy,
    /// Connections that write at a time
    #[arg(long, value_name = "N", default_value = "4")]
    jobs: usize,
    /// Rows of one transaction
    #[arg(long, value_name = "N", default_value_t = BATCH_ROWS_MAX)]
    batch_rows: usize,
    /// Go on until more than N records are rejected
    #[arg(long, value_name = "N", default_value = "0")]
    max_rejects: u64,
    /// List rejected records here [default: FILE.TABLE.rejects.jsonl]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Keep the manifest of the load here: once it is complete, only what is added to FILE is loaded [default: FILE.TABLE.load.json until complete]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Print a report as JSON
    #[arg(long)]
    json: bool,
}

/// A living database to read from.
#[derive(Debug, Args)]
pub(crate) struct LiveSource {
    /// Read a living database instead of a file: postgres://USER@HOST:PORT/DATABASE, or mysql://… for MySQL and MariaDB
    #[arg(long, value_name = "URL", conflicts_with = "file")]
    from: Option<String>,
    /// Read the password for it from this file
    #[arg(long, value_name = "FILE", requires = "from")]
    from_password_file: Option<PathBuf>,
    /// What becomes of a row with a date that no calendar has, such as MySQL's 0000-00-00: it is rejected, or the date is NULL
    #[arg(long, value_enum, requires = "from", default_value_t = ZeroDatesName::Error)]
    zero_dates: ZeroDatesName,
}

/// How a file is to be understood.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Form of the file [default: by its name]
    #[arg(long, value_enum, value_name = "FORM", conflicts_with = "from")]
    format: Option<Form>,
    /// Columns that the values are for, in order [default: the header's, the objects' keys, or the table's]
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with = "from")]
    columns: Option<Vec<String>>,
    /// The first record names the columns (CSV, TSV)
    #[arg(long, conflicts_with = "from")]
    header: bool,
    /// Character between two values; \t is a tab [default: a comma in CSV, a tab in TSV]
    #[arg(long, value_name = "CHAR", conflicts_with = "from")]
    delimiter: Option<String>,
    /// What stands for NULL [default: nothing at all in CSV, \N in TSV]
    #[arg(long, value_name = "TEXT", conflicts_with = "from")]
    null: Option<String>,
    /// Encoding of the file, such as latin1 or windows-1252 [default: utf-8, or what a byte order mark says]
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    encoding: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Csv,
    Tsv,
    Jsonl,
    Parquet,
    Dump,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Policy {
    Error,
    Skip,
    Update,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Csv => Self::Csv,
            Form::Tsv => Self::Tsv,
            Form::Jsonl => Self::JsonLines,
            Form::Parquet => Self::Parquet,
            Form::Dump => Self::Dump,
        }
    }
}

impl From<Policy> for OnConflict {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Error => Self::Error,
            Policy::Skip => Self::Skip,
            Policy::Update => Self::Update,
        }
    }
}

impl Reading {
    /// The source that a file is under these options.
    pub(crate) fn source(&self, file: &std::path::Path) -> Result<Source, Failure> {
        let input = if file.as_os_str() == "-" { Input::Stdin } else { Input::File(file.to_owned()) };
        Ok(Source {
            format: self.format.map(Format::from),
            header: self.header,
            delimiter: self.delimiter.as_deref().map(delimiter).transpose()?,
            null: self.null.clone(),
            encoding: self.encoding.clone(),
            columns: self.columns.clone(),
            ..Source::new(input)
        })
    }
}

fn delimiter(text: &str) -> Result<u8, Failure> {
    match (text, text.as_bytes()) {
        ("\\t", _) => Ok(b'\t'),
        (_, [byte]) if byte.is_ascii() => Ok(*byte),
        _ => Err(Usage::because(format!("'{text}' is not one ASCII character, which a delimiter is"))),
    }
}

impl LiveSource {
    /// The source, if there is one.
    pub(crate) fn source(&self, tables: Vec<String>) -> Result<Option<Source>, Failure> {
        let Some(url) = &self.from else { return Ok(None) };
        let living = Living { password: self.password(url)?, tables, zero_dates_null: self.zero_dates == ZeroDatesName::Null };
        Ok(Some(Source::new(Input::living(url, living).map_err(failure)?)))
    }

    fn password(&self, url: &str) -> Result<Option<Redacted<String>>, Failure> {
        if let Some(file) = &self.from_password_file {
            let text =
                std::fs::read_to_string(file).map_err(|error| format!("cannot read the password file {}: {error}", file.display()))?;
            return Ok(Some(Redacted::new(text.trim_end_matches(['\r', '\n']).to_owned())));
        }
        let variable = if url.starts_with("postgres") { "PGPASSWORD" } else { "MYSQL_PWD" };
        Ok(std::env::var(variable).ok().map(Redacted::new))
    }
}

impl Load {
    fn source(&self) -> Result<Source, Failure> {
        if self.table.is_some() && self.from_table.len() > 1 {
            return Err(Usage::because("several tables cannot be loaded into one"));
        }
        match (&self.file, self.living.source(self.from_table.clone())?) {
            (Some(file), _) => self.reading.source(file),
            (None, Some(source)) => Ok(source),
            (None, None) => Err(Usage::because("name a file to load")),
        }
    }
}

pub(crate) fn run(arguments: &Load) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let source = Source { schema: arguments.with_schema, ..arguments.source()? };
    let options = LoadOptions {
        on_conflict: arguments.on_conflict.into(),
        jobs: arguments.jobs,
        batch_rows: arguments.batch_rows,
        max_rejects: arguments.max_rejects,
        rejects: arguments.rejects.clone(),
        manifest: arguments.manifest.clone(),
        table: arguments.table.clone(),
        ..LoadOptions::default()
    };
    let database = Database::new(connection::endpoint(&arguments.target)?);
    let meter = Meter::new();
    let progress = |progress: Progress| meter.show(progress.bytes, progress.bytes_total, progress.counts.records());
    let report = runtime.block_on(load(&database, &source, &options, &progress));
    meter.clear();
    let report = report.map_err(failure)?;
    print(&report, arguments.json)?;
    Ok(ExitCode::SUCCESS)
}

/// A request that cannot be meant is the command line's fault.
pub(crate) fn failure(error: TransferError) -> Failure {
    match error {
        TransferError::Request(what) => Usage::because(what),
        other => Box::new(other),
    }
}

fn shown(counts: Counts) -> String {
    let Counts { inserted, updated, skipped, rejected } = counts;
    format!("{inserted} inserted, {updated} updated, {skipped} skipped, {rejected} rejected")
}

fn print(report: &LoadReport, json: bool) -> Result<(), Failure> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    if report.already_complete {
        println!("{}: loaded completely before, nothing was done", report.table);
        return Ok(());
    }
    if report.tables.len() > 1 {
        for table in &report.tables {
            println!("{}: {}", table.table, shown(table.counts));
        }
    }
    println!("{}: {} in {:.1} s", report.table, shown(report.counts), report.seconds);
    if report.resumed_records > 0 {
        println!("{} of these records had been dealt with before this run", report.resumed_records);
    }
    if report.statements_left_out > 0 {
        println!("{} statements that make a schema were left out (--with-schema runs them)", report.statements_left_out);
    }
    for counter in &report.advanced {
        println!("{} goes on behind {}", counter.sequence, counter.last_value);
    }
    if let Some(file) = &report.rejects_file {
        println!("rejected records are listed in {file}");
    }
    Ok(())
}
