//! The PostgreSQL wire protocol around `borealis-engine` sessions.
//!
//! Messages come from the `pgwire` crate; the connection loop is ours: decode what has arrived, run it, put all answers into one buffer, write it once
//! when there is nothing left to decode or the buffer is full. A connection is a task; what a statement may take long for runs where the runtime allows
//! blocking.
//!
//! ```text
//! accept -> encryption (SSLRequest, direct TLS, a WebSocket in TLS, or none) -> startup packet -> token or password -> cluster -> session loop
//! ```
//! This crate knows nothing of tables, plans or storage: it moves bytes between a socket and a session.

// That a connection may move between threads is proved through all that a session holds, plan nodes within plan nodes.
#![recursion_limit = "256"]

mod accept;
mod authenticate;
mod directory;
mod encode;
mod ending;
mod extended;
mod layout;
mod outgoing;
mod route;
mod rows;
mod sasl;
mod session_loop;
mod simple;
mod startup;
mod stream;
pub mod tls;
mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;

use borealis_auth::{Arn, KeyLookup, LivePasswords, ResourcePolicy};
use borealis_base::{Clock, Id26};

pub use accept::Server;
pub use directory::{Absent, ClusterDirectory, Lease};
pub use ending::Stop;

/// Who may connect and how that is proved.
pub enum Authentication {
    /// IAM tokens.
    Iam {
        /// The keys that tokens are checked against.
        keys: Arc<dyn KeyLookup + Send + Sync>,
        /// What is recorded of the clusters.
        sites: Sites,
        /// Names that a token may be made for, besides a cluster's own `<cluster id>.dsql.<region>.on.aws`.
        hosts: Vec<String>,
        /// Passwords of database roles, for tools that cannot make tokens.
        passwords: Arc<LivePasswords>,
    },
    /// Nobody proves anything: for throw-away use.
    Trust,
}

/// What is recorded of a cluster, as far as its connections are held against it.
pub struct Site {
    /// Its ARN: region and account are part of it.
    pub arn: Arn,
    /// Its own policy, if it has one.
    pub policy: Option<Arc<ResourcePolicy>>,
}

/// Finds what is recorded of a cluster: asked for each connection, so that a change counts at once. `None` when there is no such cluster.
pub type Sites = Arc<dyn Fn(Id26) -> Option<Site> + Send + Sync>;

/// Whether a client may speak without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plaintext {
    /// Refused with `SSL is mandatory`.
    Refused,
    /// Allowed: for throw-away use on a loopback address.
    Allowed,
}

/// How to serve.
pub struct ServerOptions {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Certificate and key.
    pub tls: Arc<rustls::ServerConfig>,
    /// Whether plaintext is refused.
    pub plaintext: Plaintext,
    /// Who may connect.
    pub authentication: Authentication,
    /// Time, for token expiry.
    pub clock: Arc<dyn Clock>,
}
