//! Which cluster a connection wants.

use borealis_base::Id26;
use borealis_pgtypes::{SqlError, SqlState};

use crate::directory::{Absent, ClusterDirectory};
use crate::startup::{Request, fatal};
use crate::stream::Stream;

/// Where a connection wants to go.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) endpoint: Id26,
    /// What named it, for messages.
    named_by: &'static str,
}

impl Route {
    /// To the cluster named by the option or by the TLS host name, else to the default one.
    pub(crate) fn find(stream: &Stream, request: &Request, clusters: &dyn ClusterDirectory) -> Result<Self, SqlError> {
        if let Some(name) = &request.cluster {
            let named_by = "amzn-cluster-id";
            return match name.parse() {
                Ok(endpoint) => Ok(Self { endpoint, named_by }),
                Err(_) => Err(Absent::Unknown.refusal(named_by)),
            };
        }
        // A host name of another form, `localhost` say, names no cluster.
        let label = stream.server_name().and_then(|name| name.split('.').next());
        let endpoint = label.and_then(|label| label.parse().ok()).or_else(|| clusters.default_cluster()).ok_or_else(no_name)?;
        Ok(Self { endpoint, named_by: "the host name" })
    }

    /// What the client is told when the cluster cannot be had.
    pub(crate) fn refusal(self, absent: Absent) -> SqlError {
        absent.refusal(self.named_by)
    }
}

/// Nothing says which cluster is meant, and the listener has no default.
fn no_name() -> SqlError {
    fatal(SqlState::PROTOCOL_VIOLATION, "unable to accept connection, sni was not received")
        .hint("Connect to the host name of a cluster, or name it with the option amzn-cluster-id.")
}
