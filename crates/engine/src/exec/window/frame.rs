//! Frames: which rows of the partition a call looks at for a row.

use std::cmp::Ordering;
use std::ops::Range;

use borealis_pgtypes::{Body, CallContext, Datum, Function, Oid, Result, SqlError, SqlState, functions, operators};
use borealis_sql::ast::{FrameBound, FrameExclusion, FrameMode};
use borealis_sql::expr::{Expr, Window};
use smallvec::{SmallVec, smallvec};

use super::Partition;
use crate::eval::{Code, Compiler, Runtime};

/// Rows of a frame: contiguous but for what EXCLUDE takes out of the middle.
pub(crate) type Ranges = SmallVec<[Range<usize>; 3]>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum BoundKind {
    UnboundedPreceding,
    Preceding,
    CurrentRow,
    Following,
    UnboundedFollowing,
}

/// A frame clause, compiled.
pub(crate) struct FrameCode {
    mode: FrameMode,
    start: BoundKind,
    end: BoundKind,
    start_offset: Option<Code>,
    end_offset: Option<Code>,
    exclusion: FrameExclusion,
    distance: Option<Distance>,
}

/// How RANGE moves an order value by an offset.
struct Distance {
    descending: bool,
    nulls_first: bool,
    key: Oid,
    start: Option<Shift>,
    end: Option<Shift>,
}

struct Shift {
    plus: &'static Function,
    minus: &'static Function,
    offset: Oid,
    result: Oid,
}

/// A frame clause with its offsets evaluated.
pub(crate) struct Frame<'f> {
    code: &'f FrameCode,
    start: Datum,
    end: Datum,
}

const fn kind(bound: &FrameBound) -> BoundKind {
    match bound {
        FrameBound::UnboundedPreceding => BoundKind::UnboundedPreceding,
        FrameBound::Preceding(_) => BoundKind::Preceding,
        FrameBound::CurrentRow => BoundKind::CurrentRow,
        FrameBound::Following(_) => BoundKind::Following,
        FrameBound::UnboundedFollowing => BoundKind::UnboundedFollowing,
    }
}

impl FrameCode {
    pub(crate) fn compile(compiler: &Compiler<'_>, window: &Window) -> Result<Self> {
        // Without a clause: from the partition's start to the current row's last peer.
        let (mode, start, end, exclusion) = match &window.frame {
            Some(frame) => (frame.mode, kind(&frame.start), kind(&frame.end), frame.exclusion),
            None => (FrameMode::Range, BoundKind::UnboundedPreceding, BoundKind::CurrentRow, FrameExclusion::None),
        };
        let moves = [start, end].iter().any(|bound| matches!(bound, BoundKind::Preceding | BoundKind::Following));
        Ok(Self {
            mode,
            start,
            end,
            start_offset: compiler.optional(window.start_offset.as_ref())?,
            end_offset: compiler.optional(window.end_offset.as_ref())?,
            exclusion,
            distance: if moves && mode == FrameMode::Range { Some(Distance::new(window)?) } else { None },
        })
    }

    /// Evaluates the offsets; they are the same for all rows of a partition.
    pub(crate) fn begin(&self, rt: &mut Runtime<'_>, partition: &Partition) -> Result<Frame<'_>> {
        let row = partition.row(0);
        let start = self.offset(rt, self.start_offset.as_ref(), row, "starting")?;
        let end = self.offset(rt, self.end_offset.as_ref(), row, "ending")?;
        Ok(Frame { code: self, start, end })
    }

    fn offset(&self, rt: &mut Runtime<'_>, code: Option<&Code>, row: &[Datum], which: &str) -> Result<Datum> {
        let Some(code) = code else { return Ok(Datum::Null) };
        let value = code.eval(rt, row)?;
        if value.is_null() {
            return Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, format!("frame {which} offset must not be null")));
        }
        if is_negative(&value) {
            let message = match self.mode {
                FrameMode::Range => "invalid preceding or following size in window function".to_owned(),
                FrameMode::Rows | FrameMode::Groups => format!("frame {which} offset must not be negative"),
            };
            return Err(SqlError::new(SqlState::INVALID_PRECEDING_OR_FOLLOWING_SIZE, message));
        }
        Ok(value)
    }
}

fn is_negative(value: &Datum) -> bool {
    match value {
        Datum::Float4(value) => *value < 0.0 || value.is_nan(),
        Datum::Float8(value) => *value < 0.0 || value.is_nan(),
        Datum::Numeric(value) => value.is_negative() || value.is_nan(),
        Datum::Interval(value) => borealis_pgtypes::compare::interval_span(*value) < 0,
        _ => crate::eval::compare::integer(value).is_some_and(|value| value < 0),
    }
}

