//! Rows: aggregates called with WITHIN GROUP. The arguments are the direct ones and then the sorted ones, as in `pg_proc`.

use crate::Body::Aggregate;
use crate::functions::aggregate::ordered_set;
use crate::functions::row::functions;

functions! {
    3972 "percentile_disc"(FLOAT8, ANYELEMENT) -> ANYELEMENT, Immutable nullable fixed, Aggregate(ordered_set::percentile_disc);
    3974 "percentile_cont"(FLOAT8, FLOAT8) -> FLOAT8, Immutable nullable fixed, Aggregate(ordered_set::percentile_cont);
    3976 "percentile_cont"(FLOAT8, INTERVAL) -> INTERVAL, Immutable nullable fixed, Aggregate(ordered_set::percentile_cont);
    3978 "percentile_disc"(FLOAT8_ARRAY, ANYELEMENT) -> ANYARRAY, Immutable nullable fixed, Aggregate(ordered_set::percentile_disc);
    3980 "percentile_cont"(FLOAT8_ARRAY, FLOAT8) -> FLOAT8_ARRAY, Immutable nullable fixed, Aggregate(ordered_set::percentile_cont);
    3982 "percentile_cont"(FLOAT8_ARRAY, INTERVAL) -> INTERVAL_ARRAY, Immutable nullable fixed, Aggregate(ordered_set::percentile_cont);
    3984 "mode"(ANYELEMENT) -> ANYELEMENT, Immutable nullable fixed, Aggregate(ordered_set::mode);
    3986 "rank"(ANY) -> INT8, Immutable nullable variadic, Aggregate(ordered_set::rank);
    3988 "percent_rank"(ANY) -> FLOAT8, Immutable nullable variadic, Aggregate(ordered_set::percent_rank);
    3990 "cume_dist"(ANY) -> FLOAT8, Immutable nullable variadic, Aggregate(ordered_set::cume_dist);
    3992 "dense_rank"(ANY) -> INT8, Immutable nullable variadic, Aggregate(ordered_set::dense_rank);
}
