//! The tables of the user guide's reference pages.
//!
//! A page marks where a family's table goes: `<!-- dialect: index -->`, then the table, then `<!-- /dialect -->`. `cargo xtask guide`
//! writes them and fails with `--check` when a page has another table than the dialect gives.

use std::fmt::Write as _;

use crate::{Dialect, Row, Verdict, rows};

const OPEN: &str = "<!-- dialect: ";
const CLOSE: &str = "<!-- /dialect -->";

/// `page` with its tables as the dialect has them.
///
/// # Errors
/// A mark without its end, or a family that no row has.
pub fn reference_tables(page: &str) -> Result<String, String> {
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, marked)) = rest.split_once(OPEN) {
        let (family, after) = marked.split_once(" -->").ok_or("a mark of a table has no end")?;
        let (_, after) = after.split_once(CLOSE).ok_or_else(|| format!("the table \"{family}\" has no {CLOSE}"))?;
        let _ = write!(text, "{before}{OPEN}{family} -->\n{}{CLOSE}", table(family)?);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// The families whose tables `page` has.
pub fn reference_families(page: &str) -> impl Iterator<Item = &str> {
    page.split(OPEN).skip(1).filter_map(|marked| marked.split_once(" -->").map(|(family, _)| family))
}

fn table(family: &str) -> Result<String, String> {
    let dialect = Dialect::default();
    let rows: Vec<&Row> = rows().iter().filter(|row| row.family() == family && row.holds(dialect)).collect();
    if rows.is_empty() {
        return Err(format!("the dialect has no family \"{family}\""));
    }
    Ok(match family {
        "limit" => limits(&rows),
        "type" => types(&rows),
        "setting" => settings(&rows),
        _ => forms(&rows),
    })
}

/// What is accepted in a line, then a table of what is not. Writing to a String cannot fail, here and below.
fn forms(rows: &[&Row]) -> String {
    let mut text = String::new();
    let accepted: Vec<String> = of(rows, Verdict::Accepted).map(|row| format!("`{}`", name(row))).collect();
    if !accepted.is_empty() {
        let _ = writeln!(text, "Accepted: {}.\n", accepted.join(", "));
    }
    refusals(&mut text, rows);
    text
}

fn refusals(text: &mut String, rows: &[&Row]) {
    if rows.iter().all(|row| row.verdict == Verdict::Accepted) {
        return;
    }
    let _ = writeln!(text, "| Refused | Answer | Instead |\n|---|---|---|");
    for row in rows.iter().filter(|row| row.verdict == Verdict::Refused) {
        let _ = writeln!(text, "| {} | {} `{}` | {} |", cell(&name(row)), row.sqlstate, message(row), cell(row.advice.unwrap_or("")));
    }
    for row in rows.iter().filter(|row| row.verdict == Verdict::NotYet) {
        let _ = writeln!(
            text,
            "| {} (DSQL accepts it) | {} `{}` | {} |",
            cell(&name(row)),
            row.sqlstate,
            message(row),
            cell(row.advice.unwrap_or(""))
        );
    }
}

fn types(rows: &[&Row]) -> String {
    let mut text = "| Column type | In a primary key or an index |\n|---|---|\n".to_owned();
    for row in of(rows, Verdict::Accepted) {
        let _ = writeln!(text, "| `{}` | {} |", row.form(), if row.value == "key" { "yes" } else { "no" });
    }
    text.push('\n');
    refusals(&mut text, rows);
    text
}

fn settings(rows: &[&Row]) -> String {
    let mut text = "| Parameter | How |\n|---|---|\n".to_owned();
    for row in of(rows, Verdict::Accepted) {
        let (name, how) = match row.form().split_once(' ') {
            Some(("local", name)) => (name, "`SET LOCAL` in a transaction"),
            Some(("reset", name)) => (name, "`RESET`"),
            Some(("default", name)) => (name, "`SET … DEFAULT`"),
            _ => (row.form(), "`SET`, `SET LOCAL`, `RESET`"),
        };
        let _ = writeln!(text, "| `{name}` | {how}{} |", row.advice.map_or(String::new(), |advice| format!("; {advice}")));
    }
    text.push('\n');
    refusals(&mut text, rows);
    text
}

fn limits(rows: &[&Row]) -> String {
    let mut text = "| Limit | Most | One more answers | Instead |\n|---|---|---|---|\n".to_owned();
    for row in rows {
        let value: u64 = row.value.parse().unwrap_or_default();
        let advice = cell(row.advice.unwrap_or(""));
        let _ = writeln!(text, "| {} | {} | {} `{}` | {advice} |", row.form(), number(row.form(), value), row.sqlstate, message(row));
    }
    text
}

/// 3,000; of bytes, their larger unit when it is a whole one.
fn number(form: &str, value: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let whole = units.iter().find(|(_, bits)| form.contains("bytes") && value >> bits > 0 && value.is_multiple_of(1 << bits));
    if let Some((unit, bits)) = whole {
        return format!("{} {unit}", value >> bits);
    }
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn of<'a>(rows: &[&'a Row], verdict: Verdict) -> impl Iterator<Item = &'a Row> {
    rows.iter().copied().filter(move |row| row.verdict == verdict)
}

fn name(row: &Row) -> String {
    if row.form() == "*" { "anything else".to_owned() } else { row.form().to_owned() }
}

/// The message, its arguments shown as dots.
fn message(row: &Row) -> String {
    row.message_with(&["…", "…"])
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
