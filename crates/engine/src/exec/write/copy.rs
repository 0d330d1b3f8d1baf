//! COPY FROM: rows that come from outside of the plan, written as INSERT writes them.

use borealis_pgtypes::Result;
use borealis_sql::bound::WriteTarget;
use borealis_sql::expr::Expr;

use super::check_writable;
use super::target::Target;
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::batch::Batch;
use crate::exec::{Program, QueryEnv, Shared, Txn};

/// A table that rows are copied into.
pub struct CopyIn {
    target: Target,
    values: Vec<Code>,
    filter: Option<Code>,
}

impl CopyIn {
    /// A copy into a table; `values` gives each entry of `table.columns` over the slots of the rows that will come: a slot, a default, or NULL, as
    /// [`borealis_sql::bound::Insert::values`] has them. `filter` looks at the whole new row.
    ///
    /// # Errors
    /// `XX000` for an expression that is not planned.
    pub fn compile(target: &WriteTarget, values: &[Expr], filter: Option<&Expr>) -> Result<Self> {
        let compiler = Compiler::default();
        Ok(Self { target: Target::compile(&compiler, target)?, values: compiler.all(values)?, filter: compiler.optional(filter)? })
    }

    /// Writes the rows that pass the filter; how many those are.
    ///
    /// # Errors
    /// Those of INSERT. Rows before the one refused stay written in the transaction: the caller ends it.
    pub fn insert(&self, txn: &mut Txn, env: &QueryEnv<'_>, rows: &Batch) -> Result<u64> {
        let mut shared = Shared::new(Program::none());
        let mut rt = Runtime { env, txn: Some(txn), shared: &mut shared };
        check_writable(&mut rt, "COPY FROM")?;
        env.eval.host.check_interrupt()?;
        let mut written = 0;
        for row in rows.rows() {
            let mut new = self.values.iter().map(|value| value.eval(&mut rt, row)).collect::<Result<Vec<_>>>()?;
            if let Some(filter) = &self.filter
                && !filter.holds(&mut rt, &new)?
            {
                continue;
            }
            let prepared = self.target.prepare(&mut rt, &mut new)?;
            self.target.insert(&mut rt, &mut new, prepared)?;
            written += 1;
        }
        Ok(written)
    }
}
