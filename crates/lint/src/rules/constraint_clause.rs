//! What PRIMARY KEY, UNIQUE and CHECK may not carry.

use std::ops::Range;

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Column, Element};

pub(super) const RULE: Rule = Rule {
    id: "constraint-clause",
    rows: &["constraint/index DEFERRABLE", "constraint/index WITH", "constraint/index TABLESPACE", "constraint/NO INHERIT"],
    own: false,
    severity: Severity::Error,
    what: "DEFERRABLE, WITH, USING INDEX TABLESPACE or NO INHERIT behind a constraint",
    why: "Aurora DSQL defers foreign keys alone, stores indexes as it likes, and has no inheritance.",
    fix: "The clause goes. DEFERRABLE is a loss: the constraint is checked by each statement.",
    example: include_str!("constraint_clause.sql"),
    check,
};

const DEFERRED: &str = "the constraint is checked by each statement, not at the end of the transaction";

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(create) = &check.create_table else { return };
    for element in &create.elements {
        match element {
            Element::Column(column) => of_column(check, column, found),
            Element::Constraint { word, body, .. } => of_table(check, word, body.clone(), found),
            Element::Like(_) => {}
        }
    }
}

fn of_column(check: &Check<'_>, column: &Column, found: &mut Vec<Finding>) {
    let mut word = "";
    for part in &column.parts {
        match part.word.as_str() {
            "deferrable" | "initially" => deferrable(check, word, part.body.clone(), found),
            "not" if check.view.is(part.body.start + 1, "deferrable") => {}
            "no" => no_inherit(check, part.body.clone(), found),
            other => {
                word = other;
                index_clauses(check, word, part.body.clone(), found);
            }
        }
    }
}

fn of_table(check: &Check<'_>, word: &str, body: Range<usize>, found: &mut Vec<Finding>) {
    let view = check.view;
    index_clauses(check, word, body.clone(), found);
    if let Some(at) = view.find(body.clone(), &["no", "inherit"]) {
        no_inherit(check, at..at + 2, found);
    }
    let not = view.find(body.clone(), &["not", "deferrable"]).is_some();
    if let Some(at) = view.top(body.clone()).find(|index| view.is_any(*index, &["deferrable", "initially"])).filter(|_| !not) {
        deferrable(check, word, at..body.end, found);
    }
}

/// PostgreSQL's name of the constraint in messages.
fn index_constraint(word: &str) -> Option<&'static str> {
    match word {
        "primary" => Some("PRIMARY KEY"),
        "unique" => Some("UNIQUE"),
        _ => None,
    }
}

fn deferrable(check: &Check<'_>, word: &str, tokens: Range<usize>, found: &mut Vec<Finding>) {
    let Some(name) = index_constraint(word) else { return };
    let fix = Fix::lossy(DEFERRED, vec![check.view.remove(tokens.clone())]);
    found.extend(check.refused(&RULE, "constraint/index DEFERRABLE", &[name], tokens).map(|finding| finding.fix(fix)));
}

fn no_inherit(check: &Check<'_>, tokens: Range<usize>, found: &mut Vec<Finding>) {
    let fix = Fix::clean(vec![check.view.remove(tokens.clone())]);
    found.extend(check.refused(&RULE, "constraint/NO INHERIT", &[], tokens).map(|finding| finding.fix(fix)));
}

fn index_clauses(check: &Check<'_>, word: &str, body: Range<usize>, found: &mut Vec<Finding>) {
    let (view, Some(name)) = (check.view, index_constraint(word)) else { return };
    if let Some(at) = view.find(body.clone(), &["with", "("]) {
        let tokens = at..view.close_of(at + 1) + 1;
        let fix = Fix::clean(vec![view.remove(tokens.clone())]);
        found.extend(check.refused(&RULE, "constraint/index WITH", &[name], tokens).map(|finding| finding.fix(fix)));
    }
    if let Some(at) = view.find(body, &["using", "index", "tablespace"]) {
        let fix = Fix::clean(vec![view.remove(at..at + 4)]);
        found.extend(check.refused(&RULE, "constraint/index TABLESPACE", &[name], at..at + 4).map(|finding| finding.fix(fix)));
    }
}
