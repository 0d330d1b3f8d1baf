//! Dumps as `pg_dump` and `borealis dump` write them: COPY blocks and INSERT statements among statements that make a schema.
//!
//! Rows are read out of COPY blocks and out of INSERT statements with plain values. Statements that make a schema are handed over, in
//! their place, when they are wanted, and left out otherwise. What destroys (DROP, TRUNCATE, DELETE, UPDATE) is never run. Settings of the
//! session that wrote the dump mean nothing to the one that loads it.

use std::ops::Range;
use std::sync::Arc;

use super::batch::{Batcher, Refusal, Target};
use super::dump_frame::Frame;
use super::lines::{check_text, without_line_end};
use super::sql_text::{StatementEnd, Token, Tokens};
use super::window::Window;
use crate::dump::WAIT;
use crate::error::TransferError;
use crate::name::identifier;
use borealis_pgtypes::copy_text;

/// The longest statement that is read.
const STATEMENT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What a dump by mysqldump or mariadb-dump begins with, and the comments that are statements to MySQL alone.
const MYSQL: [&[u8]; 4] = [b"-- MySQL dump", b"-- MariaDB dump", b"/*!", b"/*M!"];
const END_OF_DATA: &[u8] = b"\\.";
/// What the archives of pg_dump begin with: its own form, and a tar archive, which says so in its first header.
const CUSTOM: &[u8] = b"PGDMP";
const TAR: (usize, &[u8]) = (257, b"ustar");

/// A dump that is being read.
pub(super) struct DumpFile {
    window: Window,
    line: u64,
    /// Statements that make a schema are wanted.
    schema: bool,
    /// Rows of this table alone are wanted, quoted as in [`Target`].
    only: Option<String>,
    /// A statement had rows that were wanted.
    is_found: bool,
    frame: Frame,
}

/// What a statement is to a load.
enum Meaning {
    Copy(Target),
    Insert,
    /// It makes a part of a schema, or sets a counter.
    Schema,
    /// It means nothing here.
    Nothing,
    Refused,
}

impl DumpFile {
    pub(super) fn new(window: Window, schema: bool, only: Option<String>) -> Self {
        Self { window, line: 1, schema, only, is_found: false, frame: Frame::default() }
    }

    pub(super) fn run(mut self, batcher: &mut Batcher) -> Result<(), TransferError> {
        self.refuse_archive()?;
        while let Some(statement) = self.statement()? {
            let place = self.window.place() - statement.len() as u64..self.window.place();
            let first_line = self.line - newlines(statement.as_bytes());
            match meaning(&statement) {
                Meaning::Copy(target) => self.copy(target, &place, batcher)?,
                Meaning::Insert => self.insert(&statement, place.start, first_line, batcher)?,
                Meaning::Schema if self.schema => batcher.statement(place, alone(&statement).to_owned())?,
                Meaning::Schema => batcher.leave_out(),
                Meaning::Nothing => {}
                Meaning::Refused => return Err(self.error(first_line, &format!("{} is not run from a dump", shown(&statement)))),
            }
        }
        if let Some(last) = self.frame.missing() {
            return Err(self.error(self.line, &format!("the last line, \"{last}\", is missing: the dump is cut")));
        }
        if let (Some(only), false) = (&self.only, self.is_found) {
            return Err(TransferError::Source(format!("{} has no rows of {only}", self.window.name())));
        }
        batcher.finish(self.window.place())
    }

    /// Archives of pg_dump are no SQL.
    fn refuse_archive(&mut self) -> Result<(), TransferError> {
        let header_bytes = TAR.0 + TAR.1.len();
        while self.window.bytes().len() < header_bytes && self.window.fill()? {}
        let start = self.window.bytes();
        let is_tar = start.get(TAR.0..header_bytes) == Some(TAR.1);
        if !is_tar && !start.starts_with(CUSTOM) {
            return Ok(());
        }
        Err(TransferError::Request(archive(self.window.name(), if is_tar { "-Ft" } else { "-Fc" })))
    }

    /// Where rows go, if they are wanted. A dump may leave out the schema of the table that is meant.
    fn wanted(&mut self, target: Target) -> Option<Target> {
        let Some(only) = &self.only else { return Some(target) };
        let is_meant = target.table == *only || only.ends_with(&format!(".{}", target.table));
        self.is_found |= is_meant;
        is_meant.then(|| Target { table: only.clone(), ..target })
    }

    fn error(&self, line: u64, what: &str) -> TransferError {
        TransferError::Source(format!("{}, line {line}: {what}", self.window.name()))
    }

