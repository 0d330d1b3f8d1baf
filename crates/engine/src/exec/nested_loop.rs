//! Joins by running the right side for each left row.
//!
//! When the right side depends on nothing of the left row, its rows are kept after the first round.

use std::sync::Arc;

use borealis_pgtypes::{Result, SqlError};
use borealis_sql::plan::PlanJoinKind;

use super::batch::{BATCH_ROWS, Batch};
use super::operator::{Node, NodeRef, Operator, Rows};
use crate::eval::{Code, Runtime};

/// The description.
pub(super) struct NestedLoopNode {
    pub(super) kind: PlanJoinKind,
    pub(super) left: NodeRef,
    pub(super) right: NodeRef,
    pub(super) params: Vec<(usize, Code)>,
    pub(super) condition: Option<Code>,
    pub(super) left_width: usize,
    pub(super) right_width: usize,
    /// The right side gives the same rows for every left row.
    pub(super) right_independent: bool,
    /// The right side gives the same rows whenever it runs.
    pub(super) right_constant: bool,
}

impl Node for NestedLoopNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(NestedLoopOperator {
            left: self.left.clone().open(),
            right: self.right.clone().open(),
            left_rows: Rows::new(),
            on_row: false,
            matched: false,
            inner: Inner::default(),
            unmatched_at: None,
            node: self,
        })
    }
}

struct NestedLoopOperator {
    left: Box<dyn Operator>,
    right: Box<dyn Operator>,
    node: Arc<NestedLoopNode>,
    left_rows: Rows,
    /// A left row is being joined.
    on_row: bool,
    matched: bool,
    inner: Inner,
    /// For Right and Full joins, after the last left row: the kept right row looked at next.
    unmatched_at: Option<usize>,
}

/// The right side's rows for the current left row.
#[derive(Default)]
struct Inner {
    batch: Batch,
    at: usize,
    started: bool,
    /// All right rows, when they can be kept, and how far the first round has come.
    kept: Option<Batch>,
    complete: bool,
    /// Which kept rows have found a partner; for Right and Full joins.
    partnered: Vec<bool>,
    bytes: usize,
}

impl NestedLoopNode {
    const fn keeps_right(&self) -> bool {
        matches!(self.kind, PlanJoinKind::Right | PlanJoinKind::Full)
    }

    fn set_params(&self, rt: &mut Runtime<'_>, row: &[borealis_pgtypes::Datum]) -> Result<()> {
        for (param, code) in &self.params {
            let value = code.eval(rt, row)?;
            rt.shared.exec_params[*param] = value;
        }
        Ok(())
    }
}

impl NestedLoopOperator {
    /// Reads the whole right side once.
    fn keep_right(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        let mut kept = Batch::new(self.node.right_width);
        let mut rows = Batch::default();
        while self.right.next(rt, &mut rows, BATCH_ROWS)? {
            let bytes = rows.bytes();
            self.inner.bytes += bytes;
            rt.charge(bytes)?;
            kept.append(&mut rows);
        }
        self.inner.partnered = vec![false; kept.len()];
        self.inner.kept = Some(kept);
        self.inner.complete = true;
        Ok(())
    }

    /// Starts the right side for the left row just reached.
    fn begin_inner(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.matched = false;
        self.inner.at = 0;
        self.node.set_params(rt, self.left_rows.row())?;
        if self.node.right_independent || self.node.keeps_right() {
            if !self.inner.complete {
                self.keep_right(rt)?;
            }
            return Ok(());
        }
        if std::mem::replace(&mut self.inner.started, true) {
            self.right.rewind(rt)?;
        }
        self.inner.batch.reset(0);
        Ok(())
    }

    /// The number of the next right row in its batch; `None` when the left row is done.
    fn next_inner(&mut self, rt: &mut Runtime<'_>) -> Result<Option<usize>> {
        let rows = match &self.inner.kept {
            Some(kept) => kept.len(),
            None => {
                if self.inner.at == self.inner.batch.len() {
                    // A Semi or Anti join looks at one match only.
                    let max = if matches!(self.node.kind, PlanJoinKind::Semi | PlanJoinKind::Anti) { 16 } else { BATCH_ROWS };
                    self.inner.at = 0;
                    if !self.right.next(rt, &mut self.inner.batch, max)? {
                        return Ok(None);
                    }
                }
                self.inner.batch.len()
            }
        };
        if self.inner.at >= rows {
            return Ok(None);
        }
        self.inner.at += 1;
        Ok(Some(self.inner.at - 1))
    }

