//! Extensions.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "extension",
    rows: &["statement/CreateExtension"],
    own: false,
    severity: Severity::Error,
    what: "CREATE EXTENSION, and COMMENT ON or DROP EXTENSION",
    why: "Aurora DSQL has no extensions.",
    fix: "The statement goes for plpgsql, which a dump names of every database, and for pgcrypto and uuid-ossp, which are mostly loaded for gen_random_uuid(), which is built in: \
          other functions of theirs are lost. Any other extension is left to you.",
    example: include_str!("extension.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if view.are(0, &["create", "extension"]) {
        let name = view.identifier(view.skip(2, &["if", "not", "exists"])).unwrap_or_default();
        let removal = vec![check.remove_statement()];
        let fix = match name.as_str() {
            "plpgsql" => Fix::clean(removal),
            "pgcrypto" | "uuid-ossp" => Fix::lossy(format!("of {name} there is gen_random_uuid() alone"), removal),
            _ => Fix::impossible(format!("what {name} offers has to be done otherwise")),
        };
        found.extend(check.refused_as(&RULE, "statement/CreateExtension", 0..2).map(|finding| finding.fix(fix)));
    } else if view.are(0, &["comment", "on", "extension"]) || view.are(0, &["drop", "extension"]) {
        let form = if view.is(0, "drop") { "object/DROP" } else { "object/COMMENT" };
        let fix = Fix::clean(vec![check.remove_statement()]);
        found.extend(check.refused_as(&RULE, form, 0..2).map(|finding| finding.fix(fix)));
    }
}
