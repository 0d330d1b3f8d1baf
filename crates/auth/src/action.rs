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

    /// The action with this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::DbConnect, Self::DbConnectAdmin].into_iter().find(|action| action.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
