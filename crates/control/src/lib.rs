//! The control plane: Aurora DSQL's cluster API, and the record of the clusters that it speaks of.
//!
//! - [`Registry`]: which clusters there are and what is known of each; durable.
//! - [`Hosting`]: what makes, removes and runs their storage. This crate only knows the trait.
//! - [`Service`]: the sixteen operations, as AWS's tools call them.
//! - [`streaming`]: change streams, from a feed of commits to a file or an address.
//! - [`serve`]: HTTP around an [`axum::Router`], with bounds on connections and on slow clients.
//!
//! It knows no engine, no storage and no PostgreSQL wire protocol: a cluster here is a name, an owner, a policy and a state.

mod api;
pub mod cluster;
mod durable;
pub mod hosting;
pub mod registry;
mod serve;
mod steward;
pub mod stream;
pub mod streaming;
mod unread;

pub use api::{Authentication, Parts, Service, Settings, signer};
pub use cluster::{Cluster, Home, Phase, Policy, Properties};
pub use hosting::{Activity, Hosting, HostingError};
pub use registry::{Registry, RegistryError};
pub use serve::serve;
