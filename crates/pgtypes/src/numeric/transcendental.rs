//! Roots, exponentials and logarithms.
//!
//! The digits come from binary fixed-point arithmetic with guard bits beyond the scale asked for, so that results are correctly rounded as
//! `numeric.c`'s are; only the choice of the result scale follows its code step by step.

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

use super::{
    DISPLAY_SCALE_MAX, Decimal, Mantissa, Numeric, SIGNIFICANT_DIGITS_MIN, arith::div_round, overflow, power_of_ten, to_i32, to_u32,
};
use crate::{Result, SqlError, SqlState};

/// `NUMERIC_MAX_RESULT_SCALE`
const RESULT_SCALE_MAX: f64 = 2000.0;
/// Bits beyond the precision asked for.
const GUARD_BITS: u64 = 64;

fn bits_of_digits(digits: i32) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let bits = (f64::from(digits.max(0)) * std::f64::consts::LOG2_10).ceil() as u64;
    bits + GUARD_BITS
}

/// `value * 2^bits`, cut.
fn to_fixed(value: &Decimal, bits: u64) -> BigInt {
    (value.mantissa.to_big() << bits) / power_of_ten(value.scale)
}

fn from_fixed(value: &BigInt, bits: u64, scale: u32) -> Decimal {
    Decimal::big(div_round(&(value * power_of_ten(scale)), &(BigInt::one() << bits)), scale)
}

/// `atanh(numerator / denominator)` as fixed point, by its series; the ratio must be well below one.
fn atanh_fixed(ratio: &BigInt, bits: u64) -> BigInt {
    let square = (ratio * ratio) >> bits;
    let mut power = ratio.clone();
    let mut sum = ratio.clone();
    let mut divisor = 3u32;
    loop {
        power = (power * &square) >> bits;
        let term = &power / divisor;
        if term.is_zero() {
            return sum;
        }
        sum += term;
        divisor += 2;
    }
}

fn ln2_fixed(bits: u64) -> BigInt {
    // ln 2 = 2 atanh(1/3)
    atanh_fixed(&((BigInt::one() << bits) / 3), bits) << 1
}

/// Natural logarithm of a positive value as fixed point with `bits` fractional bits, exact but for the last few.
fn ln_fixed(value: &Decimal, bits: u64) -> BigInt {
    let numerator = value.mantissa.to_big();
    let denominator = power_of_ten(value.scale);
    // value = m * 2^exponent with m in (1/2, 2)
    #[allow(clippy::cast_possible_wrap)]
    let exponent = numerator.bits() as i64 - denominator.bits() as i64;
    let reduced: BigInt = if exponent >= 0 {
        (numerator << bits) / (denominator << exponent.unsigned_abs())
    } else {
        (numerator << (bits + exponent.unsigned_abs())) / denominator
    };
    // Square roots bring m close to one, where the series needs few terms.
    let mut root = reduced;
    let one = BigInt::one() << bits;
    let roots = 8u32;
    let working = bits + 2 * u64::from(roots);
    root <<= 2 * u64::from(roots);
    for _ in 0..roots {
        root = (root << working).sqrt();
    }
    let one_working = one << (2 * u64::from(roots));
    let ratio = ((&root - &one_working) << working) / (&root + &one_working);
    let ln_reduced = atanh_fixed(&ratio, working) << (1 + roots);
    let total = ln_reduced + ln2_fixed(working) * exponent;
    total >> (2 * u64::from(roots))
}

/// `e^x` for fixed-point `x`; the result has the same number of fractional bits.
fn exp_fixed(x: &BigInt, bits: u64) -> BigInt {
    let ln2 = ln2_fixed(bits);
    let exponent = div_round(x, &ln2);
    let halvings = 16u64;
    let working = bits + 2 * halvings + 16;
    let reduced: BigInt = ((x - &exponent * &ln2) << (working - bits)) >> halvings;
    let one = BigInt::one() << working;
    let mut sum = &one + &reduced;
    let mut term = reduced.clone();
    let mut index = 2u32;
    loop {
        term = ((term * &reduced) >> working) / index;
        if term.is_zero() || term == BigInt::from(-1) {
            break;
        }
        sum += &term;
        index += 1;
    }
    for _ in 0..halvings {
        sum = (&sum * &sum) >> working;
    }
    let shift = exponent.to_i64().unwrap_or(0);
    let sum = if shift >= 0 { sum << shift.unsigned_abs() } else { sum >> shift.unsigned_abs() };
    sum >> (working - bits)
}

fn clamp_scale(scale: i32, inputs: &[&Decimal]) -> i32 {
    let scale = inputs.iter().fold(scale, |scale, input| scale.max(to_i32(input.scale)));
    scale.clamp(0, DISPLAY_SCALE_MAX)
}

