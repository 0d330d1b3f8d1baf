//! Relations: tables, their indexes, and the relations the server computes.

use std::sync::Arc;

use borealis_pgtypes::functions::compose::quote_identifier;
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::Names;
use super::name::{self, RegText};
use crate::system::{self, SystemRelation};
use crate::{Catalog, Index, Sequence, Table, View};

/// Anything that has a row in `pg_class`.
#[derive(Clone, Copy, Debug)]
pub enum Relation<'a> {
    /// A user table.
    Table(&'a Arc<Table>),
    /// An index and its table.
    Index(&'a Index, &'a Arc<Table>),
    /// A view.
    View(&'a Arc<View>),
    /// A sequence.
    Sequence(&'a Arc<Sequence>),
    /// A relation the server computes.
    System(&'static SystemRelation),
}

impl Relation<'_> {
    /// `pg_class.oid`
    #[must_use]
    pub fn oid(&self) -> Oid {
        match self {
            Self::Table(table) => table.oid,
            Self::Index(index, _) => index.oid,
            Self::View(view) => view.oid,
            Self::Sequence(sequence) => sequence.oid,
            Self::System(relation) => relation.oid,
        }
    }

    /// `relnamespace`
    #[must_use]
    pub fn schema(&self) -> Oid {
        match self {
            Self::Table(table) | Self::Index(_, table) => table.schema,
            Self::View(view) => view.schema,
            Self::Sequence(sequence) => sequence.schema,
            Self::System(relation) => relation.schema,
        }
    }

    /// `relname`
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Table(table) => &table.name,
            Self::Index(index, _) => &index.name,
            Self::View(view) => &view.name,
            Self::Sequence(sequence) => &sequence.name,
            Self::System(relation) => relation.name,
        }
    }
}

/// The relation with this oid.
#[must_use]
pub fn relation_by_oid(catalog: &Catalog, oid: Oid) -> Option<Relation<'_>> {
    if let Some(table) = catalog.table_by_oid(oid) {
        return Some(Relation::Table(table));
    }
    if let Some((index, table)) = catalog.index_by_oid(oid) {
        return Some(Relation::Index(index, table));
    }
    if let Some(view) = catalog.view_by_oid(oid) {
        return Some(Relation::View(view));
    }
    if let Some(sequence) = catalog.sequence_by_oid(oid) {
        return Some(Relation::Sequence(sequence));
    }
    system::by_oid(oid).map(Relation::System)
}

/// The relation of that name in a schema.
#[must_use]
pub fn find_relation<'a>(catalog: &'a Catalog, schema: Oid, name: &str) -> Option<Relation<'a>> {
    if let Some(table) = catalog.table(schema, name) {
        return Some(Relation::Table(table));
    }
    if let Some((index, table)) = catalog.index(schema, name) {
        return Some(Relation::Index(index, table));
    }
    if let Some(view) = catalog.view(schema, name) {
        return Some(Relation::View(view));
    }
    if let Some(sequence) = catalog.sequence(schema, name) {
        return Some(Relation::Sequence(sequence));
    }
    system::by_name(schema, name).map(Relation::System)
}

fn visible(names: &Names<'_>, relation: &Relation<'_>) -> bool {
    let first = names.search_path.iter().find_map(|schema| find_relation(names.catalog, *schema, relation.name()));
    first.is_some_and(|found| found.oid() == relation.oid())
}

/// `pg_table_is_visible`: whether the unqualified name finds this very relation; `None` when there is no such relation.
#[must_use]
pub fn relation_is_visible(names: &Names<'_>, oid: Oid) -> Option<bool> {
    relation_by_oid(names.catalog, oid).map(|relation| visible(names, &relation))
}

/// A relation's name, qualified only when the search path would not find it; `None` when there is none.
#[must_use]
pub fn relation_name(names: &Names<'_>, oid: Oid) -> Option<String> {
    let relation = relation_by_oid(names.catalog, oid)?;
    Some(if visible(names, &relation) { quote_identifier(relation.name()) } else { names.qualified(relation.schema(), relation.name()) })
}

/// A relation's name with its schema, whatever the search path is; `None` when there is none.
#[must_use]
pub fn qualified_relation_name(names: &Names<'_>, oid: Oid) -> Option<String> {
    relation_by_oid(names.catalog, oid).map(|relation| names.qualified(relation.schema(), relation.name()))
}

/// `regclassin`.
///
/// # Errors
/// `42P01` when there is no such relation, `42602` for text that is no name, `0A000` for another database's.
pub fn resolve_relation(names: &Names<'_>, text: &str) -> Result<Oid> {
    let parts = match name::read(text)? {
        RegText::Oid(oid) => return Ok(oid),
        RegText::Name(parts) => parts,
    };
    let found = match name::schema_and_name(names, &parts, "relation name")? {
        (None, relation) => names.search_path.iter().find_map(|schema| find_relation(names.catalog, *schema, relation)),
        (Some(schema), relation) => names.catalog.schema(schema).and_then(|schema| find_relation(names.catalog, schema.oid, relation)),
    };
    found.map(|relation| relation.oid()).ok_or_else(|| {
        let message = format!("relation \"{}\" does not exist", parts.join("."));
        SqlError::new(SqlState::UNDEFINED_TABLE, message)
    })
}
