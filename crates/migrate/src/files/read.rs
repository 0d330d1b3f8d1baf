//! Migration files as they lie in a folder.

use std::path::Path;

use borealis_dialect::Dialect;
use borealis_sql::ast::{AlterAction, Statement};
use sha2::{Digest as _, Sha256};

use super::text::read_text;
use crate::error::{MigrateError, Result};
use crate::sql;

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
    /// What its job is about.
    pub(super) made: Option<Made>,
}

/// What a background job makes: the statement has succeeded when this is usable, and only then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// An index, by its name as it stands in a statement.
    Index(String),
    /// A validated constraint: its table as it stands in a statement, and its name.
    Validation(String, String),
}

impl Made {
    fn by(statement: &Statement) -> Option<Self> {
        let full = |schema: &Option<String>, name: &str| match schema {
            Some(schema) => sql::qualified(schema, name),
            None => sql::name(name),
        };
        match statement {
            Statement::CreateIndex(create) => create.name.as_deref().map(|name| Self::Index(full(&create.table.schema, name))),
            Statement::AlterTable(alter) => match alter.actions.as_slice() {
                [AlterAction::ValidateConstraint { name }] => {
                    Some(Self::Validation(full(&alter.name.schema, &alter.name.name), name.clone()))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is usable.
    pub(super) fn is_usable(&self) -> String {
        match self {
            Self::Index(name) => format!(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = to_regclass({}) AND indisvalid)",
                sql::text(name)
            ),
            Self::Validation(table, name) => format!(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass({}) AND conname = {} AND convalidated)",
                sql::text(table),
                sql::text(name)
            ),
        }
    }

    /// Why the newest job about an index has failed; nothing for one that is usable or not there.
    pub(super) fn failure(&self) -> Option<String> {
        let Self::Index(name) = self else { return None };
        Some(format!(
            "SELECT coalesce((SELECT coalesce(details, status) FROM sys.jobs WHERE job_type = 'INDEX_BUILD' AND object_id = i.indexrelid \
                              AND status IN ('failed', 'cancelled') ORDER BY start_time DESC LIMIT 1), 'its job did not end') \
               FROM pg_catalog.pg_index AS i WHERE i.indexrelid = to_regclass({}) AND NOT i.indisvalid \
                AND NOT EXISTS (SELECT 1 FROM sys.jobs WHERE object_id = i.indexrelid AND status IN ('submitted', 'processing'))",
            sql::text(name)
        ))
    }
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

/// A file of a folder: what it says, or why it cannot be run.
pub(super) struct Found {
    pub(super) name: String,
    /// None when the name has none.
    pub(super) number: Option<u64>,
    pub(super) file: Result<File>,
}

/// The files of a folder by number, those whose names have none at the end.
pub(super) fn folder(path: &Path, dialect: Dialect) -> Result<Vec<Found>> {
    let unreadable = |error: std::io::Error| MigrateError::File(format!("{}: {error}", path.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".sql") {
            found.push(one(name, &entry.path(), dialect));
        }
    }
    found.sort_by(|one, other| (one.number.is_none(), one.number, &one.name).cmp(&(other.number.is_none(), other.number, &other.name)));
    for at in 1..found.len() {
        if found[at].number.is_some() && found[at].number == found[at - 1].number {
            let names = (&found[at - 1].name, &found[at].name);
            let same = format!("{} and {} have the same number: give one of them another", names.0, names.1);
            found[at].file = Err(MigrateError::File(same));
        }
    }
    Ok(found)
}

fn one(name: String, path: &Path, dialect: Dialect) -> Found {
    let number = number(&name);
    let known = number.as_ref().ok().copied();
    let file = number.and_then(|number| {
        let text = read_text(path)?;
        Ok(File { number, statements: statements(&name, &text, dialect)?, name: name.clone() })
    });
    Found { name, number: known, file }
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
        written.push(Written { sql: text[one.text].to_owned(), line, kind, made: Made::by(&statement) });
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
