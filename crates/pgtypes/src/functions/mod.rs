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
mod int;
mod json;
mod json_build;
mod jsonb;
mod like;
mod number_format;
mod numeric;
mod regex;
mod regexp;
mod row;
mod rows;
mod session;
mod text;

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
