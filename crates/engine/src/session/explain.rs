//! EXPLAIN.

use std::sync::Arc;
use std::time::Duration;

use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState, Type};
use borealis_sql::ast::{Explain, ExplainFormat};
use borealis_sql::bound::OutputColumn;
use borealis_sql::explain::{ExplainOptions, Explained, Format, NodeActuals, Value, describe};

use super::portal::blocking;
use super::statement::Compiled;
use super::{Session, dpu};
use crate::exec::{BATCH_ROWS, Batch, Execution, QueryEnv};

/// Types of the parameters of the explained statement.
pub(super) fn parameter_types(session: &mut Session, explain: &Explain, given: &[Oid]) -> Result<Vec<Oid>> {
    Ok(session.bind_statement(&explain.statement, given)?.params.iter().map(|ty| ty.oid).collect())
}

/// The one column, whose type is the format's.
pub(super) fn columns(explain: &Explain) -> Arc<[OutputColumn]> {
    let oid = if explain.format == ExplainFormat::Json { Oid::JSON } else { Oid::TEXT };
    Arc::from([OutputColumn { name: "QUERY PLAN".to_owned(), ty: Type::plain(oid), origin: None }])
}

/// What a run took.
struct Ran {
    execution: Execution,
    time: Duration,
    written_bytes: u64,
}

/// The plan: a row for each line of text, one row in another format. With ANALYZE the statement runs for real, its changes included.
pub(super) fn run(session: &mut Session, explain: &Explain, values: &[Datum]) -> Result<Vec<Vec<Datum>>> {
    if explain.timing == Some(true) && !explain.analyze {
        return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "EXPLAIN option TIMING requires ANALYZE"));
    }
    if explain.generic_plan && explain.analyze {
        return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "EXPLAIN options ANALYZE and GENERIC_PLAN cannot be used together"));
    }
    let clock = session.cluster.clock.clone();
    let begun = clock.monotonic();
    let bound = session.bind_statement(&explain.statement, &[])?;
    let compiled = if explain.analyze { session.compile_measured(bound)? } else { session.compile(bound)? };
    let planning = clock.monotonic() - begun;
    session.permit_plan(&compiled)?;
    let ran = if explain.analyze { Some(measured(session, &compiled, values)?) } else { None };
    let options = ExplainOptions { verbose: explain.verbose, costs: explain.costs, timing: explain.timing.unwrap_or(explain.analyze) };
    let actuals = ran.as_ref().and_then(|ran| ran.execution.measurements()).map(|measurements| measurements as &dyn NodeActuals);
    let catalog = session.active()?.catalog.clone();
    let explained = describe(&compiled.planned, &options, actuals, Some(&catalog));
    let settings = explain.settings.then(|| changed_settings(session));
    let summary = Summary { explain, settings, planning, ran: ran.as_ref() };
    Ok(match explain.format {
        ExplainFormat::Text => summary.text(&explained).iter().map(|line| vec![Datum::text(line)]).collect(),
        ExplainFormat::Json => vec![vec![Datum::Json(Arc::from(summary.document(&explained, Format::Json)))]],
        ExplainFormat::Yaml => vec![vec![Datum::text(&summary.document(&explained, Format::Yaml))]],
        ExplainFormat::Xml => vec![vec![Datum::text(&summary.document(&explained, Format::Xml))]],
    })
}

/// The parameters that plans depend on and that are not as a new session has them.
fn changed_settings(session: &Session) -> Vec<(&'static str, String)> {
    session.parameters.borrow().of_plans().map(|(name, value)| (name, value.to_owned())).collect()
}

/// Runs the plan to its end; its rows are not kept.
fn measured(session: &mut Session, compiled: &Arc<Compiled>, values: &[Datum]) -> Result<Ran> {
    let clock = session.cluster.clock.clone();
    let mut execution = session.begin_plan(compiled)?.execution;
    execution.measure(clock.clone());
    let limits = session.exec_limits();
    let begun = clock.monotonic();
    let mut written_bytes = 0;
    blocking(|| {
        session.with_eval(|session, active, eval| {
            let (catalog, bodies) = (active.catalog.clone(), session.bodies(active));
            let env =
                QueryEnv { eval: *eval, params: values, catalog: &catalog, system: session, routines: &bodies, limits: &limits, depth: 0 };
            let before = active.txn.charged_bytes;
            let mut batch = Batch::default();
            while execution.next_into(&mut active.txn, &env, BATCH_ROWS, &mut batch)? {}
            written_bytes = active.txn.charged_bytes - before;
            Ok(())
        })
    })?;
    Ok(Ran { execution, time: clock.monotonic() - begun, written_bytes })
}

/// What follows the plan.
struct Summary<'a> {
    explain: &'a Explain,
    /// What SETTINGS shows.
    settings: Option<Vec<(&'static str, String)>>,
    planning: Duration,
    ran: Option<&'a Ran>,
}

impl Summary<'_> {
    fn is_wanted(&self) -> bool {
        self.explain.summary.unwrap_or(self.explain.analyze)
    }

    /// Only ANALYZE VERBOSE tells the identifier and the cost.
    fn full(&self) -> Option<&Ran> {
        self.ran.filter(|_| self.explain.verbose)
    }

    fn text(&self, explained: &Explained) -> Vec<String> {
        let mut lines = explained.lines();
        if let Some(settings) = self.settings.as_ref().filter(|settings| !settings.is_empty()) {
            let settings: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = '{value}'")).collect();
            lines.push(format!("Settings: {}", settings.join(", ")));
        }
        if let (Some(_), Some(identifier)) = (self.full(), self.explain.identifier) {
            lines.push(format!("Query Identifier: {}", identifier_text(identifier)));
        }
        if self.is_wanted() {
            lines.push(format!("Planning Time: {:.3} ms", milliseconds(self.planning)));
            if let Some(ran) = self.ran {
                lines.push(format!("Execution Time: {:.3} ms", milliseconds(ran.time)));
            }
        }
        if let Some(ran) = self.full() {
            lines.extend(estimate(ran).lines());
        }
        lines
    }

    fn document(&self, explained: &Explained, format: Format) -> String {
        let mut rest = Vec::new();
        if let Some(settings) = &self.settings {
            rest.push(("Settings", Value::Object(settings.iter().map(|(name, value)| (*name, Value::Text(value.clone()))).collect())));
        }
        if let (Some(_), Some(identifier)) = (self.full(), self.explain.identifier) {
            rest.push(("Query Identifier", Value::Text(identifier_text(identifier))));
        }
        if self.is_wanted() {
            rest.push(("Planning Time", Value::Plain(format!("{:.3}", milliseconds(self.planning)))));
        }
        if let Some(ran) = self.ran {
            rest.push(("Triggers", Value::Objects("Trigger", Vec::new())));
            if self.is_wanted() {
                rest.push(("Execution Time", Value::Plain(format!("{:.3}", milliseconds(ran.time)))));
            }
        }
        if let Some(ran) = self.full() {
            rest.push(("Statement DPU Estimate", estimate(ran).value()));
        }
        explained.document(format, rest)
    }
}

fn estimate(ran: &Ran) -> dpu::Estimate {
    dpu::Estimate::new(ran.time, ran.execution.read_bytes(), ran.written_bytes)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// 64 bits as 13 characters of RFC 4648's base32 in lower case.
fn identifier_text(identifier: u64) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    (0..13).rev().map(|digit| char::from(ALPHABET[usize::try_from(identifier >> (5 * digit) & 31).unwrap_or(0)])).collect()
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
