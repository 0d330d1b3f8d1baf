//! `CALL sys.wait_for_job(id)`: the one procedure.

use std::sync::Arc;

use borealis_base::Id26;
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState, Type};
use borealis_sql::ast::{self, Call, Distinct, Query, QueryBody, Select, Statement, Target};
use borealis_sql::bound::OutputColumn;

use super::{Session, internal};
use crate::jobs::{self, JobState};

pub(super) fn columns() -> Arc<[OutputColumn]> {
    Arc::new([OutputColumn { name: "succeeded".to_owned(), ty: Type::plain(Oid::BOOL), origin: None }])
}

/// The one argument is text whatever the client does not say.
pub(super) fn parameter_types(given: &[Oid]) -> Vec<Oid> {
    given.iter().map(|oid| if *oid == Oid::INVALID { Oid::TEXT } else { *oid }).collect()
}

pub(super) async fn run(session: &mut Session, call: &Call, values: &[Datum]) -> Result<Vec<Vec<Datum>>> {
    let [name] = procedure_arguments(call)? else {
        return Err(unknown_procedure(call));
    };
    let id = match argument(session, &name.value, values)? {
        Datum::Text(text) => text.parse::<Id26>().map_err(|_| bad_id())?,
        _ => return Err(bad_id()),
    };
    let succeeded = wait(session, id).await?;
    Ok(vec![vec![Datum::Bool(succeeded)]])
}

fn procedure_arguments(call: &Call) -> Result<&[ast::FunctionArg]> {
    match call.function.name.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["sys", "wait_for_job"] => Ok(&call.function.args),
        _ => Err(unknown_procedure(call)),
    }
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

/// The argument's value: evaluated as the one column of a query without FROM.
fn argument(session: &mut Session, expr: &ast::Expr, values: &[Datum]) -> Result<Datum> {
    if matches!(expr.kind, ast::ExprKind::Subquery { .. }) {
        return Err(SqlError::unsupported("cannot use subquery in CALL argument").at(expr.at));
    }
    let text = ast::TypeName {
        names: vec!["pg_catalog".to_owned(), "text".to_owned()],
        modifiers: Vec::new(),
        array_dimensions: 0,
        setof: false,
        percent_type: false,
        at: -1,
    };
    let cast = ast::Expr { kind: ast::ExprKind::Cast { arg: Box::new(expr.clone()), ty: text }, at: expr.at };
    let select = Select {
        distinct: Distinct::No,
        targets: vec![Target { expr: cast, alias: None, at: -1 }],
        from: Vec::new(),
        filter: None,
        group_by: Vec::new(),
        group_distinct: false,
        having: None,
        windows: Vec::new(),
    };
    let query = Query {
        with: None,
        body: QueryBody::Select(Box::new(select)),
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
        locking: Vec::new(),
    };
    let bound = session.bind_statement(&Statement::Query(Box::new(query)), &vec![Oid::TEXT; values.len()])?;
    let planned = Arc::new(session.plan(bound)?);
    if !planned.subplans.is_empty() {
        return Err(SqlError::unsupported("cannot use subquery in CALL argument").at(expr.at));
    }
    let rows = internal::all_rows(session, &planned, values)?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or(Datum::Null))
}

/// Waits until the job is over. Every look is a new snapshot: the caller's own would never see the end.
async fn wait(session: &Session, id: Id26) -> Result<bool> {
    let cluster = session.cluster.clone();
    let interrupt = session.interrupt.clone();
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
