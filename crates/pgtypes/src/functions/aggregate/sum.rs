//! `sum` and `avg`.
//!
//! Integers are summed in 128 bits: 2^64 rows of the widest `bigint` fit, so the sum cannot overflow before its result type is asked.

use std::sync::Arc;

use crate::functions::args::{float4, float8, int2, interval, out_of_range};
use crate::numeric::Numeric;
use crate::{Accumulator, Body, CallContext, Datum, Interval, Oid, Result, SqlError, SqlState};

/// What an integer sum becomes in the end.
#[derive(Clone, Copy)]
enum Shape {
    SumInt8,
    SumNumeric,
    Average,
}

struct IntegerSum {
    sum: i128,
    rows: i64,
    shape: Shape,
}

impl Accumulator for IntegerSum {
    #[inline]
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        self.sum += match args.first() {
            Some(Datum::Int4(value)) => i128::from(*value),
            Some(Datum::Int8(value)) => i128::from(*value),
            Some(Datum::Int2(_)) => i128::from(int2(args, 0)?),
            _ => return Ok(()),
        };
        self.rows += 1;
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        if self.rows == 0 {
            return Ok(Datum::Null);
        }
        match self.shape {
            Shape::SumInt8 => i64::try_from(self.sum).map(Datum::Int8).map_err(|_| out_of_range("bigint")),
            Shape::SumNumeric => Ok(Datum::Numeric(Arc::new(Numeric::from(self.sum)))),
            Shape::Average => Ok(Datum::Numeric(Arc::new(Numeric::from(self.sum).div(&Numeric::from(self.rows))?))),
        }
    }
}

fn integer_sum(shape: Shape) -> Box<dyn Accumulator> {
    Box::new(IntegerSum { sum: 0, rows: 0, shape })
}

pub(in crate::functions) fn sum_to_int8(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    integer_sum(Shape::SumInt8)
}

pub(in crate::functions) fn sum_to_numeric(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    integer_sum(Shape::SumNumeric)
}

pub(in crate::functions) fn avg_integer(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    integer_sum(Shape::Average)
}

/// A running `numeric` sum that stays a mantissa and a scale while both fit.
struct NumericSum {
    mantissa: i128,
    scale: u32,
    /// Everything that did not fit the fast sum; with it the total.
    slow: Option<Numeric>,
    rows: i64,
    average: bool,
}

impl NumericSum {
    /// Adds without leaving the fast form; false when it does not fit.
    #[inline]
    fn add_fast(&mut self, mantissa: i128, scale: u32) -> bool {
        let aligned = if scale == self.scale {
            Some((self.mantissa, mantissa, scale))
        } else if scale < self.scale {
            10i128
                .checked_pow(self.scale - scale)
                .and_then(|power| mantissa.checked_mul(power))
                .map(|mantissa| (self.mantissa, mantissa, self.scale))
        } else {
            10i128.checked_pow(scale - self.scale).and_then(|power| self.mantissa.checked_mul(power)).map(|sum| (sum, mantissa, scale))
        };
        let Some((sum, value, scale)) = aligned else { return false };
        let Some(sum) = sum.checked_add(value) else { return false };
        (self.mantissa, self.scale) = (sum, scale);
        true
    }

    fn total(&self) -> Result<Numeric> {
        let fast = Numeric::from_parts(self.mantissa, self.scale);
        match &self.slow {
            Some(slow) => slow.add(&fast),
            None => Ok(fast),
        }
    }
}

impl Accumulator for NumericSum {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let Some(Datum::Numeric(value)) = args.first() else { return Ok(()) };
        self.rows += 1;
        let added = value.small_parts().is_some_and(|(mantissa, scale)| self.add_fast(mantissa, scale));
        if !added {
            self.slow = Some(match &self.slow {
                Some(slow) => slow.add(value)?,
                None => (**value).clone(),
            });
        }
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        if self.rows == 0 {
            return Ok(Datum::Null);
        }
        let total = self.total()?;
        Ok(Datum::Numeric(Arc::new(if self.average { total.div(&Numeric::from(self.rows))? } else { total })))
    }

    fn memory(&self) -> usize {
        self.slow.as_ref().map_or(0, Numeric::heap_bytes)
    }
}

fn numeric_sum(average: bool) -> Box<dyn Accumulator> {
    Box::new(NumericSum { mantissa: 0, scale: 0, slow: None, rows: 0, average })
}

pub(in crate::functions) fn sum_numeric(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    numeric_sum(false)
}

pub(in crate::functions) fn avg_numeric(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    numeric_sum(true)
}

fn overflow() -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
}

struct FloatSum<T>(Option<T>);

impl Accumulator for FloatSum<f32> {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = float4(args, 0)?;
        let Some(sum) = self.0 else {
            self.0 = Some(value);
            return Ok(());
        };
        if (sum + value).is_infinite() && !sum.is_infinite() && !value.is_infinite() {
            return Err(overflow());
        }
        self.0 = Some(sum + value);
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.0.map_or(Datum::Null, Datum::Float4))
    }
}

impl Accumulator for FloatSum<f64> {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = float8(args, 0)?;
        let Some(sum) = self.0 else {
            self.0 = Some(value);
            return Ok(());
        };
        if (sum + value).is_infinite() && !sum.is_infinite() && !value.is_infinite() {
            return Err(overflow());
        }
        self.0 = Some(sum + value);
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.0.map_or(Datum::Null, Datum::Float8))
    }
}

pub(in crate::functions) fn sum_float4(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(FloatSum::<f32>(None))
}

pub(in crate::functions) fn sum_float8(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(FloatSum::<f64>(None))
}

/// `sum` and `avg` of intervals; the fields are summed apart.
struct IntervalSum {
    months: i64,
    days: i64,
    micros: i128,
    rows: i64,
    average: bool,
}

impl IntervalSum {
    fn total(&self) -> Result<Interval> {
        let fits = || {
            Some(Interval { months: self.months.try_into().ok()?, days: self.days.try_into().ok()?, micros: self.micros.try_into().ok()? })
        };
        fits().ok_or_else(|| SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, "interval out of range"))
    }
}

impl Accumulator for IntervalSum {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = interval(args, 0)?;
        self.months += i64::from(value.months);
        self.days += i64::from(value.days);
        self.micros += i128::from(value.micros);
        self.rows += 1;
        Ok(())
    }

    fn finish(&self, call: &CallContext<'_>) -> Result<Datum> {
        if self.rows == 0 {
            return Ok(Datum::Null);
        }
        let total = Datum::Interval(self.total()?);
        if !self.average {
            return Ok(total);
        }
        divide(call, total, self.rows)
    }
}

/// `interval / double precision`, by its own row: how the remainders of months and days cascade is written in one place only.
fn divide(call: &CallContext<'_>, total: Datum, rows: i64) -> Result<Datum> {
    const INTERVAL_DIV: Oid = Oid(1326);
    let Some(Body::Scalar(division)) = crate::functions::by_oid(INTERVAL_DIV).map(|row| row.body) else {
        return Err(SqlError::internal("interval division is not in the function table"));
    };
    #[allow(clippy::cast_precision_loss)]
    division(call, &[total, Datum::Float8(rows as f64)])
}

pub(in crate::functions) fn sum_interval(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(IntervalSum { months: 0, days: 0, micros: 0, rows: 0, average: false })
}

pub(in crate::functions) fn avg_interval(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(IntervalSum { months: 0, days: 0, micros: 0, rows: 0, average: true })
}
