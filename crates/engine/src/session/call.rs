//! `CALL sys.wait_for_job(id)`: the one procedure.

use std::sync::Arc;

use borealis_base::Id26;
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState, Type};
use borealis_sql::ast::Call;
use borealis_sql::bind::{BindContext, bind_call_args};
use borealis_sql::bound::OutputColumn;

use super::Session;
use crate::cluster::{Cluster, Interrupt};
use crate::exec::{self, QueryEnv};
use crate::jobs::{self, JobState};

pub(super) fn columns() -> Arc<[OutputColumn]> {
    Arc::new([OutputColumn { name: "succeeded".to_owned(), ty: Type::plain(Oid::BOOL), origin: None }])
}

/// The one argument is text whatever the client does not say.
pub(super) fn parameter_types(given: &[Oid]) -> Vec<Oid> {
    given.iter().map(|oid| if *oid == Oid::INVALID { Oid::TEXT } else { *oid }).collect()
}

pub(super) async fn run(session: &mut Session, call: &Call, values: &[Datum]) -> Result<Vec<Vec<Datum>>> {
    check_procedure(call)?;
    let id = match argument(session, call, values)? {
        Datum::Text(text) => text.parse::<Id26>().map_err(|_| bad_id())?,
        _ => return Err(bad_id()),
    };
    let succeeded = wait(session.cluster.clone(), session.interrupt.clone(), id).await?;
    Ok(vec![vec![Datum::Bool(succeeded)]])
}

fn check_procedure(call: &Call) -> Result<()> {
    let name: Vec<&str> = call.function.name.iter().map(String::as_str).collect();
    if name == ["sys", "wait_for_job"] && call.function.args.len() == 1 { Ok(()) } else { Err(unknown_procedure(call)) }
}

fn unknown_procedure(call: &Call) -> SqlError {
    let text = format!("procedure {} does not exist", call.function.name.join("."));
    SqlError::new(SqlState::UNDEFINED_FUNCTION, text)
        .hint("No procedure matches the given name and argument types. You might need to add explicit type casts.")
        .at(call.at)
}

fn bad_id() -> SqlError {
    SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, "Unable to convert text to UUID")
}

/// The argument's value.
fn argument(session: &mut Session, call: &Call, values: &[Datum]) -> Result<Datum> {
    let given = vec![Oid::TEXT; values.len()];
    let limits = session.exec_limits();
    session.with_eval(|session, active, eval| {
        let path = session.search_path(active);
        let context = BindContext { param_types: &given, ..session.bind_context(&active.catalog, &path, eval) };
        let (exprs, permissions) = bind_call_args(call, &context)?;
        permissions.check(&active.catalog, session.current_role())?;
        let expr = exprs.first().ok_or_else(|| unknown_procedure(call))?;
        let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
        let env =
            QueryEnv { eval: *eval, params: values, catalog: &catalog, system: session, routines: &bodies, limits: &limits, depth: 0 };
        exec::evaluate(&mut active.txn, &env, expr)
    })
}

/// Waits for the builds of indexes that were made without ASYNC.
pub(super) async fn wait_for_builds(cluster: Arc<Cluster>, interrupt: Arc<Interrupt>, builds: Vec<(Id26, String)>) -> Result<()> {
    for (job, name) in builds {
        if !wait(cluster.clone(), interrupt.clone(), job).await? {
            let text = format!("could not create unique index \"{name}\"");
            return Err(SqlError::new(SqlState::UNIQUE_VIOLATION, text));
        }
    }
    Ok(())
}

/// Waits until the job is over. Every look is a new snapshot: the caller's own would never see the end.
async fn wait(cluster: Arc<Cluster>, interrupt: Arc<Interrupt>, id: Id26) -> Result<bool> {
    loop {
        let changed = cluster.jobs.changed.notified();
        let interrupted = interrupt.notify.notified();
        tokio::pin!(changed, interrupted);
        // Registered before looking, so that no change between the look and the wait is missed.
        changed.as_mut().enable();
        interrupted.as_mut().enable();
        interrupt.check()?;
        match jobs::state(&cluster.store.snapshot(), id)? {
            JobState::Over { succeeded } => return Ok(succeeded),
            JobState::Unknown => {
                return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, format!("job \"{id}\" does not exist")));
            }
            JobState::Running => tokio::select! {
                () = changed => {}
                () = interrupted => {}
            },
        }
    }
}
