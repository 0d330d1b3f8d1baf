//! Text formats: what a type's input function reads and its output function writes.
//!
//! [`output`] appends to a buffer and allocates nothing of its own for the scalar types; which writer it takes follows from the datum's variant, and
//! the oid matters only where one variant serves types that print differently.

pub(crate) mod float;
pub mod input;
pub mod integer;
pub(crate) mod sink;
#[cfg(test)]
mod tests;

pub use input::input;
pub use sink::TextSink;

use crate::{Datum, EvalContext, Oid, Result, Settings, SqlError, datetime};

/// Appends a value's text form. NULL has none: the caller writes whatever stands for it.
///
/// Values of the `reg*` types are written as numbers, since names need a catalog: [`output_in`] writes those.
///
/// # Errors
/// `0A000` for a value without a text form.
pub fn output<W: TextSink>(datum: &Datum, oid: Oid, settings: &Settings, out: &mut W) -> Result<()> {
    Writer { settings, ctx: None }.datum(datum, oid, out)
}

/// [`output`] inside a session, where `reg*` values become names.
///
/// # Errors
/// `0A000` for a value without a text form, and whatever the catalog answers.
pub fn output_in<W: TextSink>(datum: &Datum, oid: Oid, ctx: &EvalContext<'_>, out: &mut W) -> Result<()> {
    Writer { settings: ctx.settings, ctx: Some(ctx) }.datum(datum, oid, out)
}

/// A value's text form as a string of its own.
///
/// # Errors
/// As [`output_in`].
pub fn to_text(datum: &Datum, oid: Oid, ctx: &EvalContext<'_>) -> Result<String> {
    let mut text = String::new();
    output_in(datum, oid, ctx, &mut text)?;
    Ok(text)
}

/// Writes values; also the elements of arrays and records, which is why it carries its surroundings.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'a> {
    settings: &'a Settings,
    ctx: Option<&'a EvalContext<'a>>,
}

impl Writer<'_> {
    pub(crate) fn datum<W: TextSink>(self, datum: &Datum, oid: Oid, out: &mut W) -> Result<()> {
        let settings = self.settings;
        match datum {
            Datum::Null => return Err(SqlError::internal("NULL has no text form")),
            Datum::Bool(value) => out.put(if *value { "t" } else { "f" }),
            Datum::Int2(value) => integer::write(i64::from(*value), out),
            Datum::Int4(value) => integer::write(i64::from(*value), out),
            Datum::Int8(value) => integer::write(*value, out),
            Datum::Float4(value) => float::write4(*value, settings.extra_float_digits, out),
            Datum::Float8(value) => float::write8(*value, settings.extra_float_digits, out),
            Datum::Numeric(value) => out.put_display(&**value),
            Datum::Text(text) | Datum::Json(text) => out.put(text),
            Datum::Bytea(bytes) => crate::bytea::write(bytes, settings.bytea_escape, out),
            Datum::Uuid(bytes) => crate::uuid::write(bytes, out),
            Datum::Date(days) => out.put(datetime::format::date(*days, settings).as_str()),
            Datum::Time(micros) => out.put(datetime::format::time(*micros).as_str()),
            Datum::TimeTz { micros, zone } => out.put(datetime::format::timetz(*micros, *zone).as_str()),
            Datum::Timestamp(stamp) => out.put(datetime::format::timestamp(*stamp, settings).as_str()),
            Datum::TimestampTz(stamp) => out.put(datetime::format::timestamptz(*stamp, settings).as_str()),
            Datum::Interval(interval) => out.put(datetime::format::interval(*interval, settings.interval_style).as_str()),
            Datum::Jsonb(value) => out.put_display(&**value),
            Datum::Oid(value) => self.oid(*value, oid, out)?,
            Datum::Char(byte) => write_char(*byte, out),
            Datum::Array(array) => crate::array::write(array, oid, self, out)?,
            Datum::Record(record) => crate::record::write(record, self, out)?,
            Datum::Inet(inet) => out.put_display(&**inet),
            Datum::JsonPath(path) => out.put_display(&**path),
        }
        Ok(())
    }

    fn oid<W: TextSink>(self, value: Oid, oid: Oid, out: &mut W) -> Result<()> {
        if let Some(ctx) = self.ctx
            && is_registered(oid)
        {
            return input::registered_name(value, oid, ctx).map(|name| out.put(&name));
        }
        integer::write(i64::from(value.0), out);
        Ok(())
    }
}

/// Whether a type is one of the aliases of `oid` that print as names.
#[must_use]
pub fn is_registered(oid: Oid) -> bool {
    matches!(
        oid,
        Oid::REGCLASS
            | Oid::REGTYPE
            | Oid::REGPROC
            | Oid::REGPROCEDURE
            | Oid::REGOPER
            | Oid::REGOPERATOR
            | Oid::REGNAMESPACE
            | Oid::REGROLE
            | Oid::REGCONFIG
    )
}

/// A `"char"`: one byte, octal when it is not ASCII, nothing when it is zero.
fn write_char<W: TextSink>(byte: u8, out: &mut W) {
    match byte {
        0 => {}
        1..128 => out.put_byte(byte),
        _ => {
            out.put_byte(b'\\');
            for shift in [6, 3, 0] {
                out.put_byte(b'0' + (byte >> shift & 7));
            }
        }
    }
}
