//! The window functions, by name, and aggregates over frames.

use borealis_pgtypes::{Body, Datum, Result, SqlError, SqlState};
use borealis_sql::expr::{AggregateCall, WindowCall};

use super::Partition;
use super::frame::{Frame, Ranges};
use crate::eval::compare::integer;
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::aggregate::AggregateCode;

/// A call, compiled.
pub(crate) struct WindowFunction {
    kind: Kind,
    args: Vec<Code>,
}

enum Kind {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile,
    Lag,
    Lead,
    FirstValue,
    LastValue,
    NthValue,
    Aggregate(Box<AggregateCode>),
}

impl WindowFunction {
    pub(crate) fn compile(compiler: &Compiler<'_>, call: &WindowCall) -> Result<Self> {
        let kind = if matches!(call.function.body, Body::Aggregate(_)) {
            let aggregate = AggregateCall {
                level: 0,
                function: call.function,
                args: call.args.clone(),
                distinct: false,
                order_by: Vec::new(),
                filter: call.filter.clone(),
                ty: call.ty,
            };
            Kind::Aggregate(Box::new(AggregateCode::compile(compiler, &aggregate)?))
        } else {
            named(call.function.name)?
        };
        Ok(Self { kind, args: compiler.all(&call.args)? })
    }

    /// The results for all rows of a partition.
    pub(crate) fn run(&self, rt: &mut Runtime<'_>, partition: &Partition, frame: &Frame<'_>) -> Result<Vec<Datum>> {
        match &self.kind {
            Kind::RowNumber => Ok((0..partition.len()).map(|row| bigint(row + 1)).collect()),
            Kind::Rank => Ok((0..partition.len()).map(|row| bigint(partition.peers(row).start + 1)).collect()),
            Kind::DenseRank => Ok((0..partition.len()).map(|row| bigint(partition.group_of(row) + 1)).collect()),
            Kind::PercentRank => Ok((0..partition.len()).map(|row| percent_rank(partition, row)).collect()),
            Kind::CumeDist => Ok((0..partition.len()).map(|row| ratio(partition.peers(row).end, partition.len())).collect()),
            Kind::Ntile => self.ntile(rt, partition),
            Kind::Lag => self.offset(rt, partition, -1),
            Kind::Lead => self.offset(rt, partition, 1),
            Kind::FirstValue => self.in_frame(rt, partition, frame, |_, _, ranges| Ok(ranges.first().map(|range| range.start))),
            Kind::LastValue => self.in_frame(rt, partition, frame, |_, _, ranges| Ok(ranges.last().map(|range| range.end - 1))),
            Kind::NthValue => self.in_frame(rt, partition, frame, |rt, row, ranges| self.nth(rt, row, ranges)),
            Kind::Aggregate(aggregate) => over_frames(rt, aggregate, partition, frame),
        }
    }

    fn arg(&self, rt: &mut Runtime<'_>, index: usize, row: &[Datum]) -> Result<Datum> {
        self.args.get(index).map_or(Ok(Datum::Null), |code| code.eval(rt, row))
    }

    /// `ntile(n)`: buckets as equal as can be, the first ones one larger. `n` is read at the first row of the partition.
    fn ntile(&self, rt: &mut Runtime<'_>, partition: &Partition) -> Result<Vec<Datum>> {
        let buckets = self.arg(rt, 0, partition.row(0))?;
        let Some(buckets) = integer(&buckets) else { return Ok(vec![Datum::Null; partition.len()]) };
        let Some(buckets) = usize::try_from(buckets).ok().filter(|buckets| *buckets > 0) else {
            return Err(SqlError::new(SqlState::INVALID_ARGUMENT_FOR_NTILE, "argument of ntile must be greater than zero"));
        };
        let (size, larger) = (partition.len() / buckets, partition.len() % buckets);
        let bucket = |row: usize| {
            let in_larger = larger * (size + 1);
            if row < in_larger { row / (size + 1) } else { larger + (row - in_larger) / size.max(1) }
        };
        Ok((0..partition.len()).map(|row| Datum::Int4(i32::try_from(bucket(row) + 1).unwrap_or(i32::MAX))).collect())
    }

