//! Client tokens: a request that comes again with the same token gets the same answer and has no further effect.

use serde_json::Value;

use super::error::{ApiError, Kind};
use super::route::Operation;
use crate::cluster::{Cluster, Receipt};

/// Answers kept for each cluster. An SDK repeats a request within seconds; sixteen changes of one cluster take longer.
const RECEIPTS_MAX: usize = 16;

/// The token of a request and what the request asks for.
pub(crate) struct Ticket {
    pub(crate) operation: Operation,
    pub(crate) token: Option<String>,
    pub(crate) fingerprint: String,
}

impl Ticket {
    /// The answer that a cluster gave to this request before, if it did.
    pub(crate) fn replay(&self, cluster: &Cluster) -> Result<Option<Value>, ApiError> {
        let Some(token) = &self.token else { return Ok(None) };
        let known = cluster.receipts.iter().find(|known| known.operation == self.operation.name() && known.token == *token);
        let Some(known) = known else { return Ok(None) };
        if known.request != self.fingerprint {
            let message = format!("The client token was used before, with other parameters of {}.", self.operation.name());
            return Err(ApiError::Conflict { message, kind: Kind::Cluster, id: cluster.id.to_string() });
        }
        serde_json::from_str(&known.answer).map(Some).map_err(|error| ApiError::Internal(format!("a kept answer cannot be read: {error}")))
    }

    /// Keeps an answer with the cluster that it is about.
    pub(crate) fn keep(&self, cluster: &mut Cluster, answer: &Value) {
        let Some(token) = &self.token else { return };
        // The receipt of the creation stays: only it can tell that a repeated CreateCluster is no second one.
        if cluster.receipts.len() == RECEIPTS_MAX
            && let Some(oldest) = cluster.receipts.iter().position(|known| known.operation != Operation::CreateCluster.name())
        {
            cluster.receipts.remove(oldest);
        }
        cluster.receipts.push(Receipt {
            operation: self.operation.name().to_owned(),
            token: token.clone(),
            request: self.fingerprint.clone(),
            answer: answer.to_string(),
        });
    }
}
