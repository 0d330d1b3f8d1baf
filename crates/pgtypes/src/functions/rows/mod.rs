//! The rows, by family.

use crate::Function;

mod bytes;
mod compare;
mod compose;
mod float;
mod int;
mod like;
mod numeric;
mod regexp;
mod session;
mod text;
mod window;

pub(super) const FAMILIES: &[&[Function]] = &[
    bytes::FUNCTIONS,
    compare::FUNCTIONS,
    compose::FUNCTIONS,
    float::FUNCTIONS,
    int::FUNCTIONS,
    like::FUNCTIONS,
    numeric::FUNCTIONS,
    regexp::FUNCTIONS,
    session::FUNCTIONS,
    text::FUNCTIONS,
    window::FUNCTIONS,
];
