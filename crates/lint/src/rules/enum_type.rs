//! Enumerated types.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "enum-type",
    rows: &["statement/CreateEnum"],
    own: false,
    severity: Severity::Error,
    what: "CREATE TYPE ... AS ENUM, and DROP TYPE",
    why: "Aurora DSQL has no types of a user's own but domains.",
    fix: "A domain over text with a CHECK takes the place, so that columns of the type stay as they are. What is lost: values are ordered as text, and the list is fixed.",
    example: include_str!("enum_type.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if view.are(0, &["drop", "type"]) {
        let fix = Fix::lossy("it is a domain of that name that is dropped", vec![view.replace(1..2, "DOMAIN")]);
        found.extend(check.refused_as(&RULE, "object/DROP", 0..2).map(|finding| finding.fix(fix)));
    }
    if !view.are(0, &["create", "type"]) {
        return;
    }
    let Some(name) = view.name(2) else { return };
    let at = name.tokens.end;
    if !view.are(at, &["as", "enum", "("]) {
        return;
    }
    let fix = if view.is(at + 3, ")") {
        Fix::impossible("the type has no values")
    } else {
        let edits = vec![view.replace(1..2, "DOMAIN"), view.replace(at + 1..at + 2, "text CHECK (VALUE IN"), view.insert_after(view.len() - 1, ")")];
        Fix::lossy("values are ordered as text, and the list of values is fixed", edits)
    };
    found.extend(check.refused_as(&RULE, "statement/CreateEnum", 0..2).map(|finding| finding.fix(fix)));
}
