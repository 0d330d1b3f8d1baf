//! Comparison of scalar types: `=`, `<>`, `<`, `<=`, `>`, `>=`, the B-tree support function, and larger/smaller.
//!
//! Each function compares its own storage class without going through the generic order, because these run once per row and predicate.

use std::cmp::Ordering;

use super::args::{boolean, bytea, char, float4, float8, int2, int4, int8, jsonb, numeric, oid, text, uuid};
use super::record_compare::{self, Asked};
use crate::{CallContext, Datum, Result};

type Args<'a> = &'a [Datum];

macro_rules! comparisons {
    ($($order:ident: fn $eq:ident fn $ne:ident fn $lt:ident fn $le:ident fn $gt:ident fn $ge:ident fn $cmp:ident;)*) => {
        $(comparisons!(@one $order, $eq, is_eq);
        comparisons!(@one $order, $ne, is_ne);
        comparisons!(@one $order, $lt, is_lt);
        comparisons!(@one $order, $le, is_le);
        comparisons!(@one $order, $gt, is_gt);
        comparisons!(@one $order, $ge, is_ge);
        pub(super) fn $cmp(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
            Ok(Datum::Int4($order(args)? as i32))
        })*
    };
    (@one $order:ident, $name:ident, $test:ident) => {
        #[inline]
        pub(super) fn $name(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
            Ok(Datum::Bool($order(args)?.$test()))
        }
    };
}

macro_rules! orders {
    ($($name:ident = $left:ident $right:ident as $type:ty;)*) => {
        $(#[inline]
        fn $name(args: Args<'_>) -> Result<Ordering> {
            Ok(<$type>::from($left(args, 0)?).cmp(&<$type>::from($right(args, 1)?)))
        })*
    };
}

macro_rules! float_orders {
    ($($name:ident = $left:ident $right:ident as $type:ty;)*) => {
        $(#[inline]
        fn $name(args: Args<'_>) -> Result<Ordering> {
            Ok(float_order(<$type>::from($left(args, 0)?).into(), <$type>::from($right(args, 1)?).into()))
        })*
    };
}

