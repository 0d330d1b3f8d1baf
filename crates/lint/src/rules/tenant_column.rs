//! Tables without the tenant's column.

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};
use crate::shape::Element;

pub(super) const RULE: Rule = Rule {
    id: "missing-tenant-column",
    rows: &[],
    own: true,
    severity: Severity::Warning,
    what: "a table without the column that tells tenants apart (asked for with --tenant-column)",
    why: "Aurora DSQL has no row security: tenants are kept apart by a column that every statement filters by. It belongs first in the primary key, so that a tenant's rows lie together.",
    fix: "",
    example: include_str!("tenant_column.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (Some(wanted), Some(create)) = (&check.options.tenant_column, &check.create_table) else { return };
    let unknown = create.brackets.is_none() || create.elements.iter().any(|element| matches!(element, Element::Like(_)));
    if unknown {
        return;
    }
    let name = &create.name.name;
    let finding = |message| check.finding(&RULE, message, create.name.tokens.clone());
    if create.column(wanted).is_none() {
        found.push(finding(format!("table \"{name}\" has no column \"{wanted}\"")).hint(format!("{wanted} uuid NOT NULL, first in the primary key")));
        return;
    }
    let key = create.primary_key(check.view);
    if !key.is_empty() && key.first() != Some(wanted) {
        let hint = format!("PRIMARY KEY ({wanted}, {})", key.iter().filter(|column| *column != wanted).cloned().collect::<Vec<_>>().join(", "));
        found.push(finding(format!("the primary key of table \"{name}\" does not begin with \"{wanted}\"")).hint(hint));
    }
}
