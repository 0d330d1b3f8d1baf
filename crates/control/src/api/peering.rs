//! Multi-Region configurations: what a request wants, and whether it can be.
//!
//! Each cluster states its own side: the witness Region and the other clusters. Two states agree when each names the other and both the same
//! witness; [`agreed`] is that question, and the steward makes the storage of clusters that agree.

use std::sync::Arc;

use borealis_auth::Context;
use borealis_base::Id26;
use serde::Serialize;

use super::access::Call;
use super::error::{ApiError, Kind};
use super::input::Input;
use super::route::Operation;
use super::shape;
use crate::cluster::{Cluster, MultiRegion, Phase};
use crate::registry::Registry;

const PUT_PROPERTIES: &str = "dsql:PutMultiRegionProperties";
const PUT_WITNESS: &str = "dsql:PutWitnessRegion";
const ADD_PEER: &str = "dsql:AddPeerCluster";
const REMOVE_PEER: &str = "dsql:RemovePeerCluster";

/// `multiRegionProperties` of a request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Wanted {
    witness: Option<String>,
    clusters: Option<Vec<String>>,
}

impl Wanted {
    pub(crate) fn parse(input: &mut Input) -> Option<Self> {
        let mut properties = input.object("multiRegionProperties")?;
        let witness = input.text_at(properties.shift_remove("witnessRegion"), "multiRegionProperties/witnessRegion", &shape::REGION);
        let list = input.list_at(properties.shift_remove("clusters"), "multiRegionProperties/clusters");
        let clusters = list.map(|list| {
            let arns = list.into_iter().enumerate().filter_map(|(index, arn)| {
                input.text_at(Some(arn), &format!("multiRegionProperties/clusters/{index}"), &shape::CLUSTER_ARN)
            });
            arns.collect()
        });
        Some(Self { witness, clusters })
    }

    /// The permissions beyond those of the operation itself.
    pub(crate) fn authorize(&self, call: &Call, id: &str, cluster: Option<&Cluster>) -> Result<(), ApiError> {
        let own = call.cluster_arn(id);
        call.authorize(PUT_PROPERTIES, &own, cluster, |context| context)?;
        if cluster.is_some() {
            call.authorize(Operation::GetCluster.action(), &own, cluster, |context| context)?;
        }
        if let Some(witness) = &self.witness {
            // Asked for in both Regions: the cluster's, and the witness's.
            let there = borealis_auth::Arn::cluster(witness, &call.home.account, id);
            let witnessed = |context: Context| context.with("dsql:WitnessRegion", witness.clone());
            call.authorize(PUT_WITNESS, &own, cluster, witnessed)?;
            call.authorize(PUT_WITNESS, &there, cluster, witnessed)?;
        }
        let Some(clusters) = &self.clusters else { return Ok(()) };
        call.authorize(ADD_PEER, &own, cluster, |context| context)?;
        let own = own.to_string();
        for peer in clusters.iter().filter(|peer| **peer != own) {
            authorize_peer(call, ADD_PEER, peer)?;
        }
        let dropped = cluster.and_then(|cluster| cluster.multi_region.as_ref()).into_iter().flat_map(|known| &known.peers);
        for peer in dropped.filter(|peer| !clusters.contains(peer)) {
            authorize_peer(call, REMOVE_PEER, peer)?;
        }
        Ok(())
    }
}

fn authorize_peer(call: &Call, action: &str, peer: &str) -> Result<(), ApiError> {
    let peer =
        peer.parse().map_err(|error: borealis_auth::InvalidArn| ApiError::field("multiRegionProperties.clusters", error.to_string()))?;
    call.authorize(action, &peer, None, |context| context)
}

/// The configuration of a cluster that is about to be made.
pub(crate) fn for_new(wanted: Wanted, cluster: &Cluster, registry: &Registry) -> Result<MultiRegion, ApiError> {
    let Some(witness) = wanted.witness.filter(|witness| !witness.is_empty()) else {
        return Err(invalid("witnessRegion", "A multi-Region cluster needs a witness Region."));
    };
    configuration(witness, wanted.clusters.unwrap_or_default(), cluster, registry)
}