/// NaN equals NaN and is above everything; the two zeros are equal.
#[inline]
pub(super) fn float_order(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

orders! {
    order_bool = boolean boolean as bool;
    order_int2 = int2 int2 as i16;
    order_int4 = int4 int4 as i32;
    order_int8 = int8 int8 as i64;
    order_int24 = int2 int4 as i32;
    order_int42 = int4 int2 as i32;
    order_int28 = int2 int8 as i64;
    order_int82 = int8 int2 as i64;
    order_int48 = int4 int8 as i64;
    order_int84 = int8 int4 as i64;
    order_char = char char as u8;
}

float_orders! {
    order_float4 = float4 float4 as f32;
    order_float8 = float8 float8 as f64;
    order_float48 = float4 float8 as f64;
    order_float84 = float8 float4 as f64;
}

#[inline]
fn order_oid(args: Args<'_>) -> Result<Ordering> {
    Ok(oid(args, 0)?.cmp(&oid(args, 1)?))
}

/// Collation C: order of bytes.
#[inline]
fn order_text(args: Args<'_>) -> Result<Ordering> {
    Ok(text(args, 0)?.as_bytes().cmp(text(args, 1)?.as_bytes()))
}

/// Trailing blanks do not count.
#[inline]
fn order_bpchar(args: Args<'_>) -> Result<Ordering> {
    Ok(text(args, 0)?.trim_end_matches(' ').as_bytes().cmp(text(args, 1)?.trim_end_matches(' ').as_bytes()))
}

#[inline]
fn order_bytea(args: Args<'_>) -> Result<Ordering> {
    Ok(bytea(args, 0)?.cmp(bytea(args, 1)?))
}

#[inline]
fn order_uuid(args: Args<'_>) -> Result<Ordering> {
    Ok(uuid(args, 0)?.cmp(&uuid(args, 1)?))
}

#[inline]
fn order_numeric(args: Args<'_>) -> Result<Ordering> {
    Ok(numeric(args, 0)?.cmp(numeric(args, 1)?))
}

fn order_jsonb(args: Args<'_>) -> Result<Ordering> {
    Ok(jsonb(args, 0)?.cmp(jsonb(args, 1)?))
}

/// Arrays, records and other types that compare element by element.
fn order_any(args: Args<'_>) -> Result<Ordering> {
    elementwise(args, Asked::Order)
}

/// As [`order_any`], where only equality is asked for.
fn equality_any(args: Args<'_>) -> Result<Ordering> {
    elementwise(args, Asked::Equality)
}

fn elementwise(args: Args<'_>, asked: Asked) -> Result<Ordering> {
    match args {
        [left, right] => record_compare::order(left, right, asked),
        _ => Err(crate::SqlError::internal("a comparison takes two arguments")),
    }
}

comparisons! {
    order_bool: fn booleq fn boolne fn boollt fn boolle fn boolgt fn boolge fn btboolcmp;
    order_int2: fn int2eq fn int2ne fn int2lt fn int2le fn int2gt fn int2ge fn btint2cmp;
    order_int4: fn int4eq fn int4ne fn int4lt fn int4le fn int4gt fn int4ge fn btint4cmp;
    order_int8: fn int8eq fn int8ne fn int8lt fn int8le fn int8gt fn int8ge fn btint8cmp;
    order_int24: fn int24eq fn int24ne fn int24lt fn int24le fn int24gt fn int24ge fn btint24cmp;
    order_int42: fn int42eq fn int42ne fn int42lt fn int42le fn int42gt fn int42ge fn btint42cmp;
    order_int28: fn int28eq fn int28ne fn int28lt fn int28le fn int28gt fn int28ge fn btint28cmp;
    order_int82: fn int82eq fn int82ne fn int82lt fn int82le fn int82gt fn int82ge fn btint82cmp;
    order_int48: fn int48eq fn int48ne fn int48lt fn int48le fn int48gt fn int48ge fn btint48cmp;
    order_int84: fn int84eq fn int84ne fn int84lt fn int84le fn int84gt fn int84ge fn btint84cmp;
    order_float4: fn float4eq fn float4ne fn float4lt fn float4le fn float4gt fn float4ge fn btfloat4cmp;
    order_float8: fn float8eq fn float8ne fn float8lt fn float8le fn float8gt fn float8ge fn btfloat8cmp;
    order_float48: fn float48eq fn float48ne fn float48lt fn float48le fn float48gt fn float48ge fn btfloat48cmp;
    order_float84: fn float84eq fn float84ne fn float84lt fn float84le fn float84gt fn float84ge fn btfloat84cmp;
    order_char: fn chareq fn charne fn charlt fn charle fn chargt fn charge fn btcharcmp;
    order_oid: fn oideq fn oidne fn oidlt fn oidle fn oidgt fn oidge fn btoidcmp;
    order_text: fn texteq fn textne fn text_lt fn text_le fn text_gt fn text_ge fn bttextcmp;
    order_bpchar: fn bpchareq fn bpcharne fn bpcharlt fn bpcharle fn bpchargt fn bpcharge fn bpcharcmp;
    order_bytea: fn byteaeq fn byteane fn bytealt fn byteale fn byteagt fn byteage fn byteacmp;
    order_uuid: fn uuid_eq fn uuid_ne fn uuid_lt fn uuid_le fn uuid_gt fn uuid_ge fn uuid_cmp;
    order_numeric: fn numeric_eq fn numeric_ne fn numeric_lt fn numeric_le fn numeric_gt fn numeric_ge fn numeric_cmp;
    order_jsonb: fn jsonb_eq fn jsonb_ne fn jsonb_lt fn jsonb_le fn jsonb_gt fn jsonb_ge fn jsonb_cmp;
}

comparisons!(@one equality_any, array_eq, is_eq);
comparisons!(@one equality_any, array_ne, is_ne);
comparisons!(@one order_any, array_lt, is_lt);
comparisons!(@one order_any, array_le, is_le);
comparisons!(@one order_any, array_gt, is_gt);
comparisons!(@one order_any, array_ge, is_ge);

pub(super) fn btarraycmp(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
    Ok(Datum::Int4(order_any(args)? as i32))
}

macro_rules! aliases {
    ($(fn $name:ident = $target:path;)*) => {
        $(pub(super) fn $name(call: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
            $target(call, args)
        })*
    };
}

// `name` is stored as text and compares as text, alone and against it; the `_pattern_` operators compare bytes, as collation C does anyway.
aliases! {
    fn nameeq = texteq; fn namene = textne; fn namelt = text_lt; fn namele = text_le; fn namegt = text_gt; fn namege = text_ge;
    fn btnamecmp = bttextcmp; fn btnametextcmp = bttextcmp; fn bttextnamecmp = bttextcmp; fn bttext_pattern_cmp = bttextcmp;
    fn nameeqtext = texteq; fn namenetext = textne; fn namelttext = text_lt; fn nameletext = text_le; fn namegttext = text_gt;
    fn namegetext = text_ge; fn texteqname = texteq; fn textnename = textne; fn textltname = text_lt; fn textlename = text_le;
    fn textgtname = text_gt; fn textgename = text_ge;
    fn text_pattern_lt = text_lt; fn text_pattern_le = text_le; fn text_pattern_gt = text_gt; fn text_pattern_ge = text_ge;
    fn bpchar_pattern_lt = bpcharlt; fn bpchar_pattern_le = bpcharle; fn bpchar_pattern_gt = bpchargt; fn bpchar_pattern_ge = bpcharge;
    fn btbpchar_pattern_cmp = bpcharcmp;
    fn record_eq = array_eq; fn record_ne = array_ne; fn record_lt = array_lt; fn record_le = array_le; fn record_gt = array_gt;
    fn record_ge = array_ge; fn btrecordcmp = btarraycmp;
    fn oidvectoreq = array_eq; fn oidvectorne = array_ne; fn oidvectorlt = array_lt; fn oidvectorle = array_le;
    fn oidvectorgt = array_gt; fn oidvectorge = array_ge; fn btoidvectorcmp = btarraycmp;
    fn cideq = oideq;
}

/// Of equal values (`1.0` and `1.00`, `-0` and `0`) the second is taken, as PostgreSQL does for all types but `bpchar`.
macro_rules! choices {
    ($($order:ident: fn $larger:ident fn $smaller:ident;)*) => {
        $(pub(super) fn $larger(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
            Ok(args[usize::from(!$order(args)?.is_gt())].clone())
        }
        pub(super) fn $smaller(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
            Ok(args[usize::from(!$order(args)?.is_lt())].clone())
        })*
    };
}

choices! {
    order_int2: fn int2larger fn int2smaller;
    order_int4: fn int4larger fn int4smaller;
    order_int8: fn int8larger fn int8smaller;
    order_float4: fn float4larger fn float4smaller;
    order_float8: fn float8larger fn float8smaller;
    order_oid: fn oidlarger fn oidsmaller;
    order_text: fn text_larger fn text_smaller;
    order_numeric: fn numeric_larger fn numeric_smaller;
    order_any: fn array_larger fn array_smaller;
}

pub(super) fn bpchar_larger(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
    Ok(args[usize::from(order_bpchar(args)?.is_lt())].clone())
}

pub(super) fn bpchar_smaller(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
    Ok(args[usize::from(order_bpchar(args)?.is_gt())].clone())
}

/// A transaction id, given as `xid` or as the `integer` of the same bits.
fn xid_argument(args: Args<'_>, index: usize) -> Result<u32> {
    match args.get(index) {
        Some(Datum::Int4(value)) => Ok(value.cast_unsigned()),
        _ => Ok(oid(args, index)?.0),
    }
}

pub(super) fn xideq(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
    Ok(Datum::Bool(xid_argument(args, 0)? == xid_argument(args, 1)?))
}

pub(super) fn xidneq(_: &CallContext<'_>, args: Args<'_>) -> Result<Datum> {
    Ok(Datum::Bool(xid_argument(args, 0)? != xid_argument(args, 1)?))
}
