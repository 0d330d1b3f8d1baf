//! Rows: what drivers and tools ask about the server.

use crate::Body::{Scalar, Set};
use crate::functions::{introspect, row::functions};

functions! {
    1264 "pg_char_to_encoding"(NAME) -> INT4, Stable strict fixed, Scalar(introspect::pg_char_to_encoding);
    1573 "pg_get_ruledef"(OID) -> TEXT, Stable strict fixed, Scalar(introspect::no_such_object);
    1662 "pg_get_triggerdef"(OID) -> TEXT, Stable strict fixed, Scalar(introspect::no_such_object);
    1686 "pg_get_keywords"() -> RECORD, Stable strict fixed, Set(introspect::pg_get_keywords),
        columns [("word", TEXT), ("catcode", CHAR), ("barelabel", BOOL), ("catdesc", TEXT), ("baredesc", TEXT)];
    2093 "pg_conversion_is_visible"(OID) -> BOOL, Stable strict fixed, Scalar(introspect::no_such_object);
    2289 "pg_options_to_table"(TEXT_ARRAY) -> RECORD, Stable strict fixed, Set(introspect::pg_options_to_table),
        columns [("option_name", TEXT), ("option_value", TEXT)];
    2319 "pg_encoding_max_length"(INT4) -> INT4, Immutable strict fixed, Scalar(introspect::pg_encoding_max_length);
    2504 "pg_get_ruledef"(OID, BOOL) -> TEXT, Stable strict fixed, Scalar(introspect::no_such_object);
    2730 "pg_get_triggerdef"(OID, BOOL) -> TEXT, Stable strict fixed, Scalar(introspect::no_such_object);
    2854 "pg_my_temp_schema"() -> OID, Stable strict fixed, Scalar(introspect::pg_my_temp_schema);
    2855 "pg_is_other_temp_schema"(OID) -> BOOL, Stable strict fixed, Scalar(introspect::never);
    3035 "pg_listening_channels"() -> TEXT, Stable strict fixed, Set(introspect::no_rows);
    3298 "row_security_active"(OID) -> BOOL, Stable strict fixed, Scalar(introspect::never);
    3299 "row_security_active"(TEXT) -> BOOL, Stable strict fixed, Scalar(introspect::never);
    3352 "pg_get_partkeydef"(OID) -> TEXT, Stable strict fixed, Scalar(introspect::no_such_object);
    3408 "pg_get_partition_constraintdef"(OID) -> TEXT, Stable strict fixed, Scalar(introspect::no_such_object);
    3425 "pg_partition_ancestors"(REGCLASS) -> REGCLASS, Volatile strict fixed, Set(introspect::no_rows), columns [("relid", REGCLASS)];
    3756 "pg_ts_parser_is_visible"(OID) -> BOOL, Stable strict fixed, Scalar(introspect::no_such_object);
    3757 "pg_ts_dict_is_visible"(OID) -> BOOL, Stable strict fixed, Scalar(introspect::no_such_object);
    3758 "pg_ts_config_is_visible"(OID) -> BOOL, Stable strict fixed, Scalar(introspect::no_such_object);
    3768 "pg_ts_template_is_visible"(OID) -> BOOL, Stable strict fixed, Scalar(introspect::no_such_object);
    3778 "pg_tablespace_location"(OID) -> TEXT, Stable strict fixed, Scalar(introspect::pg_tablespace_location);
    6121 "pg_relation_is_publishable"(REGCLASS) -> BOOL, Stable strict fixed, Scalar(introspect::never);
    6197 "pg_get_function_sqlbody"(OID) -> TEXT, Stable strict fixed, Scalar(introspect::no_such_object);
    9980 "_pg_expandarray"(ANYARRAY) -> RECORD, Immutable strict fixed, Set(introspect::expand_array), columns [("x", ANYELEMENT), ("n", INT4)];
}
