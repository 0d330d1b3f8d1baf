//! Tables, columns, views and schemas.

use borealis_pgtypes::{Datum, Oid, Result, Type};

use super::data_type::DataType;
use super::{catalog, schema, shows, standing, table_name, tables_with, view_name, views_with, visible_columns};
use crate::acl::Class;
use crate::describe::{Names, role_name, stored_expression};
use crate::privilege::Guarded;
use crate::system::value::{NULL, maybe, text, yes_or_no};
use crate::system::{DATABASE_NAME, SystemContext, SystemRelation, all};
use crate::{CheckOption, Column, Sequence, Table, View, updatable};

#[rustfmt::skip]
fn table_row([catalog, schema, name]: [Datum; 3], kind: &str, insertable: bool) -> Vec<Datum> {
    vec![
        catalog, schema, name, text(kind),
        NULL, NULL, NULL, NULL,
        NULL, yes_or_no(insertable), yes_or_no(false), NULL,
    ]
}

fn system_name(context: &SystemContext<'_>, relation: &SystemRelation) -> [Datum; 3] {
    [catalog(), schema(context, relation.schema), text(relation.name)]
}

pub(super) fn tables(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let kind = |relation: &SystemRelation| if relation.kind == 'v' { "VIEW" } else { "BASE TABLE" };
    let system = all().iter().map(|relation| table_row(system_name(context, relation), kind(relation), false));
    let user = tables_with(context, Class::Table.all()).map(|table| table_row(table_name(context, table), "BASE TABLE", true));
    let views = views_with(context, Class::Table.all())
        .map(|view| table_row(view_name(context, view), "VIEW", updatable::events(context.catalog, view).write));
    Ok(system.chain(user).chain(views).collect())
}

/// What `columns` says of a column beyond its type.
struct ColumnFacts<'a> {
    name: &'a str,
    number: i32,
    not_null: bool,
    default: Option<&'a str>,
    identity: Option<(bool, Option<&'a Sequence>)>,
    generated: Option<&'a str>,
    updatable: bool,
}

#[rustfmt::skip]
fn column_row([catalog, schema, table]: [Datum; 3], column: &ColumnFacts<'_>, ty: DataType) -> Vec<Datum> {
    let generation = column.identity.map_or(NULL, |(always, _)| text(if always { "ALWAYS" } else { "BY DEFAULT" }));
    let sequence = column.identity.and_then(|(_, sequence)| sequence);
    let number = |value: fn(&Sequence) -> i64| sequence.map_or(NULL, |sequence| text(&value(sequence).to_string()));
    let [length, octets] = ty.character;
    let [precision, radix, scale] = ty.numeric;
    let [seconds, interval_type, interval_precision] = ty.datetime;
    let [collation_catalog, collation_schema, collation_name] = ty.collation;
    let [udt_catalog, udt_schema, udt_name] = ty.udt;
    let [domain_catalog, domain_schema, domain_name] = ty.domain;
    vec![
        catalog, schema, table, text(column.name),
        Datum::Int4(column.number), maybe(column.default), yes_or_no(!column.not_null), ty.name,
        length, octets, precision, radix,
        scale, seconds, interval_type, interval_precision,
        NULL, NULL, NULL, collation_catalog,
        collation_schema, collation_name, domain_catalog, domain_schema,
        domain_name, udt_catalog, udt_schema, udt_name,
        NULL, NULL, NULL, NULL,
        text(&column.number.to_string()), yes_or_no(false), yes_or_no(column.identity.is_some()), generation,
        number(|s| s.start), number(|s| s.increment), number(|s| s.max), number(|s| s.min),
        yes_or_no(sequence.is_some_and(|s| s.cycle)), text(if column.generated.is_some() { "ALWAYS" } else { "NEVER" }), maybe(column.generated), yes_or_no(column.updatable),
    ]
}

fn user_columns(context: &SystemContext<'_>, names: &Names<'_>, table: &Table) -> Vec<Vec<Datum>> {
    let path = context.server.search_path();
    let shown = Names { search_path: &path, ..*names };
    let row = |column: &Column| {
        let default = column.default.as_deref().map(|text| stored_expression(&shown, text));
        let facts = ColumnFacts {
            name: &column.name,
            number: i32::from(column.number),
            not_null: column.not_null,
            default: default.as_deref().filter(|_| column.generated.is_none()),
            identity: column.identity.as_ref().map(|identity| {
                let sequence = context.catalog.sequence_by_oid(identity.sequence);
                (identity.always, sequence.map(AsRef::as_ref))
            }),
            generated: column.generated.as_deref(),
            updatable: true,
        };
        column_row(table_name(context, table), &facts, DataType::of(names, column.ty))
    };
    visible_columns(&standing(context), &Guarded::table(table), &table.columns).into_iter().map(row).collect()
}

