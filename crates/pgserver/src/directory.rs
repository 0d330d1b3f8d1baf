//! Where a connection's cluster comes from.
//!
//! A listener serves any number of clusters, most of them at rest: a connection names one, *leases* it, and the lease keeps it open. Who opens
//! and closes clusters, and where they are, is the directory's business.

use std::sync::Arc;

use borealis_base::Id26;
use borealis_engine::Cluster;
use borealis_pgtypes::{SqlError, SqlState};
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::authenticate::denied;
use crate::startup::fatal;

/// The clusters a listener serves.
pub trait ClusterDirectory: Send + Sync + 'static {
    /// The cluster for connections that name none.
    fn default_cluster(&self) -> Option<Id26>;

    /// Opens the cluster of an endpoint if it is at rest, and keeps it open for as long as the lease lives. May be dropped at any point.
    fn lease(&self, endpoint: Id26) -> BoxFuture<'_, Result<Lease, Absent>>;

    /// Cancels what a session runs, in whichever cluster it is. Nothing happens unless both numbers are right.
    fn cancel(&self, pid: i32, secret: i32);
}

/// A cluster that stays open.
pub struct Lease {
    /// The endpoint that was asked for: several can belong to one cluster.
    pub endpoint: Id26,
    // In the order in which they are dropped: the cluster is let go of before its keeper learns of that.
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) ending: watch::Receiver<bool>,
    _keeper: Option<Box<dyn Send + Sync>>,
}

impl Lease {
    /// A lease that holds on to `keeper` until the connection has let go of the cluster. The connection ends once `ending` turns true.
    #[must_use]
    pub fn new(endpoint: Id26, cluster: Arc<Cluster>, ending: watch::Receiver<bool>, keeper: Box<dyn Send + Sync>) -> Self {
        Self { endpoint, cluster, ending, _keeper: Some(keeper) }
    }

    /// A lease on a cluster that is open anyway and never taken away.
    #[must_use]
    pub fn unending(endpoint: Id26, cluster: Arc<Cluster>) -> Self {
        let (_, ending) = watch::channel(false);
        Self { endpoint, cluster, ending, _keeper: None }
    }

    /// The cluster.
    #[must_use]
    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }
}

/// Why there is no lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// No cluster has this endpoint.
    Unknown,
    /// The cluster is being deleted.
    Deleting,
    /// Its storage is damaged; the server's log says how.
    Damaged,
    /// It could not be opened for another reason, which may pass; the server's log says which.
    Unavailable,
}

impl Absent {
    /// What the client is told. It has proved nothing yet, so it learns no path and no reason of the operating system's.
    pub(crate) fn refusal(self, named_by: &str) -> SqlError {
        match self {
            Self::Unknown => denied(&format!("The cluster named by {named_by} does not exist.")),
            Self::Deleting => denied(&format!("The cluster named by {named_by} is being deleted.")),
            Self::Damaged => fatal(SqlState::DATA_CORRUPTED, "unable to accept connection, the storage of the cluster is damaged")
                .hint("The log of the server says what is lost. Restore the cluster from a backup."),
            Self::Unavailable => fatal(SqlState::CANNOT_CONNECT_NOW, "unable to accept connection, the cluster cannot be opened")
                .hint("The log of the server says why. Try again later."),
        }
    }
}
