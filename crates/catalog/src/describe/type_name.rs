//! Types by oid and by name: PostgreSQL's own, and the row type and its array type that every relation has.

use borealis_pgtypes::types::{self, TypeInfo};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::name::{self, RegText};
use super::{Names, Relation, find_relation};
use crate::snapshot::{DeclaredType, PG_CATALOG_SCHEMA};
use crate::{Catalog, Domain, system};

/// Anything that has a row in `pg_type`.
#[derive(Clone, Copy, Debug)]
pub enum TypeEntry<'a> {
    /// One of PostgreSQL's types.
    Base(&'static TypeInfo),
    /// The row type of a relation.
    Row(Relation<'a>),
    /// The array type over the row type of a relation.
    RowArray(Relation<'a>),
    /// A domain.
    Domain(&'a Domain),
    /// The array type over a domain.
    DomainArray(&'a Domain),
}

impl TypeEntry<'_> {
    /// `typnamespace`
    #[must_use]
    pub fn schema(&self) -> Oid {
        match self {
            Self::Base(_) => PG_CATALOG_SCHEMA,
            Self::Row(relation) | Self::RowArray(relation) => relation.schema(),
            Self::Domain(domain) | Self::DomainArray(domain) => domain.schema,
        }
    }

    /// `pg_type.oid`
    #[must_use]
    pub fn oid(&self) -> Oid {
        match self {
            Self::Base(info) => info.oid,
            Self::Row(Relation::Table(table)) => table.row_type,
            Self::RowArray(Relation::Table(table)) => table.row_array_type,
            Self::Row(Relation::View(view)) => view.row_type,
            Self::RowArray(Relation::View(view)) => view.row_array_type,
            Self::Row(Relation::System(relation)) => relation.row_type,
            Self::RowArray(Relation::System(relation)) => relation.row_array_type,
            Self::Row(Relation::Index(..) | Relation::Sequence(_)) | Self::RowArray(Relation::Index(..) | Relation::Sequence(_)) => {
                Oid::INVALID
            }
            Self::Domain(domain) => domain.oid,
            Self::DomainArray(domain) => domain.array_type,
        }
    }

    /// `typname`: an array type is called after its element, with an underscore before it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Base(info) => info.name.to_owned(),
            Self::Row(relation) => relation.name().to_owned(),
            Self::RowArray(relation) => array_name(relation.name()),
            Self::Domain(domain) => domain.name.clone(),
            Self::DomainArray(domain) => array_name(&domain.name),
        }
    }
}

/// `makeArrayTypeName`: `_` and as much of the element's name as fits.
#[must_use]
pub(crate) fn array_name(element: &str) -> String {
    let cut = element.floor_char_boundary(62.min(element.len()));
    format!("_{}", &element[..cut])
}

/// The type with this oid.
#[must_use]
pub fn type_by_oid(catalog: &Catalog, oid: Oid) -> Option<TypeEntry<'_>> {
    if let Some(info) = types::by_oid(oid) {
        return Some(TypeEntry::Base(info));
    }
    match catalog.declared_type(oid) {
        Some(DeclaredType::Domain(domain)) => return Some(TypeEntry::Domain(domain)),
        Some(DeclaredType::DomainArray(domain)) => return Some(TypeEntry::DomainArray(domain)),
        Some(DeclaredType::Row(table)) => return Some(TypeEntry::Row(Relation::Table(table))),
        Some(DeclaredType::RowArray(table)) => return Some(TypeEntry::RowArray(Relation::Table(table))),
        None => {}
    }
    if let Some(view) = catalog.view_of_type(oid) {
        let relation = Relation::View(view);
        return Some(if view.row_type == oid { TypeEntry::Row(relation) } else { TypeEntry::RowArray(relation) });
    }
    let relation = system::by_row_type(oid)?;
    Some(if relation.row_type == oid {
        TypeEntry::Row(Relation::System(relation))
    } else {
        TypeEntry::RowArray(Relation::System(relation))
    })
}

/// The type of that `typname` in a schema.
fn find_type<'a>(catalog: &'a Catalog, schema: Oid, name: &str) -> Option<TypeEntry<'a>> {
    if schema == PG_CATALOG_SCHEMA
        && let Some(info) = types::by_name(name)
    {
        return Some(TypeEntry::Base(info));
    }
    if let Some(domain) = catalog.domain(schema, name) {
        return Some(TypeEntry::Domain(domain));
    }
    let has_rows = |relation: &Relation<'_>| !matches!(relation, Relation::Index(..) | Relation::Sequence(_));
    if let Some(relation) = find_relation(catalog, schema, name).filter(has_rows) {
        return Some(TypeEntry::Row(relation));
    }
    let element = name.strip_prefix('_')?;
    if let Some(domain) = catalog.domain(schema, element) {
        return Some(TypeEntry::DomainArray(domain));
    }
    find_relation(catalog, schema, element).filter(has_rows).map(TypeEntry::RowArray)
}

