//! What the server is doing: sessions, parameters, statistics.

use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{FALSE, NULL, maybe, text};
use super::{DATABASE_NAME, Family, SystemContext};
use crate::describe::{role_name, schema_name};
use crate::snapshot::{DATABASE, PG_CATALOG_SCHEMA};

pub(super) const RELATIONS: Family = &[
    (PG_CATALOG_SCHEMA, "pg_settings", pg_settings),
    (PG_CATALOG_SCHEMA, "pg_stat_activity", pg_stat_activity),
    (PG_CATALOG_SCHEMA, "pg_stat_user_tables", table_statistics),
    (PG_CATALOG_SCHEMA, "pg_stat_all_tables", table_statistics),
    (PG_CATALOG_SCHEMA, "pg_stat_user_indexes", index_statistics),
    (PG_CATALOG_SCHEMA, "pg_stat_all_indexes", index_statistics),
];

#[rustfmt::skip]
fn pg_settings(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(name, value, description): (String, String, String)| {
        let value = text(&value);
        vec![
            text(&name), value.clone(), NULL, text("Client Connection Defaults"), text(&description),
            NULL, text("user"), text("string"), text("default"), NULL,
            NULL, NULL, NULL, value, NULL,
            NULL, FALSE,
        ]
    };
    Ok(context.server.parameters().into_iter().map(row).collect())
}

/// Sessions are listed to everybody, their statements to nobody: a statement may hold data that only its session's role may see.
#[rustfmt::skip]
fn pg_stat_activity(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(pid, role, application, state, started): (i32, Oid, String, String, i64)| {
        vec![
            Datum::Oid(DATABASE), text(DATABASE_NAME), Datum::Int4(pid), NULL, Datum::Oid(role),
            maybe(role_name(context.catalog, role)), text(&application), NULL, NULL,
            NULL, Datum::TimestampTz(started), NULL,
            NULL, NULL, NULL, NULL,
            text(&state), NULL, NULL, NULL, NULL,
            text("client backend"),
        ]
    };
    Ok(context.server.sessions().into_iter().map(row).collect())
}

/// Counters are not kept, as on Aurora DSQL; the estimate of live rows is.
fn table_statistics(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let zero = || Datum::Int8(0);
    let row = |table: &std::sync::Arc<crate::Table>| {
        #[allow(clippy::cast_possible_truncation)] // an estimate
        let live = context.server.statistics(table.oid).map_or(0.0, |statistics| statistics.rows) as i64;
        let mut row = vec![Datum::Oid(table.oid), maybe(schema_name(context.catalog, table.schema)), text(&table.name)];
        row.extend([
            zero(),
            NULL,
            zero(),
            zero(),
            NULL,
            zero(),
            zero(),
            zero(),
            zero(),
            zero(),
            zero(),
            Datum::Int8(live),
            zero(),
            zero(),
            zero(),
        ]);
        row.extend([NULL, NULL, NULL, NULL, zero(), zero(), zero(), zero()]);
        row
    };
    Ok(context.catalog.tables().map(row).collect())
}

fn index_statistics(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let indexes = context.catalog.tables().flat_map(|table| table.all_indexes().map(move |index| (table, index)));
    let row = |(table, index): (&std::sync::Arc<crate::Table>, &crate::Index)| {
        let schema = maybe(schema_name(context.catalog, table.schema));
        let (scans, read, fetched) = (Datum::Int8(0), Datum::Int8(0), Datum::Int8(0));
        vec![Datum::Oid(table.oid), Datum::Oid(index.oid), schema, text(&table.name), text(&index.name), scans, NULL, read, fetched]
    };
    Ok(indexes.map(row).collect())
}
