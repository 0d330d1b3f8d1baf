//! Tab-separated values in PostgreSQL's text form, which MySQL writes as well: `\N` is NULL, a backslash stands before what would
//! be mistaken for structure.

use super::Source;
use super::batch::Refusal;
use super::lines::{Records, check_width, without_line_end};
use crate::table::Column;
use borealis_pgtypes::copy_text;

/// What ends the data in a file that psql has written.
const END_OF_DATA: &[u8] = b"\\.";

/// The form, and where in a record the reader is.
pub(super) struct Tsv {
    delimiter: u8,
    null: Vec<u8>,
    columns: Vec<String>,
    /// The byte before was a backslash that itself stands for nothing.
    escaped: bool,
}

impl Tsv {
    pub(super) fn new(source: &Source) -> Self {
        let null = source.null.clone().map_or_else(|| copy_text::NULL.to_vec(), String::into_bytes);
        Self { delimiter: source.delimiter.unwrap_or(b'\t'), null, columns: Vec::new(), escaped: false }
    }

    /// The values as they are written.
    fn values<'r>(&self, record: &'r [u8]) -> Vec<&'r [u8]> {
        let (mut values, mut start, mut at) = (Vec::with_capacity(self.columns.len()), 0, 0);
        while let Some(found) = memchr::memchr2(self.delimiter, b'\\', &record[at..]) {
            at += found;
            if record[at] == b'\\' {
                at = (at + 2).min(record.len());
            } else {
                values.push(&record[start..at]);
                at += 1;
                start = at;
            }
        }
        values.push(&record[start..]);
        values
    }

    /// A record without escapes is a row as it stands.
    fn is_row_already(&self, record: &[u8]) -> bool {
        self.delimiter == b'\t' && self.null == copy_text::NULL && memchr::memchr2(b'\\', b'\r', record).is_none()
    }
}

impl Records for Tsv {
    fn end(&mut self, fresh: &[u8]) -> Option<usize> {
        let mut at = usize::from(std::mem::take(&mut self.escaped) && !fresh.is_empty());
        while let Some(found) = memchr::memchr2(b'\\', b'\n', &fresh[at..]) {
            at += found + 1;
            if fresh[at - 1] == b'\n' {
                return Some(at);
            }
            if at == fresh.len() {
                self.escaped = true;
                return None;
            }
            at += 1;
        }
        None
    }

    fn unfinished(&self) -> Option<&'static str> {
        self.escaped.then_some("nothing follows the backslash")
    }

    fn ends_data(&self, record: &[u8]) -> bool {
        record == END_OF_DATA
    }

    fn names(&mut self, header: &[u8]) -> Result<Vec<String>, Refusal> {
        let values = self.values(without_line_end(header));
        Ok(values.into_iter().map(|name| String::from_utf8_lossy(&copy_text::unescape(name)).trim().to_owned()).collect())
    }

    fn sample(&mut self, _: &[u8]) -> Option<Vec<String>> {
        None
    }

    fn expect(&mut self, columns: &[&Column]) {
        self.columns = columns.iter().map(|column| column.name.clone()).collect();
    }

    fn encode(&mut self, record: &[u8], row: &mut Vec<u8>) -> Result<(), Refusal> {
        if record == END_OF_DATA || (record.is_empty() && self.columns.len() > 1) {
            return Ok(());
        }
        if self.is_row_already(record) {
            check_width(1 + memchr::memchr_iter(b'\t', record).count(), &self.columns)?;
            row.extend_from_slice(record);
            row.push(b'\n');
            return Ok(());
        }
        let values = self.values(record);
        check_width(values.len(), &self.columns)?;
        for value in values {
            if value == self.null {
                row.extend_from_slice(copy_text::NULL);
            } else {
                copy_text::escape(&copy_text::unescape(value), row);
            }
            row.push(b'\t');
        }
        // What ends the last value ends the row.
        row.pop();
        row.push(b'\n');
        Ok(())
    }
}
