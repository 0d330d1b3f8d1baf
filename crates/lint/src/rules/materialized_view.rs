//! Materialized views.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "materialized-view",
    rows: &["object/DROP materialized view"],
    own: false,
    severity: Severity::Error,
    what: "CREATE, REFRESH or DROP MATERIALIZED VIEW",
    why: "Aurora DSQL keeps no results of queries.",
    fix: "An ordinary view takes the place, and REFRESH goes. What is lost: the query runs at each use, and a view has no indexes.",
    example: include_str!("materialized_view.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if view.are(0, &["create", "materialized", "view"]) {
        found.extend(check.refused_as(&RULE, "statement/CreateTableAs", 0..3).map(|finding| finding.fix(ordinary(check))));
    } else if view.are(0, &["refresh", "materialized", "view"]) {
        let fix = Fix::lossy("the view is always fresh", vec![check.remove_statement()]);
        found.extend(check.refused_as(&RULE, "statement/*", 0..3).map(|finding| finding.fix(fix)));
    } else if view.are(0, &["drop", "materialized", "view"]) {
        let fix = Fix::lossy("it is an ordinary view that is dropped", vec![view.remove(1..2)]);
        found.extend(check.refused_as(&RULE, "object/DROP materialized view", 0..3).map(|finding| finding.fix(fix)));
    }
}

fn ordinary(check: &Check<'_>) -> Fix {
    let view = check.view;
    let conditional = view.are(3, &["if", "not", "exists"]);
    let mut edits = vec![view.replace(1..2, if conditional { "OR REPLACE" } else { "" })];
    if conditional {
        edits.push(view.remove(3..6));
    } else {
        edits = vec![view.remove(1..2)];
    }
    let Some(query) = view.find(3..view.len(), &["as"]) else { return Fix::impossible("the view has no query") };
    if let Some(clause) = view.top(4..query).find(|index| view.is_any(*index, &["using", "with", "tablespace"])) {
        edits.push(view.remove(clause..query));
    }
    let end = view.len();
    let data = if end > 3 && view.are(end - 3, &["with", "no", "data"]) { 3 } else { 2 };
    if end > data && view.is(end - data, "with") && view.is(end - 1, "data") {
        edits.push(view.remove(end - data..end));
    }
    Fix::lossy("the query runs each time the view is used", edits)
}
