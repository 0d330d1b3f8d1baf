//! `borealis doctor`: what is wrong with an installation, and how to mend it. It looks and changes nothing (but for a file of its own that it
//! writes and removes to time the disk).

mod certificate;
mod files;
mod machine;
mod server;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::Failure;
use crate::data_folder::DataFolder;

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis doctor --json | jq '.[] | select(.state == \"problem\")'")]
pub(crate) struct Doctor {
    /// Data folder to look at
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What one check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// It works, but somebody should know.
    Warning,
    Problem,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "PROBLEM",
        }
    }
}

impl Finding {
    fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, state: State::Ok, what: what.into(), mend: None }
    }

    fn warning(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Warning, what: what.into(), mend: Some(mend.into()) }
    }

    fn problem(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Problem, what: what.into(), mend: Some(mend.into()) }
    }
}

pub(crate) fn run(arguments: &Doctor) -> Result<ExitCode, Failure> {
    let folder = DataFolder::resolve(arguments.data.as_deref())?;
    let findings = examine(&folder)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        print(&findings)?;
    }
    let sound = findings.iter().all(|finding| finding.state != State::Problem);
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn examine(folder: &DataFolder) -> Result<Vec<Finding>, Failure> {
    let mut findings = vec![Finding::ok("version", format!("borealis {}", env!("CARGO_PKG_VERSION"))), machine::descriptors()];
    findings.push(files::folder(folder));
    if folder.path().is_dir() {
        findings.extend(files::secrets(folder));
        findings.extend(certificate::authority(folder));
        findings.push(machine::space(folder));
        findings.push(machine::flush(folder));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    findings.extend(runtime.block_on(server::examine(folder)));
    Ok(findings)
}

fn print(findings: &[Finding]) -> Result<(), Failure> {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    for finding in findings {
        writeln!(out, "{:<8} {:<width$}  {}", finding.state.word(), finding.check, finding.what)?;
        if let Some(mend) = &finding.mend {
            writeln!(out, "{:<8} {:<width$}  -> {mend}", "", "")?;
        }
    }
    Ok(())
}
