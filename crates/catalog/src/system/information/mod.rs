//! `information_schema`, as PostgreSQL 16 formats it.
//!
//! Its views show what the current role may use: tables it owns or has a right on, roles it is a member of.

mod constraints;
mod data_type;
mod domains;
mod privileges;
mod relations;
mod rest;
mod routines;
mod usage;

use borealis_pgtypes::{Datum, Oid};

use super::value::{maybe, text};
use super::{DATABASE_NAME, Family, Rows, SystemContext};
use crate::acl::{Class, Rights};
use crate::describe::schema_name;
use crate::privilege::{Guarded, Standing};
use crate::snapshot::INFORMATION_SCHEMA;
use crate::{Column, Table, View};

const fn view(name: &'static str, rows: Rows) -> (Oid, &'static str, Rows) {
    (INFORMATION_SCHEMA, name, rows)
}

pub(super) const RELATIONS: Family = &[
    view("tables", relations::tables),
    view("columns", relations::columns),
    view("views", relations::views),
    view("view_column_usage", usage::view_column_usage),
    view("view_table_usage", usage::view_table_usage),
    view("schemata", relations::schemata),
    view("sequences", relations::sequences),
    view("table_constraints", constraints::table_constraints),
    view("check_constraints", constraints::check_constraints),
    view("key_column_usage", constraints::key_column_usage),
    view("constraint_column_usage", constraints::constraint_column_usage),
    view("constraint_table_usage", constraints::constraint_table_usage),
    view("referential_constraints", constraints::referential_constraints),
    view("domains", domains::domains),
    view("domain_constraints", domains::domain_constraints),
    view("domain_udt_usage", domains::domain_udt_usage),
    view("column_domain_usage", domains::column_domain_usage),
    view("routines", routines::routines),
    view("parameters", routines::parameters),
    view("table_privileges", privileges::table_privileges),
    view("role_table_grants", privileges::role_table_grants),
    view("column_privileges", privileges::column_privileges),
    view("role_column_grants", privileges::role_column_grants),
    view("routine_privileges", privileges::routine_privileges),
    view("role_routine_grants", privileges::role_routine_grants),
    view("usage_privileges", privileges::usage_privileges),
    view("role_usage_grants", privileges::role_usage_grants),
    view("administrable_role_authorizations", rest::administrable_roles),
    view("character_sets", rest::character_sets),
    view("collations", rest::collations),
    view("information_schema_catalog_name", rest::catalog_name),
    view("enabled_roles", rest::enabled_roles),
    view("applicable_roles", rest::applicable_roles),
];

/// The name of the database, which the standard calls the catalog.
fn catalog() -> Datum {
    text(DATABASE_NAME)
}

fn schema(context: &SystemContext<'_>, oid: Oid) -> Datum {
    maybe(schema_name(context.catalog, oid))
}

/// Catalog, schema and name of a table.
fn table_name(context: &SystemContext<'_>, table: &Table) -> [Datum; 3] {
    [catalog(), schema(context, table.schema), text(&table.name)]
}

/// Catalog, schema and name of a view.
fn view_name(context: &SystemContext<'_>, view: &View) -> [Datum; 3] {
    [catalog(), schema(context, view.schema), text(&view.name)]
}

/// The current role with the roles whose rights it has.
fn standing(context: &SystemContext<'_>) -> Standing {
    Standing::of(context.catalog, context.server.current_user())
}

/// Whether a relation is shown: the current role has the owner's rights, or one of the rights on it or on one of its columns.
fn shows(standing: &Standing, object: &Guarded<'_>, columns: &[Column], rights: Rights) -> bool {
    standing.has_privileges_of(object.owner)
        || !standing.held(object, rights).is_empty()
        || !standing.held_on_any_column(object, columns, rights & Class::Column.all()).is_empty()
}

/// Views that are shown to a role with one of these rights.
fn views_with<'a>(context: &'a SystemContext<'_>, rights: Rights) -> impl Iterator<Item = &'a View> {
    let standing = standing(context);
    context.catalog.views().map(AsRef::as_ref).filter(move |view| shows(&standing, &Guarded::view(view), &view.columns, rights))
}

/// Tables that are shown to a role with one of these rights.
fn tables_with<'a>(context: &'a SystemContext<'_>, rights: Rights) -> impl Iterator<Item = &'a Table> {
    let standing = standing(context);
    context.catalog.tables().map(AsRef::as_ref).filter(move |table| shows(&standing, &Guarded::table(table), &table.columns, rights))
}

/// Columns that are shown to the current role: all of what is its own, else those it has some right on.
fn visible_columns<'a>(standing: &Standing, object: &Guarded<'_>, columns: &'a [Column]) -> Vec<&'a Column> {
    let whole = standing.has_privileges_of(object.owner) || standing.held(object, Class::Column.all()) != Rights::NONE;
    let shown = |column: &&Column| {
        !column.dropped && (whole || !standing.held(&Guarded::column(object.owner, column), Class::Column.all()).is_empty())
    };
    columns.iter().filter(shown).collect()
}
