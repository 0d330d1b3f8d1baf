//! Floating-point arithmetic and the mathematical functions over `double precision`.

use super::args::{division_by_zero, float4, float8, int4, invalid_parameter, out_of_range};
use super::compare::float_order;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

#[cold]
fn overflow() -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
}

#[cold]
fn underflow() -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow")
}

#[cold]
fn input_out_of_range() -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range")
}

/// What `+`, `-`, `*` and `/` check, for either width.
macro_rules! arithmetic {
    ($module:ident, $type:ty) => {
        mod $module {
            use super::{Result, division_by_zero, overflow, underflow};

            #[inline]
            pub(super) fn add(left: $type, right: $type) -> Result<$type> {
                let result = left + right;
                if result.is_infinite() && !left.is_infinite() && !right.is_infinite() { Err(overflow()) } else { Ok(result) }
            }

            #[inline]
            pub(super) fn sub(left: $type, right: $type) -> Result<$type> {
                add(left, -right)
            }

            #[inline]
            pub(super) fn mul(left: $type, right: $type) -> Result<$type> {
                let result = left * right;
                if result.is_infinite() && !left.is_infinite() && !right.is_infinite() {
                    return Err(overflow());
                }
                if result == 0.0 && left != 0.0 && right != 0.0 { Err(underflow()) } else { Ok(result) }
            }

            #[inline]
            pub(super) fn div(left: $type, right: $type) -> Result<$type> {
                if right == 0.0 && !left.is_nan() {
                    return Err(division_by_zero());
                }
                let result = left / right;
                if result.is_infinite() && !left.is_infinite() {
                    return Err(overflow());
                }
                if result == 0.0 && left != 0.0 && !right.is_infinite() { Err(underflow()) } else { Ok(result) }
            }
        }
    };
}

arithmetic!(single, f32);
arithmetic!(double, f64);

macro_rules! binary {
    ($($type:ty, $variant:ident, $module:ident, $left:ident $right:ident: fn $pl:ident fn $mi:ident fn $mul:ident fn $div:ident;)*) => {
        $(binary!(@one $type, $variant, $module, $left, $right, $pl, add);
        binary!(@one $type, $variant, $module, $left, $right, $mi, sub);
        binary!(@one $type, $variant, $module, $left, $right, $mul, mul);
        binary!(@one $type, $variant, $module, $left, $right, $div, div);)*
    };
    (@one $type:ty, $variant:ident, $module:ident, $left:ident, $right:ident, $name:ident, $operation:ident) => {
        #[inline]
        pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            $module::$operation(<$type>::from($left(args, 0)?), <$type>::from($right(args, 1)?)).map(Datum::$variant)
        }
    };
}

binary! {
    f32, Float4, single, float4 float4: fn float4pl fn float4mi fn float4mul fn float4div;
    f64, Float8, double, float8 float8: fn float8pl fn float8mi fn float8mul fn float8div;
    f64, Float8, double, float4 float8: fn float48pl fn float48mi fn float48mul fn float48div;
    f64, Float8, double, float8 float4: fn float84pl fn float84mi fn float84mul fn float84div;
}

macro_rules! unary {
    ($($variant:ident, $get:ident: fn $name:ident = |$value:ident| $body:expr;)*) => {
        $(pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let $value = $get(args, 0)?;
            Ok(Datum::$variant($body))
        })*
    };
}

unary! {
    Float4, float4: fn float4um = |value| -value;
    Float4, float4: fn float4up = |value| value;
    Float4, float4: fn float4abs = |value| value.abs();
    Float8, float8: fn float8um = |value| -value;
    Float8, float8: fn float8up = |value| value;
    Float8, float8: fn float8abs = |value| value.abs();
    Float8, float8: fn dround = |value| value.round_ties_even();
    Float8, float8: fn dtrunc = |value| value.trunc();
    Float8, float8: fn dceil = |value| value.ceil();
    Float8, float8: fn dfloor = |value| value.floor();
    Float8, float8: fn dsign = |value| if value > 0.0 { 1.0 } else if value < 0.0 { -1.0 } else { 0.0 };
    Float8, float8: fn datan = |value| value.atan();
    Float8, float8: fn dsinh = |value| value.sinh();
    Float8, float8: fn dcosh = |value| value.cosh();
    Float8, float8: fn dtanh = |value| value.tanh();
    Float8, float8: fn dasinh = |value| asinh(value);
}

