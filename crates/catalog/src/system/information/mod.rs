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
use crate::describe::schema_name;
use crate::snapshot::INFORMATION_SCHEMA;
use crate::{Table, View, privilege};

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
    view("role_table_grants", privileges::table_privileges),
    view("column_privileges", privileges::column_privileges),
    view("role_column_grants", privileges::column_privileges),
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

/// Views that the current role owns or has one of these rights on.
fn views_with<'a>(context: &'a SystemContext<'_>, rights: &'static str) -> impl Iterator<Item = &'a View> {
    let catalog = context.catalog;
    let role = context.server.current_user();
    let allowed = move |view: &&View| {
        let guarded = privilege::Guarded { owner: view.owner, acl: view.acl.clone() };
        rights.chars().any(|right| privilege::allowed(catalog, role, &guarded, right, false))
    };
    catalog.views().map(AsRef::as_ref).filter(allowed)
}

/// User tables that the current role owns or has one of these rights on.
fn tables_with<'a>(context: &'a SystemContext<'_>, rights: &'static str) -> impl Iterator<Item = &'a Table> {
    let catalog = context.catalog;
    let role = context.server.current_user();
    let allowed = move |table: &&Table| {
        let guarded = privilege::Guarded { owner: table.owner, acl: table.acl.clone() };
        rights.chars().any(|right| privilege::allowed(catalog, role, &guarded, right, false))
    };
    catalog.tables().map(AsRef::as_ref).filter(allowed)
}
