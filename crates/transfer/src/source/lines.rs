//! Sources that are records one behind the other, each ending in a line end.

use sha2::{Digest as _, Sha256};

use super::Source;
use super::batch::{Batcher, Refusal};
use super::window::Window;
use crate::error::TransferError;
use crate::table::{Column, Table};

/// The longest record that is read: what no transaction could hold.
const RECORD_BYTES_MAX: usize = 10 * 1024 * 1024;
/// How much of a longer one is kept to show.
const BEGINNING_BYTES: usize = 1024;
/// How much of the source may be looked at to find out its columns.
const SAMPLE_BYTES: usize = 1024 * 1024;

/// The form of records.
pub(super) trait Records: Send {
    /// How many of the next bytes belong to the record that is being read, if it ends in them. What was given without that is
    /// not given again.
    fn end(&mut self, fresh: &[u8]) -> Option<usize>;

    /// What the record that is being read still lacks, when it must not end with the source.
    fn unfinished(&self) -> Option<&'static str>;

    /// Whether no row may follow this record.
    fn ends_data(&self, _record: &[u8]) -> bool {
        false
    }

    /// The names in the first record.
    fn names(&mut self, header: &[u8]) -> Result<Vec<String>, Refusal>;

    /// Column names found by looking at the first records, for a form whose records name their values.
    fn sample(&mut self, start: &[u8]) -> Option<Vec<String>>;

    /// Tells which columns the values are for.
    fn expect(&mut self, columns: &[&Column]);

    /// Appends a record's row; nothing for what is no record.
    fn encode(&mut self, record: &[u8], row: &mut Vec<u8>) -> Result<(), Refusal>;
}

/// A source and the form of its records.
pub(super) struct LineReader {
    window: Window,
    records: Box<dyn Records>,
    /// The line that the next record begins in.
    line: u64,
    /// A record has said that no row follows.
    is_over: bool,
    /// The header, which gives all records their meaning.
    header: Vec<u8>,
}

/// A piece of the source.
enum Piece {
    /// A whole record, so long.
    Record(usize),
    /// Longer than any record may be; its beginning is at hand.
    Long,
    End,
}

impl LineReader {
    pub(super) fn new(window: Window, records: Box<dyn Records>) -> Self {
        Self { window, records, line: 1, is_over: false, header: Vec::new() }
    }

    /// The columns that the values are for, by places in the table; a header is read.
    pub(super) fn columns(&mut self, source: &Source, table: &Table) -> Result<Vec<usize>, TransferError> {
        let header = if source.header { self.header()? } else { None };
        let names = source.columns.clone().or(header).or(self.sampled()?);
        let places = match names {
            Some(names) => resolve(&names, table, self.window.name())?,
            None => table.writable(),
        };
        let columns: Vec<&Column> = places.iter().map(|place| &table.columns[*place]).collect();
        self.records.expect(&columns);
        Ok(places)
    }

    /// Reads to the end.
    pub(super) fn run(mut self, batcher: &mut Batcher) -> Result<(), TransferError> {
        let place = self.window.place();
        batcher.follow(&(place - self.header.len() as u64..place), &self.header)?;
        loop {
            match self.piece()? {
                Piece::Record(length) => {
                    let end = self.window.place();
                    let raw = self.window.taken(length);
                    let (records, is_over) = (&mut self.records, self.is_over);
                    self.is_over |= records.ends_data(without_line_end(raw));
                    batcher.record(end - length as u64..end, self.line, raw, |row| encode(&mut **records, raw, is_over, row))?;
                    self.line += newlines(raw);
                }
                Piece::Long => self.long(batcher)?,
                Piece::End => return batcher.finish(self.window.place()),
            }
        }
    }

    fn header(&mut self) -> Result<Option<Vec<String>>, TransferError> {
        let refused = |what: String, name: &str| TransferError::Source(format!("{name}, the header: {what}"));
        match self.piece()? {
            Piece::Record(length) => {
                let header = self.window.taken(length);
                self.line += newlines(header);
                self.header = header.to_vec();
                let names = self.records.names(header);
                names.map(Some).map_err(|refusal| refused(refusal.message, self.window.name()))
            }
            Piece::Long => Err(refused("it has no end".to_owned(), self.window.name())),
            Piece::End => Ok(None),
        }
    }

    fn sampled(&mut self) -> Result<Option<Vec<String>>, TransferError> {
        while self.window.bytes().len() < SAMPLE_BYTES && self.window.fill()? {}
        Ok(self.records.sample(self.window.bytes()))
    }

    fn piece(&mut self) -> Result<Piece, TransferError> {
        let mut scanned = 0;
        loop {
            let fresh = &self.window.bytes()[scanned..];
            if let Some(length) = self.records.end(fresh) {
                self.window.take(scanned + length);
                return Ok(Piece::Record(scanned + length));
            }
            scanned += fresh.len();
            if scanned > RECORD_BYTES_MAX {
                return Ok(Piece::Long);
            }
            if !self.window.fill()? {
                return self.last(scanned);
            }
        }
    }

