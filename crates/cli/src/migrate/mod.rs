//! `borealis migrate`: schema changes planned, made, watched and taken back.

mod plan;
mod up;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use borealis_client::Database;
use borealis_dialect::Dialect;
use borealis_migrate::files::read_text;
use borealis_migrate::{MigrateError, Options, Plan, Progress, ThrottleLimits};
use clap::{Args, Subcommand};

use crate::Failure;
use crate::connection::{self, Target};

/// How much of the rows a copy moves on between two lines of progress, as a fraction.
const STEPS: u64 = 50;

#[derive(Debug, Args)]
#[command(
    after_help = "Example: borealis migrate plan retype-column orders amount 'numeric(12,2)' --out plan.json && borealis migrate apply plan.json"
)]
pub(crate) struct Migrate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show how a table would be changed: statements, rows, losses, hazards, and how each phase is undone; nothing is changed
    Plan(plan::PlanArguments),
    /// Do what a plan file says
    Apply(Apply),
    /// Show the runs of a database and how far they are
    Status(StatusArguments),
    /// Stop a run at its next checkpoint
    Pause(Named),
    /// Go on with a run that was paused, has failed, or whose process has died
    Resume(Resume),
    /// Run the numbered files of a folder that have not been run
    Up(up::Up),
    /// Let original and new table change places again after a run's end; what was written since is written back
    Revert(Revert),
    /// Take a run back: everything that it made is removed, the table is as it was
    Abort(Abort),
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate apply plan.json --batch-rows 500 --pause-ms 20")]
struct Apply {
    #[command(flatten)]
    target: Target,
    /// The files that `borealis migrate plan --out` wrote, done one after the other
    #[arg(value_name = "PLAN", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    speed: Speed,
}

#[derive(Debug, Args)]
struct Speed {
    /// Rows of a batch at most [default: 1000, fewer when rows are wide]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=2500))]
    batch_rows: Option<u64>,
    /// Wait between two batches
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pause_ms: u64,
    /// Slow down when a batch takes longer than this
    #[arg(long, value_name = "MS", default_value_t = 2_000)]
    latency_ms: u64,
    /// Slow down when a batch meets more conflicts than this
    #[arg(long, value_name = "N", default_value_t = 1)]
    conflicts: u64,
    /// How long the table may be without its name at the swap, before it gets it back and the swap is tried again later
    #[arg(long, value_name = "S", default_value_t = 60)]
    fence_seconds: u64,
    /// Compare the whole table at the swap, as on Aurora DSQL, where a change feed could tell what is left
    #[arg(long)]
    no_change_feed: bool,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate status --json")]
struct StatusArguments {
    #[command(flatten)]
    target: Target,
    /// One run only
    #[arg(value_name = "RUN", conflicts_with = "dir")]
    run: Option<String>,
    /// Show the numbered files of a folder instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Surface of the database, by which the files are read
    #[arg(long, value_name = "DATE", default_value_t = Dialect::default())]
    dialect: Dialect,
    /// Numbers of files may be left out, such as where they are dates
    #[arg(long, requires = "dir")]
    gaps: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate pause")]
struct Named {
    #[command(flatten)]
    target: Target,
    /// The run [default: the only one under way]
    #[arg(value_name = "RUN")]
    run: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate resume --take-over")]
struct Resume {
    #[command(flatten)]
    target: Target,
    /// The run [default: the only one under way]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// Take the run from a process that is dead, although it has given a sign of life within the last minute
    #[arg(long)]
    take_over: bool,
    #[command(flatten)]
    speed: Speed,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate abort")]
struct Abort {
    #[command(flatten)]
    target: Target,
    /// The run [default: the only one under way]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// Take the run from a process that is dead, although it has given a sign of life within the last minute
    #[arg(long)]
    take_over: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate revert k3v9q2ab --dry-run")]
struct Revert {
    #[command(flatten)]
    target: Target,
    /// The run
    #[arg(value_name = "RUN")]
    run: String,
    /// Show the plan and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    speed: Speed,
}

pub(crate) fn run(arguments: &Migrate) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match &arguments.command {
            Command::Plan(plan) => plan::run(plan).await,
            Command::Apply(arguments) => apply(arguments).await,
            Command::Status(arguments) => status(arguments).await,
            Command::Pause(arguments) => pause(arguments).await,
            Command::Resume(arguments) => resume(arguments).await,
            Command::Up(arguments) => up::run(arguments).await,
            Command::Revert(arguments) => revert(arguments).await,
            Command::Abort(arguments) => abort(arguments).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn database(target: &Target) -> Result<Database, Failure> {
    Ok(Database::new(connection::endpoint(target)?))
}

/// Prints a line whenever the phase changes or a good part of the rows has been copied.
struct Teller {
    last: Mutex<(String, u64)>,
}

impl Teller {
    fn new() -> Self {
        Self { last: Mutex::new((String::new(), 0)) }
    }

    fn tell(&self, progress: &Progress) {
        let phase = format!("{:?}{}", progress.phase, progress.rounds);
        let part = progress.done * STEPS / progress.total.max(1);
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *last != (phase.clone(), part) {
            eprintln!("{}", progress.line());
            *last = (phase, part);
        }
    }
}

async fn apply(arguments: &Apply) -> Result<(), Failure> {
    // All are read before the first is begun.
    let read = |file: &PathBuf| -> Result<Plan, Failure> { Ok(Plan::from_json(&read_text(file)?)?) };
    let plans = arguments.files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let database = database(&arguments.target)?;
    let teller = Teller::new();
    let tell = |progress: &Progress| teller.tell(progress);
    for plan in &plans {
        let outcome = borealis_migrate::apply(&database, plan, &options(&arguments.speed, false, &tell)).await;
        if plan.is_nothing() && outcome.is_ok() && !arguments.speed.json {
            write!(std::io::stdout().lock(), "{}", plan.describe())?;
            continue;
        }
        report(outcome, arguments.speed.json)?;
    }
    Ok(())
}

async fn resume(arguments: &Resume) -> Result<(), Failure> {
    let teller = Teller::new();
    let tell = |progress: &Progress| teller.tell(progress);
    let options = options(&arguments.speed, arguments.take_over, &tell);
    report(borealis_migrate::resume(&database(&arguments.target)?, arguments.run.as_deref(), &options).await, arguments.speed.json)
}

fn options<'o>(speed: &Speed, take_over: bool, progress: &'o (dyn Fn(&Progress) + Send + Sync)) -> Options<'o> {
    let throttle = ThrottleLimits {
        conflicts_max: speed.conflicts,
        latency_max: Duration::from_millis(speed.latency_ms),
        pause: Duration::from_millis(speed.pause_ms),
    };
    Options {
        throttle,
        batch_rows: speed.batch_rows,
        fence_time_max: Duration::from_secs(speed.fence_seconds),
        change_feed: !speed.no_change_feed,
        take_over,
        progress,
    }
}

fn report(outcome: Result<Progress, MigrateError>, json: bool) -> Result<(), Failure> {
    let progress = outcome?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&progress)?)?;
    } else {
        writeln!(out, "run {} is done: {} of table {}", progress.run, progress.goal, progress.table)?;
    }
    Ok(())
}

async fn status_of_files(arguments: &StatusArguments, folder: &Path) -> Result<(), Failure> {
    let files = borealis_migrate::files::files(&database(&arguments.target)?, folder, arguments.dialect, arguments.gaps).await?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&files)?)?;
    } else {
        up::list(&files).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    let refused: Vec<String> = files.into_iter().filter_map(|file| file.error).collect();
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n").into()) }
}

