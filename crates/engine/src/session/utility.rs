//! Statements that the session carries out itself.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid, Result, Severity, SqlError, SqlState, Type};
use borealis_sql::ast::{self, Statement};
use borealis_sql::bound::OutputColumn;

use super::portal::{Portal, Progress};
use super::transaction::Block;
use super::{Executed, Session, Sink, analyze, call, copy, explain, set_constraints};

/// Parameter types and result columns of a described statement.
type Description = (Vec<Oid>, Option<Arc<[OutputColumn]>>);

/// Whether the session carries out the statement itself.
pub(super) fn is_utility(statement: &Statement) -> bool {
    statement.is_of_session() || matches!(statement, Statement::Explain(_) | Statement::Copy(_))
}

/// What Describe answers for such a statement.
pub(super) fn describe(session: &mut Session, statement: &Statement, given: &[Oid]) -> Result<Description> {
    Ok(match statement {
        Statement::Show { name } => (Vec::new(), Some(show_columns(session, name)?)),
        Statement::Explain(explain) => (explain::parameter_types(session, explain, given)?, Some(explain::columns(explain))),
        Statement::Call(_) => (call::parameter_types(given), Some(call::columns())),
        _ => (Vec::new(), None),
    })
}

/// Carries it out. `None`: the portal now has rows to give.
pub(super) async fn run(session: &mut Session, portal: &mut Portal, sink: &mut dyn Sink) -> Result<Option<Executed>> {
    let prepared = portal.prepared.clone();
    let Some(statement) = &prepared.statement else { return Ok(Some(Executed::Empty)) };
    let confined = session.confined(statement)?;
    let tag = match confined.as_ref() {
        Statement::Transaction(statement) => transaction(session, statement, sink).await?,
        Statement::Set(set) => {
            set_parameter(session, set, sink)?;
            "SET"
        }
        Statement::Reset { name, .. } => {
            reset(session, name.as_deref())?;
            "RESET"
        }
        Statement::Deallocate { .. } => {
            session.prepared.clear();
            "DEALLOCATE ALL"
        }
        Statement::SetConstraints { names, deferred } => {
            set_constraints::run(session, names.as_deref(), *deferred, sink)?;
            "SET CONSTRAINTS"
        }
        Statement::Analyze { verbose, tables } => {
            analyze::run(session, *verbose, tables, sink)?;
            "ANALYZE"
        }
        Statement::Show { name } => {
            portal.progress = Progress::Rows { rows: show_rows(session, name)?, next: 0, tag: "SHOW" };
            return Ok(None);
        }
        Statement::Explain(statement) => {
            let rows = explain::run(session, statement, &portal.values)?;
            portal.progress = Progress::Rows { rows, next: 0, tag: "EXPLAIN" };
            return Ok(None);
        }
        Statement::Call(statement) => {
            let rows = call::run(session, statement, &portal.values).await?;
            portal.progress = Progress::Rows { rows, next: 0, tag: "CALL" };
            return Ok(None);
        }
        Statement::Copy(statement) => return copy::begin(session, portal, statement).map(Some),
        other => return Err(SqlError::internal(format!("not a statement of the session: {other:?}"))),
    };
    Ok(Some(Executed::Complete(tag.to_owned())))
}

/// Text columns of the given names.
pub(super) fn text_columns(names: &[&str]) -> Arc<[OutputColumn]> {
    names.iter().map(|name| OutputColumn { name: (*name).to_owned(), ty: Type::plain(Oid::TEXT), origin: None }).collect()
}

async fn transaction(session: &mut Session, statement: &ast::Transaction, sink: &mut dyn Sink) -> Result<&'static str> {
    match statement {
        ast::Transaction::Begin { read_only } => {
            if session.block == Block::Implicit {
                session.block = Block::Explicit { read_only: read_only.unwrap_or(false) };
                if let Some(active) = &mut session.active {
                    active.txn.read_only = read_only.unwrap_or(false);
                }
            } else {
                warn(sink, SqlState::ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
            }
            Ok("BEGIN")
        }
        ast::Transaction::Commit => commit(session, sink).await,
        ast::Transaction::Rollback => {
            if session.block == Block::Implicit {
                warn(sink, SqlState::NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
            }
            end_block(session, false);
            Ok("ROLLBACK")
        }
    }
}

async fn commit(session: &mut Session, sink: &mut dyn Sink) -> Result<&'static str> {
    match session.block {
        Block::Failed => {
            end_block(session, false);
            return Ok("ROLLBACK");
        }
        Block::Implicit => warn(sink, SqlState::NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress"),
        Block::Explicit { .. } => {}
    }
    if let Err(error) = session.check_deferred() {
        end_block(session, false);
        return Err(error);
    }
    let mut active = session.active.take();
    let builds = active.as_mut().map(|active| active.take_builds()).unwrap_or_default();
    let start = session.start.take();
    // Over in any case: a transaction that could not be committed was rolled back.
    session.block = Block::Implicit;
    session.portals.clear();
    if let Some(start) = start {
        let committed = match active {
            Some(active) => active.commit(&session.cluster, start, &mut session.lost).await,
            None => super::transaction::check_age(&session.cluster, start),
        };
        session.parameters.get_mut().end(committed.is_ok());
        committed?;
        if !builds.is_empty() {
            call::wait_for_builds(session.cluster.clone(), session.interrupt.clone(), builds).await?;
        }
    }
    Ok("COMMIT")
}

fn end_block(session: &mut Session, committed: bool) {
    session.block = Block::Implicit;
    session.active = None;
    session.start = None;
    session.portals.clear();
    session.parameters.get_mut().end(committed);
}

pub(super) fn warn(sink: &mut dyn Sink, state: SqlState, text: &str) {
    sink.notice(&SqlError::with_severity(Severity::Warning, state, text));
}

fn set_parameter(session: &mut Session, set: &ast::Set, sink: &mut dyn Sink) -> Result<()> {
    let in_block = session.block != Block::Implicit;
    if set.local && !in_block {
        // As in PostgreSQL: accepted, without effect beyond the warning.
        warn(sink, SqlState::NO_ACTIVE_SQL_TRANSACTION, "SET LOCAL can only be used in transaction blocks");
    }
    if set.local
        && set.name.eq_ignore_ascii_case("role")
        && let Some([name]) = set.values.as_deref()
        && name != "none"
    {
        let catalog = session.active()?.catalog.clone();
        let role = session.settable_role(&catalog, name)?;
        return session.parameters.get_mut().set_role(name, role, true);
    }
    session.parameters.get_mut().set(&set.name, set.values.as_deref(), set.local)
}

fn reset(session: &mut Session, name: Option<&str>) -> Result<()> {
    match name {
        Some(name) => session.parameters.get_mut().reset(name),
        None => {
            session.parameters.get_mut().reset_all();
            Ok(())
        }
    }
}

fn show_columns(session: &Session, name: &str) -> Result<Arc<[OutputColumn]>> {
    if name.eq_ignore_ascii_case("all") {
        return Ok(text_columns(&["name", "setting", "description"]));
    }
    let (shown, _) = session.parameters.borrow().show(name)?;
    Ok(text_columns(&[shown]))
}

fn show_rows(session: &Session, name: &str) -> Result<Vec<Vec<Datum>>> {
    let parameters = session.parameters.borrow();
    if name.eq_ignore_ascii_case("all") {
        let rows = parameters.all().map(|(name, value, description)| vec![Datum::text(name), Datum::text(value), Datum::text(description)]);
        return Ok(rows.collect());
    }
    Ok(vec![vec![Datum::text(&parameters.show(name)?.1)]])
}
