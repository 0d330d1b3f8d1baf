//! Rows: the functions that `pg_cast` names.

use crate::Body::Scalar;
use crate::functions::{cast, row::functions};

functions! {
    77 "int4"(CHAR) -> INT4, Immutable strict fixed, Scalar(cast::chartoi4);
    78 "char"(INT4) -> CHAR, Immutable strict fixed, Scalar(cast::i4tochar);
    235 "float8"(INT2) -> FLOAT8, Immutable strict fixed, Scalar(cast::i2tod);
    236 "float4"(INT2) -> FLOAT4, Immutable strict fixed, Scalar(cast::i2tof);
    237 "int2"(FLOAT8) -> INT2, Immutable strict fixed, Scalar(cast::dtoi2);
    238 "int2"(FLOAT4) -> INT2, Immutable strict fixed, Scalar(cast::ftoi2);
    311 "float8"(FLOAT4) -> FLOAT8, Immutable strict fixed, Scalar(cast::ftod);
    312 "float4"(FLOAT8) -> FLOAT4, Immutable strict fixed, Scalar(cast::dtof);
    313 "int4"(INT2) -> INT4, Immutable strict fixed, Scalar(cast::i2toi4);
    314 "int2"(INT4) -> INT2, Immutable strict fixed, Scalar(cast::i4toi2);
    316 "float8"(INT4) -> FLOAT8, Immutable strict fixed, Scalar(cast::i4tod);
    317 "int4"(FLOAT8) -> INT4, Immutable strict fixed, Scalar(cast::dtoi4);
    318 "float4"(INT4) -> FLOAT4, Immutable strict fixed, Scalar(cast::i4tof);
    319 "int4"(FLOAT4) -> INT4, Immutable strict fixed, Scalar(cast::ftoi4);
    406 "text"(NAME) -> TEXT, Immutable strict fixed, Scalar(cast::name_text);
    407 "name"(TEXT) -> NAME, Immutable strict fixed, Scalar(cast::text_name);
    408 "bpchar"(NAME) -> BPCHAR, Immutable strict fixed, Scalar(cast::name_bpchar);
    409 "name"(BPCHAR) -> NAME, Immutable strict fixed, Scalar(cast::bpchar_name);
    480 "int4"(INT8) -> INT4, Immutable strict fixed, Scalar(cast::int84);
    481 "int8"(INT4) -> INT8, Immutable strict fixed, Scalar(cast::int48);
    482 "float8"(INT8) -> FLOAT8, Immutable strict fixed, Scalar(cast::i8tod);
    483 "int8"(FLOAT8) -> INT8, Immutable strict fixed, Scalar(cast::dtoi8);
    652 "float4"(INT8) -> FLOAT4, Immutable strict fixed, Scalar(cast::i8tof);
    653 "int8"(FLOAT4) -> INT8, Immutable strict fixed, Scalar(cast::ftoi8);
    668 "bpchar"(BPCHAR, INT4, BOOL) -> BPCHAR, Immutable strict fixed, Scalar(cast::bpchar);
    669 "varchar"(VARCHAR, INT4, BOOL) -> VARCHAR, Immutable strict fixed, Scalar(cast::varchar);
    714 "int2"(INT8) -> INT2, Immutable strict fixed, Scalar(cast::int82);
    730 "text"(INET) -> TEXT, Immutable strict fixed, Scalar(cast::network_show);
    754 "int8"(INT2) -> INT8, Immutable strict fixed, Scalar(cast::int28);
    860 "bpchar"(CHAR) -> BPCHAR, Immutable strict fixed, Scalar(cast::char_bpchar);
    944 "char"(TEXT) -> CHAR, Immutable strict fixed, Scalar(cast::text_char);
    946 "text"(CHAR) -> TEXT, Immutable strict fixed, Scalar(cast::char_text);
    1287 "oid"(INT8) -> OID, Immutable strict fixed, Scalar(cast::i8tooid);
    1288 "int8"(OID) -> INT8, Immutable strict fixed, Scalar(cast::oidtoi8);
    1400 "name"(VARCHAR) -> NAME, Immutable strict fixed, Scalar(cast::text_name);
    1401 "varchar"(NAME) -> VARCHAR, Immutable strict fixed, Scalar(cast::name_text);
    1703 "numeric"(NUMERIC, INT4) -> NUMERIC, Immutable strict fixed, Scalar(cast::numeric);
    1715 "cidr"(INET) -> CIDR, Immutable strict fixed, Scalar(cast::inet_to_cidr);
    1740 "numeric"(INT4) -> NUMERIC, Immutable strict fixed, Scalar(cast::int4_numeric);
    1742 "numeric"(FLOAT4) -> NUMERIC, Immutable strict fixed, Scalar(cast::float4_numeric);
    1743 "numeric"(FLOAT8) -> NUMERIC, Immutable strict fixed, Scalar(cast::float8_numeric);
    1744 "int4"(NUMERIC) -> INT4, Immutable strict fixed, Scalar(cast::numeric_int4);
    1745 "float4"(NUMERIC) -> FLOAT4, Immutable strict fixed, Scalar(cast::numeric_float4);
    1746 "float8"(NUMERIC) -> FLOAT8, Immutable strict fixed, Scalar(cast::numeric_float8);
    1779 "int8"(NUMERIC) -> INT8, Immutable strict fixed, Scalar(cast::numeric_int8);
    1781 "numeric"(INT8) -> NUMERIC, Immutable strict fixed, Scalar(cast::int8_numeric);
    1782 "numeric"(INT2) -> NUMERIC, Immutable strict fixed, Scalar(cast::int2_numeric);
    1783 "int2"(NUMERIC) -> INT2, Immutable strict fixed, Scalar(cast::numeric_int2);
    2557 "bool"(INT4) -> BOOL, Immutable strict fixed, Scalar(cast::int4_bool);
    2558 "int4"(BOOL) -> INT4, Immutable strict fixed, Scalar(cast::bool_int4);
    2971 "text"(BOOL) -> TEXT, Immutable strict fixed, Scalar(cast::booltext);
}
