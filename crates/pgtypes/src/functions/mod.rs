//! The function table: every row of `pg_proc` that Borealis has, each with its implementation.
//!
//! One family a file; a family's rows stand in `rows/`, one line each, with PostgreSQL's own oid, argument types, strictness and volatility.
//! Implementations carry the name of the C function (`prosrc`) they answer like, so that a row and its code can be compared with `pg_proc.dat`.
//! This module only assembles.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Function, Oid};

mod aggregate;
mod args;
mod array;
mod bytes;
mod cast;
mod compare;
pub mod compose;
mod datetime;
mod float;
pub mod hidden;
mod int;
mod introspect;
mod json;
mod json_build;
mod json_record;
mod jsonb;
mod jsonpath;
mod like;
mod network;
mod normalize;
mod number_format;
mod numeric;
pub mod random;
mod record_compare;
pub(crate) mod regex;
mod regexp;
mod row;
mod rows;
mod sample;
mod session;
pub mod sql_json;
mod subscript;
mod text;
mod text_search;
mod validity;

struct Table {
    all: Vec<&'static Function>,
    by_oid: HashMap<Oid, &'static Function>,
    by_name: HashMap<&'static str, Vec<&'static Function>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { all: Vec::new(), by_oid: HashMap::new(), by_name: HashMap::new() };
    for function in rows::FAMILIES.iter().copied().flatten() {
        table.all.push(function);
        table.by_oid.insert(function.oid, function);
        table.by_name.entry(function.name).or_default().push(function);
    }
    table
});

/// The schema a function lives in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Home {
    PgCatalog,
    InformationSchema,
    Sys,
    Borealis,
}

/// Where a function lives. PostgreSQL leaves 9900 to 9999 free; functions without a number of PostgreSQL's have one of these.
#[must_use]
pub const fn home(oid: Oid) -> Home {
    match oid.0 {
        9980..=9989 => Home::InformationSchema,
        9990..=9999 => Home::Borealis,
        9900..=9999 => Home::Sys,
        _ => Home::PgCatalog,
    }
}

/// Every function.
pub fn all() -> &'static [&'static Function] {
    &TABLE.all
}

/// The function with this oid.
pub fn by_oid(oid: Oid) -> Option<&'static Function> {
    TABLE.by_oid.get(&oid).copied()
}

/// All overloads of a name (lower case).
pub fn by_name(name: &str) -> &'static [&'static Function] {
    TABLE.by_name.get(name).map_or(&[], Vec::as_slice)
}
