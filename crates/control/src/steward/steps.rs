//! One step in the life of one cluster.

use std::sync::Arc;

use borealis_base::Id26;

use crate::api::{agreed, find_by_arn};
use crate::cluster::{Cluster, Phase};
use crate::hosting::{Hosting, HostingError};
use crate::registry::{Registry, RegistryError};
use crate::stream::{Failure, FailureCode, StreamPhase};
use crate::streaming::{Deliveries, Streaming};

/// What follows on a step.
pub(super) enum Next {
    /// Nothing, until somebody changes the record.
    Settled,
    /// The next step, and a look at these clusters too.
    Again(Vec<Id26>),
    /// The same step after a while, for the reason given.
    Later(String),
}

/// All that steps need.
pub(super) struct Steps {
    registry: Arc<Registry>,
    hosting: Arc<dyn Hosting>,
    deliveries: Option<Deliveries>,
}

impl Steps {
    pub(super) fn new(registry: Arc<Registry>, hosting: Arc<dyn Hosting>, streaming: Option<Streaming>) -> Self {
        let deliveries = streaming.map(|streaming| Deliveries::new(streaming, registry.clone()));
        Self { registry, hosting, deliveries }
    }

    /// Does what a cluster's phase asks for.
    pub(super) fn step(&self, id: Id26) -> Next {
        let Some(cluster) = self.registry.cluster(id) else { return Next::Settled };
        let stepped = match &cluster.phase {
            Phase::Creating => self.create(&cluster, id),
            Phase::Restoring => self.restored(&cluster),
            Phase::PendingSetup => self.set_up(&cluster),
            Phase::Updating => self.ready(&cluster, cluster.database),
            Phase::PendingDelete => self.delete_with_peers(&cluster),
            Phase::Deleting => self.delete(&cluster),
            Phase::Ready => self.streams(&cluster),
            Phase::Failed(_) => Ok(Next::Settled),
        };
        stepped.unwrap_or_else(|error| Next::Later(error.to_string()))
    }

    /// Ends all deliveries; the streams go on at the next start.
    pub(super) fn end(&self) {
        if let Some(deliveries) = &self.deliveries {
            deliveries.stop_all();
        }
    }

    /// Records a change, unless the record has changed since it was looked at: then it is looked at again.
    fn advance(&self, seen: &Arc<Cluster>, change: impl FnOnce(&mut Cluster)) -> Result<Next, RegistryError> {
        let registry = self.registry.write();
        if registry.get(seen.id).as_ref() == Some(seen) {
            let mut next = Cluster::clone(seen);
            change(&mut next);
            registry.put(next)?;
        }
        Ok(Next::Again(self.peers(seen)))
    }

    fn ready(&self, cluster: &Arc<Cluster>, database: Id26) -> Result<Next, RegistryError> {
        let now_ms = self.registry.now_ms();
        self.advance(cluster, |next| {
            next.phase = Phase::Ready;
            next.ready_ms = now_ms;
            next.database = database;
        })
    }

    /// A restore that a crash cut short between its two records: the storage is in its place, or nothing of it is.
    fn restored(&self, cluster: &Arc<Cluster>) -> Result<Next, RegistryError> {
        if self.hosting.exists(cluster.id) {
            return self.ready(cluster, cluster.database);
        }
        self.registry.write().remove(cluster.id)?;
        Ok(Next::Settled)
    }

    /// Makes the storage of a cluster: its own, or an endpoint of another's.
    fn create(&self, cluster: &Arc<Cluster>, database: Id26) -> Result<Next, RegistryError> {
        match self.hosting.create(cluster.id, Some(database).filter(|database| *database != cluster.id)) {
            Ok(()) => self.ready(cluster, database),
            Err(HostingError::Unavailable(reason)) => Ok(Next::Later(reason)),
            Err(HostingError::Refused(reason)) => {
                tracing::error!(cluster = %cluster.id, %reason, "a cluster could not be made");
                self.advance(cluster, |next| next.phase = Phase::Failed(reason))
            }
        }
    }

    /// A multi-Region cluster gets its storage when its peers agree with it; the owner of the database first.
    fn set_up(&self, cluster: &Arc<Cluster>) -> Result<Next, RegistryError> {
        let Some(owner) = agreed(&self.registry, cluster) else { return Ok(Next::Settled) };
        let owner_is_set_up = self.registry.cluster(owner).is_some_and(|owner| owner.usable());
        // The owner wakes its peers when it is set up.
        if owner == cluster.id || owner_is_set_up { self.create(cluster, owner) } else { Ok(Next::Settled) }
    }

    /// A multi-Region cluster goes when all its peers go.
    fn delete_with_peers(&self, cluster: &Arc<Cluster>) -> Result<Next, RegistryError> {
        let mut peers = self.peers(cluster).into_iter().filter_map(|peer| self.registry.cluster(peer));
        let all_go = peers.all(|peer| matches!(peer.phase, Phase::PendingDelete | Phase::Deleting));
        if all_go { self.advance(cluster, |next| next.phase = Phase::Deleting) } else { Ok(Next::Settled) }
    }

    fn delete(&self, cluster: &Arc<Cluster>) -> Result<Next, RegistryError> {
        if let Some(deliveries) = &self.deliveries {
            cluster.streams.iter().for_each(|stream| deliveries.remove(cluster, stream));
        }
        match self.hosting.delete(cluster.id) {
            Ok(()) => self.registry.write().remove(cluster.id)?,
            Err(error) => return Ok(Next::Later(error.to_string())),
        }
        Ok(Next::Again(self.peers(cluster)))
    }

    fn peers(&self, cluster: &Cluster) -> Vec<Id26> {
        let peers = cluster.multi_region.iter().flat_map(|multi_region| &multi_region.peers);
        peers.filter_map(|arn| find_by_arn(&self.registry, arn)).map(|peer| peer.id).collect()
    }

    /// Opens what is to be opened and removes what is to go, one stream at a step.
    fn streams(&self, cluster: &Arc<Cluster>) -> Result<Next, RegistryError> {
        for (place, stream) in cluster.streams.iter().enumerate() {
            match (&stream.phase, &self.deliveries) {
                (StreamPhase::Creating, Some(deliveries)) => {
                    let (phase, begins_after) = match deliveries.open(cluster, stream) {
                        Ok(begins_after) => (StreamPhase::Active, Some(begins_after)),
                        Err(code) => (self.failed(code), None),
                    };
                    return self.advance(cluster, |next| {
                        next.streams[place].phase = phase;
                        next.streams[place].begins_after = begins_after;
                    });
                }
                // A server without a feed keeps the streams of one that had one, and delivers nothing.
                (StreamPhase::Creating, None) => {
                    let phase = self.failed(FailureCode::InternalError);
                    return self.advance(cluster, |next| next.streams[place].phase = phase);
                }
                (StreamPhase::Deleting, deliveries) => {
                    if let Some(deliveries) = deliveries {
                        deliveries.remove(cluster, stream);
                    }
                    return self.advance(cluster, |next| {
                        next.streams.remove(place);
                    });
                }
                (StreamPhase::Active | StreamPhase::Impaired(_), Some(deliveries)) => deliveries.ensure(cluster, stream),
                (StreamPhase::Active | StreamPhase::Impaired(_), None) | (StreamPhase::Failed(_), _) => {}
            }
        }
        Ok(Next::Settled)
    }

    fn failed(&self, code: FailureCode) -> StreamPhase {
        StreamPhase::Failed(Failure { code, since_ms: self.registry.now_ms() })
    }
}
