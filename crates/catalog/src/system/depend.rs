//! `pg_depend` and `pg_description`.
//!
//! Listed are the dependencies that introspection follows: of tables on their schema, of everything inside a table on it, of a constraint's index on
//! the constraint, of an identity's sequence on its column.

use borealis_pgtypes::{Datum, Oid, Result};

use super::attribute::{default_oid, default_text};
use super::comments::{self, RELATION_CLASS, SCHEMA_CLASS};
use super::constraint::{columns_of_check, key_columns, target_index};
use super::value::{letter, text};
use super::{Family, SystemContext};
use crate::snapshot::{Constraint, PG_CATALOG_SCHEMA};
use crate::{Catalog, Index, IndexKeyPart, Table};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_depend", pg_depend), (PG_CATALOG_SCHEMA, "pg_description", pg_description)];

const TYPE_CLASS: Oid = Oid(1247);
const DEFAULT_CLASS: Oid = Oid(2604);
const CONSTRAINT_CLASS: Oid = Oid(2606);

/// An object: class, oid, column.
type Object = (Oid, Oid, i16);

fn row(object: Object, on: Object, kind: char) -> Vec<Datum> {
    let three = |(class, oid, column): Object| [Datum::Oid(class), Datum::Oid(oid), Datum::Int4(i32::from(column))];
    three(object).into_iter().chain(three(on)).chain([letter(kind)]).collect()
}

fn of_table(catalog: &Catalog, table: &Table) -> Vec<Vec<Datum>> {
    let this = (RELATION_CLASS, table.oid, 0);
    let mut rows = vec![row(this, (SCHEMA_CLASS, table.schema, 0), 'n'), row((TYPE_CLASS, table.row_type, 0), this, 'i')];
    rows.push(row((TYPE_CLASS, table.row_array_type, 0), (TYPE_CLASS, table.row_type, 0), 'i'));
    for column in table.live_columns() {
        let on = (RELATION_CLASS, table.oid, column.number);
        if default_text(column).is_some() {
            let kind = if column.generated.is_some() { 'i' } else { 'a' };
            rows.push(row((DEFAULT_CLASS, default_oid(table.oid, column.number), 0), on, kind));
        }
        rows.extend(column.identity.iter().map(|identity| row((RELATION_CLASS, identity.sequence, 0), on, 'i')));
    }
    for (oid, constraint) in table.constraints() {
        of_constraint(catalog, table, oid, constraint, &mut rows);
    }
    for index in table.all_indexes() {
        rows.extend(of_index(table, index));
    }
    rows
}

fn of_constraint(catalog: &Catalog, table: &Table, oid: Oid, constraint: Constraint<'_>, rows: &mut Vec<Vec<Datum>>) {
    let this = (CONSTRAINT_CLASS, oid, 0);
    let columns = match constraint {
        Constraint::Unique(index) => key_columns(index),
        Constraint::Check(check) => columns_of_check(table, check),
        Constraint::Foreign(key) => {
            rows.extend(target_index(catalog, key).map(|index| row(this, (RELATION_CLASS, index.oid, 0), 'n')));
            rows.extend(key.target_columns.iter().map(|column| row(this, (RELATION_CLASS, key.target, *column), 'n')));
            key.columns.clone()
        }
    };
    rows.extend(columns.into_iter().map(|column| row(this, (RELATION_CLASS, table.oid, column), 'a')));
}

fn of_index(table: &Table, index: &Index) -> Vec<Vec<Datum>> {
    let this = (RELATION_CLASS, index.oid, 0);
    if let Some(constraint) = &index.constraint {
        return vec![row(this, (CONSTRAINT_CLASS, constraint.oid, 0), 'i')];
    }
    let column = |part: &IndexKeyPart| if let IndexKeyPart::Column(number) = part { *number } else { 0 };
    let columns = index.keys.iter().map(|key| column(&key.part)).chain(index.include.iter().copied());
    columns.map(|column| row(this, (RELATION_CLASS, table.oid, column), 'a')).collect()
}

fn pg_depend(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(context.catalog.tables().flat_map(|table| of_table(context.catalog, table)).collect())
}

fn pg_description(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |comment: comments::Comment<'_>| {
        vec![Datum::Oid(comment.object), Datum::Oid(comment.class), Datum::Int4(comment.column), text(comment.text)]
    };
    Ok(comments::all(context.catalog).map(row).collect())
}
