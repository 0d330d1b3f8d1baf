//! Rows: window functions.

use crate::Body::Window;
use crate::functions::row::functions;

functions! {
    3100 "row_number"() -> INT8, Immutable nullable fixed, Window;
    3101 "rank"() -> INT8, Immutable nullable fixed, Window;
    3102 "dense_rank"() -> INT8, Immutable nullable fixed, Window;
    3103 "percent_rank"() -> FLOAT8, Immutable nullable fixed, Window;
    3104 "cume_dist"() -> FLOAT8, Immutable nullable fixed, Window;
    3105 "ntile"(INT4) -> INT4, Immutable strict fixed, Window;
    3106 "lag"(ANYELEMENT) -> ANYELEMENT, Immutable strict fixed, Window;
    3107 "lag"(ANYELEMENT, INT4) -> ANYELEMENT, Immutable strict fixed, Window;
    3108 "lag"(ANYCOMPATIBLE, INT4, ANYCOMPATIBLE) -> ANYCOMPATIBLE, Immutable strict fixed, Window;
    3109 "lead"(ANYELEMENT) -> ANYELEMENT, Immutable strict fixed, Window;
    3110 "lead"(ANYELEMENT, INT4) -> ANYELEMENT, Immutable strict fixed, Window;
    3111 "lead"(ANYCOMPATIBLE, INT4, ANYCOMPATIBLE) -> ANYCOMPATIBLE, Immutable strict fixed, Window;
    3112 "first_value"(ANYELEMENT) -> ANYELEMENT, Immutable strict fixed, Window;
    3113 "last_value"(ANYELEMENT) -> ANYELEMENT, Immutable strict fixed, Window;
    3114 "nth_value"(ANYELEMENT, INT4) -> ANYELEMENT, Immutable strict fixed, Window;
}
