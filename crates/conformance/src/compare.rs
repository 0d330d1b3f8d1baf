//! What a server answered, held against what a probe expects.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Write as _};

use borealis_client::{Outcome, ServerError};

use crate::probe::{Answer, Cell, Expected, Kind, Refusal};

/// Values that later statements and answers refer to as `{name}`.
pub type Names = HashMap<String, String>;

/// What came back for one statement text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Got {
    /// A result for each statement of the text.
    Results(Vec<Outcome>),
    /// The server's refusal.
    Refusal(Box<ServerError>),
    /// No answer: the connection failed, or the server broke the protocol.
    Nothing(String),
}

/// `text` with names in braces replaced. Braces around anything else stay: they belong to array and JSON literals.
#[must_use]
pub fn fill(text: &str, names: &Names) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (front, behind) = rest.split_at(open);
        filled.push_str(front);
        let known = behind.find('}').and_then(|close| Some((close, meaning(&behind[1..close], names)?)));
        let taken = match known {
            Some((close, value)) => {
                filled.push_str(&value);
                close + 1
            }
            None => {
                filled.push('{');
                1
            }
        };
        rest = &behind[taken..];
    }
    filled.push_str(rest);
    filled
}

/// A captured value, or a text repeated: `100 x (`.
fn meaning<'a>(text: &str, names: &'a Names) -> Option<Cow<'a, str>> {
    if let Some(value) = names.get(text) {
        return Some(Cow::Borrowed(value));
    }
    let (count, repeated) = text.split_once(" x ")?;
    Some(Cow::Owned(repeated.repeat(count.parse().ok()?)))
}

/// The names captured by the first of `answers` that `got` fits, or `None` when it fits none.
#[must_use]
pub fn matching(answers: &[Answer], got: &Got, names: &Names) -> Option<Names> {
    answers.iter().find_map(|answer| {
        let mut captured = Names::new();
        let fits = match (answer, got) {
            (Answer::Results(expected), Got::Results(outcomes)) => results_fit(expected, outcomes, names, &mut captured),
            (Answer::Refusal(expected), Got::Refusal(error)) => refusal_fits(expected, error, names),
            _ => false,
        };
        fits.then_some(captured)
    })
}

fn results_fit(expected: &[Expected], outcomes: &[Outcome], names: &Names, captured: &mut Names) -> bool {
    expected.len() == outcomes.len()
        && expected.iter().zip(outcomes).all(|(expected, outcome)| result_fits(expected, outcome, names, captured))
}

/// A row's values, NULL as `None`.
type Values<'a> = Vec<Option<&'a str>>;

fn result_fits(expected: &Expected, outcome: &Outcome, names: &Names, captured: &mut Names) -> bool {
    let columns_fit = |columns: &Vec<String>| columns.iter().eq(outcome.columns.iter().map(|column| &column.name));
    if fill(&expected.tag, names) != outcome.tag || !expected.columns.as_ref().is_none_or(columns_fit) {
        return false;
    }
    let Some(cells) = &expected.rows else { return true };
    let rows: Vec<Values<'_>> = outcome.rows.iter().map(|row| row.iter().collect()).collect();
    if expected.unordered { rows_fit_in_any_order(cells, &rows, names, captured) } else { rows_fit(cells, &rows, names, captured) }
}

