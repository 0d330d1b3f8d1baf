//! To and from integers, floats, the wire's base-10000 digits, and into a `numeric(p,s)`.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::{Decimal, Mantissa, Numeric, POWERS_OF_TEN, SCALE_MAX, overflow, power_of_ten, to_i32, to_u32};
use crate::{Result, SqlError, SqlState};

/// `sign` field of the binary format.
const SIGN_POSITIVE: u16 = 0x0000;
const SIGN_NEGATIVE: u16 = 0x4000;
const SIGN_NAN: u16 = 0xC000;
const SIGN_POSITIVE_INFINITY: u16 = 0xD000;
const SIGN_NEGATIVE_INFINITY: u16 = 0xF000;

/// PostgreSQL's digit array, as `numeric_send` writes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PgDigits {
    /// Base-10000 digits, most significant first, without leading or trailing zeros.
    pub digits: Vec<i16>,
    /// Exponent of 10000 of the first digit.
    pub weight: i16,
    /// 0x0000, 0x4000 (negative), 0xC000 (NaN), 0xD000 (Infinity), 0xF000 (-Infinity).
    pub sign: u16,
    /// Digits printed after the point.
    pub dscale: u16,
}

fn invalid_binary(message: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_BINARY_REPRESENTATION, message)
}

impl Numeric {
    /// The digit array of the binary format.
    #[must_use]
    pub fn to_pg_digits(&self) -> PgDigits {
        let special = |sign| PgDigits { digits: Vec::new(), weight: 0, sign, dscale: 0 };
        match self {
            Self::NaN => special(SIGN_NAN),
            // PostgreSQL sends 0x20 (one more than any dscale it can display) with the infinities' sign bits.
            Self::PositiveInfinity => special(SIGN_POSITIVE_INFINITY),
            Self::NegativeInfinity => special(SIGN_NEGATIVE_INFINITY),
            Self::Finite(value) => value.to_pg_digits(),
        }
    }

    /// Reads the digit array of the binary format; digits beyond `dscale` are cut as `numeric_recv` does.
    ///
    /// # Errors
    /// `22P03` for a field out of range, `22003` when the value does not fit.
    pub fn from_pg_digits(parts: &PgDigits) -> Result<Self> {
        let negative = match parts.sign {
            SIGN_NAN => return Ok(Self::NaN),
            SIGN_POSITIVE_INFINITY => return Ok(Self::PositiveInfinity),
            SIGN_NEGATIVE_INFINITY => return Ok(Self::NegativeInfinity),
            SIGN_POSITIVE => false,
            SIGN_NEGATIVE => true,
            _ => return Err(invalid_binary("invalid sign in external \"numeric\" value")),
        };
        if u32::from(parts.dscale) > SCALE_MAX {
            return Err(invalid_binary("invalid scale in external \"numeric\" value"));
        }
        let mut mantissa = BigInt::zero();
        let mut small: i128 = 0;
        for (index, digit) in parts.digits.iter().enumerate() {
            if !(0..10_000).contains(digit) {
                return Err(invalid_binary("invalid digit in external \"numeric\" value"));
            }
            if index < 9 {
                small = small * 10_000 + i128::from(*digit);
            } else {
                if index == 9 {
                    mantissa = BigInt::from(small);
                }
                mantissa = mantissa * 10_000 + *digit;
            }
        }
        let mantissa = if parts.digits.len() <= 9 { Mantissa::Small(small) } else { Mantissa::from_big(mantissa) };
        let lowest = (i32::from(parts.weight) + 1 - i32::try_from(parts.digits.len()).map_err(|_| overflow())?) * 4;
        let exact = if lowest >= 0 {
            Decimal::big(mantissa.to_big() * power_of_ten(to_u32(lowest)), 0)
        } else {
            Decimal { mantissa, scale: lowest.unsigned_abs() }
        };
        let value = exact.trunc(i32::from(parts.dscale));
        let value = if negative { value.neg() } else { value };
        Decimal::checked(value.mantissa, value.scale).map(Self::Finite)
    }

