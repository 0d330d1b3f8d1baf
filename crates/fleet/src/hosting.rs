//! What the control plane asks of whoever runs the clusters.

use borealis_base::Id26;
use borealis_control::{Activity, Hosting, HostingError};

use crate::{Fleet, FleetError};

impl Hosting for Fleet {
    fn create(&self, cluster: Id26, shares: Option<Id26>) -> Result<(), HostingError> {
        Self::create(self, cluster, shares).map_err(|error| outlook(&error))
    }

    fn delete(&self, cluster: Id26) -> Result<(), HostingError> {
        Self::delete(self, cluster).map_err(|error| outlook(&error))
    }

    fn exists(&self, cluster: Id26) -> bool {
        self.clusters().contains(&cluster)
    }

    fn activity(&self, cluster: Id26) -> Activity {
        if self.is_open(cluster) { Activity::Open } else { Activity::AtRest }
    }
}

/// Whether asking again may help.
fn outlook(error: &FleetError) -> HostingError {
    match error {
        FleetError::InUse { .. } | FleetError::Io { .. } | FleetError::Busy(_) => HostingError::Unavailable(error.to_string()),
        FleetError::Unreadable { .. } | FleetError::Open { .. } | FleetError::Unknown(_) | FleetError::HasData(_) => {
            HostingError::Refused(error.to_string())
        }
    }
}
