//! EXPLAIN.

use borealis_pgtypes::{Datum, Oid, Result};
use borealis_sql::ast::{Explain, ExplainFormat};
use borealis_sql::explain::ExplainOptions;

use super::{Session, internal};

/// Types of the parameters of the explained statement.
pub(super) fn parameter_types(session: &mut Session, explain: &Explain, given: &[Oid]) -> Result<Vec<Oid>> {
    Ok(session.bind_statement(&explain.statement, given)?.params.iter().map(|ty| ty.oid).collect())
}

/// The lines of the plan, one row each. With ANALYZE the statement runs for real, its changes included.
pub(super) fn run(session: &mut Session, explain: &Explain, values: &[Datum]) -> Result<Vec<Vec<Datum>>> {
    let clock = session.cluster.clock.clone();
    let begun = clock.monotonic();
    let bound = session.bind_statement(&explain.statement, &[])?;
    let compiled = session.compile(bound)?;
    let planned = &compiled.planned;
    let planning = clock.monotonic() - begun;
    let options = ExplainOptions { verbose: explain.verbose, costs: explain.costs, ..ExplainOptions::default() };
    if explain.format == ExplainFormat::Json {
        return Err(borealis_pgtypes::SqlError::unsupported("EXPLAIN (FORMAT JSON) is not supported by this version of Borealis"));
    }
    let mut lines;
    let show_summary = explain.summary.unwrap_or(explain.analyze);
    if explain.analyze {
        let begun = clock.monotonic();
        let rows = internal::all_rows(session, &compiled, values)?.len();
        let execution = clock.monotonic() - begun;
        lines = borealis_sql::explain::explain(planned, &options, None);
        if let Some(first) = lines.first_mut() {
            let milliseconds = execution.as_secs_f64() * 1e3;
            let actual = if explain.timing.unwrap_or(true) {
                format!(" (actual time={milliseconds:.3}..{milliseconds:.3} rows={rows} loops=1)")
            } else {
                format!(" (actual rows={rows} loops=1)")
            };
            first.push_str(&actual);
        }
        if show_summary {
            lines.push(format!("Planning Time: {:.3} ms", planning.as_secs_f64() * 1e3));
            lines.push(format!("Execution Time: {milliseconds:.3} ms", milliseconds = execution.as_secs_f64() * 1e3));
        }
    } else {
        lines = borealis_sql::explain::explain(planned, &options, None);
        if show_summary {
            lines.push(format!("Planning Time: {:.3} ms", planning.as_secs_f64() * 1e3));
        }
    }
    Ok(lines.iter().map(|line| vec![Datum::text(line)]).collect())
}
