//! Results as text, in psql's layouts: aligned, unaligned and CSV, each as a table or expanded to one line for each value.

use borealis_client::{Column, Outcome};
use unicode_width::UnicodeWidthChar;

/// How results are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) layout: Layout,
    /// A line for each value instead of one for each row.
    pub(crate) expanded: bool,
    /// Rows only: no title, header or footer.
    pub(crate) tuples_only: bool,
    /// Whether `(N rows)` stands below a table.
    pub(crate) footer: bool,
    /// What stands for NULL.
    pub(crate) null: String,
    /// Between values in the unaligned layout.
    pub(crate) separator: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Aligned,
    Unaligned,
    Csv,
}

impl Default for Format {
    fn default() -> Self {
        Self { layout: Layout::Aligned, expanded: false, tuples_only: false, footer: true, null: String::new(), separator: "|".to_owned() }
    }
}

/// What is printed.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) title: Option<String>,
    pub(crate) headers: Vec<String>,
    /// Columns of numbers, which stand at the right.
    pub(crate) right: Vec<bool>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Below the table, in place of the number of rows.
    pub(crate) footers: Vec<String>,
    /// Without footers, the number of rows.
    pub(crate) counted: bool,
}

/// Types whose values stand at the right: the integers, oid, xid, cid, the floating point numbers, money, numeric, xid8.
const NUMBERS: [u32; 11] = [20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069];

/// Prints the rows of an outcome.
pub(crate) fn outcome(out: &mut String, outcome: &Outcome, format: &Format, title: Option<&str>) {
    table(out, &of(outcome, format, title), format);
}

fn of(outcome: &Outcome, format: &Format, title: Option<&str>) -> Table {
    let cells = outcome.rows.iter().map(|row| row.iter().map(|value| value.unwrap_or(&format.null).to_owned()).collect());
    Table {
        title: title.map(str::to_owned),
        headers: outcome.columns.iter().map(|column| column.name.clone()).collect(),
        right: outcome.columns.iter().map(is_number).collect(),
        rows: cells.collect(),
        footers: Vec::new(),
        counted: format.footer,
    }
}

fn is_number(column: &Column) -> bool {
    NUMBERS.contains(&column.type_oid)
}

pub(crate) fn table(out: &mut String, table: &Table, format: &Format) {
    match (format.layout, format.expanded) {
        (Layout::Aligned, false) => aligned(out, table, format),
        (Layout::Aligned, true) => aligned_expanded(out, table, format),
        (Layout::Unaligned, false) => unaligned(out, table, format),
        (Layout::Unaligned, true) => unaligned_expanded(out, table, format),
        (Layout::Csv, false) => csv(out, table, format),
        (Layout::Csv, true) => csv_expanded(out, table),
    }
}

impl Table {
    fn footers(&self) -> Vec<String> {
        if !self.footers.is_empty() || !self.counted {
            return self.footers.clone();
        }
        let count = self.rows.len();
        vec![format!("({count} {})", if count == 1 { "row" } else { "rows" })]
    }
}

/// A line of a value and the columns it takes on a screen.
struct Line {
    text: String,
    width: usize,
}

/// A value by lines. What would move the cursor is written out: tabs as blanks to the next multiple of 8, other control characters as
/// escapes.
fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line { text: String::with_capacity(text.len()), width: 0 };
    for letter in text.chars() {
        let escaped = match letter {
            '\n' => {
                lines.push(std::mem::replace(&mut line, Line { text: String::new(), width: 0 }));
                continue;
            }
            '\r' => "\\r".to_owned(),
            '\t' => " ".repeat(8 - line.width % 8),
            _ => match letter.width() {
                Some(width) => {
                    line.text.push(letter);
                    line.width += width;
                    continue;
                }
                None if letter.is_ascii() => format!("\\x{:02X}", u32::from(letter)),
                None => format!("\\u{:04X}", u32::from(letter)),
            },
        };
        line.width += escaped.len();
        line.text.push_str(&escaped);
    }
    lines.push(line);
    lines
}

