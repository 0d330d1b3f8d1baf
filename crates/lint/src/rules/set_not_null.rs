//! ALTER COLUMN SET NOT NULL.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::Action;
use crate::tokens::quoted;

pub(super) const RULE: Rule = Rule {
    id: "set-not-null",
    rows: &["alter_table/ALTER COLUMN ... SET NOT NULL"],
    own: false,
    severity: Severity::Error,
    what: "ALTER COLUMN SET NOT NULL",
    why: "It would have to read the whole table in one statement.",
    fix: "A CHECK constraint with NOT VALID takes the place, and a job validates it. What is lost: the column is not NOT NULL itself, so that DROP NOT NULL does not undo it, and a \
          client that reads the catalog sees a column that may be null.",
    example: include_str!("set_not_null.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(alter)) = (check.view, &check.alter_table) else { return };
    for action in &alter.actions {
        let Action::AlterColumn { column, tokens, rest } = action else { continue };
        if !view.are(rest.start, &["set", "not", "null"]) {
            continue;
        }
        let has_checks = borealis_dialect::require("alter_table/ADD CONSTRAINT CHECK NOT VALID", &[], check.options.dialect).is_ok();
        let fix = if has_checks {
            let name = quoted(&format!("{}_{column}_not_null", alter.table.name));
            let added = format!("ADD CONSTRAINT {name} CHECK ({} IS NOT NULL) NOT VALID", quoted(column));
            let validated = format!("ALTER TABLE ASYNC {} VALIDATE CONSTRAINT {name};", alter.table_text(view));
            Fix::lossy("NOT NULL is a CHECK constraint, validated by a job", vec![view.replace(tokens.clone(), added), check.append(&validated)])
        } else {
            Fix::impossible("this dialect adds no constraints: recreate the table")
        };
        let form = "alter_table/ALTER COLUMN ... SET NOT NULL";
        found.extend(check.refused(&RULE, form, &[], tokens.clone()).map(|finding| finding.fix(fix)));
    }
}
