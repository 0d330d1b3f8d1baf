//! The compatibility page: the table in prose order, one section per family, one table per verdict.

use std::fmt::Write as _;

use crate::{Dialect, Row, Verdict, rows};

/// Families in the order of the page, with their headings. A test holds that none is missing.
pub(crate) const FAMILIES: &[(&str, &str)] = &[
    ("statement", "Statements"),
    ("transaction", "Transactions"),
    ("setting", "Configuration parameters"),
    ("select", "SELECT"),
    ("dml", "INSERT, UPDATE, DELETE"),
    ("call", "CALL"),
    ("copy", "COPY"),
    ("explain", "EXPLAIN"),
    ("analyze", "ANALYZE"),
    ("create_table", "CREATE TABLE"),
    ("column", "Columns"),
    ("constraint", "Constraints"),
    ("alter_table", "ALTER TABLE"),
    ("alter_domain", "ALTER DOMAIN"),
    ("index", "CREATE INDEX ASYNC"),
    ("object", "DROP, RENAME, COMMENT and owners"),
    ("view", "Views"),
    ("schema", "Schemas"),
    ("grant", "Privileges"),
    ("role", "Roles"),
    ("sequence", "Sequences"),
    ("function", "Functions"),
    ("type", "Types of columns"),
    ("key_type", "Types of keys"),
    ("limit", "Limits"),
];

/// `COMPAT.md` of `dialect`, generated.
#[must_use]
pub fn compat_markdown(dialect: Dialect) -> String {
    let mut page = format!(
        "# Compatibility with Aurora DSQL, dialect {dialect}\n\n\
         Generated from `crates/dialect/data/dialect.tsv`; do not edit. *Proof* says how a row is known: recorded on a real cluster,\n\
         observed and published by others, documented by AWS, or inferred from the wording of its family.\n"
    );
    for (family, heading) in FAMILIES {
        let rows: Vec<&Row> = rows().iter().filter(|row| row.family() == *family && row.holds(dialect)).collect();
        if *family == "limit" { limits(&mut page, heading, &rows) } else { section(&mut page, heading, &rows) }
    }
    page
}

fn section(page: &mut String, heading: &str, rows: &[&Row]) {
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(page, "\n## {heading}");
    let of = |verdict: Verdict| rows.iter().copied().filter(move |row| row.verdict == verdict);
    let accepted: Vec<String> = of(Verdict::Accepted).map(|row| format!("`{}`", row.form())).collect();
    if !accepted.is_empty() {
        let _ = writeln!(page, "\nAccepted: {}.", accepted.join(", "));
    }
    refusals(page, "Accepted by Aurora DSQL, not yet by Borealis", of(Verdict::NotYet).collect());
    refusals(page, "Refused, as by Aurora DSQL", of(Verdict::Refused).collect());
}

fn refusals(page: &mut String, title: &str, rows: Vec<&Row>) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n{title}:\n\n| Form | SQLSTATE | Message | Instead | Proof |\n|---|---|---|---|---|");
    for row in rows {
        let form = if row.form() == "*" { "anything else" } else { row.form() };
        let advice = row.advice.unwrap_or("");
        let _ = writeln!(page, "| {form} | {} | `{}` | {advice} | {} |", row.sqlstate, row.message_with(&[]), row.proof.name());
    }
}

fn limits(page: &mut String, heading: &str, rows: &[&Row]) {
    let _ = writeln!(page, "\n## {heading}\n\n| Limit | Value | SQLSTATE | Message | Proof |\n|---|---|---|---|---|");
    for row in rows {
        let _ =
            writeln!(page, "| {} | {} | {} | `{}` | {} |", row.form(), row.value, row.sqlstate, row.message_with(&[]), row.proof.name());
    }
}
