//! Integer arithmetic and bit operations, with PostgreSQL's overflow errors.

use super::args::{division_by_zero, int2, int4, int8, out_of_range};
use crate::{CallContext, Datum, Result, SqlError, SqlState};

macro_rules! checked {
    ($type:ty, $variant:ident, $range:literal: $(fn $name:ident($left:ident, $right:ident) $method:ident;)*) => {
        $(#[inline]
        pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let (left, right) = (<$type>::from($left(args, 0)?), <$type>::from($right(args, 1)?));
            left.$method(right).map(Datum::$variant).ok_or_else(|| out_of_range($range))
        })*
    };
}

macro_rules! divisions {
    ($type:ty, $variant:ident, $range:literal: $(fn $name:ident($left:ident, $right:ident);)*) => {
        $(#[inline]
        pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let (left, right) = (<$type>::from($left(args, 0)?), <$type>::from($right(args, 1)?));
            if right == 0 {
                return Err(division_by_zero());
            }
            left.checked_div(right).map(Datum::$variant).ok_or_else(|| out_of_range($range))
        })*
    };
}

checked! { i16, Int2, "smallint": fn int2pl(int2, int2) checked_add; fn int2mi(int2, int2) checked_sub; fn int2mul(int2, int2) checked_mul; }
checked! { i32, Int4, "integer":
    fn int4pl(int4, int4) checked_add; fn int4mi(int4, int4) checked_sub; fn int4mul(int4, int4) checked_mul;
    fn int24pl(int2, int4) checked_add; fn int24mi(int2, int4) checked_sub; fn int24mul(int2, int4) checked_mul;
    fn int42pl(int4, int2) checked_add; fn int42mi(int4, int2) checked_sub; fn int42mul(int4, int2) checked_mul;
}
checked! { i64, Int8, "bigint":
    fn int8pl(int8, int8) checked_add; fn int8mi(int8, int8) checked_sub; fn int8mul(int8, int8) checked_mul;
    fn int28pl(int2, int8) checked_add; fn int28mi(int2, int8) checked_sub; fn int28mul(int2, int8) checked_mul;
    fn int82pl(int8, int2) checked_add; fn int82mi(int8, int2) checked_sub; fn int82mul(int8, int2) checked_mul;
    fn int48pl(int4, int8) checked_add; fn int48mi(int4, int8) checked_sub; fn int48mul(int4, int8) checked_mul;
    fn int84pl(int8, int4) checked_add; fn int84mi(int8, int4) checked_sub; fn int84mul(int8, int4) checked_mul;
}
divisions! { i16, Int2, "smallint": fn int2div(int2, int2); }
divisions! { i32, Int4, "integer": fn int4div(int4, int4); fn int24div(int2, int4); fn int42div(int4, int2); }
divisions! { i64, Int8, "bigint":
    fn int8div(int8, int8); fn int28div(int2, int8); fn int82div(int8, int2); fn int48div(int4, int8); fn int84div(int8, int4);
}

macro_rules! integers {
    ($($type:ty, $variant:ident, $get:ident, $range:literal:
        fn $um:ident fn $up:ident fn $abs:ident fn $modulo:ident fn $and:ident fn $or:ident fn $xor:ident fn $not:ident;)*) => {
        $(pub(super) fn $um(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            $get(args, 0)?.checked_neg().map(Datum::$variant).ok_or_else(|| out_of_range($range))
        }
        pub(super) fn $up(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::$variant($get(args, 0)?))
        }
        pub(super) fn $abs(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            $get(args, 0)?.checked_abs().map(Datum::$variant).ok_or_else(|| out_of_range($range))
        }
        pub(super) fn $modulo(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let (left, right) = ($get(args, 0)?, $get(args, 1)?);
            if right == 0 {
                return Err(division_by_zero());
            }
            Ok(Datum::$variant(left.wrapping_rem(right)))
        }
        pub(super) fn $and(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::$variant($get(args, 0)? & $get(args, 1)?))
        }
        pub(super) fn $or(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::$variant($get(args, 0)? | $get(args, 1)?))
        }
        pub(super) fn $xor(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::$variant($get(args, 0)? ^ $get(args, 1)?))
        }
        pub(super) fn $not(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::$variant(!$get(args, 0)?))
        })*
    };
}

