//! `pg_proc` and `pg_aggregate`.

use std::sync::LazyLock;

use borealis_pgtypes::{Datum, Oid, Result, Volatility, types};

use super::value::{FALSE, NONE, NULL, acl, array, count, letter, oid_vector, text};
use super::{Family, SystemContext};
use crate::describe::{Procedure, procedures};
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE};
use crate::{Catalog, Routine, RoutineBody};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_proc", pg_proc), (PG_CATALOG_SCHEMA, "pg_aggregate", pg_aggregate)];

/// Language `internal`: functions that the server implements.
pub(super) const INTERNAL: Oid = Oid(12);
/// Language `sql`.
const SQL: Oid = Oid(14);
/// Rows the planner expects of a function that returns a set.
const SET_ROWS: f32 = 1000.0;

/// Arguments and OUT columns together: types, modes, names; all NULL for a function that has IN arguments only.
fn all_arguments(procedure: &Procedure) -> [Datum; 3] {
    if procedure.columns.is_empty() && !procedure.variadic {
        return [NULL, NULL, NULL];
    }
    let last = procedure.args.len().saturating_sub(1);
    let mode = |at: usize| if procedure.variadic && at == last { 'v' } else { 'i' };
    let out = if procedure.returns_set { 't' } else { 'o' };
    let types = procedure.args.iter().copied().chain(procedure.columns.iter().map(|column| column.1)).map(Datum::Oid);
    let modes = (0..procedure.args.len()).map(mode).chain(procedure.columns.iter().map(|_| out)).map(letter);
    let names = procedure.args.iter().map(|_| "").chain(procedure.columns.iter().map(|column| column.0)).map(text);
    let names = if procedure.columns.is_empty() { NULL } else { array(Oid::TEXT, names.collect()) };
    [array(Oid::OID, types.collect()), array(Oid::CHAR, modes.collect()), names]
}

/// `provariadic`: the element type that the last argument repeats.
fn variadic(procedure: &Procedure) -> Oid {
    let last = procedure.args.last().copied().filter(|_| procedure.variadic);
    match last {
        None => Oid::INVALID,
        Some(Oid::ANY) => Oid::ANY,
        Some(Oid::ANYARRAY) => Oid::ANYELEMENT,
        Some(array) => types::element_of(array).unwrap_or(Oid::ANY),
    }
}

fn defaults(procedure: &Procedure) -> Datum {
    if procedure.defaults.is_empty() { NULL } else { text(&procedure.defaults.join(", ")) }
}

#[rustfmt::skip]
fn row(procedure: &Procedure) -> Vec<Datum> {
    let volatility = match procedure.volatility {
        Volatility::Immutable => 'i',
        Volatility::Stable => 's',
        Volatility::Volatile => 'v',
    };
    let [types, modes, names] = all_arguments(procedure);
    vec![
        Datum::Oid(procedure.oid), text(procedure.name), Datum::Oid(procedure.schema), Datum::Oid(SYSTEM_ROLE), Datum::Oid(INTERNAL),
        Datum::Float4(1.0), Datum::Float4(if procedure.returns_set { SET_ROWS } else { 0.0 }), Datum::Oid(variadic(procedure)), NONE,
        letter(procedure.kind), FALSE, FALSE, Datum::Bool(procedure.strict), Datum::Bool(procedure.returns_set),
        letter(volatility), letter('s'), count(procedure.args.len()), count(procedure.defaults.len()),
        Datum::Oid(procedure.result), oid_vector(procedure.args.iter().copied()), types, modes,
        names, defaults(procedure), NULL, text(procedure.name),
        NULL, NULL, NULL, NULL,
    ]
}

static PROCEDURES: LazyLock<Vec<Vec<Datum>>> = LazyLock::new(|| procedures().iter().map(row).collect());

/// A user's function; `prosqlbody` shows a body of the standard's form as it was written.
#[rustfmt::skip]
fn own(catalog: &Catalog, routine: &Routine) -> Vec<Datum> {
    let (source, standard) = match &routine.body {
        RoutineBody::Text(body) => (text(body), NULL),
        RoutineBody::Standard { text: body, .. } => (text(""), text(body)),
    };
    let variadic = routine.arguments.iter().find(|argument| argument.mode == 'v').map_or(Oid::INVALID, |argument| match argument.ty.oid {
        Oid::ANYARRAY => Oid::ANYELEMENT,
        Oid::ANYCOMPATIBLEARRAY => Oid::ANYCOMPATIBLE,
        array => types::element_of(array).unwrap_or(Oid::ANY),
    });
    let defaults: Vec<&str> = routine.inputs().filter_map(|argument| argument.default.as_deref()).collect();
    let [types, modes, names] = own_arguments(routine);
    vec![
        Datum::Oid(routine.oid), text(&routine.name), Datum::Oid(routine.schema), Datum::Oid(routine.owner), Datum::Oid(SQL),
        Datum::Float4(routine.cost), Datum::Float4(routine.rows), Datum::Oid(variadic), NONE,
        letter('f'), Datum::Bool(routine.security_definer), FALSE, Datum::Bool(routine.strict), Datum::Bool(routine.returns_set),
        letter(routine.volatility), letter(routine.parallel), count(routine.inputs().count()), count(defaults.len()),
        Datum::Oid(routine.result.catalog_oid()), oid_vector(routine.signature()), types, modes,
        names, if defaults.is_empty() { NULL } else { text(&defaults.join(", ")) }, NULL, source,
        NULL, standard, NULL, acl(catalog, &routine.acl),
    ]
}

/// Types and modes of all arguments when not all are IN; names when any has one.
fn own_arguments(routine: &Routine) -> [Datum; 3] {
    let all = || routine.arguments.iter();
    let plain = all().all(|argument| argument.mode == 'i');
    let types = || array(Oid::OID, all().map(|argument| Datum::Oid(argument.ty.catalog_oid())).collect());
    let modes = || array(Oid::CHAR, all().map(|argument| letter(argument.mode)).collect());
    let names = || array(Oid::TEXT, all().map(|argument| text(&argument.name)).collect());
    [
        if plain { NULL } else { types() },
        if plain { NULL } else { modes() },
        if all().all(|argument| argument.name.is_empty()) { NULL } else { names() },
    ]
}

fn pg_proc(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = PROCEDURES.clone();
    rows.extend(context.catalog.routines().map(|routine| own(context.catalog, routine)));
    Ok(rows)
}

/// Aggregates are built in whole here: there are no transition functions to name.
#[rustfmt::skip]
fn aggregate(procedure: &Procedure) -> Vec<Datum> {
    vec![
        Datum::Oid(procedure.oid), letter('n'), Datum::Int2(0), NONE,
        NONE, NONE, NONE, NONE,
        NONE, NONE, NONE, FALSE,
        FALSE, letter('r'), letter('r'), NONE,
        Datum::Oid(Oid::INTERNAL), Datum::Int4(0), NONE, Datum::Int4(0),
        NULL, NULL,
    ]
}

fn pg_aggregate(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(procedures().iter().filter(|procedure| procedure.kind == 'a').map(aggregate).collect())
}
