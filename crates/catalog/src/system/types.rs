//! `pg_type`: PostgreSQL's types, and for every relation its row type and the array type over it.

use std::sync::LazyLock;

use borealis_pgtypes::types::{self, Proc, TypeInfo};
use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{FALSE, NONE, NULL, TRUE, letter, text};
use super::{Family, SystemContext};
use crate::describe::array_name;
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_type", pg_type)];

/// `array_typanalyze`
const ARRAY_ANALYZE: Oid = Oid(3816);

/// What is said of a type by its place, its model saying the rest.
struct Row<'a> {
    oid: Oid,
    name: &'a str,
    schema: Oid,
    owner: Oid,
    kind: char,
    category: char,
    relation: Oid,
    element: Oid,
    array: Oid,
}

impl Row<'_> {
    #[rustfmt::skip]
    fn like(&self, model: &TypeInfo) -> Vec<Datum> {
        let proc = |proc: Proc| Datum::Oid(proc.oid);
        let analyze = if model.is_array() { Datum::Oid(ARRAY_ANALYZE) } else { NONE };
        vec![
            Datum::Oid(self.oid), text(self.name), Datum::Oid(self.schema), Datum::Oid(self.owner), Datum::Int2(model.length),
            Datum::Bool(model.by_value), letter(self.kind), letter(self.category), Datum::Bool(model.preferred),
            TRUE, letter(model.delimiter), Datum::Oid(self.relation), proc(model.subscript), Datum::Oid(self.element),
            Datum::Oid(self.array), Datum::Oid(model.input_oid), Datum::Oid(model.output_oid), Datum::Oid(model.receive_oid),
            Datum::Oid(model.send_oid), proc(model.modin), proc(model.modout), analyze,
            letter(model.align), letter(model.storage), FALSE, NONE, Datum::Int4(-1),
            Datum::Int4(0), Datum::Oid(model.collation), NULL, NULL, NULL,
        ]
    }
}

fn base(info: &TypeInfo) -> Vec<Datum> {
    let row = Row {
        oid: info.oid,
        name: info.name,
        schema: PG_CATALOG_SCHEMA,
        owner: SYSTEM_ROLE,
        kind: info.kind,
        category: info.category,
        relation: Oid::INVALID,
        element: info.element,
        array: info.array,
    };
    row.like(info)
}

/// The two types of a relation: rows behave like `record`, arrays of them like any array of a type aligned as `record` is.
fn of_relation(relation: Oid, name: &str, schema: Oid, owner: Oid, row_type: Oid, array: Oid) -> Vec<Vec<Datum>> {
    let (Some(record), Some(record_array)) = (types::by_oid(Oid::RECORD), types::by_oid(Oid::INT8_ARRAY)) else { return Vec::new() };
    let row = Row { oid: row_type, name, schema, owner, kind: 'c', category: 'C', relation, element: Oid::INVALID, array };
    let array_name = array_name(name);
    let rows = Row {
        oid: array,
        name: &array_name,
        schema,
        owner,
        kind: 'b',
        category: 'A',
        relation: Oid::INVALID,
        element: row_type,
        array: Oid::INVALID,
    };
    vec![row.like(record), rows.like(record_array)]
}

static SYSTEM_ROWS: LazyLock<Vec<Vec<Datum>>> = LazyLock::new(|| {
    let relations = super::all().iter().flat_map(|relation| {
        of_relation(relation.oid, relation.name, relation.schema, SYSTEM_ROLE, relation.row_type, relation.row_array_type)
    });
    types::ALL.iter().map(base).chain(relations).collect()
});

fn pg_type(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = SYSTEM_ROWS.clone();
    for table in context.catalog.tables() {
        rows.extend(of_relation(table.oid, &table.name, table.schema, table.owner, table.row_type, table.row_array_type));
    }
    Ok(rows)
}
