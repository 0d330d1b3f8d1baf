//! `format_type`, the types that the catalog declares included.

use borealis_pgtypes::functions::compose::quote_identifier;
use borealis_pgtypes::{Oid, Type, types};

use super::Names;
use super::type_name::{self, TypeEntry};

/// `format_type(oid, typmod)`; `typmod` `None` is SQL NULL, which means "no modifier was given" where -1 means "has none".
#[must_use]
pub fn format_type(names: &Names<'_>, oid: Oid, typmod: Option<i32>) -> String {
    if oid == Oid::INVALID {
        return "-".to_owned();
    }
    match type_name::type_by_oid(names.catalog, oid) {
        Some(TypeEntry::Base(_)) => base(oid, typmod),
        Some(entry) => declared(names, &entry),
        None => "???".to_owned(),
    }
}

/// Only `character` and `bit` are written differently with a modifier of -1: without a length they would mean length 1.
fn base(oid: Oid, typmod: Option<i32>) -> String {
    let element = types::by_oid(oid).filter(|info| info.is_array()).map_or(oid, |info| info.element);
    let suffix = if element == oid { "" } else { "[]" };
    match (element, typmod) {
        (Oid::BPCHAR, None) => format!("character{suffix}"),
        (Oid::BIT, None) => format!("bit{suffix}"),
        (Oid::BIT, Some(-1)) => format!("\"bit\"{suffix}"),
        _ => types::format_type(Type::new(oid, typmod.unwrap_or(-1))),
    }
}

fn declared(names: &Names<'_>, entry: &TypeEntry<'_>) -> String {
    let (name, suffix) = match entry {
        TypeEntry::RowArray(relation) => (relation.name(), "[]"),
        TypeEntry::Row(relation) => (relation.name(), ""),
        TypeEntry::DomainArray(domain) => (domain.name.as_str(), "[]"),
        TypeEntry::Domain(domain) => (domain.name.as_str(), ""),
        TypeEntry::Base(info) => (info.name, ""),
    };
    let visible = type_name::is_visible_name(names, entry.schema(), name);
    let text = if visible { quote_identifier(name) } else { names.qualified(entry.schema(), name) };
    format!("{text}{suffix}")
}
