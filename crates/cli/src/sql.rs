//! `borealis sql`: psql when it is installed, else the built-in shell. A fresh token either way.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use borealis_auth::{Action, TokenRequest, make_token};
use borealis_base::{Clock, SystemClock};
use borealis_client::{Endpoint, Roots};
use clap::Args;

use crate::connection::Target;
use crate::{Failure, connection, shell};

#[derive(Debug, Args)]
pub(crate) struct Sql {
    #[command(flatten)]
    target: Target,
    /// Run this and exit
    #[arg(short, long, value_name = "SQL", conflicts_with = "file")]
    command: Option<String>,
    /// Run this file and exit
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Use the built-in shell even if psql is installed
    #[arg(long)]
    builtin: bool,
}

pub(crate) fn run(arguments: &Sql) -> Result<ExitCode, Failure> {
    let endpoint = connection::endpoint(&arguments.target)?;
    match find_psql().filter(|_| !arguments.builtin) {
        Some(psql) => run_psql(&psql, arguments, &endpoint),
        None => shell::run(&endpoint, arguments.command.as_deref(), arguments.file.as_deref()),
    }
}

fn find_psql() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("psql")).find(|candidate| candidate.is_file())
}

fn run_psql(psql: &std::path::Path, arguments: &Sql, endpoint: &Endpoint) -> Result<ExitCode, Failure> {
    let mut command = Command::new(psql);
    command.env("PGHOST", &endpoint.host).env("PGPORT", endpoint.port.to_string()).env("PGUSER", &endpoint.user);
    command.env("PGDATABASE", &endpoint.database).env("PGSSLMODE", "verify-full").env("PGPASSWORD", token(endpoint)?);
    if let Some(address) = &endpoint.address {
        command.env("PGHOSTADDR", address);
    }
    if let Roots::File(file) = &endpoint.roots {
        command.env("PGSSLROOTCERT", file);
    }
    if let Some(sql) = &arguments.command {
        command.arg("-c").arg(sql);
    }
    if let Some(file) = &arguments.file {
        command.arg("-v").arg("ON_ERROR_STOP=1").arg("-f").arg(file);
    }
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
