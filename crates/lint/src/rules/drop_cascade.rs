//! DROP ... CASCADE.

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "drop-cascade",
    rows: &[],
    own: true,
    severity: Severity::Warning,
    what: "DROP ... CASCADE",
    why: "It drops whatever depends on the object, named or not: views, foreign keys of other tables, every table of a schema.",
    fix: "",
    example: include_str!("drop_cascade.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    let last = view.len().saturating_sub(1);
    if view.is(0, "drop") && view.is(last, "cascade") {
        found.push(check.finding(&RULE, "CASCADE drops what depends on it, unnamed", last..last + 1).hint("drop what depends on it by name, first"));
    }
    for action in check.alter_table.iter().flat_map(|alter| &alter.actions) {
        let tokens = action.tokens();
        if view.is(tokens.start, "drop") && tokens.len() > 2 && view.is(tokens.end - 1, "cascade") {
            let finding = check.finding(&RULE, "CASCADE drops what depends on it, unnamed", tokens.end - 1..tokens.end);
            found.push(finding.hint("drop what depends on it by name, first"));
        }
    }
}
