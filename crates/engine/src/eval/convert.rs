//! Casts that are no function of the table.

use borealis_pgtypes::{Datum, EvalContext, Oid, Result, Type};

/// A cast through the text form.
pub(super) fn in_out(eval: &EvalContext<'_>, value: &Datum, from: Oid, to: Type) -> Result<Datum> {
    match value {
        Datum::Text(text) => borealis_pgtypes::text::input(to, text, eval),
        _ => borealis_pgtypes::text::input(to, &borealis_pgtypes::text::to_text(value, from, eval)?, eval),
    }
}

/// The application of a type modifier.
pub(super) fn typmod(value: Datum, to: Type, explicit: bool) -> Result<Datum> {
    borealis_pgtypes::cast::coerce_typmod(value, to, explicit)
}
