//! All rules by name: rules with a file of their own, and the rows of the dialect table that refuse something.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use borealis_dialect::{Dialect, Row, Verdict as RowVerdict};
use serde::Serialize;

use crate::finding::Severity;
use crate::rule::{Rule, row_id};
use crate::rules::RULES;

/// Findings that come from no rule's file: what is no SQL, or no row's refusal.
const OTHERS: &[(&str, Severity, &str)] = &[
    ("copy-data", Severity::Error, "data behind COPY that nothing ends"),
    ("encoding", Severity::Error, "a file that is not UTF-8"),
    ("psql-command", Severity::Info, "a command of psql, which is skipped"),
    ("sql", Severity::Error, "an error of PostgreSQL's own, as sql/42601 for a syntax error"),
    ("suppression", Severity::Warning, "a suppression that names no rule"),
];

/// A rule for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Its name.
    pub id: String,
    /// Unless it is set to something else.
    pub severity: Severity,
    /// What it detects.
    pub summary: String,
    /// Whether it has fixes.
    pub fixes: bool,
}

/// Rows that refuse something while it runs: for its values, its time, or the state of the cluster. No text has such a finding.
const AT_RUN_TIME: &[&str] = &[
    "function/text search",
    "index/invalid",
    "limit/application name bytes",
    "limit/bytes per transaction",
    "limit/column bytes",
    "limit/connection age seconds",
    "limit/connection burst",
    "limit/connections",
    "limit/connections per second",
    "limit/key bytes",
    "limit/message bytes",
    "limit/parameters",
    "limit/query memory bytes",
    "limit/row bytes",
    "limit/storage bytes",
    "limit/transaction age seconds",
];

/// Rows that refuse something only in a dialect that accepts the form beside them.
const WITHIN: &[(&str, &str)] = &[
    ("alter_table/drop primary key", "alter_table/DROP CONSTRAINT"),
    ("limit/columns per table lifetime", "alter_table/DROP COLUMN"),
    ("limit/statistics per table", "statement/CreateStats"),
    ("limit/statistics target", "statement/CreateStats"),
];

fn refused_rows() -> impl Iterator<Item = &'static Row> {
    borealis_dialect::rows().iter().filter(|row| row.verdict != RowVerdict::Accepted && !AT_RUN_TIME.contains(&row.key))
}

fn is_accepted(form: &str, dialect: Dialect) -> bool {
    borealis_dialect::require(form, &[], dialect).is_ok()
}

/// Whether a text in this dialect can have the row's refusal.
fn can_refuse(row: &Row, dialect: Dialect) -> bool {
    row.holds(dialect) && WITHIN.iter().all(|(key, form)| *key != row.key || is_accepted(form, dialect))
}

/// Whether the rule has findings under its own name: beside refusals of rows, those are about what the dialect accepts.
fn has_own_findings(rule: &Rule, dialect: Dialect) -> bool {
    rule.own && (rule.rows.is_empty() || rule.rows.iter().any(|form| is_accepted(form, dialect)))
}

fn rule_of_row(key: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.rows.contains(&key))
}

/// Every name that a finding can have, with the rule behind it.
pub(crate) fn ids() -> impl Iterator<Item = (String, &'static str)> {
    let own = RULES.iter().map(|rule| (rule.id.to_owned(), rule.id));
    let rows = refused_rows().map(|row| (row_id(row.key), rule_of_row(row.key).map_or("", |rule| rule.id)));
    let others = OTHERS.iter().map(|(id, ..)| ((*id).to_owned(), *id));
    let states = std::iter::once(("sql/42601".to_owned(), ""));
    own.chain(rows).chain(others).chain(states)
}

/// The name that is most like `text`.
pub(crate) fn nearest(text: &str) -> Option<String> {
    let distance = |id: &str| distance_of(id, text);
    ids().map(|(id, _)| id).filter(|id| distance(id) * 3 <= id.len()).min_by_key(|id| distance(id))
}

/// Levenshtein's distance.
fn distance_of(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// All rules that can find something in `dialect`, by name.
#[must_use]
pub fn rules(dialect: Dialect) -> Vec<RuleInfo> {
    let mut all = BTreeMap::new();
    let mut add = |id: String, severity, summary: &str, fixes| {
        all.insert(id.clone(), RuleInfo { id, severity, summary: summary.to_owned(), fixes });
    };
    for row in refused_rows().filter(|row| can_refuse(row, dialect)) {
        let severity = if row.verdict == RowVerdict::NotYet { Severity::Warning } else { Severity::Error };
        add(row_id(row.key), severity, row.message, rule_of_row(row.key).is_some());
    }
    for rule in RULES.iter().filter(|rule| has_own_findings(rule, dialect)) {
        add(rule.id.to_owned(), rule.severity, rule.what, !rule.fix.is_empty());
    }
    OTHERS.iter().for_each(|(id, severity, summary)| add((*id).to_owned(), *severity, summary, false));
    all.into_values().collect()
}

/// What a rule detects, why, an example, and its fix, in Markdown; `None` when no rule has this name.
#[must_use]
pub fn explain(id: &str, dialect: Dialect) -> Option<String> {
    let id = id.to_ascii_lowercase();
    let row = borealis_dialect::rows().iter().filter(|row| row_id(row.key) == id);
    let row = row.max_by_key(|row| (row.holds(dialect), row.verdict != RowVerdict::Accepted));
    let rule = RULES.iter().find(|rule| rule.id == id).or_else(|| rule_of_row(row?.key));
    let mut text = format!("# {id}\n");
    match (row, rule) {
        (None, None) => {
            let known = if id.starts_with("sql/") { "sql" } else { &id };
            let (_, _, what) = OTHERS.iter().find(|(other, ..)| *other == known)?;
            let _ = writeln!(text, "\n{}.", capitalised(what));
        }
        (row, rule) => {
            row.into_iter().for_each(|row| about_row(row, dialect, &mut text));
            rule.into_iter().for_each(|rule| about_rule(rule, &mut text));
        }
    }
    Some(text)
}

fn about_row(row: &Row, dialect: Dialect, text: &mut String) {
    if row.verdict == RowVerdict::Accepted || !row.holds(dialect) {
        let _ = writeln!(text, "\nDialect {dialect} accepts this.");
        return;
    }
    let _ = writeln!(text, "\nDialect {dialect} answers `{}` `{}` ({}).", row.sqlstate, row.message_with(&[]), row.proof.name());
    if let Some(advice) = row.advice {
        let _ = writeln!(text, "\nInstead: {advice}.");
    }
}

fn about_rule(rule: &Rule, text: &mut String) {
    let _ = writeln!(text, "\n{}.\n\n## Why\n\n{}", capitalised(rule.what), rule.why);
    if !rule.fix.is_empty() {
        let _ = writeln!(text, "\n## Fix\n\n{}", rule.fix);
    }
    let _ = writeln!(text, "\n## Example\n\n```sql\n{}\n```", rule.example.trim());
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
