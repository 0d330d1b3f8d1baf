//! `pg_operator`, `pg_cast` and the operator families: from the tables that the binder resolves with.

use std::sync::LazyLock;

use borealis_pgtypes::{Cast, CastContext, CastMethod, Datum, Oid, Operator, Result, Strategy, cast, operators};

use super::data::btree;
use super::relation::BTREE_INDEX_METHOD;
use super::value::{NONE, letter, text};
use super::{Family, SystemContext};
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE};

pub(super) const RELATIONS: Family = &[
    (PG_CATALOG_SCHEMA, "pg_operator", pg_operator),
    (PG_CATALOG_SCHEMA, "pg_cast", pg_cast),
    (PG_CATALOG_SCHEMA, "pg_opclass", pg_opclass),
    (PG_CATALOG_SCHEMA, "pg_opfamily", pg_opfamily),
    (PG_CATALOG_SCHEMA, "pg_amop", pg_amop),
    (PG_CATALOG_SCHEMA, "pg_amproc", pg_amproc),
];

static OPERATORS: LazyLock<Vec<Vec<Datum>>> = LazyLock::new(|| operators::all().iter().map(|found| operator(found)).collect());

#[rustfmt::skip]
fn operator(operator: &Operator) -> Vec<Datum> {
    let equality = Datum::Bool(operator.strategy == Some(Strategy::Equal));
    vec![
        Datum::Oid(operator.oid), text(operator.name), Datum::Oid(PG_CATALOG_SCHEMA), Datum::Oid(SYSTEM_ROLE),
        letter(if operator.left == Oid::INVALID { 'l' } else { 'b' }), equality.clone(), equality,
        Datum::Oid(operator.left), Datum::Oid(operator.right), Datum::Oid(operator.result), Datum::Oid(operator.commutator),
        Datum::Oid(operator.negator), Datum::Oid(operator.function), NONE, NONE,
    ]
}

fn pg_operator(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(OPERATORS.clone())
}

/// Casts have no fixed numbers in PostgreSQL either: it gives them out from here when it starts a cluster.
const FIRST_CAST: u32 = 10_035;

fn one_cast((at, cast): (usize, &Cast)) -> Vec<Datum> {
    let context = match cast.context {
        CastContext::Implicit => 'i',
        CastContext::Assignment => 'a',
        CastContext::Explicit => 'e',
    };
    let (function, method) = match cast.method {
        CastMethod::Function(oid) => (oid, 'f'),
        CastMethod::Binary => (Oid::INVALID, 'b'),
        CastMethod::InOut => (Oid::INVALID, 'i'),
    };
    let oid = Oid(FIRST_CAST + u32::try_from(at).unwrap_or(0));
    vec![Datum::Oid(oid), Datum::Oid(cast.source), Datum::Oid(cast.target), Datum::Oid(function), letter(context), letter(method)]
}

fn pg_cast(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(cast::CASTS.iter().enumerate().map(one_cast).collect())
}

fn pg_opfamily(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(oid, name): &(u32, &str)| {
        vec![Datum::Oid(Oid(*oid)), Datum::Oid(BTREE_INDEX_METHOD), text(name), Datum::Oid(PG_CATALOG_SCHEMA), Datum::Oid(SYSTEM_ROLE)]
    };
    Ok(btree::FAMILIES.iter().map(row).collect())
}

fn pg_opclass(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(oid, name, family, input, default, key): &(u32, &str, u32, Oid, bool, Oid)| {
        let (schema, owner) = (Datum::Oid(PG_CATALOG_SCHEMA), Datum::Oid(SYSTEM_ROLE));
        let method = Datum::Oid(BTREE_INDEX_METHOD);
        let family = Datum::Oid(Oid(*family));
        vec![Datum::Oid(Oid(*oid)), method, text(name), schema, owner, family, Datum::Oid(*input), Datum::Bool(*default), Datum::Oid(*key)]
    };
    Ok(btree::CLASSES.iter().map(row).collect())
}

fn pg_amop(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let known = btree::OPERATORS.iter().filter(|row| operators::by_oid(Oid(row.5)).is_some());
    let row = |(oid, family, left, right, strategy, operator): &(u32, u32, Oid, Oid, i16, u32)| {
        let (oid, family, operator) = (Datum::Oid(Oid(*oid)), Datum::Oid(Oid(*family)), Datum::Oid(Oid(*operator)));
        let method = Datum::Oid(BTREE_INDEX_METHOD);
        vec![oid, family, Datum::Oid(*left), Datum::Oid(*right), Datum::Int2(*strategy), letter('s'), operator, method, NONE]
    };
    Ok(known.map(row).collect())
}

fn pg_amproc(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(oid, family, left, right, function): &(u32, u32, Oid, Oid, u32)| {
        let (oid, family, function) = (Datum::Oid(Oid(*oid)), Datum::Oid(Oid(*family)), Datum::Oid(Oid(*function)));
        vec![oid, family, Datum::Oid(*left), Datum::Oid(*right), Datum::Int2(1), function]
    };
    Ok(btree::COMPARISONS.iter().map(row).collect())
}
