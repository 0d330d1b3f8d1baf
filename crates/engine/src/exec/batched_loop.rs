//! Nested loops whose inner look-ups are made for many left rows at a time.
//!
//! The right side depends on the left row through parameters only. For a batch of left rows the distinct values of these are looked up once each, in the
//! order of the values, which is the order of an index's keys: storage is read forwards and no key twice. Rows still come in the order of the left side.
//!
//! What is found is kept until the batch is through. A batch that finds too much goes on row by row, holding nothing.

use std::cmp::Ordering;
use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::plan::PlanJoinKind;

use super::batch::{BATCH_ROWS, Batch};
use super::hash_table::HashTable;
use super::operator::{Node, NodeRef, Operator};
use crate::eval::order::Order;
use crate::eval::{Code, Runtime};

/// Left rows of the first batch: a limit above may want no more. Each batch is twice the one before it.
const LEFT_ROWS_MIN: usize = 16;
/// Bytes of right rows that a batch keeps.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// The description. Kinds Inner, Left, Semi and Anti.
pub(super) struct BatchedLoopNode {
    pub(super) kind: PlanJoinKind,
    pub(super) left: NodeRef,
    pub(super) right: NodeRef,
    pub(super) params: Vec<(usize, Code)>,
    /// Of the parameters' values.
    pub(super) orders: Vec<Order>,
    pub(super) condition: Option<Code>,
    pub(super) left_width: usize,
    pub(super) right_width: usize,
}

impl Node for BatchedLoopNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(BatchedLoopOperator {
            left: self.left.clone().open(),
            right: self.right.clone().open(),
            right_started: false,
            lefts: Batch::default(),
            lefts_wanted: LEFT_ROWS_MIN,
            at: 0,
            on_row: false,
            matched: false,
            probes: Vec::new(),
            found: Vec::new(),
            values: HashTable::new(self.orders.clone()),
            rows: Batch::new(self.right_width),
            charged: 0,
            next: 0,
            stream: Batch::default(),
            node: self,
        })
    }
}

struct BatchedLoopOperator {
    left: Box<dyn Operator>,
    right: Box<dyn Operator>,
    node: Arc<BatchedLoopNode>,
    right_started: bool,
    lefts: Batch,
    lefts_wanted: usize,
    /// Left row being joined, when `on_row`, and whether it found a partner.
    at: usize,
    on_row: bool,
    matched: bool,
    /// For each left row, the number of its values.
    probes: Vec<usize>,
    values: HashTable,
    /// For each distinct value, where its rows are in `rows`; `None`: they are not kept.
    found: Vec<Option<(usize, usize)>>,
    rows: Batch,
    charged: usize,
    /// Next right row of the current left row: a place in `rows`, or in `stream`.
    next: usize,
    stream: Batch,
}

impl BatchedLoopNode {
    const fn left_only(&self) -> bool {
        matches!(self.kind, PlanJoinKind::Semi | PlanJoinKind::Anti)
    }

    /// Rows of the right side worth asking for at a time: without a condition the first one decides a Semi or Anti join.
    const fn right_rows(&self) -> usize {
        if self.left_only() && self.condition.is_none() { 1 } else { BATCH_ROWS }
    }
}

impl BatchedLoopOperator {
    /// Reads the next left rows and finds their partners; false at the end.
    fn fill(&mut self, rt: &mut Runtime<'_>) -> Result<bool> {
        if !self.left.next(rt, &mut self.lefts, self.lefts_wanted)? {
            self.lefts.reset(0);
            return Ok(false);
        }
        self.lefts_wanted = (2 * self.lefts_wanted).min(BATCH_ROWS);
        self.at = 0;
        self.release(rt);
        self.values = HashTable::new(self.node.orders.clone());
        self.probes.clear();
        let mut values = Vec::with_capacity(self.node.params.len());
        for row in self.lefts.rows() {
            values.clear();
            for (_, code) in &self.node.params {
                values.push(code.eval(rt, row)?);
            }
            self.probes.push(self.values.find_or_insert(&values).0);
        }
        self.look_up(rt)?;
        Ok(true)
    }

