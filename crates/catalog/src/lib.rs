//! The catalog: what exists in a cluster, as pure values.
//!
//! A [`Catalog`] is an immutable snapshot; a DDL statement is a list of [`Change`]s; applying one to the other gives the next snapshot. Nothing here
//! does IO, takes a lock or reads a clock. The engine keeps one descriptor per storage key, written with [`codec`].

pub mod change;
pub mod codec;
pub mod depend;
pub mod describe;
pub mod descriptor;
pub mod extended;
#[cfg(test)]
mod fixture;
pub mod functions;
pub mod privilege;
pub mod sequence;
pub mod snapshot;
pub mod statistics;
pub mod system;
mod updatable;

pub use change::Change;
pub use descriptor::{
    Acl, Argument, Check, CheckOption, Column, Domain, ForeignKey, Identity, Index, IndexKey, IndexKeyPart, IndexState, Privileges, Role,
    Routine, RoutineBody, Schema, Table, UniqueConstraint, View,
};
pub use extended::ExtendedStatistics;
pub use sequence::{Sequence, SequenceOwner, SequenceRange, SequenceState};
pub use snapshot::Catalog;