/// From here on the square of a value swallows the one that is added to it, and may overflow.
const LARGE: f64 = (1u64 << 28) as f64;

fn asinh(value: f64) -> f64 {
    if value.abs() > LARGE { (value.abs().ln() + std::f64::consts::LN_2).copysign(value) } else { value.asinh() }
}

/// A function of one argument whose domain and result are checked.
macro_rules! checked {
    ($(fn $name:ident = $function:ident;)*) => {
        $(pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            $function(float8(args, 0)?).map(Datum::Float8)
        })*
    };
}

checked! {
    fn dsqrt = sqrt; fn dcbrt = cbrt; fn dexp = exp; fn dlog1 = ln; fn dlog10 = log10;
    fn dsin = sin; fn dcos = cos; fn dtan = tan; fn dcot = cot; fn dasin = asin; fn dacos = acos;
    fn dsind = sind; fn dcosd = cosd; fn dtand = tand; fn dcotd = cotd; fn dasind = asind; fn dacosd = acosd; fn datand = atand;
    fn dacosh = acosh; fn datanh = atanh; fn degrees = to_degrees; fn radians = to_radians;
}

fn invalid_power(message: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_ARGUMENT_FOR_POWER_FUNCTION, message)
}

fn sqrt(value: f64) -> Result<f64> {
    if value < 0.0 { Err(invalid_power("cannot take square root of a negative number")) } else { Ok(value.sqrt()) }
}

fn cbrt(value: f64) -> Result<f64> {
    Ok(value.cbrt())
}

fn exp(value: f64) -> Result<f64> {
    let result = value.exp();
    if result.is_infinite() && value.is_finite() {
        return Err(overflow());
    }
    if result == 0.0 && value.is_finite() { Err(underflow()) } else { Ok(result) }
}

fn logarithm(value: f64, function: fn(f64) -> f64) -> Result<f64> {
    let refuse = |message| Err(SqlError::new(SqlState::INVALID_ARGUMENT_FOR_LOGARITHM, message));
    if value == 0.0 {
        return refuse("cannot take logarithm of zero");
    }
    if value < 0.0 { refuse("cannot take logarithm of a negative number") } else { Ok(function(value)) }
}

fn ln(value: f64) -> Result<f64> {
    logarithm(value, f64::ln)
}

fn log10(value: f64) -> Result<f64> {
    logarithm(value, f64::log10)
}

/// Angles must be finite.
fn angle(value: f64, function: impl FnOnce(f64) -> f64) -> Result<f64> {
    if value.is_infinite() { Err(input_out_of_range()) } else { Ok(function(value)) }
}

fn sin(value: f64) -> Result<f64> {
    angle(value, f64::sin)
}

fn cos(value: f64) -> Result<f64> {
    angle(value, f64::cos)
}

fn tan(value: f64) -> Result<f64> {
    angle(value, f64::tan)
}

fn cot(value: f64) -> Result<f64> {
    angle(value, |value| 1.0 / value.tan())
}

fn within_unit(value: f64, function: impl FnOnce(f64) -> f64) -> Result<f64> {
    if !value.is_nan() && !(-1.0..=1.0).contains(&value) { Err(input_out_of_range()) } else { Ok(function(value)) }
}

fn asin(value: f64) -> Result<f64> {
    within_unit(value, f64::asin)
}

fn acos(value: f64) -> Result<f64> {
    within_unit(value, f64::acos)
}

fn atanh(value: f64) -> Result<f64> {
    within_unit(value, |value| if value.abs() == 1.0 { f64::INFINITY.copysign(value) } else { value.atanh() })
}

fn acosh(value: f64) -> Result<f64> {
    if value < 1.0 {
        return Err(input_out_of_range());
    }
    Ok(if value > LARGE { value.ln() + std::f64::consts::LN_2 } else { value.acosh() })
}

