//! COLLATE of columns.

use std::ops::Range;

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::Action;

pub(super) const RULE: Rule = Rule {
    id: "collation",
    rows: &["column/COLLATE"],
    own: false,
    severity: Severity::Error,
    what: "COLLATE of a column or of an index's key",
    why: "All text is in C collation: it is compared byte by byte.",
    fix: "COLLATE goes. For \"C\", \"POSIX\" and \"ucs_basic\" nothing changes; for any other the order of values does.",
    example: include_str!("collation.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let created = check.create_table.iter().flat_map(|create| create.columns());
    let added = check.alter_table.iter().flat_map(|alter| &alter.actions).filter_map(|action| match action {
        Action::AddColumn { column, .. } => Some(column),
        _ => None,
    });
    for column in created.chain(added) {
        column.parts_of("collate").for_each(|part| found.extend(collate(check, part.body.clone())));
    }
    for key in check.create_index.iter().flat_map(|create| &create.keys) {
        key.collate.iter().for_each(|tokens| found.extend(collate(check, tokens.clone())));
    }
}

fn collate(check: &Check<'_>, tokens: Range<usize>) -> Option<Finding> {
    let name = check.view.name(tokens.start + 1).map(|name| name.name).unwrap_or_default();
    let same = matches!(name.to_ascii_lowercase().as_str(), "c" | "posix" | "ucs_basic" | "default");
    let loss = (!same).then(|| format!("values are ordered and compared byte by byte, not as \"{name}\" says"));
    let fix = Fix::losing(loss, vec![check.view.remove(tokens.clone())]);
    Some(check.refused(&RULE, "column/COLLATE", &[], tokens)?.fix(fix))
}
