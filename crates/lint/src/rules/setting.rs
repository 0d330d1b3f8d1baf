//! SET of what cannot be set.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "setting",
    rows: &["setting/*"],
    own: false,
    severity: Severity::Error,
    what: "SET or RESET of a parameter that Aurora DSQL does not let a session set",
    why: "The list of parameters is short; time limits, planner costs and the isolation level are the service's.",
    fix: "The statement goes. Nothing is lost with those that a dump sets and that have one value here (standard_conforming_strings, default_tablespace, xmloption and others), or that say what holds \
          anyway, as REPEATABLE READ does; what any other asked for is lost.",
    example: include_str!("setting.sql"),
    check,
};

/// Parameters that change nothing here.
const WITHOUT_EFFECT: &[&str] = &[
    "standard_conforming_strings", "check_function_bodies", "xmloption", "row_security", "default_tablespace", "default_table_access_method", "default_with_oids",
    "escape_string_warning", "client_min_messages",
];

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if !view.is_any(0, &["set", "reset"]) {
        return;
    }
    let Some(finding) = check.refused_as(&RULE, "setting/*", 0..view.len()) else { return };
    let at = if view.is_any(1, &["session", "local"]) { 2 } else { 1 };
    let name = view.identifier(at).unwrap_or_default();
    let transaction = view.find(1..view.len(), &["transaction"]).is_some();
    let holds_anyway = transaction && view.find(1..view.len(), &["repeatable", "read"]).is_some() && view.find(1..view.len(), &["only"]).is_none();
    let fix = match () {
        () if transaction && !holds_anyway => Fix::impossible("say it in BEGIN"),
        () if holds_anyway || WITHOUT_EFFECT.contains(&name.as_str()) => Fix::clean(vec![check.remove_statement()]),
        () => Fix::lossy(format!("{name} keeps the service's value"), vec![check.remove_statement()]),
    };
    found.push(finding.fix(fix));
}
