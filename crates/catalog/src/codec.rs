//! How a descriptor is kept: JSON with a version, so that a later release reads an older one's catalog and a person can read both.
//!
//! Unknown versions and fields of the wrong shape are errors, never guesses: a catalog that cannot be read exactly must not be served.

use std::fmt;
use std::sync::Arc;

use borealis_pgtypes::Oid;
use serde::{Deserialize, Serialize};

use crate::acl::Class;
use crate::{Change, DefaultPrivileges, Domain, ExtendedStatistics, Role, Routine, Schema, Sequence, Table, View};

/// Version written by this release.
const VERSION: u32 = 1;

/// What a descriptor describes; the number is part of its storage key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Kind {
    Schema = 1,
    Table = 2,
    Role = 3,
    View = 4,
    Sequence = 5,
    Domain = 6,
    Function = 7,
    Statistics = 8,
    DefaultPrivileges = 9,
}

impl Kind {
    /// All kinds, in key order.
    pub const ALL: [Self; 9] = [
        Self::Schema,
        Self::Table,
        Self::Role,
        Self::View,
        Self::Sequence,
        Self::Domain,
        Self::Function,
        Self::Statistics,
        Self::DefaultPrivileges,
    ];
}

/// A stored descriptor cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a catalog descriptor cannot be read: {}", self.reason)
    }
}

impl std::error::Error for Unreadable {}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    version: u32,
    descriptor: T,
}

/// A change as it is written: the descriptor's kind, its oid, and its bytes (`None`: removed).
#[must_use]
pub fn encode(change: &Change) -> (Kind, Oid, Option<Vec<u8>>) {
    let (kind, oid) = change.object();
    let stored = match change {
        Change::PutSchema(schema) => Some(bytes(schema.as_ref())),
        Change::PutTable(table) => Some(bytes(table.as_ref())),
        Change::PutRole(role) => Some(bytes(role.as_ref())),
        Change::PutView(view) => Some(bytes(view.as_ref())),
        Change::PutSequence(sequence) => Some(bytes(sequence.as_ref())),
        Change::PutDomain(domain) => Some(bytes(domain.as_ref())),
        Change::PutRoutine(routine) => Some(bytes(routine.as_ref())),
        Change::PutStatistics(object) => Some(bytes(object.as_ref())),
        Change::PutDefaultPrivileges(defaults) => Some(bytes(defaults.as_ref())),
        Change::DropSchema(_) | Change::DropTable(_) | Change::DropRole(_) | Change::DropSequence(_) => None,
        Change::DropView(_) | Change::DropDomain(_) | Change::DropRoutine(_) | Change::DropStatistics(_) => None,
        Change::DropDefaultPrivileges(_) => None,
    };
    (kind, oid, stored)
}

/// The change that puts a stored descriptor in place.
///
/// # Errors
/// When the bytes were written by a later version or are damaged.
pub fn decode(kind: Kind, stored: &[u8]) -> Result<Change, Unreadable> {
    Ok(match kind {
        Kind::Schema => Change::PutSchema(Arc::new(schema(stored)?)),
        Kind::Table => Change::PutTable(Arc::new(table(stored)?)),
        Kind::Role => Change::PutRole(Arc::new(descriptor::<Role>(stored)?)),
        Kind::View => Change::PutView(Arc::new(view(stored)?)),
        Kind::Sequence => Change::PutSequence(Arc::new(sequence(stored)?)),
        Kind::Domain => Change::PutDomain(Arc::new(descriptor::<Domain>(stored)?)),
        Kind::Function => Change::PutRoutine(Arc::new(descriptor::<Routine>(stored)?)),
        Kind::Statistics => Change::PutStatistics(Arc::new(descriptor::<ExtendedStatistics>(stored)?)),
        Kind::DefaultPrivileges => Change::PutDefaultPrivileges(Arc::new(descriptor::<DefaultPrivileges>(stored)?)),
    })
}

// Lists of rights that an earlier release wrote name no grantor: what is missing follows from the owner.

fn schema(stored: &[u8]) -> Result<Schema, Unreadable> {
    let mut schema = descriptor::<Schema>(stored)?;
    schema.acl.settle(Class::Schema, schema.owner);
    Ok(schema)
}

fn table(stored: &[u8]) -> Result<Table, Unreadable> {
    let mut table = descriptor::<Table>(stored)?;
    table.acl.settle(Class::Table, table.owner);
    Ok(table)
}

fn view(stored: &[u8]) -> Result<View, Unreadable> {
    let mut view = descriptor::<View>(stored)?;
    view.acl.settle(Class::Table, view.owner);
    Ok(view)
}

fn sequence(stored: &[u8]) -> Result<Sequence, Unreadable> {
    let mut sequence = descriptor::<Sequence>(stored)?;
    sequence.acl.settle(Class::Sequence, sequence.owner);
    Ok(sequence)
}

fn bytes<T: Serialize>(descriptor: &T) -> Vec<u8> {
    serde_json::to_vec(&Envelope { version: VERSION, descriptor }).expect("descriptors hold nothing that JSON cannot")
}

fn descriptor<T: for<'de> Deserialize<'de>>(stored: &[u8]) -> Result<T, Unreadable> {
    let envelope: Envelope<T> = serde_json::from_slice(stored).map_err(|error| Unreadable { reason: error.to_string() })?;
    if envelope.version != VERSION {
        return Err(Unreadable { reason: format!("version {} is not known to this release", envelope.version) });
    }
    Ok(envelope.descriptor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{ADMIN_ROLE, Catalog, PUBLIC_SCHEMA};

    #[test]
    fn descriptors_round_trip() {
        let catalog = Catalog::initial();
        let schema = Change::PutSchema(catalog.schema_by_oid(PUBLIC_SCHEMA).expect("public").clone());
        let role = Change::PutRole(catalog.role_by_oid(ADMIN_ROLE).expect("admin").clone());
        for change in [schema, role] {
            let (kind, _, stored) = encode(&change);
            assert_eq!(decode(kind, &stored.expect("a put has bytes")), Ok(change));
        }
    }

    #[test]
    fn a_later_version_is_refused() {
        let error = decode(Kind::Role, br#"{"version":2,"descriptor":{}}"#).expect_err("must not be guessed");
        assert!(error.reason.contains("missing field") || error.reason.contains("version 2"), "{}", error.reason);
    }
}
