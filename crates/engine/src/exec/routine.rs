//! Running the bodies of functions in SQL. After `fmgr_sql`.
//!
//! A body's statements are programs like any other, run one after the other in the caller's transaction with the arguments as their parameters; the last
//! one gives the result. Bodies are prepared when they are first called ([`Routines`]), which is what lets a function call itself.
//!
//! A statement that calls a function that writes is run to its end with its own writes hidden, as a statement that writes by itself is: it must not see
//! rows that its calls made. Inside, each statement of a volatile function sees everything done before it.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid, RecordValue, Result, SqlError, SqlState};
use borealis_sql::expr::RoutineSpec;
use borealis_sql::permission::Permissions;

use super::batch::{BATCH_ROWS, Batch};
use super::memory::MemoryMeter;
use super::{Execution, Program, QueryEnv, Txn};
use crate::session::role::Permitted;

/// How deep functions may call each other. A level takes a few hundred kilobytes of stack without optimisation, a tenth of that with it.
const DEPTH_MAX: usize = if cfg!(debug_assertions) { 12 } else { 120 };

/// Gives the bodies of functions.
pub trait Routines {
    /// The body of a function for the types of one call.
    ///
    /// # Errors
    /// Whatever is wrong with its statements.
    fn body(&self, spec: &Arc<RoutineSpec>, env: &QueryEnv<'_>) -> Result<Arc<RoutineProgram>>;
    /// Refuses a statement that the current role may not run.
    ///
    /// # Errors
    /// `42501`
    fn permit(&self, statement: &RoutineStatement, env: &QueryEnv<'_>) -> Result<()>;
    /// Makes another role the current one; answers what [`Routines::act_as_before`] is to be given.
    fn act_as(&self, role: Oid) -> Option<Oid>;
    /// Makes the role the current one that was it before.
    fn act_as_before(&self, before: Option<Oid>);
}

/// The statements of a function, ready to run.
#[derive(Debug)]
pub struct RoutineProgram {
    /// In order.
    pub statements: Vec<RoutineStatement>,
    /// Tables and functions it depends on.
    pub depends: Vec<Oid>,
    /// Names and types of the columns of the result.
    pub columns: Arc<[(Arc<str>, Oid)]>,
}

/// A statement of a function.
#[derive(Debug)]
pub struct RoutineStatement {
    /// What it does.
    pub program: Arc<Program>,
    /// It writes, or calls a function that does.
    pub writes: bool,
    /// What the current role must be allowed.
    pub permissions: Permissions,
    pub(crate) permitted: Permitted,
}

impl RoutineProgram {
    /// Whether calling the function may write.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.statements.iter().any(|statement| statement.writes)
    }
}

/// Runs a function: all rows of the result, or no more than `wanted`.
pub(crate) fn run(
    spec: &Arc<RoutineSpec>,
    args: &[Datum],
    wanted: usize,
    txn: &mut Txn,
    env: &QueryEnv<'_>,
) -> Result<(Batch, Arc<RoutineProgram>)> {
    if env.depth >= DEPTH_MAX {
        let hint = "Functions call each other, or themselves, too deeply.";
        return Err(SqlError::new(SqlState::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").hint(hint));
    }
    let definer = spec.routine.security_definer;
    let before = if definer { env.routines.act_as(spec.routine.owner) } else { None };
    let result = as_current_role(spec, args, wanted, txn, env);
    if definer {
        env.routines.act_as_before(before);
    }
    result
}

/// As [`run`], with the rights of the role that is the current one.
fn as_current_role(
    spec: &Arc<RoutineSpec>,
    args: &[Datum],
    wanted: usize,
    txn: &mut Txn,
    env: &QueryEnv<'_>,
) -> Result<(Batch, Arc<RoutineProgram>)> {
    let program = env.routines.body(spec, env)?;
    for object in &program.depends {
        txn.depend_on(*object);
    }
    let inner = QueryEnv { params: args, depth: env.depth + 1, ..*env };
    // A function that may change something sees what was changed so far; one that may not sees what its caller sees.
    let volatile = spec.routine.volatility() == borealis_pgtypes::Volatility::Volatile;
    if volatile {
        txn.suspend_hiding();
    }
    let rows = statements(spec, &program, wanted, txn, &inner);
    if volatile {
        txn.resume_hiding();
    }
    Ok((rows?, program))
}

fn statements(spec: &RoutineSpec, program: &RoutineProgram, wanted: usize, txn: &mut Txn, env: &QueryEnv<'_>) -> Result<Batch> {
    let mut result = Batch::default();
    let count = program.statements.len();
    for (index, statement) in program.statements.iter().enumerate() {
        let last = index + 1 == count && spec.result.oid != Oid::VOID;
        let rows = one(statement, if last { wanted } else { usize::MAX }, last, txn, env);
        let rows = rows.map_err(|error| in_function(error, &format!("SQL function \"{}\" statement {}", spec.routine.name, index + 1)))?;
        if last {
            result = rows;
        }
    }
    Ok(result)
}

/// Runs one statement; its rows are kept when they are the result.
fn one(statement: &RoutineStatement, wanted: usize, keep: bool, txn: &mut Txn, env: &QueryEnv<'_>) -> Result<Batch> {
    env.routines.permit(statement, env)?;
    let mut execution = Execution::start_with(&statement.program, statement.writes);
    let mut rows = Batch::default();
    let mut all: Option<Batch> = None;
    let mut memory = MemoryMeter::default();
    let mut kept = 0;
    while kept < wanted && execution.next_into(txn, env, BATCH_ROWS.min(wanted - kept), &mut rows)? {
        env.eval.host.check_interrupt()?;
        if !keep {
            continue;
        }
        kept += rows.len();
        memory.charge(rows.bytes(), env.limits.memory_bytes)?;
        all.get_or_insert_with(|| Batch::new(rows.width())).append(&mut rows);
    }
    Ok(all.unwrap_or_default())
}

/// Adds where an error happened, inside out.
pub(crate) fn in_function(mut error: SqlError, place: &str) -> SqlError {
    error.fields_mut().position = None;
    let context = match error.fields_mut().context.take() {
        Some(inner) => format!("{inner}\n{place}"),
        None => place.to_owned(),
    };
    error.context(context)
}

/// A row of the result as one value.
pub(crate) fn value(spec: &RoutineSpec, program: &RoutineProgram, row: &[Datum]) -> Datum {
    let is_row = spec.result.oid == Oid::RECORD;
    match row {
        [only] if !is_row || program.columns.len() != 1 || matches!(only, Datum::Record(_)) => only.clone(),
        _ if is_row => Datum::Record(Arc::new(RecordValue { fields: Arc::clone(&program.columns), values: row.to_vec() })),
        _ => Datum::Null,
    }
}
