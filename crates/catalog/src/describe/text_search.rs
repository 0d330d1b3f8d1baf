//! Text search configurations: there is `simple` and no other.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::name::{self, RegText};

/// `pg_catalog.simple`.
pub(crate) const SIMPLE: Oid = Oid(3748);

/// `regconfigin`.
///
/// # Errors
/// `42704` when there is no such configuration, `42602` for text that is no name.
pub fn resolve_text_search_configuration(text: &str) -> Result<Oid> {
    let parts = match name::read(text)? {
        RegText::Oid(oid) => return Ok(oid),
        RegText::Name(parts) => parts,
    };
    match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["simple"] | ["pg_catalog", "simple"] => Ok(SIMPLE),
        _ => {
            let text = format!("text search configuration \"{}\" does not exist", parts.join("."));
            Err(SqlError::new(SqlState::UNDEFINED_OBJECT, text))
        }
    }
}

/// A configuration's name.
#[must_use]
pub fn text_search_configuration_name(oid: Oid) -> Option<&'static str> {
    (oid == SIMPLE).then_some("simple")
}
