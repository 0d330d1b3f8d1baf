//! Membership of roles in roles. After PostgreSQL's `roles_is_member_of` and `user.c`.
//!
//! Membership brings up to three things: the rights of the role without more ado (INHERIT), the possibility of becoming it (SET), and its administration
//! (ADMIN). The same membership may come from several grantors.

use borealis_pgtypes::Oid;
use serde::{Deserialize, Serialize};

use crate::Catalog;
use crate::snapshot::{ADMIN_ROLE, SYSTEM_ROLE};

/// A membership as one grantor gave it: a row of `pg_auth_members`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
#[allow(missing_docs)]
pub struct Membership {
    pub oid: Oid,
    /// The role that one is a member of.
    pub role: Oid,
    pub grantor: Oid,
    pub admin: bool,
    pub inherit: bool,
    pub set: bool,
}

/// An earlier release kept the role alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Row { oid: Oid, role: Oid, grantor: Oid, admin: bool, inherit: bool, set: bool },
    Before(Oid),
}

impl From<Stored> for Membership {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Row { oid, role, grantor, admin, inherit, set } => Self { oid, role, grantor, admin, inherit, set },
            Stored::Before(role) => Self { oid: Oid::INVALID, role, grantor: ADMIN_ROLE, admin: false, inherit: true, set: true },
        }
    }
}

/// Which memberships are followed from role to role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// All.
    Members,
    /// Those that bring the role's rights.
    Inherit,
    /// Those that let one become the role.
    Set,
}

/// The role itself, then the roles that it is a member of, directly or not, nearest first.
#[must_use]
pub fn reachable(catalog: &Catalog, role: Oid, follow: Follow) -> Vec<Oid> {
    let mut found = vec![role];
    let mut next = 0;
    while let Some(member) = found.get(next).copied() {
        next += 1;
        for membership in memberships(catalog, member) {
            let followed = match follow {
                Follow::Members => true,
                Follow::Inherit => membership.inherit,
                Follow::Set => membership.set,
            };
            if followed && !found.contains(&membership.role) {
                found.push(membership.role);
            }
        }
    }
    found
}

fn memberships(catalog: &Catalog, role: Oid) -> &[Membership] {
    catalog.role_by_oid(role).map(|role| role.member_of.as_slice()).unwrap_or_default()
}

/// Whether one is the other or a member of it, however far.
#[must_use]
pub fn is_member(catalog: &Catalog, member: Oid, role: Oid) -> bool {
    member == SYSTEM_ROLE || reachable(catalog, member, Follow::Members).contains(&role)
}

/// Whether one may become the other.
#[must_use]
pub fn can_set_role(catalog: &Catalog, member: Oid, role: Oid) -> bool {
    member == SYSTEM_ROLE || reachable(catalog, member, Follow::Set).contains(&role)
}

/// Whether one administers the other: `is_admin_of_role`. The role admin administers every role but itself, whoever made it.
#[must_use]
pub fn administers(catalog: &Catalog, member: Oid, role: Oid) -> bool {
    administrator(catalog, member, role, Follow::Members).is_some()
}

/// The role by whose administration one may grant the other: `select_best_admin`.
#[must_use]
pub fn best_admin(catalog: &Catalog, member: Oid, role: Oid) -> Option<Oid> {
    administrator(catalog, member, role, Follow::Inherit)
}

fn administrator(catalog: &Catalog, member: Oid, role: Oid, follow: Follow) -> Option<Oid> {
    if member == role || role == SYSTEM_ROLE {
        return None;
    }
    if matches!(member, SYSTEM_ROLE | ADMIN_ROLE) {
        return Some(member);
    }
    let administers = |candidate: &Oid| {
        *candidate == ADMIN_ROLE || memberships(catalog, *candidate).iter().any(|known| known.role == role && known.admin)
    };
    reachable(catalog, member, follow).into_iter().find(administers)
}
