//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use borealis_dialect::Dialect;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// An open, self-hosted Aurora DSQL: the database and its tools in one binary.
#[derive(Debug, Parser)]
#[command(name = "borealis", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a cluster and serve it on the PostgreSQL protocol
    Serve(Serve),
    /// Print shell lines that let psql and the AWS tools reach the local cluster
    Env(Env),
    /// Print a fresh authentication token, to be used as the password
    Token(Token),
    /// Run SQL: with psql when it is installed, else with a built-in shell
    Sql(Sql),
    /// Serve an agent over the Model Context Protocol on stdin and stdout
    Mcp(Mcp),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Data folder [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Keep nothing: all data is gone when the server ends
    #[arg(long, conflicts_with = "data")]
    pub(crate) memory: bool,
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5432")]
    pub(crate) listen: SocketAddr,
    /// Region of the cluster's endpoint name and of tokens
    #[arg(long, default_value = "us-east-1")]
    pub(crate) region: String,
    /// Surface of a new cluster: 2026-09 or 2026-02 [default: 2026-09]; one that exists keeps its own
    #[arg(long)]
    pub(crate) dialect: Option<Dialect>,
    /// Lower a limit for this run, to see what happens at it: `--limit rows-per-transaction=10`; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) limit: Vec<String>,
    /// How clients prove who they are; trust lets everybody in and is for throw-away use
    #[arg(long, value_enum, default_value_t = Auth::Iam)]
    pub(crate) auth: Auth,
    /// Let clients connect without TLS (loopback addresses only)
    #[arg(long)]
    pub(crate) allow_plaintext: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Auth {
    Iam,
    Trust,
}

/// Which database a command works on.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Endpoint: a host name, `host:port` or a cluster id [default: the local cluster]
    #[arg(long, value_name = "HOST[:PORT]", env = "CLUSTER")]
    pub(crate) endpoint: Option<String>,
    /// Database role
    #[arg(long, default_value = "admin")]
    pub(crate) user: String,
    /// Region to sign tokens for
    #[arg(long, env = "REGION")]
    pub(crate) region: Option<String>,
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Env {
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Print a JSON object instead of shell lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// A token for role admin (action DbConnectAdmin)
    #[arg(long)]
    pub(crate) admin: bool,
    /// Host name the token is for [default: the local cluster's]
    #[arg(long)]
    pub(crate) hostname: Option<String>,
    /// Region to sign for
    #[arg(long, env = "AWS_REGION")]
    pub(crate) region: Option<String>,
    /// Seconds the token is good for, at most a week
    #[arg(long, default_value_t = 900)]
    pub(crate) expires_in: u32,
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Sql {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Run this and exit
    #[arg(short, long, value_name = "SQL", conflicts_with = "file")]
    pub(crate) command: Option<String>,
    /// Run this file and exit
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Use the built-in shell even if psql is installed
    #[arg(long)]
    pub(crate) builtin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Mcp {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Let `transact` write
    #[arg(long)]
    pub(crate) allow_writes: bool,
}
