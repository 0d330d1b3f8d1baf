//! The seam between what is said of clusters and what runs them.

use std::fmt;

use borealis_base::Id26;

/// What runs the clusters that the API speaks of.
pub trait Hosting: Send + Sync + 'static {
    /// Makes the storage of a new cluster; durable on return. Idempotent. With `shares`, the new cluster is a further endpoint of that
    /// cluster's database (a multi-Region peer).
    ///
    /// # Errors
    /// When the storage cannot be made; [`HostingError`] says whether to ask again.
    fn create(&self, cluster: Id26, shares: Option<Id26>) -> Result<(), HostingError>;

    /// Ends its connections, closes it, removes its storage (when no other endpoint shares it). Idempotent.
    ///
    /// # Errors
    /// When something of it is still there.
    fn delete(&self, cluster: Id26) -> Result<(), HostingError>;

    /// Whether its storage is there.
    fn exists(&self, cluster: Id26) -> bool;

    /// Whether it is open (has served a connection lately) or at rest.
    fn activity(&self, cluster: Id26) -> Activity;
}

/// What a cluster's storage is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Open: it has served a connection lately.
    Open,
    /// Closed; the next connection opens it.
    AtRest,
}

/// Why storage could not be made or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostingError {
    /// Not now, but asking again later may succeed: a full disk, a file in use.
    Unavailable(String),
    /// Asking again changes nothing: a new cluster is FAILED from here on.
    Refused(String),
}

impl fmt::Display for HostingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(what) | Self::Refused(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for HostingError {}
