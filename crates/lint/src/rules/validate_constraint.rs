//! VALIDATE CONSTRAINT without ASYNC.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::Action;

pub(super) const RULE: Rule = Rule {
    id: "validate-constraint",
    rows: &["alter_table/VALIDATE CONSTRAINT"],
    own: false,
    severity: Severity::Error,
    what: "VALIDATE CONSTRAINT without ASYNC",
    why: "Reading the whole table is a job's work.",
    fix: "ASYNC is put in. What is lost: the statement returns a job's id, and the constraint is valid when the job has completed.",
    example: include_str!("validate_constraint.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(alter)) = (check.view, &check.alter_table) else { return };
    if alter.asynchronous {
        return;
    }
    let form = "alter_table/ASYNC VALIDATE CONSTRAINT";
    for action in &alter.actions {
        let Action::Other(tokens) = action else { continue };
        if !view.are(tokens.start, &["validate", "constraint"]) {
            continue;
        }
        let fix = if borealis_dialect::require(form, &[], check.options.dialect).is_err() {
            Fix::impossible("this dialect has no constraints to validate: recreate the table")
        } else if alter.actions.len() > 1 {
            Fix::impossible("validate in a statement of its own")
        } else {
            Fix::lossy("the statement returns before the table is checked: wait for its job", vec![view.insert_after(1, " ASYNC")])
        };
        found.extend(check.refused(&RULE, "alter_table/VALIDATE CONSTRAINT", &[], tokens.clone()).map(|finding| finding.fix(fix)));
    }
}
