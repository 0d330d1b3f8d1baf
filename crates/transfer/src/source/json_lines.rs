//! JSON lines: one object a line, whose keys are columns.
//!
//! Which columns are loaded is decided by the first objects, unless it is said: those that any of them has. A later object that
//! lacks one gives NULL for it; one that has another is refused, because its value would be lost.

use serde_json::{Map, Value};

use super::batch::Refusal;
use super::lines::Records;
use borealis_pgtypes::copy_text;

/// How many objects decide on the columns.
const SAMPLE_RECORDS: usize = 1_000;

/// The form.
#[derive(Default)]
pub(super) struct JsonLines {
    columns: Vec<String>,
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
            let keys = serde_json::from_slice::<Map<String, Value>>(line).unwrap_or_default().into_iter().map(|(key, _)| key);
            names.extend(keys.filter(|key| !names.contains(key)).collect::<Vec<_>>());
        }
        (!names.is_empty()).then_some(names)
    }

    fn expect(&mut self, columns: Vec<String>) {
        self.columns = columns;
    }

    fn encode(&mut self, record: &[u8], row: &mut Vec<u8>) -> Result<(), Refusal> {
        if record.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let object: Map<String, Value> =
            serde_json::from_slice(record).map_err(|error| Refusal::new("22P02", format!("the line is not a JSON object: {error}")))?;
        if let Some(other) = object.keys().find(|key| !self.columns.contains(key)) {
            return Err(Refusal::new("42703", format!("key \"{other}\" is none of the columns loaded: name it in --columns to load it")));
        }
        for column in &self.columns {
            write_value(object.get(column).unwrap_or(&Value::Null), row)?;
            row.push(b'\t');
        }
        // What ends the last value ends the row.
        row.pop();
        row.push(b'\n');
        Ok(())
    }
}

/// A string's own text, anything else as JSON writes it, which is what the types of numbers, booleans and documents read.
fn write_value(value: &Value, row: &mut Vec<u8>) -> Result<(), Refusal> {
    match value {
        Value::Null => row.extend_from_slice(copy_text::NULL),
        Value::String(text) if text.contains('\0') => {
            return Err(Refusal::new("22021", "invalid byte sequence for encoding \"UTF8\": 0x00"));
        }
        Value::String(text) => copy_text::escape(text.as_bytes(), row),
        other => copy_text::escape(other.to_string().as_bytes(), row),
    }
    Ok(())
}
