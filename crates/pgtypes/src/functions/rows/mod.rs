//! The rows, by family.

use crate::Function;

mod aggregate;
mod array;
mod bytes;
mod cast;
mod compare;
mod compose;
mod datetime;
mod float;
mod int;
mod introspect;
mod json;
mod jsonb;
mod like;
mod number_format;
mod numeric;
mod regexp;
mod session;
mod text;
mod window;

pub(super) const FAMILIES: &[&[Function]] = &[
    aggregate::FUNCTIONS,
    array::FUNCTIONS,
    bytes::FUNCTIONS,
    cast::FUNCTIONS,
    compare::FUNCTIONS,
    compose::FUNCTIONS,
    datetime::FUNCTIONS,
    float::FUNCTIONS,
    int::FUNCTIONS,
    introspect::FUNCTIONS,
    json::FUNCTIONS,
    jsonb::FUNCTIONS,
    like::FUNCTIONS,
    number_format::FUNCTIONS,
    numeric::FUNCTIONS,
    regexp::FUNCTIONS,
    session::FUNCTIONS,
    text::FUNCTIONS,
    window::FUNCTIONS,
];
