//! FOR SHARE and FOR NO KEY UPDATE.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "locking",
    rows: &["select/for share", "select/for key share"],
    own: false,
    severity: Severity::Error,
    what: "FOR SHARE, FOR NO KEY UPDATE, and FOR KEY SHARE in a dialect that has none",
    why: "Nothing is locked in Aurora DSQL: FOR UPDATE marks rows for the check at commit.",
    fix: "FOR UPDATE takes the place. What is lost: of two transactions that read the same row so, one has to be repeated.",
    example: include_str!("locking.sql"),
    check,
};

const CLAUSES: &[(&[&str], &str)] =
    &[(&["for", "share"], "select/for share"), (&["for", "no", "key", "update"], "select/for share"), (&["for", "key", "share"], "select/for key share")];

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if check.reading.is_accepted() {
        return;
    }
    for (words, form) in CLAUSES {
        for at in view.find_all(1..view.len(), words) {
            let tokens = at..at + words.len();
            let loss = "transactions that read the same row so conflict at commit";
            let fix = Fix::lossy(loss, vec![view.replace(tokens.clone(), "FOR UPDATE")]);
            found.extend(check.refused(&RULE, form, &[], tokens).map(|finding| finding.fix(fix)));
        }
    }
}
