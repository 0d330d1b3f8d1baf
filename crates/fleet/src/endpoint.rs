//! A name that clients connect to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use borealis_base::Id26;
use tokio::sync::watch;

use crate::database::Database;

/// An endpoint: its name is a cluster's id. The database behind it is its own, or, as one of a multi-Region pair, another cluster's.
pub(crate) struct Endpoint {
    pub(crate) id: Id26,
    pub(crate) database: Arc<Database>,
    /// Connections that came by this name.
    connections: AtomicUsize,
    /// True once it is being deleted: its connections end, and there are no new ones.
    ending: watch::Sender<bool>,
}

impl Endpoint {
    pub(crate) fn new(id: Id26, database: Arc<Database>) -> Arc<Self> {
        Arc::new(Self { id, database, connections: AtomicUsize::new(0), ending: watch::Sender::new(false) })
    }

    pub(crate) fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// Tells its connections to end, and lets no new ones in.
    pub(crate) fn end(&self) {
        self.ending.send_replace(true);
    }

    pub(crate) fn ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    pub(crate) fn enter(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
