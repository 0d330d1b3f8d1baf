//! `to_char`, `to_date` and `to_timestamp` with templates.

use super::{session_zone, stamp};
use crate::datetime::template;
use crate::functions::args::{interval, text};
use crate::{CallContext, Datum, Result};

fn shown(text: Option<String>) -> Datum {
    text.map_or(Datum::Null, |text| Datum::Text(text.into()))
}

pub(crate) fn timestamp_to_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    template::timestamp_to_char(stamp(args, 0)?, text(args, 1)?).map(shown)
}

pub(crate) fn timestamptz_to_char(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    template::timestamptz_to_char(stamp(args, 0)?, session_zone(call), text(args, 1)?).map(shown)
}

pub(crate) fn interval_to_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    template::interval_to_char(interval(args, 0)?, text(args, 1)?).map(shown)
}

pub(crate) fn to_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    template::to_date(text(args, 0)?, text(args, 1)?).map(Datum::Date)
}

pub(crate) fn to_timestamp(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    template::to_timestamp(text(args, 0)?, text(args, 1)?, session_zone(call)).map(Datum::TimestampTz)
}
