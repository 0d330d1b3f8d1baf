//! `pg_index`.

use borealis_pgtypes::{Datum, Oid, Result, types};

use super::data::btree;
use super::value::{FALSE, NULL, TRUE, count, int2_vector, oid_vector, text};
use super::{Family, SystemContext};
use crate::describe::pretty;
use crate::snapshot::PG_CATALOG_SCHEMA;
use crate::{Index, IndexKeyPart, IndexState, Table};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_index", pg_index)];

/// `indoption` of a key whose NULLs come first.
const NULLS_FIRST: i16 = 2;

/// Type of a key.
fn key_type(table: &Table, part: &IndexKeyPart) -> Oid {
    match part {
        IndexKeyPart::Column(number) => table.column_number(*number).map_or(Oid::INVALID, |column| column.ty.oid),
        IndexKeyPart::Expression(_, ty) => ty.oid,
    }
}

/// The default operator class of a type; `varchar` shares that of `text`.
fn operator_class(ty: Oid) -> Oid {
    let ty = if ty == Oid::VARCHAR { Oid::TEXT } else { ty };
    btree::CLASSES.iter().find(|class| class.3 == ty && class.4).map_or(Oid::INVALID, |class| Oid(class.0))
}

fn collation(ty: Oid) -> Oid {
    types::by_oid(ty).map_or(Oid::INVALID, |info| info.collation)
}

/// Expression keys as one node list.
fn expressions(index: &Index) -> Datum {
    let expression = |part: &IndexKeyPart| match part {
        IndexKeyPart::Column(_) => None,
        IndexKeyPart::Expression(expression, _) => Some(pretty(expression).to_owned()),
    };
    let all: Vec<_> = index.keys.iter().filter_map(|key| expression(&key.part)).collect();
    if all.is_empty() { NULL } else { text(&all.join(", ")) }
}

#[rustfmt::skip]
fn row(table: &Table, index: &Index) -> Vec<Datum> {
    let include = table.index_include(index);
    let number = |part: &IndexKeyPart| if let IndexKeyPart::Column(number) = part { *number } else { 0 };
    let keys = index.keys.iter().map(|key| number(&key.part));
    let key_types = || index.keys.iter().map(|key| key_type(table, &key.part));
    let valid = index.state == IndexState::Valid;
    vec![
        Datum::Oid(index.oid), Datum::Oid(table.oid), count(index.keys.len() + include.len()), count(index.keys.len()), Datum::Bool(index.unique),
        Datum::Bool(index.nulls_not_distinct), Datum::Bool(index.primary), FALSE, TRUE,
        FALSE, Datum::Bool(valid), FALSE, TRUE,
        TRUE, FALSE, int2_vector(keys.chain(include.iter().copied())), oid_vector(key_types().map(collation)),
        oid_vector(key_types().map(operator_class)), int2_vector(index.keys.iter().map(|key| if key.nulls_first { NULLS_FIRST } else { 0 })),
        expressions(index), index.predicate.as_deref().map_or(NULL, text),
    ]
}

fn pg_index(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let tables = context.catalog.tables();
    Ok(tables.flat_map(|table| table.all_indexes().map(|index| row(table, index)).collect::<Vec<_>>()).collect())
}
