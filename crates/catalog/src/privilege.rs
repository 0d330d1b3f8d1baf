//! Who may do what: access control lists, role membership, and the rights that come with the system.

use std::collections::BTreeSet;

use borealis_pgtypes::Oid;

use crate::snapshot::{ADMIN_ROLE, PUBLIC_SCHEMA, SYSTEM_ROLE};
use crate::{Acl, Catalog, Privileges, Routine, Schema, Sequence};

/// The pseudo role that everybody is a member of, as an [`Acl`] names it.
pub const PUBLIC: Oid = Oid::INVALID;

/// All rights on a table, in aclitem order; on a schema; on a database.
pub const TABLE_RIGHTS: &str = "arwdDxt";
/// See [`TABLE_RIGHTS`].
pub const SEQUENCE_RIGHTS: &str = "rwU";
/// See [`TABLE_RIGHTS`].
pub const SCHEMA_RIGHTS: &str = "UC";
/// See [`TABLE_RIGHTS`].
pub const DATABASE_RIGHTS: &str = "CTc";

impl Privileges {
    /// Whether the right is held; with `grant`, whether it may be handed on (`*` after its letter).
    #[must_use]
    pub fn holds(&self, right: char, grant: bool) -> bool {
        let mut letters = self.0.chars().peekable();
        while let Some(letter) = letters.next() {
            let grantable = letters.next_if_eq(&'*').is_some();
            if letter == right && (grantable || !grant) {
                return true;
            }
        }
        false
    }
}

/// An object's owner and its access control list, the system's defaults filled in.
#[derive(Clone, Debug)]
pub struct Guarded {
    /// Who may do everything.
    pub owner: Oid,
    /// What others may do.
    pub acl: Acl,
}

/// Rights on a schema. The system's schemas are open to everybody for use; in `public` the role admin may also create.
#[must_use]
pub fn of_schema(schema: &Schema) -> Guarded {
    let mut acl = schema.acl.clone();
    if schema.owner == SYSTEM_ROLE {
        acl.push((PUBLIC, Privileges("U".to_owned())));
    }
    if schema.oid == PUBLIC_SCHEMA {
        acl.push((ADMIN_ROLE, Privileges("UC".to_owned())));
    }
    Guarded { owner: schema.owner, acl }
}

/// Rights on a sequence.
#[must_use]
pub fn of_sequence(sequence: &Sequence) -> Guarded {
    Guarded { owner: sequence.owner, acl: sequence.acl.clone() }
}

/// Rights on a relation that the server computes: everybody reads it.
#[must_use]
pub fn of_system_relation() -> Guarded {
    Guarded { owner: SYSTEM_ROLE, acl: vec![(PUBLIC, Privileges("r".to_owned()))] }
}

/// Rights on a type: everybody uses it until an access control list says otherwise.
#[must_use]
pub fn of_type(owner: Oid, acl: &Acl) -> Guarded {
    let everybody = || vec![(PUBLIC, Privileges("U".to_owned()))];
    Guarded { owner, acl: if acl.is_empty() { everybody() } else { acl.clone() } }
}

/// Rights on a function: everybody calls it until an access control list says otherwise.
#[must_use]
pub fn of_routine(routine: &Routine) -> Guarded {
    let everybody = || vec![(PUBLIC, Privileges("X".to_owned()))];
    Guarded { owner: routine.owner, acl: if routine.acl.is_empty() { everybody() } else { routine.acl.clone() } }
}

/// Rights on the database: everybody connects, admin creates schemas, nobody has temporary tables.
#[must_use]
pub fn of_database() -> Guarded {
    Guarded { owner: SYSTEM_ROLE, acl: vec![(PUBLIC, Privileges("c".to_owned())), (ADMIN_ROLE, Privileges("Cc".to_owned()))] }
}

/// A role and all roles it is a member of, directly or not.
#[must_use]
pub fn memberships(catalog: &Catalog, role: Oid) -> BTreeSet<Oid> {
    let mut found = BTreeSet::from([role]);
    let mut open = vec![role];
    while let Some(next) = open.pop() {
        let direct = catalog.role_by_oid(next).map(|role| role.member_of.as_slice()).unwrap_or_default();
        open.extend(direct.iter().copied().filter(|group| found.insert(*group)));
    }
    found
}

/// Whether a role has a right on an object.
#[must_use]
pub fn allowed(catalog: &Catalog, role: Oid, object: &Guarded, right: char, grant: bool) -> bool {
    if role == SYSTEM_ROLE {
        return true;
    }
    let roles = memberships(catalog, role);
    let granted = |(grantee, rights): &(Oid, Privileges)| (*grantee == PUBLIC || roles.contains(grantee)) && rights.holds(right, grant);
    roles.contains(&object.owner) || object.acl.iter().any(granted)
}
