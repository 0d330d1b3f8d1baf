//! `ENFORCED` and `NOT ENFORCED`, which PostgreSQL knows since version 18.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "enforced",
    rows: &[],
    own: true,
    severity: Severity::Error,
    what: "ENFORCED or NOT ENFORCED behind a constraint",
    why: "The words came with PostgreSQL 18; Aurora DSQL speaks PostgreSQL 16, where they are a syntax error.",
    fix: "ENFORCED goes: it is what every constraint is. NOT ENFORCED goes too, and then the constraint is enforced.",
    example: include_str!("enforced.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if check.reading.is_accepted() || (check.create_table.is_none() && check.alter_table.is_none()) {
        return;
    }
    for at in view.find_all(1..view.len(), &["enforced"]) {
        let not = view.is(at - 1, "not");
        if !not && !follows_constraint(check, at) {
            continue;
        }
        let tokens = if not { at - 1..at + 1 } else { at..at + 1 };
        let loss = not.then(|| "the constraint is enforced".to_owned());
        let message = format!("syntax error at or near \"{}\"", view.slice(at));
        found.push(check.answer(&RULE, "42601", message, at..at + 1).fix(Fix::losing(loss, vec![view.remove(tokens)])));
    }
}

/// A column may be called so; what follows a bracket or a word of a constraint is none.
fn follows_constraint(check: &Check<'_>, at: usize) -> bool {
    let ends = ["null", "deferrable", "deferred", "immediate", "cascade", "restrict", "action", "default", "full", "simple"];
    check.view.is(at - 1, ")") || check.view.is_any(at - 1, &ends) || follows_reference(check, at)
}

/// `REFERENCES table` without columns.
fn follows_reference(check: &Check<'_>, at: usize) -> bool {
    let before = (1..at).rev().find(|index| check.view.is(*index, "references"));
    before.and_then(|references| check.view.name(references + 1)).is_some_and(|table| table.tokens.end == at)
}
