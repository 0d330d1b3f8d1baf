//! What a token asks for.

use std::fmt;

/// The two IAM actions that open a database connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Connect as a database role that is mapped to the caller's principal.
    DbConnect,
    /// Connect as `admin`.
    DbConnectAdmin,
}

/// The database role that only [`Action::DbConnectAdmin`] opens, and the only one that it opens.
const ADMIN: &str = "admin";

impl Action {
    /// The action that a connection as database role `user` needs.
    #[must_use]
    pub fn for_user(user: &str) -> Self {
        if user == ADMIN { Self::DbConnectAdmin } else { Self::DbConnect }
    }

    /// The name as a token spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DbConnect => "DbConnect",
            Self::DbConnectAdmin => "DbConnectAdmin",
        }
    }

    /// The name as IAM policies spell it.
    #[must_use]
    pub const fn qualified_name(self) -> &'static str {
        match self {
            Self::DbConnect => "dsql:DbConnect",
            Self::DbConnectAdmin => "dsql:DbConnectAdmin",
        }
    }

    /// The action with this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::DbConnect, Self::DbConnectAdmin].into_iter().find(|action| action.name() == name)
    }
}

/// `dsql:DbConnect` for `DbConnect` and for itself, with wildcards where wanted; nothing for what is no action of this service. A name
/// without wildcards must be one of [`ACTIONS`], so that a slip is found where it is made.
#[must_use]
pub fn qualified(text: &str) -> Option<String> {
    let name = text.strip_prefix("dsql:").unwrap_or(text);
    let known = name.contains(['*', '?']) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?'));
    (known || ACTIONS.contains(&name)).then(|| format!("dsql:{name}"))
}

/// Every action of the service, as IAM names them.
pub const ACTIONS: [&str; 27] = [
    "AddPeerCluster",
    "CreateCluster",
    "CreateStream",
    "DbConnect",
    "DbConnectAdmin",
    "DeleteCluster",
    "DeleteClusterPolicy",
    "DeleteStream",
    "GetBackupJob",
    "GetCluster",
    "GetClusterPolicy",
    "GetRestoreJob",
    "GetStream",
    "GetVpcEndpointServiceName",
    "ListClusters",
    "ListStreams",
    "ListTagsForResource",
    "PutClusterPolicy",
    "PutMultiRegionProperties",
    "PutWitnessRegion",
    "RemovePeerCluster",
    "StartBackupJob",
    "StartRestoreJob",
    "StopBackupJob",
    "TagResource",
    "UntagResource",
    "UpdateCluster",
];

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
