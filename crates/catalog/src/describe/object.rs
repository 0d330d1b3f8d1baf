//! `getObjectDescription`: an object as messages about dependencies name it.

use borealis_pgtypes::Oid;
use borealis_pgtypes::functions::compose::quote_identifier;

use super::{Names, Relation, find_statistics, format_type, procedure_signature, relation_by_oid, relation_name, schema_name};
use crate::depend::{Address, Class};
use crate::system::default_oid;
use crate::{Column, Table};

/// `table t`, `column c of view v`, `constraint c on table t`, ...
#[must_use]
pub fn object_description(names: &Names<'_>, object: Address) -> String {
    match object.class {
        Class::Relation if object.column == 0 => relation(names, object.oid),
        Class::Relation => {
            let column = column_name(names, object.oid, object.column).unwrap_or("?");
            format!("column {column} of {}", relation(names, object.oid))
        }
        Class::Type => format!("type {}", format_type(names, object.oid, None)),
        Class::Function => format!("function {}", procedure_signature(names, object.oid).unwrap_or_else(|| object.oid.to_string())),
        Class::Default => default(names, object.oid),
        Class::Constraint => constraint(names, object.oid),
        Class::Statistics => statistics(names, object.oid),
        Class::Schema => format!("schema {}", schema_name(names.catalog, object.oid).unwrap_or("?")),
        Class::Rule => {
            let view = names.catalog.view_of_rule(object.oid).map_or(Oid::INVALID, |view| view.oid);
            format!("rule _RETURN on {}", relation(names, view))
        }
    }
}

/// A statistics object, with its schema where the path would not find it.
fn statistics(names: &Names<'_>, oid: Oid) -> String {
    let Some(object) = names.catalog.statistics_object_by_oid(oid) else { return format!("statistics object {oid}") };
    let visible = find_statistics(names.catalog, names.search_path, &object.name).is_some_and(|first| first.oid == oid);
    let name = if visible { quote_identifier(&object.name) } else { names.qualified(object.schema, &object.name) };
    format!("statistics object {name}")
}

/// A relation with the word for its kind.
fn relation(names: &Names<'_>, oid: Oid) -> String {
    let kind = match relation_by_oid(names.catalog, oid) {
        Some(Relation::Table(_)) => "table",
        Some(Relation::Index(..)) => "index",
        Some(Relation::View(_)) => "view",
        Some(Relation::Sequence(_)) => "sequence",
        Some(Relation::System(relation)) if relation.kind == 'v' => "view",
        Some(Relation::System(_)) => "table",
        None => "relation",
    };
    format!("{kind} {}", relation_name(names, oid).unwrap_or_else(|| oid.to_string()))
}

fn column_name<'a>(names: &Names<'a>, relation: Oid, number: i16) -> Option<&'a str> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    let columns: &'a [Column] = match relation_by_oid(names.catalog, relation)? {
        Relation::Table(table) => &table.columns,
        Relation::View(view) => &view.columns,
        Relation::System(relation) => return relation.columns.get(place).map(|(name, _)| *name),
        Relation::Index(..) | Relation::Sequence(_) => return None,
    };
    columns.get(place).map(|column| column.name.as_str())
}

fn constraint(names: &Names<'_>, oid: Oid) -> String {
    let Some((_, table)) = names.catalog.constraint_by_oid(oid) else { return format!("constraint {oid}") };
    let name = constraint_name(table, oid).unwrap_or("?");
    format!("constraint {name} on {}", relation(names, table.oid))
}

fn constraint_name(table: &Table, oid: Oid) -> Option<&str> {
    use crate::snapshot::Constraint::{Check, Foreign, Unique};
    table.constraints().find(|(known, _)| *known == oid).map(|(_, constraint)| match constraint {
        Unique(index) => index.name.as_str(),
        Check(check) => check.name.as_str(),
        Foreign(key) => key.name.as_str(),
    })
}

fn default(names: &Names<'_>, oid: Oid) -> String {
    let tables = names.catalog.tables().map(|table| (table.oid, table.columns.as_slice()));
    let views = names.catalog.views().map(|view| (view.oid, view.columns.as_slice()));
    let mut columns = tables.chain(views).flat_map(|(relation, columns)| columns.iter().map(move |column| (relation, column)));
    match columns.find(|(relation, column)| default_oid(*relation, column.number) == oid) {
        Some((of, column)) => format!("default value for column {} of {}", column.name, relation(names, of)),
        None => format!("default value {oid}"),
    }
}
