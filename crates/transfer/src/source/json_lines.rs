//! JSON lines: one object a line, whose keys are columns.
//!
//! Which columns are loaded is decided by the first objects, unless it is said: those that any of them has. A later object that
//! lacks one gives NULL for it; one that has another is refused, because its value would be lost.
//!
//! A column of documents (`json`, `jsonb`) takes a value as it is written, so a string becomes a document that is a string. Every
//! other column takes the text of a string, and of anything else what JSON writes. `null` is NULL everywhere, as it is to PostgreSQL's
//! `jsonb_to_record`.

use std::fmt;

use borealis_pgtypes::{Oid, copy_text};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::batch::Refusal;
use super::lines::Records;
use crate::table::Column;

/// How many objects decide on the columns.
const SAMPLE_RECORDS: usize = 1_000;

/// The form.
#[derive(Default)]
pub(super) struct JsonLines {
    columns: Vec<Expected>,
}

/// A column that is loaded.
struct Expected {
    name: String,
    /// It holds documents.
    is_document: bool,
}

impl Records for JsonLines {
    fn end(&mut self, fresh: &[u8]) -> Option<usize> {
        memchr::memchr(b'\n', fresh).map(|at| at + 1)
    }

    fn unfinished(&self) -> Option<&'static str> {
        None
    }

    fn names(&mut self, _: &[u8]) -> Result<Vec<String>, Refusal> {
        Err(Refusal::new("22P04", "JSON lines have no header: each object names its values"))
    }

    fn sample(&mut self, start: &[u8]) -> Option<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        for line in start.split(|byte| *byte == b'\n').take(SAMPLE_RECORDS) {
            let Ok(Keys(keys)) = serde_json::from_slice(line) else { continue };
            names.extend(keys.into_iter().filter(|key| !names.contains(key)).collect::<Vec<_>>());
        }
        (!names.is_empty()).then_some(names)
    }

    fn expect(&mut self, columns: &[&Column]) {
        let expected = |column: &&Column| Expected {
            name: column.name.clone(),
            is_document: [Oid::JSON, Oid::JSONB].contains(&Oid(column.base_type)),
        };
        self.columns = columns.iter().map(expected).collect();
    }

    fn encode(&mut self, record: &[u8], row: &mut Vec<u8>) -> Result<(), Refusal> {
        if record.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(record);
        let Keys(keys) = serde_json::from_str(&text).map_err(no_object)?;
        if let Some(other) = keys.iter().find(|key| !self.columns.iter().any(|column| column.name == **key)) {
            return Err(Refusal::new("42703", format!("key \"{other}\" is none of the columns loaded: name it in --columns to load it")));
        }
        let values = values(&text, keys.len());
        for column in &self.columns {
            let value = keys.iter().position(|key| *key == column.name).and_then(|place| values.get(place));
            write_value(value.copied().unwrap_or("null"), column.is_document, row)?;
            row.push(b'\t');
        }
        // What ends the last value ends the row.
        row.pop();
        row.push(b'\n');
        Ok(())
    }
}

fn no_object(error: serde_json::Error) -> Refusal {
    Refusal::new("22P02", format!("the line is not a JSON object: {error}"))
}

/// An object's keys, each of which it has once.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;

        impl<'de> Visitor<'de> for OfObject {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys: Vec<String> = Vec::new();
                while let Some(key) = map.next_key()? {
                    if keys.contains(&key) {
                        return Err(A::Error::custom(format_args!("key \"{key}\" is there twice")));
                    }
                    map.next_value::<IgnoredAny>()?;
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }

        deserializer.deserialize_map(OfObject)
    }
}

/// The values of an object with so many keys, as they are written: all digits of numbers, all of a document.
fn values(object: &str, count: usize) -> Vec<&str> {
    const BETWEEN: [char; 7] = ['{', ':', ',', ' ', '\t', '\r', '\n'];
    let mut rest = object;
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        let key = rest.trim_start_matches(BETWEEN);
        // A value may begin with a brace of its own.
        let value = key[length(key)..].trim_start_matches(&BETWEEN[1..]);
        let end = length(value);
        values.push(&value[..end]);
        rest = &value[end..];
    }
    values
}

/// How long the value is that a text begins with.
fn length(text: &str) -> usize {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next();
    values.byte_offset()
}

fn write_value(value: &str, is_document: bool, row: &mut Vec<u8>) -> Result<(), Refusal> {
    if value == "null" {
        row.extend_from_slice(copy_text::NULL);
    } else if is_document || !value.starts_with('"') {
        copy_text::escape(value.as_bytes(), row);
    } else {
        let text: String = serde_json::from_str(value).map_err(no_object)?;
        if text.contains('\0') {
            return Err(Refusal::new("22021", "invalid byte sequence for encoding \"UTF8\": 0x00"));
        }
        copy_text::escape(text.as_bytes(), row);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Expected, JsonLines};
    use crate::source::lines::Records as _;

    fn encoded(line: &str) -> Result<String, String> {
        let column = |name: &str, is_document| Expected { name: name.to_owned(), is_document };
        let mut lines = JsonLines { columns: vec![column("j", true), column("t", false)] };
        let mut row = Vec::new();
        let result = lines.encode(line.as_bytes(), &mut row);
        result.map(|()| String::from_utf8_lossy(&row).into_owned()).map_err(|refusal| refusal.message)
    }

    #[test]
    fn documents_take_values_as_they_are_and_other_columns_their_texts() {
        for (value, document, text) in [
            (r#""5""#, r#""5""#, "5"),
            (r#""null""#, r#""null""#, "null"),
            ("null", r"\N", r"\N"),
            ("5", "5", "5"),
            ("12345678901234567890.12300", "12345678901234567890.12300", "12345678901234567890.12300"),
            (r#""a\\b\u00e9\"""#, r#""a\\\\b\\u00e9\\"""#, r#"a\\bé""#),
            (r#"{"b": [1, "}", {}], "b":2}"#, r#"{"b": [1, "}", {}], "b":2}"#, r#"{"b": [1, "}", {}], "b":2}"#),
            ("[ ]", "[ ]", "[ ]"),
            ("true", "true", "true"),
        ] {
            let want = Ok(format!("{document}\t{text}\n"));
            assert_eq!(encoded(&format!(r#"{{"j":{value},"t":{value}}}"#)), want, "{value}");
            assert_eq!(encoded(&format!(" {{ \"t\" : {value} ,\t\"j\" :{value} }} ")), want, "{value}");
        }
        assert_eq!(encoded("{}"), Ok("\\N\t\\N\n".to_owned()));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for (line, want) in [
            ("[1]", "the line is not a JSON object: invalid type: sequence, expected an object at line 1 column 0"),
            (r#"{"t":1,"t":2}"#, "the line is not a JSON object: key \"t\" is there twice at line 1 column 10"),
            (r#"{"t":1} {}"#, "the line is not a JSON object: trailing characters at line 1 column 9"),
            (r#"{"u":1}"#, "key \"u\" is none of the columns loaded: name it in --columns to load it"),
            (r#"{"t":"\u0000"}"#, "invalid byte sequence for encoding \"UTF8\": 0x00"),
        ] {
            assert_eq!(encoded(line), Err(want.to_owned()), "{line}");
        }
    }
}
