//! The rows, by family.

use crate::Function;

mod aggregate;
mod array;
mod bytes;
mod compare;
mod compose;
mod float;
mod int;
mod json;
mod jsonb;
mod like;
mod numeric;
mod regexp;
mod session;
mod text;
mod window;

pub(super) const FAMILIES: &[&[Function]] = &[
    aggregate::FUNCTIONS,
    array::FUNCTIONS,
    bytes::FUNCTIONS,
    compare::FUNCTIONS,
    compose::FUNCTIONS,
    float::FUNCTIONS,
    int::FUNCTIONS,
    json::FUNCTIONS,
    jsonb::FUNCTIONS,
    like::FUNCTIONS,
    numeric::FUNCTIONS,
    regexp::FUNCTIONS,
    session::FUNCTIONS,
    text::FUNCTIONS,
    window::FUNCTIONS,
];