fn to_degrees(value: f64) -> Result<f64> {
    double::div(value, std::f64::consts::PI / 180.0)
}

fn to_radians(value: f64) -> Result<f64> {
    double::mul(value, std::f64::consts::PI / 180.0)
}

const RADIANS_PER_DEGREE: f64 = std::f64::consts::PI / 180.0;

/// The degree functions scale by the computed value at the exact angle, so that `sind(30)` is 0.5 and nothing else.
fn sind_to_30(degrees: f64) -> f64 {
    ((degrees * RADIANS_PER_DEGREE).sin() / (30.0 * RADIANS_PER_DEGREE).sin()) / 2.0
}

fn cosd_to_60(degrees: f64) -> f64 {
    let one_minus_cos = 1.0 - (degrees * RADIANS_PER_DEGREE).cos();
    let one_minus_cos_60 = 1.0 - (60.0 * RADIANS_PER_DEGREE).cos();
    1.0 - (one_minus_cos / one_minus_cos_60) / 2.0
}

fn sind_quadrant(degrees: f64) -> f64 {
    if degrees <= 30.0 { sind_to_30(degrees) } else { cosd_to_60(90.0 - degrees) }
}

fn cosd_quadrant(degrees: f64) -> f64 {
    if degrees <= 60.0 { cosd_to_60(degrees) } else { sind_to_30(90.0 - degrees) }
}

fn sind(value: f64) -> Result<f64> {
    angle(value, |value| {
        let mut degrees = value % 360.0;
        let mut sign = 1.0;
        if degrees < 0.0 {
            (degrees, sign) = (-degrees, -sign);
        }
        if degrees > 180.0 {
            (degrees, sign) = (360.0 - degrees, -sign);
        }
        if degrees > 90.0 {
            degrees = 180.0 - degrees;
        }
        sign * sind_quadrant(degrees)
    })
}

fn cosd(value: f64) -> Result<f64> {
    angle(value, |value| {
        let mut degrees = (value % 360.0).abs();
        let mut sign = 1.0;
        if degrees > 180.0 {
            degrees = 360.0 - degrees;
        }
        if degrees > 90.0 {
            (degrees, sign) = (180.0 - degrees, -sign);
        }
        sign * cosd_quadrant(degrees)
    })
}

/// Angle in the first quadrant and sign of its tangent.
fn tangent_quadrant(value: f64) -> (f64, f64) {
    let mut degrees = value % 360.0;
    let mut sign = 1.0;
    if degrees < 0.0 {
        (degrees, sign) = (-degrees, -sign);
    }
    if degrees > 180.0 {
        (degrees, sign) = (360.0 - degrees, -sign);
    }
    if degrees > 90.0 {
        (degrees, sign) = (180.0 - degrees, -sign);
    }
    (degrees, sign)
}

/// On some machines `-0` would come out where people want `0`.
fn positive_zero(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value }
}

fn tand(value: f64) -> Result<f64> {
    angle(value, |value| {
        let (degrees, sign) = tangent_quadrant(value);
        let tan_45 = sind_quadrant(45.0) / cosd_quadrant(45.0);
        positive_zero(sign * ((sind_quadrant(degrees) / cosd_quadrant(degrees)) / tan_45))
    })
}

fn cotd(value: f64) -> Result<f64> {
    angle(value, |value| {
        let (degrees, sign) = tangent_quadrant(value);
        let cot_45 = cosd_quadrant(45.0) / sind_quadrant(45.0);
        positive_zero(sign * ((cosd_quadrant(degrees) / sind_quadrant(degrees)) / cot_45))
    })
}

fn asind_quadrant(value: f64) -> f64 {
    if value <= 0.5 { (value.asin() / 0.5f64.asin()) * 30.0 } else { 90.0 - (value.acos() / 0.5f64.acos()) * 60.0 }
}

fn acosd_quadrant(value: f64) -> f64 {
    if value <= 0.5 { 90.0 - (value.asin() / 0.5f64.asin()) * 30.0 } else { (value.acos() / 0.5f64.acos()) * 60.0 }
}

