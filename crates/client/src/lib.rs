//! A client for Aurora DSQL endpoints, ours or the real service's: what every tool of Borealis reaches a database with.
//!
//! It speaks the PostgreSQL wire protocol itself, on the message codec of `postgres-protocol`, instead of going through a driver,
//! because the tools above need three things that drivers hide: every value as the text PostgreSQL prints, of whatever type; the
//! transaction status that each answer ends with; and certainty about *when* a connection was lost. The last one decides what
//! may be retried:
//!
//! - lost before COMMIT was sent: nothing has happened, the whole list of statements may run again on a fresh connection;
//! - lost after COMMIT was sent and before its answer: nobody knows, and it is reported as exactly that
//!   ([`ClientError::CommitOutcomeUnknown`]), never as success and never by running anything twice;
//! - a conflict (SQLSTATE 40001): the whole list runs again on the same connection, after a growing, jittered wait.
//!
//! A single statement of an open transaction is never repeated anywhere.
//!
//! A PostgreSQL that is no such endpoint can be read from as well, with a password: `load` does.
//!
//! Tokens are made when a server asks for a password, a fresh one for each connection, and never sent over a connection that is not
//! encrypted, except to this machine itself when the caller has said so.
//!
//! What this crate does not know: what the statements mean (except which ones begin and end transactions), tables, types beyond
//! their OIDs, the engine, storage.

mod cancel;
mod connect;
mod connection;
pub mod control;
mod control_plane;
mod copy;
mod credentials;
mod database;
mod endpoint;
mod error;
mod outcome;
mod password;
mod pool;
mod retry;
mod tls;
mod transport;

pub use cancel::Canceller;
pub use connect::{connect, connect_with};
pub use connection::{Answered, Connection, Limits, TransactionStatus};
pub use control_plane::{ApiError, ControlPlane, Refusal};
pub use copy::{CopyIn, CopyOut};
pub use credentials::{CredentialsError, CredentialsSource};
pub use database::{Committed, Database, End, Event, Mode, Statement, Transaction, TransactionError, Watch};
pub use endpoint::{DATABASE_DEFAULT, Endpoint, PORT_DEFAULT, Tls};
pub use error::{ClientError, ServerError, Stopped};
pub use outcome::{Column, Outcome, Row};
pub use pool::PoolLimits;
pub use retry::RetryPolicy;
pub use tls::Roots;
