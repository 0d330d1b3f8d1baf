//! System relations: `pg_catalog`, `information_schema` and `sys` as real relations, computed from a catalog snapshot.
//!
//! Every relation has PostgreSQL 16's number, columns, types and order (`data`). The rows of one family of relations are computed in one file, which lists
//! its relations in `RELATIONS`; a relation that no family lists is empty here, because what it describes does not exist (triggers, policies,
//! publications). Rows that depend on nothing but the release are computed once.

mod activity;
mod attribute;
mod borealis;
pub(crate) mod cluster;
pub(crate) mod comments;
mod constraint;
pub(crate) mod data;
mod depend;
mod extended;
mod index;
mod information;
mod operator;
mod privilege;
mod procedure;
mod relation;
mod role;
mod sequence;
mod statistics;
mod summary;
mod sys;
mod types;
mod value;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use borealis_pgtypes::{Datum, Oid, Result, Settings};

use crate::snapshot::{BOREALIS_SCHEMA, INFORMATION_SCHEMA, PG_CATALOG_SCHEMA, SYS_SCHEMA};
use crate::statistics::TableStatistics;
use crate::{Catalog, SequenceState};

pub use attribute::default_oid;
pub(crate) use attribute::default_text;
pub(crate) use constraint::{columns_of_check, columns_of_expression, key_columns, target_index};
pub use relation::{BTREE_INDEX_METHOD, BTREE_TABLE_METHOD};
pub use sequence::COLUMNS as SEQUENCE_COLUMNS;

/// Oid of `borealis.inject`.
pub(crate) const INJECT: Oid = Oid(9973);

/// Computes a relation's rows.
pub type Rows = fn(&SystemContext<'_>) -> Result<Vec<Vec<Datum>>>;

/// A relation computed by the server.
pub struct SystemRelation {
    /// PostgreSQL's oid.
    pub oid: Oid,
    /// Its schema: `pg_catalog`, `information_schema`, `sys` or `borealis`.
    pub schema: Oid,
    /// Name.
    pub name: &'static str,
    /// `reltype`, the type of its rows.
    pub row_type: Oid,
    /// The array type over `row_type`.
    pub row_array_type: Oid,
    /// `relkind`: r or v.
    pub kind: char,
    /// Columns: name and type.
    pub columns: &'static [(&'static str, Oid)],
    /// Numbers of the columns that are NOT NULL.
    pub not_null: &'static [i16],
    /// Its rows, each with one value per column.
    pub rows: Rows,
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
    /// Rows of `borealis.conflicts` in its column order.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn conflicts(&self, _settings: &Settings) -> Result<Vec<Vec<Datum>>> {
        Ok(Vec::new())
    }
    /// Rows of `borealis.inject` in its column order.
    fn injections(&self) -> Vec<Vec<Datum>> {
        Vec::new()
    }
    /// What ANALYZE found in a table; `None`: never analysed.
    fn statistics(&self, table: Oid) -> Option<Arc<TableStatistics>>;
    /// Schemas searched for unqualified names, the implicit ones included.
    fn search_path(&self) -> Vec<Oid>;
    /// How far a sequence has come.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn sequence_state(&self, sequence: &crate::Sequence) -> Result<SequenceState>;
    /// A view's query as `pg_get_viewdef` shows it under the session's search path.
    ///
    /// # Errors
    /// When the stored query does not bind.
    fn view_definition(&self, catalog: &Catalog, view: Oid) -> Result<Option<String>>;
    /// Sessions: pid, role, application name, state, start of session (microseconds since 2000).
    fn sessions(&self) -> Vec<(i32, Oid, String, String, i64)>;
}

/// The name of the one database, where a relation shows it.
pub const DATABASE_NAME: &str = "postgres";

/// A family's relations: schema, name, rows.
type Family = &'static [(Oid, &'static str, Rows)];

const FAMILIES: &[Family] = &[
    activity::RELATIONS,
    attribute::RELATIONS,
    borealis::RELATIONS,
    cluster::RELATIONS,
    constraint::RELATIONS,
    depend::RELATIONS,
    extended::RELATIONS,
    index::RELATIONS,
    information::RELATIONS,
    operator::RELATIONS,
    privilege::RELATIONS,
    procedure::RELATIONS,
    relation::RELATIONS,
    role::RELATIONS,
    sequence::RELATIONS,
    statistics::RELATIONS,
    summary::RELATIONS,
    sys::RELATIONS,
    types::RELATIONS,
];

struct Registry {
    all: Vec<SystemRelation>,
    by_name: HashMap<(Oid, &'static str), usize>,
    by_oid: HashMap<Oid, usize>,
    by_row_type: HashMap<Oid, usize>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let rows: HashMap<_, _> = FAMILIES.iter().copied().flatten().map(|(schema, name, rows)| ((*schema, *name), *rows)).collect();
    let schemas = [
        (PG_CATALOG_SCHEMA, data::pg_catalog::RELATIONS),
        (INFORMATION_SCHEMA, data::information_schema::RELATIONS),
        (SYS_SCHEMA, data::sys::RELATIONS),
        (BOREALIS_SCHEMA, data::borealis::RELATIONS),
    ];
    let shapes = schemas.into_iter().flat_map(|(schema, shapes)| shapes.iter().map(move |shape| (schema, shape)));
    let all: Vec<_> = shapes.map(|(schema, shape)| relation(schema, shape, rows.get(&(schema, shape.name)).copied())).collect();
    let mut registry = Registry { by_name: HashMap::new(), by_oid: HashMap::new(), by_row_type: HashMap::new(), all: Vec::new() };
    for (at, relation) in all.iter().enumerate() {
        registry.by_name.insert((relation.schema, relation.name), at);
        registry.by_oid.insert(relation.oid, at);
        registry.by_row_type.insert(relation.row_type, at);
        registry.by_row_type.insert(relation.row_array_type, at);
    }
    registry.all = all;
    registry
});

fn relation(schema: Oid, shape: &'static data::Shape, rows: Option<Rows>) -> SystemRelation {
    SystemRelation {
        oid: shape.oid,
        schema,
        name: shape.name,
        row_type: shape.row_type,
        row_array_type: shape.row_array_type,
        kind: shape.kind,
        columns: shape.columns,
        not_null: shape.not_null,
        rows: rows.unwrap_or(no_rows),
    }
}

fn no_rows(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Vec::new())
}

/// All system relations.
#[must_use]
pub fn all() -> &'static [SystemRelation] {
    &REGISTRY.all
}

/// The relation of that name.
#[must_use]
pub fn by_name(schema: Oid, name: &str) -> Option<&'static SystemRelation> {
    REGISTRY.by_name.get(&(schema, name)).map(|at| &REGISTRY.all[*at])
}

/// The relation with that oid.
#[must_use]
pub fn by_oid(oid: Oid) -> Option<&'static SystemRelation> {
    REGISTRY.by_oid.get(&oid).map(|at| &REGISTRY.all[*at])
}

/// The relation whose row type, or array type over it, has that oid.
#[must_use]
pub fn by_row_type(oid: Oid) -> Option<&'static SystemRelation> {
    REGISTRY.by_row_type.get(&oid).map(|at| &REGISTRY.all[*at])
}

#[cfg(test)]
mod tests;