/// Whether a type of that name in that schema is what the unqualified name finds.
pub(super) fn is_visible_name(names: &Names<'_>, schema: Oid, name: &str) -> bool {
    names.search_path.iter().find(|candidate| find_type(names.catalog, **candidate, name).is_some()) == Some(&schema)
}

/// `pg_type_is_visible`; `None` when there is no such type.
#[must_use]
pub fn type_is_visible(names: &Names<'_>, oid: Oid) -> Option<bool> {
    type_by_oid(names.catalog, oid).map(|entry| is_visible_name(names, entry.schema(), &entry.name()))
}

/// `regtypein`: SQL's spelling or a `typname`, with `[]` for the array type; a modifier is read and left aside, as PostgreSQL does.
///
/// # Errors
/// `42704` when there is no such type, `3F000` when its schema is missing, `42602` or `42601` for text that is no type name.
pub fn resolve_type(names: &Names<'_>, text: &str) -> Result<Oid> {
    if let Some(oid) = name::as_oid(text) {
        return Ok(oid);
    }
    let (element, dimensions) = without_brackets(text.trim());
    let element = without_modifier(element);
    let oid = match sql_type(&element) {
        Some(oid) => oid,
        None => named(names, &element)?,
    };
    if dimensions == 0 {
        return Ok(oid);
    }
    array_of(names.catalog, oid).ok_or_else(|| undefined(text))
}

/// The array type over any type.
pub(super) fn array_of(catalog: &Catalog, element: Oid) -> Option<Oid> {
    match type_by_oid(catalog, element)? {
        TypeEntry::Base(info) => Some(info.array).filter(|oid| *oid != Oid::INVALID),
        TypeEntry::Row(relation) => Some(TypeEntry::RowArray(relation).oid()),
        TypeEntry::Domain(domain) => Some(domain.array_type),
        TypeEntry::RowArray(_) | TypeEntry::DomainArray(_) => None,
    }
}

fn undefined(text: &str) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_OBJECT, format!("type \"{text}\" does not exist"))
}

fn without_brackets(text: &str) -> (&str, usize) {
    let mut rest = text;
    let mut dimensions = 0;
    while let Some((head, inside)) = rest.strip_suffix(']').and_then(|head| head.rsplit_once('[')) {
        if !inside.trim().bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        rest = head.trim_end();
        dimensions += 1;
    }
    (rest, dimensions)
}

/// `timestamp(3) with time zone` without its `(3)`.
fn without_modifier(text: &str) -> String {
    match (text.find('('), text.find(')')) {
        (Some(open), Some(close)) if open < close && !text.starts_with('"') => format!("{}{}", text[..open].trim_end(), &text[close + 1..]),
        _ => text.to_owned(),
    }
}

/// SQL's own spellings are key words: they need no search path.
fn sql_type(text: &str) -> Option<Oid> {
    if text.starts_with('"') || text.contains('.') {
        return None;
    }
    let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
    types::sql_name(&words.join(" ")).map(|info| info.oid)
}

fn named(names: &Names<'_>, text: &str) -> Result<Oid> {
    let parts = match name::read(text).map_err(|_| not_a_type(text))? {
        RegText::Oid(oid) => return Ok(oid),
        RegText::Name(parts) => parts,
    };
    let found = match name::schema_and_name(names, &parts, "qualified name")? {
        (None, unqualified) => names.search_path.iter().find_map(|schema| find_type(names.catalog, *schema, unqualified)),
        (Some(schema), unqualified) => find_type(names.catalog, name::schema(names, schema)?, unqualified),
    };
    found.map(|entry| entry.oid()).ok_or_else(|| undefined(&parts.join(".")))
}

/// The grammar stops at the second word.
fn not_a_type(text: &str) -> SqlError {
    let near = text.split_whitespace().nth(1).unwrap_or(text);
    let message = if text.is_empty() { "invalid type name \"\"".to_owned() } else { format!("syntax error at or near \"{near}\"") };
    SqlError::new(SqlState::SYNTAX_ERROR, message).context(format!("invalid type name \"{text}\""))
}
