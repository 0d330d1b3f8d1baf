//! Tables without a primary key.

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Action, AlterTable};

pub(super) const RULE: Rule = Rule {
    id: "missing-primary-key",
    rows: &[],
    own: true,
    severity: Severity::Warning,
    what: "a table without a primary key",
    why: "Rows are clustered by the primary key, and it cannot be added later. Without one every read is a full scan, a change record of a deleted row names no row, and tools that copy in batches \
          have nothing to go by.",
    fix: "",
    example: include_str!("missing_primary_key.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(create) = &check.create_table else { return };
    let inherits = create.clause(check.view, &["inherits"]).is_some() || create.brackets.is_none();
    if create.has_primary_key(check.view) || inherits || is_added(check) {
        return;
    }
    let message = format!("table \"{}\" has no primary key, and none can be added later", create.name.name);
    found.push(check.finding(&RULE, message, create.name.tokens.clone()).hint("id uuid PRIMARY KEY DEFAULT gen_random_uuid(), or the columns that tell rows apart"));
}

/// A dump adds the key in a statement of its own, which another rule folds back.
fn is_added(check: &Check<'_>) -> bool {
    let Some(create) = &check.create_table else { return false };
    check.file.alterations_of(&create.name).any(|index| {
        let alter = AlterTable::read(check.file.view(index));
        alter.is_some_and(|alter| alter.actions.iter().any(|action| matches!(action, Action::AddConstraint { word, .. } if word == "primary")))
    })
}
