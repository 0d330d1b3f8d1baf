//! Rows: INSERT with lists of values, read byte by byte (a dump is mostly these) and written in batches that a transaction can hold.

use std::borrow::Cow;
use std::collections::BTreeMap;

use borealis_sql::deparse::quote::identifier;

use super::types::ValueKind;
use super::value::{self, Literal, Problem};
use crate::error::{ConvertError, Offenders};
use crate::finish::Parts;
use crate::loss::{Loss, Verdict};
use crate::model::{Column, Counter, Name, Numbers, Table};
use crate::names::fitting;
use crate::options::{Options, ZeroDates};
use crate::output::{Kind, Statement};
use crate::place::{Lines, Place};
use crate::render;
use crate::rows::{BATCH_BYTES, BATCH_ROWS};

type R<T> = Result<T, ConvertError>;

/// An INSERT of the source, read when all tables are known.
pub(crate) struct Insert<'a> {
    /// Its table, as that is called at the end of the source.
    pub(crate) table: String,
    /// Whether it names its columns.
    pub(crate) names_columns: bool,
    /// The columns that its table had when it was read, where that was known; those that came later have no values.
    pub(crate) columns: Option<usize>,
    text: Cow<'a, [u8]>,
    /// Where the text begins in the source.
    offset: usize,
}

impl<'a> Insert<'a> {
    /// Reads what stands before the rows.
    ///
    /// # Errors
    /// It is no INSERT of values.
    pub(crate) fn new(text: Cow<'a, [u8]>, offset: usize, lines: &Lines<'_>) -> R<Self> {
        let Head { table, columns, .. } = Scanner { bytes: &text, at: 0, offset, lines }.head()?;
        Ok(Self { table, names_columns: columns.is_some(), columns: None, text, offset })
    }
}

/// What INSERT says before its rows.
struct Head {
    table: String,
    columns: Option<Vec<String>>,
    ignore: bool,
    replace: bool,
}

/// Converts all INSERTs and adds them to the parts; counters go on behind the greatest number, and columns that need it lose their NOT NULL.
///
/// # Errors
/// Rows of a table that is not in the source, a text that is no INSERT of values, and the values that do not fit, with their places.
pub(crate) fn convert(inserts: &[Insert<'_>], parts: &mut Parts, options: &Options, lines: &Lines<'_>) -> R<()> {
    let mut writer = Writer {
        options,
        lines,
        batches: BTreeMap::new(),
        order: Vec::new(),
        finished: Vec::new(),
        losses: Vec::new(),
        offenders: Offenders::default(),
    };
    for insert in inserts {
        if let Err(error) = writer.insert(insert, &mut parts.tables) {
            return Err(writer.offenders.stopped_by(error));
        }
    }
    std::mem::take(&mut writer.offenders).none()?;
    writer.flush_all();
    parts.rows.append(&mut writer.finished);
    parts.losses.append(&mut writer.losses);
    Ok(())
}

struct Writer<'a> {
    options: &'a Options,
    lines: &'a Lines<'a>,
    /// The open batch of each table and list of columns.
    batches: BTreeMap<(Name, String), Batch>,
    order: Vec<(Name, String)>,
    finished: Vec<(Name, Statement)>,
    losses: Vec<Loss>,
    offenders: Offenders,
}

struct Batch {
    place: Place,
    ignore: bool,
    rows: usize,
    values: String,
}

