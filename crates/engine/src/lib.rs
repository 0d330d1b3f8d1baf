//! The query processor: sessions, transactions, the executor, the row format, catalog changes and background jobs.
//!
//! The engine never sees a socket: a server hands it statements and takes rows from it. It keeps no state that matters: everything durable is in
//! `borealis-storage`, and a cluster opened again is the cluster that was closed, or killed.

pub mod changes;
pub mod cluster;
mod conflicts;
mod error;
pub mod eval;
pub mod exec;
pub mod image;
mod inject;
mod jobs;
pub mod key;
pub mod row;
pub mod session;
mod statistics;
#[cfg(test)]
mod testing;

pub use cluster::{Cluster, ClusterOptions, Interrupt, OpenError};
pub use session::{CopyInfo, Executed, RawParameter, Session, SessionOptions, Sink, TransactionStatus};
