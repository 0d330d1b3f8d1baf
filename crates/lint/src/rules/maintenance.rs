//! VACUUM, CLUSTER, REINDEX, CHECKPOINT, ANALYZE of everything.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "maintenance",
    rows: &["statement/Vacuum", "statement/Cluster", "statement/Reindex", "statement/AnalyzeAll"],
    own: false,
    severity: Severity::Error,
    what: "VACUUM, CLUSTER, REINDEX, CHECKPOINT, or ANALYZE without a table",
    why: "The service removes old versions, keeps tables clustered by their primary key, and gathers statistics by itself.",
    fix: "The statement goes; VACUUM ANALYZE of a table becomes ANALYZE. Nothing is lost.",
    example: include_str!("maintenance.sql"),
    check,
};

const STATEMENTS: &[(&str, &str)] = &[
    ("vacuum", "statement/Vacuum"),
    ("cluster", "statement/Cluster"),
    ("reindex", "statement/Reindex"),
    ("checkpoint", "statement/*"),
    ("analyze", "statement/AnalyzeAll"),
    ("analyse", "statement/AnalyzeAll"),
];

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    let Some((_, form)) = STATEMENTS.iter().find(|(word, _)| view.is(0, word)) else { return };
    let edit = match analyzed_table(check) {
        Some(table) => view.replace(0..view.len(), format!("ANALYZE {table}")),
        None => check.remove_statement(),
    };
    found.extend(check.refused_as(&RULE, form, 0..1).map(|finding| finding.fix(Fix::clean(vec![edit]))));
}

/// The tables of VACUUM ANALYZE.
fn analyzed_table<'a>(check: &Check<'a>) -> Option<&'a str> {
    let view = check.view;
    if !view.is(0, "vacuum") {
        return None;
    }
    let start = if view.is(1, "(") {
        view.close_of(1) + 1
    } else {
        (1..view.len()).find(|index| !view.is_any(*index, &["full", "freeze", "verbose", "analyze", "analyse"]))?
    };
    let asked = (1..start).any(|index| view.is_any(index, &["analyze", "analyse"]));
    (asked && start < view.len()).then(|| view.text_of(start..view.len()))
}
