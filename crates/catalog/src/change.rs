//! What a DDL statement does to the catalog.

use std::sync::Arc;

use borealis_pgtypes::Oid;

use crate::codec::Kind;
use crate::{DefaultPrivileges, Domain, ExtendedStatistics, Role, Routine, Schema, Sequence, Table, View};

/// One object written or removed. A descriptor is always written whole.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Change {
    PutSchema(Arc<Schema>),
    DropSchema(Oid),
    PutTable(Arc<Table>),
    DropTable(Oid),
    PutRole(Arc<Role>),
    DropRole(Oid),
    PutView(Arc<View>),
    DropView(Oid),
    PutSequence(Arc<Sequence>),
    DropSequence(Oid),
    PutDomain(Arc<Domain>),
    DropDomain(Oid),
    PutRoutine(Arc<Routine>),
    DropRoutine(Oid),
    PutStatistics(Arc<ExtendedStatistics>),
    DropStatistics(Oid),
    PutDefaultPrivileges(Arc<DefaultPrivileges>),
    DropDefaultPrivileges(Oid),
}

impl Change {
    /// Which descriptor it writes or removes. Of several changes of one descriptor the last one counts.
    #[must_use]
    pub fn object(&self) -> (Kind, Oid) {
        match self {
            Self::PutSchema(schema) => (Kind::Schema, schema.oid),
            Self::DropSchema(oid) => (Kind::Schema, *oid),
            Self::PutTable(table) => (Kind::Table, table.oid),
            Self::DropTable(oid) => (Kind::Table, *oid),
            Self::PutRole(role) => (Kind::Role, role.oid),
            Self::DropRole(oid) => (Kind::Role, *oid),
            Self::PutView(view) => (Kind::View, view.oid),
            Self::DropView(oid) => (Kind::View, *oid),
            Self::PutSequence(sequence) => (Kind::Sequence, sequence.oid),
            Self::DropSequence(oid) => (Kind::Sequence, *oid),
            Self::PutDomain(domain) => (Kind::Domain, domain.oid),
            Self::DropDomain(oid) => (Kind::Domain, *oid),
            Self::PutRoutine(routine) => (Kind::Function, routine.oid),
            Self::DropRoutine(oid) => (Kind::Function, *oid),
            Self::PutStatistics(object) => (Kind::Statistics, object.oid),
            Self::DropStatistics(oid) => (Kind::Statistics, *oid),
            Self::PutDefaultPrivileges(defaults) => (Kind::DefaultPrivileges, defaults.oid),
            Self::DropDefaultPrivileges(oid) => (Kind::DefaultPrivileges, *oid),
        }
    }
}
