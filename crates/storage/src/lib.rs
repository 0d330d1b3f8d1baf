//! The heart of Borealis: ordered keys and values under optimistic transactions.
//!
//! Aurora DSQL's published shape. A transaction reads at a [`Snapshot`], which is a [`Position`] in the journal; it buffers what it writes
//! and the [claims](claim) it makes; and at commit an [adjudicator] decides, a [journal] makes the winner durable and
//! ordered, and the store, which is only a materialised view of the journal, shows it to later snapshots. Nobody ever waits for a lock
//! held by another transaction: of two that collide the first to commit wins, the other is told so.
//!
//! | module | what it knows |
//! |---|---|
//! | [`claim`] | claims and the matrix of which defeats which |
//! | [`adjudicator`] | who wins, as a pure function of the journal |
//! | [`record`] | the bytes of a commit record |
//! | [`journal`] | what makes records durable and ordered; the local one in [`journal::local`] |
//! | [`commit`], [`committer`] | group commit, and what one batch goes through |
//! | [`table`] | recent commits, multi-version, in memory |
//! | [`base_store`] | everything up to the last checkpoint, in LMDB |
//! | [`checkpoint`] | how the former becomes the latter |
//! | [`views`] | what a snapshot consists of, and which ones live |
//! | [`changes`], [`followers`], [`signal`] | what was committed, commit by commit, for those who follow |
//! | [`snapshot`], [`scan`], [`transaction`] | reading and writing |
//!
//! This crate has never heard of a table of rows, a type or an SQLSTATE. Keys and values are bytes; a conflict is a kind.

// The module table above is for whoever reads the source, where private modules are what matters.
#![allow(rustdoc::private_intra_doc_links)]

mod adjudicator;
mod base_store;
mod changes;
mod checkpoint;
pub mod claim;
mod commit;
mod committer;
pub mod error;
pub mod folder;
mod followers;
pub mod journal;
mod options;
mod position;
mod range;
mod record;
mod scan;
mod signal;
mod snapshot;
mod store;
mod table;
mod transaction;
mod value;
mod views;
mod write_set;

pub use changes::{Before, ChangesError, Committed, Follower, KeyChange};
pub use claim::{CatalogClaim, ClaimKind, ClaimSet, Conflict, ConflictKey, ConflictKind};
pub use commit::Commit;
pub use error::{Cause, CommitError, Damage, OpenError, Outcome, StoreError, TooLarge, Unavailable};
pub use options::{Limits, Medium, Options};
pub use position::Position;
pub use range::{Direction, KeyRange};
pub use scan::Scan;
pub use signal::CommitSignal;
pub use snapshot::Snapshot;
pub use store::Store;
pub use transaction::Transaction;
pub use value::Value;

#[cfg(test)]
mod tests;
