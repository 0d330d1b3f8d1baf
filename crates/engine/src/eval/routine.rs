//! Calls of functions in SQL.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::expr::RoutineSpec;

use super::{Code, Runtime, eval_args};
use crate::exec::Batch;
use crate::exec::routine::{self, RoutineProgram};

/// A call of a function in SQL.
#[derive(Debug)]
pub struct RoutineCode {
    pub(crate) spec: Arc<RoutineSpec>,
    pub(crate) args: Box<[Code]>,
}

impl RoutineCode {
    /// The one value it gives: that of the first row, NULL without rows.
    pub(super) fn eval(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Datum> {
        let Some((rows, program)) = self.run(rt, row, 1)? else { return Ok(Datum::Null) };
        let first = rows.rows().next();
        Ok(first.map(|row| routine::value(&self.spec, &program, row)).unwrap_or_default())
    }

    /// All rows it gives; `None` for a strict function and a NULL.
    pub(crate) fn rows(&self, rt: &mut Runtime<'_>, row: &[Datum]) -> Result<Option<(Batch, Arc<RoutineProgram>)>> {
        self.run(rt, row, usize::MAX)
    }

    fn run(&self, rt: &mut Runtime<'_>, row: &[Datum], wanted: usize) -> Result<Option<(Batch, Arc<RoutineProgram>)>> {
        let args = eval_args(rt, &self.args, row)?;
        if self.spec.routine.strict && args.iter().any(Datum::is_null) {
            return Ok(None);
        }
        let env = rt.env;
        routine::run(&self.spec, &args, wanted, rt.txn()?, env).map(Some)
    }
}
