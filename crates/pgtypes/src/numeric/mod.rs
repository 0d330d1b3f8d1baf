//! `numeric`: exact decimal numbers.
//!
//! A finite value is `mantissa * 10^-scale`, where `scale` is PostgreSQL's display scale: the number of digits printed after the point. PostgreSQL
//! rounds every result to its display scale before storing it, so the pair loses nothing against the base-10000 digit array of `numeric.c`, and
//! addition, subtraction and multiplication of everyday values are single `i128` instructions. A mantissa that does not fit 128 bits is a
//! [`BigInt`]; the invariant is that the big form is used only then, so that equality of mantissas is equality of forms.
//!
//! The result scale of every operation, which decides how many digits a user sees, is computed exactly as `numeric.c` does; where it reasons
//! about base-10000 digits ([`Decimal::weight`], [`Decimal::first_digit`]), we derive the same quantities from the decimal mantissa.

mod arith;
mod convert;
mod text;
mod transcendental;

#[cfg(test)]
mod tests;

pub use convert::PgDigits;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive, Zero};

use crate::{Result, SqlError, SqlState};

/// Digits allowed before the decimal point.
const INTEGER_DIGITS_MAX: u32 = 131_072;
/// Digits allowed after the decimal point.
const SCALE_MAX: u32 = 16_383;
/// `NUMERIC_MIN_SIG_DIGITS`: significant digits that inexact results aim for.
const SIGNIFICANT_DIGITS_MIN: i32 = 16;
/// `NUMERIC_MAX_DISPLAY_SCALE`: the largest scale an inexact result chooses by itself.
const DISPLAY_SCALE_MAX: i32 = 1000;

/// A `numeric` value. Equality, order and hash are by value (`1.0 = 1.00`); `NaN` equals itself and sorts above everything.
#[derive(Clone, Debug)]
pub enum Numeric {
    /// Not a number.
    NaN,
    /// `Infinity`
    PositiveInfinity,
    /// `-Infinity`
    NegativeInfinity,
    /// Everything else.
    Finite(Decimal),
}

/// A finite value with its display scale.
#[derive(Clone, Debug)]
pub struct Decimal {
    mantissa: Mantissa,
    scale: u32,
}

#[derive(Clone, Debug)]
enum Mantissa {
    Small(i128),
    Big(BigInt),
}

impl Mantissa {
    fn from_big(value: BigInt) -> Self {
        match value.to_i128() {
            Some(small) => Self::Small(small),
            None => Self::Big(value),
        }
    }

    fn to_big(&self) -> BigInt {
        match self {
            Self::Small(small) => BigInt::from(*small),
            Self::Big(big) => big.clone(),
        }
    }

    fn is_zero(&self) -> bool {
        matches!(self, Self::Small(0))
    }

    fn is_negative(&self) -> bool {
        match self {
            Self::Small(small) => *small < 0,
            Self::Big(big) => big.is_negative(),
        }
    }

    /// Decimal digits; 0 for zero.
    fn digit_count(&self) -> u32 {
        match self {
            Self::Small(0) => 0,
            Self::Small(small) => small.unsigned_abs().ilog10() + 1,
            Self::Big(big) => big_digit_count(big),
        }
    }
}

/// Powers of ten that fit an `i128`.
const POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1i128; 39];
    let mut index = 1;
    while index < 39 {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

fn small_power_of_ten(exponent: u32) -> Option<i128> {
    POWERS_OF_TEN.get(exponent as usize).copied()
}

fn power_of_ten(exponent: u32) -> BigInt {
    match small_power_of_ten(exponent) {
        Some(small) => BigInt::from(small),
        None => BigInt::from(10).pow(exponent),
    }
}

/// Digits of a number beyond 128 bits: the bit length gives the answer or its neighbour, one comparison decides.
fn big_digit_count(value: &BigInt) -> u32 {
    let bits = value.bits();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let estimate = ((bits - 1) as f64 * std::f64::consts::LOG10_2) as u32;
    let mut digits = estimate.max(1);
    while value.magnitude() >= power_of_ten(digits).magnitude() {
        digits += 1;
    }
    digits
}

pub(crate) fn overflow() -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}

