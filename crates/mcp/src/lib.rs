//! A Model Context Protocol server that gives agents databases, over stdio or HTTP.
//!
//! Tool names and arguments are those of the AWS server for Aurora DSQL where it has them, so that skills and prompts written for it work here. What it
//! does with them differs where that one is wrong:
//!
//! - A conflict (40001) is the failure of a whole transaction. The whole list runs again on the same connection, and the result says how often;
//!   no statement is ever repeated on a connection where its transaction does not exist.
//! - A COMMIT whose answer was lost is an error that says so, never a success.
//! - Read-only is decided on the parse tree ([`policy`]) and once more by the database, in a READ ONLY transaction that is proved, once, to refuse a write
//!   ([`service`]). No word in the text is read, so `SELECT replace(…)`, a UNION or a semicolon in a literal is no offence.
//! - A statement goes through the extended protocol, which takes exactly one, so nothing can be smuggled in behind a semicolon.
//! - What destroys data needs a confirmation that is bound to the very statements ([`session`]).
//! - Calls at the same time have a connection each, out of a bounded pool.
//! - Databases, users and profiles are the operator's to name; a call can only choose among them.
//!
//! A tool is a type ([`registry`]), in a file of [`tools`]. What this crate does not know: the engine, storage, tokens; all it can do is what a client can
//! do over the wire. So it works against our server and against Aurora DSQL alike. Stdout belongs to the protocol; nothing here prints.

mod answer;
mod arguments;
mod call;
mod failure;
pub mod http;
mod page;
mod plan;
mod policy;
mod prompts;
mod registry;
mod resources;
mod rows;
mod server;
mod service;
mod session;
mod table_name;
mod tenant;
mod tools;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use borealis_client::{ControlPlane, Endpoint, Limits, PoolLimits, RetryPolicy};
use rmcp::ServiceExt as _;

pub use server::AgentServer;
pub use tenant::Tenancy;

/// A database that the operator has registered.
#[derive(Debug, Clone)]
pub struct Target {
    /// What calls name it by.
    pub name: String,
    /// Where it is, and who reaches it.
    pub endpoint: Endpoint,
    /// Whether `transact` may write.
    pub allow_writes: bool,
}

/// What to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// The databases; without any there are no database tools.
    pub targets: Vec<Target>,
    /// How often and after what waits a transaction runs again.
    pub retry: RetryPolicy,
    /// How many connections each database has, and for how long.
    pub pool: PoolLimits,
    /// The largest result of a call; a larger one is an error that says so.
    pub limits: Limits,
    /// How long a call's transaction may take before it is cancelled on the server.
    pub time_limit: Duration,
    /// How long the database may be silent before a connection is taken for lost.
    pub answer_timeout: Duration,
    /// When given, every statement of an agent is held to one tenant's rows.
    pub tenancy: Option<Tenancy>,
    /// The cluster API, for the tools that list clusters; without it they are not offered.
    pub clusters: Option<ControlPlane>,
    /// The folder that `load_data` takes files from; without it the tool is not offered.
    pub data_folder: Option<PathBuf>,
}

impl Options {
    /// Service of these databases, with results that an agent can take in.
    #[must_use]
    pub fn new(targets: Vec<Target>) -> Self {
        Self {
            targets,
            retry: RetryPolicy::default(),
            pool: PoolLimits::default(),
            limits: Limits { rows_max: 10_000, bytes_max: 8 * 1024 * 1024 },
            time_limit: Duration::from_secs(120),
            // A transaction of Aurora DSQL ends after five minutes at the latest.
            answer_timeout: Duration::from_secs(330),
            tenancy: None,
            clusters: None,
            data_folder: None,
        }
    }
}

/// The server could not start or ended badly.
#[derive(Debug)]
pub struct McpError(String);

impl fmt::Display for McpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the MCP session failed: {}", self.0)
    }
}

impl std::error::Error for McpError {}

/// Serves one client on stdin and stdout until it closes its side. `warn` hears of a database that does not refuse writes in read-only transactions, or
/// cannot be asked; calls say the same.
///
/// # Errors
/// When the client does not speak the protocol or the session ends in a failure.
pub async fn serve_stdio(options: Options, warn: fn(&str)) -> Result<(), McpError> {
    let failed = |what: &dyn fmt::Display| McpError(what.to_string());
    let server = AgentServer::new(options);
    server.prove_beside(warn);
    let running = server.serve(rmcp::transport::stdio()).await.map_err(|error| failed(&error))?;
    running.waiting().await.map(drop).map_err(|error| failed(&error))
}