impl Decimal {
    /// `estimate_ln_dweight`: the decimal weight of the natural logarithm.
    fn ln_weight(&self) -> i32 {
        if self.is_zero() || self.is_negative() {
            return 0;
        }
        let near_one = self.compare(&Self::small(9, 1)).is_ge() && self.compare(&Self::small(11, 1)).is_le();
        if near_one {
            let Ok(distance) = self.sub(&Self::small(1, 0)) else { return 0 };
            return if distance.is_zero() { 0 } else { distance.leading_exponent() };
        }
        let (digits, exponent) = if self.has_more_than_one_digit() { self.leading_digits(2) } else { self.leading_digits(1) };
        #[allow(clippy::cast_precision_loss)]
        let ln = (digits as f64).ln() + f64::from(exponent) * std::f64::consts::LN_10;
        #[allow(clippy::cast_possible_truncation)]
        let weight = ln.abs().log10() as i32;
        weight
    }

    /// Whether the value has a second base-10000 digit that is stored (trailing zeros are not).
    fn has_more_than_one_digit(&self) -> bool {
        let shift = self.weight() * 4 + to_i32(self.scale);
        shift > 0 && !(self.mantissa.to_big() % power_of_ten(to_u32(shift))).is_zero()
    }

    fn ln_at(&self, scale: i32) -> Self {
        let bits = bits_of_digits(scale) + 32;
        from_fixed(&ln_fixed(self, bits), bits, to_u32(scale))
    }

    fn is_integer(&self) -> bool {
        self.normalized().scale == 0
    }

    fn sqrt(&self) -> Self {
        let weight = self.weight() * 2 + 1;
        let scale = to_u32(clamp_scale(SIGNIFICANT_DIGITS_MIN - weight, &[self]));
        // Two more digits than asked for, then one honest rounding: the root is cut, and a cut 5 can only be an exact one.
        let guard = scale + 2;
        let scaled = self.mantissa.to_big() * power_of_ten(2 * guard - self.scale);
        Self::big(scaled.sqrt(), guard).round(to_i32(scale))
    }

    fn exp(&self) -> Result<Self> {
        let value = self.to_string().parse::<f64>().unwrap_or(0.0);
        let weight = (value * std::f64::consts::LOG10_E).clamp(-RESULT_SCALE_MAX, RESULT_SCALE_MAX);
        #[allow(clippy::cast_possible_truncation)]
        let scale = clamp_scale(SIGNIFICANT_DIGITS_MIN - weight as i32, &[self]);
        if value.abs() >= RESULT_SCALE_MAX * 3.0 {
            return if value > 0.0 { Err(overflow()) } else { Ok(Self::small(0, to_u32(scale))) };
        }
        #[allow(clippy::cast_possible_truncation)]
        let bits = bits_of_digits(scale + (value * std::f64::consts::LOG10_E).max(0.0) as i32 + 8);
        Ok(from_fixed(&exp_fixed(&to_fixed(self, bits), bits), bits, to_u32(scale)))
    }

    /// `power_var_int`
    fn power_integer(&self, exponent: i32, exponent_scale: u32) -> Result<Self> {
        let estimate = if self.is_zero() { 0.0 } else { f64::from(exponent) * self.log10_estimate() };
        if estimate > 131_072.0 {
            return Err(overflow());
        }
        if estimate + 1.0 < -f64::from(DISPLAY_SCALE_MAX) {
            return Ok(Self::small(0, to_u32(DISPLAY_SCALE_MAX)));
        }
        #[allow(clippy::cast_possible_truncation)]
        let scale = clamp_scale(SIGNIFICANT_DIGITS_MIN - estimate as i32, &[self, &Self::small(0, exponent_scale)]);
        match exponent {
            0 => return Ok(Self::small(1, 0).round(scale)),
            1 => return Ok(self.round(scale)),
            -1 if !self.is_zero() => return Self::small(1, 0).div_at(self, to_u32(scale)),
            _ if self.is_zero() && exponent < 0 => return Err(SqlError::new(SqlState::DIVISION_BY_ZERO, "division by zero")),
            _ if self.is_zero() => return Ok(Self::small(0, to_u32(scale))),
            _ => {}
        }
        #[allow(clippy::cast_possible_truncation)]
        let significant = scale + estimate as i32 + 2 + 8 + (f64::from(exponent.unsigned_abs()).log10() as i32);
        let magnitude = self.normalized().power_by_squaring(exponent.unsigned_abs(), significant.max(16))?;
        let result = if exponent < 0 { Self::small(1, 0).div_at(&magnitude, to_u32(scale))? } else { magnitude.round(scale) };
        Self::checked(result.mantissa, result.scale)
    }