impl Writer<'_> {
    fn insert(&mut self, insert: &Insert<'_>, tables: &mut [Table]) -> R<()> {
        let mut scanner = Scanner { bytes: &insert.text, at: 0, offset: insert.offset, lines: self.lines };
        let place = scanner.place();
        let head = scanner.head()?;
        let name = Name { schema: self.options.schema.clone(), name: fitting(&insert.table).to_owned() };
        let found = tables
            .iter()
            .position(|table| table.name == name)
            .or_else(|| tables.iter().position(|table| table.name.name.eq_ignore_ascii_case(&name.name)));
        if head.replace {
            self.once("replace", place, &insert.table, "REPLACE is INSERT: a row that is there already stops it");
        }
        let Some(at) = found else {
            // What a value becomes is a question of its column's type.
            let error = ConvertError::new(place, format!("INSERT into {}, which is not in the source", insert.table));
            return Err(error.hint("Dump schema and data together: mysqldump without --no-create-info."));
        };
        let listed = match &head.columns {
            Some(names) => names
                .iter()
                .map(|name| tables[at].position(name).ok_or_else(|| scanner.error(format!("there is no column \"{name}\""))))
                .collect::<R<Vec<_>>>()?,
            None => (0..insert.columns.unwrap_or(usize::MAX).min(tables[at].columns.len())).collect(),
        };
        let written: Vec<usize> = listed.iter().copied().filter(|column| tables[at].columns[*column].generated.is_none()).collect();
        let columns = written.iter().map(|column| identifier(&tables[at].columns[*column].name)).collect::<Vec<_>>().join(", ");
        let key = (tables[at].name.clone(), columns);
        loop {
            let row = scanner.here();
            let text = self.row(&mut scanner, &mut tables[at], &listed)?;
            self.push(&key, row, head.ignore, &text);
            if !scanner.comma_or_end()? {
                return Ok(());
            }
        }
    }

    /// One row, in brackets.
    fn row(&mut self, scanner: &mut Scanner<'_>, table: &mut Table, listed: &[usize]) -> R<String> {
        let mut text = String::from("(");
        scanner.expect(b'(')?;
        for (position, at) in listed.iter().enumerate() {
            if position > 0 && !scanner.take(b',') {
                return Err(scanner.error(format!("the row has {position} values, {} are expected", listed.len())));
            }
            let at_value = scanner.here();
            let literal = scanner.literal()?;
            if table.columns[*at].generated.is_none() {
                if text.len() > 1 {
                    text.push_str(", ");
                }
                self.value(&mut text, &literal, table, *at, at_value)?;
            }
        }
        if !scanner.take(b')') {
            return Err(scanner.error(format!("the row has more than {} values, or is not closed", listed.len())));
        }
        text.push(')');
        Ok(text)
    }

    fn value(&mut self, out: &mut String, literal: &Literal, table: &mut Table, at: usize, here: usize) -> R<()> {
        let column = &mut table.columns[at];
        if *literal == Literal::Null && (column.counter.is_some() || (column.value == ValueKind::UuidOfNumber && column.default.is_some()))
        {
            out.push_str("DEFAULT");
            return Ok(());
        }
        count(column, literal);
        let before = out.len();
        match value::write(out, literal, &column.value) {
            Ok(()) => {
                let most = usize::try_from(borealis_dialect::limit("column bytes", self.options.dialect)).unwrap_or(usize::MAX);
                if out.len() - before > most {
                    let object = format!("{}.{}", table.name.name, table.columns[at].name);
                    let message = format!("a value of {} bytes: more than {most} after compression are refused", out.len() - before);
                    self.losses.push(Loss::new(Verdict::Loss, "value-size", self.lines.place(here), object, message));
                }
                Ok(())
            }
            Err(Problem::Unfit(why)) => {
                self.offenders.add(ConvertError::new(self.lines.place(here), format!("{}.{}: {why}", table.name.name, column.name)))
            }
            Err(Problem::ZeroDate(date)) => self.zero_date(out, &date, table, at, self.lines.place(here)),
        }
    }

    fn zero_date(&mut self, out: &mut String, date: &str, table: &mut Table, at: usize, place: Place) -> R<()> {
        let column = &mut table.columns[at];
        let object = format!("{}.{}", table.name.name, column.name);
        if self.options.zero_dates == ZeroDates::Error {
            let error = ConvertError::new(place, format!("{object}: there is no date \"{date}\""));
            return self.offenders.add(error.hint("--zero-dates null makes it NULL."));
        }
        out.push_str("NULL");
        let message = if column.not_null { "zero dates become NULL, and the column loses its NOT NULL" } else { "zero dates become NULL" };
        column.not_null = false;
        self.once("zero-date", place, &object, message);
        Ok(())
    }

    fn once(&mut self, code: &'static str, place: Place, object: &str, message: &str) {
        if !self.losses.iter().any(|loss| loss.code == code && loss.object == object) {
            self.losses.push(Loss::new(Verdict::Loss, code, place, object, message));
        }
    }

    fn push(&mut self, key: &(Name, String), here: usize, ignore: bool, row: &str) {
        let fits = |batch: &Batch| batch.rows < BATCH_ROWS && batch.values.len() + row.len() <= BATCH_BYTES && batch.ignore == ignore;
        if !self.batches.get(key).is_some_and(fits) {
            self.flush(key);
            self.order.push(key.clone());
            let batch = Batch { place: self.lines.place(here), ignore, rows: 0, values: String::new() };
            self.batches.insert(key.clone(), batch);
        }
        let Some(batch) = self.batches.get_mut(key) else { return };
        batch.values.push_str(if batch.rows == 0 { "\n" } else { ",\n" });
        batch.values.push_str(row);
        batch.rows += 1;
    }

    fn flush(&mut self, key: &(Name, String)) {
        let Some(batch) = self.batches.remove(key) else { return };
        self.order.retain(|open| open != key);
        let columns = if key.1.is_empty() { String::new() } else { format!(" ({})", key.1) };
        let conflict = if batch.ignore { "\nON CONFLICT DO NOTHING" } else { "" };
        let sql = format!("INSERT INTO {}{columns} VALUES{}{conflict}", render::name(&key.0), batch.values);
        self.finished.push((key.0.clone(), Statement { kind: Kind::Rows, object: render::plain(&key.0), place: batch.place, sql }));
    }

    fn flush_all(&mut self) {
        for key in self.order.clone() {
            self.flush(&key);
        }
    }
}

