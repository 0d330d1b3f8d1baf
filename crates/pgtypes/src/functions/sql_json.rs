//! SQL/JSON: what JSON_OBJECT, JSON_ARRAY and IS JSON evaluate to. They are syntax, not functions of `pg_proc`.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::json_build::{build_jsonb, key_error, key_text, type_of, write_json};
use crate::json::{Builder, JsonItem, Scalar, parse_with, validate, write_string};
use crate::jsonb::Jsonb;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

/// How JSON_OBJECT treats its members; by default as `json_build_object` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectRules {
    /// The result is `jsonb`.
    pub binary: bool,
    /// Members whose value is NULL are left out.
    pub absent_on_null: bool,
    /// A key that comes twice is an error, also when its member is left out.
    pub unique: bool,
}

/// The object of keys and values by turns.
///
/// # Errors
/// A key that is NULL, no scalar, or not unique; whatever the values' text forms answer.
pub fn object(call: &CallContext<'_>, args: &[Datum], rules: ObjectRules) -> Result<Datum> {
    let mut object = Object { seen: HashSet::new(), out: "{".to_owned(), members: Vec::new() };
    for (index, pair) in args.chunks_exact(2).enumerate() {
        object.add(call, 2 * index, pair, rules)?;
    }
    if rules.binary {
        return Ok(Datum::Jsonb(Arc::new(Jsonb::object(object.members))));
    }
    object.out.push('}');
    Ok(Datum::Json(object.out.into()))
}

/// An object being built: as text or as members.
struct Object {
    seen: HashSet<String>,
    out: String,
    members: Vec<(Arc<str>, Jsonb)>,
}

impl Object {
    fn add(&mut self, call: &CallContext<'_>, place: usize, pair: &[Datum], rules: ObjectRules) -> Result<()> {
        let skip = rules.absent_on_null && pair[1].is_null();
        if skip && !rules.unique {
            return Ok(());
        }
        if pair[0].is_null() {
            return Err(null_key(place, rules.binary));
        }
        let key = key_text(&pair[0], type_of(call, place), call.eval)?;
        if rules.unique && !self.seen.insert(key.clone()) {
            return Err(duplicate(&key, rules.binary));
        }
        if skip {
            return Ok(());
        }
        if rules.binary {
            self.members.push((Arc::from(key), build_jsonb(&pair[1], type_of(call, place + 1), call.eval)?));
            return Ok(());
        }
        self.out.push_str(if self.out.len() > 1 { ", " } else { "" });
        write_string(&mut self.out, &key);
        self.out.push_str(" : ");
        write_json(&pair[1], type_of(call, place + 1), call.eval, false, &mut self.out)
    }
}

/// The array of the values.
///
/// # Errors
/// Whatever the values' text forms answer.
pub fn array(call: &CallContext<'_>, args: &[Datum], binary: bool, absent_on_null: bool) -> Result<Datum> {
    let wanted = args.iter().enumerate().filter(|(_, value)| !(absent_on_null && value.is_null()));
    if binary {
        let items = wanted.map(|(place, value)| build_jsonb(value, type_of(call, place), call.eval)).collect::<Result<_>>()?;
        return Ok(Datum::Jsonb(Arc::new(Jsonb::Array(items))));
    }
    let mut out = String::from("[");
    for (place, value) in wanted {
        out.push_str(if out.len() > 1 { ", " } else { "" });
        write_json(value, type_of(call, place), call.eval, false, &mut out)?;
    }
    out.push(']');
    Ok(Datum::Json(out.into()))
}

/// Whether a value that is not NULL is JSON of the kind.
///
/// # Errors
/// `54001` for JSON nested too deep to be read.
pub fn is_json(value: &Datum, item: JsonItem, unique: bool) -> Result<bool> {
    match value {
        Datum::Jsonb(value) => Ok(item.is(match **value {
            Jsonb::Object(_) => JsonItem::Object,
            Jsonb::Array(_) => JsonItem::Array,
            _ => JsonItem::Scalar,
        })),
        // What is `json` need not be read again to know that it is JSON.
        Datum::Json(text) => Ok(item.is(first_item(text)) && (!unique || passes(parse_with(text, &mut UniqueKeys))?)),
        Datum::Text(text) => {
            let read = if unique { parse_with(text, &mut UniqueKeys) } else { validate(text) };
            Ok(passes(read)? && item.is(first_item(text)))
        }
        _ => Err(SqlError::internal("IS JSON of a value that is no text")),
    }
}

fn passes(read: Result<()>) -> Result<bool> {
    match read {
        Ok(()) => Ok(true),
        Err(error) if error.sqlstate() == SqlState::STATEMENT_TOO_COMPLEX => Err(error),
        Err(_) => Ok(false),
    }
}

/// What a valid document is, by its first character.
fn first_item(text: &str) -> JsonItem {
    match text.trim_start().as_bytes().first() {
        Some(b'{') => JsonItem::Object,
        Some(b'[') => JsonItem::Array,
        _ => JsonItem::Scalar,
    }
}

/// Checks that no object has a key twice.
struct UniqueKeys;

impl Builder for UniqueKeys {
    type Value = ();
    const DECODE: bool = true;

    fn scalar(&mut self, _: Scalar<'_>, _: Range<usize>) -> Result<()> {
        Ok(())
    }

    fn array(&mut self, _: Vec<()>, _: Range<usize>) -> Result<()> {
        Ok(())
    }

    fn object(&mut self, members: Vec<(String, ())>, _: Range<usize>) -> Result<()> {
        let mut seen = HashSet::with_capacity(members.len());
        for (key, ()) in members {
            // What is wrong with it nobody is told.
            if !seen.insert(key) {
                return Err(SqlError::new(SqlState::DUPLICATE_JSON_OBJECT_KEY_VALUE, "duplicate JSON object key value"));
            }
        }
        Ok(())
    }
}

fn null_key(place: usize, binary: bool) -> SqlError {
    if binary {
        return super::args::invalid_parameter(format!("argument {}: key must not be null", place + 1));
    }
    key_error()
}

pub(super) fn duplicate(key: &str, binary: bool) -> SqlError {
    let mut message = "duplicate JSON object key value".to_owned();
    if !binary {
        message.push_str(": ");
        write_string(&mut message, key);
    }
    SqlError::new(SqlState::DUPLICATE_JSON_OBJECT_KEY_VALUE, message)
}
