//! What time it is.

use crate::{CallContext, Datum, Result, datetime};

pub(crate) fn now(call: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::TimestampTz(call.eval.transaction_timestamp))
}

pub(crate) fn statement_timestamp(call: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::TimestampTz(call.eval.statement_timestamp))
}

pub(crate) fn clock_timestamp(call: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::TimestampTz(call.eval.host.clock_timestamp()))
}

pub(crate) fn timeofday(call: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::text(&datetime::now::time_of_day(call.eval.host.clock_timestamp(), super::session_zone(call))))
}
