//! Primary keys that grow.

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Column, CreateTable};

pub(super) const RULE: Rule = Rule {
    id: "sequential-key",
    rows: &[],
    own: true,
    severity: Severity::Info,
    what: "a primary key that begins with a number or a time that only grows",
    why: "Rows are stored in the order of the key, so that all inserts meet at its end: one partition takes the whole load. A random UUID spreads them; so does a column before the number.",
    fix: "",
    example: include_str!("sequential_key.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(create) = &check.create_table else { return };
    let key = create.primary_key(check.view);
    let Some(column) = key.first().and_then(|first| create.column(first)) else { return };
    let Some(how) = growth(check, create, column) else { return };
    let message = format!("the primary key of table \"{}\" begins with {how}: every insert goes to one end of the table", create.name.name);
    found.push(check.finding(&RULE, message, column.name_token..column.name_token + 1).hint("uuid DEFAULT gen_random_uuid(), or another column first"));
}

fn growth(check: &Check<'_>, create: &CreateTable, column: &Column) -> Option<&'static str> {
    let view = check.view;
    if super::serial::serial_type(view, column).is_some() || column.part("generated").is_some_and(|part| view.find(part.body.clone(), &["identity"]).is_some()) {
        return Some("an identity column");
    }
    let default = column.part("default")?.body.clone();
    if !view.find_all(default.clone(), &["nextval"]).is_empty() {
        return Some("the next value of a sequence");
    }
    let clock = ["now", "current_timestamp", "clock_timestamp", "current_date", "statement_timestamp"];
    let is_time = default.clone().any(|index| view.is_any(index, &clock)) && create.column(&column.name).is_some();
    is_time.then_some("the time of the insert")
}
