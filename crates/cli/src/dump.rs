//! `borealis dump`: a database, or some of its tables, as SQL.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use borealis_client::Database;
use borealis_transfer::{DumpFormat, DumpOptions, DumpReport, dump};
use clap::{Args, ValueEnum};

use crate::Failure;
use crate::connection::{self, Target};
use crate::load::failure;
use crate::meter::Meter;

/// How much is gathered before it is written.
const WRITE_BYTES: usize = 256 * 1024;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  borealis dump > shop.sql                     then: psql -v ON_ERROR_STOP=1 -f shop.sql
  borealis dump --schema-only
  borealis dump --table orders --format csv > orders.csv

All of a dump is of one moment. It is read in one transaction, which Aurora DSQL ends after five minutes: dump large databases by tables.")]
pub(crate) struct Dump {
    #[command(flatten)]
    target: Target,
    /// Table to dump, as SQL names it; may be repeated [default: everything]
    #[arg(long, value_name = "TABLE")]
    table: Vec<String>,
    /// Leave the rows out
    #[arg(long, conflicts_with = "data_only")]
    schema_only: bool,
    /// Leave everything but the rows out
    #[arg(long)]
    data_only: bool,
    /// Leave owners and privileges out
    #[arg(long)]
    no_privileges: bool,
    /// Form of the rows: SQL with COPY blocks, SQL with INSERT statements, or the rows of one table
    #[arg(long, value_enum, value_name = "FORM", default_value = "sql")]
    format: Form,
    /// Write here instead of to stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Sql,
    Inserts,
    Csv,
    Jsonl,
}

impl From<Form> for DumpFormat {
    fn from(form: Form) -> Self {
        match form {
            Form::Sql => Self::Sql,
            Form::Inserts => Self::Inserts,
            Form::Csv => Self::Csv,
            Form::Jsonl => Self::JsonLines,
        }
    }
}

pub(crate) fn run(arguments: &Dump) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let options = DumpOptions {
        tables: arguments.table.clone(),
        schema_only: arguments.schema_only,
        data_only: arguments.data_only,
        no_privileges: arguments.no_privileges,
        format: arguments.format.into(),
    };
    let database = Database::new(connection::endpoint(&arguments.target)?);
    let out: Box<dyn Write + Send> = match &arguments.output {
        Some(path) => Box::new(File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?),
        None => Box::new(std::io::stdout()),
    };
    let mut out = BufWriter::with_capacity(WRITE_BYTES, out);
    let meter = Meter::new();
    let progress = |report: DumpReport| meter.show(report.bytes, None, report.rows);
    let report = runtime.block_on(dump(&database, &options, &mut out, &progress));
    meter.clear();
    let report = report.map_err(failure)?;
    eprintln!("dumped {} tables, {} rows, {} bytes", report.tables, report.rows, report.bytes);
    Ok(ExitCode::SUCCESS)
}
