//! What a source is before it is SQL: its encoding, whose dump it is, and whether it is all there.

use crate::error::ConvertError;
use crate::place::Place;

/// Whose SQL is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dump {
    Mysql,
    Postgres,
}

/// First bytes of what is compressed, its name, and what makes it a text again.
const COMPRESSED: &[(&[u8], &str, &str)] = &[
    (&[0x1F, 0x8B], "gzip", "gunzip -c"),
    (&[0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstd -dc"),
    (&[0x04, 0x22, 0x4D, 0x18], "lz4", "lz4 -dc"),
    (&[0xFD, b'7', b'z', b'X', b'Z', 0], "xz", "xz -dc"),
    (b"BZh", "bzip2", "bunzip2 -c"),
    (b"PK\x03\x04", "zip", "unzip -p"),
];

/// Where a tar archive says that it is one.
const TAR_MARK_AT: usize = 257;

/// How far the head of a dump reaches, and its tail.
const LOOK_AT: usize = 4096;

/// Beginnings of lines in the head of a dump that no other database writes.
const MYSQL_LINES: &[&str] = &["-- MySQL dump", "-- MariaDB dump", "-- phpMyAdmin SQL Dump", "/*!40101 SET ", "/*M!999999"];
const POSTGRES_LINES: &[&str] = &["-- PostgreSQL database dump", "-- PostgreSQL database cluster dump", "SELECT pg_catalog.set_config("];

impl Dump {
    /// The command that converts it.
    fn command(self) -> &'static str {
        match self {
            Self::Mysql => "borealis convert mysql",
            Self::Postgres => "borealis convert postgres",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Mysql => "MySQL",
            Self::Postgres => "PostgreSQL",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Mysql => Self::Postgres,
            Self::Postgres => Self::Mysql,
        }
    }

    /// Lines that say that a dump is this one's.
    fn lines(self) -> &'static [&'static str] {
        match self {
            Self::Mysql => MYSQL_LINES,
            Self::Postgres => POSTGRES_LINES,
        }
    }

    /// Words that only this one's SQL has. They may also stand in a value, so they explain an error and are none.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Mysql => &["CREATE TABLE `", "INSERT INTO `", "CREATE TABLE IF NOT EXISTS `", ") ENGINE="],
            Self::Postgres => &[" FROM stdin;", "ALTER TABLE ONLY ", "::regclass"],
        }
    }
}

/// The text without its byte order mark.
///
/// # Errors
/// It is compressed, an archive, or in an encoding other than UTF-8, as the first bytes say; or a dump of the other database.
pub(crate) fn text_of(bytes: &[u8], dump: Dump) -> Result<&[u8], ConvertError> {
    let refuse = |what: String, hint: String| Err(ConvertError::new(Place::START, format!("the source is {what}")).hint(hint));
    let command = dump.command();
    if let Some((_, name, unpack)) = COMPRESSED.iter().find(|(first, ..)| bytes.starts_with(first)) {
        return refuse(format!("compressed ({name})"), format!("{unpack} FILE | {command} -"));
    }
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = bytes {
        let tool = if dump == Dump::Mysql { "mysqldump --result-file=FILE" } else { "pg_dump --file=FILE" };
        return refuse("UTF-16".to_owned(), format!("Write it as UTF-8; in PowerShell `{tool}` instead of `> FILE`."));
    }
    let restore = || format!("pg_restore -f - FILE | {} -", Dump::Postgres.command());
    if bytes.starts_with(b"PGDMP") {
        return refuse("a dump in PostgreSQL's custom format".to_owned(), restore());
    }
    if bytes.get(TAR_MARK_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        let dumped = bytes.starts_with(b"toc.dat");
        let what = if dumped { "a dump in PostgreSQL's tar format" } else { "a tar archive" };
        return refuse(what.to_owned(), if dumped { restore() } else { format!("tar -xOf FILE | {command} -") });
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let other = dump.other();
    let is_other = |line: &[u8]| other.lines().iter().any(|first| line.starts_with(first.as_bytes()));
    if head(text).split(|byte| *byte == b'\n').any(is_other) {
        return refuse(format!("a dump of {}", other.name()), format!("{} FILE", other.command()));
    }
    Ok(text)
}

fn head(text: &[u8]) -> &[u8] {
    &text[..text.len().min(LOOK_AT)]
}

fn has(part: &[u8], words: &str) -> bool {
    part.windows(words.len()).any(|window| window == words.as_bytes())
}

/// The error that reading ended with; in SQL that looks like the other database's, with the advice to take the other command.
pub(crate) fn explained(error: ConvertError, text: &[u8], dump: Dump) -> ConvertError {
    let other = dump.other();
    if other.words().iter().any(|words| has(text, words)) && !dump.words().iter().any(|words| has(text, words)) {
        return error.hint(format!("This looks like the SQL of {}: {} FILE", other.name(), other.command()));
    }
    error
}

/// The error of a source without a statement.
pub(crate) fn nothing() -> ConvertError {
    ConvertError::new(Place::START, "there is no statement in the source").hint("Did the command fail that was to write it?")
}

/// Whether a dump that says at its beginning what it is also says at its end that it is complete.
///
/// # Errors
/// It does not.
pub(crate) fn complete(text: &[u8], first: &[&str], last: &str, end: Place) -> Result<(), ConvertError> {
    let tail = &text[text.len().saturating_sub(LOOK_AT)..];
    if first.iter().any(|words| has(head(text), words)) && !has(tail, last) {
        let message = format!("the dump is cut short: \"{last}\" is missing at its end");
        return Err(ConvertError::new(end, message).hint("Dump again; the disk may have been full, or the connection lost."));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
