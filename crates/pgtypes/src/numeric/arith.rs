//! Exact arithmetic and rounding.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

use super::{
    DISPLAY_SCALE_MAX, Decimal, Mantissa, Numeric, SCALE_MAX, SIGNIFICANT_DIGITS_MIN, align, power_of_ten, small_power_of_ten, to_i32,
    to_u32,
};
use crate::{Result, SqlError, SqlState};

fn division_by_zero() -> SqlError {
    SqlError::new(SqlState::DIVISION_BY_ZERO, "division by zero")
}

/// `numerator / denominator`, rounded half away from zero.
pub(super) fn div_round(numerator: &BigInt, denominator: &BigInt) -> BigInt {
    let (quotient, remainder) = numerator.div_rem(denominator);
    if remainder.abs() * 2 >= denominator.abs() {
        if numerator.is_negative() == denominator.is_negative() { quotient + 1 } else { quotient - 1 }
    } else {
        quotient
    }
}

fn div_round_small(numerator: i128, denominator: i128) -> i128 {
    let (quotient, remainder) = (numerator / denominator, numerator % denominator);
    if remainder.unsigned_abs() >= denominator.unsigned_abs().div_ceil(2) {
        if (numerator < 0) == (denominator < 0) { quotient + 1 } else { quotient - 1 }
    } else {
        quotient
    }
}

impl Decimal {
    pub(super) fn add(&self, other: &Self) -> Result<Self> {
        self.add_signed(other, false)
    }

    pub(super) fn sub(&self, other: &Self) -> Result<Self> {
        self.add_signed(other, true)
    }

    fn add_signed(&self, other: &Self, negate: bool) -> Result<Self> {
        let scale = self.scale.max(other.scale);
        if let (Mantissa::Small(left), Mantissa::Small(right)) = (&self.mantissa, &other.mantissa)
            && let Some((left, right)) = align(*left, self.scale, *right, other.scale)
            && let Some(sum) = if negate { left.checked_sub(right) } else { left.checked_add(right) }
        {
            return Ok(Self::small(sum, scale));
        }
        let (left, right) = (self.mantissa_at(scale), other.mantissa_at(scale));
        Self::checked(Mantissa::from_big(if negate { left - right } else { left + right }), scale)
    }

    pub(super) fn mul(&self, other: &Self) -> Result<Self> {
        let scale = self.scale + other.scale;
        if let (Mantissa::Small(left), Mantissa::Small(right)) = (&self.mantissa, &other.mantissa)
            && scale <= SCALE_MAX
            && let Some(product) = left.checked_mul(*right)
        {
            return Ok(Self::small(product, scale));
        }
        let product = Self::big(self.mantissa.to_big() * other.mantissa.to_big(), scale);
        let product = if scale > SCALE_MAX { product.round(to_i32(SCALE_MAX)) } else { product };
        Self::checked(product.mantissa, product.scale)
    }

    /// `select_div_scale`: enough digits for 16 significant ones, and at least the scale of either operand.
    pub(super) fn quotient_scale(&self, divisor: &Self) -> u32 {
        let mut weight = self.weight() - divisor.weight();
        if self.first_digit() <= divisor.first_digit() {
            weight -= 1;
        }
        let scale = (SIGNIFICANT_DIGITS_MIN - weight * 4).max(to_i32(self.scale)).max(to_i32(divisor.scale));
        to_u32(scale.clamp(0, DISPLAY_SCALE_MAX))
    }

    /// Quotient rounded to `scale`.
    pub(super) fn div_at(&self, divisor: &Self, scale: u32) -> Result<Self> {
        let shift = to_i32(scale) + to_i32(divisor.scale) - to_i32(self.scale);
        if let (Mantissa::Small(left), Mantissa::Small(right)) = (&self.mantissa, &divisor.mantissa)
            && shift >= 0
            && let Some(power) = small_power_of_ten(shift.unsigned_abs())
            && let Some(numerator) = left.checked_mul(power)
            && numerator != i128::MIN
        {
            return Ok(Self::small(div_round_small(numerator, *right), scale));
        }
        let (left, right) = (self.mantissa.to_big(), divisor.mantissa.to_big());
        let power = power_of_ten(shift.unsigned_abs());
        let quotient = if shift >= 0 { div_round(&(left * power), &right) } else { div_round(&left, &(right * power)) };
        Self::checked(Mantissa::from_big(quotient), scale)
    }

