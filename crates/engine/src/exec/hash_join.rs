//! Joins by a hash table over the right side.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::explain::Work;
use borealis_sql::plan::PlanJoinKind;

use super::batch::{BATCH_ROWS, Batch};
use super::hash_table::HashTable;
use super::memory::row_bytes;
use super::operator::{Node, NodeRef, Operator, Rows};
use crate::eval::order::Order;
use crate::eval::{Code, Runtime};

/// End of a chain of rows with one key.
const NONE: u32 = u32::MAX;

/// The description.
pub(super) struct HashJoinNode {
    pub(super) kind: PlanJoinKind,
    pub(super) left: NodeRef,
    pub(super) right: NodeRef,
    pub(super) left_keys: Vec<Code>,
    pub(super) right_keys: Vec<Code>,
    pub(super) orders: Vec<Order>,
    pub(super) residual: Option<Code>,
    pub(super) left_width: usize,
    pub(super) right_width: usize,
    /// The right side gives the same rows whenever it runs.
    pub(super) right_constant: bool,
}

impl Node for HashJoinNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(HashJoinOperator {
            left: self.left.clone().open(),
            right: self.right.clone().open(),
            built: None,
            left_rows: Rows::new(),
            state: State::NextLeft,
            matched: false,
            key: Vec::new(),
            pair: Vec::new(),
            node: self,
        })
    }
}

/// The right side's rows by key.
struct Built {
    keys: HashTable,
    /// First row of each key, and the next row of the same key for each row: in the order the rows came.
    first: Vec<u32>,
    last: Vec<u32>,
    next: Vec<u32>,
    rows: Batch,
    /// Which rows have found a partner; for Right and Full joins.
    partnered: Vec<bool>,
    bytes: usize,
}

enum State {
    NextLeft,
    /// The right row to try next with the current left row.
    Probing(u32),
    /// The right row to look at next for want of a partner.
    Unmatched(usize),
}

struct HashJoinOperator {
    left: Box<dyn Operator>,
    right: Box<dyn Operator>,
    node: Arc<HashJoinNode>,
    built: Option<Built>,
    left_rows: Rows,
    state: State,
    matched: bool,
    key: Vec<Datum>,
    pair: Vec<Datum>,
}

/// Evaluates the keys; false when one is NULL, which equals nothing.
fn eval_keys(rt: &mut Runtime<'_>, codes: &[Code], row: &[Datum], key: &mut Vec<Datum>) -> Result<bool> {
    key.clear();
    for code in codes {
        let value = code.eval(rt, row)?;
        if value.is_null() {
            return Ok(false);
        }
        key.push(value);
    }
    Ok(true)
}

impl HashJoinNode {
    const fn keeps_unmatched_right(&self) -> bool {
        matches!(self.kind, PlanJoinKind::Right | PlanJoinKind::Full)
    }

    const fn left_only(&self) -> bool {
        matches!(self.kind, PlanJoinKind::Semi | PlanJoinKind::Anti)
    }

    fn build(&self, rt: &mut Runtime<'_>, right: &mut dyn Operator) -> Result<Built> {
        let mut built = Built {
            keys: HashTable::new(self.orders.clone()),
            first: Vec::new(),
            last: Vec::new(),
            next: Vec::new(),
            rows: Batch::new(self.right_width),
            partnered: Vec::new(),
            bytes: 0,
        };
        let (mut rows, mut key) = (Batch::default(), Vec::new());
        while right.next(rt, &mut rows, BATCH_ROWS)? {
            let before = built.bytes;
            for row in rows.rows() {
                let joinable = eval_keys(rt, &self.right_keys, row, &mut key)?;
                if joinable || self.keeps_unmatched_right() {
                    built.add(row, joinable.then_some(&key));
                }
            }
            rt.charge(built.bytes - before)?;
        }
        built.partnered = vec![false; if self.keeps_unmatched_right() { built.rows.len() } else { 0 }];
        Ok(built)
    }
}

