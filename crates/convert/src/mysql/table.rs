//! CREATE TABLE, as MySQL 9 and MariaDB 11 have it.

use sqlparser::tokenizer::Token;

use super::column;
use super::cursor::Cursor;
use super::source::{KeyKind, SourceCheck, SourceForeignKey, SourceKey, SourcePart, SourceTable, TableOptions};
use super::types::name_or_string;
use crate::error::ConvertError;
use crate::place::Place;

type R<T> = Result<T, ConvertError>;

/// What CREATE TABLE says.
pub(crate) enum CreateTable {
    Table(Box<SourceTable>),
    /// CREATE TABLE … LIKE another.
    Like {
        name: String,
        of: String,
    },
    /// CREATE TABLE … SELECT.
    Select {
        name: String,
    },
}

/// Reads what follows CREATE [TEMPORARY] TABLE [IF NOT EXISTS].
pub(crate) fn create(cursor: &mut Cursor, place: Place) -> R<CreateTable> {
    let (_, name) = cursor.qualified_name()?;
    if cursor.take(&["LIKE"]) {
        return Ok(CreateTable::Like { name, of: cursor.qualified_name()?.1 });
    }
    if *cursor.peek() == Token::LParen && cursor.is_at(1, "LIKE") {
        cursor.next();
        cursor.next();
        let of = cursor.qualified_name()?.1;
        cursor.expect_symbol(&Token::RParen)?;
        return Ok(CreateTable::Like { name, of });
    }
    let mut table = SourceTable {
        place,
        name,
        columns: Vec::new(),
        keys: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        options: TableOptions::default(),
    };
    if *cursor.peek() == Token::LParen && !cursor.is_at(1, "SELECT") {
        cursor.next();
        loop {
            element(cursor, &mut table)?;
            if cursor.take_symbol(&Token::RParen) {
                break;
            }
            cursor.expect_symbol(&Token::Comma)?;
        }
    }
    options(cursor, &mut table.options)?;
    if ["AS", "SELECT", "IGNORE", "REPLACE", "WITH", "VALUES"].iter().any(|word| cursor.is(word)) || *cursor.peek() == Token::LParen {
        return Ok(CreateTable::Select { name: table.name });
    }
    if !cursor.at_end() {
        return Err(cursor.unexpected("the end of CREATE TABLE"));
    }
    Ok(CreateTable::Table(Box::new(table)))
}

/// A column, a key or a constraint.
fn element(cursor: &mut Cursor, table: &mut SourceTable) -> R<()> {
    if constraint(cursor, table)? {
        return Ok(());
    }
    if cursor.take(&["PERIOD", "FOR"]) {
        table.options.special.push((cursor.place(), "PERIOD FOR".to_owned()));
        cursor.name()?;
        return cursor.skip_brackets();
    }
    table.columns.push(column::definition(cursor)?);
    Ok(())
}

/// A key or a constraint, when one is next.
pub(crate) fn constraint(cursor: &mut Cursor, table: &mut SourceTable) -> R<bool> {
    let place = cursor.place();
    let mut name = None;
    if cursor.take(&["CONSTRAINT"]) && !["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"].iter().any(|word| cursor.is(word)) {
        name = Some(cursor.name()?);
    }
    if cursor.take(&["CHECK"]) {
        table.checks.push(check(cursor, place, name)?);
        return Ok(true);
    }
    if cursor.take(&["FOREIGN", "KEY"]) {
        table.foreign_keys.push(foreign_key(cursor, place, name)?);
        return Ok(true);
    }
    let Some(kind) = key_kind(cursor)? else {
        return if name.is_some() { Err(cursor.unexpected("a constraint")) } else { Ok(false) };
    };
    table.keys.push(key(cursor, place, kind, name)?);
    Ok(true)
}

/// PRIMARY KEY, UNIQUE [KEY], FULLTEXT [KEY], SPATIAL [KEY], KEY.
pub(crate) fn key_kind(cursor: &mut Cursor) -> R<Option<KeyKind>> {
    if cursor.take(&["PRIMARY"]) {
        cursor.expect(&["KEY"])?;
        return Ok(Some(KeyKind::Primary));
    }
    for (word, kind) in [("UNIQUE", KeyKind::Unique), ("FULLTEXT", KeyKind::Fulltext), ("SPATIAL", KeyKind::Spatial)] {
        if cursor.take(&[word]) {
            let _ = cursor.take(&["KEY"]) || cursor.take(&["INDEX"]);
            return Ok(Some(kind));
        }
    }
    Ok((cursor.take(&["KEY"]) || cursor.take(&["INDEX"])).then_some(KeyKind::Plain))
}

