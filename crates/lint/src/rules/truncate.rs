//! TRUNCATE.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "truncate",
    rows: &["statement/Truncate"],
    own: false,
    severity: Severity::Error,
    what: "TRUNCATE",
    why: "Aurora DSQL empties a table row by row, at most 3,000 in a transaction, or by dropping and making it again.",
    fix: "DELETE of every row takes the place, one for each table. What is lost: more than 3,000 rows are refused and have to be deleted in batches, identity counters go on, \
          and the tables that CASCADE would empty are not.",
    example: include_str!("truncate.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if !view.is(0, "truncate") {
        return;
    }
    let Some(finding) = check.refused_as(&RULE, "statement/Truncate", 0..1) else { return };
    let start = view.skip(1, &["table"]);
    let words = ["restart", "continue", "cascade", "restrict"];
    let end = view.top(start..view.len()).find(|index| view.is_any(*index, &words)).unwrap_or(view.len());
    let tables = view.list(start..end).into_iter().filter_map(|part| view.name(view.skip(part.start, &["only"])));
    let deletes: Vec<String> = tables.map(|table| format!("DELETE FROM {} WHERE true", view.text_of(table.tokens))).collect();
    let mut loss = "more than 3,000 rows are refused: delete them in batches".to_owned();
    if view.find(end..view.len(), &["restart", "identity"]).is_some() {
        loss.push_str("; identity counters go on counting");
    }
    if view.find(end..view.len(), &["cascade"]).is_some() {
        loss.push_str("; tables that refer to it are not emptied");
    }
    found.push(finding.fix(Fix::lossy(loss, vec![view.replace(0..view.len(), deletes.join(";\n"))])));
}
