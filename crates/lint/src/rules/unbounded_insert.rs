//! INSERT ... SELECT without a bound.

use borealis_sql::ast::{InsertSource, Query, QueryBody, Statement, TableRef};

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "unbounded-insert",
    rows: &[],
    own: true,
    severity: Severity::Warning,
    what: "INSERT ... SELECT from a table without LIMIT or WHERE",
    why: "It inserts as many rows as there are, and is refused beyond 3,000.",
    fix: "",
    example: include_str!("unbounded_insert.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(Statement::Insert(insert)) = &check.reading.tree else { return };
    let InsertSource::Query(query) = &insert.source else { return };
    if !is_unbounded(query) {
        return;
    }
    let at = check.view.find(0..check.view.len(), &["select"]).unwrap_or(0);
    let finding = check.finding(&RULE, "INSERT ... SELECT of every row of a table", at..at + 1);
    found.push(finding.hint("copy in batches by key: WHERE id > last ORDER BY id LIMIT 3000"));
}

fn is_unbounded(query: &Query) -> bool {
    let QueryBody::Select(select) = &query.body else { return false };
    let reads_table = select.from.iter().any(reads_table);
    reads_table && query.limit.is_none() && select.filter.is_none() && select.group_by.is_empty()
}

fn reads_table(from: &TableRef) -> bool {
    matches!(from, TableRef::Table { .. } | TableRef::Join { .. })
}