    /// The next statement, with what stands before it; `None` at the end.
    fn statement(&mut self) -> Result<Option<String>, TransferError> {
        self.skip_blanks()?;
        let (mut end, mut scanned) = (StatementEnd::default(), 0);
        let length = loop {
            let bytes = self.window.bytes();
            if let Some(length) = end.find(bytes, scanned) {
                break length;
            }
            scanned = bytes.len();
            if scanned > STATEMENT_BYTES_MAX {
                return Err(self.error(self.line, "the statement has no end within 64 MiB"));
            }
            if !self.window.fill()? {
                return if scanned == 0 { Ok(None) } else { Err(self.error(self.line, "the statement has no end: the dump is cut")) };
            }
        };
        self.window.take(length);
        let bytes = self.window.taken(length);
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        let lines = newlines(bytes);
        let text = text.map_err(|_| self.error(self.line, "the statement is not UTF-8 throughout: give the dump's --encoding"))?;
        self.line += lines;
        Ok(Some(text))
    }

    /// Blank lines, comments and psql's own commands.
    fn skip_blanks(&mut self) -> Result<(), TransferError> {
        loop {
            let Some(length) = self.whole_line()? else { return Ok(()) };
            let line = self.window.bytes()[..length].trim_ascii();
            if MYSQL.iter().any(|start| line.starts_with(start)) {
                let name = self.window.name();
                return Err(TransferError::Request(format!(
                    "{name} is a dump of MySQL's: `borealis convert mysql` makes SQL of it, rows included, and load --from mysql://… reads the living database"
                )));
            }
            if !(line.is_empty() || line.starts_with(b"--") || line.starts_with(b"\\")) {
                return Ok(());
            }
            self.frame.see(line);
            self.take_line(length);
        }
    }

    /// How long the next line is, its end included; `None` at the end of the source.
    fn whole_line(&mut self) -> Result<Option<usize>, TransferError> {
        let mut scanned = 0;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.window.bytes()[scanned..]) {
                return Ok(Some(scanned + at + 1));
            }
            scanned = self.window.bytes().len();
            if scanned > STATEMENT_BYTES_MAX {
                return Err(self.error(self.line, "the line has no end within 64 MiB"));
            }
            if !self.window.fill()? {
                return Ok((scanned > 0).then_some(scanned));
            }
        }
    }

    fn take_line(&mut self, length: usize) -> Range<u64> {
        let start = self.window.place();
        self.window.take(length);
        self.line += 1;
        start..self.window.place()
    }

    fn copy(&mut self, target: Target, place: &Range<u64>, batcher: &mut Batcher) -> Result<(), TransferError> {
        let begun = self.line;
        let wanted = self.wanted(target);
        let is_wanted = wanted.is_some();
        if let Some(target) = wanted {
            batcher.follow(place, target.sql().as_bytes())?;
            batcher.enter(&Arc::new(target))?;
        }
        // The statement ends before its line does.
        let rest = self.whole_line()?.unwrap_or(0);
        self.take_line(rest);
        loop {
            let length = self.whole_line()?.unwrap_or(0);
            let line = self.line;
            let place = self.take_line(length);
            let raw = self.window.taken(length);
            if without_line_end(raw) == END_OF_DATA {
                return Ok(());
            }
            if !raw.ends_with(b"\n") {
                return Err(self.error(begun, "the rows of this COPY have no end: the dump is cut"));
            }
            if is_wanted {
                batcher.record(place, line, raw, |row| {
                    check_text(raw)?;
                    row.extend_from_slice(without_line_end(raw));
                    row.push(b'\n');
                    Ok(())
                })?;
            }
        }
    }

    fn insert(&mut self, statement: &str, start: u64, first_line: u64, batcher: &mut Batcher) -> Result<(), TransferError> {
        let broken =
            |dump: &Self| dump.error(first_line, "this INSERT is not of the form that pg_dump writes: INSERT INTO table VALUES (…)");
        let mut tokens = Tokens::new(statement);
        let Some(target) = insert_target(&mut tokens) else { return Err(broken(self)) };
        let Some(target) = self.wanted(target) else { return Ok(()) };
        batcher.follow(&(start..start + tokens.place() as u64), target.sql().as_bytes())?;
        batcher.enter(&Arc::new(target))?;
        loop {
            let before = tokens.place();
            let blanks = statement[before..].len() - statement[before..].trim_start().len();
            let mut row = Vec::new();
            let Some(values) = tuple(&mut tokens, &mut row) else { return Err(broken(self)) };
            let (from, to) = (before + blanks, tokens.place());
            let place = start + from as u64..start + to as u64;
            let line = first_line + newlines(&statement.as_bytes()[..from]);
            batcher.record(place, line, &statement.as_bytes()[from..to], |out| {
                values?;
                out.extend_from_slice(&row);
                Ok(())
            })?;
            if !tokens.symbol(b',') {
                break;
            }
        }
        match tokens.next() {
            None | Some(Token::Symbol(b';')) => Ok(()),
            // What becomes of a key that is there is said by --on-conflict.
            Some(Token::Word(word)) if word == "on" => Ok(()),
            Some(_) => Err(broken(self)),
        }
    }
}