impl Decimal {
    /// Builds a value, refusing what PostgreSQL's format cannot hold.
    fn checked(mantissa: Mantissa, scale: u32) -> Result<Self> {
        if let Mantissa::Big(big) = &mantissa
            && big.bits() > u64::from(INTEGER_DIGITS_MAX) * 3
            && big_digit_count(big) > INTEGER_DIGITS_MAX.saturating_add(scale)
        {
            return Err(overflow());
        }
        Ok(Self { mantissa, scale })
    }

    const fn small(mantissa: i128, scale: u32) -> Self {
        Self { mantissa: Mantissa::Small(mantissa), scale }
    }

    fn big(mantissa: BigInt, scale: u32) -> Self {
        Self { mantissa: Mantissa::from_big(mantissa), scale }
    }

    /// Digits printed after the point.
    #[must_use]
    pub fn scale(&self) -> u32 {
        self.scale
    }

    /// Whether the value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// Whether the value is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.mantissa.is_negative()
    }

    /// Exponent of ten of the first significant digit; 0 for zero.
    fn leading_exponent(&self) -> i32 {
        if self.is_zero() {
            return 0;
        }
        to_i32(self.mantissa.digit_count()) - 1 - to_i32(self.scale)
    }

    /// `weight` of `numeric.c`: the exponent of 10000 of the first base-10000 digit; 0 for zero.
    fn weight(&self) -> i32 {
        self.leading_exponent().div_euclid(4)
    }

    /// The first base-10000 digit; 0 for zero.
    fn first_digit(&self) -> i32 {
        self.leading_digits(1).0 as i32
    }

    /// The first `count` base-10000 digits (fewer when the value has fewer) as one number, and the exponent of ten of its last digit.
    fn leading_digits(&self, count: i32) -> (i64, i32) {
        if self.is_zero() {
            return (0, 0);
        }
        let lowest = (self.weight() - (count - 1)) * 4;
        let shift = lowest + to_i32(self.scale);
        let magnitude = self.mantissa.to_big().abs();
        let digits =
            if shift >= 0 { magnitude / power_of_ten(shift.unsigned_abs()) } else { magnitude * power_of_ten(shift.unsigned_abs()) };
        (digits.to_i64().unwrap_or(i64::MAX), lowest)
    }

    /// Mantissa at a larger or equal scale.
    fn mantissa_at(&self, scale: u32) -> BigInt {
        debug_assert!(scale >= self.scale, "raising a scale only adds zeros");
        self.mantissa.to_big() * power_of_ten(scale - self.scale)
    }

    /// Without trailing fractional zeros.
    fn normalized(&self) -> Self {
        let mut value = self.clone();
        if value.is_zero() {
            return Self::small(0, 0);
        }
        let ten = BigInt::from(10);
        while value.scale > 0 {
            let shorter = match &value.mantissa {
                Mantissa::Small(small) if small % 10 == 0 => Mantissa::Small(small / 10),
                Mantissa::Big(big) if (big % &ten).is_zero() => Mantissa::from_big(big / &ten),
                _ => break,
            };
            value = Self { mantissa: shorter, scale: value.scale - 1 };
        }
        value
    }

    fn compare(&self, other: &Self) -> Ordering {
        if let (Mantissa::Small(left), Mantissa::Small(right)) = (&self.mantissa, &other.mantissa) {
            if self.scale == other.scale {
                return left.cmp(right);
            }
            if let Some((left, right)) = align(*left, self.scale, *right, other.scale) {
                return left.cmp(&right);
            }
        }
        let scale = self.scale.max(other.scale);
        self.mantissa_at(scale).cmp(&other.mantissa_at(scale))
    }
}

/// Both mantissas at the larger of the two scales, when they fit.
fn align(left: i128, left_scale: u32, right: i128, right_scale: u32) -> Option<(i128, i128)> {
    if left_scale < right_scale {
        Some((left.checked_mul(small_power_of_ten(right_scale - left_scale)?)?, right))
    } else {
        Some((left, right.checked_mul(small_power_of_ten(left_scale - right_scale)?)?))
    }
}