    fn log10_estimate(&self) -> f64 {
        let (digits, exponent) = self.leading_digits(4);
        #[allow(clippy::cast_precision_loss)]
        let digits = digits as f64;
        digits.log10() + f64::from(exponent)
    }

    /// Keeps `significant` digits at each step, which bounds the work and loses only guard digits.
    fn power_by_squaring(&self, mut exponent: u32, significant: i32) -> Result<Self> {
        let keep = |value: Self| {
            let scale = significant - value.leading_exponent();
            if to_i32(value.scale) > scale { value.round(scale) } else { value }
        };
        let mut base = self.clone();
        let mut result = Self::small(1, 0);
        loop {
            if exponent & 1 == 1 {
                result = keep(result.mul_unlimited(&base));
            }
            exponent >>= 1;
            if exponent == 0 {
                return Ok(result);
            }
            base = keep(base.mul_unlimited(&base));
            if base.leading_exponent() > 131_072 * 2 {
                return Err(overflow());
            }
        }
    }

    /// A product whose scale may pass the format's limit for a moment.
    fn mul_unlimited(&self, other: &Self) -> Self {
        if let (Mantissa::Small(left), Mantissa::Small(right)) = (&self.mantissa, &other.mantissa)
            && let Some(product) = left.checked_mul(*right)
        {
            return Self::small(product, self.scale + other.scale);
        }
        Self::big(self.mantissa.to_big() * other.mantissa.to_big(), self.scale + other.scale)
    }

    /// `power_var`
    fn power(&self, exponent: &Self) -> Result<Self> {
        if exponent.is_integer()
            && let Mantissa::Small(small) = exponent.normalized().mantissa
            && let Ok(small) = i32::try_from(small)
        {
            return self.power_integer(small, exponent.scale);
        }
        if self.is_zero() {
            return Ok(Self::small(0, to_u32(SIGNIFICANT_DIGITS_MIN)));
        }
        let (base, negative) = if self.is_negative() {
            let odd = (exponent.normalized().mantissa.to_big() % 2u32) != BigInt::zero();
            (self.neg(), odd)
        } else {
            (self.clone(), false)
        };
        let local_scale = (8 - base.ln_weight()).max(0);
        let approximate = base.ln_at(local_scale).mul_unlimited(exponent).round(local_scale);
        let value = approximate.to_string().parse::<f64>().unwrap_or(0.0);
        if value.abs() > RESULT_SCALE_MAX * 3.01 {
            return if value > 0.0 { Err(overflow()) } else { Ok(Self::small(0, to_u32(DISPLAY_SCALE_MAX))) };
        }
        let weight = value * std::f64::consts::LOG10_E;
        #[allow(clippy::cast_possible_truncation)]
        let weight = weight as i32;
        let scale = clamp_scale(SIGNIFICANT_DIGITS_MIN - weight, &[&base, exponent]);
        let exponent_digits = exponent.leading_exponent().max(0);
        let bits = bits_of_digits(scale + weight.max(0) + exponent_digits + 16);
        let ln = ln_fixed(&base, bits);
        let product = ln * exponent.mantissa.to_big() / power_of_ten(exponent.scale);
        let magnitude = from_fixed(&exp_fixed(&product, bits), bits, to_u32(scale));
        Ok(if negative { magnitude.neg() } else { magnitude })
    }
}

fn invalid_logarithm(value: &Decimal) -> SqlError {
    let message = if value.is_zero() { "cannot take logarithm of zero" } else { "cannot take logarithm of a negative number" };
    SqlError::new(SqlState::INVALID_ARGUMENT_FOR_LOGARITHM, message)
}

fn invalid_power(message: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_ARGUMENT_FOR_POWER_FUNCTION, message)
}

impl Numeric {
    /// `sqrt`
    ///
    /// # Errors
    /// `2201F` for a negative argument.
    pub fn sqrt(&self) -> Result<Self> {
        match self {
            Self::NaN | Self::PositiveInfinity => Ok(self.clone()),
            Self::Finite(value) if !value.is_negative() => Ok(Self::Finite(value.sqrt())),
            _ => Err(invalid_power("cannot take square root of a negative number")),
        }
    }

    /// `exp`
    ///
    /// # Errors
    /// `22003` when the result does not fit.
    pub fn exp(&self) -> Result<Self> {
        match self {
            Self::NaN | Self::PositiveInfinity => Ok(self.clone()),
            Self::NegativeInfinity => Ok(Self::ZERO),
            Self::Finite(value) => value.exp().map(Self::Finite),
        }
    }

