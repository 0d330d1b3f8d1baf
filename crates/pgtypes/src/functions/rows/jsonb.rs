//! Rows: `jsonb`.

use crate::Body::{Scalar, Set};
use crate::functions::{jsonb, row::functions};

functions! {
    2580 "float8"(JSONB) -> FLOAT8, Immutable strict fixed, Scalar(jsonb::jsonb_float8);
    3207 "jsonb_array_length"(JSONB) -> INT4, Immutable strict fixed, Scalar(jsonb::jsonb_array_length);
    3208 "jsonb_each"(JSONB) -> RECORD, Immutable strict fixed, Set(jsonb::jsonb_each), columns [("key", TEXT), ("value", JSONB)];
    3210 "jsonb_typeof"(JSONB) -> TEXT, Immutable strict fixed, Scalar(jsonb::jsonb_typeof);
    3214 "jsonb_object_field_text"(JSONB, TEXT) -> TEXT, Immutable strict fixed, Scalar(jsonb::jsonb_object_field_text);
    3215 "jsonb_array_element"(JSONB, INT4) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_array_element);
    3216 "jsonb_array_element_text"(JSONB, INT4) -> TEXT, Immutable strict fixed, Scalar(jsonb::jsonb_array_element_text);
    3217 "jsonb_extract_path"(JSONB, TEXT_ARRAY) -> JSONB, Immutable strict variadic, Scalar(jsonb::jsonb_extract_path);
    3219 "jsonb_array_elements"(JSONB) -> JSONB, Immutable strict fixed, Set(jsonb::jsonb_array_elements);
    3262 "jsonb_strip_nulls"(JSONB) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_strip_nulls);
    3301 "jsonb_concat"(JSONB, JSONB) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_concat);
    3302 "jsonb_delete"(JSONB, TEXT) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_delete);
    3303 "jsonb_delete"(JSONB, INT4) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_delete_idx);
    3304 "jsonb_delete_path"(JSONB, TEXT_ARRAY) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_delete_path);
    3305 "jsonb_set"(JSONB, TEXT_ARRAY, JSONB, BOOL) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_set), defaults ["true"];
    3306 "jsonb_pretty"(JSONB) -> TEXT, Immutable strict fixed, Scalar(jsonb::jsonb_pretty);
    3343 "jsonb_delete"(JSONB, TEXT_ARRAY) -> JSONB, Immutable strict variadic, Scalar(jsonb::jsonb_delete_array);
    3449 "numeric"(JSONB) -> NUMERIC, Immutable strict fixed, Scalar(jsonb::jsonb_numeric);
    3450 "int2"(JSONB) -> INT2, Immutable strict fixed, Scalar(jsonb::jsonb_int2);
    3451 "int4"(JSONB) -> INT4, Immutable strict fixed, Scalar(jsonb::jsonb_int4);
    3452 "int8"(JSONB) -> INT8, Immutable strict fixed, Scalar(jsonb::jsonb_int8);
    3453 "float4"(JSONB) -> FLOAT4, Immutable strict fixed, Scalar(jsonb::jsonb_float4);
    3465 "jsonb_array_elements_text"(JSONB) -> TEXT, Immutable strict fixed, Set(jsonb::jsonb_array_elements_text);
    3478 "jsonb_object_field"(JSONB, TEXT) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_object_field);
    3556 "bool"(JSONB) -> BOOL, Immutable strict fixed, Scalar(jsonb::jsonb_bool);
    3579 "jsonb_insert"(JSONB, TEXT_ARRAY, JSONB, BOOL) -> JSONB, Immutable strict fixed, Scalar(jsonb::jsonb_insert), defaults ["false"];
    3931 "jsonb_object_keys"(JSONB) -> TEXT, Immutable strict fixed, Set(jsonb::jsonb_object_keys);
    3932 "jsonb_each_text"(JSONB) -> RECORD, Immutable strict fixed, Set(jsonb::jsonb_each_text), columns [("key", TEXT), ("value", TEXT)];
    3940 "jsonb_extract_path_text"(JSONB, TEXT_ARRAY) -> TEXT, Immutable strict variadic, Scalar(jsonb::jsonb_extract_path_text);
    4046 "jsonb_contains"(JSONB, JSONB) -> BOOL, Immutable strict fixed, Scalar(jsonb::jsonb_contains);
    4047 "jsonb_exists"(JSONB, TEXT) -> BOOL, Immutable strict fixed, Scalar(jsonb::jsonb_exists);
    4048 "jsonb_exists_any"(JSONB, TEXT_ARRAY) -> BOOL, Immutable strict fixed, Scalar(jsonb::jsonb_exists_any);
    4049 "jsonb_exists_all"(JSONB, TEXT_ARRAY) -> BOOL, Immutable strict fixed, Scalar(jsonb::jsonb_exists_all);
    4050 "jsonb_contained"(JSONB, JSONB) -> BOOL, Immutable strict fixed, Scalar(jsonb::jsonb_contained);
    5054 "jsonb_set_lax"(JSONB, TEXT_ARRAY, JSONB, BOOL, TEXT) -> JSONB, Immutable nullable fixed, Scalar(jsonb::jsonb_set_lax), defaults ["true", "use_json_null"];
}