/// What follows the kind: name, method, parts, options.
pub(crate) fn key(cursor: &mut Cursor, place: Place, kind: KeyKind, constraint: Option<String>) -> R<SourceKey> {
    let _ = cursor.take(&["IF", "NOT", "EXISTS"]);
    let named = *cursor.peek() != Token::LParen && !cursor.is("USING");
    let name = if named { Some(cursor.name()?) } else { None };
    let mut key = SourceKey { place, kind, name: name.or(constraint), parts: Vec::new(), comment: None, invisible: false };
    if cursor.take(&["USING"]) {
        cursor.name()?;
    }
    key.parts = parts(cursor)?;
    key_options(cursor, &mut key)?;
    Ok(key)
}

pub(crate) fn parts(cursor: &mut Cursor) -> R<Vec<SourcePart>> {
    cursor.expect_symbol(&Token::LParen)?;
    let mut parts = Vec::new();
    loop {
        parts.push(part(cursor)?);
        if cursor.take_symbol(&Token::RParen) {
            return Ok(parts);
        }
        cursor.expect_symbol(&Token::Comma)?;
    }
}

fn part(cursor: &mut Cursor) -> R<SourcePart> {
    let direction = |cursor: &mut Cursor| {
        let _ = cursor.take(&["ASC"]);
        cursor.take(&["DESC"])
    };
    if *cursor.peek() == Token::LParen {
        let expression = Box::new(cursor.bracketed_expression()?);
        return Ok(SourcePart::Expression { expression, descending: direction(cursor) });
    }
    let name = cursor.name()?;
    let mut prefix = None;
    if cursor.take_symbol(&Token::LParen) {
        prefix = Some(cursor.number()?);
        cursor.expect_symbol(&Token::RParen)?;
    }
    Ok(SourcePart::Column { name, prefix, descending: direction(cursor) })
}