impl Distance {
    fn new(window: &Window) -> Result<Self> {
        let [key] = window.order_by.as_slice() else {
            return Err(SqlError::new(
                SqlState::WINDOWING_ERROR,
                "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
            ));
        };
        let oid = key.expr.ty.oid;
        let shift = |offset: Option<&Expr>| offset.map(|offset| Shift::new(oid, offset.ty.oid)).transpose();
        Ok(Self {
            descending: key.descending,
            nulls_first: key.nulls_first,
            key: oid,
            start: shift(window.start_offset.as_ref())?,
            end: shift(window.end_offset.as_ref())?,
        })
    }

    /// The order value `distance` before (or after) that of `row`; `None` when it is beyond all values.
    fn moved(&self, rt: &Runtime<'_>, value: &Datum, shift: &Shift, offset: &Datum, before: bool) -> Result<Option<Datum>> {
        // In a descending order, what precedes is larger.
        let adds = before == self.descending;
        if let Some(moved) = moved_time(value, offset, adds) {
            return Ok(Some(moved));
        }
        let function = if adds { shift.plus } else { shift.minus };
        let Body::Scalar(body) = function.body else { return Err(SqlError::internal("an offset that is no function")) };
        let call = CallContext { eval: &rt.env.eval, arg_types: &[self.key, shift.offset], result_type: shift.result };
        match body(&call, &[value.clone(), offset.clone()]) {
            Ok(moved) => Ok(Some(moved)),
            // Out of range of the type: nothing lies there.
            Err(error) if matches!(error.sqlstate(), SqlState::NUMERIC_VALUE_OUT_OF_RANGE | SqlState::DATETIME_FIELD_OVERFLOW) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How an order value stands to a moved one, in the window's order.
    fn compare(&self, key: &Datum, moved: &Datum) -> Ordering {
        const MICROS_PER_DAY: i64 = 86_400_000_000;
        let ordering = match (key, moved) {
            (Datum::Null, _) if self.nulls_first => return Ordering::Less,
            (Datum::Null, _) => return Ordering::Greater,
            (Datum::Date(days), Datum::Timestamp(stamp)) => match *days {
                i32::MIN => Ordering::Less,
                i32::MAX => Ordering::Greater,
                days => (i64::from(days) * MICROS_PER_DAY).cmp(stamp),
            },
            _ => match (crate::eval::compare::integer(key), crate::eval::compare::integer(moved)) {
                (Some(key), Some(moved)) => key.cmp(&moved),
                _ => borealis_pgtypes::compare::compare(key, moved),
            },
        };
        if self.descending { ordering.reverse() } else { ordering }
    }
}

/// A time of day moved without going round midnight: what lies beyond is before or after all times.
fn moved_time(value: &Datum, offset: &Datum, adds: bool) -> Option<Datum> {
    let Datum::Interval(span) = offset else { return None };
    let by = if adds { span.micros } else { span.micros.saturating_neg() };
    match value {
        Datum::Time(micros) => Some(Datum::Time(micros.saturating_add(by))),
        Datum::TimeTz { micros, zone } => Some(Datum::TimeTz { micros: micros.saturating_add(by), zone: *zone }),
        _ => None,
    }
}

impl Shift {
    fn new(key: Oid, offset: Oid) -> Result<Self> {
        let find = |name: &str| {
            let operator = operators::by_name(name).iter().find(|operator| operator.left == key && operator.right == offset)?;
            Some((functions::by_oid(operator.function)?, operator.result))
        };
        match (find("+"), find("-")) {
            (Some((plus, result)), Some((minus, _))) => Ok(Self { plus, minus, offset, result }),
            _ => Err(SqlError::unsupported(format!(
                "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset type {}",
                type_name(key),
                type_name(offset)
            ))),
        }
    }
}

fn type_name(oid: Oid) -> &'static str {
    borealis_pgtypes::types::by_oid(oid).map_or("unknown", |info| info.display)
}

impl Frame<'_> {
    /// The rows of the frame of a row.
    pub(crate) fn rows(&self, rt: &Runtime<'_>, partition: &Partition, index: usize) -> Result<Ranges> {
        let start = self.edge(rt, partition, index, true)?;
        let end = self.edge(rt, partition, index, false)?;
        if start >= end {
            return Ok(Ranges::new());
        }
        Ok(self.exclude(partition, index, start..end))
    }

