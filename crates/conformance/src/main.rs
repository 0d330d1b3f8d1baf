//! `borealis-conformance`: how an endpoint answers what Aurora DSQL was recorded answering.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use borealis_base::{OsRandom, Random as _};
use borealis_client::{Endpoint, Tls};
use borealis_conformance::differential::read_folder;
use borealis_conformance::history;
use borealis_conformance::probe::{Probe, Proof};
use borealis_conformance::report::{Scored, Summary, Verdict, json};
use borealis_conformance::run::Runner;
use borealis_conformance::serve::Server;
use borealis_conformance::{built_in, differential, parse, samples};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// How long background work may take to show: our own server begins it at once, the service works in bursts of up to a minute.
const PATIENCE_OWN: Duration = Duration::from_secs(10);
const PATIENCE_ELSEWHERE: Duration = Duration::from_secs(90);

/// The surface that is probed when no other is asked for.
const DIALECT_NOW: &str = "2026-09";

/// What went wrong and what to do about it: one line for people on stderr.
type Failure = Box<dyn std::error::Error>;

/// How an endpoint answers what Aurora DSQL was recorded answering.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run probes and report; exit code 1 when one fails.
    Run(Run),
    /// Compare an endpoint's answers with PostgreSQL 16's, or record those; exit code 1 when one is wrong.
    Differential(Differential),
    /// Run random concurrent transactions, kill the server among them, and check for snapshot isolation; exit code 1 when it is violated.
    History(HistoryArguments),
    /// Run the code samples of the user guide; exit code 1 when one answers something else than the page says.
    Samples(Samples),
}

#[derive(Args)]
struct Samples {
    /// A borealis binary: started anew for each page.
    #[arg(long, value_name = "BINARY")]
    serve: PathBuf,
    /// A Python that has psycopg and asyncpg; without one, Python samples are not run.
    #[arg(long, value_name = "PYTHON")]
    python: Option<PathBuf>,
    /// Only pages whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// The folder of pages.
    #[arg(long, default_value = "docs/guide")]
    folder: PathBuf,
}

#[derive(Args)]
struct HistoryArguments {
    /// A borealis binary: started on a temporary folder, killed and started again.
    #[arg(long, value_name = "BINARY")]
    serve: PathBuf,
    /// The first run's seed; the next runs count on from it [default: a random one]
    #[arg(long)]
    seed: Option<u64>,
    /// How many runs.
    #[arg(long, default_value_t = 1)]
    runs: u64,
    /// Transactions of a run.
    #[arg(long, default_value_t = 4_000)]
    transactions: usize,
    /// How often a run kills the server.
    #[arg(long, default_value_t = 2)]
    kills: usize,
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    target: Target,
    /// The database role.
    #[arg(long, default_value = "admin")]
    user: String,
    /// The region that tokens are signed for, when the host name does not tell it.
    #[arg(long)]
    region: Option<String>,
    /// Connect without TLS; to a loopback address only.
    #[arg(long)]
    plaintext_loopback: bool,
    /// The dialect to probe for.
    #[arg(long, default_value = DIALECT_NOW)]
    dialect: String,
    /// Only probes with this proof: `oracle` is what PostgreSQL 16 answers too.
    #[arg(long)]
    proof: Option<ProofArgument>,
    /// Only probes whose `file/name` contains this.
    #[arg(long)]
    only: Option<String>,
    /// Hold the endpoint to answers that are only inferred, too: for the server whose answers they were.
    #[arg(long)]
    hold_inferred: bool,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
    /// Name the probes that pass as well.
    #[arg(long)]
    verbose: bool,
    /// Probe files to run instead of the built-in ones.
    files: Vec<PathBuf>,
}

