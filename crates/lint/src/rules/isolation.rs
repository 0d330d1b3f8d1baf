//! Isolation levels.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "isolation",
    rows: &["transaction/isolation", "transaction/deferrable"],
    own: false,
    severity: Severity::Error,
    what: "an isolation level other than REPEATABLE READ, or a deferrable transaction",
    why: "Every transaction of Aurora DSQL reads one snapshot and is checked for conflicting writes when it commits.",
    fix: "The level becomes REPEATABLE READ. Against SERIALIZABLE write skew is lost: SELECT ... FOR UPDATE what a decision rests on. Against READ COMMITTED a transaction can fail at commit and \
          has to be repeated. DEFERRABLE goes without a loss.",
    example: include_str!("isolation.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if !view.is_any(0, &["begin", "start", "set"]) {
        return;
    }
    if let Some(at) = view.find(1..view.len(), &["isolation", "level"]) {
        let end = view.top(at + 2..view.len()).take_while(|index| view.is_any(*index, &["serializable", "read", "committed", "uncommitted", "repeatable"])).last();
        let end = end.map_or(at + 2, |last| last + 1);
        // `ISOLATION LEVEL SERIALIZABLE READ ONLY`: the second READ is no part of the level.
        let end = if view.is(end - 1, "read") && !view.is(end - 2, "repeatable") { end - 1 } else { end };
        let loss = if view.is(at + 2, "serializable") { "write skew is possible: SELECT ... FOR UPDATE what a decision rests on" } else { "a conflict shows at COMMIT: repeat the transaction" };
        let fix = Fix::lossy(loss, vec![view.replace(at + 2..end.max(at + 3), "REPEATABLE READ")]);
        found.extend(check.refused_as(&RULE, "transaction/isolation", at..end).map(|finding| finding.fix(fix)));
    }
    if let Some(at) = view.find(1..view.len(), &["deferrable"]).filter(|_| !view.is(0, "set")) {
        let start = if view.is(at - 1, "not") { at - 1 } else { at };
        let start = if view.is(start - 1, ",") { start - 1 } else { start };
        let fix = Fix::clean(vec![view.remove(start..at + 1)]);
        found.extend(check.refused(&RULE, "transaction/deferrable", &[], at..at + 1).map(|finding| finding.fix(fix)));
    }
}
