//! Finding relations: user tables and system relations, by name and search path.

use std::sync::Arc;

use borealis_catalog::system::{self, SystemRelation};
use borealis_catalog::{Sequence, Table, View};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::{BindContext, Binder};
use crate::ast::ObjectName;

/// A relation with rows.
#[derive(Clone)]
pub(crate) enum Found {
    Table(Arc<Table>),
    Sequence(Arc<Sequence>),
    View(Arc<View>),
    System(&'static SystemRelation),
}

/// Schemas where an unqualified or qualified name is looked for.
fn schemas(ctx: &BindContext<'_>, schema: Option<&str>) -> Result<Vec<Oid>> {
    match schema {
        Some(name) => Ok(ctx.named_schema(name)?.into_iter().collect()),
        None => Ok(ctx.search_path.to_vec()),
    }
}

/// The relation of that name.
///
/// # Errors
/// `42501` when its schema may not be used.
pub(crate) fn find(ctx: &BindContext<'_>, schema: Option<&str>, name: &str) -> Result<Option<Found>> {
    let found = schemas(ctx, schema)?.into_iter().find_map(|oid| {
        let table = ctx.catalog.table(oid, name).cloned().map(Found::Table);
        let view = || ctx.catalog.view(oid, name).cloned().map(Found::View);
        let sequence = || ctx.catalog.sequence(oid, name).cloned().map(Found::Sequence);
        table.or_else(view).or_else(sequence).or_else(|| system::by_name(oid, name).map(Found::System))
    });
    Ok(found)
}

/// The index of that name and its table. Nothing is found in a schema that may not be used.
pub(crate) fn find_index(ctx: &BindContext<'_>, schema: Option<&str>, name: &str) -> Option<(Arc<Table>, Oid)> {
    schemas(ctx, schema)
        .unwrap_or_default()
        .into_iter()
        .find_map(|oid| ctx.catalog.index(oid, name).map(|(index, table)| (table.clone(), index.oid)))
}

/// `schema.name` as messages write it.
pub(crate) fn display(name: &ObjectName) -> String {
    name.schema.as_ref().map_or_else(|| name.name.clone(), |schema| format!("{schema}.{}", name.name))
}

/// `42P01`
pub(crate) fn undefined(name: &ObjectName) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_TABLE, format!("relation \"{}\" does not exist", display(name))).at(name.at)
}

impl Binder<'_> {
    /// The user table of that name, if there is one.
    pub(crate) fn find_table(&self, schema: Option<&str>, name: &str) -> Option<Arc<Table>> {
        match find(self.ctx, schema, name).ok()?? {
            Found::Table(table) => Some(table),
            Found::View(_) | Found::Sequence(_) | Found::System(_) => None,
        }
    }

    /// The relation to read, or `42P01`.
    pub(crate) fn relation(&self, name: &ObjectName) -> Result<Found> {
        if let Some(found) = find(self.ctx, name.schema.as_deref(), &name.name).map_err(|error| error.at(name.at))? {
            return Ok(found);
        }
        if let Some((_, _)) = find_index(self.ctx, name.schema.as_deref(), &name.name) {
            let message = format!("cannot open relation \"{}\"", name.name);
            let detail = "This operation is not supported for indexes.";
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).detail(detail).at(name.at));
        }
        Err(undefined(name))
    }

    /// The table to write, or why it cannot be written.
    pub(crate) fn target_table(&self, name: &ObjectName) -> Result<Arc<Table>> {
        match self.relation(name)? {
            Found::Table(table) => Ok(table),
            Found::Sequence(sequence) => {
                Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("cannot change sequence \"{}\"", sequence.name)))
            }
            Found::View(view) => Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a table", view.name))),
            Found::System(relation) => {
                let message = format!("permission denied for {} {}", if relation.kind == 'v' { "view" } else { "table" }, relation.name);
                Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message))
            }
        }
    }
}
