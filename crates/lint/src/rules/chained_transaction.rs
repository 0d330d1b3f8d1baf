//! COMMIT AND CHAIN.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "chained-transaction",
    rows: &["transaction/COMMIT AND CHAIN", "transaction/ROLLBACK AND CHAIN"],
    own: false,
    severity: Severity::Error,
    what: "COMMIT AND CHAIN, ROLLBACK AND CHAIN",
    why: "Aurora DSQL begins no transaction by itself.",
    fix: "AND CHAIN goes, and BEGIN follows.",
    example: include_str!("chained_transaction.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if !view.is_any(0, &["commit", "end", "rollback", "abort"]) {
        return;
    }
    let Some(at) = view.find(1..view.len(), &["and", "chain"]) else { return };
    let form = if view.is_any(0, &["commit", "end"]) { "transaction/COMMIT AND CHAIN" } else { "transaction/ROLLBACK AND CHAIN" };
    let fix = Fix::clean(vec![view.remove(at..at + 2), check.append("BEGIN;")]);
    found.extend(check.refused_as(&RULE, form, at..at + 2).map(|finding| finding.fix(fix)));
}
