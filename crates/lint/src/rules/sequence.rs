//! CREATE SEQUENCE and ALTER SEQUENCE: CACHE, type, persistence.

use super::identity::cache;
use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "sequence",
    rows: &["sequence/without cache", "sequence/cache", "sequence/type", "sequence/TEMPORARY", "sequence/UNLOGGED"],
    own: false,
    severity: Severity::Error,
    what: "a sequence without CACHE, with a wrong one, of a type other than bigint, temporary or unlogged",
    why: "Aurora DSQL wants CACHE 1 or at least 65,536, and counts in bigint alone.",
    fix: "A missing CACHE becomes what `identity-cache` says (1 unless it is set), a wrong one is replaced. AS integer goes: the sequence then counts beyond what it could. \
          TEMPORARY goes: the sequence stays behind the session.",
    example: include_str!("sequence.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    let create = view.is(0, "create");
    let Some(word) = (1..4).find(|index| view.is(*index, "sequence")).filter(|_| create || view.is(0, "alter")) else { return };
    for modifier in 1..word {
        let form = if view.is(modifier, "unlogged") { "sequence/UNLOGGED" } else { "sequence/TEMPORARY" };
        let fix = Fix::lossy("the sequence is an ordinary one, seen by everybody and kept", vec![view.remove(modifier..modifier + 1)]);
        found.extend(check.refused(&RULE, form, &[], modifier..modifier + 1).map(|finding| finding.fix(fix)));
    }
    let at = view.skip(view.skip(word + 1, &["if", "not", "exists"]), &["if", "exists"]);
    let Some(name) = view.name(at) else { return };
    let options = name.tokens.end..view.len();
    if create || view.find(options.clone(), &["cache"]).is_some() {
        found.extend(cache(check, &RULE, "sequence/without cache", name.tokens.end - 1..view.len()));
    }
    if let Some(at) = view.find(options, &["as"])
        && !view.is_any(at + 1, &["bigint", "int8"])
    {
        let fix = Fix::lossy("the sequence is of bigint and may count further than before", vec![view.remove(at..at + 2)]);
        found.extend(check.refused(&RULE, "sequence/type", &[], at..at + 2).map(|finding| finding.fix(fix)));
    }
}