    /// `lag` and `lead`: the value some rows away, regardless of the frame.
    fn offset(&self, rt: &mut Runtime<'_>, partition: &Partition, sign: i64) -> Result<Vec<Datum>> {
        let mut values = Vec::with_capacity(partition.len());
        for row in 0..partition.len() {
            let by = if self.args.len() > 1 { self.arg(rt, 1, partition.row(row))? } else { Datum::Int4(1) };
            values.push(match integer(&by) {
                None => Datum::Null,
                Some(by) => {
                    let target = i64::try_from(row).unwrap_or(i64::MAX).checked_add(sign * by);
                    let target = target.and_then(|target| usize::try_from(target).ok()).filter(|target| *target < partition.len());
                    match target {
                        Some(target) => self.arg(rt, 0, partition.row(target))?,
                        None => self.arg(rt, 2, partition.row(row))?,
                    }
                }
            });
        }
        Ok(values)
    }

    /// The first argument's value at the row of the frame that `choose` picks.
    fn in_frame<'a>(
        &self,
        rt: &mut Runtime<'a>,
        partition: &Partition,
        frame: &Frame<'_>,
        choose: impl Fn(&mut Runtime<'a>, &[Datum], &Ranges) -> Result<Option<usize>>,
    ) -> Result<Vec<Datum>> {
        let mut values = Vec::with_capacity(partition.len());
        for row in 0..partition.len() {
            let ranges = frame.rows(rt, partition, row)?;
            values.push(match choose(rt, partition.row(row), &ranges)? {
                Some(target) => self.arg(rt, 0, partition.row(target))?,
                None => Datum::Null,
            });
        }
        Ok(values)
    }

    fn nth(&self, rt: &mut Runtime<'_>, row: &[Datum], ranges: &Ranges) -> Result<Option<usize>> {
        let Some(n) = integer(&self.arg(rt, 1, row)?) else { return Ok(None) };
        let Some(n) = usize::try_from(n).ok().and_then(|n| n.checked_sub(1)) else {
            return Err(SqlError::new(SqlState::INVALID_ARGUMENT_FOR_NTH_VALUE, "argument of nth_value must be greater than zero"));
        };
        Ok(ranges.iter().flat_map(Clone::clone).nth(n))
    }
}

fn named(name: &str) -> Result<Kind> {
    Ok(match name {
        "row_number" => Kind::RowNumber,
        "rank" => Kind::Rank,
        "dense_rank" => Kind::DenseRank,
        "percent_rank" => Kind::PercentRank,
        "cume_dist" => Kind::CumeDist,
        "ntile" => Kind::Ntile,
        "lag" => Kind::Lag,
        "lead" => Kind::Lead,
        "first_value" => Kind::FirstValue,
        "last_value" => Kind::LastValue,
        "nth_value" => Kind::NthValue,
        _ => return Err(SqlError::internal(format!("no window function {name}"))),
    })
}

fn bigint(value: usize) -> Datum {
    Datum::Int8(i64::try_from(value).unwrap_or(i64::MAX))
}

fn percent_rank(partition: &Partition, row: usize) -> Datum {
    if partition.len() <= 1 {
        return Datum::Float8(0.0);
    }
    ratio(partition.peers(row).start, partition.len() - 1)
}

#[allow(clippy::cast_precision_loss)] // row counts are far below 2^53
fn ratio(part: usize, whole: usize) -> Datum {
    Datum::Float8(part as f64 / whole as f64)
}

/// An aggregate over each row's frame. A frame that only grows is added to; any other is computed afresh.
fn over_frames(rt: &mut Runtime<'_>, aggregate: &AggregateCode, partition: &Partition, frame: &Frame<'_>) -> Result<Vec<Datum>> {
    let mut values: Vec<Datum> = Vec::with_capacity(partition.len());
    let mut accumulator = aggregate.make(rt);
    let mut covered: Ranges = Ranges::new();
    for row in 0..partition.len() {
        let ranges = frame.rows(rt, partition, row)?;
        if row > 0 && ranges == covered {
            values.push(values[row - 1].clone());
            continue;
        }
        let from = match (covered.first(), ranges.first()) {
            (Some(old), Some(new)) if frame.grows() && old.start == new.start && old.end <= new.end => old.end,
            (Some(_), _) => {
                accumulator = aggregate.make(rt);
                0
            }
            (None, _) => 0,
        };
        for index in ranges.iter().flat_map(Clone::clone).filter(|index| *index >= from) {
            if let Some(args) = aggregate.arguments(rt, partition.row(index))? {
                aggregate.with_call(rt, |call| accumulator.add(call, &args))?;
            }
        }
        if row % 1024 == 0 {
            rt.env.eval.host.check_interrupt()?;
        }
        values.push(aggregate.with_call(rt, |call| accumulator.finish(call))?);
        covered = ranges;
    }
    Ok(values)
}
