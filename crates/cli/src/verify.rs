//! `borealis verify`: whether a file, or another table, holds the rows of a table.

use std::path::PathBuf;
use std::process::ExitCode;

use borealis_client::Database;
use borealis_transfer::{Difference, DifferenceKind, Input, Side, Source, VerifyOptions, VerifyProgress, VerifyReport, verify};
use clap::Args;

use crate::connection::{self, Target};
use crate::load::{LiveSource, Reading, failure};
use crate::meter::Meter;
use crate::{Failure, Usage};

/// What is said of a file, and means nothing where a table is compared with another one.
const OF_FILES: [&str; 7] = ["file", "format", "columns", "header", "delimiter", "null", "encoding"];

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  borealis verify users.csv --table users --header
  borealis verify --table users --other-table users_old
  borealis verify --table users --other-endpoint prod.example --other-user admin
  borealis verify --table users --from postgres://app@db.example/shop
  MYSQL_PWD=… borealis verify --table users --from mysql://app@db.example/shop

Two tables with the same primary key are compared by checksums of ranges, and only rows that differ travel; all else is read whole.
Exit code 0 when both hold the same rows, 1 when they differ.")]
pub(crate) struct Verify {
    #[command(flatten)]
    target: Target,
    /// File to compare with; - for stdin
    #[arg(value_name = "FILE", required_unless_present_any = ["other_table", "other_endpoint", "from"])]
    file: Option<PathBuf>,
    /// Table to compare, as SQL names it
    #[arg(long, value_name = "TABLE")]
    table: String,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    living: LiveSource,
    /// Compare with this table instead of a file
    #[arg(long, value_name = "TABLE", conflicts_with_all = OF_FILES)]
    other_table: Option<String>,
    /// Where the other table is [default: where the table is]
    #[arg(long, value_name = "HOST[:PORT]", conflicts_with = "from", conflicts_with_all = OF_FILES)]
    other_endpoint: Option<String>,
    /// Database role there
    #[arg(long, value_name = "USER", requires = "other_endpoint")]
    other_user: Option<String>,
    /// Columns by which rows belong together [default: the primary key's]
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    key: Option<Vec<String>>,
    /// List so many differences
    #[arg(long, value_name = "N", default_value = "100")]
    max_differences: usize,
    /// Ranges of two tables compared at a time
    #[arg(long, value_name = "N", default_value = "4")]
    jobs: usize,
    /// Read all of a table in one transaction, which Aurora DSQL ends after five minutes
    #[arg(long)]
    one_snapshot: bool,
    /// Print a report as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Verify) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let database = Database::new(connection::endpoint(&arguments.target)?);
    let options = VerifyOptions {
        key: arguments.key.clone(),
        differences_max: arguments.max_differences,
        jobs: arguments.jobs,
        one_snapshot: arguments.one_snapshot,
        ..VerifyOptions::default()
    };
    let source = match &arguments.file {
        Some(file) => Some(arguments.reading.source(file)?),
        None => arguments.living.source(arguments.other_table.iter().cloned().collect())?,
    };
    let table = arguments.other_table.as_deref().unwrap_or(&arguments.table);
    let other;
    let first = match &source {
        // A table of a PostgreSQL is compared as one of ours is.
        Some(Source { input: Input::Postgres(live), .. }) => {
            other = Database::new(live.endpoint.clone());
            Side::Table { database: &other, table }
        }
        Some(source) => Side::Source(source),
        None => {
            other = Database::new(connection::endpoint(&other_target(arguments)?)?);
            Side::Table { database: &other, table }
        }
    };
    let meter = Meter::of_rows();
    let progress = |progress: VerifyProgress| meter.show(progress.rows, progress.rows_total, progress.rows);
    let report = runtime.block_on(verify(&first, &database, &arguments.table, &options, &progress));
    meter.clear();
    let report = report.map_err(failure)?;
    if let Some(why) = &report.read_whole_because {
        eprintln!("both tables were read whole: {why}");
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    Ok(if report.is_equal() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn other_target(arguments: &Verify) -> Result<Target, Failure> {
    if arguments.other_endpoint.is_none() && arguments.other_table.as_ref() == Some(&arguments.table) {
        return Err(Usage::because("a table always equals itself"));
    }
    let target = &arguments.target;
    Ok(Target {
        endpoint: arguments.other_endpoint.clone().or_else(|| target.endpoint.clone()),
        user: arguments.other_user.clone().unwrap_or_else(|| target.user.clone()),
        region: target.region.clone(),
        data: target.data.clone(),
    })
}

fn print(report: &VerifyReport) {
    for difference in &report.differences {
        println!("{}", line(difference));
    }
    let listed = report.differences.len() as u64;
    let all = report.only_first + report.only_second + report.different + report.no_rows;
    if all > listed {
        println!("… and {} more differences", all - listed);
    }
    println!("{} rows against {}: {} equal, {all} differences", report.first_rows, report.second_rows, report.equal);
}

fn line(difference: &Difference) -> String {
    let Difference { kind, line, row, detail } = difference;
    let line = if *line > 0 { format!("{line}: ") } else { String::new() };
    match kind {
        DifferenceKind::OnlyFirst => format!("{line}not in the table: {row}"),
        DifferenceKind::OnlySecond => format!("only in the table: {row}"),
        DifferenceKind::Values => format!("{line}{row}: {detail}"),
        DifferenceKind::NoRow => format!("{line}no row of the table: {detail}: {row}"),
    }
}