async fn status(arguments: &StatusArguments) -> Result<(), Failure> {
    if let Some(folder) = &arguments.dir {
        return status_of_files(arguments, folder).await;
    }
    let mut runs = borealis_migrate::status(&database(&arguments.target)?).await?;
    if let Some(id) = &arguments.run {
        runs.retain(|run| run.run == *id);
        if runs.is_empty() {
            return Err(format!("the journal knows no run {id}").into());
        }
    }
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&runs)?)?;
        return Ok(());
    }
    if runs.is_empty() {
        writeln!(out, "no migrations")?;
    }
    for run in runs {
        let status = serde_json::to_value(run.status)?.as_str().unwrap_or_default().to_owned();
        writeln!(out, "{}  {status}  {}: {}", run.run, run.table, run.goal)?;
        writeln!(out, "  {}", run.line())?;
        if let Some(seconds) = run.silent_seconds {
            writeln!(out, "  last sign of life {seconds} s ago")?;
        }
        if let Some(error) = &run.error {
            writeln!(out, "  {error}")?;
        }
    }
    Ok(())
}

async fn pause(arguments: &Named) -> Result<(), Failure> {
    let run = borealis_migrate::pause(&database(&arguments.target)?, arguments.run.as_deref()).await?;
    println!("run {} stops at its next checkpoint; `borealis migrate resume` goes on", run.run);
    Ok(())
}

async fn revert(arguments: &Revert) -> Result<(), Failure> {
    let database = database(&arguments.target)?;
    let plan = borealis_migrate::plan_revert(&database, &arguments.run).await?;
    if arguments.dry_run {
        let text = if arguments.speed.json { plan.to_json() + "\n" } else { plan.describe() };
        write!(std::io::stdout().lock(), "{text}")?;
        return Ok(());
    }
    let teller = Teller::new();
    let tell = |progress: &Progress| teller.tell(progress);
    report(borealis_migrate::apply(&database, &plan, &options(&arguments.speed, false, &tell)).await, arguments.speed.json)
}

async fn abort(arguments: &Abort) -> Result<(), Failure> {
    let run = borealis_migrate::abort(&database(&arguments.target)?, arguments.run.as_deref(), arguments.take_over).await?;
    println!("run {} is taken back: table {} is as it was", run.run, run.table);
    Ok(())
}