    /// Rounded half away from zero; `None` when out of range.
    fn to_i128(&self) -> Option<i128> {
        match self {
            Self::Finite(value) => match &value.round(0).mantissa {
                Mantissa::Small(small) => Some(*small),
                Mantissa::Big(_) => None,
            },
            _ => None,
        }
    }

    fn to_integer<T: TryFrom<i128>>(&self, name: &str) -> Result<T> {
        match self {
            Self::NaN => Err(SqlError::unsupported(format!("cannot convert NaN to {name}"))),
            Self::PositiveInfinity | Self::NegativeInfinity => Err(SqlError::unsupported(format!("cannot convert infinity to {name}"))),
            Self::Finite(_) => self
                .to_i128()
                .and_then(|value| T::try_from(value).ok())
                .ok_or_else(|| SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{name} out of range"))),
        }
    }

    /// `numeric` to `smallint`, rounding half away from zero.
    ///
    /// # Errors
    /// `22003` out of range, `0A000` for NaN and the infinities.
    pub fn to_i16(&self) -> Result<i16> {
        self.to_integer("smallint")
    }

    /// `numeric` to `integer`, rounding half away from zero.
    ///
    /// # Errors
    /// `22003` out of range, `0A000` for NaN and the infinities.
    pub fn to_i32(&self) -> Result<i32> {
        self.to_integer("integer")
    }

    /// `numeric` to `bigint`, rounding half away from zero.
    ///
    /// # Errors
    /// `22003` out of range, `0A000` for NaN and the infinities.
    pub fn to_i64(&self) -> Result<i64> {
        self.to_integer("bigint")
    }

    /// The value as an `i64` when it is one exactly.
    #[must_use]
    pub fn exact_i64(&self) -> Option<i64> {
        match self {
            Self::Finite(value) => match value.normalized() {
                Decimal { mantissa: Mantissa::Small(small), scale: 0 } => i64::try_from(small).ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The nearest `double precision`, infinite when out of range.
    #[must_use]
    pub fn to_f64_lossy(&self) -> f64 {
        match self {
            Self::NaN => f64::NAN,
            Self::PositiveInfinity => f64::INFINITY,
            Self::NegativeInfinity => f64::NEG_INFINITY,
            Self::Finite(value) => value.to_f64(),
        }
    }

    /// `numeric` to `double precision`.
    ///
    /// # Errors
    /// `22003` when out of range.
    pub fn to_f64(&self) -> Result<f64> {
        let value = self.to_f64_lossy();
        if matches!(self, Self::Finite(_)) && (value.is_infinite() || (value == 0.0 && !self.is_zero())) {
            return Err(SqlError::new(
                SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
                format!("\"{self}\" is out of range for type double precision"),
            ));
        }
        Ok(value)
    }

    /// `numeric` to `real`.
    ///
    /// # Errors
    /// `22003` when out of range.
    pub fn to_f32(&self) -> Result<f32> {
        let Self::Finite(_) = self else {
            #[allow(clippy::cast_possible_truncation)]
            return Ok(self.to_f64_lossy() as f32);
        };
        let text = self.to_string();
        let value: f32 = text.parse().unwrap_or(f32::INFINITY);
        if value.is_infinite() || (value == 0.0 && !self.is_zero()) {
            return Err(SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("\"{text}\" is out of range for type real")));
        }
        Ok(value)
    }

    /// `double precision` to `numeric`: 15 significant digits, as PostgreSQL's cast.
    #[must_use]
    pub fn from_f64(value: f64) -> Self {
        Self::from_scientific(value.is_nan(), value.is_infinite(), value < 0.0, || format!("{value:.14e}"))
    }

    /// `real` to `numeric`: 6 significant digits, as PostgreSQL's cast.
    #[must_use]
    pub fn from_f32(value: f32) -> Self {
        Self::from_scientific(value.is_nan(), value.is_infinite(), value < 0.0, || format!("{value:.5e}"))
    }

    fn from_scientific(nan: bool, infinite: bool, negative: bool, text: impl FnOnce() -> String) -> Self {
        if nan {
            return Self::NaN;
        }
        if infinite {
            return if negative { Self::NegativeInfinity } else { Self::PositiveInfinity };
        }
        // A float's exponent is within 324 and its digits within 15: nothing here can fail.
        Self::parse(&text()).map_or(Self::NaN, |value| value.trim_scale())
    }

    /// Forces the value into a `numeric(p,s)`; `typmod` is PostgreSQL's encoding, negative for none.
    ///
    /// # Errors
    /// `22003` `numeric field overflow`.
    pub fn apply_typmod(&self, typmod: i32) -> Result<Self> {
        if typmod < 4 {
            return Ok(self.clone());
        }
        let precision = ((typmod - 4) >> 16) & 0xffff;
        // Eleven bits, sign-extended.
        let scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
        match self {
            Self::NaN => Ok(Self::NaN),
            Self::PositiveInfinity | Self::NegativeInfinity => {
                Err(field_overflow(format!("A field with precision {precision}, scale {scale} cannot hold an infinite value.")))
            }
            Self::Finite(value) => {
                let rounded = value.round(scale);
                let limit = precision - scale;
                if !rounded.is_zero() && rounded.leading_exponent() >= limit {
                    let bound = if limit == 0 { "1".to_owned() } else { format!("10^{limit}") };
                    return Err(field_overflow(format!(
                        "A field with precision {precision}, scale {scale} must round to an absolute value less than {bound}."
                    )));
                }
                Ok(Self::Finite(rounded))
            }
        }
    }
}

fn field_overflow(detail: String) -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow").detail(detail)
}

impl Decimal {
    fn to_pg_digits(&self) -> PgDigits {
        let dscale = u16::try_from(self.scale).unwrap_or(u16::MAX);
        if self.is_zero() {
            return PgDigits { digits: Vec::new(), weight: 0, sign: SIGN_POSITIVE, dscale };
        }
        // Pad the fraction to whole base-10000 digits.
        let padding = (4 - self.scale % 4) % 4;
        let fraction_digits = to_i32((self.scale + padding) / 4);
        let mut digits = match &self.mantissa {
            Mantissa::Small(small) if small.unsigned_abs() < 10u128.pow(34) => small_digits(small.unsigned_abs() * 10u128.pow(padding)),
            other => big_digits(other.to_big().abs() * power_of_ten(padding)),
        };
        let weight = i32::try_from(digits.len()).unwrap_or(i32::MAX) - 1 - fraction_digits;
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let sign = if self.is_negative() { SIGN_NEGATIVE } else { SIGN_POSITIVE };
        PgDigits { digits, weight: i16::try_from(weight).unwrap_or(i16::MAX), sign, dscale }
    }

    fn to_f64(&self) -> f64 {
        // Clinger's fast path: both operands are exact doubles, so the one division rounds correctly.
        if let Mantissa::Small(small) = self.mantissa
            && small.unsigned_abs() < 1 << 53
            && self.scale <= 22
        {
            #[allow(clippy::cast_precision_loss)]
            return small as f64 / POWERS_OF_TEN[self.scale as usize] as f64;
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

fn small_digits(mut value: u128) -> Vec<i16> {
    let mut digits = Vec::with_capacity(10);
    while value > 0 {
        digits.push(i16::try_from(value % 10_000).unwrap_or(0));
        value /= 10_000;
    }
    digits.reverse();
    digits
}

fn big_digits(value: BigInt) -> Vec<i16> {
    let text = value.to_string();
    let first = text.len() % 4;
    let mut digits = Vec::with_capacity(text.len() / 4 + 1);
    if first > 0 {
        digits.push(text[..first].parse().unwrap_or(0));
    }
    digits
        .extend(text.as_bytes()[first..].chunks(4).map(|chunk| chunk.iter().fold(0i16, |digit, byte| digit * 10 + i16::from(byte - b'0'))));
    digits
}

macro_rules! from_integer {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Numeric {
            fn from(value: $integer) -> Self {
                Self::from_parts(i128::from(value), 0)
            }
        })*
    };
}

from_integer!(i16, i32, i64, u32, u64, i128);

impl From<BigInt> for Numeric {
    fn from(value: BigInt) -> Self {
        match value.to_i128() {
            Some(small) => Self::from_parts(small, 0),
            None => Self::Finite(Decimal::big(value, 0)),
        }
    }
}
