//! `min`, `max`, `any_value`, `bool_and`, `bool_or`, `bit_and`, `bit_or`, `bit_xor`: aggregates that keep one value.

use std::cmp::Ordering;

use crate::compare::compare_typed;
use crate::functions::args::boolean;
use crate::{Accumulator, CallContext, Datum, Oid, Result, SqlError};

/// Keeps the value that stands first in one direction; of equal values the later, as PostgreSQL does for all types but `bpchar`.
struct Extreme {
    best: Datum,
    wanted: Ordering,
}

impl Accumulator for Extreme {
    #[inline]
    fn add(&mut self, call: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = &args[0];
        let order = match (value, &self.best) {
            (_, Datum::Null) => self.wanted,
            (Datum::Int4(value), Datum::Int4(best)) => value.cmp(best),
            (Datum::Int8(value), Datum::Int8(best)) => value.cmp(best),
            (value, best) => compare_typed(value, best, call.result_type),
        };
        if order == self.wanted || (order == Ordering::Equal && call.result_type != Oid::BPCHAR) {
            self.best = value.clone();
        }
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.best.clone())
    }
}

pub(in crate::functions) fn max(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Extreme { best: Datum::Null, wanted: Ordering::Greater })
}

pub(in crate::functions) fn min(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Extreme { best: Datum::Null, wanted: Ordering::Less })
}

struct AnyValue(Datum);

impl Accumulator for AnyValue {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        if self.0.is_null() {
            self.0 = args[0].clone();
        }
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.0.clone())
    }
}

pub(in crate::functions) fn any_value(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(AnyValue(Datum::Null))
}

struct Logical {
    value: Option<bool>,
    combine: fn(bool, bool) -> bool,
}

impl Accumulator for Logical {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = boolean(args, 0)?;
        self.value = Some(self.value.map_or(value, |so_far| (self.combine)(so_far, value)));
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.value.map_or(Datum::Null, Datum::Bool))
    }
}

pub(in crate::functions) fn bool_and(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Logical { value: None, combine: |left, right| left && right })
}

pub(in crate::functions) fn bool_or(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Logical { value: None, combine: |left, right| left || right })
}

struct Bits {
    value: Datum,
    combine: fn(i64, i64) -> i64,
}

impl Accumulator for Bits {
    #[allow(clippy::cast_possible_truncation)]
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        // Sign extension and truncation commute with and, or and xor.
        self.value = match (&self.value, &args[0]) {
            (Datum::Null, first) => first.clone(),
            (Datum::Int2(left), Datum::Int2(right)) => Datum::Int2((self.combine)((*left).into(), (*right).into()) as i16),
            (Datum::Int4(left), Datum::Int4(right)) => Datum::Int4((self.combine)((*left).into(), (*right).into()) as i32),
            (Datum::Int8(left), Datum::Int8(right)) => Datum::Int8((self.combine)(*left, *right)),
            _ => return Err(SqlError::internal("bit aggregate over values of different types")),
        };
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.value.clone())
    }
}

pub(in crate::functions) fn bit_and(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Bits { value: Datum::Null, combine: |left, right| left & right })
}

pub(in crate::functions) fn bit_or(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Bits { value: Datum::Null, combine: |left, right| left | right })
}

pub(in crate::functions) fn bit_xor(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Bits { value: Datum::Null, combine: |left, right| left ^ right })
}
