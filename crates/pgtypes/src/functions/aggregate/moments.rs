//! Variance, standard deviation, and the two-variable statistics.
//!
//! Floats use the Youngs-Cramer update as PostgreSQL does, so that results agree to the last digit; exact types keep the sums of the values and
//! of their squares and divide once.

use std::sync::Arc;

use crate::functions::args::{float4, float8};
use crate::numeric::Numeric;
use crate::{Accumulator, CallContext, Datum, Result, SqlError, SqlState};

/// Which figure of the second moment is asked for.
#[derive(Clone, Copy)]
struct Figure {
    sample: bool,
    root: bool,
}

const VAR_POP: Figure = Figure { sample: false, root: false };
const VAR_SAMP: Figure = Figure { sample: true, root: false };
const STDDEV_POP: Figure = Figure { sample: false, root: true };
const STDDEV_SAMP: Figure = Figure { sample: true, root: true };

fn overflow() -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
}

/// Adds one value to `(rows, sum, sum of squared deviations)`: `float8_accum`.
fn accumulate((rows, sum, deviations): (f64, f64, f64), value: f64) -> Result<(f64, f64, f64)> {
    let (next_rows, next_sum) = (rows + 1.0, sum + value);
    if rows == 0.0 {
        return Ok((next_rows, next_sum, if value.is_finite() { 0.0 } else { f64::NAN }));
    }
    let distance = value * next_rows - next_sum;
    let next = deviations + distance * distance / (next_rows * rows);
    if next_sum.is_infinite() || next.is_infinite() {
        if !sum.is_infinite() && !value.is_infinite() {
            return Err(overflow());
        }
        return Ok((next_rows, next_sum, f64::NAN));
    }
    Ok((next_rows, next_sum, next))
}

struct FloatMoments {
    state: (f64, f64, f64),
    /// `None`: the average.
    figure: Option<Figure>,
}

impl Accumulator for FloatMoments {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = if let Some(Datum::Float4(_)) = args.first() { float4(args, 0)?.into() } else { float8(args, 0)? };
        self.state = accumulate(self.state, value)?;
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        let (rows, sum, deviations) = self.state;
        let Some(figure) = self.figure else {
            return Ok(if rows == 0.0 { Datum::Null } else { Datum::Float8(sum / rows) });
        };
        let divisor = rows - f64::from(u8::from(figure.sample));
        if divisor <= 0.0 {
            return Ok(Datum::Null);
        }
        let variance = deviations / divisor;
        Ok(Datum::Float8(if figure.root { variance.sqrt() } else { variance }))
    }
}

fn float_moments(figure: Option<Figure>) -> Box<dyn Accumulator> {
    Box::new(FloatMoments { state: (0.0, 0.0, 0.0), figure })
}

/// Sums over exact values: as `i128` while they fit, which covers every `integer` input and most others.
struct ExactMoments {
    rows: i64,
    sum: Numeric,
    squares: Numeric,
    fast_sum: i128,
    fast_squares: i128,
    figure: Figure,
}

impl ExactMoments {
    fn add_fast(&mut self, value: i64) {
        let value = i128::from(value);
        let square = value * value;
        match self.fast_squares.checked_add(square) {
            Some(squares) => self.fast_squares = squares,
            None => {
                // Move the full fast sum over and start again.
                self.squares = self.squares.add(&Numeric::from(self.fast_squares)).unwrap_or(Numeric::NaN);
                self.fast_squares = square;
            }
        }
        self.fast_sum += value;
    }
}

impl Accumulator for ExactMoments {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        match args.first() {
            Some(Datum::Int2(value)) => self.add_fast((*value).into()),
            Some(Datum::Int4(value)) => self.add_fast((*value).into()),
            Some(Datum::Int8(value)) => self.add_fast(*value),
            Some(Datum::Numeric(value)) => {
                self.sum = self.sum.add(value)?;
                self.squares = self.squares.add(&value.mul(value)?)?;
            }
            _ => return Ok(()),
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        let give = |value: Numeric| Ok(Datum::Numeric(Arc::new(value)));
        if self.rows <= i64::from(self.figure.sample) {
            return Ok(Datum::Null);
        }
        let sum = self.sum.add(&Numeric::from(self.fast_sum))?;
        let squares = self.squares.add(&Numeric::from(self.fast_squares))?;
        if sum.is_nan() || sum.is_infinite() || squares.is_nan() {
            return give(Numeric::NaN);
        }
        let rows = Numeric::from(self.rows);
        let numerator = rows.mul(&squares)?.sub(&sum.mul(&sum)?)?;
        if numerator.signum() <= 0 {
            return give(Numeric::ZERO);
        }
        let divisor = rows.mul(&Numeric::from(self.rows - i64::from(self.figure.sample)))?;
        let variance = numerator.div(&divisor)?;
        give(if self.figure.root { variance.sqrt()? } else { variance })
    }