/// Scales and digit counts are far below `i32::MAX`: the format's limits are 131072 and 16383.
fn to_i32(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn to_u32(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

impl Numeric {
    /// Zero with scale 0.
    pub const ZERO: Self = Self::Finite(Decimal::small(0, 0));
    /// One with scale 0.
    pub const ONE: Self = Self::Finite(Decimal::small(1, 0));

    /// `mantissa * 10^-scale`; the scale is at most 16383.
    #[must_use]
    pub const fn from_parts(mantissa: i128, scale: u32) -> Self {
        Self::Finite(Decimal::small(mantissa, scale))
    }

    /// The value as `mantissa * 10^-scale` when the mantissa fits 128 bits.
    #[must_use]
    pub fn small_parts(&self) -> Option<(i128, u32)> {
        match self {
            Self::Finite(Decimal { mantissa: Mantissa::Small(mantissa), scale }) => Some((*mantissa, *scale)),
            _ => None,
        }
    }

    /// Whether this is NaN.
    #[must_use]
    pub const fn is_nan(&self) -> bool {
        matches!(self, Self::NaN)
    }

    /// Whether this is one of the infinities.
    #[must_use]
    pub const fn is_infinite(&self) -> bool {
        matches!(self, Self::PositiveInfinity | Self::NegativeInfinity)
    }

    /// Whether this is a zero of any scale.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Finite(value) if value.is_zero())
    }

    /// Whether the value is below zero; false for NaN.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match self {
            Self::NegativeInfinity => true,
            Self::Finite(value) => value.is_negative(),
            _ => false,
        }
    }

    /// Display scale; `None` for NaN and the infinities.
    #[must_use]
    pub fn scale(&self) -> Option<u32> {
        match self {
            Self::Finite(value) => Some(value.scale),
            _ => None,
        }
    }

    /// The smallest scale that loses nothing.
    #[must_use]
    pub fn min_scale(&self) -> Option<u32> {
        match self {
            Self::Finite(value) => Some(value.normalized().scale),
            _ => None,
        }
    }

    /// Without trailing fractional zeros.
    #[must_use]
    pub fn trim_scale(&self) -> Self {
        match self {
            Self::Finite(value) => Self::Finite(value.normalized()),
            other => other.clone(),
        }
    }

    /// -1, 0 or 1; 0 for NaN.
    #[must_use]
    pub fn signum(&self) -> i32 {
        match self {
            Self::NaN => 0,
            Self::PositiveInfinity => 1,
            Self::NegativeInfinity => -1,
            Self::Finite(value) if value.is_zero() => 0,
            Self::Finite(value) if value.is_negative() => -1,
            Self::Finite(_) => 1,
        }
    }

    /// Bytes on the heap, for memory accounting.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Finite(Decimal { mantissa: Mantissa::Big(big), .. }) => usize::try_from(big.bits() / 8).unwrap_or(usize::MAX),
            _ => 0,
        }
    }

    /// Where the value stands among NaN and the infinities: PostgreSQL sorts -Infinity, finite values, Infinity, NaN.
    const fn class(&self) -> u8 {
        match self {
            Self::NegativeInfinity => 0,
            Self::Finite(_) => 1,
            Self::PositiveInfinity => 2,
            Self::NaN => 3,
        }
    }
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Numeric {}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Numeric {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Finite(left), Self::Finite(right)) => left.compare(right),
            _ => self.class().cmp(&other.class()),
        }
    }
}

impl Hash for Numeric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.class().hash(state);
        let Self::Finite(value) = self else { return };
        let value = value.normalized();
        value.scale.hash(state);
        match &value.mantissa {
            Mantissa::Small(small) => small.hash(state),
            Mantissa::Big(big) => {
                (big.sign() == Sign::Minus).hash(state);
                big.hash(state);
            }
        }
    }
}
