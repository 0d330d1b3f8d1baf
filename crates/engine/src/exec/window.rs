//! Window functions over one window: the input comes sorted by partition and order, a partition at a time is held.

mod frame;
mod function;

use std::ops::Range;
use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::expr::{Expr, Window, WindowCall};

pub(super) use frame::FrameCode;
pub(super) use function::WindowFunction;

use super::batch::{BATCH_ROWS, Batch};
use super::memory::row_bytes;
use super::operator::{Node, NodeRef, Operator, Rows};
use super::sort::SortKeys;
use crate::eval::order::{Order, orders};
use crate::eval::{Code, Compiler, Runtime};

/// The description.
pub(super) struct WindowNode {
    input: NodeRef,
    width: usize,
    partition: Vec<Code>,
    partition_orders: Vec<Order>,
    order: SortKeys,
    frame: FrameCode,
    calls: Vec<WindowFunction>,
}

impl WindowNode {
    pub(super) fn compile(compiler: &Compiler<'_>, input: NodeRef, width: usize, window: &Window, calls: &[WindowCall]) -> Result<Self> {
        let types = |exprs: &[Expr]| orders(exprs.iter().map(|expr| expr.ty.oid));
        Ok(Self {
            input,
            width,
            partition: compiler.all(&window.partition_by)?,
            partition_orders: types(&window.partition_by),
            order: SortKeys::compile(compiler, &window.order_by)?,
            frame: FrameCode::compile(compiler, window)?,
            calls: calls.iter().map(|call| WindowFunction::compile(compiler, call)).collect::<Result<_>>()?,
        })
    }
}

/// The rows of one partition, and which of them are peers.
pub(super) struct Partition {
    rows: Batch,
    /// Values of the order keys, row by row.
    keys: Batch,
    /// For each row the number of its peer group, and where each group begins; one more entry for the end.
    group: Vec<usize>,
    group_start: Vec<usize>,
}

impl Partition {
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn row(&self, index: usize) -> &[Datum] {
        self.rows.row(index)
    }

    pub(super) fn key(&self, index: usize) -> &[Datum] {
        self.keys.row(index)
    }

    pub(super) fn group_of(&self, index: usize) -> usize {
        self.group[index]
    }

    pub(super) fn groups(&self) -> usize {
        self.group_start.len() - 1
    }

    /// The rows of a peer group.
    pub(super) fn group_rows(&self, group: usize) -> Range<usize> {
        self.group_start[group]..self.group_start[group + 1]
    }

    /// The rows equal to this one in the window's order.
    pub(super) fn peers(&self, index: usize) -> Range<usize> {
        self.group_rows(self.group[index])
    }
}

impl Node for WindowNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(WindowOperator {
            input: self.input.clone().open(),
            node: self,
            rows: Rows::new(),
            on_row: false,
            started: false,
            results: Batch::default(),
            partition: None,
            at: 0,
            bytes: 0,
        })
    }
}

struct WindowOperator {
    input: Box<dyn Operator>,
    node: Arc<WindowNode>,
    rows: Rows,
    /// `rows` stands on the first row of the next partition.
    on_row: bool,
    started: bool,
    partition: Option<Partition>,
    /// Results of the calls, row by row.
    results: Batch,
    at: usize,
    bytes: usize,
}

impl WindowOperator {
    /// Reads the next partition; false when there is none.
    fn read_partition(&mut self, rt: &mut Runtime<'_>) -> Result<bool> {
        rt.shared.memory.release(std::mem::take(&mut self.bytes));
        if !std::mem::replace(&mut self.started, true) {
            self.on_row = self.rows.advance(rt, self.input.as_mut(), BATCH_ROWS)?;
        }
        if !self.on_row {
            return Ok(false);
        }
        let node = Arc::clone(&self.node);
        let first = partition_values(rt, &node, self.rows.row())?;
        let mut partition =
            Partition { rows: Batch::new(node.width), keys: Batch::new(node.order.len()), group: Vec::new(), group_start: Vec::new() };
        loop {
            self.add_row(rt, &node, &mut partition)?;
            self.on_row = self.rows.advance(rt, self.input.as_mut(), BATCH_ROWS)?;
            if !self.on_row {
                break;
            }
            let values = partition_values(rt, &node, self.rows.row())?;
            let same = node.partition_orders.iter().zip(first.iter().zip(&values)).all(|(order, (left, right))| order.same(left, right));
            if !same {
                break;
            }
        }
        partition.group_start.push(partition.len());
        self.compute(rt, &node, &partition)?;
        self.partition = Some(partition);
        self.at = 0;
        Ok(true)
    }

    fn add_row(&mut self, rt: &mut Runtime<'_>, node: &WindowNode, partition: &mut Partition) -> Result<()> {
        let row = self.rows.row();
        partition.rows.push(row);
        node.order.eval_into(rt, row, &mut partition.keys)?;
        let index = partition.len() - 1;
        let new_group = index == 0 || node.order.compare(partition.keys.row(index - 1), partition.keys.row(index)).is_ne();
        if new_group {
            partition.group_start.push(index);
        }
        partition.group.push(partition.group_start.len() - 1);
        let bytes =
            row_bytes(row) + row_bytes(partition.keys.row(index)) + (node.calls.len() * size_of::<Datum>()) + 2 * size_of::<usize>();
        self.bytes += bytes;
        rt.charge(bytes)
    }

    fn compute(&mut self, rt: &mut Runtime<'_>, node: &WindowNode, partition: &Partition) -> Result<()> {
        let frame = node.frame.begin(rt, partition)?;
        let mut columns = Vec::with_capacity(node.calls.len());
        for call in &node.calls {
            columns.push(call.run(rt, partition, &frame)?);
        }
        self.results.reset(node.calls.len());
        for index in 0..partition.len() {
            for column in &mut columns {
                self.results.push_value(std::mem::take(&mut column[index]));
            }
            self.results.end_row();
        }
        Ok(())
    }
}

fn partition_values(rt: &mut Runtime<'_>, node: &WindowNode, row: &[Datum]) -> Result<Vec<Datum>> {
    node.partition.iter().map(|code| code.eval(rt, row)).collect()
}

impl Operator for WindowOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        let ended = self.partition.as_ref().is_none_or(|partition| self.at == partition.len());
        if ended && !self.read_partition(rt)? {
            return Ok(false);
        }
        let Some(partition) = &self.partition else { return Ok(false) };
        out.reset(self.node.width + self.node.calls.len());
        let end = partition.len().min(self.at + max);
        for index in self.at..end {
            out.push_pair(partition.row(index), self.results.row(index));
        }
        self.at = end;
        Ok(true)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        rt.shared.memory.release(std::mem::take(&mut self.bytes));
        self.rows.reset();
        self.on_row = false;
        self.started = false;
        self.partition = None;
        self.input.rewind(rt)
    }
}
