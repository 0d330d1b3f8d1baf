//! The functions behind casts, except those between dates and times, which are with the other functions of those types.

use std::sync::Arc;

use super::args::{self, int4, int8, numeric as numeric_arg, out_of_range, text};
use crate::inet::Inet;
use crate::numeric::Numeric;
use crate::text::input;
use crate::{CallContext, Datum, Oid, Result, SqlError, SqlState, Type, cast};

macro_rules! casts {
    ($($name:ident: $read:ident -> $make:expr;)*) => {
        $(pub(crate) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let make: fn(_) -> Result<Datum> = $make;
            make(args::$read(args, 0)?)
        })*
    };
}

casts! {
    i2toi4: int2 -> |value| Ok(Datum::Int4(i32::from(value)));
    int28: int2 -> |value| Ok(Datum::Int8(i64::from(value)));
    int48: int4 -> |value| Ok(Datum::Int8(i64::from(value)));
    i4toi2: int4 -> |value| narrow2(i64::from(value));
    int82: int8 -> narrow2;
    int84: int8 -> narrow4;
    i2tof: int2 -> |value| Ok(Datum::Float4(f32::from(value)));
    i2tod: int2 -> |value| Ok(Datum::Float8(f64::from(value)));
    i4tof: int4 -> |value| Ok(Datum::Float4(value as f32));
    i4tod: int4 -> |value| Ok(Datum::Float8(f64::from(value)));
    i8tof: int8 -> |value| Ok(Datum::Float4(value as f32));
    i8tod: int8 -> |value| Ok(Datum::Float8(value as f64));
    ftod: float4 -> |value| Ok(Datum::Float8(f64::from(value)));
    dtof: float8 -> narrow_float;
    ftoi2: float4 -> |value| float_to_int2(f64::from(value));
    ftoi4: float4 -> |value| float_to_int4(f64::from(value));
    ftoi8: float4 -> |value| float_to_int8(f64::from(value));
    dtoi2: float8 -> float_to_int2;
    dtoi4: float8 -> float_to_int4;
    dtoi8: float8 -> float_to_int8;
    int2_numeric: int2 -> |value| integer_to_numeric(i64::from(value));
    int4_numeric: int4 -> |value| integer_to_numeric(i64::from(value));
    int8_numeric: int8 -> integer_to_numeric;
    float4_numeric: float4 -> |value| args::give_numeric(Numeric::from_f32(value));
    float8_numeric: float8 -> |value| args::give_numeric(Numeric::from_f64(value));
    int4_bool: int4 -> |value| Ok(Datum::Bool(value != 0));
    bool_int4: boolean -> |value| Ok(Datum::Int4(i32::from(value)));
    booltext: boolean -> |value| Ok(Datum::text(if value { "true" } else { "false" }));
    chartoi4: char -> |value| Ok(Datum::Int4(i32::from(value as i8)));
    char_text: char -> |value| Ok(single_character(value));
    char_bpchar: char -> |value| Ok(single_character(value));
    oidtoi8: oid -> |value: Oid| Ok(Datum::Int8(i64::from(value.0)));
}

fn narrow2(value: i64) -> Result<Datum> {
    i16::try_from(value).map(Datum::Int2).map_err(|_| out_of_range("smallint"))
}

fn narrow4(value: i64) -> Result<Datum> {
    i32::try_from(value).map(Datum::Int4).map_err(|_| out_of_range("integer"))
}

fn narrow_float(value: f64) -> Result<Datum> {
    let narrow = value as f32;
    let error = |what: &str| Err(SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("value out of range: {what}")));
    if narrow.is_infinite() && !value.is_infinite() {
        return error("overflow");
    }
    if narrow == 0.0 && value != 0.0 {
        return error("underflow");
    }
    Ok(Datum::Float4(narrow))
}