    fn memory(&self) -> usize {
        self.sum.heap_bytes() + self.squares.heap_bytes()
    }
}

fn exact_moments(figure: Figure) -> Box<dyn Accumulator> {
    Box::new(ExactMoments { rows: 0, sum: Numeric::ZERO, squares: Numeric::ZERO, fast_sum: 0, fast_squares: 0, figure })
}

macro_rules! constructors {
    ($($builder:ident { $(fn $name:ident = $figure:expr;)* })*) => {
        $($(pub(in crate::functions) fn $name(_: &CallContext<'_>) -> Box<dyn Accumulator> {
            $builder($figure)
        })*)*
    };
}

constructors! {
    float_moments {
        fn avg_float = None;
        fn var_pop_float = Some(VAR_POP);
        fn var_samp_float = Some(VAR_SAMP);
        fn stddev_pop_float = Some(STDDEV_POP);
        fn stddev_samp_float = Some(STDDEV_SAMP);
    }
    exact_moments {
        fn var_pop_exact = VAR_POP;
        fn var_samp_exact = VAR_SAMP;
        fn stddev_pop_exact = STDDEV_POP;
        fn stddev_samp_exact = STDDEV_SAMP;
    }
    regression {
        fn regr_sxx = |state| state.figure(state.sxx);
        fn regr_syy = |state| state.figure(state.syy);
        fn regr_sxy = |state| state.figure(state.sxy);
        fn regr_avgx = |state| state.figure(state.sum_x / state.rows);
        fn regr_avgy = |state| state.figure(state.sum_y / state.rows);
        fn covar_pop = |state| state.figure(state.sxy / state.rows);
        fn covar_samp = |state| if state.rows < 2.0 { None } else { state.figure(state.sxy / (state.rows - 1.0)) };
        fn corr = |state| if state.sxx == 0.0 || state.syy == 0.0 { None } else { state.figure(state.sxy / (state.sxx * state.syy).sqrt()) };
        fn regr_r2 = |state| match (state.sxx == 0.0, state.syy == 0.0) {
            (true, _) => None,
            (false, true) => state.figure(1.0),
            (false, false) => state.figure((state.sxy * state.sxy) / (state.sxx * state.syy)),
        };
        fn regr_slope = |state| if state.sxx == 0.0 { None } else { state.figure(state.sxy / state.sxx) };
        fn regr_intercept = |state| if state.sxx == 0.0 {
            None
        } else {
            state.figure((state.sum_y - state.sum_x * state.sxy / state.sxx) / state.rows)
        };
    }
}

type Extract = fn(&Regression) -> Option<Datum>;

/// `float8_regr_accum`: `regr_*(y, x)`.
struct Regression {
    rows: f64,
    sum_x: f64,
    sxx: f64,
    sum_y: f64,
    syy: f64,
    sxy: f64,
    extract: Extract,
}

impl Regression {
    /// The figure, unless there are no rows.
    fn figure(&self, value: f64) -> Option<Datum> {
        (self.rows >= 1.0).then_some(Datum::Float8(value))
    }
}

impl Accumulator for Regression {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let (y, x) = (float8(args, 0)?, float8(args, 1)?);
        let before = self.rows;
        let (was_x, was_y) = (self.sum_x, self.sum_y);
        self.rows += 1.0;
        self.sum_x += x;
        self.sum_y += y;
        if before == 0.0 {
            if !x.is_finite() {
                (self.sxx, self.sxy) = (f64::NAN, f64::NAN);
            }
            if !y.is_finite() {
                (self.syy, self.sxy) = (f64::NAN, f64::NAN);
            }
            return Ok(());
        }
        let (dx, dy) = (x * self.rows - self.sum_x, y * self.rows - self.sum_y);
        let scale = 1.0 / (self.rows * before);
        self.sxx += dx * dx * scale;
        self.syy += dy * dy * scale;
        self.sxy += dx * dy * scale;
        if [self.sum_x, self.sxx, self.sum_y, self.syy, self.sxy].iter().any(|value| value.is_infinite()) {
            let (x_known, y_known) = (!was_x.is_infinite() && !x.is_infinite(), !was_y.is_infinite() && !y.is_infinite());
            if (x_known && (self.sum_x.is_infinite() || self.sxx.is_infinite()))
                || (y_known && (self.sum_y.is_infinite() || self.syy.is_infinite()))
                || (x_known && y_known && self.sxy.is_infinite())
            {
                return Err(overflow());
            }
            for value in [&mut self.sxx, &mut self.syy, &mut self.sxy] {
                if value.is_infinite() {
                    *value = f64::NAN;
                }
            }
        }
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok((self.extract)(self).unwrap_or(Datum::Null))
    }
}

fn regression(extract: Extract) -> Box<dyn Accumulator> {
    Box::new(Regression { rows: 0.0, sum_x: 0.0, sxx: 0.0, sum_y: 0.0, syy: 0.0, sxy: 0.0, extract })
}
