//! Rows: `numeric`.

use crate::Body::{Scalar, Set};
use crate::functions::{numeric, row::functions};

functions! {
    1376 "factorial"(INT8) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_fac);
    1481 "log10"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_log10);
    1704 "numeric_abs"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_abs);
    1705 "abs"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_abs);
    1706 "sign"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_sign);
    1707 "round"(NUMERIC, INT4) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_round);
    1708 "round"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_round_integer);
    1709 "trunc"(NUMERIC, INT4) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_trunc);
    1710 "trunc"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_trunc_integer);
    1711 "ceil"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_ceil);
    1712 "floor"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_floor);
    1724 "numeric_add"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_add);
    1725 "numeric_sub"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_sub);
    1726 "numeric_mul"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_mul);
    1727 "numeric_div"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_div);
    1728 "mod"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_mod);
    1729 "numeric_mod"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_mod);
    1730 "sqrt"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_sqrt);
    1731 "numeric_sqrt"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_sqrt);
    1732 "exp"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_exp);
    1733 "numeric_exp"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_exp);
    1734 "ln"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_ln);
    1735 "numeric_ln"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_ln);
    1736 "log"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_log);
    1737 "numeric_log"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_log);
    1738 "pow"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_power);
    1739 "numeric_power"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_power);
    1741 "log"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_log10);
    1764 "numeric_inc"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_inc);
    1771 "numeric_uminus"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_uminus);
    1915 "numeric_uplus"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_uplus);
    1973 "div"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_div_trunc);
    1980 "numeric_div_trunc"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_div_trunc);
    2167 "ceiling"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_ceil);
    2169 "power"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_power);
    2170 "width_bucket"(NUMERIC, NUMERIC, NUMERIC, INT4) -> INT4, Immutable strict fixed, Scalar(numeric::width_bucket_numeric);
    2288 "pg_size_pretty"(INT8) -> TEXT, Immutable strict fixed, Scalar(numeric::pg_size_pretty);
    3166 "pg_size_pretty"(NUMERIC) -> TEXT, Immutable strict fixed, Scalar(numeric::pg_size_pretty_numeric);
    3259 "generate_series"(NUMERIC, NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Set(numeric::generate_series_step_numeric);
    3260 "generate_series"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Set(numeric::generate_series_numeric);
    3281 "scale"(NUMERIC) -> INT4, Immutable strict fixed, Scalar(numeric::numeric_scale);
    3334 "pg_size_bytes"(TEXT) -> INT8, Immutable strict fixed, Scalar(numeric::pg_size_bytes);
    5042 "min_scale"(NUMERIC) -> INT4, Immutable strict fixed, Scalar(numeric::numeric_min_scale);
    5043 "trim_scale"(NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_trim_scale);
    5048 "gcd"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_gcd);
    5049 "lcm"(NUMERIC, NUMERIC) -> NUMERIC, Immutable strict fixed, Scalar(numeric::numeric_lcm);
}
