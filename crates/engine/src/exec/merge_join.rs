//! Joins of two sides that come in the order of their keys, ascending with NULLs last.
//!
//! Only the right rows of one key are held at a time.

use std::cmp::Ordering;
use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::plan::PlanJoinKind;

use super::batch::{BATCH_ROWS, Batch};
use super::memory::row_bytes;
use super::operator::{Node, NodeRef, Operator, Rows};
use crate::eval::order::Order;
use crate::eval::{Code, Runtime};

/// The description. Kinds Inner, Left, Semi and Anti.
pub(super) struct MergeJoinNode {
    pub(super) kind: PlanJoinKind,
    pub(super) left: NodeRef,
    pub(super) right: NodeRef,
    pub(super) left_keys: Vec<Code>,
    pub(super) right_keys: Vec<Code>,
    pub(super) orders: Vec<Order>,
    pub(super) residual: Option<Code>,
    pub(super) left_width: usize,
    pub(super) right_width: usize,
}

impl Node for MergeJoinNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(MergeJoinOperator {
            left: Side::new(&self.left),
            right: Side::new(&self.right),
            group: Batch::new(self.right_width),
            group_key: Vec::new(),
            charged: 0,
            on_row: false,
            matched: false,
            next: 0,
            pair: Vec::new(),
            node: self,
        })
    }
}

/// A side and the key of its current row.
struct Side {
    operator: Box<dyn Operator>,
    rows: Rows,
    key: Vec<Datum>,
    state: SideState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SideState {
    NotStarted,
    OnRow,
    Ended,
}

impl Side {
    fn new(node: &NodeRef) -> Self {
        Self { operator: Arc::clone(node).open(), rows: Rows::new(), key: Vec::new(), state: SideState::NotStarted }
    }

    /// Moves to the next row; false at the end.
    fn advance(&mut self, rt: &mut Runtime<'_>, codes: &[Code]) -> Result<bool> {
        if self.state == SideState::Ended || !self.rows.advance(rt, self.operator.as_mut(), BATCH_ROWS)? {
            self.state = SideState::Ended;
            return Ok(false);
        }
        self.state = SideState::OnRow;
        self.key.clear();
        for code in codes {
            let value = code.eval(rt, self.rows.row())?;
            self.key.push(value);
        }
        Ok(true)
    }

    /// A NULL equals nothing.
    fn is_joinable(&self) -> bool {
        !self.key.iter().any(Datum::is_null)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.rows.reset();
        self.state = SideState::NotStarted;
        self.operator.rewind(rt)
    }
}

struct MergeJoinOperator {
    left: Side,
    right: Side,
    node: Arc<MergeJoinNode>,
    /// The right rows of one key.
    group: Batch,
    group_key: Vec<Datum>,
    charged: usize,
    /// A left row is being joined, with the group's row `next` to be tried next.
    on_row: bool,
    matched: bool,
    next: usize,
    pair: Vec<Datum>,
}

impl MergeJoinNode {
    const fn left_only(&self) -> bool {
        matches!(self.kind, PlanJoinKind::Semi | PlanJoinKind::Anti)
    }

    fn compare(&self, a: &[Datum], b: &[Datum]) -> Ordering {
        let pairs = self.orders.iter().zip(a.iter().zip(b));
        pairs.map(|(order, (a, b))| order.sort(a, b, false, false)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl MergeJoinOperator {
    /// Makes the group the one of the current left row's key; empty when the right side has none.
    fn find_group(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.next = 0;
        if !self.left.is_joinable() {
            self.next = self.group.len();
            return Ok(());
        }
        if !self.group.is_empty() && self.node.compare(&self.group_key, &self.left.key).is_eq() {
            return Ok(());
        }
        self.drop_group(rt);
        let node = Arc::clone(&self.node);
        if self.right.state == SideState::NotStarted {
            self.right.advance(rt, &node.right_keys)?;
        }
        while self.right.state == SideState::OnRow && node.compare(&self.right.key, &self.left.key).is_lt() {
            self.right.advance(rt, &node.right_keys)?;
        }
        self.group_key.clone_from(&self.left.key);
        while self.right.state == SideState::OnRow && node.compare(&self.right.key, &self.group_key).is_eq() {
            let row = self.right.rows.row();
            let bytes = row_bytes(row);
            self.group.push(row);
            self.charged += bytes;
            rt.charge(bytes)?;
            self.right.advance(rt, &node.right_keys)?;
        }
        Ok(())
    }

    fn drop_group(&mut self, rt: &mut Runtime<'_>) {
        rt.shared.memory.release(std::mem::take(&mut self.charged));
        self.group.reset(self.node.right_width);
    }

    fn step(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<()> {
        if self.next >= self.group.len() {
            self.finish_left(out);
            return Ok(());
        }
        let (left, right) = (self.left.rows.row(), self.group.row(self.next));
        self.next += 1;
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
        if self.node.left_only() {
            self.finish_left(out);
        } else {
            out.push_pair(left, right);
        }
        Ok(())
    }

    fn finish_left(&mut self, out: &mut Batch) {
        self.on_row = false;
        let left = self.left.rows.row();
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
    }
}

impl Operator for MergeJoinOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        out.reset(self.node.left_width + if self.node.left_only() { 0 } else { self.node.right_width });
        let mut steps = 0u32;
        while out.len() < max {
            if self.on_row {
                self.step(rt, out)?;
            } else {
                let node = Arc::clone(&self.node);
                if !self.left.advance(rt, &node.left_keys)? {
                    break;
                }
                (self.on_row, self.matched) = (true, false);
                self.find_group(rt)?;
            }
            steps += 1;
            if steps.is_multiple_of(4096) {
                rt.env.eval.host.check_interrupt()?;
            }
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.drop_group(rt);
        self.on_row = false;
        self.left.rewind(rt)?;
        self.right.rewind(rt)
    }
}