/// A counter goes on behind the greatest number that the rows have.
fn count(column: &mut Column, literal: &Literal) {
    let (Some(Counter::Identity { numbers, .. } | Counter::Sequence { numbers, .. }), Literal::Number(digits)) =
        (&mut column.counter, literal)
    else {
        return;
    };
    let Ok(number) = digits.parse::<i128>() else { return };
    let Numbers { start, .. } = numbers;
    if number >= start.unwrap_or(1) {
        *start = Some(number + 1);
    }
}

/// Reads an INSERT.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    offset: usize,
    lines: &'a Lines<'a>,
}

impl Scanner<'_> {
    fn place(&mut self) -> Place {
        let here = self.here();
        self.lines.place(here)
    }

    /// The offset in the source of what is next. Its place takes counting the characters of its line, and a dump has lines of a megabyte.
    fn here(&mut self) -> usize {
        self.skip_blank();
        self.offset + self.at
    }

    fn error(&self, message: impl Into<String>) -> ConvertError {
        ConvertError::new(self.lines.place(self.offset + self.at), message)
    }

    fn skip_blank(&mut self) {
        self.at += self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_blank();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> R<()> {
        if self.take(byte) { Ok(()) } else { Err(self.error(format!("expected \"{}\"", char::from(byte)))) }
    }

    /// A word without quotes, in capitals; empty when none is next.
    fn word(&mut self) -> String {
        self.skip_blank();
        let length =
            self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)).count();
        let word = String::from_utf8_lossy(&self.bytes[self.at..self.at + length]).to_ascii_uppercase();
        self.at += length;
        word
    }

    /// Takes a word when it is next.
    fn take_word(&mut self, wanted: &str) -> bool {
        let mark = self.at;
        let found = self.word() == wanted;
        if !found {
            self.at = mark;
        }
        found
    }

    fn name(&mut self) -> R<String> {
        self.skip_blank();
        let start = self.at;
        if self.peek() == Some(b'`') {
            let mut name = Vec::new();
            self.at += 1;
            while let Some(byte) = self.peek() {
                self.at += 1;
                if byte == b'`' && self.peek() != Some(b'`') {
                    return String::from_utf8(name).map_err(|_| self.error("a name is not UTF-8"));
                }
                self.at += usize::from(byte == b'`');
                name.push(byte);
            }
            return Err(self.error("the name never ends"));
        }
        if self.word().is_empty() {
            return Err(self.error("expected a name"));
        }
        String::from_utf8(self.bytes[start..self.at].to_vec()).map_err(|_| self.error("a name is not UTF-8"))
    }

    /// `INSERT [IGNORE] INTO t (a, b) VALUES`; the cursor is before the first row afterwards.
    fn head(&mut self) -> R<Head> {
        let replace = self.word() == "REPLACE";
        let mut ignore = false;
        loop {
            let mark = self.at;
            match self.word().as_str() {
                "IGNORE" => ignore = true,
                "LOW_PRIORITY" | "DELAYED" | "HIGH_PRIORITY" => {}
                "INTO" => break,
                _ => {
                    self.at = mark;
                    break;
                }
            }
        }
        let mut table = self.name()?;
        if self.take(b'.') {
            table = self.name()?;
        }
        let mut columns = None;
        if self.take(b'(') {
            let mut names = Vec::new();
            while !self.take(b')') {
                names.push(self.name()?);
                let _ = self.take(b',');
            }
            columns = Some(names).filter(|names| !names.is_empty());
        }
        if !self.take_word("VALUES") && !self.take_word("VALUE") {
            return Err(self
                .error("INSERT without VALUES: only lists of values are converted")
                .hint("Run queries on the target, as statements of its own."));
        }
        Ok(Head { table, columns, ignore, replace })
    }

    /// Behind a row: `true` when another follows.
    fn comma_or_end(&mut self) -> R<bool> {
        if self.take(b',') {
            return Ok(true);
        }
        self.skip_blank();
        if self.at == self.bytes.len() {
            return Ok(false);
        }
        let error = self.error("expected another row, or the end of the INSERT");
        Err(error.hint("ON DUPLICATE KEY UPDATE has no counterpart in a dump: load the rows into an empty table."))
    }

    fn literal(&mut self) -> R<Literal> {
        self.skip_blank();
        match self.peek() {
            Some(quote @ (b'\'' | b'"')) => Ok(Literal::Text(self.string(quote)?)),
            Some(b'0') if matches!(self.bytes.get(self.at + 1), Some(b'x' | b'b')) => self.prefixed(),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => self.number(),
            Some(b'x' | b'X' | b'b' | b'B') if self.bytes.get(self.at + 1) == Some(&b'\'') => self.quoted_digits(),
            Some(b'_') => {
                // A character set before a string: the bytes are as they are.
                self.word();
                self.literal()
            }
            _ => self.keyword(),
        }
    }

    fn keyword(&mut self) -> R<Literal> {
        let start = self.at;
        let word = self.word();
        let literal = match word.as_str() {
            "NULL" => Literal::Null,
            "DEFAULT" => Literal::Default,
            "TRUE" => Literal::Bool(true),
            "FALSE" => Literal::Bool(false),
            "NOW" | "CURRENT_TIMESTAMP" | "LOCALTIMESTAMP" => Literal::Sql("CURRENT_TIMESTAMP"),
            "CURDATE" | "CURRENT_DATE" => Literal::Sql("CURRENT_DATE"),
            "UUID" => Literal::Sql("gen_random_uuid()"),
            _ => {
                self.at = start;
                return Err(self.error("expected a value").hint("Calls and expressions among the values are not converted."));
            }
        };
        if matches!(literal, Literal::Sql(_)) && self.take(b'(') {
            self.expect(b')')?;
        }
        Ok(literal)
    }

    fn number(&mut self) -> R<Literal> {
        let length = self.bytes[self.at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let digits = String::from_utf8_lossy(&self.bytes[self.at..self.at + length]).into_owned();
        if !value::is_number(&digits) {
            return Err(self.error(format!("\"{digits}\" is no number")));
        }
        self.at += length;
        Ok(Literal::Number(digits.trim_start_matches('+').to_owned()))
    }

    /// `0x4D`, `0b101`
    fn prefixed(&mut self) -> R<Literal> {
        let hex = self.bytes.get(self.at + 1) == Some(&b'x');
        let length = self.bytes[self.at + 2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let digits = String::from_utf8_lossy(&self.bytes[self.at + 2..self.at + 2 + length]).into_owned();
        let literal = self.digits(hex, &digits)?;
        self.at += 2 + length;
        Ok(literal)
    }

    /// `x'4D'`, `b'101'`
    fn quoted_digits(&mut self) -> R<Literal> {
        let hex = matches!(self.peek(), Some(b'x' | b'X'));
        self.at += 1;
        let digits = String::from_utf8_lossy(&self.string(b'\'')?).into_owned();
        self.digits(hex, &digits)
    }

    fn digits(&self, hex: bool, digits: &str) -> R<Literal> {
        let bytes = if hex { value::hex_of(digits).map(Literal::Hex) } else { value::bits_of(digits).map(Literal::Bits) };
        bytes.ok_or_else(|| self.error(format!("\"{digits}\" are no such digits")))
    }

    fn string(&mut self, quote: u8) -> R<Vec<u8>> {
        let start = self.at;
        self.at += 1;
        let mut out = Vec::new();
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == quote {
                if self.peek() != Some(quote) {
                    return Ok(out);
                }
                self.at += 1;
                out.push(quote);
            } else if byte == b'\\' {
                let Some(escaped) = self.peek() else { break };
                self.at += 1;
                unescape(&mut out, escaped);
            } else {
                out.push(byte);
            }
        }
        self.at = start;
        Err(self.error("the string that begins here never ends"))
    }
}

/// What a backslash and this byte stand for.
fn unescape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'0' => out.push(0),
        b'b' => out.push(8),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'Z' => out.push(26),
        b'%' | b'_' => out.extend([b'\\', byte]),
        other => out.push(other),
    }
}
