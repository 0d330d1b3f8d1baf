//! Domains of a snapshot, and what the catalog says of a type that is declared in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_pgtypes::{Oid, Type, types};

use super::Catalog;
use crate::{Domain, Table};

/// Domains by oid and by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Domains {
    all: BTreeMap<Oid, Arc<Domain>>,
    names: BTreeMap<(Oid, String), Oid>,
    /// The domain an array type is over.
    arrays: BTreeMap<Oid, Oid>,
}

impl Domains {
    pub(super) fn put(&mut self, domain: &Arc<Domain>) {
        self.remove(domain.oid);
        self.names.insert((domain.schema, domain.name.clone()), domain.oid);
        self.arrays.insert(domain.array_type, domain.oid);
        self.all.insert(domain.oid, domain.clone());
    }

    pub(super) fn remove(&mut self, oid: Oid) {
        if let Some(old) = self.all.remove(&oid) {
            self.names.remove(&(old.schema, old.name.clone()));
            self.arrays.remove(&old.array_type);
        }
    }
}

/// A type that objects of the catalog declare.
#[derive(Clone, Copy, Debug)]
pub enum DeclaredType<'a> {
    /// A domain.
    Domain(&'a Arc<Domain>),
    /// An array over a domain.
    DomainArray(&'a Arc<Domain>),
    /// The rows of a table.
    Row(&'a Arc<Table>),
    /// An array over them.
    RowArray(&'a Arc<Table>),
}

impl Catalog {
    /// The domain of that name.
    #[must_use]
    pub fn domain(&self, schema: Oid, name: &str) -> Option<&Arc<Domain>> {
        self.domains.all.get(self.domains.names.get(&(schema, name.to_owned()))?)
    }

    /// The domain with that oid.
    #[must_use]
    pub fn domain_by_oid(&self, oid: Oid) -> Option<&Arc<Domain>> {
        self.domains.all.get(&oid)
    }

    /// All domains, by oid.
    pub fn domains(&self) -> impl Iterator<Item = &Arc<Domain>> {
        self.domains.all.values()
    }

    /// The domain and those it is over, itself first.
    pub fn domain_chain(&self, oid: Oid) -> impl Iterator<Item = &Arc<Domain>> {
        std::iter::successors(self.domain_by_oid(oid), |domain| self.domain_by_oid(domain.base.declared))
    }

    /// The domain that a CHECK with that oid belongs to.
    #[must_use]
    pub fn domain_of_constraint(&self, oid: Oid) -> Option<&Arc<Domain>> {
        self.domains().find(|domain| domain.checks.iter().any(|check| check.oid == oid))
    }

    /// What a type's oid stands for, when it is none of PostgreSQL's own.
    #[must_use]
    pub fn declared_type(&self, oid: Oid) -> Option<DeclaredType<'_>> {
        if let Some(domain) = self.domain_by_oid(oid) {
            return Some(DeclaredType::Domain(domain));
        }
        if let Some(domain) = self.domains.arrays.get(&oid).and_then(|domain| self.domain_by_oid(*domain)) {
            return Some(DeclaredType::DomainArray(domain));
        }
        let table = self.table_of_type(oid)?;
        Some(if table.row_type == oid { DeclaredType::Row(table) } else { DeclaredType::RowArray(table) })
    }

    /// The type with that oid: one of PostgreSQL's own, or the representation of one that the catalog declares.
    #[must_use]
    pub fn type_by_oid(&self, oid: Oid) -> Type {
        match self.declared_type(oid) {
            Some(DeclaredType::Domain(domain)) => domain.value_type(),
            Some(DeclaredType::DomainArray(domain)) => self.array_type(domain.value_type()).unwrap_or(Type::plain(oid)),
            Some(DeclaredType::Row(_)) => Type::plain(Oid::RECORD).declared_as(oid),
            Some(DeclaredType::RowArray(_)) => Type::plain(Oid::RECORD_ARRAY).declared_as(oid),
            None => Type::plain(oid),
        }
    }

    /// The array type over a type.
    #[must_use]
    pub fn array_type(&self, element: Type) -> Option<Type> {
        let declared = match self.declared_type(element.declared) {
            Some(DeclaredType::Domain(domain)) => domain.array_type,
            Some(DeclaredType::Row(table)) => table.row_array_type,
            Some(DeclaredType::DomainArray(_) | DeclaredType::RowArray(_)) => return None,
            None => Oid::INVALID,
        };
        let array = if element.oid == Oid::RECORD { Oid::RECORD_ARRAY } else { types::array_of(element.oid)? };
        Some(Type::new(array, element.typmod).declared_as(declared))
    }

    /// The type of an array's elements.
    #[must_use]
    pub fn element_type(&self, array: Type) -> Option<Type> {
        let declared = match self.declared_type(array.declared) {
            Some(DeclaredType::DomainArray(domain)) => domain.oid,
            Some(DeclaredType::RowArray(table)) => table.row_type,
            _ => Oid::INVALID,
        };
        Some(Type::new(types::element_of(array.oid)?, array.typmod).declared_as(declared))
    }

    /// Whether a type of that name exists in the schema: domains and the row types of relations share one name space.
    #[must_use]
    pub fn type_exists(&self, schema: Oid, name: &str) -> bool {
        self.domain(schema, name).is_some() || self.table(schema, name).is_some()
    }
}
