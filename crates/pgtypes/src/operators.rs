//! The operator table: every row of `pg_operator` that Borealis has.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Oid, Operator};

mod datetime;
mod json;
mod network;
mod numbers;
mod other;
mod row;
mod text;

const FAMILIES: &[&[Operator]] =
    &[numbers::OPERATORS, text::OPERATORS, datetime::OPERATORS, json::OPERATORS, network::OPERATORS, other::OPERATORS];

struct Table {
    all: Vec<&'static Operator>,
    by_oid: HashMap<Oid, &'static Operator>,
    by_name: HashMap<&'static str, Vec<&'static Operator>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { all: Vec::new(), by_oid: HashMap::new(), by_name: HashMap::new() };
    for operator in FAMILIES.iter().copied().flatten() {
        table.all.push(operator);
        table.by_oid.insert(operator.oid, operator);
        table.by_name.entry(operator.name).or_default().push(operator);
    }
    table
});

/// Every operator.
pub fn all() -> &'static [&'static Operator] {
    &TABLE.all
}

/// The operator with this oid.
pub fn by_oid(oid: Oid) -> Option<&'static Operator> {
    TABLE.by_oid.get(&oid).copied()
}

/// The oid of `left = right`, when there is such an operator.
pub fn equality(left: Oid, right: Oid) -> Option<Oid> {
    by_name("=").iter().find(|operator| operator.left == left && operator.right == right).map(|operator| operator.oid)
}

/// All operators of a name.
pub fn by_name(name: &str) -> &'static [&'static Operator] {
    TABLE.by_name.get(name).map_or(&[], Vec::as_slice)
}
