//! System relations: `pg_catalog`, `information_schema` and `sys` as real relations, computed from a catalog snapshot.

use borealis_pgtypes::{Datum, Oid, Result, Settings};

use crate::Catalog;

pub(crate) mod comments;
pub(crate) mod data;

/// A relation computed by the server.
pub struct SystemRelation {
    /// PostgreSQL's oid.
    pub oid: Oid,
    /// Its schema: `pg_catalog`, `information_schema` or `sys`.
    pub schema: Oid,
    /// Name.
    pub name: &'static str,
    /// `reltype`, the type of its rows; [`Oid::INVALID`] for a relation that PostgreSQL does not have.
    pub row_type: Oid,
    /// The array type over `row_type`.
    pub row_array_type: Oid,
    /// `relkind`: r or v.
    pub kind: char,
    /// Columns: name and type.
    pub columns: &'static [(&'static str, Oid)],
    /// Its rows, each with one value per column.
    pub rows: fn(&SystemContext<'_>) -> Result<Vec<Vec<Datum>>>,
}

impl std::fmt::Debug for SystemRelation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What the rows are computed from.
pub struct SystemContext<'a> {
    /// The statement's catalog snapshot.
    pub catalog: &'a Catalog,
    /// Session settings.
    pub settings: &'a Settings,
    /// What only the running server knows.
    pub server: &'a dyn ServerState,
}

/// Facts of the running server that system relations show.
pub trait ServerState {
    /// The session's current role.
    fn current_user(&self) -> Oid;
    /// All parameters: name, value, description.
    fn parameters(&self) -> Vec<(String, String, String)>;
    /// Rows of `sys.jobs` in its column order.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn jobs(&self) -> Result<Vec<Vec<Datum>>>;
    /// Estimated number of rows of a table (-1: never analysed), as `reltuples` shows.
    fn estimated_rows(&self, table: Oid) -> f32;
    /// Sessions: pid, role, application name, state, start of session (microseconds since 2000).
    fn sessions(&self) -> Vec<(i32, Oid, String, String, i64)>;
}

/// All system relations.
#[must_use]
pub fn all() -> &'static [SystemRelation] {
    &[]
}

/// The relation of that name.
#[must_use]
pub fn by_name(schema: Oid, name: &str) -> Option<&'static SystemRelation> {
    all().iter().find(|relation| relation.schema == schema && relation.name == name)
}

/// The relation with that oid.
#[must_use]
pub fn by_oid(oid: Oid) -> Option<&'static SystemRelation> {
    all().iter().find(|relation| relation.oid == oid)
}

/// The relation whose row type, or array type over it, has that oid.
#[must_use]
pub fn by_row_type(oid: Oid) -> Option<&'static SystemRelation> {
    all().iter().find(|relation| relation.row_type == oid || relation.row_array_type == oid)
}
