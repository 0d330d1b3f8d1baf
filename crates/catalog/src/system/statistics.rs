//! `pg_statistic` and `pg_stats`: what ANALYZE found, of the columns the role may read.

use borealis_pgtypes::{Datum, Oid, Result, operators, types};

use super::value::{FALSE, NONE, NULL, array, maybe, text};
use super::{Family, SystemContext};
use crate::acl::Rights;
use crate::describe::schema_name;
use crate::privilege::{Guarded, Standing};
use crate::snapshot::PG_CATALOG_SCHEMA;
use crate::statistics::ColumnStatistics;
use crate::{Column, Table};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_statistic", pg_statistic), (PG_CATALOG_SCHEMA, "pg_stats", pg_stats)];

/// `STATISTIC_KIND_MCV`, `_HISTOGRAM` and `_CORRELATION`.
const MOST_COMMON: i16 = 1;
const HISTOGRAM: i16 = 2;
const CORRELATION: i16 = 3;
/// Slots of a row of `pg_statistic`.
const SLOTS: usize = 5;

/// Calls `row` for each readable column that has statistics.
fn columns(context: &SystemContext<'_>, mut row: impl FnMut(&Table, &Column, &ColumnStatistics) -> Vec<Datum>) -> Vec<Vec<Datum>> {
    let standing = Standing::of(context.catalog, context.server.current_user());
    let mut rows = Vec::new();
    for table in context.catalog.tables() {
        let whole = standing.holds(&Guarded::table(table), Rights::SELECT);
        let Some(statistics) = context.server.statistics(table.oid) else { continue };
        let readable = |column: &&Column| whole || standing.holds(&Guarded::column(table.owner, column), Rights::SELECT);
        for column in table.live_columns().filter(readable) {
            if let Some(found) = statistics.columns.get(&column.number) {
                rows.push(row(table, column, found));
            }
        }
    }
    rows
}

fn frequencies(found: &ColumnStatistics) -> Datum {
    array(Oid::FLOAT4, found.most_common.iter().map(|(_, frequency)| Datum::Float4(*frequency)).collect())
}

fn common_values(column: &Column, found: &ColumnStatistics) -> Datum {
    array(column.ty.oid, found.most_common.iter().map(|(value, _)| value.clone()).collect())
}

fn bounds(column: &Column, found: &ColumnStatistics) -> Datum {
    array(column.ty.oid, found.histogram.clone())
}

fn pg_stats(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |table: &Table, column: &Column, found: &ColumnStatistics| {
        let (values, numbers) = match found.most_common.is_empty() {
            true => (NULL, NULL),
            false => (common_values(column, found), frequencies(found)),
        };
        vec![
            maybe(schema_name(context.catalog, table.schema)),
            text(&table.name),
            text(&column.name),
            FALSE,
            Datum::Float4(found.null_fraction),
            Datum::Int4(found.width),
            Datum::Float4(found.distinct),
            values,
            numbers,
            if found.histogram.is_empty() { NULL } else { bounds(column, found) },
            found.correlation.map_or(NULL, Datum::Float4),
            NULL,
            NULL,
            NULL,
        ]
    };
    Ok(columns(context, row))
}

/// A slot of `pg_statistic`.
struct Slot {
    kind: i16,
    operator: Oid,
    numbers: Datum,
    values: Datum,
}

/// The operator of that name between two values of a type: values of `varchar` are compared as `text`.
fn operator(name: &str, oid: Oid) -> Oid {
    let oid = if oid == Oid::VARCHAR { Oid::TEXT } else { oid };
    let found = operators::by_name(name).iter().find(|operator| operator.left == oid && operator.right == oid);
    found.map_or(Oid::INVALID, |operator| operator.oid)
}

fn slots(column: &Column, found: &ColumnStatistics) -> Vec<Slot> {
    let oid = column.ty.oid;
    let mut slots = Vec::new();
    if !found.most_common.is_empty() {
        slots.push(Slot {
            kind: MOST_COMMON,
            operator: operator("=", oid),
            numbers: frequencies(found),
            values: common_values(column, found),
        });
    }
    if !found.histogram.is_empty() {
        slots.push(Slot { kind: HISTOGRAM, operator: operator("<", oid), numbers: NULL, values: bounds(column, found) });
    }
    if let Some(correlation) = found.correlation {
        let numbers = array(Oid::FLOAT4, vec![Datum::Float4(correlation)]);
        slots.push(Slot { kind: CORRELATION, operator: operator("<", oid), numbers, values: NULL });
    }
    slots
}

fn pg_statistic(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |table: &Table, column: &Column, found: &ColumnStatistics| {
        let slots = slots(column, found);
        let collation = Datum::Oid(types::by_oid(column.ty.oid).map_or(Oid::INVALID, |info| info.collation));
        let each = |of: &dyn Fn(&Slot) -> Datum, none: Datum| -> Vec<Datum> {
            (0..SLOTS).map(|place| slots.get(place).map_or_else(|| none.clone(), of)).collect()
        };
        let mut row = vec![
            Datum::Oid(table.oid),
            Datum::Int2(column.number),
            FALSE,
            Datum::Float4(found.null_fraction),
            Datum::Int4(found.width),
            Datum::Float4(found.distinct),
        ];
        row.extend(each(&|slot| Datum::Int2(slot.kind), Datum::Int2(0)));
        row.extend(each(&|slot| Datum::Oid(slot.operator), NONE));
        row.extend(each(&|_| collation.clone(), NONE));
        row.extend(each(&|slot| slot.numbers.clone(), NULL));
        row.extend(each(&|slot| slot.values.clone(), NULL));
        row
    };
    Ok(columns(context, row))
}
