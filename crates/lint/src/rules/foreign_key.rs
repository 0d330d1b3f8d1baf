//! Foreign keys where the dialect has none, and MATCH PARTIAL.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{ColumnPart, Element};

pub(super) const RULE: Rule = Rule {
    id: "foreign-key",
    rows: &["constraint/FOREIGN KEY", "constraint/MATCH PARTIAL"],
    own: false,
    severity: Severity::Error,
    what: "a foreign key in a dialect that has none",
    why: "Aurora DSQL has foreign keys since 2026-08-26. Before, a reference was the application's to keep.",
    fix: "The reference goes. What is lost: nobody checks it any longer, and rows that refer to a deleted one stay.",
    example: include_str!("foreign_key.sql"),
    check,
};

const LOSS: &str = "the reference is not checked any longer: check it in the application, in the same transaction";

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
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

/// DEFERRABLE and its kin belong to the constraint before them.
fn is_attribute(part: &ColumnPart) -> bool {
    part.name.is_none() && matches!(part.word.as_str(), "deferrable" | "initially" | "enforced")
}
