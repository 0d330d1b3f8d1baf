//! `pg_type`: PostgreSQL's types, domains, and for every relation its row type; with the array types over them.

use std::borrow::Cow;
use std::sync::LazyLock;

use borealis_pgtypes::types::{self, Proc, TypeInfo};
use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{NONE, NULL, TRUE, acl, letter, maybe, text};
use super::{Family, SystemContext};
use crate::describe::array_name;
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE};
use crate::{Catalog, Domain};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_type", pg_type)];

/// `array_typanalyze`
const ARRAY_ANALYZE: Oid = Oid(3816);
/// `domain_in` and `domain_recv`
const DOMAIN_IN: Oid = Oid(2597);
const DOMAIN_RECV: Oid = Oid(2598);

/// What is said of a type by its place, its model saying the rest.
struct Row<'a> {
    oid: Oid,
    name: Cow<'a, str>,
    schema: Oid,
    owner: Oid,
    kind: char,
    category: char,
    relation: Oid,
    element: Oid,
    array: Oid,
    domain: Option<&'a Domain>,
    acl: Datum,
}

impl Row<'_> {
    #[rustfmt::skip]
    fn like(&self, model: &TypeInfo) -> Vec<Datum> {
        let proc = |proc: Proc| Datum::Oid(proc.oid);
        let analyze = if model.is_array() { Datum::Oid(ARRAY_ANALYZE) } else { NONE };
        let domain = self.domain;
        let default = domain.and_then(|domain| domain.default.as_deref());
        let (input, receive) = if domain.is_some() { (DOMAIN_IN, DOMAIN_RECV) } else { (model.input_oid, model.receive_oid) };
        let modifiers = |named: Proc| if domain.is_some() { NONE } else { proc(named) };
        vec![
            Datum::Oid(self.oid), text(&self.name), Datum::Oid(self.schema), Datum::Oid(self.owner), Datum::Int2(model.length),
            Datum::Bool(model.by_value), letter(self.kind), letter(self.category), Datum::Bool(model.preferred && domain.is_none()),
            TRUE, letter(model.delimiter), Datum::Oid(self.relation), modifiers(model.subscript), Datum::Oid(self.element),
            Datum::Oid(self.array), Datum::Oid(input), Datum::Oid(model.output_oid), Datum::Oid(receive),
            Datum::Oid(model.send_oid), modifiers(model.modin), modifiers(model.modout), analyze,
            letter(model.align), letter(model.storage), Datum::Bool(domain.is_some_and(|domain| domain.not_null)),
            domain.map_or(NONE, |domain| Datum::Oid(domain.base.catalog_oid())), Datum::Int4(domain.map_or(-1, Domain::base_typmod)),
            Datum::Int4(0), Datum::Oid(model.collation), maybe(default), maybe(default), self.acl.clone(),
        ]
    }
}

fn base(info: &TypeInfo) -> Vec<Datum> {
    let row = Row {
        oid: info.oid,
        name: Cow::Borrowed(info.name),
        schema: PG_CATALOG_SCHEMA,
        owner: SYSTEM_ROLE,
        kind: info.kind,
        category: info.category,
        relation: Oid::INVALID,
        element: info.element,
        array: info.array,
        domain: None,
        acl: NULL,
    };
    row.like(info)
}

/// The two types of a relation: rows behave like `record`, arrays of them like any array of a type aligned as `record` is.
fn of_relation(relation: Oid, name: &str, schema: Oid, owner: Oid, row_type: Oid, array: Oid) -> Vec<Vec<Datum>> {
    let (Some(record), Some(record_array)) = (types::by_oid(Oid::RECORD), types::by_oid(Oid::INT8_ARRAY)) else { return Vec::new() };
    let row = Row {
        oid: row_type,
        name: Cow::Borrowed(name),
        schema,
        owner,
        kind: 'c',
        category: 'C',
        relation,
        element: Oid::INVALID,
        array,
        domain: None,
        acl: NULL,
    };
    vec![row.like(record), array_over(&row).like(record_array)]
}

/// The array type over a type.
fn array_over<'a>(element: &Row<'a>) -> Row<'a> {
    Row {
        oid: element.array,
        name: Cow::Owned(array_name(&element.name)),
        kind: 'b',
        category: 'A',
        relation: Oid::INVALID,
        element: element.oid,
        array: Oid::INVALID,
        domain: None,
        acl: NULL,
        ..*element
    }
}

fn of_domain(catalog: &Catalog, domain: &Domain) -> Vec<Vec<Datum>> {
    let model = types::by_oid(domain.base.oid);
    let (Some(model), Some(array)) = (model, model.and_then(|model| types::by_oid(model.array))) else { return Vec::new() };
    let row = Row {
        oid: domain.oid,
        name: Cow::Borrowed(&domain.name),
        schema: domain.schema,
        owner: domain.owner,
        kind: 'd',
        category: model.category,
        relation: Oid::INVALID,
        element: Oid::INVALID,
        array: domain.array_type,
        domain: Some(domain),
        acl: acl(catalog, &domain.acl),
    };
    vec![row.like(model), array_over(&row).like(array)]
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
    rows.extend(context.catalog.domains().flat_map(|domain| of_domain(context.catalog, domain)));
    for view in context.catalog.views() {
        rows.extend(of_relation(view.oid, &view.name, view.schema, view.owner, view.row_type, view.row_array_type));
    }
    Ok(rows)
}
