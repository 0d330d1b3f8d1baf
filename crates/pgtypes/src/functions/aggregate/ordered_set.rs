//! Aggregates over rows in order: `percentile_cont`, `percentile_disc`, `mode`, and those that ask where a row would stand (`rank` and its kin).
//!
//! The caller sorts. To the first three it then gives the direct arguments and the sorted value, row by row; to the others, for each row, how it
//! stands to the hypothetical one and whether it is the first of its peers: only the caller knows the sort keys.

use std::sync::Arc;

use crate::compare::compare_typed;
use crate::datetime::arithmetic::interval;
use crate::functions::args::{boolean, float8, int4};
use crate::{Accumulator, ArrayValue, CallContext, Datum, Result, SqlError, SqlState};

/// How a percentile is found among sorted values.
#[derive(Clone, Copy)]
enum Method {
    Discrete,
    Continuous,
}

/// The fraction comes with every row and is the same for all of a group.
struct Percentile {
    method: Method,
    fraction: Datum,
    sorted: Vec<Datum>,
}

impl Percentile {
    fn at(&self, fraction: f64) -> Result<Datum> {
        if !(0.0..=1.0).contains(&fraction) {
            let message = format!("percentile value {fraction} is not between 0 and 1");
            return Err(SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message));
        }
        if self.sorted.is_empty() {
            return Ok(Datum::Null);
        }
        match self.method {
            Method::Discrete => Ok(self.sorted[discrete_place(fraction, self.sorted.len())].clone()),
            Method::Continuous => self.between(fraction),
        }
    }

    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // places within the rows held in memory
    fn between(&self, fraction: f64) -> Result<Datum> {
        let place = fraction * (self.sorted.len() - 1) as f64;
        let (low, high) = (&self.sorted[place.floor() as usize], &self.sorted[place.ceil() as usize]);
        if place.floor() == place.ceil() {
            return Ok(low.clone());
        }
        interpolate(low, high, place - place.floor())
    }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // places within the rows held in memory
fn discrete_place(fraction: f64, rows: usize) -> usize {
    ((fraction * rows as f64).ceil() as usize).saturating_sub(1)
}

fn interpolate(low: &Datum, high: &Datum, share: f64) -> Result<Datum> {
    match (low, high) {
        (Datum::Float8(low), Datum::Float8(high)) => Ok(Datum::Float8(low + share * (high - low))),
        (Datum::Interval(low), Datum::Interval(high)) => {
            let part = interval::multiply(interval::sub(*high, *low)?, share)?;
            interval::add(part, *low).map(Datum::Interval)
        }
        other => Err(SqlError::internal(format!("a percentile between {other:?}"))),
    }
}

impl Accumulator for Percentile {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        self.fraction = args[0].clone();
        if !args[1].is_null() {
            self.sorted.push(args[1].clone());
        }
        Ok(())
    }

    fn finish(&self, call: &CallContext<'_>) -> Result<Datum> {
        match &self.fraction {
            Datum::Null => Ok(Datum::Null),
            Datum::Array(fractions) => {
                if self.sorted.is_empty() {
                    return Ok(Datum::Null);
                }
                let values = fractions.elements.iter().map(|fraction| match fraction {
                    Datum::Null => Ok(Datum::Null),
                    fraction => self.at(float8(std::slice::from_ref(fraction), 0)?),
                });
                let element = call.arg_types[1];
                let elements = values.collect::<Result<_>>()?;
                Ok(Datum::Array(Arc::new(ArrayValue { element, dimensions: fractions.dimensions.clone(), elements })))
            }
            fraction => self.at(float8(std::slice::from_ref(fraction), 0)?),
        }
    }

    fn memory(&self) -> usize {
        self.sorted.capacity() * size_of::<Datum>()
    }
}

pub(in crate::functions) fn percentile_disc(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Percentile { method: Method::Discrete, fraction: Datum::Null, sorted: Vec::new() })
}

pub(in crate::functions) fn percentile_cont(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::new(Percentile { method: Method::Continuous, fraction: Datum::Null, sorted: Vec::new() })
}

/// Of the longest runs of equal values, the first.
#[derive(Default)]
struct Mode {
    best: Datum,
    best_count: u64,
    current: Datum,
    current_count: u64,
}

impl Accumulator for Mode {
    fn add(&mut self, call: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        let value = &args[0];
        if value.is_null() {
            return Ok(());
        }
        if self.current_count > 0 && compare_typed(value, &self.current, call.result_type).is_eq() {
            self.current_count += 1;
        } else {
            (self.current, self.current_count) = (value.clone(), 1);
        }
        if self.current_count > self.best_count {
            (self.best, self.best_count) = (self.current.clone(), self.current_count);
        }
        Ok(())
    }

    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(self.best.clone())
    }
}

pub(in crate::functions) fn mode(_: &CallContext<'_>) -> Box<dyn Accumulator> {
    Box::<Mode>::default()
}

#[derive(Clone, Copy)]
enum Question {
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
}

/// What is known of the rows around the hypothetical one.
struct Standing {
    question: Question,
    rows: i64,
    before: i64,
    /// Different rows among those before.
    groups_before: i64,
    peers: i64,
}

impl Accumulator for Standing {
    fn add(&mut self, _: &CallContext<'_>, args: &[Datum]) -> Result<()> {
        self.rows += 1;
        match int4(args, 0)? {
            ..0 => {
                self.before += 1;
                self.groups_before += i64::from(boolean(args, 1)?);
            }
            0 => self.peers += 1,
            _ => {}
        }
        Ok(())
    }

    #[allow(clippy::cast_precision_loss)] // counts of rows held in memory
    fn finish(&self, _: &CallContext<'_>) -> Result<Datum> {
        Ok(match self.question {
            Question::Rank => Datum::Int8(self.before + 1),
            Question::DenseRank => Datum::Int8(self.groups_before + 1),
            Question::PercentRank if self.rows == 0 => Datum::Float8(0.0),
            Question::PercentRank => Datum::Float8(self.before as f64 / self.rows as f64),
            Question::CumeDist => Datum::Float8((self.before + self.peers + 1) as f64 / (self.rows + 1) as f64),
        })
    }
}

macro_rules! standings {
    ($($name:ident asks $question:ident;)*) => {
        $(pub(in crate::functions) fn $name(_: &CallContext<'_>) -> Box<dyn Accumulator> {
            Box::new(Standing { question: Question::$question, rows: 0, before: 0, groups_before: 0, peers: 0 })
        })*
    };
}

standings! {
    rank asks Rank;
    dense_rank asks DenseRank;
    percent_rank asks PercentRank;
    cume_dist asks CumeDist;
}
