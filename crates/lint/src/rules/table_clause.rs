//! Clauses behind the columns of CREATE TABLE that say how it is stored.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "table-clause",
    rows: &["create_table/TABLESPACE", "create_table/WITH", "create_table/USING", "create_table/PARTITION BY", "create_table/PARTITION OF"],
    own: false,
    severity: Severity::Error,
    what: "TABLESPACE, WITH (...), USING or PARTITION BY behind a table's columns",
    why: "How a table is stored and partitioned is the service's own business.",
    fix: "The clause goes. Nothing is lost but for PARTITION BY: the table is one table, and its partitions, which cannot be made, need not be. \
          A partition (PARTITION OF) has no columns of its own and is left to you: its rows go into the parent.",
    example: include_str!("table_clause.sql"),
    check,
};

const CLAUSES: &[(&[&str], &str)] = &[
    (&["tablespace"], "create_table/TABLESPACE"),
    (&["with", "("], "create_table/WITH"),
    (&["without", "oids"], "create_table/WITH"),
    (&["using"], "create_table/USING"),
    (&["partition", "by"], "create_table/PARTITION BY"),
];

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(create)) = (check.view, &check.create_table) else { return };
    if view.are(create.tail.start, &["partition", "of"]) {
        let fix = Fix::impossible("a partition has no place: leave it out, its rows belong to the parent table");
        let tokens = create.tail.start..create.tail.start + 2;
        found.extend(check.refused(&RULE, "create_table/PARTITION OF", &[], tokens).map(|finding| finding.fix(fix)));
        return;
    }
    for (words, form) in CLAUSES {
        let Some(tokens) = create.clause(view, words) else { continue };
        // `AS SELECT ... WITH` is the query's.
        if view.find(create.tail.start..tokens.start, &["as"]).is_some() || create.brackets.is_none() {
            continue;
        }
        let loss = (*form == "create_table/PARTITION BY").then(|| "the table is one table: rows of a partition are no longer dropped with it".to_owned());
        let fix = Fix::losing(loss, vec![view.remove(tokens.clone())]);
        found.extend(check.refused(&RULE, form, &[], tokens).map(|finding| finding.fix(fix)));
    }
}
