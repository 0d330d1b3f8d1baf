//! What a statement would do, read off its parse tree before anything is sent.
//!
//! Two questions, both answered by an exhaustive look at the tree of PostgreSQL's own grammar, never by words in the text: may the statement run where
//! only reading is allowed ([`check_reading`]), and would it destroy something ([`destruction`])? A literal, a comment or an identifier cannot be taken
//! for a keyword, and a keyword cannot hide in one of them.
//!
//! The first is an allow-list: queries, EXPLAIN and SHOW pass, everything else does not, what the dialect does not know included. It stands before the
//! READ ONLY transaction, in which the database refuses writes by itself, and adds what such a transaction would let through: statements about the
//! session, and functions that act outside of any transaction.

mod destruction;
mod walk;

use borealis_client::control::transaction_keyword;
use borealis_dialect::Dialect;
use borealis_pgtypes::SqlError;
use borealis_sql::ast::{Explain, Statement};
use borealis_sql::parse::{Parsed, deep, parse};

pub(crate) use destruction::destruction;
use walk::{Part, visit};

/// Functions whose effect no ROLLBACK takes back, or that reach outside the database.
const OUTSIDE_TRANSACTIONS: &[&str] = &[
    "dblink",
    "lo_export",
    "lo_import",
    "nextval",
    "pg_cancel_backend",
    "pg_ls_dir",
    "pg_notify",
    "pg_read_binary_file",
    "pg_read_file",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_stat_file",
    "pg_terminate_backend",
    "set_config",
    "setval",
];
/// The same, by how their names begin: locks that outlast the transaction, and what else dblink brings.
const OUTSIDE_TRANSACTIONS_PREFIXES: &[&str] = &["dblink_", "pg_advisory_", "pg_try_advisory_"];

/// Why a statement does not pass.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Refusal {
    /// It is not a statement that the grammar or the dialect takes; with its text, for the place of the error.
    Sql(String, SqlError),
    /// There is more than one.
    Several,
    /// It does something other than read.
    Writes(String),
}

/// Whether a statement only reads. Transaction control passes: it is refused, by its own words, where the list is run.
pub(crate) fn check_reading(sql: &str) -> Result<(), Refusal> {
    if transaction_keyword(sql).is_some() {
        return Ok(());
    }
    let parsed = single(sql)?;
    let (node, depth) = (parsed.node, parsed.depth);
    let statement = parsed.statement.map_err(|refusal| match node {
        "Select" | "Explain" | "VariableShow" => Refusal::Sql(sql.to_owned(), refusal),
        _ => Refusal::Writes(spaced(node)),
    })?;
    let read = move || match writes(&statement) {
        Some(what) => Err(Refusal::Writes(what)),
        None => Ok(()),
    };
    on_stack_for(depth, read).unwrap_or_else(|| Err(Refusal::Writes("a statement that is nested too deeply to be looked at".to_owned())))
}

/// Trees up to this depth are walked on the caller's own stack.
const SHALLOW: usize = 50;

/// Runs a walk that recurses as deep as a tree goes; `None` when it failed.
pub(crate) fn on_stack_for<T: Send + 'static>(depth: usize, walk: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if depth <= SHALLOW { Some(walk()) } else { deep::on_deep_stack(walk) }
}

/// The one statement of a text.
pub(crate) fn single(sql: &str) -> Result<Parsed, Refusal> {
    let mut parsed = parse(sql, Dialect::default()).map_err(|error| Refusal::Sql(sql.to_owned(), error))?;
    match (parsed.pop(), parsed.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(Refusal::Several),
    }
}

/// What a statement does apart from reading, in words; `None` when it only reads.
fn writes(statement: &Statement) -> Option<String> {
    match statement {
        Statement::Show { .. } => None,
        Statement::Query(_) => writes_within(statement),
        Statement::Explain(explain) => explain_writes(explain),
        other => Some(name(other).to_owned()),
    }
}

/// Without ANALYZE nothing is run.
fn explain_writes(explain: &Explain) -> Option<String> {
    if !explain.analyze {
        return None;
    }
    match &explain.statement {
        Statement::Query(_) => writes_within(&explain.statement),
        other => Some(format!("EXPLAIN ANALYZE of {}", name(other))),
    }
}

fn writes_within(statement: &Statement) -> Option<String> {
    let mut found = None;
    visit(statement, &mut |part| {
        let what = match part {
            Part::Statement(Statement::Query(_)) => None,
            Part::Statement(inner) => Some(format!("{} in a WITH query", name(inner))),
            Part::Function(path) => path.last().filter(|name| acts_outside(name)).map(|name| format!("a call of {name}()")),
        };
        if found.is_none() {
            found = what;
        }
    });
    found
}

fn acts_outside(function: &str) -> bool {
    OUTSIDE_TRANSACTIONS.contains(&function) || OUTSIDE_TRANSACTIONS_PREFIXES.iter().any(|prefix| function.starts_with(prefix))
}

/// A statement's kind as people write it.
fn name(statement: &Statement) -> &'static str {
    match statement {
        Statement::Query(_) => "SELECT",
        Statement::Insert(_) => "INSERT",
        Statement::Update(_) => "UPDATE",
        Statement::Delete(_) => "DELETE",
        Statement::Explain(_) => "EXPLAIN",
        Statement::Transaction(_) => "transaction control",
        Statement::Set(_) | Statement::SetConstraints { .. } => "SET",
        Statement::Show { .. } => "SHOW",
        Statement::Reset { .. } => "RESET",
        Statement::Copy(_) => "COPY",
        Statement::Call(_) => "CALL",
        Statement::Deallocate { .. } => "DEALLOCATE",
        Statement::Analyze { .. } => "ANALYZE",
        Statement::Drop(_) | Statement::DropRole { .. } | Statement::DropFunction(_) | Statement::DropTrigger { .. } => "DROP",
        Statement::Grant(_) | Statement::GrantRoles(_) | Statement::IamGrant { .. } => "GRANT or REVOKE",
        Statement::Comment { .. } => "COMMENT",
        Statement::CreateTable(_)
        | Statement::CreateIndex(_)
        | Statement::CreateSchema { .. }
        | Statement::CreateRole { .. }
        | Statement::CreateView(_)
        | Statement::CreateSequence(_)
        | Statement::CreateDomain(_)
        | Statement::CreateFunction(_)
        | Statement::CreateStatistics(_) => "CREATE",
        Statement::AlterTable(_)
        | Statement::Rename(_)
        | Statement::SetSchema { .. }
        | Statement::SetOwner { .. }
        | Statement::AlterView(_)
        | Statement::AlterSequence(_)
        | Statement::AlterDomain { .. }
        | Statement::AlterFunction(_)
        | Statement::AlterStatistics { .. }
        | Statement::AlterDefaultPrivileges(_)
        | Statement::ResetRole { .. } => "ALTER",
    }
}

/// `CreateTableAs` as `CREATE TABLE AS`.
fn spaced(node: &str) -> String {
    let mut words = String::new();
    for letter in node.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_uppercase());
    }
    words
}

#[cfg(test)]
mod tests;
