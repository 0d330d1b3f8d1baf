//! What drivers and tools ask about the server besides the catalog's relations: key words, option lists, keys taken apart, and objects of kinds
//! that Borealis does not have.

mod keywords;

use keywords::KEYWORDS;

use super::args::{array, give_text, int4, text};
use crate::{CallContext, Datum, Oid, Result};

type Rows = crate::RowSet;

/// `pg_enc` of UTF8, the only encoding.
const UTF8: i32 = 6;
/// Longest UTF-8 character, in bytes.
const UTF8_BYTES_MAX: i32 = 4;

/// A question about an object of a kind that does not exist here (trigger, rule, partition, conversion, text search object, extended statistics):
/// the answer is that of PostgreSQL for a number it does not know.
pub(super) fn no_such_object(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Null)
}

/// A property that nothing here can have: temporary schemas, row security, publications.
pub(super) fn never(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(false))
}

/// A set with nothing in it: the ancestors of a table that is no partition, the channels of a session that cannot LISTEN.
pub(super) fn no_rows(_: &CallContext<'_>, _: &[Datum]) -> Result<Rows> {
    Ok(Box::new(std::iter::empty()))
}

/// `pg_my_temp_schema`: sessions have none.
pub(super) fn pg_my_temp_schema(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Oid(Oid::INVALID))
}

/// `pg_tablespace_location`: those there are lie in the data folder, which PostgreSQL writes as nothing.
pub(super) fn pg_tablespace_location(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    give_text("")
}

/// `PG_char_to_encoding`: names are compared by their letters and digits, -1 is no encoding.
pub(super) fn pg_char_to_encoding(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let name: String = text(args, 0)?.chars().filter(char::is_ascii_alphanumeric).collect();
    let known = name.eq_ignore_ascii_case("utf8") || name.eq_ignore_ascii_case("unicode");
    Ok(Datum::Int4(if known { UTF8 } else { -1 }))
}

/// `pg_encoding_max_length_sql`
pub(super) fn pg_encoding_max_length(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(if int4(args, 0)? == UTF8 { Datum::Int4(UTF8_BYTES_MAX) } else { Datum::Null })
}

/// `pg_get_keywords()`: word, catcode, barelabel, catdesc, baredesc
pub(super) fn pg_get_keywords(_: &CallContext<'_>, _: &[Datum]) -> Result<Rows> {
    Ok(Box::new(KEYWORDS.iter().map(|(word, category, bare)| {
        let description = match category {
            b'C' => "unreserved (cannot be function or type name)",
            b'T' => "reserved (can be function or type name)",
            b'R' => "reserved",
            _ => "unreserved",
        };
        let label = if *bare { "can be bare label" } else { "requires AS" };
        Ok(vec![Datum::text(word), Datum::Char(*category), Datum::Bool(*bare), Datum::text(description), Datum::text(label)])
    })))
}

/// `pg_options_to_table(text[])`: each `name=value` as a row; an option without a value has NULL.
pub(super) fn pg_options_to_table(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let options = array(args, 0)?.elements.clone();
    Ok(Box::new(options.into_iter().filter(|option| !option.is_null()).map(|option| {
        let option = text(std::slice::from_ref(&option), 0)?.to_owned();
        Ok(match option.split_once('=') {
            Some((name, value)) => vec![Datum::text(name), Datum::text(value)],
            None => vec![Datum::text(&option), Datum::Null],
        })
    })))
}

/// `information_schema._pg_expandarray(anyarray)`: each element with its place, from 1.
pub(super) fn expand_array(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let value = array(args, 0)?;
    let Some((length, _)) = value.dimensions.first().copied() else { return Ok(Box::new(std::iter::empty())) };
    // One subscript of an array with several dimensions finds nothing.
    let elements = if value.dimensions.len() == 1 { value.elements.clone() } else { Vec::new() };
    let mut elements = elements.into_iter();
    Ok(Box::new((1..=length).map(move |place| Ok(vec![elements.next().unwrap_or_default(), Datum::Int4(place)]))))
}
