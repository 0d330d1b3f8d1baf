//! Rows: Unicode normalization.

use crate::Body::Scalar;
use crate::functions::{normalize, row::functions};

functions! {
    4350 "normalize"(TEXT, TEXT) -> TEXT, Immutable strict fixed, Scalar(normalize::unicode_normalize_func), defaults ["NFC"];
    4351 "is_normalized"(TEXT, TEXT) -> BOOL, Immutable strict fixed, Scalar(normalize::unicode_is_normalized), defaults ["NFC"];
}
