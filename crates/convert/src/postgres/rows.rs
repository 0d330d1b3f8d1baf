//! Rows: COPY blocks and INSERT, as INSERTs in batches that a transaction can hold.

use std::borrow::Cow;

use borealis_sql::deparse::quote::identifier;

use super::array;
use super::insert::{self, Unread};
use super::reader::{Reader, Rows};
use crate::error::{ConvertError, Offenders};
use crate::finish::Parts;
use crate::model::{Column, Counter, Name};
use crate::mysql::types::ValueKind;
use crate::output::{Kind, Statement};
use crate::place::{Lines, Place};
use crate::render;
use crate::rows::{BATCH_BYTES, BATCH_ROWS};

type R<T> = Result<T, ConvertError>;

/// A value of the source.
pub(crate) enum Field<'a> {
    Null,
    /// The word; a generated column has no other.
    Default,
    Text(Cow<'a, str>),
    /// A call that the target has too.
    Call(&'static str),
}

/// Adds all rows to the parts; counters go on behind the greatest number.
///
/// # Errors
/// Rows of a table that is not in the source, other numbers of values than of columns, an INSERT of more than constants, and values that do not fit.
pub(crate) fn convert(reader: &Reader, parts: &mut Parts, text: &str, lines: &Lines<'_>) -> R<()> {
    let mut writer = Writer { reader, parts, lines, open: None, offenders: Offenders::default() };
    for rows in &reader.rows {
        if let Err(error) = writer.rows(rows, text) {
            return Err(writer.offenders.stopped_by(error));
        }
    }
    writer.close();
    writer.offenders.none()
}

struct Writer<'a> {
    reader: &'a Reader,
    parts: &'a mut Parts,
    lines: &'a Lines<'a>,
    open: Option<Batch>,
    offenders: Offenders,
}

/// Where rows go: those of one INSERT agree in it.
#[derive(Clone, PartialEq, Eq)]
struct Target {
    /// Which of the tables.
    table: usize,
    /// Positions of the columns that there are values for, in their order.
    columns: Vec<usize>,
    /// ON CONFLICT DO NOTHING.
    ignore: bool,
}

/// Rows that will be one INSERT.
struct Batch {
    target: Target,
    place: Place,
    values: String,
    rows: usize,
}

impl Writer<'_> {
    fn rows(&mut self, rows: &Rows, text: &str) -> R<()> {
        match rows {
            Rows::Copy { place, table, columns, data } => {
                let target = self.target("COPY of", table, columns, false, *place)?;
                self.copy(&target, &text[data.clone()], data.start)
            }
            Rows::Insert { place, table, text: range } => {
                let read = insert::read(&text[range.clone()]).map_err(|Unread { at, message, hint }| {
                    let error = ConvertError::new(self.lines.place(range.start + at), message);
                    if hint.is_empty() { error } else { error.hint(hint) }
                })?;
                let mut target = self.target("INSERT into", table, &read.columns, true, *place)?;
                target.ignore = read.ignore;
                if read.columns.is_empty() {
                    // The last columns need no value.
                    target.columns.truncate(read.rows.first().map_or(0, Vec::len));
                }
                read.rows.iter().try_for_each(|row| self.row(&target, row, *place))
            }
        }
    }

    /// The table that rows go to, and the columns; unasked all of them, in the order in which the source's own table has them.
    fn target(&self, what: &str, name: &Name, columns: &[String], generated: bool, place: Place) -> R<Target> {
        let root = self.reader.root(name);
        let Some(at) = self.parts.tables.iter().position(|one| one.name == root) else {
            let error = ConvertError::new(place, format!("{what} {}, which is not in the source", render::plain(&root)));
            return Err(error.hint("Dump schema and data together."));
        };
        let table = &self.parts.tables[at];
        let missing = |name: &String| ConvertError::new(place, format!("the table {} has no column \"{name}\"", render::plain(&root)));
        let position = |name: &String| table.position(name).ok_or_else(|| missing(name));
        let own = self.reader.own_columns(name);
        let columns: Vec<usize> = match (columns, own) {
            ([], None) => (0..table.columns.len()).collect(),
            ([], Some(own)) => own.iter().map(position).collect::<R<_>>()?,
            (columns, _) => columns.iter().map(position).collect::<R<_>>()?,
        };
        // COPY leaves out what is computed, INSERT has a DEFAULT for it.
        let given = columns.into_iter().filter(|at| generated || table.columns[*at].generated.is_none());
        Ok(Target { table: at, columns: given.collect(), ignore: false })
    }

    fn copy(&mut self, target: &Target, data: &str, offset: usize) -> R<()> {
        let mut at = offset;
        for line in data.split_inclusive('\n') {
            let place = self.lines.place(at);
            at += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            let fields: Vec<&str> = if target.columns.is_empty() && line.is_empty() { Vec::new() } else { line.split('\t').collect() };
            let fields: Vec<Field<'_>> = fields.into_iter().map(field).collect();
            self.row(target, &fields, place)?;
        }
        Ok(())
    }

    /// Adds one row; a value that does not fit is kept among the offenders.
    fn row(&mut self, target: &Target, values: &[Field<'_>], place: Place) -> R<()> {
        if values.len() != target.columns.len() {
            let message = format!("the row has {} values, {} are expected", values.len(), target.columns.len());
            return Err(ConvertError::new(place, message).hint("Is the dump cut short, or edited?"));
        }
        let table = &mut self.parts.tables[target.table];
        let mut row = String::new();
        for (at, value) in target.columns.iter().zip(values) {
            let column = &mut table.columns[*at];
            if column.generated.is_some() {
                continue;
            }
            row.push_str(if row.is_empty() { "(" } else { ", " });
            match write(column, value) {
                Ok(text) => row.push_str(&text),
                Err(why) => {
                    let message = format!("{}.{}: {why}", render::plain(&table.name), column.name);
                    self.offenders.add(ConvertError::new(place, message))?;
                }
            }
        }
        if row.is_empty() {
            self.row_of_defaults(target, place);
        } else {
            row.push(')');
            self.push(target, &row, place);
        }
        Ok(())
    }

    fn push(&mut self, target: &Target, row: &str, place: Place) {
        let fits = |batch: &Batch| batch.target == *target && batch.rows < BATCH_ROWS && batch.values.len() + row.len() <= BATCH_BYTES;
        if !self.open.as_ref().is_some_and(fits) {
            self.close();
        }
        let batch = self.open.get_or_insert_with(|| Batch { target: target.clone(), place, values: String::new(), rows: 0 });
        batch.values.push_str(if batch.rows == 0 { "\n" } else { ",\n" });
        batch.values.push_str(row);
        batch.rows += 1;
    }

    /// A row without a value: no list of columns is empty.
    fn row_of_defaults(&mut self, target: &Target, place: Place) {
        self.close();
        self.statement(target, place, "DEFAULT VALUES");
    }

    fn close(&mut self) {
        if let Some(Batch { target, place, values, .. }) = self.open.take() {
            let written = target.columns.iter().map(|at| &self.parts.tables[target.table].columns[*at]);
            let written: Vec<&Column> = written.filter(|column| column.generated.is_none()).collect();
            let names: Vec<String> = written.iter().map(|column| identifier(&column.name)).collect();
            let always = written.iter().any(|column| matches!(column.counter, Some(Counter::Identity { always: true, .. })));
            let overriding = if always { " OVERRIDING SYSTEM VALUE" } else { "" };
            self.statement(&target, place, &format!("({}){overriding} VALUES{values}", names.join(", ")));
        }
    }

    fn statement(&mut self, target: &Target, place: Place, rest: &str) {
        let table = self.parts.tables[target.table].name.clone();
        let conflict = if target.ignore { "\nON CONFLICT DO NOTHING" } else { "" };
        let sql = format!("INSERT INTO {} {rest}{conflict}", render::name(&table));
        self.parts.rows.push((table.clone(), Statement { kind: Kind::Rows, object: render::plain(&table), place, sql }));
    }
}

