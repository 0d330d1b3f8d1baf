//! Constants: `get_const_expr`.

use borealis_pgtypes::{Datum, Oid, Settings, Type, text, types};

use super::quote;

/// Whether a constant carries its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Only where reading it back would give another type.
    Needed,
    /// Wherever it stands.
    Always,
    /// Never: a cast follows.
    Never,
}

/// The constant as SQL.
#[must_use]
pub fn constant(value: &Datum, ty: Type, settings: &Settings, label: Label) -> String {
    if value.is_null() {
        // A null carries its type even where others need not.
        return if label == Label::Never { "NULL".to_owned() } else { format!("NULL::{}", types::format_type(ty)) };
    }
    let mut written = String::new();
    if text::output(value, ty.oid, settings, &mut written).is_err() {
        written = format!("{value:?}");
    }
    let (body, needed) = match ty.oid {
        Oid::INT4 if !written.starts_with('-') => (written, false),
        Oid::NUMERIC if looks_like_float(&written) => (written, ty.typmod >= 0),
        Oid::BOOL => (if written == "t" { "true" } else { "false" }.to_owned(), false),
        Oid::UNKNOWN => (quote::literal(&written), false),
        _ => (quote::literal(&written), true),
    };
    if needed && label != Label::Never || label == Label::Always { format!("{body}::{}", types::format_type(ty)) } else { body }
}

/// Digits with a point or exponent are read back as `numeric`.
fn looks_like_float(written: &str) -> bool {
    written.starts_with(|c: char| c.is_ascii_digit()) && written.contains(['e', 'E', '.'])
}