fn width(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.width).max().unwrap_or_default()
}

fn blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

fn aligned(out: &mut String, table: &Table, format: &Format) {
    let headers: Vec<Vec<Line>> = table.headers.iter().map(|header| lines(header)).collect();
    let rows: Vec<Vec<Vec<Line>>> = table.rows.iter().map(|row| row.iter().map(|value| lines(value)).collect()).collect();
    let mut widths: Vec<usize> = headers.iter().map(|header| width(header)).collect();
    for row in &rows {
        for (known, cell) in widths.iter_mut().zip(row) {
            *known = (*known).max(width(cell));
        }
    }
    if !format.tuples_only {
        aligned_title(out, table, &widths);
        aligned_header(out, &headers, &widths);
    }
    for row in rows.iter().filter(|row| !row.is_empty()) {
        aligned_row(out, row, &widths, &table.right);
    }
    if !format.tuples_only {
        table.footers().iter().for_each(|footer| push_line(out, footer));
    }
    out.push('\n');
}

fn aligned_title(out: &mut String, table: &Table, widths: &[usize]) {
    let Some(title) = &table.title else { return };
    let total = widths.iter().sum::<usize>() + (widths.len() * 3).saturating_sub(1);
    let title_lines = lines(title);
    blanks(out, total.saturating_sub(width(&title_lines)) / 2);
    push_line(out, title);
}

/// Centred names, and a rule below.
fn aligned_header(out: &mut String, headers: &[Vec<Line>], widths: &[usize]) {
    let height = headers.iter().map(Vec::len).max().unwrap_or_default();
    for place in 0..height {
        for (column, (header, width)) in headers.iter().zip(widths).enumerate() {
            out.push(' ');
            let line = header.get(place);
            let room = width - line.map_or(0, |line| line.width);
            blanks(out, room / 2);
            out.push_str(line.map_or("", |line| &line.text));
            blanks(out, room.div_ceil(2));
            out.push(if place + 1 < header.len() { '+' } else { ' ' });
            if column + 1 < headers.len() {
                out.push('|');
            }
        }
        out.push('\n');
    }
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    push_line(out, &format!("-{}-", rules.join("-+-")));
}

fn aligned_row(out: &mut String, row: &[Vec<Line>], widths: &[usize], right: &[bool]) {
    let height = row.iter().map(Vec::len).max().unwrap_or_default();
    for place in 0..height {
        for (column, (cell, &width)) in row.iter().zip(widths).enumerate() {
            let last = column + 1 == row.len();
            let continues = place + 1 < cell.len();
            out.push(' ');
            match cell.get(place) {
                None if last => {}
                None => blanks(out, width),
                Some(line) if right.get(column) == Some(&true) => {
                    blanks(out, width - line.width);
                    out.push_str(&line.text);
                }
                Some(line) => {
                    out.push_str(&line.text);
                    // Nothing stands behind the last value, unless it goes on in the next line.
                    blanks(out, if last && !continues { 0 } else { width - line.width });
                }
            }
            match (continues, last) {
                (true, _) => out.push('+'),
                (false, true) => {}
                (false, false) => out.push(' '),
            }
            if !last {
                out.push('|');
            }
        }
        out.push('\n');
    }
}

