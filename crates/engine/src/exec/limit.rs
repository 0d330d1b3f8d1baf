//! LIMIT, OFFSET, FETCH .. WITH TIES.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result, SqlError, SqlState};

use super::batch::{BATCH_ROWS, Batch};
use super::operator::{Node, NodeRef, Operator};
use super::sort::SortKeys;
use crate::eval::{Code, Runtime};

/// The description.
pub(super) struct LimitNode {
    pub(super) input: NodeRef,
    pub(super) limit: Option<Code>,
    pub(super) offset: Option<Code>,
    /// Keys whose ties with the last row also come.
    pub(super) ties: Option<SortKeys>,
}

/// A LIMIT: NULL is no limit.
///
/// # Errors
/// `2201W` when it is negative.
pub(super) fn row_count(rt: &mut Runtime<'_>, limit: &Code) -> Result<usize> {
    match bigint(rt, limit)? {
        None => Ok(usize::MAX),
        Some(count) => {
            usize::try_from(count).map_err(|_| SqlError::new(SqlState::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT must not be negative"))
        }
    }
}

fn offset_count(rt: &mut Runtime<'_>, offset: &Code) -> Result<usize> {
    usize::try_from(bigint(rt, offset)?.unwrap_or(0))
        .map_err(|_| SqlError::new(SqlState::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, "OFFSET must not be negative"))
}

fn bigint(rt: &mut Runtime<'_>, code: &Code) -> Result<Option<i64>> {
    match code.eval(rt, &[])? {
        Datum::Null => Ok(None),
        value => crate::eval::compare::integer(&value).map(Some).ok_or_else(|| SqlError::internal("a row count that is no integer")),
    }
}

struct LimitOperator {
    input: Box<dyn Operator>,
    node: Arc<LimitNode>,
    progress: Option<Progress>,
}

struct Progress {
    skip: usize,
    left: usize,
    /// Keys of the last row within the limit, when ties of it are wanted.
    last: Option<Vec<Datum>>,
    ended: bool,
}

impl Node for LimitNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(LimitOperator { input: self.input.clone().open(), node: self, progress: None })
    }
}

impl Operator for LimitOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.progress.is_none() {
            self.progress = Some(self.node.begin(rt)?);
        }
        let Some(progress) = &mut self.progress else { return Ok(false) };
        let input = self.input.as_mut();
        while progress.skip > 0 && progress.left > 0 {
            if !input.next(rt, out, progress.skip.min(BATCH_ROWS))? {
                return Ok(false);
            }
            progress.skip -= out.len();
        }
        match &self.node.ties {
            None => progress.next_plain(rt, input, out, max),
            Some(ties) => progress.next_with_ties(rt, input, out, max, ties),
        }
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.progress = None;
        self.input.rewind(rt)
    }
}

impl LimitNode {
    fn begin(&self, rt: &mut Runtime<'_>) -> Result<Progress> {
        // PostgreSQL looks at OFFSET first.
        let skip = self.offset.as_ref().map_or(Ok(0), |offset| offset_count(rt, offset))?;
        let left = self.limit.as_ref().map_or(Ok(usize::MAX), |limit| row_count(rt, limit))?;
        Ok(Progress { skip, left, last: None, ended: false })
    }
}

impl Progress {
    fn next_plain(&mut self, rt: &mut Runtime<'_>, input: &mut dyn Operator, out: &mut Batch, max: usize) -> Result<bool> {
        let wanted = max.min(self.left);
        if wanted == 0 || !input.next(rt, out, wanted)? {
            return Ok(false);
        }
        if self.left != usize::MAX {
            self.left -= out.len();
        }
        Ok(true)
    }

    fn next_with_ties(
        &mut self,
        rt: &mut Runtime<'_>,
        input: &mut dyn Operator,
        out: &mut Batch,
        max: usize,
        ties: &SortKeys,
    ) -> Result<bool> {
        if self.left > 0 {
            let some = self.next_plain(rt, input, out, max)?;
            if some && self.left == 0 {
                self.last = Some(ties.eval(rt, out.row(out.len() - 1))?);
            }
            return Ok(some);
        }
        let Some(last) = self.last.as_ref().filter(|_| !self.ended) else { return Ok(false) };
        if !input.next(rt, out, max)? {
            return Ok(false);
        }
        for index in 0..out.len() {
            let keys = ties.eval(rt, out.row(index))?;
            if ties.compare(&keys, last).is_ne() {
                self.ended = true;
                out.truncate(index);
                break;
            }
        }
        Ok(!out.is_empty())
    }
}
