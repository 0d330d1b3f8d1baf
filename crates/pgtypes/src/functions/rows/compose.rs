//! Rows: composing strings.

use crate::Body::{Scalar, Set};
use crate::functions::{compose, row::functions};

functions! {
    376 "string_to_array"(TEXT, TEXT, TEXT) -> TEXT_ARRAY, Immutable nullable fixed, Scalar(compose::text_to_array_null);
    384 "array_to_string"(ANYARRAY, TEXT, TEXT) -> TEXT, Stable nullable fixed, Scalar(compose::array_to_text_null);
    394 "string_to_array"(TEXT, TEXT) -> TEXT_ARRAY, Immutable nullable fixed, Scalar(compose::text_to_array);
    395 "array_to_string"(ANYARRAY, TEXT) -> TEXT, Stable strict fixed, Scalar(compose::array_to_text);
    438 "num_nulls"(ANY) -> INT4, Immutable nullable variadic, Scalar(compose::pg_num_nulls);
    440 "num_nonnulls"(ANY) -> INT4, Immutable nullable variadic, Scalar(compose::pg_num_nonnulls);
    1268 "parse_ident"(TEXT, BOOL) -> TEXT_ARRAY, Immutable strict fixed, Scalar(compose::parse_ident), defaults ["true"];
    1282 "quote_ident"(TEXT) -> TEXT, Immutable strict fixed, Scalar(compose::quote_ident);
    1283 "quote_literal"(TEXT) -> TEXT, Immutable strict fixed, Scalar(compose::quote_literal);
    1285 "quote_literal"(ANYELEMENT) -> TEXT, Stable strict fixed, Scalar(compose::quote_literal);
    1289 "quote_nullable"(TEXT) -> TEXT, Immutable nullable fixed, Scalar(compose::quote_nullable);
    1290 "quote_nullable"(ANYELEMENT) -> TEXT, Stable nullable fixed, Scalar(compose::quote_nullable);
    2003 "textanycat"(TEXT, ANYNONARRAY) -> TEXT, Stable strict fixed, Scalar(compose::textanycat);
    2004 "anytextcat"(ANYNONARRAY, TEXT) -> TEXT, Stable strict fixed, Scalar(compose::anytextcat);
    3058 "concat"(ANY) -> TEXT, Stable nullable variadic, Scalar(compose::text_concat);
    3059 "concat_ws"(TEXT, ANY) -> TEXT, Stable nullable variadic, Scalar(compose::text_concat_ws);
    3539 "format"(TEXT, ANY) -> TEXT, Stable nullable variadic, Scalar(compose::text_format);
    3540 "format"(TEXT) -> TEXT, Stable nullable fixed, Scalar(compose::text_format_nv);
    6160 "string_to_table"(TEXT, TEXT) -> TEXT, Immutable nullable fixed, Set(compose::text_to_table);
    6161 "string_to_table"(TEXT, TEXT, TEXT) -> TEXT, Immutable nullable fixed, Set(compose::text_to_table_null);
}
