//! A schema before an index's name.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "index-schema",
    rows: &[],
    own: true,
    severity: Severity::Error,
    what: "CREATE INDEX with a schema before the index's name",
    why: "An index lives in its table's schema, so its name has none: the dot is a syntax error, in PostgreSQL too.",
    fix: "The schema goes.",
    example: include_str!("index_schema.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(create)) = (check.view, &check.create_index) else { return };
    let Some(name) = create.name.as_ref().filter(|name| name.schema.is_some()) else { return };
    let last = name.tokens.end - 1;
    let fix = Fix::clean(vec![view.replace(name.tokens.clone(), view.slice(last))]);
    let dot = name.tokens.start + 1;
    found.push(check.answer(&RULE, "42601", "syntax error at or near \".\"", dot..dot + 1).hint("leave the schema out").fix(fix));
}
