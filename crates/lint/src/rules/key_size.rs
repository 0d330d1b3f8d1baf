//! Keys that may grow too large.

use crate::finding::{Finding, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Column, CreateTable};

pub(super) const RULE: Rule = Rule {
    id: "key-size",
    rows: &[],
    own: true,
    severity: Severity::Warning,
    what: "a primary key whose declared lengths add up to more than a key may be long",
    why: "A key of more than 1 KiB is refused when the row is written (`key size too large`), and so is a secondary index's key, which carries the primary key too.",
    fix: "",
    example: include_str!("key_size.sql"),
    check,
};

/// What AWS documents; a little more passes.
const BYTES_MAX: u64 = 1024;

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let Some(create) = &check.create_table else { return };
    let bytes = key_bytes(check, create);
    if bytes > BYTES_MAX {
        let message = format!("the primary key of table \"{}\" may be {bytes} bytes long; {BYTES_MAX} are allowed", create.name.name);
        found.push(check.finding(&RULE, message, create.name.tokens.clone()).hint("declare shorter columns, or key by a uuid or a hash"));
    }
}

fn key_bytes(check: &Check<'_>, create: &CreateTable) -> u64 {
    let columns = create.primary_key(check.view);
    columns.iter().filter_map(|name| create.column(name)).map(|column| declared_bytes(check, column)).sum()
}

/// Lengths are of characters; one is a byte at least. A type without a length counts nothing: what will stand in it is not said.
fn declared_bytes(check: &Check<'_>, column: &Column) -> u64 {
    let text = column.type_text(check.view);
    let Some((name, rest)) = text.split_once('(') else { return 8 };
    match name.trim() {
        "varchar" | "character varying" | "char" | "character" | "bpchar" => rest.split(')').next().and_then(|length| length.trim().parse().ok()).unwrap_or(0),
        _ => 8,
    }
}