fn view_columns(context: &SystemContext<'_>, names: &Names<'_>, view: &View) -> Vec<Vec<Datum>> {
    let row = |column: &Column| {
        let facts = ColumnFacts {
            name: &column.name,
            number: i32::from(column.number),
            not_null: false,
            default: column.default.as_deref(),
            identity: None,
            generated: None,
            updatable: updatable::column(context.catalog, view, column.number),
        };
        column_row(view_name(context, view), &facts, DataType::of(names, column.ty))
    };
    visible_columns(&standing(context), &Guarded::view(view), &view.columns).into_iter().map(row).collect()
}

fn system_columns(context: &SystemContext<'_>, names: &Names<'_>, relation: &SystemRelation) -> Vec<Vec<Datum>> {
    let row = |(number, (name, oid)): (i32, &(&str, Oid))| {
        let not_null = relation.not_null.iter().any(|not_null| i32::from(*not_null) == number);
        let facts = ColumnFacts { name, number, not_null, default: None, identity: None, generated: None, updatable: false };
        column_row(system_name(context, relation), &facts, DataType::of(names, Type::plain(*oid)))
    };
    (1..).zip(relation.columns).map(row).collect()
}

/// The columns of system relations never change, and neither do the names of their schemas.
static SYSTEM_COLUMNS: std::sync::OnceLock<Vec<Vec<Datum>>> = std::sync::OnceLock::new();

pub(super) fn columns(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let names = Names { catalog: context.catalog, search_path: &[], database: DATABASE_NAME };
    let system = SYSTEM_COLUMNS.get_or_init(|| all().iter().flat_map(|relation| system_columns(context, &names, relation)).collect());
    let user = tables_with(context, Class::Column.all()).flat_map(|table| user_columns(context, &names, table));
    let views = views_with(context, Class::Column.all()).flat_map(|view| view_columns(context, &names, view));
    Ok(system.iter().cloned().chain(user).chain(views).collect())
}

pub(super) fn views(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |relation: &SystemRelation| {
        let no = || yes_or_no(false);
        let named = system_name(context, relation).into_iter();
        named.chain([NULL, text("NONE"), no(), no(), no(), no(), no()]).collect()
    };
    let mut rows: Vec<Vec<Datum>> = all().iter().filter(|relation| relation.kind == 'v').map(row).collect();
    for view in views_with(context, Class::Table.all()) {
        rows.push(view_row(context, view)?);
    }
    Ok(rows)
}

fn view_row(context: &SystemContext<'_>, view: &View) -> Result<Vec<Datum>> {
    let owned = standing(context).has_privileges_of(view.owner);
    let definition = if owned { context.server.view_definition(context.catalog, view.oid)? } else { None };
    let check = match view.check_option() {
        None => "NONE",
        Some(CheckOption::Local) => "LOCAL",
        Some(CheckOption::Cascaded) => "CASCADED",
    };
    let events = updatable::events(context.catalog, view);
    let no = || yes_or_no(false);
    let ends =
        [maybe(definition.as_deref()), text(check), yes_or_no(events.write && events.delete), yes_or_no(events.write), no(), no(), no()];
    Ok(view_name(context, view).into_iter().chain(ends).collect())
}

/// Sequences that the current role owns or may use, but for those of identity columns.
#[rustfmt::skip]
pub(super) fn sequences(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let standing = standing(context);
    let shown = |sequence: &&std::sync::Arc<Sequence>| {
        !sequence.owned_by.is_some_and(|owner| owner.identity)
            && shows(&standing, &Guarded::sequence(sequence), &[], Class::Sequence.all())
    };
    let row = |sequence: &std::sync::Arc<Sequence>| vec![
        catalog(), schema(context, sequence.schema), text(&sequence.name), text("bigint"),
        Datum::Int4(64), Datum::Int4(2), Datum::Int4(0), text(&sequence.start.to_string()),
        text(&sequence.min.to_string()), text(&sequence.max.to_string()), text(&sequence.increment.to_string()), yes_or_no(sequence.cycle),
    ];
    Ok(context.catalog.sequences().filter(shown).map(row).collect())
}

/// Schemas that the current role owns or has a right on.
pub(super) fn schemata(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let standing = standing(context);
    let usable = |found: &&std::sync::Arc<crate::Schema>| shows(&standing, &Guarded::schema(found), &[], Class::Schema.all());
    let row = |found: &std::sync::Arc<crate::Schema>| {
        let owner = maybe(role_name(context.catalog, found.owner));
        vec![catalog(), text(&found.name), owner, NULL, NULL, NULL, NULL]
    };
    Ok(context.catalog.schemas().filter(usable).map(row).collect())
}
