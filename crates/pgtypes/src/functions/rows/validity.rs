//! Rows: validity of texts.

use crate::Body::{Scalar, Set};
use crate::functions::{row::functions, validity};

functions! {
    6210 "pg_input_is_valid"(TEXT, TEXT) -> BOOL, Stable strict fixed, Scalar(validity::pg_input_is_valid);
    6211 "pg_input_error_info"(TEXT, TEXT) -> RECORD, Stable strict fixed, Set(validity::pg_input_error_info), columns [("message", TEXT), ("detail", TEXT), ("hint", TEXT), ("sql_error_code", TEXT)];
}