    /// Integer part of the quotient.
    fn div_trunc(&self, divisor: &Self) -> Result<Self> {
        let scale = self.scale.max(divisor.scale);
        let quotient = self.mantissa_at(scale) / divisor.mantissa_at(scale);
        Self::checked(Mantissa::from_big(quotient), 0)
    }

    fn rem(&self, divisor: &Self) -> Result<Self> {
        let scale = self.scale.max(divisor.scale);
        if let (Mantissa::Small(left), Mantissa::Small(right)) = (&self.mantissa, &divisor.mantissa)
            && let Some((left, right)) = align(*left, self.scale, *right, divisor.scale)
        {
            return Ok(Self::small(left.checked_rem(right).unwrap_or(0), scale));
        }
        Self::checked(Mantissa::from_big(self.mantissa_at(scale) % divisor.mantissa_at(scale)), scale)
    }

    pub(super) fn neg(&self) -> Self {
        match &self.mantissa {
            Mantissa::Small(small) if *small != i128::MIN => Self::small(-small, self.scale),
            other => Self::big(-other.to_big(), self.scale),
        }
    }

    /// Rounded half away from zero to `scale` places, which may be negative (zeros before the point); the display scale is never negative.
    pub(super) fn round(&self, scale: i32) -> Self {
        self.reduce(scale, div_round, div_round_small)
    }

    /// Cut towards zero to `scale` places.
    pub(super) fn trunc(&self, scale: i32) -> Self {
        self.reduce(scale, |value, divisor| value / divisor, |value, divisor| value / divisor)
    }

    fn floor(&self) -> Self {
        self.reduce(0, |value, divisor| value.div_floor(divisor), |value, divisor| value.div_euclid(divisor))
    }

    fn reduce(&self, scale: i32, big: impl Fn(&BigInt, &BigInt) -> BigInt, small: impl Fn(i128, i128) -> i128) -> Self {
        let display = to_u32(scale.max(0));
        let drop = to_i32(self.scale) - scale;
        if drop <= 0 {
            return match &self.mantissa {
                Mantissa::Small(value) if drop == 0 || *value == 0 => Self::small(*value, display),
                _ => Self::big(self.mantissa_at(display), display),
            };
        }
        let restore = to_i32(display) - scale;
        if drop > to_i32(self.mantissa.digit_count()) + 1 {
            return match big(&BigInt::from(if self.is_negative() { -1 } else { i32::from(!self.is_zero()) }), &BigInt::from(10)) {
                tiny if tiny.is_zero() => Self::small(0, display),
                tiny => Self::big(tiny * power_of_ten(to_u32(restore)), display),
            };
        }
        if let Mantissa::Small(value) = &self.mantissa
            && let Some(divisor) = small_power_of_ten(to_u32(drop))
            && let Some(restored) = small_power_of_ten(to_u32(restore)).and_then(|power| small(*value, divisor).checked_mul(power))
        {
            return Self::small(restored, display);
        }
        let reduced = big(&self.mantissa.to_big(), &power_of_ten(to_u32(drop)));
        Self::big(reduced * power_of_ten(to_u32(restore)), display)
    }
}

