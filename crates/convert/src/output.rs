//! What a conversion answers.

use std::fmt::Write as _;

use borealis_dialect::Dialect;
use serde::Serialize;

use crate::loss::{Loss, Verdict};
use crate::place::Place;

/// What a statement of the target does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// CREATE SCHEMA.
    Schema,
    /// CREATE SEQUENCE, and what moves one.
    Sequence,
    /// CREATE DOMAIN.
    Domain,
    /// CREATE TABLE.
    Table,
    /// INSERT: rows of the dump.
    Rows,
    /// CREATE INDEX ASYNC: answers the identifier of a job.
    Index,
    /// ALTER TABLE.
    Alter,
    /// ALTER TABLE ASYNC … VALIDATE CONSTRAINT: answers the identifier of a job.
    Validation,
    /// CREATE VIEW.
    View,
    /// CREATE FUNCTION.
    Function,
    /// COMMENT ON.
    Comment,
    /// CREATE STATISTICS and ALTER STATISTICS.
    Statistics,
    /// DROP and RENAME.
    Other,
}

/// One statement, and one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// What it does.
    pub kind: Kind,
    /// The table or other object it is about.
    pub object: String,
    /// Where in the source it comes from.
    #[serde(flatten)]
    pub place: Place,
    /// Without a semicolon.
    pub sql: String,
}

/// The whole answer.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// What accepts the statements.
    pub dialect: Dialect,
    /// In the order in which they run, each in a transaction of its own.
    pub statements: Vec<Statement>,
    /// What was lost, in the order of the source.
    pub losses: Vec<Loss>,
}

impl Conversion {
    /// Whether the target means everything that the source meant.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        self.losses.iter().all(|loss| loss.verdict == Verdict::Clean)
    }

    /// The statements as a script. With `annotate` each loss stands as a comment before the first statement of its object, the rest at the beginning.
    #[must_use]
    pub fn script(&self, annotate: bool) -> String {
        let mut out = String::new();
        let mut left: Vec<&Loss> = if annotate { self.losses.iter().collect() } else { Vec::new() };
        let about =
            |loss: &Loss, object: &str| loss.object == object || loss.object.strip_prefix(object).is_some_and(|rest| rest.starts_with('.'));
        let (placed, general): (Vec<&Loss>, Vec<&Loss>) =
            left.into_iter().partition(|loss| self.statements.iter().any(|statement| about(loss, &statement.object)));
        general.into_iter().for_each(|loss| comment(&mut out, loss));
        left = placed;
        for statement in &self.statements {
            let (now, later): (Vec<&Loss>, Vec<&Loss>) = left.into_iter().partition(|loss| about(loss, &statement.object));
            now.into_iter().for_each(|loss| comment(&mut out, loss));
            left = later;
            let _ = writeln!(out, "{};\n", statement.sql);
        }
        out
    }
}

/// A loss in lines that begin with `--`.
fn comment(out: &mut String, loss: &Loss) {
    for line in loss.to_string().lines() {
        let _ = writeln!(out, "-- {line}");
    }
}
