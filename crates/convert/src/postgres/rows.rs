//! Rows: COPY blocks and INSERT, as INSERTs in batches that a transaction can hold.

use borealis_sql::deparse::quote::identifier;

use super::array;
use crate::error::ConvertError;
use crate::model::{Column, Counter, Table};
use crate::mysql::types::ValueKind;
use crate::output::{Kind, Statement};
use crate::place::{Lines, Place};
use crate::render;
use crate::rows::{BATCH_BYTES, BATCH_ROWS};

type R<T> = Result<T, ConvertError>;

/// The columns that rows have values for.
pub(crate) struct Target<'a> {
    pub(crate) table: &'a mut Table,
    /// Positions in the table, in the order of the values; `None` for a column that the target computes.
    pub(crate) columns: Vec<usize>,
}

impl Target<'_> {
    fn head(&self) -> String {
        let written = self.columns.iter().map(|at| &self.table.columns[*at]).filter(|column| column.generated.is_none());
        let written: Vec<&Column> = written.collect();
        let names: Vec<String> = written.iter().map(|column| identifier(&column.name)).collect();
        let always = written.iter().any(|column| matches!(column.counter, Some(Counter::Identity { always: true, .. })));
        let overriding = if always { " OVERRIDING SYSTEM VALUE" } else { "" };
        format!("INSERT INTO {} ({}){overriding} VALUES", render::name(&self.table.name), names.join(", "))
    }
}

/// The lines of a COPY block as INSERTs.
///
/// # Errors
/// A line with another number of values, or a value that does not fit, with its place.
pub(crate) fn copy(target: &mut Target<'_>, data: &str, offset: usize, lines: &Lines<'_>) -> R<Vec<Statement>> {
    let head = target.head();
    let object = render::plain(&target.table.name);
    let mut statements = Vec::new();
    let (mut values, mut rows, mut first) = (String::new(), 0_usize, Place::START);
    let mut at = offset;
    for line in data.split_inclusive('\n') {
        let place = lines.place(at);
        at += line.len();
        let row = row(target, line.trim_end_matches(['\n', '\r']), place)?;
        if rows > 0 && (rows == BATCH_ROWS || values.len() + row.len() > BATCH_BYTES) {
            statements.push(Statement { kind: Kind::Rows, object: object.clone(), place: first, sql: format!("{head}{values}") });
            (values, rows) = (String::new(), 0);
        }
        if rows == 0 {
            first = place;
        }
        values.push_str(if rows == 0 { "\n" } else { ",\n" });
        values.push_str(&row);
        rows += 1;
    }
    if rows > 0 {
        statements.push(Statement { kind: Kind::Rows, object, place: first, sql: format!("{head}{values}") });
    }
    Ok(statements)
}

fn row(target: &mut Target<'_>, line: &str, place: Place) -> R<String> {
    let fields: Vec<&str> = if target.columns.is_empty() && line.is_empty() { Vec::new() } else { line.split('\t').collect() };
    if fields.len() != target.columns.len() {
        let message = format!("the line has {} values, {} are expected", fields.len(), target.columns.len());
        return Err(ConvertError::new(place, message).hint("Is the dump cut short, or edited?"));
    }
    let mut row = String::from("(");
    for (at, field) in target.columns.clone().into_iter().zip(fields) {
        let column = &mut target.table.columns[at];
        if column.generated.is_some() {
            continue;
        }
        if row.len() > 1 {
            row.push_str(", ");
        }
        let value = if field == "\\N" { None } else { Some(unescape(field)) };
        let written = write(column, value.as_deref());
        let name = column.name.clone();
        row.push_str(&written.map_err(|why| ConvertError::new(place, format!("{}.{name}: {why}", render::plain(&target.table.name))))?);
    }
    row.push(')');
    Ok(row)
}

/// A value as a literal of the target; counters go on behind it.
fn write(column: &mut Column, value: Option<&str>) -> Result<String, String> {
    let Some(value) = value else { return Ok("NULL".to_owned()) };
    if let Some(Counter::Identity { numbers, .. } | Counter::Sequence { numbers, .. }) = &mut column.counter
        && let Ok(number) = value.parse::<i128>()
        && numbers.increment.is_none_or(|step| step > 0)
        && number >= numbers.start.unwrap_or(1)
    {
        numbers.start = Some(number + numbers.increment.unwrap_or(1));
    }
    let text = match &column.value {
        ValueKind::Array { numbers, boolean } => {
            array::json(value, *numbers, *boolean).ok_or_else(|| format!("\"{value}\" is no array"))?
        }
        ValueKind::Money => value.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect(),
        _ => value.to_owned(),
    };
    if text.contains('\0') {
        return Err("a text with a zero byte cannot be stored".to_owned());
    }
    let number = matches!(column.sql_type.as_str(), "smallint" | "integer" | "bigint") && text.parse::<i128>().is_ok();
    Ok(if number { text } else { borealis_sql::deparse::quote::literal(&text) })
}

/// What COPY's text format writes with a backslash.
fn unescape(field: &str) -> String {
    if !field.contains('\\') {
        return field.to_owned();
    }
    let mut bytes = Vec::with_capacity(field.len());
    let source = field.as_bytes();
    let mut at = 0;
    while at < source.len() {
        if source[at] != b'\\' || at + 1 == source.len() {
            bytes.push(source[at]);
            at += 1;
            continue;
        }
        let (byte, length) = escape(&source[at + 1..]);
        bytes.push(byte);
        at += 1 + length;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte behind a backslash, and how many bytes write it.
fn escape(rest: &[u8]) -> (u8, usize) {
    let digits = |from: usize, most: usize, radix: u32| {
        let count = rest[from..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let value =
            rest[from..from + count].iter().fold(0_u32, |value, byte| value * radix + char::from(*byte).to_digit(radix).unwrap_or(0));
        (u8::try_from(value & 0xFF).unwrap_or(0), count)
    };
    match rest[0] {
        b'b' => (8, 1),
        b'f' => (12, 1),
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'v' => (11, 1),
        b'0'..=b'7' => digits(0, 3, 8),
        b'x' if rest.get(1).is_some_and(u8::is_ascii_hexdigit) => {
            let (value, count) = digits(1, 2, 16);
            (value, count + 1)
        }
        other => (other, 1),
    }
}
