//! Rows, as they stream by.

use super::tables::DumpTable;
use super::{DumpFormat, Dumper, too_old};
use crate::error::TransferError;
use crate::name::write_literal;
use crate::source::postgres::WholeRows;
use borealis_pgtypes::copy_text;

/// Rows of one COPY block or INSERT statement: what one transaction may write.
const BLOCK_ROWS_MAX: usize = 3_000;
/// And its bytes, with room for what index entries add.
const BLOCK_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The rows of a table, to be written in a form.
pub(super) struct Rows<'t> {
    pub(super) table: &'t DumpTable,
    pub(super) format: DumpFormat,
}

/// Rows that will be one statement.
#[derive(Default)]
struct Block {
    text: Vec<u8>,
    rows: usize,
}

impl Rows<'_> {
    pub(super) async fn write(&self, dumper: &mut Dumper<'_>) -> Result<(), TransferError> {
        let doing = format!("reading the rows of {}", self.table.name);
        let names: Vec<&str> = self.table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let options = if self.format == DumpFormat::Csv { " (FORMAT csv, HEADER)" } else { "" };
        let sql = format!("COPY ({}) TO STDOUT{options}", self.select(&names));
        let mut stream = dumper.snapshot.connection.copy_out(&sql).await.map_err(|error| too_old(&doing, error))?;
        let header_seen = self.format != DumpFormat::Csv;
        let mut writer = Writer { rows: self, out: &mut *dumper.out, block: Block::default(), bytes: 0, header_seen, json_nulls: 0 };
        let mut pieces = WholeRows::default();
        while let Some(data) = stream.next().await.map_err(|error| too_old(&doing, error))? {
            dumper.report.rows += writer.take(&data, &mut pieces)?;
            (dumper.progress)(dumper.report);
        }
        writer.end_block()?;
        dumper.report.bytes += writer.bytes;
        dumper.report.json_nulls += writer.json_nulls;
        Ok(())
    }

    fn select(&self, names: &[&str]) -> String {
        let key = if self.table.key.is_empty() { String::new() } else { format!(" ORDER BY {}", self.table.key.join(", ")) };
        format!("SELECT {} FROM {}{key}", names.join(", "), self.table.name)
    }
}

struct Writer<'w, 't> {
    rows: &'w Rows<'t>,
    out: &'w mut (dyn std::io::Write + Send),
    block: Block,
    bytes: u64,
    header_seen: bool,
    /// Documents that are `null`, where the form has the same for NULL.
    json_nulls: u64,
}

impl Writer<'_, '_> {
    /// Takes a piece of the stream; the number of rows that are whole now.
    fn take(&mut self, data: &[u8], pieces: &mut WholeRows) -> Result<u64, TransferError> {
        if self.rows.format == DumpFormat::Csv {
            // A message is a row here, whose values may have line ends.
            self.write(data)?;
            return Ok(u64::from(std::mem::replace(&mut self.header_seen, true)));
        }
        pieces.take(data, |rows| {
            let mut count = 0;
            for row in rows.split_inclusive(|byte| *byte == b'\n') {
                self.row(row.strip_suffix(b"\n").unwrap_or(row))?;
                count += 1;
            }
            Ok(count)
        })
    }

    fn row(&mut self, row: &[u8]) -> Result<(), TransferError> {
        match self.rows.format {
            DumpFormat::Inserts => self.tuple(row),
            DumpFormat::JsonLines => self.object(row),
            DumpFormat::Sql | DumpFormat::Csv => self.block.text.extend_from_slice(row),
        }
        if self.rows.format != DumpFormat::Inserts {
            self.block.text.push(b'\n');
        }
        self.block.rows += 1;
        if self.block.rows == BLOCK_ROWS_MAX || self.block.text.len() >= BLOCK_BYTES_MAX { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> Result<(), TransferError> {
        let block = std::mem::take(&mut self.block);
        if block.rows == 0 {
            return Ok(());
        }
        let table = self.rows.table;
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        let (before, after) = match self.rows.format {
            DumpFormat::Sql => (format!("COPY {} ({names}) FROM stdin;\n", table.name), "\\.\n\n"),
            DumpFormat::Inserts => {
                let overriding = if table.overriding { " OVERRIDING SYSTEM VALUE" } else { "" };
                (format!("INSERT INTO {} ({names}){overriding} VALUES\n", table.name), ";\n\n")
            }
            DumpFormat::Csv | DumpFormat::JsonLines => (String::new(), ""),
        };
        self.write(before.as_bytes())?;
        self.write(&block.text)?;
        self.write(after.as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), TransferError> {
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes).map_err(TransferError::file("cannot write the dump"))
    }

    fn tuple(&mut self, row: &[u8]) {
        let mut text = if self.block.rows == 0 { "    (".to_owned() } else { ",\n    (".to_owned() };
        for (place, value) in copy_text::values(row).enumerate() {
            if place > 0 {
                text.push_str(", ");
            }
            match value.as_deref().map(String::from_utf8_lossy) {
                None => text.push_str("NULL"),
                Some(value) if self.is_number(place, &value) => text.push_str(&value),
                Some(value) => write_literal(&value, &mut text),
            }
        }
        text.push(')');
        self.block.text.extend_from_slice(text.as_bytes());
    }

    fn object(&mut self, row: &[u8]) {
        let mut text = "{".to_owned();
        for (place, value) in copy_text::values(row).enumerate() {
            let (name, type_oid) = &self.rows.table.columns[place];
            let value = value.as_deref().map(String::from_utf8_lossy);
            let separator = if place > 0 { "," } else { "" };
            let value = match value.as_deref() {
                None => "null".to_owned(),
                Some("t") if *type_oid == BOOL => "true".to_owned(),
                Some("f") if *type_oid == BOOL => "false".to_owned(),
                Some(value) if self.is_number(place, value) => value.to_owned(),
                Some(value) if DOCUMENTS.contains(type_oid) => {
                    self.json_nulls += u64::from(value == "null");
                    on_one_line(value)
                }
                Some(value) => serde_json::Value::from(value).to_string(),
            };
            text.push_str(&format!("{separator}{}:{value}", serde_json::Value::from(unquoted(name))));
        }
        text.push('}');
        self.block.text.extend_from_slice(text.as_bytes());
    }

    /// A number that may stand without quotes; `NaN` and `Infinity` may not.
    fn is_number(&self, place: usize, value: &str) -> bool {
        let numeric = self.rows.table.columns.get(place).is_some_and(|(_, type_oid)| NUMBERS.contains(type_oid));
        numeric && value.ends_with(|last: char| last.is_ascii_digit())
    }
}

/// A document without line ends, which can stand only between its parts.
fn on_one_line(document: &str) -> String {
    document.replace(['\r', '\n'], " ")
}

const BOOL: u32 = 16;
/// json, jsonb.
const DOCUMENTS: [u32; 2] = [114, 3802];
/// smallint, integer, bigint, real, double precision, numeric.
const NUMBERS: [u32; 6] = [21, 23, 20, 700, 701, 1700];

fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(name) => name.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}
