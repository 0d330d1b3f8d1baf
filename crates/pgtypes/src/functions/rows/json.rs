//! Rows: `json`.

use crate::Body::{Scalar, Set};
use crate::functions::{json, json_build, row::functions};

functions! {
    3153 "array_to_json"(ANYARRAY) -> JSON, Stable strict fixed, Scalar(json_build::array_to_json);
    3154 "array_to_json"(ANYARRAY, BOOL) -> JSON, Stable strict fixed, Scalar(json_build::array_to_json_pretty);
    3155 "row_to_json"(RECORD) -> JSON, Stable strict fixed, Scalar(json_build::row_to_json);
    3156 "row_to_json"(RECORD, BOOL) -> JSON, Stable strict fixed, Scalar(json_build::row_to_json_pretty);
    3176 "to_json"(ANYELEMENT) -> JSON, Stable strict fixed, Scalar(json_build::to_json);
    3198 "json_build_array"(ANY) -> JSON, Stable nullable variadic, Scalar(json_build::json_build_array);
    3199 "json_build_array"() -> JSON, Stable nullable fixed, Scalar(json_build::json_build_array_noargs);
    3200 "json_build_object"(ANY) -> JSON, Stable nullable variadic, Scalar(json_build::json_build_object);
    3201 "json_build_object"() -> JSON, Stable nullable fixed, Scalar(json_build::json_build_object_noargs);
    3202 "json_object"(TEXT_ARRAY) -> JSON, Immutable strict fixed, Scalar(json_build::json_object);
    3203 "json_object"(TEXT_ARRAY, TEXT_ARRAY) -> JSON, Immutable strict fixed, Scalar(json_build::json_object_two_arg);
    3261 "json_strip_nulls"(JSON) -> JSON, Immutable strict fixed, Scalar(json::json_strip_nulls);
    3263 "jsonb_object"(TEXT_ARRAY) -> JSONB, Immutable strict fixed, Scalar(json_build::jsonb_object);
    3264 "jsonb_object"(TEXT_ARRAY, TEXT_ARRAY) -> JSONB, Immutable strict fixed, Scalar(json_build::jsonb_object_two_arg);
    3271 "jsonb_build_array"(ANY) -> JSONB, Stable nullable variadic, Scalar(json_build::jsonb_build_array);
    3272 "jsonb_build_array"() -> JSONB, Stable nullable fixed, Scalar(json_build::jsonb_build_array_noargs);
    3273 "jsonb_build_object"(ANY) -> JSONB, Stable nullable variadic, Scalar(json_build::jsonb_build_object);
    3274 "jsonb_build_object"() -> JSONB, Stable nullable fixed, Scalar(json_build::jsonb_build_object_noargs);
    3787 "to_jsonb"(ANYELEMENT) -> JSONB, Stable strict fixed, Scalar(json_build::to_jsonb);
    3947 "json_object_field"(JSON, TEXT) -> JSON, Immutable strict fixed, Scalar(json::json_object_field);
    3948 "json_object_field_text"(JSON, TEXT) -> TEXT, Immutable strict fixed, Scalar(json::json_object_field_text);
    3949 "json_array_element"(JSON, INT4) -> JSON, Immutable strict fixed, Scalar(json::json_array_element);
    3950 "json_array_element_text"(JSON, INT4) -> TEXT, Immutable strict fixed, Scalar(json::json_array_element_text);
    3951 "json_extract_path"(JSON, TEXT_ARRAY) -> JSON, Immutable strict variadic, Scalar(json::json_extract_path);
    3953 "json_extract_path_text"(JSON, TEXT_ARRAY) -> TEXT, Immutable strict variadic, Scalar(json::json_extract_path_text);
    3955 "json_array_elements"(JSON) -> JSON, Immutable strict fixed, Set(json::json_array_elements);
    3956 "json_array_length"(JSON) -> INT4, Immutable strict fixed, Scalar(json::json_array_length);
    3957 "json_object_keys"(JSON) -> TEXT, Immutable strict fixed, Set(json::json_object_keys);
    3958 "json_each"(JSON) -> RECORD, Immutable strict fixed, Set(json::json_each), columns [("key", TEXT), ("value", JSON)];
    3959 "json_each_text"(JSON) -> RECORD, Immutable strict fixed, Set(json::json_each_text), columns [("key", TEXT), ("value", TEXT)];
    3968 "json_typeof"(JSON) -> TEXT, Immutable strict fixed, Scalar(json::json_typeof);
    3969 "json_array_elements_text"(JSON) -> TEXT, Immutable strict fixed, Set(json::json_array_elements_text);
}
