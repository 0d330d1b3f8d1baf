//! Rows: `jsonpath`.

use crate::Body::{Scalar, Set};
use crate::functions::{jsonpath, row::functions};

functions! {
    1177 "jsonb_path_exists_tz"(JSONB, JSONPATH, JSONB, BOOL) -> BOOL, Stable strict fixed, Scalar(jsonpath::jsonb_path_exists_tz), defaults ["{}", "false"];
    1179 "jsonb_path_query_tz"(JSONB, JSONPATH, JSONB, BOOL) -> JSONB, Stable strict fixed, Set(jsonpath::jsonb_path_query_tz), defaults ["{}", "false"];
    1180 "jsonb_path_query_array_tz"(JSONB, JSONPATH, JSONB, BOOL) -> JSONB, Stable strict fixed, Scalar(jsonpath::jsonb_path_query_array_tz), defaults ["{}", "false"];
    2023 "jsonb_path_query_first_tz"(JSONB, JSONPATH, JSONB, BOOL) -> JSONB, Stable strict fixed, Scalar(jsonpath::jsonb_path_query_first_tz), defaults ["{}", "false"];
    2030 "jsonb_path_match_tz"(JSONB, JSONPATH, JSONB, BOOL) -> BOOL, Stable strict fixed, Scalar(jsonpath::jsonb_path_match_tz), defaults ["{}", "false"];
    4005 "jsonb_path_exists"(JSONB, JSONPATH, JSONB, BOOL) -> BOOL, Immutable strict fixed, Scalar(jsonpath::jsonb_path_exists), defaults ["{}", "false"];
    4006 "jsonb_path_query"(JSONB, JSONPATH, JSONB, BOOL) -> JSONB, Immutable strict fixed, Set(jsonpath::jsonb_path_query), defaults ["{}", "false"];
    4007 "jsonb_path_query_array"(JSONB, JSONPATH, JSONB, BOOL) -> JSONB, Immutable strict fixed, Scalar(jsonpath::jsonb_path_query_array), defaults ["{}", "false"];
    4008 "jsonb_path_query_first"(JSONB, JSONPATH, JSONB, BOOL) -> JSONB, Immutable strict fixed, Scalar(jsonpath::jsonb_path_query_first), defaults ["{}", "false"];
    4009 "jsonb_path_match"(JSONB, JSONPATH, JSONB, BOOL) -> BOOL, Immutable strict fixed, Scalar(jsonpath::jsonb_path_match), defaults ["{}", "false"];
    4010 "jsonb_path_exists_opr"(JSONB, JSONPATH) -> BOOL, Immutable strict fixed, Scalar(jsonpath::jsonb_path_exists);
    4011 "jsonb_path_match_opr"(JSONB, JSONPATH) -> BOOL, Immutable strict fixed, Scalar(jsonpath::jsonb_path_match);
}
