//! A Model Context Protocol server that gives agents a database: `readonly_query`, `transact` and `get_schema` over stdio.
//!
//! Tool names and arguments are those of the AWS server for Aurora DSQL, so that skills and prompts written for it work here. What it
//! does with them differs where that one is wrong:
//!
//! - A conflict (40001) is the failure of a whole transaction. The whole list runs again on the same connection, and the result says how often;
//!   no statement is ever repeated on a connection where its transaction does not exist.
//! - A COMMIT whose answer was lost is an error that says so, never a success.
//! - Read-only means that the database runs the statement in a READ ONLY transaction and refuses writes. There is no list of
//!   forbidden words, so `SELECT replace(…)`, a UNION or a semicolon in a literal is no offence, and nothing gets past it.
//! - A statement goes through the extended protocol, which takes exactly one, so nothing can be smuggled in behind a semicolon.
//! - Calls at the same time have a connection each.
//!
//! What this crate does not know: the engine, storage, tokens; all it can do is what a client can do over the wire. So it works
//! against our server and against Aurora DSQL alike. Stdout belongs to the protocol; nothing here prints.

mod arguments;
mod failure;
mod rows;
mod schema;
mod server;

use std::fmt;
use std::time::Duration;

use borealis_client::{Endpoint, Limits, RetryPolicy};
use rmcp::ServiceExt as _;

pub use server::DatabaseServer;

/// What to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database; without one the tools are listed and each call says what to configure.
    pub endpoint: Option<Endpoint>,
    /// Whether `transact` may write.
    pub allow_writes: bool,
    /// How often and after what waits a transaction runs again.
    pub retry: RetryPolicy,
    /// The largest result of a statement; a larger one is an error that says so.
    pub limits: Limits,
    /// How long the database may be silent before a call gives up.
    pub answer_timeout: Duration,
}

impl Options {
    /// Read-only service of an endpoint with results that an agent can take in.
    #[must_use]
    pub fn new(endpoint: Option<Endpoint>) -> Self {
        let limits = Limits { rows_max: 10_000, bytes_max: 8 * 1024 * 1024 };
        // A transaction of Aurora DSQL ends after five minutes at the latest.
        let answer_timeout = Duration::from_secs(330);
        Self { endpoint, allow_writes: false, retry: RetryPolicy::default(), limits, answer_timeout }
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

/// Serves one client on stdin and stdout until it closes its side.
///
/// # Errors
/// When the client does not speak the protocol or the session ends in a failure.
pub async fn serve_stdio(options: Options) -> Result<(), McpError> {
    let failed = |what: &dyn fmt::Display| McpError(what.to_string());
    let running = DatabaseServer::new(options).serve(rmcp::transport::stdio()).await.map_err(|error| failed(&error))?;
    running.waiting().await.map(drop).map_err(|error| failed(&error))
}
