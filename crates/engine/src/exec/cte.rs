//! Common table expressions: materialised ones, data-modifying ones, and recursion.

use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_pgtypes::{Result, SqlError};

use super::batch::{BATCH_ROWS, Batch};
use super::hash_table::HashTable;
use super::operator::{Node, NodeRef, Operator};
use super::scan::retain;
use crate::eval::order::Order;
use crate::eval::{Code, Runtime};

/// A CTE of the program.
pub(crate) struct CteProgram {
    pub(super) id: usize,
    pub(super) node: NodeRef,
    pub(super) width: usize,
    pub(super) modifies: bool,
    /// It depends on nothing outside: its rows are computed once.
    pub(super) constant: bool,
    /// One scan reads it, so that its rows may be made as they are asked for: recursion without an end stops with its LIMIT.
    pub(super) read_once: bool,
}

/// Rows of CTEs, and the work tables of recursive ones.
#[derive(Default)]
pub(crate) struct Ctes {
    rows: BTreeMap<usize, Arc<Batch>>,
    work: BTreeMap<usize, Arc<Batch>>,
}

/// Runs the data-modifying CTEs, in order, to their ends, whether anybody reads them or not.
pub(super) fn run_modifying(rt: &mut Runtime<'_>) -> Result<()> {
    let program = Arc::clone(&rt.shared.program);
    for cte in program.ctes.iter().filter(|cte| cte.modifies) {
        rows_of(rt, cte)?;
    }
    Ok(())
}

fn rows_of(rt: &mut Runtime<'_>, cte: &CteProgram) -> Result<Arc<Batch>> {
    if let Some(rows) = rt.shared.ctes.rows.get(&cte.id) {
        return Ok(Arc::clone(rows));
    }
    let rows = Arc::new(collect(rt, cte.node.clone().open().as_mut(), cte.width)?);
    if cte.constant || cte.modifies {
        rt.shared.ctes.rows.insert(cte.id, Arc::clone(&rows));
    } else {
        rt.shared.memory.release(rows.bytes());
    }
    Ok(rows)
}

fn collect(rt: &mut Runtime<'_>, operator: &mut dyn Operator, width: usize) -> Result<Batch> {
    let mut all = Batch::new(width);
    let mut rows = Batch::default();
    while operator.next(rt, &mut rows, BATCH_ROWS)? {
        rt.charge(rows.bytes())?;
        all.append(&mut rows);
    }
    Ok(all)
}

/// Reads a CTE's rows, or a work table's.
pub(super) struct CteScanNode {
    pub(super) id: usize,
    pub(super) work_table: bool,
    pub(super) filter: Option<Code>,
    pub(super) width: usize,
}

struct CteScanOperator {
    node: Arc<CteScanNode>,
    rows: Option<Arc<Batch>>,
    at: usize,
    /// The CTE's own operator, while its rows are made as they are asked for.
    source: Option<Source>,
}

/// A CTE being read while it runs. Its rows are kept: a second pass must see the same.
struct Source {
    operator: Box<dyn Operator>,
    kept: Batch,
}

impl Node for CteScanNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(CteScanOperator { node: self, rows: None, at: 0, source: None })
    }
}

impl CteScanNode {
    fn rows(&self, rt: &mut Runtime<'_>) -> Result<Arc<Batch>> {
        if self.work_table {
            let rows = rt.shared.ctes.work.get(&self.id).cloned();
            return rows.ok_or_else(|| SqlError::internal("a work table outside of its recursion"));
        }
        let program = Arc::clone(&rt.shared.program);
        let cte = program.ctes.iter().find(|cte| cte.id == self.id).ok_or_else(|| SqlError::internal("a CTE that is not in the plan"))?;
        rows_of(rt, cte)
    }
}

impl CteScanOperator {
    /// Opens the CTE for this scan alone, when it is the only one and no rows are there yet.
    fn open_source(&mut self, rt: &Runtime<'_>) {
        if self.source.is_some() || self.rows.is_some() || self.node.work_table || rt.shared.ctes.rows.contains_key(&self.node.id) {
            return;
        }
        let program = &rt.shared.program;
        if let Some(cte) = program.ctes.iter().find(|cte| cte.id == self.node.id && cte.read_once && !cte.modifies) {
            self.source = Some(Source { operator: cte.node.clone().open(), kept: Batch::new(cte.width) });
        }
    }

