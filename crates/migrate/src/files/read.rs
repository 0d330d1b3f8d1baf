//! Migration files as they lie in a folder.

use std::path::Path;

use borealis_dialect::Dialect;
use borealis_sql::ast::Statement;
use sha2::{Digest as _, Sha256};

use crate::error::{MigrateError, Result};

/// A file of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// The number that its name begins with.
    pub(super) number: u64,
    /// Its name.
    pub(super) name: String,
    /// Its statements.
    pub(super) statements: Vec<Written>,
}

/// A statement of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) sql: String,
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// How a statement is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In one transaction with its checkpoint.
    Rows,
    /// In a transaction of its own.
    Definition,
    /// The same, and starts a job.
    Job,
}

/// What was run of a file must not change: a hash of its first statements.
pub(super) fn hash(statements: &[Written]) -> String {
    let mut hash = Sha256::new();
    for statement in statements {
        hash.update(statement.sql.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files of a folder by number, read to the last statement before the first is run.
pub(super) fn folder(path: &Path, dialect: Dialect) -> Result<Vec<File>> {
    let unreadable = |error: std::io::Error| MigrateError::File(format!("{}: {error}", path.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".sql") {
            continue;
        }
        let text =
            std::fs::read_to_string(entry.path()).map_err(|error| MigrateError::File(format!("{}: {error}", entry.path().display())))?;
        files.push(File { number: number(&name)?, statements: statements(&name, &text, dialect)?, name });
    }
    files.sort_by_key(|file| file.number);
    match files.windows(2).find(|two| two[0].number == two[1].number) {
        Some(two) => Err(MigrateError::File(format!("{} and {} have the same number: give one of them another", two[0].name, two[1].name))),
        None => Ok(files),
    }
}

fn number(name: &str) -> Result<u64> {
    let digits = name.split_once('_').map(|(digits, _)| digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).filter(|number| i64::try_from(*number).is_ok()).ok_or_else(|| {
        MigrateError::File(format!("{name}: the name of a migration is a number, an underscore and some words, such as 0007_add_state.sql"))
    })
}

fn statements(name: &str, text: &str, dialect: Dialect) -> Result<Vec<Written>> {
    let at = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let wrong = |line: usize, why: &str| MigrateError::File(format!("{name}:{line}: {why}"));
    let parsed =
        borealis_sql::parse::parse(text, dialect).map_err(|error| wrong(at(error.fields().position.unwrap_or(0)), error.message()))?;
    let mut written = Vec::new();
    for one in parsed {
        let line = at(one.text.start);
        let statement = one.statement.map_err(|error| wrong(line, error.message()))?;
        let kind = kind(&statement).map_err(|why| wrong(line, why))?;
        written.push(Written { sql: text[one.text].to_owned(), line, kind });
    }
    Ok(written)
}

fn kind(statement: &Statement) -> std::result::Result<Kind, &'static str> {
    match statement {
        Statement::CreateIndex(_) => Ok(Kind::Job),
        Statement::AlterTable(alter) if alter.asynchronous => Ok(Kind::Job),
        statement if statement.is_definition() => Ok(Kind::Definition),
        Statement::Query(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => Ok(Kind::Rows),
        Statement::Transaction(_) | Statement::SetConstraints { .. } => {
            Err("transaction control has no place in a migration: each statement is a transaction of its own")
        }
        Statement::Explain(_) | Statement::Copy(_) => Err("EXPLAIN and COPY change nothing that a migration could rely on; use INSERT"),
        Statement::Call(_) => Err("jobs are waited for by themselves; leave the CALL out"),
        Statement::Analyze { .. } => Err("ANALYZE runs by itself after changes and cannot be part of a transaction; leave it out"),
        _ => Err("statements about the session have no effect on the next ones, which may run in another; name objects in full instead"),
    }
}