/// Rounds halves to even, and gives an integer that a float of the least value of `bits` bits bounds.
fn float_to_integer(value: f64, bits: i32, type_name: &str) -> Result<i64> {
    let limit = 2_f64.powi(bits - 1);
    let rounded = value.round_ties_even();
    if rounded.is_nan() || rounded < -limit || rounded >= limit {
        return Err(out_of_range(type_name));
    }
    Ok(rounded as i64)
}

fn float_to_int2(value: f64) -> Result<Datum> {
    float_to_integer(value, 16, "smallint").and_then(narrow2)
}

fn float_to_int4(value: f64) -> Result<Datum> {
    float_to_integer(value, 32, "integer").and_then(narrow4)
}

fn float_to_int8(value: f64) -> Result<Datum> {
    float_to_integer(value, 64, "bigint").map(Datum::Int8)
}

fn integer_to_numeric(value: i64) -> Result<Datum> {
    args::give_numeric(Numeric::from_parts(i128::from(value), 0))
}

pub(crate) fn numeric_int2(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric_arg(args, 0)?.to_i16().map(Datum::Int2)
}

pub(crate) fn numeric_int4(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric_arg(args, 0)?.to_i32().map(Datum::Int4)
}

pub(crate) fn numeric_int8(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric_arg(args, 0)?.to_i64().map(Datum::Int8)
}

pub(crate) fn numeric_float4(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric_arg(args, 0)?.to_f32().map(Datum::Float4)
}

pub(crate) fn numeric_float8(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric_arg(args, 0)?.to_f64().map(Datum::Float8)
}

/// `numeric(value, typmod)`
pub(crate) fn numeric(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let typmod = int4(args, 1)?;
    if typmod < crate::typmod::HEADER {
        return Ok(args[0].clone());
    }
    cast::coerce_typmod(args[0].clone(), Type::new(Oid::NUMERIC, typmod), true)
}

/// `varchar(value, typmod, explicit)`
pub(crate) fn varchar(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    cast::coerce_typmod(args[0].clone(), Type::new(Oid::VARCHAR, int4(args, 1)?), args::boolean(args, 2)?)
}

/// `bpchar(value, typmod, explicit)`
pub(crate) fn bpchar(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    cast::coerce_typmod(args[0].clone(), Type::new(Oid::BPCHAR, int4(args, 1)?), args::boolean(args, 2)?)
}

pub(crate) fn i8tooid(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    u32::try_from(int8(args, 0)?).map(|value| Datum::Oid(Oid(value))).map_err(|_| out_of_range("OID"))
}

pub(crate) fn i4tochar(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    i8::try_from(int4(args, 0)?).map(|value| Datum::Char(value as u8)).map_err(|_| out_of_range("\"char\""))
}

/// A `"char"` as text of its own: what its output function writes.
fn single_character(byte: u8) -> Datum {
    match byte {
        0 => Datum::text(""),
        1..128 => Datum::text(char::from(byte).encode_utf8(&mut [0; 4])),
        _ => Datum::text(&format!("\\{byte:o}")),
    }
}

pub(crate) fn text_char(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Char(input::single_char(text(args, 0)?)))
}

pub(crate) fn text_name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let whole = text(args, 0)?;
    let cut = input::name(whole);
    Ok(if cut.len() == whole.len() { args[0].clone() } else { Datum::text(cut) })
}

pub(crate) fn bpchar_name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::text(input::name(text(args, 0)?).trim_end_matches(' ')))
}

pub(crate) fn name_text(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    text(args, 0)?;
    Ok(args[0].clone())
}

pub(crate) fn name_bpchar(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    name_text(call, args)
}

fn inet(args: &[Datum]) -> Result<Inet> {
    match args.first() {
        Some(Datum::Inet(value)) => Ok(**value),
        other => Err(SqlError::internal(format!("function argument: expected inet, found {other:?}"))),
    }
}

pub(crate) fn network_show(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::text(&inet(args)?.to_full_text()))
}

pub(crate) fn inet_to_cidr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Inet(Arc::new(inet(args)?.to_cidr())))
}
