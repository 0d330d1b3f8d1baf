//! UPDATE and DELETE of every row.

use borealis_sql::ast::{Expr, Statement, TableRef};

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "unfiltered-write",
    rows: &[],
    own: true,
    severity: Severity::Warning,
    what: "UPDATE or DELETE without WHERE",
    why: "It touches every row: it is seldom meant, and refused beyond 3,000 rows.",
    fix: "",
    example: include_str!("unfiltered_write.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(statement) = &check.reading.tree else { return };
    writes(statement, &mut |word, table| {
        let message = format!("{word} of every row of \"{table}\"");
        let hint = "say WHERE, and delete or update in batches of at most 3,000 rows; WHERE true when every row is meant";
        found.push(check.finding(&RULE, message, 0..check.view.len()).hint(hint));
    });
}

/// Calls `each` for UPDATE and DELETE of every row, those of WITH included.
fn writes(statement: &Statement, each: &mut impl FnMut(&str, &str)) {
    let every = |filter: &Option<Expr>, others: &[TableRef]| filter.is_none() && others.is_empty();
    let with = match statement {
        Statement::Update(update) => {
            if every(&update.filter, &update.from) {
                each("UPDATE", &update.table.name);
            }
            &update.with
        }
        Statement::Delete(delete) => {
            if every(&delete.filter, &delete.using) {
                each("DELETE", &delete.table.name);
            }
            &delete.with
        }
        Statement::Insert(insert) => &insert.with,
        Statement::Query(query) => &query.with,
        _ => return,
    };
    with.iter().flat_map(|with| &with.ctes).for_each(|cte| writes(&cte.statement, each));
}
