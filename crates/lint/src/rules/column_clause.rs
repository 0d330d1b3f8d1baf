//! COMPRESSION and STORAGE of columns.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "column-clause",
    rows: &["column/COMPRESSION", "column/STORAGE"],
    own: false,
    severity: Severity::Error,
    what: "COMPRESSION, or STORAGE in a dialect that has none",
    why: "How values are compressed is the service's own business.",
    fix: "The clause goes; no value changes.",
    example: include_str!("column_clause.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    for column in check.create_table.iter().flat_map(|create| create.columns()) {
        for (word, form) in [("compression", "column/COMPRESSION"), ("storage", "column/STORAGE")] {
            for part in column.parts_of(word) {
                let fix = Fix::clean(vec![check.view.remove(part.body.clone())]);
                found.extend(check.refused(&RULE, form, &[], part.body.clone()).map(|finding| finding.fix(fix)));
            }
        }
    }
}
