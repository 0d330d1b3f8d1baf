//! Identity columns: their CACHE and their type.

use std::ops::Range;

use crate::finding::{Edit, Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Action, Column};

pub(super) const RULE: Rule = Rule {
    id: "identity",
    rows: &["column/identity without cache", "column/identity type"],
    own: false,
    severity: Severity::Error,
    what: "an identity column without CACHE, with a CACHE that is neither 1 nor at least 65,536, or of a type other than bigint",
    why: "Aurora DSQL wants to be told how numbers are handed out: CACHE 1 gives them in order and makes every insert meet the others at one counter, CACHE 65536 gives \
          each session a range of its own.",
    fix: "A missing CACHE becomes what `identity-cache` says, PostgreSQL's own default of 1 unless it is set. A wrong CACHE is replaced, and smallint and integer become \
          bigint: both are said.",
    example: include_str!("identity.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    for column in check.create_table.iter().flat_map(|create| create.columns()) {
        for part in column.parts_of("generated") {
            if let Some(at) = check.view.find(part.body.clone(), &["identity"]) {
                identity(check, column, at..part.body.end, found);
            }
        }
    }
    for action in check.alter_table.iter().flat_map(|alter| &alter.actions) {
        if let Action::AlterColumn { rest, .. } = action
            && check.view.are(rest.start, &["add", "generated"])
            && let Some(at) = check.view.find(rest.clone(), &["identity"])
        {
            found.extend(cache(check, &RULE, "column/identity without cache", at..rest.end));
        }
    }
}

fn identity(check: &Check<'_>, column: &Column, options: Range<usize>, found: &mut Vec<Finding>) {
    found.extend(cache(check, &RULE, "column/identity without cache", options));
    let name = match column.type_text(check.view).as_str() {
        "int" | "integer" | "int4" => "integer",
        "smallint" | "int2" => "smallint",
        _ => return,
    };
    let fix = Fix::lossy(format!("{} is bigint, not {name}", column.name), vec![check.view.replace(column.ty.clone(), "bigint")]);
    found.extend(check.refused(&RULE, "column/identity type", &[name], column.ty.clone()).map(|finding| finding.fix(fix)));
}

/// What is wrong with CACHE in some options, of which the first token stays: IDENTITY, or the name of a sequence. Options of an identity column stand in
/// brackets.
pub(super) fn cache(check: &Check<'_>, rule: &Rule, missing: &str, options: Range<usize>) -> Option<Finding> {
    let (view, wanted) = (check.view, check.options.identity_cache.get());
    let Some(at) = view.find_all(options.clone(), &["cache"]).first().copied() else {
        let edit = missing_cache(check, options.clone(), wanted);
        return Some(check.refused(rule, missing, &[], options.start..options.start + 1)?.fix(Fix::clean(vec![edit])));
    };
    let written = view.slice(at + 1);
    if written.parse::<i64>().is_ok_and(|size| size == 1 || size >= 65_536) {
        return None;
    }
    let loss = format!("CACHE {wanted} in the place of CACHE {written}");
    let fix = Fix::lossy(loss, vec![view.replace(at + 1..at + 2, wanted.to_string())]);
    Some(check.refused(rule, "sequence/cache", &[written], at..at + 2)?.fix(fix))
}

fn missing_cache(check: &Check<'_>, options: Range<usize>, size: u64) -> Edit {
    let view = check.view;
    let in_brackets = view.is(options.start, "identity");
    if in_brackets && view.is(options.start + 1, "(") {
        return view.insert_after(options.start + 1, format!("CACHE {size}{}", if view.is(options.start + 2, ")") { "" } else { " " }));
    }
    view.insert_after(options.start, if in_brackets { format!(" (CACHE {size})") } else { format!(" CACHE {size}") })
}