    /// Whether frames of later rows begin where this one's does and only grow: an aggregate can go on instead of starting again.
    pub(crate) fn grows(&self) -> bool {
        self.code.start == BoundKind::UnboundedPreceding && self.code.exclusion == FrameExclusion::None
    }

    /// First row of the frame (`start`), or the row after its last.
    fn edge(&self, rt: &Runtime<'_>, partition: &Partition, index: usize, start: bool) -> Result<usize> {
        let bound = if start { self.code.start } else { self.code.end };
        Ok(match bound {
            BoundKind::UnboundedPreceding => 0,
            BoundKind::UnboundedFollowing => partition.len(),
            BoundKind::CurrentRow => self.current_row(partition, index, start),
            BoundKind::Preceding | BoundKind::Following => self.moved_edge(rt, partition, index, start, bound == BoundKind::Preceding)?,
        })
    }

    fn current_row(&self, partition: &Partition, index: usize, start: bool) -> usize {
        let rows = if self.code.mode == FrameMode::Rows { index..index + 1 } else { partition.peers(index) };
        if start { rows.start } else { rows.end }
    }

    fn moved_edge(&self, rt: &Runtime<'_>, partition: &Partition, index: usize, start: bool, before: bool) -> Result<usize> {
        let offset = if start { &self.start } else { &self.end };
        match self.code.mode {
            FrameMode::Rows => Ok(match moved(index, count(offset), before) {
                Some(row) => row.saturating_add(usize::from(!start)).min(partition.len()),
                None => 0,
            }),
            FrameMode::Groups => Ok(match moved(partition.group_of(index), count(offset), before) {
                None => 0,
                Some(group) if group >= partition.groups() => partition.len(),
                Some(group) if start => partition.group_rows(group).start,
                Some(group) => partition.group_rows(group).end,
            }),
            FrameMode::Range => self.range_edge(rt, partition, index, start, before),
        }
    }

    fn range_edge(&self, rt: &Runtime<'_>, partition: &Partition, index: usize, start: bool, before: bool) -> Result<usize> {
        let distance = self.code.distance.as_ref().ok_or_else(|| SqlError::internal("a RANGE frame without its distance"))?;
        let shift = if start { &distance.start } else { &distance.end };
        let shift = shift.as_ref().ok_or_else(|| SqlError::internal("a frame bound without its offset"))?;
        let value = &partition.key(index)[0];
        if value.is_null() {
            // NULL is as far from NULL as one likes, and from nothing else.
            let peers = partition.peers(index);
            return Ok(if start { peers.start } else { peers.end });
        }
        let offset = if start { &self.start } else { &self.end };
        let Some(limit) = distance.moved(rt, value, shift, offset, before)? else {
            return Ok(self.beyond(partition, before, distance));
        };
        let (mut low, mut high) = (0, partition.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let ordering = distance.compare(&partition.key(middle)[0], &limit);
            if ordering.is_lt() || (!start && ordering.is_eq()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// The edge when the moved value is beyond all values: the end of the rows that are not NULL, on the side moved to.
    fn beyond(&self, partition: &Partition, before: bool, distance: &Distance) -> usize {
        let nulls = (0..partition.len()).filter(|row| partition.key(*row)[0].is_null()).count();
        match (before, distance.nulls_first) {
            (true, true) => nulls,
            (true, false) => 0,
            (false, true) => partition.len(),
            (false, false) => partition.len() - nulls,
        }
    }

    fn exclude(&self, partition: &Partition, index: usize, frame: Range<usize>) -> Ranges {
        let out = match self.code.exclusion {
            FrameExclusion::None => return smallvec![frame],
            FrameExclusion::CurrentRow => index..index + 1,
            FrameExclusion::Group | FrameExclusion::Ties => partition.peers(index),
        };
        let mut ranges = Ranges::new();
        let mut add = |range: Range<usize>| {
            if range.start < range.end {
                ranges.push(range);
            }
        };
        add(frame.start..frame.end.min(out.start));
        if self.code.exclusion == FrameExclusion::Ties && frame.contains(&index) {
            add(index..index + 1);
        }
        add(frame.start.max(out.end)..frame.end);
        ranges
    }
}

fn count(offset: &Datum) -> usize {
    crate::eval::compare::integer(offset).and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX)
}

/// `from` moved; `None` before the first.
const fn moved(from: usize, by: usize, before: bool) -> Option<usize> {
    if before { from.checked_sub(by) } else { Some(from.saturating_add(by)) }
}
