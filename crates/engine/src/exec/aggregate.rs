//! Grouping and aggregation.
//!
//! With grouping sets, every set is an aggregation of its own over the same rows: one pass fills the hash tables of all, whatever the strategy, since a
//! sort order serves one of them at most. Without, sorted input is grouped by neighbours and holds one group at a time.

mod state;

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::explain::Work;
use borealis_sql::plan::AggregateStrategy;

pub(super) use state::AggregateCode;
use state::Group;

use super::batch::{BATCH_ROWS, Batch};
use super::hash_table::HashTable;
use super::operator::{Node, NodeRef, Operator, Rows};
use crate::eval::order::Order;
use crate::eval::{Code, Runtime};

/// The description.
pub(super) struct AggregateNode {
    pub(super) input: NodeRef,
    pub(super) strategy: AggregateStrategy,
    pub(super) groups: Vec<Code>,
    pub(super) orders: Vec<Order>,
    /// Indexes into `groups` per set; one set of all when there are no grouping sets.
    pub(super) sets: Vec<Vec<usize>>,
    pub(super) aggregates: Vec<AggregateCode>,
    pub(super) groupings: Vec<Vec<usize>>,
    pub(super) has_sets: bool,
}

impl AggregateNode {
    pub(super) fn width(&self) -> usize {
        self.groups.len() + self.aggregates.len() + if self.has_sets { self.groupings.len() } else { 0 }
    }

    fn new_group(&self, rt: &mut Runtime<'_>) -> Result<Group> {
        Group::new(rt, &self.aggregates)
    }

    /// Appends a group's output row: group values (NULL for those not in the set), aggregates, GROUPING results.
    fn emit(&self, rt: &mut Runtime<'_>, set: &[usize], key: &[Datum], group: &mut Group, out: &mut Batch) -> Result<()> {
        for index in 0..self.groups.len() {
            let place = set.iter().position(|member| *member == index);
            out.push_value(place.map_or(Datum::Null, |place| key[place].clone()));
        }
        group.finish(rt, &self.aggregates, out)?;
        if self.has_sets {
            for grouping in &self.groupings {
                // One bit per argument, the first one highest: set when the argument is not in the grouping set.
                let bits = grouping.iter().fold(0, |bits, member| bits << 1 | i32::from(!set.contains(member)));
                out.push_value(Datum::Int4(bits));
            }
        }
        out.end_row();
        Ok(())
    }
}

impl Node for AggregateNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        let input = self.input.clone().open();
        match self.strategy {
            AggregateStrategy::Sorted if !self.has_sets => {
                Box::new(SortedOperator { input, node: self, rows: Rows::new(), current: None, ended: false })
            }
            _ => Box::new(HashedOperator { input, node: self, tables: None, set: 0, at: 0 }),
        }
    }
}

/// Groups by hash; also the plain aggregate, whose one group is there from the start.
struct HashedOperator {
    input: Box<dyn Operator>,
    node: Arc<AggregateNode>,
    tables: Option<Vec<Table>>,
    set: usize,
    at: usize,
}

/// The groups of one set.
struct Table {
    keys: HashTable,
    groups: Vec<Group>,
    bytes: usize,
}

impl HashedOperator {
    fn aggregate(&mut self, rt: &mut Runtime<'_>) -> Result<Vec<Table>> {
        let node = Arc::clone(&self.node);
        let mut tables = Vec::with_capacity(node.sets.len());
        for set in &node.sets {
            let orders = set.iter().map(|member| node.orders[*member]).collect();
            let mut table = Table { keys: HashTable::new(orders), groups: Vec::new(), bytes: 0 };
            // Without group expressions there is one group even without rows.
            if set.is_empty() && (node.has_sets || node.strategy == AggregateStrategy::Plain) {
                table.keys.find_or_insert(&[]);
                table.groups.push(node.new_group(rt)?);
            }
            tables.push(table);
        }
        let (mut rows, mut values, mut key) = (Batch::default(), Vec::new(), Vec::new());
        while self.input.next(rt, &mut rows, BATCH_ROWS)? {
            for row in rows.rows() {
                values.clear();
                for group in &node.groups {
                    values.push(group.eval(rt, row)?);
                }
                for (set, table) in node.sets.iter().zip(&mut tables) {
                    key.clear();
                    key.extend(set.iter().map(|member| values[*member].clone()));
                    table.add(rt, &node, &key, row)?;
                }
            }
        }
        Ok(tables)
    }
}