    /// Finds the rows of each distinct value, in the order of the values.
    fn look_up(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.found = vec![None; self.values.len()];
        let mut order: Vec<usize> = (0..self.values.len()).collect();
        order.sort_by(|a, b| self.compare(self.values.row(*a), self.values.row(*b)));
        for number in order {
            self.start_right(rt, number)?;
            let start = self.rows.len();
            let max = self.node.right_rows();
            while self.right.next(rt, &mut self.stream, max)? {
                let bytes = self.stream.bytes();
                if self.charged + bytes > KEPT_BYTES_MAX {
                    self.rows.truncate(start);
                    return Ok(());
                }
                rt.charge(bytes)?;
                self.charged += bytes;
                self.rows.append(&mut self.stream);
                if max == 1 {
                    break;
                }
            }
            self.found[number] = Some((start, self.rows.len()));
        }
        Ok(())
    }

    fn compare(&self, a: &[Datum], b: &[Datum]) -> Ordering {
        let pairs = self.node.orders.iter().zip(a.iter().zip(b));
        pairs.map(|(order, (a, b))| order.sort(a, b, false, false)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Starts the right side for a value.
    fn start_right(&mut self, rt: &mut Runtime<'_>, number: usize) -> Result<()> {
        for ((param, _), value) in self.node.params.iter().zip(self.values.row(number)) {
            rt.shared.exec_params[*param] = value.clone();
        }
        if std::mem::replace(&mut self.right_started, true) {
            self.right.rewind(rt)?;
        }
        Ok(())
    }

    fn release(&mut self, rt: &mut Runtime<'_>) {
        rt.shared.memory.release(std::mem::take(&mut self.charged));
        self.rows = Batch::new(self.node.right_width);
    }

    /// Where the current left row's partners are, when they are kept.
    fn kept(&self) -> Option<(usize, usize)> {
        self.found[self.probes[self.at]]
    }

    fn begin_row(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        (self.on_row, self.matched) = (true, false);
        match self.kept() {
            Some((start, _)) => self.next = start,
            None => {
                self.start_right(rt, self.probes[self.at])?;
                self.stream.reset(0);
                self.next = 0;
            }
        }
        Ok(())
    }

    /// Moves to the next right row: its place among the kept or the streamed ones; `None` when there are no more.
    fn next_right(&mut self, rt: &mut Runtime<'_>) -> Result<Option<usize>> {
        match self.kept() {
            Some((_, end)) if self.next >= end => return Ok(None),
            Some(_) => {}
            None if self.next >= self.stream.len() => {
                self.next = 0;
                if !self.right.next(rt, &mut self.stream, self.node.right_rows())? {
                    self.stream.reset(0);
                    return Ok(None);
                }
            }
            None => {}
        }
        self.next += 1;
        Ok(Some(self.next - 1))
    }

    fn step(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<()> {
        let Some(place) = self.next_right(rt)? else {
            self.finish_row(out);
            return Ok(());
        };
        let right = if self.kept().is_some() { self.rows.row(place) } else { self.stream.row(place) };
        let left = self.lefts.row(self.at);
        if let Some(condition) = &self.node.condition {
            out.push_values(left);
            out.push_values(right);
            let holds = condition.holds(rt, out.open_row())?;
            if holds && !self.node.left_only() {
                out.end_row();
            } else {
                out.abandon_row();
            }
            rt.shared.tally.filtered += u64::from(!holds);
            self.matched |= holds;
        } else {
            if !self.node.left_only() {
                out.push_pair(left, right);
            }
            self.matched = true;
        }
        if self.matched && self.node.left_only() {
            self.finish_row(out);
        }
        Ok(())
    }

    fn finish_row(&mut self, out: &mut Batch) {
        let left = self.lefts.row(self.at);
        match self.node.kind {
            PlanJoinKind::Left if !self.matched => {
                out.push_values(left);
                out.push_nulls(self.node.right_width);
                out.end_row();
            }
            PlanJoinKind::Semi if self.matched => out.push(left),
            PlanJoinKind::Anti if !self.matched => out.push(left),
            _ => {}
        }
        self.on_row = false;
        self.at += 1;
    }
}

impl Operator for BatchedLoopOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        out.reset(self.node.left_width + if self.node.left_only() { 0 } else { self.node.right_width });
        let mut steps = 0u32;
        while out.len() < max {
            if self.on_row {
                self.step(rt, out)?;
                steps += 1;
                if steps.is_multiple_of(4096) {
                    rt.env.eval.host.check_interrupt()?;
                }
            } else if self.at < self.lefts.len() {
                self.begin_row(rt)?;
            } else if !self.fill(rt)? {
                break;
            }
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.release(rt);
        self.lefts.reset(0);
        (self.at, self.on_row) = (0, false);
        self.left.rewind(rt)
    }
}
