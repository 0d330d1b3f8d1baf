//! `borealis.inject_add`, `inject_remove`, `inject_clear`: the rules of `borealis.inject`.

use borealis_pgtypes::{Datum, Result, SessionFunction};

use super::{Call, wrong};

pub(super) fn change(call: &Call<'_>, function: SessionFunction) -> Result<Datum> {
    match (function, call.arg(0)) {
        (SessionFunction::InjectAdd, Datum::Jsonb(rule)) => Ok(Datum::Int8(call.facts.inject_add(rule)?)),
        (SessionFunction::InjectRemove, Datum::Int8(id)) => Ok(Datum::Bool(call.facts.inject_remove(*id)?)),
        (SessionFunction::InjectClear, _) => Ok(Datum::Int8(call.facts.inject_clear()?)),
        (_, other) => Err(wrong(0, other)),
    }
}