    /// The end of the source ends a record, if nothing of it is missing.
    fn last(&mut self, length: usize) -> Result<Piece, TransferError> {
        if length == 0 {
            return Ok(Piece::End);
        }
        self.refuse_cut()?;
        self.window.take(length);
        Ok(Piece::Record(length))
    }

    fn refuse_cut(&self) -> Result<(), TransferError> {
        let Some(missing) = self.records.unfinished() else { return Ok(()) };
        let (name, place) = (self.window.name(), self.window.place());
        Err(TransferError::Source(format!(
            "{name} ends in the middle of the record that begins at byte {place}: {missing}. The file may be cut; everything before it was read"
        )))
    }

    /// Passes over a record that is too long.
    fn long(&mut self, batcher: &mut Batcher) -> Result<(), TransferError> {
        let (start, line) = (self.window.place(), self.line);
        let beginning = self.window.bytes()[..BEGINNING_BYTES].to_vec();
        let mut digest = Sha256::new();
        self.pass(self.window.bytes().len(), &mut digest);
        loop {
            if !self.window.fill()? {
                self.refuse_cut()?;
                break;
            }
            if let Some(length) = self.records.end(self.window.bytes()) {
                self.pass(length, &mut digest);
                break;
            }
            self.pass(self.window.bytes().len(), &mut digest);
        }
        let message = format!("the record is longer than the {RECORD_BYTES_MAX} bytes that a transaction may write");
        batcher.refuse_long(start..self.window.place(), line, &beginning, digest, Refusal::new("54000", message))
    }

    fn pass(&mut self, count: usize, digest: &mut Sha256) {
        self.window.take(count);
        digest.update(self.window.taken(count));
        self.line += newlines(self.window.taken(count));
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// A record's row, once it is known to be text, and not behind the end of the data.
fn encode(records: &mut dyn Records, raw: &[u8], is_over: bool, row: &mut Vec<u8>) -> Result<(), Refusal> {
    if is_over && !raw.trim_ascii().is_empty() {
        return Err(Refusal::new("22P04", "the record is behind the end of the data, \\."));
    }
    check_text(raw)?;
    records.encode(without_line_end(raw), row)
}

/// Only UTF-8 without a zero is text.
pub(super) fn check_text(raw: &[u8]) -> Result<(), Refusal> {
    if let Err(error) = std::str::from_utf8(raw) {
        return Err(not_text(&raw[error.valid_up_to()..][..error.error_len().unwrap_or(1)]));
    }
    if memchr::memchr(0, raw).is_some() { Err(not_text(&[0])) } else { Ok(()) }
}

/// Bytes as COPY reads a `bytea`.
pub(super) fn bytea(value: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    // The backslash of the value is escaped by another one.
    out.push(b'\\');
    borealis_pgtypes::bytea::write(value, false, out);
    Ok(())
}

/// Sixteen bytes as a UUID.
pub(super) fn uuid(value: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
    let bytes = <[u8; 16]>::try_from(value);
    let refused = |_| Refusal::new("22P02", format!("a UUID has 16 bytes, and this value {}", value.len()));
    borealis_pgtypes::uuid::write(&bytes.map_err(refused)?, out);
    Ok(())
}

/// PostgreSQL's own words.
fn not_text(bytes: &[u8]) -> Refusal {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    Refusal::new("22021", format!("invalid byte sequence for encoding \"UTF8\": {}", bytes.join(" ")))
}

/// Without `\n` or `\r\n`.
pub(super) fn without_line_end(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// Places of columns by name.
pub(super) fn resolve(names: &[String], table: &Table, source: &str) -> Result<Vec<usize>, TransferError> {
    let refused = |what: String| TransferError::Request(format!("{source}: {what}"));
    let mut places = Vec::with_capacity(names.len());
    for name in names {
        let (there, columns) = (table.plain_name(), table.column_names());
        let place = table.column(name).ok_or_else(|| refused(format!("{there} has no column \"{name}\"; it has {columns}")))?;
        if places.contains(&place) {
            return Err(refused(format!("column \"{name}\" is named twice")));
        }
        if table.columns[place].is_generated {
            return Err(refused(format!("column \"{name}\" is generated and cannot be loaded: leave it out with --columns")));
        }
        places.push(place);
    }
    Ok(places)
}

/// PostgreSQL's refusal of a row with too few or too many values.
pub(super) fn check_width(found: usize, columns: &[String]) -> Result<(), Refusal> {
    if found > columns.len() {
        return Err(Refusal::new("22P04", "extra data after last expected column"));
    }
    match columns.get(found) {
        Some(missing) => Err(Refusal::new("22P04", format!("missing data for column \"{missing}\""))),
        None => Ok(()),
    }
}
