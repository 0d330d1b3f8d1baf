//! INHERITS.

use crate::finding::{Edit, Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::CreateTable;

pub(super) const RULE: Rule = Rule {
    id: "inherits",
    rows: &["create_table/INHERITS"],
    own: false,
    severity: Severity::Error,
    what: "a table that inherits from another",
    why: "Aurora DSQL has no inheritance.",
    fix: "The parent's columns are copied: `LIKE parent INCLUDING DEFAULTS INCLUDING CONSTRAINTS` takes the place of INHERITS. What is lost: a query of the parent no longer \
          finds the child's rows, and what is changed of the parent later does not reach the child.",
    example: include_str!("inherits.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(create) = &check.create_table else { return };
    let Some(tokens) = create.clause(check.view, &["inherits", "("]) else { return };
    let fix = copied(check, create, tokens.clone());
    found.extend(check.refused(&RULE, "create_table/INHERITS", &[], tokens).map(|finding| finding.fix(fix)));
}

fn copied(check: &Check<'_>, create: &CreateTable, tokens: std::ops::Range<usize>) -> Fix {
    let view = check.view;
    let Some((open, close)) = create.brackets else { return Fix::impossible("the table has no list of columns") };
    if close >= view.len() {
        return Fix::impossible("the list of columns is not closed");
    }
    let parents = view.list(tokens.start + 2..view.close_of(tokens.start + 1));
    let likes: Vec<String> = parents.into_iter().map(|name| format!("LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS", view.text_of(name))).collect();
    let comma = if close == open + 1 { "" } else { ", " };
    let insert: Edit = view.insert_after(open, format!("{}{comma}", likes.join(", ")));
    Fix::lossy("queries of the parent no longer find the child's rows", vec![insert, view.remove(tokens)])
}
