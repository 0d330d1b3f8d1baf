//! Running plans.
//!
//! A [`Planned`] statement is compiled once into a [`Program`] and kept with it: expressions become
//! [`Code`](crate::eval::Code), access paths become key encoders, write targets become the list of what each write must check. An [`Execution`]
//! is one run of a program: a tree of [operators](operator::Operator) that hold nothing but their own progress. It borrows neither the
//! transaction nor the session between calls, so a portal may rest for as long as it likes and go on where it stopped: a scan remembers the last key.
//!
//! Rows move in [batches](batch::Batch). `docs/architecture/executor.md` has the map.

pub mod access;
mod aggregate;
pub mod backfill;
mod basic;
pub mod batch;
mod batched_loop;
mod bound_value;
mod cte;
mod distinct;
mod function_scan;
mod hash_join;
pub mod hash_table;
pub mod index_layout;
mod limit;
mod limits;
mod lock_rows;
pub mod measure;
pub mod memory;
mod merge_join;
mod nested_loop;
pub(crate) mod neutral;
mod once;
pub mod operator;
mod params;
mod point;
mod program;
mod project_set;
pub mod routine;
mod scan;
mod set_op;
mod sort;
mod system_scan;
#[cfg(test)]
pub(crate) mod tests;
mod txn;
mod validate;
mod window;
pub mod write;

use std::sync::Arc;

use borealis_base::Clock;
use borealis_catalog::Catalog;
use borealis_catalog::system::ServerState;
use borealis_pgtypes::{Datum, EvalContext, Result};
use borealis_sql::plan::Planned;

pub use backfill::{BackfillError, BackfillProgress, backfill_batch, drop_storage_batch};
pub use batch::{BATCH_ROWS, Batch};
pub use limits::ExecLimits;
pub use once::evaluate;
pub use program::Program;
pub use txn::Txn;
pub use validate::{Validation, validate_batch};
pub use write::CopyIn;
pub use write::foreign_key::ConstraintMode;

use crate::eval::Runtime;
use crate::eval::subplan::SubPlanState;
use cte::Ctes;
use measure::{Measurements, Tally};
use memory::MemoryMeter;
use operator::Operator;
use point::PointRun;

/// What a statement runs in.
pub struct QueryEnv<'a> {
    /// Settings, times and the session's functions.
    pub eval: EvalContext<'a>,
    /// Values of `$1..`, of the types the plan was made for.
    pub params: &'a [Datum],
    /// The statement's catalog snapshot.
    pub catalog: &'a Catalog,
    /// What system relations show of the running server.
    pub system: &'a dyn ServerState,
    /// Bodies of functions.
    pub routines: &'a dyn routine::Routines,
    /// Bounds.
    pub limits: &'a ExecLimits,
    /// How many functions in SQL are being run around the statement.
    pub depth: usize,
}

/// State shared by all operators of one execution.
pub(crate) struct Shared {
    pub(crate) program: Arc<Program>,
    pub(crate) exec_params: Vec<Datum>,
    pub(crate) case_args: Vec<Datum>,
    pub(crate) memory: MemoryMeter,
    pub(crate) ctes: Ctes,
    /// Rows inserted, updated or deleted by the statement's main node; those of CTEs do not count.
    pub(crate) rows_affected: u64,
    pub(crate) tally: Tally,
    pub(crate) measurements: Option<Box<Measurements>>,
    subplans: Vec<SubPlanState>,
}

impl Shared {
    fn new(program: Arc<Program>) -> Self {
        let exec_params = vec![Datum::Null; program.exec_params];
        Self {
            program,
            exec_params,
            case_args: Vec::new(),
            memory: MemoryMeter::default(),
            ctes: Ctes::default(),
            rows_affected: 0,
            tally: Tally::default(),
            measurements: None,
            subplans: Vec::new(),
        }
    }

