//! Relations, columns and rows taken from PostgreSQL 16, as data.

use borealis_pgtypes::Oid;

pub(crate) mod borealis;
pub(crate) mod btree;
pub(crate) mod information_schema;
pub(crate) mod pg_catalog;
pub(crate) mod sys;
pub(crate) mod type_io;

/// A relation without its rows.
pub(crate) struct Shape {
    pub(crate) oid: Oid,
    pub(crate) name: &'static str,
    pub(crate) kind: char,
    pub(crate) row_type: Oid,
    pub(crate) row_array_type: Oid,
    /// Numbers of the columns that are NOT NULL.
    pub(crate) not_null: &'static [i16],
    pub(crate) columns: &'static [(&'static str, Oid)],
}