/// The configuration of a cluster after an update. The peers of one that has its storage are final: the storage is theirs too.
pub(crate) fn for_known(wanted: Wanted, cluster: &Cluster, registry: &Registry) -> Result<MultiRegion, ApiError> {
    let Some(known) = &cluster.multi_region else {
        return Err(invalid("", "A single-Region cluster cannot become a multi-Region cluster; create a new one with a witness Region."));
    };
    let witness = wanted.witness.filter(|witness| !witness.is_empty()).unwrap_or_else(|| known.witness.clone());
    let next = configuration(witness, wanted.clusters.unwrap_or_else(|| known.peers.clone()), cluster, registry)?;
    if cluster.phase != Phase::PendingSetup && next.peers != known.peers {
        let id = cluster.id.to_string();
        let message = format!("The peers of cluster '{id}' cannot change once it is set up; delete the cluster and its peers together.");
        return Err(ApiError::Conflict { message, kind: Kind::Cluster, id });
    }
    Ok(next)
}

fn configuration(witness: String, clusters: Vec<String>, cluster: &Cluster, registry: &Registry) -> Result<MultiRegion, ApiError> {
    if witness == cluster.home.region {
        return Err(invalid("witnessRegion", "The witness Region cannot be the same as the cluster's Region."));
    }
    let own = cluster.arn().to_string();
    let mut peers: Vec<String> = clusters.into_iter().filter(|arn| *arn != own).collect();
    peers.sort();
    peers.dedup();
    let mut regions = vec![cluster.home.region.clone(), witness.clone()];
    for arn in &peers {
        let Some(peer) = find(registry, arn).filter(|peer| peer.home.account == cluster.home.account) else {
            return Err(invalid("clusters", &format!("There is no cluster {arn}.")));
        };
        if regions.contains(&peer.home.region) {
            return Err(invalid("clusters", &format!("{arn}: the clusters and the witness must each be in a Region of their own.")));
        }
        if peer.multi_region.is_none() {
            return Err(invalid("clusters", &format!("{arn} is not a multi-Region cluster.")));
        }
        regions.push(peer.home.region.clone());
    }
    Ok(MultiRegion { witness, peers })
}

fn invalid(member: &str, message: &str) -> ApiError {
    let name = if member.is_empty() { "multiRegionProperties".to_owned() } else { format!("multiRegionProperties.{member}") };
    ApiError::field(&name, message)
}

/// The cluster that an ARN names.
pub(crate) fn find(registry: &Registry, arn: &str) -> Option<Arc<Cluster>> {
    let id: Id26 = arn.rsplit_once('/')?.1.parse().ok()?;
    registry.cluster(id).filter(|cluster| cluster.arn().to_string() == arn)
}

/// The cluster whose database a cluster is to share, or itself, once all its peers agree with it.
pub(crate) fn agreed(registry: &Registry, cluster: &Cluster) -> Option<Id26> {
    let own = cluster.multi_region.as_ref().filter(|own| !own.peers.is_empty())?;
    let members = cluster.members();
    let mut all = vec![(cluster.created_ms, cluster.id)];
    for arn in &own.peers {
        let peer = find(registry, arn)?;
        let theirs = peer.multi_region.as_ref().filter(|theirs| theirs.witness == own.witness)?;
        match peer.phase {
            // It went through this question before, with the same members, and its answer stands.
            Phase::Ready | Phase::Updating if theirs.peers.contains(&cluster.arn().to_string()) => return Some(peer.database),
            Phase::PendingSetup if peer.members() == members => all.push((peer.created_ms, peer.id)),
            _ => return None,
        }
    }
    all.into_iter().min().map(|(_, id)| id)
}