    /// The argument of a logarithm, when it is one that must be computed.
    fn logarithm_argument(&self) -> Result<Option<&Decimal>> {
        match self {
            Self::Finite(value) if value.is_zero() || value.is_negative() => Err(invalid_logarithm(value)),
            Self::Finite(value) => Ok(Some(value)),
            Self::NegativeInfinity => Err(invalid_logarithm(&Decimal::small(-1, 0))),
            Self::NaN | Self::PositiveInfinity => Ok(None),
        }
    }

    /// `ln`
    ///
    /// # Errors
    /// `2201E` for zero and below.
    pub fn ln(&self) -> Result<Self> {
        let Some(value) = self.logarithm_argument()? else { return Ok(self.clone()) };
        let scale = clamp_scale(SIGNIFICANT_DIGITS_MIN - value.ln_weight(), &[value]);
        Ok(Self::Finite(value.ln_at(scale)))
    }

    /// `log(base, self)`
    ///
    /// # Errors
    /// `2201E` for zero and below, `22012` for base one.
    pub fn log(&self, base: &Self) -> Result<Self> {
        if self.is_nan() || base.is_nan() {
            return Ok(Self::NaN);
        }
        // With an infinity on either side a negative argument is reported before a zero one.
        if (self.is_infinite() || base.is_infinite()) && (self.is_negative() || base.is_negative()) {
            return Err(invalid_logarithm(&Decimal::small(-1, 0)));
        }
        match (base.logarithm_argument()?, self.logarithm_argument()?) {
            (Some(base), Some(value)) => value.log(base).map(Self::Finite),
            (Some(_), None) => Ok(Self::PositiveInfinity),
            (None, Some(_)) => Ok(Self::ZERO),
            (None, None) => Ok(Self::NaN),
        }
    }

    /// `self ^ exponent`
    ///
    /// # Errors
    /// `2201F` where the power is not defined, `22003` when it does not fit.
    pub fn power(&self, exponent: &Self) -> Result<Self> {
        match (self, exponent) {
            (Self::NaN, Self::Finite(value)) if value.is_zero() => Ok(Self::ONE),
            (Self::Finite(_), Self::NaN) if *self == Self::ONE => Ok(Self::ONE),
            (Self::NaN, _) | (_, Self::NaN) => Ok(Self::NaN),
            _ => self.power_defined(exponent),
        }
    }

    fn power_defined(&self, exponent: &Self) -> Result<Self> {
        if self.is_zero() && exponent.is_negative() {
            return Err(invalid_power("zero raised to a negative power is undefined"));
        }
        let exponent_is_integer = matches!(exponent, Self::Finite(value) if value.is_integer());
        if self.is_negative() && !exponent_is_integer && !exponent.is_infinite() {
            return Err(invalid_power("a negative number raised to a non-integer power yields a complex result"));
        }
        match (self, exponent) {
            (Self::Finite(base), Self::Finite(exponent)) => base.power(exponent).map(Self::Finite),
            _ => self.power_special(exponent),
        }
    }

    /// Powers of which at least one side is infinite; both are defined.
    fn power_special(&self, exponent: &Self) -> Result<Self> {
        if *self == Self::ONE || exponent.is_zero() {
            return Ok(Self::ONE);
        }
        if self.is_zero() {
            return Ok(Self::ZERO);
        }
        if exponent.is_infinite() {
            let magnitude = self.abs();
            return Ok(if magnitude == Self::ONE {
                Self::ONE
            } else if (magnitude > Self::ONE) == (*exponent == Self::PositiveInfinity) {
                Self::PositiveInfinity
            } else {
                Self::ZERO
            });
        }
        if exponent.is_negative() {
            return Ok(Self::ZERO);
        }
        if *self == Self::PositiveInfinity {
            return Ok(Self::PositiveInfinity);
        }
        let odd = !exponent.rem(&Self::from(2i32))?.is_zero();
        Ok(if odd { Self::NegativeInfinity } else { Self::PositiveInfinity })
    }
}

impl Decimal {
    /// `log_var`
    fn log(&self, base: &Self) -> Result<Self> {
        let weight = self.ln_weight() - base.ln_weight();
        let scale = clamp_scale(SIGNIFICANT_DIGITS_MIN - weight, &[base, self]);
        let bits = bits_of_digits(scale + self.ln_weight().abs() + 2 * base.ln_weight().abs() + 16);
        let (ln_self, ln_base) = (ln_fixed(self, bits), ln_fixed(base, bits));
        if ln_base.is_zero() || base.compare(&Self::small(1, 0)).is_eq() {
            return Err(SqlError::new(SqlState::DIVISION_BY_ZERO, "division by zero"));
        }
        let quotient = div_round(&(ln_self * power_of_ten(to_u32(scale))), &ln_base);
        Ok(Self::big(quotient, to_u32(scale)))
    }
}