impl Table {
    fn add(&mut self, rt: &mut Runtime<'_>, node: &AggregateNode, key: &[Datum], row: &[Datum]) -> Result<()> {
        // The one group without keys needs no look-up.
        let index = if key.is_empty() && !self.groups.is_empty() { 0 } else { self.find(rt, node, key)? };
        let grown = self.groups[index].add(rt, &node.aggregates, row)?;
        self.bytes += grown;
        if grown > 0 { rt.charge(grown) } else { Ok(()) }
    }

    fn find(&mut self, rt: &mut Runtime<'_>, node: &AggregateNode, key: &[Datum]) -> Result<usize> {
        let (index, new) = self.keys.find_or_insert(key);
        if new {
            let bytes = HashTable::entry_bytes(key) + Group::bytes(&node.aggregates);
            self.bytes += bytes;
            rt.charge(bytes)?;
            let group = node.new_group(rt)?;
            self.groups.push(group);
        }
        Ok(index)
    }
}

impl Operator for HashedOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.tables.is_none() {
            let tables = self.aggregate(rt)?;
            if self.node.strategy == AggregateStrategy::Hashed {
                let (entries, bytes) = (tables.iter().map(|table| table.groups.len()).sum(), tables.iter().map(|table| table.bytes).sum());
                rt.shared.tally.work = Some(Work::Hash { entries, bytes });
            }
            self.tables = Some(tables);
        }
        let Some(tables) = &mut self.tables else { return Ok(false) };
        out.reset(self.node.width());
        while out.len() < max
            && let Some(table) = tables.get_mut(self.set)
        {
            match table.groups.get_mut(self.at) {
                Some(group) => {
                    self.node.emit(rt, &self.node.sets[self.set], table.keys.row(self.at), group, out)?;
                    self.at += 1;
                }
                None => {
                    self.set += 1;
                    self.at = 0;
                }
            }
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        for table in self.tables.take().into_iter().flatten() {
            rt.shared.memory.release(table.bytes);
        }
        self.set = 0;
        self.at = 0;
        self.input.rewind(rt)
    }
}

/// Groups of neighbours.
struct SortedOperator {
    input: Box<dyn Operator>,
    node: Arc<AggregateNode>,
    rows: Rows,
    current: Option<(Vec<Datum>, Group, usize)>,
    ended: bool,
}

impl SortedOperator {
    fn same(&self, left: &[Datum], right: &[Datum]) -> bool {
        self.node.orders.iter().zip(left.iter().zip(right)).all(|(order, (left, right))| order.same(left, right))
    }

    fn finish(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<()> {
        let Some((key, mut group, bytes)) = self.current.take() else { return Ok(()) };
        rt.shared.memory.release(bytes);
        self.node.emit(rt, &self.node.sets[0], &key, &mut group, out)
    }

    fn add_row(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<()> {
        let node = Arc::clone(&self.node);
        let key = node.groups.iter().map(|group| group.eval(rt, self.rows.row())).collect::<Result<Vec<_>>>()?;
        if self.current.as_ref().is_some_and(|(current, ..)| !self.same(current, &key)) {
            self.finish(rt, out)?;
        }
        if self.current.is_none() {
            self.current = Some((key, node.new_group(rt)?, 0));
        }
        if let Some((_, group, bytes)) = &mut self.current {
            let grown = group.add(rt, &node.aggregates, self.rows.row())?;
            *bytes += grown;
            rt.charge(grown)?;
        }
        Ok(())
    }
}

impl Operator for SortedOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        out.reset(self.node.width());
        while out.len() < max && !self.ended {
            if self.rows.advance(rt, self.input.as_mut(), BATCH_ROWS)? {
                self.add_row(rt, out)?;
            } else {
                self.ended = true;
                self.finish(rt, out)?;
            }
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        if let Some((_, _, bytes)) = self.current.take() {
            rt.shared.memory.release(bytes);
        }
        self.rows.reset();
        self.ended = false;
        self.input.rewind(rt)
    }
}
