//! Measuring what nodes do, for EXPLAIN ANALYZE.
//!
//! In a measured program every node stands in a [`MeasuredNode`], which counts rows, loops and time. What only the operator itself knows (rows its condition
//! removed, memory it held) it leaves in the [`Tally`], which is there in every execution and costs nothing to speak of.

use std::sync::Arc;
use std::time::Duration;

use borealis_base::Clock;
use borealis_pgtypes::Result;
use borealis_sql::explain::{Actual, NodeActuals, Work};

use super::batch::Batch;
use super::operator::{Node, NodeRef, Operator};
use crate::eval::Runtime;

/// What operators tell of their work beside the rows they give.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Rows, or pairs of rows, that the operator's own condition removed.
    pub(crate) filtered: u64,
    /// What it did that only its kind does.
    pub(crate) work: Option<Work>,
    /// Bytes read from storage by the whole execution; each range read counts at least [`READ_BYTES_MIN`].
    pub(crate) read_bytes: u64,
}

/// The least that reading a range is charged.
pub(crate) const READ_BYTES_MIN: u64 = 128;

/// What the nodes of a measured program did.
pub struct Measurements {
    clock: Arc<dyn Clock>,
    nodes: Vec<Actual>,
}

impl Measurements {
    /// Nothing measured yet, by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, nodes: Vec::new() }
    }

    fn of(&mut self, number: usize) -> &mut Actual {
        if self.nodes.len() <= number {
            self.nodes.resize(number + 1, Actual::default());
        }
        &mut self.nodes[number]
    }
}

impl NodeActuals for Measurements {
    fn node(&self, number: usize) -> Option<Actual> {
        self.nodes.get(number).copied().filter(|actual| actual.loops > 0)
    }
}

/// A node that is measured.
pub(super) struct MeasuredNode {
    pub(super) number: usize,
    pub(super) inner: NodeRef,
}

struct MeasuredOperator {
    number: usize,
    inner: Box<dyn Operator>,
    /// Nothing was asked of it since it was opened or rewound.
    fresh: bool,
}

impl Node for MeasuredNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(MeasuredOperator { number: self.number, inner: self.inner.clone().open(), fresh: true })
    }
}

fn now(rt: &Runtime<'_>) -> Duration {
    rt.shared.measurements.as_ref().map_or(Duration::ZERO, |measurements| measurements.clock.monotonic())
}

impl Operator for MeasuredOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        let begun = now(rt);
        let around = (std::mem::take(&mut rt.shared.tally.filtered), rt.shared.tally.work.take());
        let more = self.inner.next(rt, out, max);
        let time = now(rt).saturating_sub(begun);
        let tally = &mut rt.shared.tally;
        let filtered = std::mem::replace(&mut tally.filtered, around.0);
        let work = std::mem::replace(&mut tally.work, around.1);
        let fresh = std::mem::replace(&mut self.fresh, false);
        if let Some(measurements) = &mut rt.shared.measurements {
            let actual = measurements.of(self.number);
            actual.total += time;
            if fresh {
                actual.loops += 1;
                actual.startup += time;
            }
            actual.rows += if matches!(more, Ok(true)) { out.len() as u64 } else { 0 };
            actual.filtered += filtered;
            actual.work = work.or(actual.work);
        }
        more
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.fresh = true;
        self.inner.rewind(rt)
    }
}
