//! Many clusters in one process, most of them at rest.
//!
//! A cluster is defined by a folder, and a cluster that nobody uses is nothing but that folder and an entry in a map: it is opened by the first
//! connection that names it and closed again when nobody has needed it for a while. So a server can have a thousand clusters for the memory of the
//! ten that are in use.
//!
//! | module | what it knows |
//! |---|---|
//! | [`layout`] | what lies where in the data folder, and how each change of it survives a crash |
//! | [`database`] | one database: at rest, opening, open, closing, gone; who leases it |
//! | [`endpoint`] | a name that clients connect to; several can belong to one database |
//! | [`fleet`] | all of them: routing, creation, deletion, idle life, shutdown |
//! | [`hosting`] | the same for the control plane |
//! | [`feed`] | what commits, for the control plane's streams |
//! | [`backup`] | backups, and clusters made from them |
//!
//! The crate knows nothing of the wire protocol beyond the lease that [`pgserver`](borealis_pgserver) asks for, and nothing of SQL.

// The module table above is for whoever reads the source, where private modules are what matters.
#![allow(rustdoc::private_intra_doc_links)]

pub mod backup;
mod database;
mod endpoint;
mod error;
mod feed;
mod fleet;
mod hosting;
mod layout;

pub use error::FleetError;
pub use feed::Feed;
pub use fleet::{Fleet, FleetOptions, Home};
pub use layout::Layout;