/// A value as a literal of the target; counters go on behind it.
fn write(column: &mut Column, field: &Field<'_>) -> Result<String, String> {
    let value = match field {
        Field::Null => return Ok("NULL".to_owned()),
        Field::Default => return Ok("DEFAULT".to_owned()),
        Field::Call(call) if column.value == ValueKind::AsIs => return Ok((*call).to_owned()),
        Field::Call(call) => return Err(format!("{call} is no constant")),
        Field::Text(text) => &**text,
    };
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
        ValueKind::Money => money(value).ok_or_else(|| format!("\"{value}\" is no amount whose decimals are sure"))?,
        _ => value.to_owned(),
    };
    if text.contains('\0') {
        return Err("a text with a zero byte cannot be stored".to_owned());
    }
    let number = matches!(column.sql_type.as_str(), "smallint" | "integer" | "bigint") && text.parse::<i128>().is_ok();
    Ok(if number { text } else { borealis_sql::deparse::quote::literal(&text) })
}

/// An amount as the source's lc_monetary writes it, `-$1,234.50` or `1.234,50 €`, as a number; `None` when it is not sure what its signs mean.
pub(super) fn money(text: &str) -> Option<String> {
    let is_mark = |c: char| matches!(c, '.' | ',');
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let amount = &text[start..end];
    let marks: Vec<char> = amount.chars().filter(|c| is_mark(*c)).collect();
    let (whole, last) = amount.rsplit_once(is_mark).unwrap_or((amount, ""));
    // Three digits behind a mark are a group like those before it, or decimals behind another mark. A lone point may be either.
    let decimals = match (last.len(), &marks[..]) {
        (0, _) => "",
        (1 | 2, _) => last,
        (3, [before @ .., mark]) if !before.is_empty() && !before.contains(mark) => last,
        (3, [',']) => "",
        (3, [_, .., _]) => "",
        _ => return None,
    };
    let whole = if decimals.is_empty() { amount } else { whole };
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let sure = whole.chars().all(|c| c.is_ascii_digit() || is_mark(c) || c == '\'' || c.is_whitespace());
    let sign = if text.contains(['-', '(']) { "-" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    sure.then(|| format!("{sign}{digits}{point}{decimals}"))
}

/// A field of COPY's text format.
fn field(field: &str) -> Field<'_> {
    if field == "\\N" {
        return Field::Null;
    }
    Field::Text(match field.contains('\\') {
        true => Cow::Owned(String::from_utf8_lossy(&borealis_pgtypes::copy_text::unescape(field.as_bytes())).into_owned()),
        false => Cow::Borrowed(field),
    })
}