fn aligned_expanded(out: &mut String, table: &Table, format: &Format) {
    if table.rows.is_empty() {
        if !format.tuples_only {
            table.footers().iter().for_each(|footer| push_line(out, footer));
        }
        out.push('\n');
        return;
    }
    let headers: Vec<Vec<Line>> = table.headers.iter().map(|header| lines(header)).collect();
    let rows: Vec<Vec<Vec<Line>>> = table.rows.iter().map(|row| row.iter().map(|value| lines(value)).collect()).collect();
    let header_width = headers.iter().map(|header| width(header)).max().unwrap_or_default();
    let data_width = rows.iter().flatten().map(|cell| width(cell)).max().unwrap_or_default();
    let multiline = rows.iter().flatten().any(|cell| cell.len() > 1);
    if let Some(title) = table.title.as_ref().filter(|_| !format.tuples_only) {
        push_line(out, title);
    }
    for (number, row) in rows.iter().enumerate() {
        if !format.tuples_only {
            record_line(out, &format!("[ RECORD {} ]", number + 1), header_width, data_width);
        } else if number > 0 {
            record_line(out, "", header_width, data_width);
        }
        for (header, cell) in headers.iter().zip(row) {
            expanded_value(out, header, cell, header_width, if multiline { data_width } else { 0 });
        }
    }
    if !format.tuples_only && !table.footers.is_empty() {
        out.push('\n');
        table.footers.iter().for_each(|footer| push_line(out, footer));
    }
    out.push('\n');
}

/// The rule above a record; its name may reach over the place where the columns meet.
fn record_line(out: &mut String, record: &str, header_width: usize, data_width: usize) {
    let mut taken = record.len() + 1;
    out.push('-');
    out.push_str(record);
    for _ in taken..header_width {
        out.push('-');
    }
    taken = taken.saturating_sub(header_width);
    for rule in ['-', '+', '-'] {
        if taken == 0 {
            out.push(rule);
        }
        taken = taken.saturating_sub(1);
    }
    for _ in taken..data_width {
        out.push('-');
    }
    out.push('\n');
}

/// A name and a value beside each other, either of which may have several lines.
fn expanded_value(out: &mut String, header: &[Line], cell: &[Line], header_width: usize, data_width: usize) {
    for place in 0..header.len().max(cell.len()) {
        match header.get(place) {
            Some(line) => {
                out.push_str(&line.text);
                blanks(out, header_width - line.width);
                out.push(if place + 1 < header.len() { '+' } else { ' ' });
            }
            None => blanks(out, header_width + 1),
        }
        out.push('|');
        if let Some(line) = cell.get(place) {
            out.push(' ');
            out.push_str(&line.text);
            if place + 1 < cell.len() {
                blanks(out, data_width.saturating_sub(line.width));
                out.push('+');
            }
        }
        out.push('\n');
    }
}

fn unaligned(out: &mut String, table: &Table, format: &Format) {
    let mut text = Vec::new();
    if !format.tuples_only {
        text.extend(table.title.clone());
        text.push(table.headers.join(&format.separator));
    }
    text.extend(table.rows.iter().map(|row| row.join(&format.separator)));
    if !format.tuples_only {
        text.extend(table.footers());
    }
    text.iter().for_each(|line| push_line(out, line));
}

fn unaligned_expanded(out: &mut String, table: &Table, format: &Format) {
    let pair = |(header, value): (&String, &String)| format!("{header}{}{value}", format.separator);
    let mut records: Vec<String> = Vec::new();
    if !format.tuples_only {
        records.extend(table.title.clone());
    }
    records.extend(table.rows.iter().map(|row| table.headers.iter().zip(row).map(pair).collect::<Vec<_>>().join("\n")));
    if !format.tuples_only && !table.footers.is_empty() {
        records.push(table.footers.join("\n"));
    }
    if !records.is_empty() {
        push_line(out, &records.join("\n\n"));
    }
}

fn csv(out: &mut String, table: &Table, format: &Format) {
    let line = |values: &[String]| values.iter().map(|value| csv_value(value)).collect::<Vec<_>>().join(",");
    if !format.tuples_only {
        push_line(out, &line(&table.headers));
    }
    table.rows.iter().for_each(|row| push_line(out, &line(row)));
}

fn csv_expanded(out: &mut String, table: &Table) {
    for row in &table.rows {
        for (header, value) in table.headers.iter().zip(row) {
            push_line(out, &format!("{},{}", csv_value(header), csv_value(value)));
        }
    }
}

/// RFC 4180, and `\.` quoted, which would end data for COPY.
fn csv_value(value: &str) -> String {
    if value.contains([',', '"', '\r', '\n']) || value == "\\." { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}