/// What an archive of pg_dump's is, and what to do with it.
pub(super) fn archive(name: &str, option: &str) -> String {
    format!("{name} is an archive of pg_dump's ({option}) and no SQL: `pg_restore -f dump.sql {name}` makes SQL of it")
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The statement without its end, and without the waiting for its job, which the load does itself.
fn alone(statement: &str) -> &str {
    let statement = statement.trim();
    statement.strip_suffix(WAIT).unwrap_or(statement).trim_end_matches(';')
}

/// The beginning of a statement, for a message.
fn shown(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().take(4).collect();
    words.join(" ")
}

fn meaning(statement: &str) -> Meaning {
    let mut tokens = Tokens::new(statement);
    let Some(Token::Word(verb)) = tokens.next() else { return Meaning::Nothing };
    match verb.as_str() {
        "copy" => copy_target(tokens).map_or(Meaning::Refused, Meaning::Copy),
        "insert" => Meaning::Insert,
        "create" | "alter" | "comment" | "grant" | "revoke" | "aws" | "analyze" => Meaning::Schema,
        "select" if statement.contains("setval") => Meaning::Schema,
        "select" if statement.contains("set_config") => Meaning::Nothing,
        "set" | "begin" | "commit" | "start" => Meaning::Nothing,
        _ => Meaning::Refused,
    }
}

/// `COPY table (columns) FROM stdin`, in the text format.
fn copy_target(mut tokens: Tokens<'_>) -> Option<Target> {
    let target = table_and_columns(&mut tokens)?;
    let is_plain = tokens.word("from") && tokens.word("stdin") && matches!(tokens.next(), None | Some(Token::Symbol(b';')));
    is_plain.then_some(target)
}

fn insert_target(tokens: &mut Tokens<'_>) -> Option<Target> {
    if !(tokens.word("insert") && tokens.word("into")) {
        return None;
    }
    let target = table_and_columns(tokens)?;
    if tokens.word("overriding") {
        let _who = tokens.next()?;
        if !tokens.word("value") {
            return None;
        }
    }
    tokens.word("values").then_some(target)
}

fn table_and_columns(tokens: &mut Tokens<'_>) -> Option<Target> {
    let mut table = identifier(&tokens.name()?);
    if tokens.symbol(b'.') {
        table = format!("{table}.{}", identifier(&tokens.name()?));
    }
    let mut columns = Vec::new();
    if tokens.symbol(b'(') {
        loop {
            columns.push(tokens.name()?);
            if !tokens.symbol(b',') {
                break;
            }
        }
        if !tokens.symbol(b')') {
            return None;
        }
    }
    Some(Target { table, columns })
}

/// `(value, …)` as a row; `None` when it is not even that, an inner error when a value is not plain.
fn tuple(tokens: &mut Tokens<'_>, row: &mut Vec<u8>) -> Option<Result<(), Refusal>> {
    if !tokens.symbol(b'(') {
        return None;
    }
    let mut result = Ok(());
    loop {
        match tokens.next()? {
            Token::String(text) => copy_text::escape(text.as_bytes(), row),
            Token::Number(text) => row.extend_from_slice(text.as_bytes()),
            Token::Word(word) if word == "null" => row.extend_from_slice(copy_text::NULL),
            Token::Malformed((code, why)) => return skip_tuple(tokens).then_some(Err(Refusal::new(code, why))),
            Token::Word(word) if word == "true" || word == "false" => row.extend_from_slice(word.as_bytes()),
            _ => {
                result = Err(Refusal::new("0A000", "the row has a value that is no plain one: an expression or a bit string"));
                return skip_tuple(tokens).then_some(result);
            }
        }
        row.push(b'\t');
        match tokens.next()? {
            Token::Symbol(b',') => {}
            Token::Symbol(b')') => break,
            _ => {
                result = Err(Refusal::new("0A000", "the row has a value that is no plain one: an expression"));
                return skip_tuple(tokens).then_some(result);
            }
        }
    }
    row.pop();
    row.push(b'\n');
    Some(result)
}

/// Passes over the rest of a tuple.
fn skip_tuple(tokens: &mut Tokens<'_>) -> bool {
    let mut depth = 1;
    for token in tokens {
        match token {
            Token::Symbol(b'(') => depth += 1,
            Token::Symbol(b')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return true;
        }
    }
    false
}
