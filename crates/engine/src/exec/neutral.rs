//! Surroundings for expressions that no session asks for: index keys and predicates during a build. Such expressions are immutable, so what they are
//! not given cannot matter to them.

use std::sync::Arc;

use borealis_catalog::statistics::TableStatistics;
use borealis_catalog::system::ServerState;
use borealis_catalog::{Catalog, Sequence, SequenceState};
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings, SqlError};

use borealis_sql::expr::RoutineSpec;

use super::routine::{RoutineProgram, RoutineStatement, Routines};
use super::{ExecLimits, QueryEnv};

/// Who is asked there.
pub(crate) struct Nobody;

impl Host for Nobody {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }

    fn session_function(&self, function: SessionFunction, _call: &CallContext<'_>, _args: &[Datum]) -> Result<Datum> {
        Err(SqlError::internal(format!("{function:?} outside of a session")))
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

impl ServerState for Nobody {
    fn current_user(&self) -> Oid {
        Oid::INVALID
    }

    fn parameters(&self) -> Vec<(String, String, String)> {
        Vec::new()
    }

    fn jobs(&self) -> Result<Vec<Vec<Datum>>> {
        Ok(Vec::new())
    }

    fn statistics(&self, _table: Oid) -> Option<Arc<TableStatistics>> {
        None
    }

    fn search_path(&self) -> Vec<Oid> {
        Vec::new()
    }

    fn sequence_state(&self, sequence: &Sequence) -> Result<SequenceState> {
        Err(SqlError::internal(format!("sequence {} outside of a session", sequence.name)))
    }

    fn view_definition(&self, _catalog: &Catalog, _view: Oid) -> Result<Option<String>> {
        Ok(None)
    }

    fn sessions(&self) -> Vec<(i32, Oid, String, String, i64)> {
        Vec::new()
    }
}

impl Routines for Nobody {
    fn body(&self, spec: &Arc<RoutineSpec>, _: &QueryEnv<'_>) -> Result<Arc<RoutineProgram>> {
        Err(SqlError::unsupported(format!("function {} cannot be called here", spec.routine.name)))
    }

    fn permit(&self, _: &RoutineStatement, _: &QueryEnv<'_>) -> Result<()> {
        Ok(())
    }

    fn act_as(&self, _: Oid) -> Option<Oid> {
        None
    }

    fn act_as_before(&self, _: Option<Oid>) {}
}

/// Runs `body` in neutral surroundings.
pub(crate) fn with_env<T>(body: impl FnOnce(&QueryEnv<'_>) -> T) -> T {
    let settings = Settings::default();
    let eval = EvalContext { settings: &settings, transaction_timestamp: 0, statement_timestamp: 0, host: &Nobody };
    let (catalog, limits) = (Catalog::default(), ExecLimits::default());
    body(&QueryEnv { eval, params: &[], catalog: &catalog, system: &Nobody, routines: &Nobody, limits: &limits, depth: 0 })
}
