//! `pg_tables`, `pg_indexes` and `pg_views`: catalogs joined for people.

use borealis_pgtypes::{Datum, Result};

use super::value::{FALSE, NULL, maybe, text};
use super::{DATABASE_NAME, Family, SystemContext, SystemRelation};
use crate::describe::{Names, index_definition, role_name, schema_name};
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE_NAME};

pub(super) const RELATIONS: Family = &[
    (PG_CATALOG_SCHEMA, "pg_tables", pg_tables),
    (PG_CATALOG_SCHEMA, "pg_indexes", pg_indexes),
    (PG_CATALOG_SCHEMA, "pg_views", pg_views),
];

fn system_schema(context: &SystemContext<'_>, relation: &SystemRelation) -> Datum {
    maybe(schema_name(context.catalog, relation.schema))
}

fn pg_tables(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let catalog = context.catalog;
    let system = super::all().iter().filter(|relation| relation.kind == 'r').map(|relation| {
        let owner = text(SYSTEM_ROLE_NAME);
        vec![system_schema(context, relation), text(relation.name), owner, NULL, FALSE, FALSE, FALSE, FALSE]
    });
    let referenced: std::collections::HashSet<_> =
        catalog.tables().flat_map(|table| table.foreign_keys.iter().map(|key| key.target)).collect();
    let user = catalog.tables().map(|table| {
        let (schema, owner) = (maybe(schema_name(catalog, table.schema)), maybe(role_name(catalog, table.owner)));
        let has_indexes = Datum::Bool(table.all_indexes().next().is_some());
        let has_triggers = Datum::Bool(!table.foreign_keys.is_empty() || referenced.contains(&table.oid));
        vec![schema, text(&table.name), owner, NULL, has_indexes, FALSE, has_triggers, FALSE]
    });
    Ok(system.chain(user).collect())
}

fn pg_indexes(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let catalog = context.catalog;
    let names = Names { catalog, search_path: &[], database: DATABASE_NAME };
    let indexes = catalog.tables().flat_map(|table| table.all_indexes().map(move |index| (table, index)));
    let row = |(table, index): (&std::sync::Arc<crate::Table>, &crate::Index)| {
        let schema = maybe(schema_name(catalog, table.schema));
        vec![schema, text(&table.name), text(&index.name), NULL, maybe(index_definition(&names, index.oid, 0, false).as_deref())]
    };
    Ok(indexes.map(row).collect())
}

/// The system's own views are computed: they have no text.
fn pg_views(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let views = super::all().iter().filter(|relation| relation.kind == 'v');
    let row = |relation: &SystemRelation| vec![system_schema(context, relation), text(relation.name), text(SYSTEM_ROLE_NAME), NULL];
    let mut rows: Vec<Vec<Datum>> = views.map(row).collect();
    for view in context.catalog.views() {
        let (schema, owner) = (maybe(schema_name(context.catalog, view.schema)), maybe(role_name(context.catalog, view.owner)));
        let definition = context.server.view_definition(context.catalog, view.oid)?;
        rows.push(vec![schema, text(&view.name), owner, maybe(definition.as_deref())]);
    }
    Ok(rows)
}
