//! INTERSECT and EXCEPT, with and without ALL.

use std::sync::Arc;

use borealis_pgtypes::Result;

use super::batch::{BATCH_ROWS, Batch};
use super::hash_table::HashTable;
use super::operator::{Node, NodeRef, Operator};
use crate::eval::Runtime;
use crate::eval::order::Order;

/// The description.
pub(super) struct SetOpNode {
    pub(super) left: NodeRef,
    pub(super) right: NodeRef,
    /// INTERSECT rather than EXCEPT.
    pub(super) intersect: bool,
    pub(super) all: bool,
    pub(super) orders: Vec<Order>,
}

struct SetOpOperator {
    left: Box<dyn Operator>,
    right: Box<dyn Operator>,
    node: Arc<SetOpNode>,
    counted: Option<Counted>,
}

/// Distinct rows with their number of copies on each side, and how far they have been given out.
struct Counted {
    table: HashTable,
    copies: Vec<[u64; 2]>,
    at: usize,
    given: u64,
    bytes: usize,
}

impl Node for SetOpNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(SetOpOperator { left: self.left.clone().open(), right: self.right.clone().open(), node: self, counted: None })
    }
}

impl Counted {
    fn add(&mut self, rt: &mut Runtime<'_>, input: &mut dyn Operator, side: usize) -> Result<()> {
        let mut rows = Batch::default();
        while input.next(rt, &mut rows, BATCH_ROWS)? {
            for row in rows.rows() {
                // Rows that are only on the right never come out.
                if side == 1 && self.table.find(row).is_none() {
                    continue;
                }
                let (index, new) = self.table.find_or_insert(row);
                if new {
                    let bytes = HashTable::entry_bytes(row) + size_of::<[u64; 2]>();
                    self.bytes += bytes;
                    rt.charge(bytes)?;
                    self.copies.push([0, 0]);
                }
                self.copies[index][side] += 1;
            }
        }
        Ok(())
    }
}

impl SetOpNode {
    /// Copies of a row in the result.
    fn copies(&self, [left, right]: [u64; 2]) -> u64 {
        match (self.intersect, self.all) {
            (true, true) => left.min(right),
            (true, false) => u64::from(left > 0 && right > 0),
            (false, true) => left.saturating_sub(right),
            (false, false) => u64::from(left > 0 && right == 0),
        }
    }
}

impl Operator for SetOpOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.counted.is_none() {
            let mut counted = Counted { table: HashTable::new(self.node.orders.clone()), copies: Vec::new(), at: 0, given: 0, bytes: 0 };
            counted.add(rt, self.left.as_mut(), 0)?;
            counted.add(rt, self.right.as_mut(), 1)?;
            self.counted = Some(counted);
        }
        let Some(counted) = &mut self.counted else { return Ok(false) };
        out.reset(self.node.orders.len());
        while out.len() < max && counted.at < counted.table.len() {
            if counted.given < self.node.copies(counted.copies[counted.at]) {
                out.push(counted.table.row(counted.at));
                counted.given += 1;
            } else {
                counted.at += 1;
                counted.given = 0;
            }
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        if let Some(counted) = self.counted.take() {
            rt.shared.memory.release(counted.bytes);
        }
        self.left.rewind(rt)?;
        self.right.rewind(rt)
    }
}
