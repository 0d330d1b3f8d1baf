//! Values of the `reg*` types are printed as the names the catalog has for them.

use borealis_pgtypes::{CallContext, Datum, EvalContext, Oid, Result, SessionFunction, text};
use borealis_sql::bound::OutputColumn;

use super::Sink;

/// The row with such values as text, where the client wants text.
pub(super) fn named(row: &[Datum], columns: &[OutputColumn], sink: &dyn Sink, eval: &EvalContext<'_>) -> Result<Vec<Datum>> {
    let named = |(index, (value, column)): (usize, (&Datum, &OutputColumn))| {
        if sink.wants_text(index) { name(value, column.ty.oid, eval) } else { Ok(value.clone()) }
    };
    row.iter().zip(columns).enumerate().map(named).collect()
}

pub(super) fn name(value: &Datum, oid: Oid, eval: &EvalContext<'_>) -> Result<Datum> {
    if value.is_null() || !text::is_registered(oid) {
        return Ok(value.clone());
    }
    let call = CallContext { eval, arg_types: &[oid], result_type: Oid::TEXT };
    eval.host.session_function(SessionFunction::RegOut, &call, std::slice::from_ref(value))
}
