//! Rows as JSON.
//!
//! A value becomes what JSON can hold without loss and PostgreSQL's own text otherwise: NULL is null, booleans are booleans, json and
//! jsonb are themselves, and a number is a number as long as a reader that computes in 64-bit floating point, as most do, gets back the same
//! decimal digits. Beyond that (`9007199254740993`, `0.1234567890123456789`, `NaN`) it is a string.

use std::collections::HashSet;

use borealis_client::{Column, Outcome, Row};
use serde_json::{Map, Number, Value};

const BOOL: u32 = 16;
const INTEGERS: [u32; 4] = [20, 21, 23, 26];
const FLOATS: [u32; 2] = [700, 701];
const NUMERIC: u32 = 1700;
const JSON: [u32; 2] = [114, 3802];

/// The largest whole number up to which every one fits a 64-bit floating-point number: 2^53.
const EXACT_INTEGER_MAX: u64 = 1 << 53;
/// Any decimal with so many significant digits survives the way through a 64-bit floating-point number.
const EXACT_DIGITS_MAX: usize = 15;

/// The rows as objects from column names to values.
pub(crate) fn rows(outcome: &Outcome) -> Vec<Map<String, Value>> {
    let names = names(&outcome.columns);
    outcome.rows.iter().map(|row| object(&names, &outcome.columns, row)).collect()
}

fn object(names: &[String], columns: &[Column], row: &Row) -> Map<String, Value> {
    let cells = row.iter().zip(columns).map(|(cell, column)| value(column.type_oid, cell));
    names.iter().cloned().zip(cells).collect()
}

/// Column names made unique: a second `id` becomes `id_2`, because an object would silently keep only one of them.
fn names(columns: &[Column]) -> Vec<String> {
    let given: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut used = HashSet::new();
    let mut unique = Vec::with_capacity(columns.len());
    for column in columns {
        let copies = (2..).map(|copy| format!("{}_{copy}", column.name)).filter(|name| !given.contains(name.as_str()));
        // There are fewer names in use than numbers to append.
        let free = std::iter::once(column.name.clone()).chain(copies).find(|name| !used.contains(name));
        let name = free.unwrap_or_default();
        used.insert(name.clone());
        unique.push(name);
    }
    unique
}

fn value(type_oid: u32, cell: Option<&str>) -> Value {
    let Some(text) = cell else { return Value::Null };
    let converted = match type_oid {
        BOOL => match text {
            "t" => Some(Value::Bool(true)),
            "f" => Some(Value::Bool(false)),
            _ => None,
        },
        oid if INTEGERS.contains(&oid) => integer(text),
        oid if FLOATS.contains(&oid) => number(text),
        NUMERIC if significant_digits(text) <= EXACT_DIGITS_MAX => number(text),
        oid if JSON.contains(&oid) => serde_json::from_str(text).ok(),
        _ => None,
    };
    converted.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn integer(text: &str) -> Option<Value> {
    let number: i64 = text.parse().ok()?;
    (number.unsigned_abs() <= EXACT_INTEGER_MAX).then(|| Value::Number(number.into()))
}

/// A number with the digits as they stand; `NaN` and `Infinity` are none in JSON.
fn number(text: &str) -> Option<Value> {
    text.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']).then_some(())?;
    text.parse::<Number>().ok().map(Value::Number)
}

/// Leading zeros carry nothing; trailing ones are the scale and count.
fn significant_digits(text: &str) -> usize {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    digits.skip_while(|digit| *digit == b'0').count()
}

#[cfg(test)]
mod tests {
    use super::{names, value};
    use borealis_client::Column;
    use serde_json::json;

    #[test]
    fn values_keep_what_json_can_hold() {
        for (oid, text, want) in [
            (16, "t", json!(true)),
            (16, "f", json!(false)),
            (23, "-7", json!(-7)),
            (20, "9007199254740992", json!(9_007_199_254_740_992_i64)),
            (20, "9007199254740993", json!("9007199254740993")),
            (20, "-9223372036854775808", json!("-9223372036854775808")),
            (701, "1.5", json!(1.5)),
            (701, "NaN", json!("NaN")),
            (701, "-Infinity", json!("-Infinity")),
            (1700, "123456789012.345", json!(123_456_789_012.345)),
            (1700, "0.1234567890123456789", json!("0.1234567890123456789")),
            (1700, "NaN", json!("NaN")),
            (3802, "{\"a\": [1, null]}", json!({ "a": [1, null] })),
            (114, "null", json!(null)),
            (25, "12", json!("12")),
            (2950, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
            (1184, "2026-11-22 22:32:37+00", json!("2026-11-22 22:32:37+00")),
            (1007, "{1,2}", json!("{1,2}")),
        ] {
            assert_eq!(value(oid, Some(text)), want, "{oid} {text}");
        }
        assert_eq!(value(23, None), json!(null));
        assert_eq!(value(1700, Some("10.50")).to_string(), "10.50");
        assert_eq!(value(701, Some("1e+20")).to_string().parse::<f64>(), Ok(1e20));
    }

    #[test]
    fn no_column_is_lost_to_another_of_its_name() {
        let columns = |list: &[&str]| list.iter().map(|name| Column { name: (*name).to_owned(), type_oid: 25 }).collect::<Vec<_>>();
        assert_eq!(names(&columns(&["id", "a", "id", "id"])), ["id", "a", "id_2", "id_3"]);
        assert_eq!(names(&columns(&["id", "id", "id_2"])), ["id", "id_3", "id_2"]);
    }
}