    /// The state of a subquery.
    pub(crate) fn subplan(&mut self, plan: usize) -> &mut SubPlanState {
        if self.subplans.is_empty() {
            self.subplans.resize_with(self.program.subplans.len(), SubPlanState::default);
        }
        &mut self.subplans[plan]
    }
}

/// One run of a program.
pub struct Execution {
    shared: Shared,
    run: Run,
    /// A function that it calls writes.
    calls_write: bool,
}

enum Run {
    /// A plan that nobody has compiled yet.
    Uncompiled(Arc<Planned>),
    /// A look-up of one row: no operators.
    Point(PointRun),
    /// A tree of operators.
    Tree(Box<dyn Operator>),
    /// A statement that writes runs to its end before its first row is handed out, as PostgreSQL's portals do; these are the rows that wait.
    Output {
        rows: Batch,
        given: usize,
    },
    /// A statement that writes, not yet run.
    Modify,
    Done,
}

impl Execution {
    /// Prepares a run of a plan that is compiled for it. Whoever runs a plan several times keeps its [`Program`] and uses [`Execution::start`].
    #[must_use]
    pub fn new(planned: Arc<Planned>) -> Self {
        Self { shared: Shared::new(Program::none()), run: Run::Uncompiled(planned), calls_write: false }
    }

    /// Prepares a run. Nothing happens before the first batch is asked for.
    #[must_use]
    pub fn start(program: &Arc<Program>) -> Self {
        Self::start_with(program, false)
    }

    /// As [`Execution::start`], for a program that may call functions that write.
    #[must_use]
    pub fn start_with(program: &Arc<Program>, calls_write: bool) -> Self {
        let run = if program.modifies || calls_write {
            Run::Modify
        } else if program.point.is_some() {
            Run::Point(PointRun::default())
        } else {
            Run::Tree(program.root.clone().open())
        };
        Self { shared: Shared::new(Arc::clone(program)), run, calls_write }
    }

    /// Measures what the nodes do; for a program that was compiled to be measured.
    pub fn measure(&mut self, clock: Arc<dyn Clock>) {
        self.shared.measurements = Some(Box::new(Measurements::new(clock)));
    }

    /// What has been measured.
    #[must_use]
    pub fn measurements(&self) -> Option<&Measurements> {
        self.shared.measurements.as_deref()
    }

    /// Bytes read from storage so far, as they are charged.
    #[must_use]
    pub const fn read_bytes(&self) -> u64 {
        self.shared.tally.read_bytes
    }

    /// The next rows, at most `max_rows` of them; `None` at the end. A statement without a result set runs to its end in the first call.
    ///
    /// # Errors
    /// Whatever the statement answers. The execution is over then.
    pub fn next_batch(&mut self, txn: &mut Txn, env: &QueryEnv<'_>, max_rows: usize) -> Result<Option<Batch>> {
        let mut batch = Batch::default();
        Ok(self.next_into(txn, env, max_rows, &mut batch)?.then_some(batch))
    }

    /// As [`Execution::next_batch`], into a batch whose allocation is used again; false at the end.
    ///
    /// # Errors
    /// Whatever the statement answers. The execution is over then.
    pub fn next_into(&mut self, txn: &mut Txn, env: &QueryEnv<'_>, max_rows: usize, out: &mut Batch) -> Result<bool> {
        let result = self.advance(txn, env, max_rows.max(1), out);
        if !matches!(result, Ok(true)) {
            self.run = Run::Done;
        }
        result
    }

    /// Rows inserted, updated or deleted, for the command tag. Rows of a SELECT are counted by whoever takes them.
    #[must_use]
    pub const fn affected_rows(&self) -> u64 {
        self.shared.rows_affected
    }