fn rows_fit(expected: &[Vec<Cell>], rows: &[Values<'_>], names: &Names, captured: &mut Names) -> bool {
    expected.len() == rows.len() && expected.iter().zip(rows).all(|(cells, row)| row_fits(cells, row, names, captured))
}

/// Each expected row takes the first unclaimed row that fits. Probes whose rows could be told apart only by looking at all of
/// them at once, through cells of any value, must be ordered.
fn rows_fit_in_any_order(expected: &[Vec<Cell>], rows: &[Values<'_>], names: &Names, captured: &mut Names) -> bool {
    let mut left: Vec<&Values<'_>> = rows.iter().collect();
    expected.len() == rows.len()
        && expected.iter().all(|cells| {
            let found = left.iter().position(|row| row_fits(cells, row, names, captured));
            found.map(|index| left.swap_remove(index)).is_some()
        })
}

fn row_fits(cells: &[Cell], row: &Values<'_>, names: &Names, captured: &mut Names) -> bool {
    cells.len() == row.len() && cells.iter().zip(row).all(|(cell, value)| cell_fits(cell, *value, names, captured))
}

fn cell_fits(cell: &Cell, value: Option<&str>, names: &Names, captured: &mut Names) -> bool {
    match (cell, value) {
        (Cell::Null, None) => true,
        (Cell::Text(expected), Some(value)) => fill(expected, names) == value,
        (Cell::Any(kind, name), Some(value)) if is_of(*kind, value) => {
            if let Some(name) = name {
                captured.insert(name.clone(), value.to_owned());
            }
            true
        }
        _ => false,
    }
}

fn is_of(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Value => true,
        Kind::JobId => value.len() == 26 && value.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')),
        Kind::Uuid => {
            let groups: Vec<usize> = value.split('-').map(str::len).collect();
            groups == [8, 4, 4, 4, 12] && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
        }
        Kind::Timestamp => is_timestamp(value),
    }
}

/// `2026-09-15 12:34:56+00`, with or without a fraction.
fn is_timestamp(value: &str) -> bool {
    let shape: String = value.chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect();
    let Some(behind_seconds) = shape.strip_prefix("0000-00-00 00:00:00") else { return false };
    let zone = behind_seconds.strip_prefix('.').map_or(behind_seconds, |fraction| fraction.trim_start_matches('0'));
    matches!(zone, "+00" | "-00")
}

fn refusal_fits(expected: &Refusal, error: &ServerError, names: &Names) -> bool {
    let same = |expected: &Option<String>, value: Option<&str>| match expected {
        None => true,
        Some(expected) => value == Some(fill(expected, names).as_str()),
    };
    expected.code == error.code
        && same(&expected.message, Some(&error.message))
        && same(&expected.detail, error.detail.as_deref())
        && same(&expected.hint, error.hint.as_deref())
        && (expected.position.is_none() || expected.position == error.position)
}

/// As a probe writes it, on one line.
impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Results(outcomes) => {
                for (index, outcome) in outcomes.iter().enumerate() {
                    write!(f, "{}{}", if index > 0 { " -> " } else { "" }, shown_outcome(outcome))?;
                }
                if outcomes.is_empty() { f.write_str("no result") } else { Ok(()) }
            }
            Self::Refusal(error) => {
                write!(f, "ERR {} {}", error.code, error.message)?;
                shown_fields(f, error.detail.as_deref(), error.hint.as_deref(), error.position)
            }
            Self::Nothing(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Results(results) => f.write_str(&results.iter().map(shown_expected).collect::<Vec<_>>().join(" -> ")),
            Self::Refusal(refusal) => {
                write!(f, "ERR {}", refusal.code)?;
                if let Some(message) = &refusal.message {
                    write!(f, " {message}")?;
                }
                shown_fields(f, refusal.detail.as_deref(), refusal.hint.as_deref(), refusal.position)
            }
        }
    }
}

fn shown_fields(f: &mut fmt::Formatter<'_>, detail: Option<&str>, hint: Option<&str>, position: Option<u32>) -> fmt::Result {
    for (name, text) in [("DETAIL", detail), ("HINT", hint)] {
        if let Some(text) = text {
            write!(f, " {name}: {text}")?;
        }
    }
    position.map_or(Ok(()), |position| write!(f, " POSITION: {position}"))
}

/// Rows beyond these are left out of reports.
const ROWS_SHOWN_MAX: usize = 12;

fn shown_outcome(outcome: &Outcome) -> String {
    let mut text = outcome.tag.clone();
    if !outcome.columns.is_empty() {
        let names: Vec<&str> = outcome.columns.iter().map(|column| column.name.as_str()).collect();
        let _ = write!(text, " [{}]", names.join(", "));
    }
    for row in outcome.rows.iter().take(ROWS_SHOWN_MAX) {
        let values: Vec<String> = row.iter().map(shown_value).collect();
        let _ = write!(text, " | {}", values.join(" | "));
    }
    if outcome.rows.len() > ROWS_SHOWN_MAX {
        text.push_str(" …");
    }
    text
}

pub(crate) fn shown_value(value: Option<&str>) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(value) if needs_quotes(value) => format!("{value:?}"),
        Some(value) => value.to_owned(),
    }
}

fn needs_quotes(value: &str) -> bool {
    value.is_empty() || value == "NULL" || value != value.trim() || value.contains(['|', '\n', '\t']) || value.starts_with(['"', '<'])
}

fn shown_expected(expected: &Expected) -> String {
    let mut text = expected.tag.clone();
    if let Some(columns) = &expected.columns {
        let _ = write!(text, " [{}]", columns.join(", "));
    }
    for row in expected.rows.iter().flatten() {
        let cells: Vec<String> = row.iter().map(shown_cell).collect();
        let _ = write!(text, " | {}", cells.join(" | "));
    }
    text
}

fn shown_cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => shown_value(None),
        Cell::Text(text) => shown_value(Some(text)),
        Cell::Any(kind, _) => {
            let name = Kind::ALL.iter().find(|(_, known)| known == kind).map_or("any", |(name, _)| name);
            format!("<{name}>")
        }
    }
}

#[cfg(test)]
mod tests;
