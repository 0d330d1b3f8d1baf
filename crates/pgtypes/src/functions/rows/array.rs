//! Rows: arrays.

use crate::Body::{Scalar, Set};
use crate::functions::{array, row::functions, sample};

functions! {
    378 "array_append"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLE) -> ANYCOMPATIBLEARRAY, Immutable nullable fixed, Scalar(array::array_append);
    379 "array_prepend"(ANYCOMPATIBLE, ANYCOMPATIBLEARRAY) -> ANYCOMPATIBLEARRAY, Immutable nullable fixed, Scalar(array::array_prepend);
    383 "array_cat"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLEARRAY) -> ANYCOMPATIBLEARRAY, Immutable nullable fixed, Scalar(array::array_cat);
    747 "array_dims"(ANYARRAY) -> TEXT, Immutable strict fixed, Scalar(array::array_dims);
    748 "array_ndims"(ANYARRAY) -> INT4, Immutable strict fixed, Scalar(array::array_ndims);
    1191 "generate_subscripts"(ANYARRAY, INT4, BOOL) -> INT4, Immutable strict fixed, Set(array::generate_subscripts);
    1192 "generate_subscripts"(ANYARRAY, INT4) -> INT4, Immutable strict fixed, Set(array::generate_subscripts_nodir);
    1193 "array_fill"(ANYELEMENT, INT4_ARRAY) -> ANYARRAY, Immutable nullable fixed, Scalar(array::array_fill);
    1286 "array_fill"(ANYELEMENT, INT4_ARRAY, INT4_ARRAY) -> ANYARRAY, Immutable nullable fixed, Scalar(array::array_fill_with_lower_bounds);
    2091 "array_lower"(ANYARRAY, INT4) -> INT4, Immutable strict fixed, Scalar(array::array_lower);
    2092 "array_upper"(ANYARRAY, INT4) -> INT4, Immutable strict fixed, Scalar(array::array_upper);
    2176 "array_length"(ANYARRAY, INT4) -> INT4, Immutable strict fixed, Scalar(array::array_length);
    2331 "unnest"(ANYARRAY) -> ANYELEMENT, Immutable strict fixed, Set(array::array_unnest);
    2747 "arrayoverlap"(ANYARRAY, ANYARRAY) -> BOOL, Immutable strict fixed, Scalar(array::arrayoverlap);
    2748 "arraycontains"(ANYARRAY, ANYARRAY) -> BOOL, Immutable strict fixed, Scalar(array::arraycontains);
    2749 "arraycontained"(ANYARRAY, ANYARRAY) -> BOOL, Immutable strict fixed, Scalar(array::arraycontained);
    3167 "array_remove"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLE) -> ANYCOMPATIBLEARRAY, Immutable nullable fixed, Scalar(array::array_remove);
    3168 "array_replace"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLE, ANYCOMPATIBLE) -> ANYCOMPATIBLEARRAY, Immutable nullable fixed, Scalar(array::array_replace);
    3179 "cardinality"(ANYARRAY) -> INT4, Immutable strict fixed, Scalar(array::array_cardinality);
    3277 "array_position"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLE) -> INT4, Immutable nullable fixed, Scalar(array::array_position);
    3278 "array_position"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLE, INT4) -> INT4, Immutable nullable fixed, Scalar(array::array_position_start);
    3279 "array_positions"(ANYCOMPATIBLEARRAY, ANYCOMPATIBLE) -> INT4_ARRAY, Immutable nullable fixed, Scalar(array::array_positions);
    6172 "trim_array"(ANYARRAY, INT4) -> ANYARRAY, Immutable strict fixed, Scalar(array::trim_array);
    6215 "array_shuffle"(ANYARRAY) -> ANYARRAY, Volatile strict fixed, Scalar(sample::array_shuffle);
    6216 "array_sample"(ANYARRAY, INT4) -> ANYARRAY, Volatile strict fixed, Scalar(sample::array_sample);
}
