//! Comma-separated values, as PostgreSQL's `COPY … CSV` reads them.
//!
//! Cut by hand and not by a library, because the difference between a value without quotes, which may be NULL, and the same in
//! quotes, which never is, does not survive the ones there are.

use super::Source;
use super::batch::Refusal;
use super::lines::{Records, check_width, without_line_end};
use crate::table::Column;
use borealis_pgtypes::copy_text;

const QUOTE: u8 = b'"';

/// The form, and where in a record the reader is.
pub(super) struct Csv {
    delimiter: u8,
    null: Vec<u8>,
    columns: Vec<String>,
    in_quotes: bool,
    value: Vec<u8>,
}

impl Csv {
    pub(super) fn new(source: &Source) -> Self {
        Self {
            delimiter: source.delimiter.unwrap_or(b','),
            null: source.null.clone().unwrap_or_default().into_bytes(),
            columns: Vec::new(),
            in_quotes: false,
            value: Vec::new(),
        }
    }

    /// One value from the start of `rest`: where it ends, and whether it had quotes, with its text in `self.value` then.
    fn value(&mut self, rest: &[u8]) -> (usize, bool) {
        let Some(first) = memchr::memchr2(self.delimiter, QUOTE, rest) else { return (rest.len(), false) };
        if rest[first] != QUOTE {
            return (first, false);
        }
        self.value.clear();
        let (mut at, mut quoted) = (0, false);
        while at < rest.len() && (quoted || rest[at] != self.delimiter) {
            match rest[at] {
                QUOTE if quoted && rest.get(at + 1) == Some(&QUOTE) => {
                    self.value.push(QUOTE);
                    at += 1;
                }
                QUOTE => quoted = !quoted,
                byte => self.value.push(byte),
            }
            at += 1;
        }
        (at, true)
    }

    /// Calls `each` for every value of a record, with whether it had quotes.
    fn each_value(&mut self, record: &[u8], mut each: impl FnMut(&[u8], bool, &[u8])) -> usize {
        let (mut rest, mut count) = (record, 0);
        loop {
            let (length, quoted) = self.value(rest);
            each(if quoted { &self.value } else { &rest[..length] }, quoted, &self.null);
            count += 1;
            match rest.get(length) {
                Some(_) => rest = &rest[length + 1..],
                None => return count,
            }
        }
    }
}

impl Records for Csv {
    fn end(&mut self, fresh: &[u8]) -> Option<usize> {
        for at in memchr::memchr2_iter(QUOTE, b'\n', fresh) {
            if fresh[at] == QUOTE {
                self.in_quotes = !self.in_quotes;
            } else if !self.in_quotes {
                return Some(at + 1);
            }
        }
        None
    }

    fn unfinished(&self) -> Option<&'static str> {
        self.in_quotes.then_some("a quote is not closed")
    }

    fn names(&mut self, header: &[u8]) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        self.each_value(without_line_end(header), |value, _, _| names.push(String::from_utf8_lossy(value).trim().to_owned()));
        Ok(names)
    }

    fn sample(&mut self, _: &[u8]) -> Option<Vec<String>> {
        None
    }

    fn expect(&mut self, columns: &[&Column]) {
        self.columns = columns.iter().map(|column| column.name.clone()).collect();
    }

    fn encode(&mut self, record: &[u8], row: &mut Vec<u8>) -> Result<(), Refusal> {
        if record.is_empty() && self.columns.len() > 1 {
            return Ok(());
        }
        let count = self.each_value(record, |value, quoted, null| {
            if !quoted && value == null {
                row.extend_from_slice(copy_text::NULL)
            } else {
                copy_text::escape(value, row)
            }
            row.push(b'\t');
        });
        // What ends the last value ends the row.
        row.pop();
        check_width(count, &self.columns)?;
        row.push(b'\n');
        Ok(())
    }
}