    fn next_of_source(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        let Some(source) = &mut self.source else { return Ok(false) };
        while source.operator.next(rt, out, max)? {
            rt.charge(out.bytes())?;
            for row in out.rows() {
                source.kept.push(row);
            }
            if let Some(filter) = &self.node.filter {
                retain(rt, out, filter)?;
            }
            if !out.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What was read so far and the rest, for another pass over the same rows.
    fn drain_source(&mut self, rt: &mut Runtime<'_>, mut source: Source) -> Result<()> {
        let mut rows = Batch::default();
        while source.operator.next(rt, &mut rows, BATCH_ROWS)? {
            rt.charge(rows.bytes())?;
            source.kept.append(&mut rows);
        }
        let rows = Arc::new(source.kept);
        rt.shared.ctes.rows.insert(self.node.id, Arc::clone(&rows));
        self.rows = Some(rows);
        Ok(())
    }
}

impl Operator for CteScanOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        self.open_source(rt);
        if self.source.is_some() {
            return self.next_of_source(rt, out, max);
        }
        let rows = match &self.rows {
            Some(rows) => Arc::clone(rows),
            None => {
                let rows = self.node.rows(rt)?;
                self.rows = Some(Arc::clone(&rows));
                rows
            }
        };
        while self.at < rows.len() {
            out.reset(self.node.width);
            let end = rows.len().min(self.at + max);
            for index in self.at..end {
                out.push(rows.row(index));
            }
            self.at = end;
            if let Some(filter) = &self.node.filter {
                retain(rt, out, filter)?;
            }
            if !out.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.rows = None;
        self.at = 0;
        let Some(mut source) = self.source.take() else { return Ok(()) };
        if rt.shared.program.ctes.iter().any(|cte| cte.id == self.node.id && cte.constant) {
            return self.drain_source(rt, source);
        }
        rt.shared.memory.release(source.kept.bytes());
        source.kept.reset(source.kept.width());
        source.operator.rewind(rt)?;
        self.source = Some(source);
        Ok(())
    }
}

/// WITH RECURSIVE: the base rows, then what the recursive term makes of the rows of each round, until a round gives none.
pub(super) struct RecursiveUnionNode {
    pub(super) id: usize,
    pub(super) base: NodeRef,
    pub(super) recursive: NodeRef,
    pub(super) all: bool,
    pub(super) orders: Vec<Order>,
}

struct RecursiveUnionOperator {
    base: Box<dyn Operator>,
    recursive: Box<dyn Operator>,
    node: Arc<RecursiveUnionNode>,
    seen: HashTable,
    bytes: usize,
    in_base: bool,
    /// Rows of the round being made: the next round's work table.
    fresh: Batch,
    /// The operator has run before and must be rewound.
    used: bool,
}

impl Node for RecursiveUnionNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(RecursiveUnionOperator {
            base: self.base.clone().open(),
            recursive: self.recursive.clone().open(),
            seen: HashTable::new(self.orders.clone()),
            bytes: 0,
            in_base: true,
            fresh: Batch::new(self.orders.len()),
            used: false,
            node: self,
        })
    }
}

impl RecursiveUnionOperator {
    /// Drops rows seen before (UNION) and remembers the others for the next round.
    fn keep_new(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<()> {
        let mut kept = 0;
        for index in 0..out.len() {
            let row = out.row(index);
            if !self.node.all {
                if !self.seen.find_or_insert(row).1 {
                    continue;
                }
                let bytes = HashTable::entry_bytes(row);
                self.bytes += bytes;
                rt.charge(bytes)?;
            }
            let bytes = super::memory::row_bytes(row);
            rt.charge(bytes)?;
            self.fresh.push(row);
            out.move_row(index, kept);
            kept += 1;
        }
        out.truncate(kept);
        Ok(())
    }

    /// Makes the rows of the last round the work table; false when there are none.
    fn next_round(&mut self, rt: &mut Runtime<'_>) -> Result<bool> {
        let fresh = std::mem::replace(&mut self.fresh, Batch::new(self.node.orders.len()));
        if let Some(old) = rt.shared.ctes.work.remove(&self.node.id) {
            rt.shared.memory.release(old.bytes());
        }
        if fresh.is_empty() {
            return Ok(false);
        }
        rt.shared.ctes.work.insert(self.node.id, Arc::new(fresh));
        if std::mem::replace(&mut self.used, true) {
            self.recursive.rewind(rt)?;
        }
        rt.env.eval.host.check_interrupt()?;
        Ok(true)
    }
}

impl Operator for RecursiveUnionOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        loop {
            let some = if self.in_base { self.base.next(rt, out, max)? } else { self.recursive.next(rt, out, max)? };
            if some {
                self.keep_new(rt, out)?;
                if !out.is_empty() {
                    return Ok(true);
                }
            } else {
                self.in_base = false;
                if !self.next_round(rt)? {
                    return Ok(false);
                }
            }
        }
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.seen.clear();
        rt.shared.memory.release(std::mem::take(&mut self.bytes) + self.fresh.bytes());
        self.fresh.reset(self.node.orders.len());
        self.in_base = true;
        self.base.rewind(rt)
    }
}
