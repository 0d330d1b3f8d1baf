//! Input functions.

use std::sync::Arc;

use super::{float, integer};
use crate::jsonb::Jsonb;
use crate::numeric::Numeric;
use crate::{ArrayValue, CallContext, Datum, EvalContext, Oid, Result, SessionFunction, SqlError, SqlState, Type, cast, datetime, types};

/// Longest `name` in bytes.
pub const NAME_MAX: usize = 63;

/// Reads a value of a type and applies its modifier, as the type's input function does.
///
/// # Errors
/// PostgreSQL's own for the text, the type and the modifier; `0A000` for a type that has no values here.
pub fn input(ty: Type, text: &str, ctx: &EvalContext<'_>) -> Result<Datum> {
    let value = plain(ty, text, ctx)?;
    if ty.typmod < 0 { Ok(value) } else { cast::coerce_typmod(value, ty, false) }
}

fn plain(ty: Type, text: &str, ctx: &EvalContext<'_>) -> Result<Datum> {
    Ok(match ty.oid {
        Oid::BOOL => Datum::Bool(boolean(text)?),
        Oid::INT2 => Datum::Int2(integer::parse(text, i64::from(i16::MIN), i64::from(i16::MAX), "smallint")? as i16),
        Oid::INT4 => Datum::Int4(integer::parse(text, i64::from(i32::MIN), i64::from(i32::MAX), "integer")? as i32),
        Oid::INT8 => Datum::Int8(integer::parse(text, i64::MIN, i64::MAX, "bigint")?),
        Oid::FLOAT4 => Datum::Float4(float::parse4(text)?),
        Oid::FLOAT8 => Datum::Float8(float::parse8(text)?),
        Oid::NUMERIC => Datum::Numeric(Arc::new(Numeric::parse(text)?)),
        Oid::TEXT | Oid::VARCHAR | Oid::BPCHAR | Oid::UNKNOWN | Oid::CSTRING | Oid::REFCURSOR => Datum::text(text),
        Oid::NAME => Datum::text(name(text)),
        Oid::CHAR => Datum::Char(single_char(text)),
        Oid::BYTEA => Datum::Bytea(crate::bytea::parse(text)?),
        Oid::UUID => Datum::Uuid(crate::uuid::parse(text)?),
        Oid::DATE => Datum::Date(datetime::parse::date(text, ctx)?),
        Oid::TIME => Datum::Time(datetime::parse::time(text, ctx)?),
        Oid::TIMETZ => {
            let (micros, zone) = datetime::parse::timetz(text, ctx)?;
            Datum::TimeTz { micros, zone }
        }
        Oid::TIMESTAMP => Datum::Timestamp(datetime::parse::timestamp(text, ctx)?),
        Oid::TIMESTAMPTZ => Datum::TimestampTz(datetime::parse::timestamptz(text, ctx)?),
        Oid::INTERVAL => Datum::Interval(datetime::interval_text::parse(text, ty.typmod, ctx.settings.interval_style)?),
        Oid::JSON => {
            crate::json::validate(text)?;
            Datum::Json(Arc::from(text))
        }
        Oid::JSONB => Datum::Jsonb(Arc::new(Jsonb::parse(text)?)),
        Oid::JSONPATH => Datum::JsonPath(Arc::new(crate::jsonpath::JsonPath::parse(text)?)),
        Oid::INET => Datum::Inet(Arc::new(crate::inet::Inet::parse(text, false)?)),
        Oid::CIDR => Datum::Inet(Arc::new(crate::inet::Inet::parse(text, true)?)),
        Oid::OID => Datum::Oid(Oid(integer::parse_u32(text, "oid")?)),
        Oid::XID => Datum::Oid(Oid(integer::parse_u32(text, "xid")?)),
        Oid::CID => Datum::Oid(Oid(integer::parse_u32(text, "cid")?)),
        Oid::INT2VECTOR => vector(text, Oid::INT2, ctx)?,
        Oid::OIDVECTOR => vector(text, Oid::OID, ctx)?,
        Oid::VOID => Datum::text(""),
        oid if super::is_registered(oid) => registered(oid, text, ctx)?,
        oid => return other(oid, text, ty.typmod, ctx),
    })
}

fn other(oid: Oid, text: &str, typmod: i32, ctx: &EvalContext<'_>) -> Result<Datum> {
    let Some(info) = types::by_oid(oid) else {
        return Err(SqlError::internal(format!("cache lookup failed for type {oid}")));
    };
    if !info.has_values() {
        return Err(SqlError::unsupported(format!("datatype {} not supported", info.display)));
    }
    if info.is_array() {
        return crate::array::parse(text, Type::new(info.element, typmod), ctx);
    }
    Err(match oid {
        Oid::RECORD => SqlError::unsupported("input of anonymous composite types is not implemented"),
        _ => SqlError::unsupported(format!("cannot accept a value of type {}", info.name)),
    })
}

/// Reads a `boolean`: any unique beginning of the words, in any case.
pub fn boolean(text: &str) -> Result<bool> {
    let word = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let begins =
        |full: &str, least: usize| word.len() >= least && full.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || word == "1" {
        return Ok(true);
    }
    if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        return Ok(false);
    }
    Err(integer::invalid(text, "boolean"))
}

/// A `name` cut to what fits, at a character boundary.
#[must_use]
pub fn name(text: &str) -> &str {
    &text[..text.floor_char_boundary(NAME_MAX)]
}

/// A `"char"`: the first byte, or `\ooo`.
#[must_use]
pub fn single_char(text: &str) -> u8 {
    match text.as_bytes() {
        &[b'\\', a @ b'0'..=b'7', b @ b'0'..=b'7', c @ b'0'..=b'7'] => (a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'),
        bytes => bytes.first().copied().unwrap_or(0),
    }
}

fn vector(text: &str, element: Oid, ctx: &EvalContext<'_>) -> Result<Datum> {
    let elements = text.split_ascii_whitespace().map(|item| input(Type::plain(element), item, ctx)).collect::<Result<Vec<_>>>()?;
    let length = i32::try_from(elements.len())
        .map_err(|_| SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed"))?;
    Ok(Datum::Array(Arc::new(ArrayValue { element, dimensions: vec![(length, 0)], elements })))
}

/// Reads a `reg*` value: the catalog knows.
fn registered(oid: Oid, text: &str, ctx: &EvalContext<'_>) -> Result<Datum> {
    let call = CallContext { eval: ctx, arg_types: &[Oid::TEXT], result_type: oid };
    ctx.host.session_function(SessionFunction::RegIn, &call, &[Datum::text(text)])
}

/// The name of a `reg*` value.
pub(super) fn registered_name(value: Oid, oid: Oid, ctx: &EvalContext<'_>) -> Result<Arc<str>> {
    let call = CallContext { eval: ctx, arg_types: &[oid], result_type: Oid::TEXT };
    match ctx.host.session_function(SessionFunction::RegOut, &call, &[Datum::Oid(value)])? {
        Datum::Text(name) => Ok(name),
        _ => Err(SqlError::internal("the name of a registered object is no text")),
    }
}