pub(crate) fn key_options(cursor: &mut Cursor, key: &mut SourceKey) -> R<()> {
    loop {
        if cursor.take(&["COMMENT"]) {
            key.comment = Some(cursor.string()?);
        } else if cursor.take(&["INVISIBLE"]) || cursor.take(&["IGNORED"]) {
            key.invisible = true;
        } else if cursor.take(&["VISIBLE"]) || cursor.take(&["NOT", "IGNORED"]) {
        } else if cursor.take(&["USING"]) || cursor.take(&["WITH", "PARSER"]) {
            cursor.name()?;
        } else if ["KEY_BLOCK_SIZE", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE", "CLUSTERING", "ALGORITHM", "LOCK"]
            .iter()
            .any(|word| cursor.is(word))
        {
            cursor.next();
            let _ = cursor.take_symbol(&Token::Eq);
            cursor.next();
        } else {
            return Ok(());
        }
    }
}

/// What follows the word CHECK.
pub(crate) fn check(cursor: &mut Cursor, place: Place, name: Option<String>) -> R<SourceCheck> {
    let expression = cursor.bracketed_expression()?;
    let enforced = if cursor.take(&["NOT", "ENFORCED"]) {
        false
    } else {
        let _ = cursor.take(&["ENFORCED"]);
        true
    };
    Ok(SourceCheck { place, name, expression, enforced })
}

/// What follows FOREIGN KEY.
fn foreign_key(cursor: &mut Cursor, place: Place, mut name: Option<String>) -> R<SourceForeignKey> {
    let _ = cursor.take(&["IF", "NOT", "EXISTS"]);
    if *cursor.peek() != Token::LParen {
        let index = cursor.name()?;
        name = name.or(Some(index));
    }
    let columns = names(cursor)?;
    cursor.expect(&["REFERENCES"])?;
    let (_, target) = cursor.qualified_name()?;
    let target_columns = names(cursor)?;
    let mut key = SourceForeignKey {
        place,
        name,
        columns,
        target,
        target_columns,
        match_full: false,
        on_delete: String::new(),
        on_update: String::new(),
    };
    references_tail(cursor, &mut key)?;
    Ok(key)
}

/// MATCH, ON DELETE and ON UPDATE, as often as they come.
pub(crate) fn references_tail(cursor: &mut Cursor, key: &mut SourceForeignKey) -> R<()> {
    loop {
        if cursor.take(&["MATCH"]) {
            key.match_full = cursor.is("FULL");
            cursor.name()?;
        } else if cursor.take(&["ON", "DELETE"]) {
            key.on_delete = action(cursor)?;
        } else if cursor.is("ON") && cursor.is_at(1, "UPDATE") {
            cursor.expect(&["ON", "UPDATE"])?;
            key.on_update = action(cursor)?;
        } else {
            return Ok(());
        }
    }
}

fn action(cursor: &mut Cursor) -> R<String> {
    for words in [&["CASCADE"][..], &["RESTRICT"], &["SET", "NULL"], &["SET", "DEFAULT"]] {
        if cursor.take(words) {
            return Ok(words.join(" "));
        }
    }
    cursor.expect(&["NO", "ACTION"])?;
    Ok(String::new())
}

pub(crate) fn names(cursor: &mut Cursor) -> R<Vec<String>> {
    cursor.expect_symbol(&Token::LParen)?;
    let mut names = Vec::new();
    loop {
        names.push(cursor.name()?);
        if cursor.take_symbol(&Token::RParen) {
            return Ok(names);
        }
        cursor.expect_symbol(&Token::Comma)?;
    }
}

/// Table options with a plain value that say how a table is kept, not what it means.
const STORAGE_OPTIONS: &[&str] = &[
    "ENGINE",
    "TYPE",
    "AVG_ROW_LENGTH",
    "CHECKSUM",
    "TABLE_CHECKSUM",
    "COMPRESSION",
    "CONNECTION",
    "DELAY_KEY_WRITE",
    "ENCRYPTION",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PASSWORD",
    "ROW_FORMAT",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",
    "PAGE_COMPRESSION_LEVEL",
    "TRANSACTIONAL",
    "ENCRYPTED",
    "ENCRYPTION_KEY_ID",
    "IETF_QUOTES",
    "TABLESPACE",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE",
    "AUTOEXTEND_SIZE",
    "NODEGROUP",
];

/// The options behind the closing bracket, PARTITION BY included.
pub(crate) fn options(cursor: &mut Cursor, options: &mut TableOptions) -> R<()> {
    while option(cursor, options)? {
        let _ = cursor.take_symbol(&Token::Comma);
    }
    Ok(())
}

/// One option, when one is next.
pub(crate) fn option(cursor: &mut Cursor, options: &mut TableOptions) -> R<bool> {
    let place = cursor.place();
    let mark = cursor.mark();
    let _ = cursor.take(&["DEFAULT"]);
    let equals = |cursor: &mut Cursor| {
        let _ = cursor.take_symbol(&Token::Eq);
    };
    if cursor.take(&["CHARACTER", "SET"]) || cursor.take(&["CHARSET"]) {
        equals(cursor);
        name_or_string(cursor)?;
    } else if cursor.take(&["COLLATE"]) {
        equals(cursor);
        options.collation = Some(name_or_string(cursor)?);
    } else if cursor.take(&["AUTO_INCREMENT"]) {
        equals(cursor);
        options.auto_increment = Some(cursor.number()?);
    } else if cursor.take(&["COMMENT"]) {
        equals(cursor);
        options.comment = Some(cursor.string()?).filter(|text| !text.is_empty());
    } else if cursor.take(&["PARTITION", "BY"]) {
        partitions(cursor, options, place)?;
    } else if cursor.take(&["WITH", "SYSTEM", "VERSIONING"]) {
        options.special.push((place, "WITH SYSTEM VERSIONING".to_owned()));
    } else if cursor.take(&["UNION"]) {
        equals(cursor);
        cursor.skip_brackets()?;
        options.special.push((place, "UNION of tables (MERGE)".to_owned()));
    } else if cursor.take(&["DATA", "DIRECTORY"]) || cursor.take(&["INDEX", "DIRECTORY"]) {
        equals(cursor);
        cursor.string()?;
    } else if cursor.take(&["START", "TRANSACTION"]) {
    } else if STORAGE_OPTIONS.iter().any(|word| cursor.is(word)) {
        let tablespace = cursor.is("TABLESPACE");
        cursor.next();
        equals(cursor);
        cursor.next();
        if tablespace && cursor.take(&["STORAGE"]) {
            cursor.name()?;
        }
    } else {
        cursor.back_to(mark);
        return Ok(false);
    }
    Ok(true)
}

/// PARTITION BY goes on to the end: method, number, definitions in brackets, subpartitions.
fn partitions(cursor: &mut Cursor, options: &mut TableOptions, place: Place) -> R<()> {
    let _ = cursor.take(&["LINEAR"]);
    options.partitions = Some((place, cursor.word().unwrap_or_default()));
    while !cursor.at_end() {
        if *cursor.peek() == Token::LParen {
            cursor.skip_brackets()?;
        } else if ["AS", "SELECT", "IGNORE", "REPLACE"].iter().any(|word| cursor.is(word)) {
            return Ok(());
        } else {
            cursor.next();
        }
    }
    Ok(())
}
