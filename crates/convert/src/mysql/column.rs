//! A column's definition.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::source::{Generated, KeyKind, SourceColumn, SourceDefault, SourceForeignKey};
use super::value::{Literal, bits_of, hex_of};
use super::{table, types};
use crate::error::ConvertError;
use crate::place::Place;

type R<T> = Result<T, ConvertError>;

/// `name type attribute…`
pub(crate) fn definition(cursor: &mut Cursor) -> R<SourceColumn> {
    let place = cursor.place();
    let name = cursor.name()?;
    typed(cursor, place, name)
}

/// What follows the name.
pub(crate) fn typed(cursor: &mut Cursor, place: Place, name: String) -> R<SourceColumn> {
    let ty = types::read(cursor)?;
    let mut column = SourceColumn {
        place,
        name,
        not_null: ty.serial,
        auto_increment: ty.serial,
        key: ty.serial.then_some(KeyKind::Unique),
        ty,
        default: None,
        on_update: false,
        generated: None,
        comment: None,
        invisible: false,
        checks: Vec::new(),
        references: false,
    };
    while attribute(cursor, &mut column)? {}
    Ok(column)
}

fn attribute(cursor: &mut Cursor, column: &mut SourceColumn) -> R<bool> {
    let found = nullability(cursor, column) || key(cursor, column) || decoration(cursor, column)? || value(cursor, column)?;
    Ok(found || constraint(cursor, column)?)
}

fn nullability(cursor: &mut Cursor, column: &mut SourceColumn) -> bool {
    if cursor.take(&["NOT", "NULL"]) {
        column.not_null = true;
    } else if cursor.take(&["NULL"]) {
        column.not_null = false;
    } else {
        return false;
    }
    true
}

fn key(cursor: &mut Cursor, column: &mut SourceColumn) -> bool {
    if cursor.take(&["AUTO_INCREMENT"]) {
        column.auto_increment = true;
    } else if cursor.take(&["PRIMARY", "KEY"]) || cursor.take(&["PRIMARY"]) || cursor.take(&["KEY"]) {
        column.key = Some(KeyKind::Primary);
    } else if cursor.take(&["UNIQUE", "KEY"]) || cursor.take(&["UNIQUE"]) {
        column.key = column.key.or(Some(KeyKind::Unique));
    } else {
        return false;
    }
    true
}

/// What is said about a column without changing its values.
fn decoration(cursor: &mut Cursor, column: &mut SourceColumn) -> R<bool> {
    if cursor.take(&["COMMENT"]) {
        column.comment = Some(cursor.string()?).filter(|text| !text.is_empty());
    } else if cursor.take(&["INVISIBLE"]) {
        column.invisible = true;
    } else if cursor.take(&["VISIBLE"])
        || cursor.take(&["WITH", "SYSTEM", "VERSIONING"])
        || cursor.take(&["WITHOUT", "SYSTEM", "VERSIONING"])
    {
    } else if cursor.take(&["COLLATE"]) {
        column.ty.collation = Some(types::name_or_string(cursor)?);
    } else if cursor.take(&["CHARACTER", "SET"]) || cursor.take(&["CHARSET"]) {
        column.ty.charset = Some(types::name_or_string(cursor)?);
    } else if cursor.take(&["COLUMN_FORMAT"]) || cursor.take(&["STORAGE"]) {
        cursor.name()?;
    } else if cursor.take(&["COMPRESSED"]) {
        if cursor.take_symbol(&Token::Eq) {
            cursor.name()?;
        }
    } else if ["SRID", "REF_SYSTEM_ID", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"].iter().any(|word| cursor.is(word)) {
        cursor.next();
        let _ = cursor.take_symbol(&Token::Eq);
        cursor.next();
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Where values come from.
fn value(cursor: &mut Cursor, column: &mut SourceColumn) -> R<bool> {
    if cursor.take(&["SERIAL", "DEFAULT", "VALUE"]) {
        column.not_null = true;
        column.auto_increment = true;
        column.key = column.key.or(Some(KeyKind::Unique));
    } else if cursor.take(&["DEFAULT"]) {
        column.default = Some(default(cursor)?);
    } else if cursor.take(&["ON", "UPDATE"]) {
        cursor.call()?;
        column.on_update = true;
    } else if cursor.take(&["GENERATED", "ALWAYS", "AS"]) || cursor.take(&["AS"]) {
        if cursor.take(&["ROW"]) {
            return Err(cursor
                .error("system-versioned tables have no counterpart")
                .hint("Drop the system versioning in the source first."));
        }
        let expression = cursor.bracketed_expression()?;
        let stored = cursor.take(&["STORED"]) || cursor.take(&["PERSISTENT"]);
        let _ = cursor.take(&["VIRTUAL"]);
        column.generated = Some(Generated { expression, stored });
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn constraint(cursor: &mut Cursor, column: &mut SourceColumn) -> R<bool> {
    let place = cursor.place();
    let mark = cursor.mark();
    let mut name = None;
    if cursor.take(&["CONSTRAINT"]) && !cursor.is("CHECK") {
        name = Some(cursor.name()?);
    }
    if cursor.take(&["CHECK"]) {
        column.checks.push(table::check(cursor, place, name)?);
    } else if cursor.take(&["REFERENCES"]) {
        references(cursor, place)?;
        column.references = true;
    } else {
        cursor.back_to(mark);
        return Ok(false);
    }
    Ok(true)
}

fn references(cursor: &mut Cursor, place: Place) -> R<()> {
    let (_, target) = cursor.qualified_name()?;
    let target_columns = if *cursor.peek() == Token::LParen { table::names(cursor)? } else { Vec::new() };
    let mut read = SourceForeignKey {
        place,
        name: None,
        columns: Vec::new(),
        target,
        target_columns,
        match_full: false,
        on_delete: String::new(),
        on_update: String::new(),
    };
    table::references_tail(cursor, &mut read)
}

/// What follows DEFAULT.
pub(crate) fn default(cursor: &mut Cursor) -> R<SourceDefault> {
    if *cursor.peek() == Token::LParen {
        return Ok(SourceDefault::Expression(cursor.bracketed_expression()?));
    }
    let literal = match cursor.peek().clone() {
        Token::SingleQuotedByteStringLiteral(digits) => Literal::Bits(bits_of(&digits).ok_or_else(|| cursor.error("these are not bits"))?),
        Token::HexStringLiteral(digits) => Literal::Hex(hex_of(&digits).ok_or_else(|| cursor.error("these are not hexadecimal digits"))?),
        Token::Number(digits, _) => Literal::Number(digits),
        Token::Plus => {
            cursor.next();
            return default(cursor);
        }
        Token::Minus => {
            cursor.next();
            match cursor.peek().clone() {
                Token::Number(digits, _) => Literal::Number(format!("-{digits}")),
                _ => return Err(cursor.unexpected("a number")),
            }
        }
        Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) | Token::NationalStringLiteral(_) => {
            return Ok(SourceDefault::Literal(Literal::Text(cursor.string()?.into_bytes())));
        }
        Token::Word(word) if word.value.starts_with('_') => {
            return Ok(SourceDefault::Literal(Literal::Text(cursor.string()?.into_bytes())));
        }
        Token::Word(word) => match word.value.to_ascii_uppercase().as_str() {
            "NULL" => Literal::Null,
            "TRUE" => Literal::Bool(true),
            "FALSE" => Literal::Bool(false),
            _ => return Ok(SourceDefault::Expression(cursor.call()?)),
        },
        _ => return Err(cursor.unexpected("a default")),
    };
    cursor.next();
    Ok(SourceDefault::Literal(literal))
}