impl Built {
    fn add(&mut self, row: &[Datum], key: Option<&Vec<Datum>>) {
        // Rows are bounded by the query's memory long before u32.
        let index = u32::try_from(self.rows.len()).expect("fewer than 2^32 rows fit the query's memory");
        self.rows.push(row);
        self.next.push(NONE);
        self.bytes += row_bytes(row) + size_of::<u32>();
        let Some(key) = key else { return };
        let (slot, new) = self.keys.find_or_insert(key);
        if new {
            self.bytes += HashTable::entry_bytes(key) + 2 * size_of::<u32>();
            self.first.push(index);
            self.last.push(index);
        } else {
            self.next[self.last[slot] as usize] = index;
            self.last[slot] = index;
        }
    }
}

impl HashJoinOperator {
    /// Moves to the next left row and finds its partners; false after the last.
    fn next_left(&mut self, rt: &mut Runtime<'_>, max: usize) -> Result<bool> {
        if !self.left_rows.advance(rt, self.left.as_mut(), max)? {
            return Ok(false);
        }
        self.matched = false;
        let joinable = eval_keys(rt, &self.node.left_keys, self.left_rows.row(), &mut self.key)?;
        let Some(built) = &self.built else { return Ok(false) };
        let found = if joinable { built.keys.find(&self.key) } else { None };
        self.state = State::Probing(found.map_or(NONE, |slot| built.first[slot]));
        Ok(true)
    }

    fn probe(&mut self, rt: &mut Runtime<'_>, index: u32, out: &mut Batch) -> Result<()> {
        let Some(built) = &mut self.built else { return Ok(()) };
        if index == NONE {
            self.finish_left(out);
            return Ok(());
        }
        let (left, right) = (self.left_rows.row(), built.rows.row(index as usize));
        self.state = State::Probing(built.next[index as usize]);
        if let Some(residual) = &self.node.residual {
            self.pair.clear();
            self.pair.extend_from_slice(left);
            self.pair.extend_from_slice(right);
            if !residual.holds(rt, &self.pair)? {
                rt.shared.tally.filtered += 1;
                return Ok(());
            }
        }
        self.matched = true;
        if let Some(partnered) = built.partnered.get_mut(index as usize) {
            *partnered = true;
        }
        if self.node.left_only() {
            self.finish_left(out);
        } else {
            out.push_pair(left, right);
        }
        Ok(())
    }

    fn finish_left(&mut self, out: &mut Batch) {
        self.state = State::NextLeft;
        match self.node.kind {
            PlanJoinKind::Left | PlanJoinKind::Full if !self.matched => {
                out.push_values(self.left_rows.row());
                out.push_nulls(self.node.right_width);
                out.end_row();
            }
            PlanJoinKind::Semi if self.matched => out.push(self.left_rows.row()),
            PlanJoinKind::Anti if !self.matched => out.push(self.left_rows.row()),
            _ => {}
        }
    }

    fn unmatched(&mut self, mut at: usize, out: &mut Batch, max: usize) {
        let Some(built) = &self.built else { return };
        while out.len() < max && at < built.rows.len() {
            if !built.partnered[at] {
                out.push_nulls(self.node.left_width);
                out.push_values(built.rows.row(at));
                out.end_row();
            }
            at += 1;
        }
        self.state = State::Unmatched(at);
    }
}

impl Operator for HashJoinOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.built.is_none() {
            let built = self.node.build(rt, self.right.as_mut())?;
            rt.shared.tally.work = Some(Work::Hash { entries: built.rows.len(), bytes: built.bytes });
            self.built = Some(built);
        }
        out.reset(self.node.left_width + if self.node.left_only() { 0 } else { self.node.right_width });
        let mut steps = 0u32;
        while out.len() < max {
            match self.state {
                State::NextLeft => {
                    if !self.next_left(rt, max)? {
                        if !self.node.keeps_unmatched_right() {
                            break;
                        }
                        self.state = State::Unmatched(0);
                    }
                }
                State::Probing(index) => self.probe(rt, index, out)?,
                State::Unmatched(at) => {
                    self.unmatched(at, out, max);
                    break;
                }
            }
            steps += 1;
            if steps.is_multiple_of(4096) {
                rt.env.eval.host.check_interrupt()?;
            }
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.left_rows.reset();
        self.state = State::NextLeft;
        if self.node.right_constant {
            if let Some(built) = &mut self.built {
                built.partnered.fill(false);
            }
        } else {
            if let Some(built) = self.built.take() {
                rt.shared.memory.release(built.bytes);
            }
            self.right.rewind(rt)?;
        }
        self.left.rewind(rt)
    }
}
