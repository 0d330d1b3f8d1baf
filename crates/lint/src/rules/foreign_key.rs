//! Foreign keys where the dialect has none, and MATCH PARTIAL.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{ColumnPart, Element};

pub(super) const RULE: Rule = Rule {
    id: "foreign-key",
    rows: &["constraint/FOREIGN KEY", "constraint/MATCH PARTIAL"],
    own: false,
    severity: Severity::Error,
    what: "a foreign key in a dialect that has none, or MATCH PARTIAL",
    why: "Aurora DSQL has foreign keys since 2026-08-26. Before, a reference was the application's to keep. MATCH PARTIAL is in the standard, and in no PostgreSQL.",
    fix: "The reference goes. What is lost: nobody checks it any longer, and rows that refer to a deleted one stay. MATCH PARTIAL goes from a key of one column, where it says nothing; \
          from others too, and then a row with some NULLs is not checked.",
    example: include_str!("foreign_key.sql"),
    check,
};

const LOSS: &str = "the reference is not checked any longer: check it in the application, in the same transaction";

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    for at in check.view.find_all(1..check.view.len(), &["match", "partial"]) {
        found.extend(match_partial(check, at));
    }
    let Some(create) = &check.create_table else { return };
    for element in &create.elements {
        match element {
            Element::Column(column) => {
                for part in column.parts_of("references") {
                    let last = column.parts.iter().skip_while(|other| other.tokens != part.tokens).skip(1).take_while(|next| is_attribute(next)).last();
                    let tokens = part.tokens.start..last.map_or(part.tokens.end, |last| last.tokens.end);
                    let fix = Fix::lossy(LOSS, vec![check.view.remove(tokens.clone())]);
                    found.extend(check.refused(&RULE, "constraint/FOREIGN KEY", &[], tokens).map(|finding| finding.fix(fix)));
                }
            }
            Element::Constraint { word, tokens, .. } if word == "foreign" => {
                let fix = Fix::lossy(LOSS, vec![check.view.remove_element(tokens.clone())]);
                found.extend(check.refused(&RULE, "constraint/FOREIGN KEY", &[], tokens.clone()).map(|finding| finding.fix(fix)));
            }
            _ => {}
        }
    }
}

fn match_partial(check: &Check<'_>, at: usize) -> Option<Finding> {
    let view = check.view;
    let columns = view.find_all(1..at, &["foreign", "key", "("]).pop().map_or(1, |key| {
        let close = view.close_of(key + 2);
        // A list that REFERENCES does not follow is of another constraint: this reference is a column's.
        if view.is(close + 1, "references") && references_before(check, at) == Some(close + 1) { view.list(key + 3..close).len() } else { 1 }
    });
    let loss = (columns > 1).then(|| "a row with NULL in some of the columns is not checked".to_owned());
    let fix = Fix::losing(loss, vec![view.remove(at..at + 2)]);
    Some(check.refused_as(&RULE, "constraint/MATCH PARTIAL", at..at + 2)?.fix(fix))
}

/// The REFERENCES that a clause at `at` belongs to.
fn references_before(check: &Check<'_>, at: usize) -> Option<usize> {
    (1..at).rev().find(|index| check.view.is(*index, "references"))
}

/// DEFERRABLE and its kin belong to the constraint before them.
fn is_attribute(part: &ColumnPart) -> bool {
    part.name.is_none() && matches!(part.word.as_str(), "deferrable" | "initially" | "enforced")
}
