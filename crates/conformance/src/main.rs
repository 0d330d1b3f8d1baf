//! `borealis-conformance`: how an endpoint answers what Aurora DSQL was recorded answering.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use borealis_client::{Endpoint, Tls};
use borealis_conformance::probe::{Probe, Proof};
use borealis_conformance::report::{Scored, Summary, Verdict, json};
use borealis_conformance::run::Runner;
use borealis_conformance::serve::Server;
use borealis_conformance::{built_in, parse};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// How long background work may take to show: our own server begins it at once, the service works in bursts of up to a minute.
const PATIENCE_OWN: Duration = Duration::from_secs(10);
const PATIENCE_ELSEWHERE: Duration = Duration::from_secs(90);

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
    #[arg(long, default_value = "2026-09")]
    dialect: String,
    /// Only probes with this proof: `oracle` is what PostgreSQL 16 answers too.
    #[arg(long)]
    proof: Option<ProofArgument>,
    /// Only probes whose `file/name` contains this.
    #[arg(long)]
    only: Option<String>,
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
    let Command::Run(arguments) = Arguments::parse().command;
    run(&arguments).unwrap_or_else(|failure| {
        eprintln!("borealis-conformance: {failure}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &Run) -> Result<ExitCode, Failure> {
    let probes: Vec<Probe> = read(&arguments.files)?.into_iter().filter(|probe| is_chosen(arguments, probe)).collect();
    if probes.is_empty() {
        return Err("no probe fits --dialect, --proof and --only".into());
    }
    let server = match &arguments.target.serve {
        Some(binary) => Some(Server::start(binary, &arguments.dialect).map_err(|error| format!("{}: {error}", binary.display()))?),
        None => None,
    };
    let endpoint = endpoint(arguments, server.as_ref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let scored = runtime.block_on(score(arguments, endpoint, probes))?;
    let summary = Summary::of(&scored);
    if arguments.json {
        println!("{:#}", json(&scored))
    } else {
        println!("{summary}")
    }
    Ok(if summary.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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
}

fn endpoint(arguments: &Run, server: Option<&Server>) -> Result<Endpoint, Failure> {
    let named = arguments.target.endpoint.as_deref();
    let host = server.map(Server::address).or(named).ok_or("neither --endpoint nor --serve is given")?;
    let mut endpoint = Endpoint::resolve(host, arguments.region.as_deref(), &arguments.user)?;
    if arguments.plaintext_loopback || server.is_some() {
        endpoint.tls = Tls::DisabledForLoopback;
    }
    "borealis-conformance".clone_into(&mut endpoint.application_name);
    Ok(endpoint)
}

async fn score(arguments: &Run, endpoint: Endpoint, probes: Vec<Probe>) -> Result<Vec<Scored>, Failure> {
    let mut runner = Runner::new(endpoint, if arguments.target.serve.is_some() { PATIENCE_OWN } else { PATIENCE_ELSEWHERE });
    runner.check().await?;
    let mut scored = Vec::with_capacity(probes.len());
    for probe in probes {
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
