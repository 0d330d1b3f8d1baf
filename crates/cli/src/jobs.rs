//! `borealis jobs`: background work of a cluster, out of `sys.jobs`.

use std::io::Write;
use std::process::ExitCode;

use borealis_client::{Connection, Outcome, connect};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use crate::connection::{self, Target};
use crate::shell::print;
use crate::{Failure, Usage};

const COLUMNS: &str = "job_id, job_type, status, object_name, start_time, update_time, details";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Example: borealis jobs wait $JOB && echo built")]
pub(crate) struct Jobs {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the jobs, the latest last (what `borealis jobs` alone does)
    List(List),
    /// Wait until a job has ended; exit code 1 when it has failed
    Wait(Wait),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    target: Target,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis jobs wait b5u2xyk7gzhzvhvwzuhi5vmbte")]
struct Wait {
    #[command(flatten)]
    target: Target,
    /// The job, as CREATE INDEX ASYNC returned it
    #[arg(value_name = "ID")]
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Jobs) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &arguments.command {
            Some(Command::Wait(wait)) => wait_for(wait).await,
            Some(Command::List(list)) => show(list).await,
            None => show(&arguments.list).await,
        }
    })
}

async fn show(arguments: &List) -> Result<ExitCode, Failure> {
    let mut connection = connect(&connection::endpoint(&arguments.target)?).await?;
    let jobs = connection.query(&format!("SELECT {COLUMNS} FROM sys.jobs ORDER BY start_time, job_id"), &[]).await?;
    connection.close().await;
    if arguments.json {
        let rows: Vec<Value> = (0..jobs.rows.len()).map(|row| object(&jobs, row)).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        let mut text = String::new();
        print::outcome(&mut text, &jobs, &print::Format::default(), None);
        std::io::stdout().lock().write_all(text.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn wait_for(arguments: &Wait) -> Result<ExitCode, Failure> {
    // The procedure takes no parameter on the service, so the identifier stands in the statement and must be nothing but one.
    if !arguments.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) || arguments.id.is_empty() {
        return Err(Usage::because(format!("'{}' is not a job's identifier", arguments.id)));
    }
    let mut connection = connect(&connection::endpoint(&arguments.target)?).await?;
    eprintln!("waiting for job {}", arguments.id);
    let outcome = connection.query(&format!("CALL sys.wait_for_job('{}')", arguments.id), &[]).await?;
    let succeeded = outcome.rows.first().and_then(|row| row.get(0)) == Some("t");
    let job = find(&mut connection, &arguments.id).await?;
    connection.close().await;
    report(arguments, succeeded, job)?;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn find(connection: &mut Connection, id: &str) -> Result<Option<Value>, Failure> {
    let jobs = connection.query(&format!("SELECT {COLUMNS} FROM sys.jobs WHERE job_id = $1"), &[Some(id.to_owned())]).await?;
    Ok((!jobs.rows.is_empty()).then(|| object(&jobs, 0)))
}

fn report(arguments: &Wait, succeeded: bool, job: Option<Value>) -> Result<(), Failure> {
    // Jobs that ended are forgotten after a while, their outcome is not.
    let job = job.unwrap_or_else(|| serde_json::json!({ "job_id": arguments.id }));
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "succeeded": succeeded, "job": job }))?);
        return Ok(());
    }
    println!("job {}: {}", arguments.id, if succeeded { "completed" } else { "failed" });
    if let Some(details) = job.get("details").and_then(Value::as_str) {
        println!("{details}");
    }
    Ok(())
}

fn object(outcome: &Outcome, row: usize) -> Value {
    let pairs = outcome.columns.iter().zip(outcome.rows[row].iter());
    Value::Object(pairs.map(|(column, value)| (column.name.clone(), value.map_or(Value::Null, Value::from))).collect::<Map<_, _>>())
}
