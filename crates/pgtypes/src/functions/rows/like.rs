//! Rows: `LIKE` and `SIMILAR TO`.

use crate::Body::Scalar;
use crate::functions::{like, row::functions};

functions! {
    850 "textlike"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::textlike);
    851 "textnlike"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::textnlike);
    858 "namelike"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::namelike);
    859 "namenlike"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::namenlike);
    1569 "like"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::textlike);
    1570 "notlike"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::textnlike);
    1571 "like"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::namelike);
    1572 "notlike"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::namenlike);
    1623 "similar_escape"(TEXT, TEXT) -> TEXT, Immutable nullable fixed, Scalar(like::similar_escape);
    1631 "bpcharlike"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::textlike);
    1632 "bpcharnlike"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::textnlike);
    1633 "texticlike"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::texticlike);
    1634 "texticnlike"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::texticnlike);
    1635 "nameiclike"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::nameiclike);
    1636 "nameicnlike"(NAME, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::nameicnlike);
    1637 "like_escape"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(like::like_escape);
    1660 "bpchariclike"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::texticlike);
    1661 "bpcharicnlike"(BPCHAR, TEXT) -> BOOL, Immutable strict fixed, Scalar(like::texticnlike);
    1986 "similar_to_escape"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(like::similar_to_escape_2);
    1987 "similar_to_escape"(TEXT) -> TEXT, Immutable strict fixed, Scalar(like::similar_to_escape_1);
    2005 "bytealike"(BYTEA, BYTEA) -> BOOL, Immutable strict fixed, Scalar(like::bytealike);
    2006 "byteanlike"(BYTEA, BYTEA) -> BOOL, Immutable strict fixed, Scalar(like::byteanlike);
    2007 "like"(BYTEA, BYTEA) -> BOOL, Immutable strict fixed, Scalar(like::bytealike);
    2008 "notlike"(BYTEA, BYTEA) -> BOOL, Immutable strict fixed, Scalar(like::byteanlike);
    2074 "substring"(TEXT, TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(like::substring_similar);
}
