//! Rows: `to_char` of numbers, `to_number`.

use crate::Body::Scalar;
use crate::functions::{number_format, row::functions};

functions! {
    1772 "to_char"(NUMERIC, TEXT) -> TEXT, Stable strict fixed, Scalar(number_format::numeric_to_char);
    1773 "to_char"(INT4, TEXT) -> TEXT, Stable strict fixed, Scalar(number_format::int4_to_char);
    1774 "to_char"(INT8, TEXT) -> TEXT, Stable strict fixed, Scalar(number_format::int8_to_char);
    1775 "to_char"(FLOAT4, TEXT) -> TEXT, Stable strict fixed, Scalar(number_format::float4_to_char);
    1776 "to_char"(FLOAT8, TEXT) -> TEXT, Stable strict fixed, Scalar(number_format::float8_to_char);
    1777 "to_number"(TEXT, TEXT) -> NUMERIC, Stable strict fixed, Scalar(number_format::numeric_to_number);
}