    /// Appends the pair of the current left row and a right row if they match.
    fn try_pair(&mut self, rt: &mut Runtime<'_>, index: usize, out: &mut Batch) -> Result<bool> {
        let right = self.inner.kept.as_ref().unwrap_or(&self.inner.batch).row(index);
        let left = self.left_rows.row();
        let pair_only = matches!(self.node.kind, PlanJoinKind::Semi | PlanJoinKind::Anti);
        let before = out.open_row().len();
        debug_assert_eq!(before, 0, "rows are completed one by one");
        if let Some(condition) = &self.node.condition {
            out.push_values(left);
            out.push_values(right);
            let holds = condition.holds(rt, out.open_row())?;
            rt.shared.tally.filtered += u64::from(!holds);
            if !holds || pair_only {
                out.abandon_row();
            } else {
                out.end_row();
            }
            return Ok(holds);
        }
        if !pair_only {
            out.push_pair(left, right);
        }
        Ok(true)
    }

    /// Completes the current left row.
    fn finish_left(&mut self, out: &mut Batch) {
        self.on_row = false;
        let left = self.left_rows.row();
        match self.node.kind {
            PlanJoinKind::Left | PlanJoinKind::Full if !self.matched => {
                out.push_values(left);
                out.push_nulls(self.node.right_width);
                out.end_row();
            }
            PlanJoinKind::Semi if self.matched => out.push(left),
            PlanJoinKind::Anti if !self.matched => out.push(left),
            _ => {}
        }
    }

    /// One step with the current left row: a right row, or its end.
    fn step(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<()> {
        let Some(index) = self.next_inner(rt)? else {
            self.finish_left(out);
            return Ok(());
        };
        if self.try_pair(rt, index, out)? {
            self.matched = true;
            if let Some(partnered) = self.inner.partnered.get_mut(index) {
                *partnered = true;
            }
            if matches!(self.node.kind, PlanJoinKind::Semi | PlanJoinKind::Anti) {
                self.finish_left(out);
            }
        }
        Ok(())
    }

    /// Right rows that found no partner.
    fn unmatched(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if !self.inner.complete {
            // There was no left row at all.
            self.keep_right(rt)?;
        }
        let mut at = self.unmatched_at.unwrap_or(0);
        let Some(kept) = &self.inner.kept else { return Err(SqlError::internal("a join without its right side")) };
        while out.len() < max && at < kept.len() {
            if !self.inner.partnered[at] {
                out.push_nulls(self.node.left_width);
                out.push_values(kept.row(at));
                out.end_row();
            }
            at += 1;
        }
        self.unmatched_at = Some(at);
        Ok(!out.is_empty())
    }
}

impl Operator for NestedLoopOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        let semi = matches!(self.node.kind, PlanJoinKind::Semi | PlanJoinKind::Anti);
        // The condition is tested on the pair, laid out in the output: rows of a Semi join are made of it only afterwards.
        out.reset(if semi { self.node.left_width } else { self.node.left_width + self.node.right_width });
        let mut steps = 0u32;
        while self.unmatched_at.is_none() && out.len() < max {
            if self.on_row {
                self.step(rt, out)?;
                steps += 1;
                if steps.is_multiple_of(4096) {
                    rt.env.eval.host.check_interrupt()?;
                }
            } else if self.left_rows.advance(rt, self.left.as_mut(), max)? {
                self.on_row = true;
                self.begin_inner(rt)?;
            } else if self.node.keeps_right() {
                self.unmatched_at = Some(0);
            } else {
                return Ok(!out.is_empty());
            }
        }
        if out.len() < max && self.unmatched_at.is_some() {
            return self.unmatched(rt, out, max);
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.left_rows.reset();
        self.on_row = false;
        self.unmatched_at = None;
        if self.node.right_constant {
            self.inner.partnered.fill(false);
        } else {
            rt.shared.memory.release(self.inner.bytes);
            self.inner = Inner::default();
            self.right.rewind(rt)?;
        }
        self.left.rewind(rt)
    }
}
