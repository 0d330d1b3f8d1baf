//! `borealis sql`: psql when it is installed, else the built-in shell. A fresh token either way.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use borealis_auth::{Action, TokenRequest, make_token};
use borealis_base::{Clock, SystemClock};
use borealis_client::{Endpoint, Roots};
use clap::Args;

use crate::connection::Target;
use crate::shell::print::{Format, Layout};
use crate::{Failure, Usage, connection, shell};

const ON_ERROR_STOP: &str = "ON_ERROR_STOP";

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis sql -c 'SELECT 1' --csv")]
pub(crate) struct Sql {
    #[command(flatten)]
    target: Target,
    /// Run this and exit; may be repeated
    #[arg(short, long, value_name = "SQL", conflicts_with = "file")]
    command: Vec<String>,
    /// Run this file and exit, at the first error unless -v ON_ERROR_STOP=0; - for stdin
    #[arg(short, long, value_name = "FILE")]
    file: Option<String>,
    /// Set a variable of the shell; may be repeated
    #[arg(short = 'v', long = "set", visible_alias = "variable", value_name = "NAME=VALUE")]
    variable: Vec<String>,
    /// Print CSV
    #[arg(long, conflicts_with = "no_align")]
    csv: bool,
    /// Print without alignment
    #[arg(short = 'A', long)]
    no_align: bool,
    /// Print rows only
    #[arg(short, long)]
    tuples_only: bool,
    /// Print a line for each value
    #[arg(short = 'x', long)]
    expanded: bool,
    /// Separator of values printed without alignment
    #[arg(short = 'F', long, value_name = "TEXT")]
    field_separator: Option<String>,
    /// Print results only, no command tags
    #[arg(short, long)]
    quiet: bool,
    /// Use the built-in shell even if psql is installed
    #[arg(long)]
    builtin: bool,
}

pub(crate) fn run(arguments: &Sql) -> Result<ExitCode, Failure> {
    let variables = arguments.variables()?;
    let endpoint = connection::endpoint(&arguments.target)?;
    match find_psql().filter(|_| !arguments.builtin) {
        Some(psql) => run_psql(&psql, arguments, &variables, &endpoint),
        None => shell::run(endpoint, arguments.options(variables)),
    }
}

impl Sql {
    /// A file stops at its first error, unless somebody has said otherwise.
    fn variables(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut variables = Vec::new();
        if self.file.is_some() {
            variables.push((ON_ERROR_STOP.to_owned(), "1".to_owned()));
        }
        for given in &self.variable {
            let pair = given.split_once('=').filter(|(name, _)| !name.is_empty());
            let (name, value) = pair.ok_or_else(|| Usage::because(format!("'{given}' is not a variable: expected NAME=VALUE")))?;
            variables.push((name.to_owned(), value.to_owned()));
        }
        Ok(variables)
    }

    fn options(&self, variables: Vec<(String, String)>) -> shell::Options {
        let layout = match (self.csv, self.no_align) {
            (true, _) => Layout::Csv,
            (_, true) => Layout::Unaligned,
            _ => Layout::Aligned,
        };
        let mut format = Format { layout, expanded: self.expanded, tuples_only: self.tuples_only, ..Format::default() };
        if let Some(separator) = &self.field_separator {
            separator.clone_into(&mut format.separator);
        }
        shell::Options { commands: self.command.clone(), file: self.file.clone(), format, quiet: self.quiet, variables }
    }

    /// The same for psql.
    fn psql_options(&self, variables: &[(String, String)]) -> Vec<String> {
        let switches = [(self.csv, "--csv"), (self.no_align, "-A"), (self.tuples_only, "-t"), (self.expanded, "-x"), (self.quiet, "-q")];
        let mut options: Vec<String> = switches.iter().filter(|(given, _)| *given).map(|(_, option)| (*option).to_owned()).collect();
        options.extend(self.field_separator.iter().flat_map(|separator| ["-F".to_owned(), separator.clone()]));
        options.extend(variables.iter().flat_map(|(name, value)| ["-v".to_owned(), format!("{name}={value}")]));
        options.extend(self.command.iter().flat_map(|command| ["-c".to_owned(), command.clone()]));
        options.extend(self.file.iter().flat_map(|file| ["-f".to_owned(), file.clone()]));
        options
    }
}

fn find_psql() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("psql")).find(|candidate| candidate.is_file())
}

fn run_psql(psql: &Path, arguments: &Sql, variables: &[(String, String)], endpoint: &Endpoint) -> Result<ExitCode, Failure> {
    let mut command = Command::new(psql);
    command.env("PGHOST", &endpoint.host).env("PGPORT", endpoint.port.to_string()).env("PGUSER", &endpoint.user);
    command.env("PGDATABASE", &endpoint.database).env("PGSSLMODE", "verify-full");
    if !connection::is_trusting(&arguments.target) {
        command.env("PGPASSWORD", token(endpoint)?);
    }
    if let Some(address) = &endpoint.address {
        command.env("PGHOSTADDR", address);
    }
    if let Roots::File(file) = &endpoint.roots {
        command.env("PGSSLROOTCERT", file);
    }
    command.args(arguments.psql_options(variables));
    let status = command.status().map_err(|error| format!("{}: {error}", psql.display()))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

fn token(endpoint: &Endpoint) -> Result<String, Failure> {
    let key = endpoint.credentials.resolve_blocking()?;
    let region = endpoint.region.as_deref().ok_or("the region is not known from the host name; give --region")?;
    let at = SystemClock::default().unix_micros().div_euclid(1_000_000);
    let host = endpoint.token_host();
    let request = TokenRequest { host: &host, region, action: Action::for_user(&endpoint.user), expires_in_seconds: 900, at };
    Ok(make_token(&key, &request)?.expose().clone())
}
