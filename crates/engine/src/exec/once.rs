//! Expressions that stand in no plan, evaluated once: arguments of CALL.

use borealis_pgtypes::{Datum, Result};
use borealis_sql::expr::Expr;

use super::{Program, QueryEnv, Shared, Txn};
use crate::eval::{Compiler, Runtime};

/// The value of an expression without slots and subqueries.
///
/// # Errors
/// Whatever evaluating it answers.
pub fn evaluate(txn: &mut Txn, env: &QueryEnv<'_>, expr: &Expr) -> Result<Datum> {
    let code = Compiler::default().compile(expr)?;
    let mut shared = Shared::new(Program::none());
    let mut runtime = Runtime { env, txn: Some(txn), shared: &mut shared };
    code.eval(&mut runtime, &[])
}
