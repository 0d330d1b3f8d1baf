//! The look-up of one row by its whole primary key: the statement that everything else is measured by. No operators, one key buffer, one output row.

use borealis_pgtypes::{Datum, Result};

use super::access::BoundsCode;
use super::batch::Batch;
use crate::eval::{Code, Runtime};
use crate::row::Reader;

/// The description.
pub(crate) struct Point {
    pub(super) bounds: BoundsCode,
    pub(super) reader: Reader,
    pub(super) filter: Option<Code>,
    /// `None`: the columns read are the output.
    pub(super) project: Option<Box<[Code]>>,
    pub(super) width: usize,
}

/// One execution's progress.
#[derive(Default)]
pub(super) struct PointRun {
    done: bool,
}

impl PointRun {
    pub(super) fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<bool> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(false);
        }
        let program = std::sync::Arc::clone(&rt.shared.program);
        let Some(point) = &program.point else { return Ok(false) };
        point.run(rt, out)
    }
}

impl Point {
    fn run(&self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<bool> {
        let mut key = Vec::with_capacity(64);
        if !self.bounds.point_key(rt, &mut key)? {
            return Ok(false);
        }
        out.reset(self.width);
        match &self.project {
            None => self.run_plain(rt, &key, out),
            Some(exprs) => self.run_projected(rt, &key, exprs, out),
        }
    }

    fn run_plain(&self, rt: &mut Runtime<'_>, key: &[u8], out: &mut Batch) -> Result<bool> {
        if !self.read(rt, key, out.open_values())? {
            return Ok(false);
        }
        if !self.passes(rt, out.open_row())? {
            out.abandon_row();
            return Ok(false);
        }
        out.end_row();
        Ok(true)
    }

    fn run_projected(&self, rt: &mut Runtime<'_>, key: &[u8], exprs: &[Code], out: &mut Batch) -> Result<bool> {
        let mut row = Vec::new();
        if !self.read(rt, key, &mut row)? || !self.passes(rt, &row)? {
            return Ok(false);
        }
        for expr in exprs {
            let value = expr.eval(rt, &row)?;
            out.push_value(value);
        }
        out.end_row();
        Ok(true)
    }

    fn read(&self, rt: &mut Runtime<'_>, key: &[u8], row: &mut Vec<Datum>) -> Result<bool> {
        let Some(stored) = rt.txn()?.get(key)? else { return Ok(false) };
        self.reader.read(&stored, row)?;
        Ok(true)
    }

    fn passes(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<bool> {
        self.filter.as_ref().map_or(Ok(true), |filter| filter.holds(rt, row))
    }
}
