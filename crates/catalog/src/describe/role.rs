//! Roles and schemas, which live outside every schema.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::Names;
use super::name::{self, RegText};
use crate::Catalog;
use crate::snapshot::{SYSTEM_ROLE, SYSTEM_ROLE_NAME};

/// A role's name.
#[must_use]
pub fn role_name(catalog: &Catalog, oid: Oid) -> Option<&str> {
    if oid == SYSTEM_ROLE {
        return Some(SYSTEM_ROLE_NAME);
    }
    catalog.role_by_oid(oid).map(|role| role.name.as_str())
}

/// A schema's name.
#[must_use]
pub fn schema_name(catalog: &Catalog, oid: Oid) -> Option<&str> {
    catalog.schema_by_oid(oid).map(|schema| schema.name.as_str())
}

/// The role of that name, folded and unquoted already.
///
/// # Errors
/// `42704`
pub fn role_by_name(catalog: &Catalog, name: &str) -> Result<Oid> {
    if name == SYSTEM_ROLE_NAME {
        return Ok(SYSTEM_ROLE);
    }
    catalog
        .role(name)
        .map(|role| role.oid)
        .ok_or_else(|| SqlError::new(SqlState::UNDEFINED_OBJECT, format!("role \"{name}\" does not exist")))
}

/// `regrolein`.
///
/// # Errors
/// `42704` when there is no such role, `42602` for text that is no name.
pub fn resolve_role(names: &Names<'_>, text: &str) -> Result<Oid> {
    match name::read(text)? {
        RegText::Oid(oid) => Ok(oid),
        RegText::Name(parts) => match parts.as_slice() {
            [role] => role_by_name(names.catalog, role),
            _ => Err(name::invalid()),
        },
    }
}

/// `regnamespacein`.
///
/// # Errors
/// `3F000` when there is no such schema, `42602` for text that is no name.
pub fn resolve_schema(names: &Names<'_>, text: &str) -> Result<Oid> {
    match name::read(text)? {
        RegText::Oid(oid) => Ok(oid),
        RegText::Name(parts) => match parts.as_slice() {
            [schema] => name::schema(names, schema),
            _ => Err(name::invalid()),
        },
    }
}