integers! {
    i16, Int2, int2, "smallint": fn int2um fn int2up fn int2abs fn int2mod fn int2and fn int2or fn int2xor fn int2not;
    i32, Int4, int4, "integer": fn int4um fn int4up fn int4abs fn int4mod fn int4and fn int4or fn int4xor fn int4not;
    i64, Int8, int8, "bigint": fn int8um fn int8up fn int8abs fn int8mod fn int8and fn int8or fn int8xor fn int8not;
}

/// C leaves an overlong shift undefined; PostgreSQL's answer on every supported machine is the machine's, which masks the distance to the
/// width of the (promoted) operand.
macro_rules! shifts {
    ($(fn $name:ident = $get:ident $promoted:ty, $method:ident, $variant:ident as $type:ty;)*) => {
        $(#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_lossless)]
        pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::$variant(($get(args, 0)? as $promoted).$method(int4(args, 1)? as u32) as $type))
        })*
    };
}

shifts! {
    fn int2shl = int2 i32, wrapping_shl, Int2 as i16;
    fn int2shr = int2 i32, wrapping_shr, Int2 as i16;
    fn int4shl = int4 i32, wrapping_shl, Int4 as i32;
    fn int4shr = int4 i32, wrapping_shr, Int4 as i32;
    fn int8shl = int8 i64, wrapping_shl, Int8 as i64;
    fn int8shr = int8 i64, wrapping_shr, Int8 as i64;
}

macro_rules! divisors {
    ($($type:ty, $variant:ident, $get:ident, $range:literal: fn $gcd:ident fn $lcm:ident;)*) => {
        $(pub(super) fn $gcd(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let divisor = num_integer::gcd(i128::from($get(args, 0)?), i128::from($get(args, 1)?));
            <$type>::try_from(divisor).map(Datum::$variant).map_err(|_| out_of_range($range))
        }
        pub(super) fn $lcm(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let multiple = num_integer::lcm(i128::from($get(args, 0)?), i128::from($get(args, 1)?));
            <$type>::try_from(multiple).map(Datum::$variant).map_err(|_| out_of_range($range))
        })*
    };
}

divisors! {
    i32, Int4, int4, "integer": fn int4gcd fn int4lcm;
    i64, Int8, int8, "bigint": fn int8gcd fn int8lcm;
}

pub(super) fn int8inc(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    int8(args, 0)?.checked_add(1).map(Datum::Int8).ok_or_else(|| out_of_range("bigint"))
}

pub(super) fn int8dec(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    int8(args, 0)?.checked_sub(1).map(Datum::Int8).ok_or_else(|| out_of_range("bigint"))
}

pub(super) fn int4inc(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    int4(args, 0)?.checked_add(1).map(Datum::Int4).ok_or_else(|| out_of_range("integer"))
}

pub(super) fn to_hex32(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::text(&format!("{:x}", int4(args, 0)?)))
}

pub(super) fn to_hex64(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::text(&format!("{:x}", int8(args, 0)?)))
}

/// Steps from `start` to `stop`; stops silently where the type ends.
struct Series {
    next: Option<i64>,
    stop: i64,
    step: i64,
    wrap: fn(i64) -> Option<Datum>,
}

impl Iterator for Series {
    type Item = Result<Vec<Datum>>;

    fn next(&mut self) -> Option<Self::Item> {
        let current = self.next?;
        if (self.step > 0 && current > self.stop) || (self.step < 0 && current < self.stop) {
            return None;
        }
        self.next = current.checked_add(self.step);
        (self.wrap)(current).map(|value| Ok(vec![value]))
    }
}

type Rows = crate::RowSet;

fn series(start: i64, stop: i64, step: i64, wrap: fn(i64) -> Option<Datum>) -> Result<Rows> {
    if step == 0 {
        return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "step size cannot equal zero"));
    }
    Ok(Box::new(Series { next: Some(start), stop, step, wrap }))
}

fn wrap_int4(value: i64) -> Option<Datum> {
    i32::try_from(value).ok().map(Datum::Int4)
}

fn wrap_int8(value: i64) -> Option<Datum> {
    Some(Datum::Int8(value))
}

pub(super) fn generate_series_int4(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    series(int4(args, 0)?.into(), int4(args, 1)?.into(), 1, wrap_int4)
}

pub(super) fn generate_series_step_int4(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    series(int4(args, 0)?.into(), int4(args, 1)?.into(), int4(args, 2)?.into(), wrap_int4)
}

pub(super) fn generate_series_int8(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    series(int8(args, 0)?, int8(args, 1)?, 1, wrap_int8)
}

pub(super) fn generate_series_step_int8(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    series(int8(args, 0)?, int8(args, 1)?, int8(args, 2)?, wrap_int8)
}
