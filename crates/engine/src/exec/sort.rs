//! Sorting: all rows, or the first few of them.

use std::cmp::Ordering;
use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::explain::Work;
use borealis_sql::expr::SortKey;

use super::batch::{BATCH_ROWS, Batch};
use super::limit::row_count;
use super::memory::row_bytes;
use super::operator::{Node, NodeRef, Operator};
use crate::eval::order::Order;
use crate::eval::{Code, Compiler, Runtime};

/// Sort keys, compiled.
#[derive(Debug)]
pub(crate) struct SortKeys {
    keys: Vec<CompiledKey>,
}

#[derive(Debug)]
struct CompiledKey {
    code: Code,
    order: Order,
    descending: bool,
    nulls_first: bool,
}

impl SortKeys {
    pub(crate) fn compile(compiler: &Compiler<'_>, keys: &[SortKey]) -> Result<Self> {
        let keys = keys.iter().map(|key| {
            Ok(CompiledKey {
                code: compiler.compile(&key.expr)?,
                order: Order::of(key.expr.ty.oid),
                descending: key.descending,
                nulls_first: key.nulls_first,
            })
        });
        Ok(Self { keys: keys.collect::<Result<_>>()? })
    }

    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys' values for a row.
    pub(crate) fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Vec<Datum>> {
        self.keys.iter().map(|key| key.code.eval(rt, row)).collect()
    }

    /// Appends the keys' values for a row.
    pub(crate) fn eval_into(&self, rt: &mut Runtime<'_>, row: &[Datum], out: &mut Batch) -> Result<()> {
        for key in &self.keys {
            let value = key.code.eval(rt, row)?;
            out.push_value(value);
        }
        out.end_row();
        Ok(())
    }

    /// How two rows' keys stand to each other.
    pub(crate) fn compare(&self, left: &[Datum], right: &[Datum]) -> Ordering {
        for (key, (left, right)) in self.keys.iter().zip(left.iter().zip(right)) {
            let ordering = key.order.sort(left, right, key.descending, key.nulls_first);
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    }
}

/// Rows and their keys, being collected and then given out in order.
pub(crate) struct Sorter {
    keys: Batch,
    rows: Batch,
    /// Row numbers: in order once sorted, a heap with the last row on top while bounded.
    order: Vec<u32>,
    bytes: usize,
}

impl Sorter {
    pub(crate) fn new(sort_keys: &SortKeys, width: usize) -> Self {
        Self { keys: Batch::new(sort_keys.len()), rows: Batch::new(width), order: Vec::new(), bytes: 0 }
    }

    pub(crate) fn push(&mut self, rt: &mut Runtime<'_>, sort_keys: &SortKeys, row: &[Datum]) -> Result<()> {
        self.push_with(rt, sort_keys, row, row)
    }

    /// Keeps `kept`, sorted by the keys of `row`.
    pub(crate) fn push_with(&mut self, rt: &mut Runtime<'_>, sort_keys: &SortKeys, row: &[Datum], kept: &[Datum]) -> Result<()> {
        sort_keys.eval_into(rt, row, &mut self.keys)?;
        let index = self.rows.len();
        self.rows.push(kept);
        let bytes = row_bytes(kept) + row_bytes(self.keys.row(index)) + size_of::<u32>();
        self.bytes += bytes;
        // Rows are bounded by the query's memory long before u32.
        self.order.push(u32::try_from(index).expect("fewer than 2^32 rows fit the query's memory"));
        rt.charge(bytes)
    }

    /// Sorts what has been collected; equal rows stay in the order they came in.
    pub(crate) fn sort(&mut self, sort_keys: &SortKeys) {
        let keys = &self.keys;
        self.order.sort_by(|left, right| sort_keys.compare(keys.row(*left as usize), keys.row(*right as usize)));
    }

    /// Keeps the first `limit` rows only.
    fn cut(&mut self, rt: &mut Runtime<'_>, sort_keys: &SortKeys, limit: usize) {
        self.sort(sort_keys);
        self.order.truncate(limit);
        // Arrival order is what makes the sort stable.
        self.order.sort_unstable();
        let (mut keys, mut rows) = (Batch::new(self.keys.width()), Batch::new(self.rows.width()));
        for index in &self.order {
            keys.push(self.keys.row(*index as usize));
            rows.push(self.rows.row(*index as usize));
        }
        rt.shared.memory.release(self.bytes);
        self.bytes = rows.bytes() + keys.bytes() + rows.len() * size_of::<u32>();
        // What is kept was counted a moment ago: it fits.
        let _ = rt.charge(self.bytes);
        self.order = (0..u32::try_from(rows.len()).unwrap_or(u32::MAX)).collect();
        (self.keys, self.rows) = (keys, rows);
    }

    pub(crate) const fn len(&self) -> usize {
        self.order.len()
    }

    /// The row at a place of the order.
    pub(crate) fn row(&self, place: usize) -> &[Datum] {
        self.rows.row(self.order[place] as usize)
    }

    pub(crate) fn release(&mut self, rt: &mut Runtime<'_>) {
        rt.shared.memory.release(std::mem::take(&mut self.bytes));
    }
}

/// The description.
pub(super) struct SortNode {
    pub(super) input: NodeRef,
    pub(super) keys: SortKeys,
    pub(super) limit: Option<Code>,
    pub(super) width: usize,
    /// The input gives the same rows whenever it runs.
    pub(super) constant: bool,
}

struct SortOperator {
    input: Box<dyn Operator>,
    node: Arc<SortNode>,
    sorted: Option<Sorter>,
    given: usize,
}

impl Node for SortNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(SortOperator { input: self.input.clone().open(), node: self, sorted: None, given: 0 })
    }
}

impl SortOperator {
    fn collect(&mut self, rt: &mut Runtime<'_>) -> Result<Sorter> {
        let node = Arc::clone(&self.node);
        let limit = node.limit.as_ref().map_or(Ok(usize::MAX), |limit| row_count(rt, limit))?;
        let mut sorter = Sorter::new(&node.keys, node.width);
        let mut rows = Batch::default();
        // Twice the limit (and no less than some batches) is collected, then cut: each row takes part in a bounded number of sorts.
        let cut_at = limit.saturating_mul(2).max(4 * BATCH_ROWS);
        while self.input.next(rt, &mut rows, BATCH_ROWS)? {
            for row in rows.rows() {
                sorter.push(rt, &node.keys, row)?;
            }
            if sorter.len() >= cut_at {
                sorter.cut(rt, &node.keys, limit);
            }
        }
        sorter.sort(&node.keys);
        sorter.order.truncate(limit);
        Ok(sorter)
    }
}

impl Operator for SortOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.sorted.is_none() {
            let sorted = self.collect(rt)?;
            rt.shared.tally.work = Some(Work::Sort { top: self.node.limit.is_some(), bytes: sorted.bytes });
            self.sorted = Some(sorted);
        }
        let Some(sorted) = &self.sorted else { return Ok(false) };
        let end = sorted.len().min(self.given.saturating_add(max));
        out.reset(self.node.width);
        for place in self.given..end {
            out.push(sorted.row(place));
        }
        self.given = end;
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.given = 0;
        if self.node.constant {
            return Ok(());
        }
        if let Some(mut sorted) = self.sorted.take() {
            sorted.release(rt);
        }
        self.input.rewind(rt)
    }
}
