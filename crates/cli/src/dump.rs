//! `borealis dump`: a database, or some of its tables, as SQL.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use borealis_client::Database;
use borealis_transfer::{DumpFile, DumpFormat, DumpOptions, DumpReport, GzipLevel, Roles, dump};
use clap::{Args, ValueEnum};

use crate::connection::{self, Target};
use crate::load::failure;
use crate::meter::Meter;
use crate::{Failure, Usage};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  borealis dump > shop.sql                     then: psql -v ON_ERROR_STOP=1 -f shop.sql
  borealis dump --roles -o shop.sql.gz
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
    /// Begin with the roles, their memberships and their IAM mappings
    #[arg(long, conflicts_with_all = ["data_only", "roles_only"])]
    roles: bool,
    /// Dump the roles and nothing else
    #[arg(long, conflicts_with_all = ["table", "schema_only", "data_only", "no_privileges"])]
    roles_only: bool,
    /// Write here instead of to stdout; the file is there once it is complete
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Compress: gzip, or gzip:1 (quick) to gzip:9 (small) [default: gzip for a FILE that ends in .gz]
    #[arg(long, value_name = "METHOD[:LEVEL]", value_parser = gzip)]
    compress: Option<GzipLevel>,
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
        roles: match (arguments.roles, arguments.roles_only) {
            (_, true) => Roles::Only,
            (true, false) => Roles::First,
            (false, false) => Roles::LeftOut,
        },
        format: arguments.format.into(),
    };
    let database = Database::new(connection::endpoint(&arguments.target)?);
    let mut out = DumpFile::create(arguments.output.as_deref(), compression(arguments)?).map_err(failure)?;
    let meter = Meter::new();
    let progress = |report: DumpReport| meter.show(report.bytes, None, report.rows);
    let report = runtime.block_on(dump(&database, &options, &mut out, &progress));
    meter.clear();
    let report = report.map_err(failure)?;
    out.finish().map_err(failure)?;
    eprintln!("dumped {} tables, {} rows, {} bytes", report.tables, report.rows, report.bytes);
    if report.json_nulls > 0 {
        eprintln!("{} documents are JSON's null, which JSON lines cannot tell from NULL: csv and sql can", report.json_nulls);
    }
    Ok(ExitCode::SUCCESS)
}

/// `gzip` or `gzip:LEVEL`.
fn gzip(text: &str) -> Result<GzipLevel, String> {
    let (method, level) = text.split_once(':').map_or((text, None), |(method, level)| (method, Some(level)));
    if method != "gzip" {
        return Err("gzip is the one method there is; another program can compress stdout".to_owned());
    }
    let Some(level) = level else { return Ok(GzipLevel::default()) };
    level.parse().ok().and_then(GzipLevel::new).ok_or_else(|| "a level is a number from 1 to 9".to_owned())
}

/// What was asked for, or what the file's name says.
fn compression(arguments: &Dump) -> Result<Option<GzipLevel>, Failure> {
    let ends_in = |ending: &str| arguments.output.as_deref().and_then(Path::extension).is_some_and(|end| end.eq_ignore_ascii_case(ending));
    if ends_in("zst") || ends_in("zstd") {
        return Err(Usage::because("a dump is compressed by gzip: let the file's name end in .gz, or leave out -o and pipe into zstd"));
    }
    Ok(arguments.compress.or_else(|| ends_in("gz").then(GzipLevel::default)))
}