impl Numeric {
    /// `+`
    ///
    /// # Errors
    /// `22003` when the sum does not fit.
    pub fn add(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Finite(left), Self::Finite(right)) => left.add(right).map(Self::Finite),
            (Self::NaN, _)
            | (_, Self::NaN)
            | (Self::PositiveInfinity, Self::NegativeInfinity)
            | (Self::NegativeInfinity, Self::PositiveInfinity) => Ok(Self::NaN),
            (Self::Finite(_), infinite) | (infinite, _) => Ok(infinite.clone()),
        }
    }

    /// `-`
    ///
    /// # Errors
    /// `22003` when the difference does not fit.
    pub fn sub(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Finite(left), Self::Finite(right)) => left.sub(right).map(Self::Finite),
            _ => self.add(&other.neg()),
        }
    }

    /// `*`
    ///
    /// # Errors
    /// `22003` when the product does not fit.
    pub fn mul(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Finite(left), Self::Finite(right)) => left.mul(right).map(Self::Finite),
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            _ => Ok(match self.signum() * other.signum() {
                0 => Self::NaN,
                1 => Self::PositiveInfinity,
                _ => Self::NegativeInfinity,
            }),
        }
    }

    /// `/`
    ///
    /// # Errors
    /// `22012` for a zero divisor, `22003` when the quotient does not fit.
    pub fn div(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Finite(left), Self::Finite(right)) => {
                if right.is_zero() {
                    return Err(division_by_zero());
                }
                left.div_at(right, left.quotient_scale(right)).map(Self::Finite)
            }
            _ => self.div_special(other),
        }
    }

    /// Quotients of which at least one side is not finite.
    fn div_special(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            (Self::Finite(_), _) => Ok(Self::ZERO),
            _ if other.is_infinite() => Ok(Self::NaN),
            _ => match self.signum() * other.signum() {
                0 => Err(division_by_zero()),
                1 => Ok(Self::PositiveInfinity),
                _ => Ok(Self::NegativeInfinity),
            },
        }
    }

    /// `div(a, b)`: the quotient cut to an integer.
    ///
    /// # Errors
    /// `22012` for a zero divisor, `22003` when the quotient does not fit.
    pub fn div_trunc(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Finite(_), Self::Finite(right)) if right.is_zero() => Err(division_by_zero()),
            (Self::Finite(left), Self::Finite(right)) => left.div_trunc(right).map(Self::Finite),
            _ => self.div_special(other),
        }
    }

    /// `%`: sign of the dividend.
    ///
    /// # Errors
    /// `22012` for a zero divisor.
    pub fn rem(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            (_, divisor) if divisor.is_zero() => Err(division_by_zero()),
            (Self::Finite(left), Self::Finite(right)) => left.rem(right).map(Self::Finite),
            (Self::Finite(_), _) => Ok(self.clone()),
            _ => Ok(Self::NaN),
        }
    }

    /// Negation.
    #[must_use]
    pub fn neg(&self) -> Self {
        match self {
            Self::NaN => Self::NaN,
            Self::PositiveInfinity => Self::NegativeInfinity,
            Self::NegativeInfinity => Self::PositiveInfinity,
            Self::Finite(value) => Self::Finite(value.neg()),
        }
    }

    /// Absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    fn map_finite(&self, change: impl FnOnce(&Decimal) -> Decimal) -> Self {
        match self {
            Self::Finite(value) => Self::Finite(change(value)),
            other => other.clone(),
        }
    }

    /// Half away from zero, to `scale` places (negative: before the point). The scale is limited to what `round(numeric, int)` allows.
    ///
    /// # Errors
    /// `22003` when rounding up makes a value that does not fit.
    pub fn round(&self, scale: i32) -> Result<Self> {
        let scale = scale.clamp(-to_i32(super::INTEGER_DIGITS_MAX) - 1, to_i32(SCALE_MAX));
        match self {
            Self::Finite(value) => {
                let rounded = value.round(scale);
                Decimal::checked(rounded.mantissa, rounded.scale).map(Self::Finite)
            }
            other => Ok(other.clone()),
        }
    }

    /// Towards zero, to `scale` places.
    #[must_use]
    pub fn trunc(&self, scale: i32) -> Self {
        let scale = scale.clamp(-to_i32(super::INTEGER_DIGITS_MAX) - 1, to_i32(SCALE_MAX));
        self.map_finite(|value| value.trunc(scale))
    }

    /// The largest integer not above.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.map_finite(Decimal::floor)
    }

    /// The smallest integer not below.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.map_finite(|value| value.neg().floor().neg())
    }

    /// Greatest common divisor; never negative.
    ///
    /// # Errors
    /// None in practice; the result is never larger than an argument.
    pub fn gcd(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Finite(left), Self::Finite(right)) => {
                let scale = left.scale.max(right.scale);
                Ok(Self::Finite(Decimal::big(left.mantissa_at(scale).gcd(&right.mantissa_at(scale)), scale)))
            }
            _ => Ok(Self::NaN),
        }
    }

    /// Least common multiple; never negative.
    ///
    /// # Errors
    /// `22003` when it does not fit.
    pub fn lcm(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Finite(left), Self::Finite(right)) => {
                let scale = left.scale.max(right.scale);
                let (left, right) = (left.mantissa_at(scale), right.mantissa_at(scale));
                let multiple = if left.is_zero() || right.is_zero() { BigInt::ZERO } else { left.lcm(&right).abs() };
                Decimal::checked(Mantissa::from_big(multiple), scale).map(Self::Finite)
            }
            _ => Ok(Self::NaN),
        }
    }

    /// The smaller of two by `numeric` order.
    #[must_use]
    pub fn lesser<'a>(&'a self, other: &'a Self) -> &'a Self {
        if self.cmp(other) == Ordering::Less { self } else { other }
    }
}
