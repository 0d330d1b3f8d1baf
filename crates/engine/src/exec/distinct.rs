//! DISTINCT: by hash, or of neighbours.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};

use super::batch::Batch;
use super::hash_table::HashTable;
use super::operator::{Node, NodeRef, Operator};
use crate::eval::Runtime;
use crate::eval::order::Order;

/// The description of both.
pub(super) struct DistinctNode {
    pub(super) input: NodeRef,
    pub(super) slots: Vec<usize>,
    pub(super) orders: Vec<Order>,
    /// Equal rows are neighbours.
    pub(super) sorted: bool,
}

impl Node for DistinctNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        let seen = HashTable::new(self.orders.clone());
        Box::new(DistinctOperator { input: self.input.clone().open(), seen, last: None, bytes: 0, node: self })
    }
}

struct DistinctOperator {
    input: Box<dyn Operator>,
    node: Arc<DistinctNode>,
    seen: HashTable,
    last: Option<Vec<Datum>>,
    bytes: usize,
}

impl Operator for DistinctOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        let mut key = Vec::with_capacity(self.node.slots.len());
        while self.input.next(rt, out, max)? {
            let mut kept = 0;
            for index in 0..out.len() {
                key.clear();
                key.extend(self.node.slots.iter().map(|slot| out.row(index)[*slot].clone()));
                if self.first_of(rt, &key)? {
                    out.move_row(index, kept);
                    kept += 1;
                }
            }
            out.truncate(kept);
            if kept > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.seen.clear();
        self.last = None;
        rt.shared.memory.release(std::mem::take(&mut self.bytes));
        self.input.rewind(rt)
    }
}

impl DistinctOperator {
    /// Whether no row with this key came before.
    fn first_of(&mut self, rt: &mut Runtime<'_>, key: &[Datum]) -> Result<bool> {
        if self.node.sorted {
            let orders = &self.node.orders;
            let same = |last: &Vec<Datum>| orders.iter().zip(last.iter().zip(key)).all(|(order, (last, key))| order.same(last, key));
            if self.last.as_ref().is_some_and(same) {
                return Ok(false);
            }
            self.last = Some(key.to_vec());
            return Ok(true);
        }
        let new = self.seen.find_or_insert(key).1;
        if new {
            let bytes = HashTable::entry_bytes(key);
            self.bytes += bytes;
            rt.charge(bytes)?;
        }
        Ok(new)
    }
}
