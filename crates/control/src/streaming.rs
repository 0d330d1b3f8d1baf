//! Change streams at work: from a feed of committed changes to the target of each stream.
//!
//! Delivery is at least once. A stream's cursor is the last commit whose records its target has taken; it is recorded after the target has taken
//! them, so what is sent again after a restart is what was sent last.
//!
//! Nothing in this crate knows how commits are stored: whoever does implements [`ChangeFeed`]. Without one, CreateStream is refused.

mod cursor;
mod delivery;
mod feed;
mod http;
mod record;
mod sink;
mod target;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use borealis_base::{Clock, Id26};

pub use feed::{Batch, Change, ChangeFeed, Datum, FeedError, Moment, Op, Row, Transaction};
pub use target::{Otherwise, Targets};

use crate::cluster::Cluster;
use crate::registry::Registry;
use crate::stream::{FailureCode, Stream};
use cursor::Cursor;
use delivery::{Delivery, Job};
use sink::SinkError;

/// Where changes come from and where they can go.
#[derive(Clone)]
pub struct Streaming {
    /// Tells what commits.
    pub feed: Arc<dyn ChangeFeed>,
    /// What the ARNs of targets mean here.
    pub targets: Targets,
    /// Where cursors are kept, `DATA/control/streams`; without a folder they end with the process.
    pub cursors: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The streams that are being delivered.
pub(crate) struct Deliveries {
    streaming: Streaming,
    registry: Arc<Registry>,
    running: Mutex<BTreeMap<Id26, Delivery>>,
}

impl Deliveries {
    pub(crate) fn new(streaming: Streaming, registry: Arc<Registry>) -> Self {
        Self { streaming, registry, running: Mutex::default() }
    }

    /// Tries a new stream's target, and tells after which commit the stream begins.
    pub(crate) fn open(&self, cluster: &Cluster, stream: &Stream) -> Result<u64, FailureCode> {
        let opened = self
            .streaming
            .targets
            .open(&stream.target.stream_arn)
            .and_then(|_| Ok(self.streaming.feed.begin(cluster.database, stream.id)?));
        opened.map_err(|SinkError { code, reason }| {
            tracing::warn!(stream = %stream.id, %reason, "a stream could not be opened");
            code
        })
    }

    /// Starts a stream's delivery unless it is under way.
    pub(crate) fn ensure(&self, cluster: &Cluster, stream: &Stream) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.entry(stream.id).or_insert_with(|| {
            Delivery::start(Job {
                streaming: self.streaming.clone(),
                registry: self.registry.clone(),
                cursor: self.cursor(stream.id),
                cluster: cluster.id,
                database: cluster.database,
                stream: stream.id,
                target: stream.target.stream_arn.clone(),
                begins_after: stream.begins_after.unwrap_or_default(),
            })
        });
    }

    /// Ends a stream's delivery for good.
    pub(crate) fn remove(&self, cluster: &Cluster, stream: &Stream) {
        let delivery = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&stream.id);
        drop(delivery);
        self.streaming.feed.end(cluster.database, stream.id);
        self.cursor(stream.id).remove();
    }

    /// Ends all deliveries until the next start.
    pub(crate) fn stop_all(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        running.values().for_each(Delivery::stop);
    }

    fn cursor(&self, stream: Id26) -> Cursor {
        Cursor::new(self.streaming.cursors.as_ref().map(|folder| folder.join(format!("{stream}.cursor"))))
    }
}

#[cfg(test)]
mod tests;
