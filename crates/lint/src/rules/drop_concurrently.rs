//! DROP INDEX CONCURRENTLY.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "drop-concurrently",
    rows: &["object/DROP CONCURRENTLY"],
    own: false,
    severity: Severity::Error,
    what: "DROP INDEX CONCURRENTLY",
    why: "Dropping an index blocks nobody.",
    fix: "CONCURRENTLY goes.",
    example: include_str!("drop_concurrently.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    if !check.view.are(0, &["drop", "index", "concurrently"]) {
        return;
    }
    let fix = Fix::clean(vec![check.view.remove(2..3)]);
    found.extend(check.refused_as(&RULE, "object/DROP CONCURRENTLY", 2..3).map(|finding| finding.fix(fix)));
}
