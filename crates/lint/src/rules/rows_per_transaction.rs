//! More rows than a transaction may change.

use crate::finding::{Edit, Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "rows-per-transaction",
    rows: &["limit/rows per transaction"],
    own: false,
    severity: Severity::Error,
    what: "INSERT ... VALUES or COPY of more rows than a transaction may change",
    why: "A transaction changes at most 3,000 rows.",
    fix: "INSERT is cut into several of at most that many rows. What is lost: they commit one after the other. In an explicit transaction, and with COPY, it is left to you.",
    example: include_str!("rows_per_transaction.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let limit = usize::try_from(borealis_dialect::limit("rows per transaction", check.options.dialect)).unwrap_or(usize::MAX);
    if check.statement().data_rows > limit {
        let why = format!("load in batches of at most {limit} rows");
        report(check, 0..check.view.len().min(2), Fix::impossible(why), found);
        return;
    }
    // A row takes at least three tokens.
    if !check.view.is(0, "insert") || check.view.len() < limit * 3 {
        return;
    }
    let Some(values) = check.view.find(0..check.view.len(), &["values", "("]) else { return };
    let (rows, end) = rows(check, values);
    if rows.len() > limit {
        report(check, values..values + 1, split(check, values, &rows, end, limit), found);
    }
}

fn report(check: &Check<'_>, tokens: std::ops::Range<usize>, fix: Fix, found: &mut Vec<Finding>) {
    let finding = check.refused(&RULE, "limit/rows per transaction", &[], tokens);
    found.extend(finding.map(|finding| Finding { refusal: false, ..finding.fix(fix) }));
}

/// Where each row begins, and the token behind the last one.
fn rows(check: &Check<'_>, values: usize) -> (Vec<usize>, usize) {
    let view = check.view;
    let (mut rows, mut at) = (Vec::new(), values + 1);
    while view.is(at, "(") {
        rows.push(at);
        at = view.close_of(at) + 1;
        if !view.is(at, ",") {
            break;
        }
        at += 1;
    }
    (rows, at)
}

/// Ends the statement in front of every row that is one too many, and begins it anew with what stands before VALUES.
fn split(check: &Check<'_>, values: usize, rows: &[usize], end: usize, limit: usize) -> Fix {
    let view = check.view;
    if check.statement().transaction.is_some() {
        return Fix::impossible("cut the transaction, not only the statement");
    }
    if end > view.len() {
        return Fix::impossible("the list of rows is not closed");
    }
    let (head, tail) = (view.text_of(0..values + 1), view.text_of(end..view.len()));
    let tail = if tail.is_empty() { String::new() } else { format!("\n{tail}") };
    let cut = |row: &usize| -> Edit {
        let before = *row - 1;
        let span = view.span(before..before + 1);
        Edit { span: span.into(), text: format!("{tail};\n{head}") }
    };
    let edits: Vec<Edit> = rows.iter().skip(limit).step_by(limit).map(cut).collect();
    Fix::lossy(format!("{} statements commit one after the other", edits.len() + 1), edits)
}