    /// Whether everything has been handed out.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.run, Run::Done)
    }

    /// Takes all rows that are left into memory. To be called for a portal that rests before its transaction writes: a portal sees the data as it was
    /// when it was opened.
    ///
    /// # Errors
    /// Whatever the statement answers.
    pub fn materialize(&mut self, txn: &mut Txn, env: &QueryEnv<'_>) -> Result<()> {
        if matches!(self.run, Run::Done | Run::Output { .. }) {
            return Ok(());
        }
        let mut rows = Batch::default();
        let mut all: Option<Batch> = None;
        while self.next_into(txn, env, BATCH_ROWS, &mut rows)? {
            self.shared.memory.charge(rows.bytes(), env.limits.memory_bytes)?;
            all.get_or_insert_with(|| Batch::new(rows.width())).append(&mut rows);
        }
        self.run = all.map_or(Run::Done, |rows| Run::Output { rows, given: 0 });
        Ok(())
    }

    fn advance(&mut self, txn: &mut Txn, env: &QueryEnv<'_>, max_rows: usize, out: &mut Batch) -> Result<bool> {
        if let Run::Uncompiled(planned) = &self.run {
            *self = Self::start(&Program::compile(planned)?);
        }
        match &mut self.run {
            Run::Point(point) => {
                let mut rt = Runtime { env, txn: Some(txn), shared: &mut self.shared };
                point.next(&mut rt, out)
            }
            Run::Tree(root) => {
                let mut rt = Runtime { env, txn: Some(txn), shared: &mut self.shared };
                root.next(&mut rt, out, max_rows.min(BATCH_ROWS))
            }
            Run::Output { rows, given } => Ok(hand_out(rows, given, max_rows, out)),
            Run::Modify => {
                let mut rows = self.modify(txn, env)?;
                let mut given = 0;
                let some = hand_out(&mut rows, &mut given, max_rows, out);
                self.run = Run::Output { rows, given };
                Ok(some)
            }
            Run::Uncompiled(_) | Run::Done => Ok(false),
        }
    }

    /// Runs a statement that writes.
    fn modify(&mut self, txn: &mut Txn, env: &QueryEnv<'_>) -> Result<Batch> {
        let program = Arc::clone(&self.shared.program);
        if program.rereads || self.calls_write {
            txn.hide_own_writes();
        }
        let mut rt = Runtime { env, txn: Some(txn), shared: &mut self.shared };
        let result = run_to_end(&program, &mut rt);
        txn.show_own_writes();
        let rows = result?;
        if !txn.events.is_empty() {
            let mut rt = Runtime { env, txn: Some(txn), shared: &mut self.shared };
            write::foreign_key::check_events(&mut rt)?;
        }
        Ok(rows)
    }
}

/// Checks the constraints that are due: after the last row of a COPY, after SET CONSTRAINTS, at COMMIT.
///
/// # Errors
/// `23503`, and whatever an action's writes answer.
pub fn check_constraints(txn: &mut Txn, env: &QueryEnv<'_>) -> Result<()> {
    if txn.events.is_empty() {
        return Ok(());
    }
    let mut shared = Shared::new(Program::none());
    write::foreign_key::check_events(&mut Runtime { env, txn: Some(txn), shared: &mut shared })
}

fn run_to_end(program: &Program, rt: &mut Runtime<'_>) -> Result<Batch> {
    cte::run_modifying(rt)?;
    rt.shared.rows_affected = 0;
    let mut root = program.root.clone().open();
    let mut rows = Batch::default();
    let mut all = Batch::new(program.width);
    while root.next(rt, &mut rows, BATCH_ROWS)? {
        rt.charge(rows.bytes())?;
        all.append(&mut rows);
    }
    Ok(all)
}

fn hand_out(rows: &mut Batch, given: &mut usize, max_rows: usize, out: &mut Batch) -> bool {
    let left = rows.len() - *given;
    if left == 0 {
        return false;
    }
    if *given == 0 && left <= max_rows {
        std::mem::swap(out, rows);
        rows.reset(out.width());
        return true;
    }
    out.reset(rows.width());
    for index in *given..*given + left.min(max_rows) {
        out.push(rows.row(index));
    }
    *given += out.len();
    true
}
