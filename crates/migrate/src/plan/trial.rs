//! Statements tried at plan time, in transactions that are rolled back: what the server has against them is said before anything is begun.

use crate::error::{MigrateError, Result};
use crate::journal::retried;
use crate::link::Link;
use crate::operations::Rule;
use crate::operations::direct::Step;
use crate::sql::KeyColumn;

/// What another statement of the same plan may account for: an object that is missing, or there already.
const ABOUT_OBJECTS: [&str; 9] = ["42P01", "42703", "42704", "42P07", "42701", "42710", "42830", "3F000", "55000"];

/// Whether the server takes each of the statements. A transaction holds one definition, so each is tried by itself: one that stands on the one
/// before it (a constraint over an index that is not built, a validation of a constraint that is not there) cannot be, and where operations
/// follow one another, an error about an object may be what an earlier one makes or removes.
pub(super) async fn statements(link: &Link<'_>, operations: &[Vec<Step>]) -> Result<()> {
    for (number, steps) in operations.iter().enumerate() {
        let Some(first) = steps.first() else { continue };
        let tried = retried(|| async { link.rehearse("trying a statement", [first.sql.clone()]).await }).await;
        match tried {
            Ok(_) => {}
            Err(error) if number > 0 && error.code().is_some_and(|code| ABOUT_OBJECTS.contains(&code)) => {}
            Err(error) => return Err(said_of(&first.sql, error)),
        }
    }
    Ok(())
}

/// Whether the questions that the check asks of the rows can be asked.
pub(super) async fn rules(
    link: &Link<'_>,
    table: &str,
    key: &[KeyColumn],
    rules: &[Rule],
    value_of: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<()> {
    for rule in rules {
        let Some(query) = rule.offenders(table, key, value_of) else { continue };
        match link.rows("trying a rule on no rows", format!("SELECT 1 FROM ({query}) AS offenders LIMIT 0")).await {
            Ok(_) => {}
            // A rule about a column that an earlier operation of the same plan adds.
            Err(error) if error.code() == Some("42703") || error.is_about_data() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn said_of(sql: &str, error: MigrateError) -> MigrateError {
    match error {
        MigrateError::Database { error, .. } => MigrateError::Database { doing: format!("trying {sql}"), error },
        other => other,
    }
}