fn asind(value: f64) -> Result<f64> {
    within_unit(value, |value| if value >= 0.0 { asind_quadrant(value) } else { -asind_quadrant(-value) })
}

fn acosd(value: f64) -> Result<f64> {
    within_unit(value, |value| if value >= 0.0 { acosd_quadrant(value) } else { 90.0 + asind_quadrant(-value) })
}

fn atand(value: f64) -> Result<f64> {
    Ok((value.atan() / 1.0f64.atan()) * 45.0)
}

pub(super) fn datan2(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Float8(float8(args, 0)?.atan2(float8(args, 1)?)))
}

pub(super) fn datan2d(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Float8((float8(args, 0)?.atan2(float8(args, 1)?) / 1.0f64.atan()) * 45.0))
}

pub(super) fn dpi(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Float8(std::f64::consts::PI))
}

pub(super) fn dpow(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    power(float8(args, 0)?, float8(args, 1)?).map(Datum::Float8)
}

fn power(base: f64, exponent: f64) -> Result<f64> {
    if base.is_nan() || exponent.is_nan() {
        // 1 ^ NaN and NaN ^ 0 are 1, as IEEE 754 has it.
        return Ok(if base == 1.0 || exponent == 0.0 { 1.0 } else { f64::NAN });
    }
    if base == 0.0 && exponent < 0.0 {
        return Err(invalid_power("zero raised to a negative power is undefined"));
    }
    if base < 0.0 && exponent.is_finite() && exponent.floor() != exponent {
        return Err(invalid_power("a negative number raised to a non-integer power yields a complex result"));
    }
    let result = base.powf(exponent);
    if base.is_finite() && exponent.is_finite() {
        if result.is_infinite() {
            return Err(overflow());
        }
        if result == 0.0 && base != 0.0 {
            return Err(underflow());
        }
    }
    Ok(result)
}

pub(super) fn derf(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Float8(libm::erf(float8(args, 0)?)))
}

pub(super) fn derfc(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Float8(libm::erfc(float8(args, 0)?)))
}

pub(super) fn invalid_bucket(message: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_ARGUMENT_FOR_WIDTH_BUCKET, message)
}

pub(super) fn width_bucket_float8(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (operand, low, high, buckets) = (float8(args, 0)?, float8(args, 1)?, float8(args, 2)?, int4(args, 3)?);
    if buckets <= 0 {
        return Err(invalid_bucket("count must be greater than zero"));
    }
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return Err(invalid_bucket("operand, lower bound, and upper bound cannot be NaN"));
    }
    if low.is_infinite() || high.is_infinite() {
        return Err(invalid_bucket("lower and upper bounds must be finite"));
    }
    if low == high {
        return Err(invalid_bucket("lower bound cannot equal upper bound"));
    }
    let (below, above) = if low < high { (operand < low, operand >= high) } else { (operand > low, operand <= high) };
    if below {
        return Ok(Datum::Int4(0));
    }
    if above {
        return buckets.checked_add(1).map(Datum::Int4).ok_or_else(|| out_of_range("integer"));
    }
    #[allow(clippy::cast_possible_truncation)]
    let bucket = (f64::from(buckets) * ((operand - low) / (high - low))) as i32;
    Ok(Datum::Int4(bucket.min(buckets - 1) + 1))
}

/// `width_bucket(operand, thresholds)`: how many thresholds are not above the operand; they must be sorted.
pub(super) fn width_bucket_array(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let thresholds = super::args::array(args, 1)?;
    if thresholds.dimensions.len() > 1 {
        return Err(SqlError::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array"));
    }
    if thresholds.elements.iter().any(Datum::is_null) {
        return Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs"));
    }
    let not_above = |threshold: &Datum| match (threshold, &args[0]) {
        (Datum::Float8(threshold), Datum::Float8(operand)) => float_order(*threshold, *operand).is_le(),
        (threshold, operand) => crate::compare::compare(threshold, operand).is_le(),
    };
    i32::try_from(thresholds.elements.partition_point(not_above)).map(Datum::Int4).map_err(|_| invalid_parameter("too many thresholds"))
}
