//! UPDATE and DELETE of every row.

use borealis_sql::ast::{Expr, Statement, TableRef};

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "unfiltered-write",
    rows: &[],
    own: true,
    severity: Severity::Warning,
    what: "UPDATE or DELETE without WHERE",
    why: "It touches every row: it is seldom meant, and refused beyond 3,000 rows.",
    fix: "",
    example: include_str!("unfiltered_write.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let every = |filter: &Option<Expr>, others: &[TableRef]| filter.is_none() && others.is_empty();
    let (word, table) = match &check.reading.tree {
        Some(Statement::Update(update)) if every(&update.filter, &update.from) => ("UPDATE", &update.table.name),
        Some(Statement::Delete(delete)) if every(&delete.filter, &delete.using) => ("DELETE", &delete.table.name),
        _ => return,
    };
    let message = format!("{word} of every row of \"{table}\"");
    found.push(check.finding(&RULE, message, 0..check.view.len()).hint("say WHERE, and delete or update in batches of at most 3,000 rows; WHERE true when every row is meant"));
}
