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
mod json_record;
mod jsonb;
mod jsonpath;
mod like;
mod network;
mod normalize;
mod number_format;
mod numeric;
mod ordered_set;
mod regexp;
mod session;
mod text;
mod text_search;
mod validity;
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
    json_record::FUNCTIONS,
    jsonb::FUNCTIONS,
    jsonpath::FUNCTIONS,
    like::FUNCTIONS,
    network::FUNCTIONS,
    normalize::FUNCTIONS,
    number_format::FUNCTIONS,
    numeric::FUNCTIONS,
    ordered_set::FUNCTIONS,
    regexp::FUNCTIONS,
    session::FUNCTIONS,
    text::FUNCTIONS,
    text_search::FUNCTIONS,
    validity::FUNCTIONS,
    window::FUNCTIONS,
];
