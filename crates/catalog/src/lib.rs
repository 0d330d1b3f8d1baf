//! The catalog: what exists in a cluster, as pure values.
//!
//! A [`Catalog`] is an immutable snapshot; a DDL statement is a list of [`Change`]s; applying one to the other gives the next snapshot. Nothing here
//! does IO, takes a lock or reads a clock. The engine keeps one descriptor per storage key, written with [`codec`].

pub mod acl;
pub mod change;
pub mod codec;
pub mod depend;
pub mod describe;
pub mod descriptor;
pub mod extended;
#[cfg(test)]
mod fixture;
pub mod functions;
pub mod membership;
pub mod privilege;
pub mod sequence;
pub mod snapshot;
pub mod statistics;
pub mod system;
mod updatable;

pub use acl::{Acl, AclItem, Rights};
pub use change::Change;
pub use descriptor::{
    Argument, Check, CheckOption, Column, DefaultObjects, DefaultPrivileges, Domain, ForeignKey, Identity, Index, IndexKey, IndexKeyPart,
    IndexState, Role, Routine, RoutineBody, Schema, Table, UniqueConstraint, View,
};
pub use extended::ExtendedStatistics;
pub use membership::Membership;
pub use sequence::{Sequence, SequenceOwner, SequenceRange, SequenceState};
pub use snapshot::Catalog;