#[derive(Args)]
struct Differential {
    #[command(flatten)]
    target: Target,
    /// The database role.
    #[arg(long, default_value = "admin")]
    user: String,
    /// Connect without TLS; to a loopback address only.
    #[arg(long)]
    plaintext_loopback: bool,
    /// The endpoint is PostgreSQL 16: differences on purpose are not expected of it.
    #[arg(long, conflicts_with = "serve")]
    oracle: bool,
    /// Record the endpoint's answers as PostgreSQL 16's instead of comparing them.
    #[arg(long, requires = "oracle")]
    record: bool,
    /// Only corpora whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Show what is not yet built, too.
    #[arg(long)]
    verbose: bool,
    /// The folder of `.sql` files and their recorded answers.
    #[arg(long, default_value = "crates/conformance/corpus")]
    corpus: PathBuf,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Target {
    /// The endpoint to probe.
    #[arg(long, value_name = "HOST[:PORT]")]
    endpoint: Option<String>,
    /// A borealis binary: started in memory for the run, and stopped behind it.
    #[arg(long, value_name = "BINARY")]
    serve: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProofArgument {
    Recorded,
    Oracle,
    Inferred,
}

impl ProofArgument {
    fn proof(self) -> Proof {
        match self {
            Self::Recorded => Proof::Recorded,
            Self::Oracle => Proof::Oracle,
            Self::Inferred => Proof::Inferred,
        }
    }
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(arguments) => run(&arguments),
        Command::Differential(arguments) => differential(&arguments),
        Command::History(arguments) => histories(&arguments),
        Command::Samples(arguments) => run_samples(&arguments),
    };
    outcome.unwrap_or_else(|failure| {
        eprintln!("borealis-conformance: {failure}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &Run) -> Result<ExitCode, Failure> {
    let probes: Vec<Probe> = read(&arguments.files)?.into_iter().filter(|probe| is_chosen(arguments, probe)).collect();
    if probes.is_empty() {
        return Err("no probe fits --dialect, --proof and --only".into());
    }
    let scored = runtime()?.block_on(score(arguments, probes))?;
    let summary = Summary::of(&scored);
    if arguments.json {
        println!("{:#}", json(&scored))
    } else {
        println!("{summary}")
    }
    let otherwise = |scored: &Scored| scored.verdict() == Verdict::Unproven && !scored.agrees();
    let is_wrong = summary.failed > 0 || arguments.hold_inferred && scored.iter().any(otherwise);
    Ok(if is_wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn histories(arguments: &HistoryArguments) -> Result<ExitCode, Failure> {
    // Seeds that people can type.
    let first = arguments.seed.unwrap_or_else(|| OsRandom.next_u64() >> 44);
    let size = history::Size { transactions: arguments.transactions, kills: arguments.kills };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut violated = false;
    for seed in first..first.saturating_add(arguments.runs) {
        let folder = tempfile::tempdir()?;
        let run =
            runtime.block_on(history::run(&arguments.serve, folder.path(), seed, size)).map_err(|error| format!("seed {seed}: {error}"))?;
        println!(
            "seed {seed}: {} sessions on {} keys, {} kills: {} committed, {} aborted, {} unknown: {}",
            run.sessions,
            run.keys,
            run.kills,
            run.committed,
            run.aborted,
            run.unknown,
            if run.violations.is_empty() { "snapshot isolation" } else { "VIOLATED" },
        );
        for violation in &run.violations {
            println!("  {violation}");
        }
        violated |= !run.violations.is_empty();
    }
    Ok(if violated { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn run_samples(arguments: &Samples) -> Result<ExitCode, Failure> {
    let pages = samples::read_folder(&arguments.folder, arguments.only.as_deref())?;
    if pages.is_empty() {
        return Err(format!("no page in {} fits --only", arguments.folder.display()).into());
    }
    let binary = arguments.serve.canonicalize().map_err(|error| format!("{}: {error}", arguments.serve.display()))?;
    let runner = samples::Runner { binary, python: arguments.python.clone() };
    let runtime = runtime()?;
    let (mut ran, mut skipped, mut wrong) = (0, 0, 0);
    for page in &pages {
        let outcome = runtime.block_on(runner.run(page)).map_err(|problem| format!("{}: {problem}", page.name))?;
        for problem in &outcome.wrong {
            println!("{problem}");
        }
        ran += outcome.ran;
        skipped += outcome.skipped;
        wrong += outcome.wrong.len();
    }
    println!("{} pages: {ran} samples right, {wrong} wrong, {skipped} not run for want of a --python", pages.len());
    Ok(if wrong > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(files: &[PathBuf]) -> Result<Vec<Probe>, Failure> {
    if files.is_empty() {
        return Ok(built_in()?);
    }
    let mut probes = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        probes.extend(parse::parse(&name, &text).map_err(|error| format!("{}: {error}", folder(path)))?);
    }
    Ok(probes)
}

fn folder(path: &Path) -> std::path::Display<'_> {
    path.parent().unwrap_or(path).display()
}

fn is_chosen(arguments: &Run, probe: &Probe) -> bool {
    let settings = &probe.settings;
    settings.dialects.contains(&arguments.dialect)
        && arguments.proof.is_none_or(|proof| settings.proof.contains(&proof.proof()))
        && arguments.only.as_ref().is_none_or(|part| probe.title().contains(part.as_str()))
        // Nobody lowers the limits of a server that is not started here.
        && (settings.limits.is_empty() || arguments.target.serve.is_some())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn serve(target: &Target, dialect: &str, limits: &[String]) -> Result<Option<Server>, Failure> {
    let start = |binary: &PathBuf| Server::start(binary, dialect, limits).map_err(|error| format!("{}: {error}", binary.display()));
    Ok(target.serve.as_ref().map(start).transpose()?)
}

fn endpoint(target: &Target, server: Option<&Server>, region: Option<&str>, user: &str) -> Result<Endpoint, Failure> {
    let host = server.map(Server::address).or(target.endpoint.as_deref()).ok_or("neither --endpoint nor --serve is given")?;
    let mut endpoint = Endpoint::resolve(host, region, user)?;
    if server.is_some() {
        endpoint.tls = Tls::DisabledForLoopback;
    }
    "borealis-conformance".clone_into(&mut endpoint.application_name);
    Ok(endpoint)
}

fn differential(arguments: &Differential) -> Result<ExitCode, Failure> {
    let corpora = read_folder(&arguments.corpus, arguments.only.as_deref())?;
    if corpora.is_empty() {
        return Err(format!("no corpus in {} fits --only", arguments.corpus.display()).into());
    }
    let server = serve(&arguments.target, DIALECT_NOW, &[])?;
    let mut endpoint = endpoint(&arguments.target, server.as_ref(), None, &arguments.user)?;
    if arguments.plaintext_loopback {
        endpoint.tls = Tls::DisabledForLoopback;
    }
    let runner = differential::run::Runner::new(endpoint, arguments.oracle);
    let runtime = runtime()?;
    if arguments.record {
        for corpus in &corpora {
            runtime.block_on(runner.record(corpus))?;
        }
        println!("recorded {} corpora", corpora.len());
        return Ok(ExitCode::SUCCESS);
    }
    let mut summary = differential::run::Summary::default();
    for corpus in &corpora {
        for difference in runtime.block_on(runner.compare(corpus, &mut summary))? {
            if arguments.verbose || difference.verdict == differential::run::Verdict::Wrong {
                print!("{}", difference.text);
            }
        }
    }
    println!("{} corpora: {summary}", corpora.len());
    Ok(if summary.wrong > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A runner, and the server it runs against if that was started for it.
async fn runner(arguments: &Run, limits: &[String]) -> Result<(Option<Server>, Runner), Failure> {
    let server = serve(&arguments.target, &arguments.dialect, limits)?;
    let mut endpoint = endpoint(&arguments.target, server.as_ref(), arguments.region.as_deref(), &arguments.user)?;
    if arguments.plaintext_loopback {
        endpoint.tls = Tls::DisabledForLoopback;
    }
    let runner = Runner::new(endpoint, if server.is_some() { PATIENCE_OWN } else { PATIENCE_ELSEWHERE });
    runner.check().await?;
    Ok((server, runner))
}

async fn score(arguments: &Run, probes: Vec<Probe>) -> Result<Vec<Scored>, Failure> {
    let mut runners: BTreeMap<Vec<String>, (Option<Server>, Runner)> = BTreeMap::new();
    let mut scored = Vec::with_capacity(probes.len());
    for probe in probes {
        let limits = &probe.settings.limits;
        if !runners.contains_key(limits) {
            runners.insert(limits.clone(), runner(arguments, limits).await?);
        }
        let Some((_, runner)) = runners.get_mut(limits) else { continue };
        let attempts = runner.run(&probe).await;
        let one = Scored { probe, attempts };
        let shown = arguments.verbose || one.verdict() != Verdict::Passed || one.attempts.iter().any(|run| run.left_behind.is_some());
        if shown && !arguments.json {
            print!("{}", one.lines());
        }
        scored.push(one);
    }
    Ok(scored)
}
