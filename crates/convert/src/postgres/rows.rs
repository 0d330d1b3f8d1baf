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

/// Rows of one table and one list of columns, as INSERTs.
pub(crate) struct Batches {
    head: String,
    object: String,
    values: String,
    rows: usize,
    first: Place,
    finished: Vec<Statement>,
}

impl Batches {
    pub(crate) fn new(target: &Target<'_>) -> Self {
        let (head, object) = (target.head(), render::plain(&target.table.name));
        Self { head, object, values: String::new(), rows: 0, first: Place::START, finished: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Another number of values than columns, or a value that does not fit.
    pub(crate) fn push(&mut self, target: &mut Target<'_>, values: &[Option<&str>], place: Place) -> R<()> {
        let row = row(target, values, place)?;
        if self.rows > 0 && (self.rows == BATCH_ROWS || self.values.len() + row.len() > BATCH_BYTES) {
            self.flush();
        }
        if self.rows == 0 {
            self.first = place;
        }
        self.values.push_str(if self.rows == 0 { "\n" } else { ",\n" });
        self.values.push_str(&row);
        self.rows += 1;
        Ok(())
    }

    fn flush(&mut self) {
        if self.rows > 0 {
            let sql = format!("{}{}", self.head, self.values);
            self.finished.push(Statement { kind: Kind::Rows, object: self.object.clone(), place: self.first, sql });
            (self.values, self.rows) = (String::new(), 0);
        }
    }

    /// The statements.
    pub(crate) fn finish(mut self) -> Vec<Statement> {
        self.flush();
        self.finished
    }
}

/// The lines of a COPY block as INSERTs.
///
/// # Errors
/// A line with another number of values, or a value that does not fit, with its place.
pub(crate) fn copy(target: &mut Target<'_>, data: &str, offset: usize, lines: &Lines<'_>) -> R<Vec<Statement>> {
    let mut batches = Batches::new(target);
    let mut at = offset;
    for line in data.split_inclusive('\n') {
        let place = lines.place(at);
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        let fields: Vec<&str> = if target.columns.is_empty() && line.is_empty() { Vec::new() } else { line.split('\t').collect() };
        let values: Vec<Option<String>> = fields.into_iter().map(|field| (field != "\\N").then(|| plain(field))).collect();
        let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        batches.push(target, &values, place)?;
    }
    Ok(batches.finish())
}

fn row(target: &mut Target<'_>, values: &[Option<&str>], place: Place) -> R<String> {
    if values.len() != target.columns.len() {
        let message = format!("the row has {} values, {} are expected", values.len(), target.columns.len());
        return Err(ConvertError::new(place, message).hint("Is the dump cut short, or edited?"));
    }
    let mut row = String::from("(");
    for (at, value) in target.columns.iter().zip(values) {
        let column = &mut target.table.columns[*at];
        if column.generated.is_some() {
            continue;
        }
        if row.len() > 1 {
            row.push_str(", ");
        }
        match write(column, *value) {
            Ok(text) => row.push_str(&text),
            Err(why) => {
                let name = &target.table.columns[*at].name;
                return Err(ConvertError::new(place, format!("{}.{name}: {why}", render::plain(&target.table.name))));
            }
        }
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

/// A field of COPY's text format without its escapes.
fn plain(field: &str) -> String {
    String::from_utf8_lossy(&borealis_pgtypes::copy_text::unescape(field.as_bytes())).into_owned()
}
