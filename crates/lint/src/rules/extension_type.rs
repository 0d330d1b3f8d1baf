//! Types of extensions.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Action, Column};

pub(super) const RULE: Rule = Rule {
    id: "extension-type",
    rows: &[],
    own: true,
    severity: Severity::Error,
    what: "a column of a type that an extension of PostgreSQL brings",
    why: "Aurora DSQL has no extensions.",
    fix: "citext and ltree become text, hstore becomes jsonb (text in dialect 2026-02). What is lost: their comparison and operators. Types for places and vectors are left to you.",
    example: include_str!("extension_type.sql"),
    check,
};

const TYPES: &[(&str, &str)] = &[("citext", "text"), ("ltree", "text"), ("hstore", "jsonb"), ("geometry", ""), ("geography", ""), ("vector", ""), ("cube", "")];

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    if check.reading.is_accepted() {
        return;
    }
    check.create_table.iter().flat_map(|create| create.columns()).for_each(|column| found.extend(extension_type(check, column)));
    for action in check.alter_table.iter().flat_map(|alter| &alter.actions) {
        if let Action::AddColumn { column, .. } = action {
            found.extend(extension_type(check, column));
        }
    }
}

fn extension_type(check: &Check<'_>, column: &Column) -> Option<Finding> {
    let view = check.view;
    let name = view.name(column.ty.start)?;
    let (name, place) = TYPES.iter().find(|(ty, _)| *ty == name.name)?;
    let jsonb = borealis_dialect::require("type/jsonb", &[], check.options.dialect).is_ok();
    let place = if *place == "jsonb" && !jsonb { "text" } else { place };
    let fix = if place.is_empty() {
        Fix::impossible(format!("no type holds what {name} holds"))
    } else {
        Fix::lossy(format!("{} is {place}: what {name} compares and offers is lost", column.name), vec![view.replace(column.ty.clone(), place)])
    };
    let message = format!("type \"{name}\" does not exist");
    Some(check.answer(&RULE, "42704", message, column.ty.clone()).fix(fix))
}
