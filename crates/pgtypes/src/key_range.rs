//! A table by ranges of its key: the SQL that cuts it, and the checksum that says whether two ranges hold the same rows.
//!
//! Ranges are half open, from behind one key up to and with another. So ranges that follow each other cover every row once, whatever rows come and go
//! in the meantime, and no range needs to know how the next key is made. The functions used are those that PostgreSQL, Aurora DSQL and Borealis all have.

use serde::{Deserialize, Serialize};

use crate::functions::compose::{quote_identifier, quote_literal_text};

/// A column that rows are found by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyColumn {
    /// Its name.
    pub name: String,
    /// The type that the ends of ranges are written in.
    pub ty: String,
}

/// A key's values as PostgreSQL prints them, one for each key column.
pub type KeyValues = Vec<String>;

/// Rows from behind one key up to and with another; an open end is the table's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRange {
    /// The key behind which it begins.
    pub low: Option<KeyValues>,
    /// The key that it ends with.
    pub high: Option<KeyValues>,
}

impl KeyRange {
    /// The rows behind a key, or all.
    #[must_use]
    pub fn behind(low: Option<KeyValues>) -> Self {
        Self { low, high: None }
    }

    /// The rows up to and with a key, and those behind it.
    #[must_use]
    pub fn split(self, at: KeyValues) -> (Self, Self) {
        (Self { low: self.low, high: Some(at.clone()) }, Self { low: Some(at), high: self.high })
    }

    /// The condition on `key` that holds for the rows of the range, which has `prefix` (an alias and its dot) before each column.
    #[must_use]
    pub fn condition(&self, key: &[KeyColumn], prefix: &str) -> String {
        let bound = |values: &Option<KeyValues>, operator: &str| {
            values.as_ref().map(|values| {
                let (left, right) = (order(key, prefix), literals(key, values));
                if key.len() == 1 { format!("{left} {operator} {right}") } else { format!("({left}) {operator} ({right})") }
            })
        };
        let both: Vec<_> = bound(&self.low, ">").into_iter().chain(bound(&self.high, "<=")).collect();
        if both.is_empty() { "true".to_owned() } else { both.join(" AND ") }
    }
}

/// The key's columns, each behind `prefix`: what rows are ordered by.
#[must_use]
pub fn order(key: &[KeyColumn], prefix: &str) -> String {
    key.iter().map(|column| format!("{prefix}{}", quote_identifier(&column.name))).collect::<Vec<_>>().join(", ")
}

/// A key's values as expressions of the columns' types.
#[must_use]
pub fn literals(key: &[KeyColumn], values: &KeyValues) -> String {
    let literal = |(column, value): (&KeyColumn, &String)| format!("CAST({} AS {})", quote_literal_text(value), column.ty);
    key.iter().zip(values).map(literal).collect::<Vec<_>>().join(", ")
}

/// A query for the key of the `count`th row of a range, counted from 1; without a row when there are fewer.
#[must_use]
pub fn nth_key(table: &str, key: &[KeyColumn], range: &KeyRange, count: u64) -> String {
    key_text(key, &nth_row(table, key, range, count))
}

/// A query for the key's columns, of their own types, in the `count`th row of a range.
#[must_use]
pub fn nth_row(table: &str, key: &[KeyColumn], range: &KeyRange, count: u64) -> String {
    let (order, condition) = (order(key, ""), range.condition(key, ""));
    format!("SELECT {order} FROM {table} WHERE {condition} ORDER BY {order} LIMIT 1 OFFSET {}", count.saturating_sub(1))
}

/// A query's keys as text. The casts are behind the query's limit: keys that it passes over need no text.
#[must_use]
pub fn key_text(key: &[KeyColumn], rows: &str) -> String {
    let list = key.iter().map(|column| format!("{}::text", quote_identifier(&column.name))).collect::<Vec<_>>().join(", ");
    format!("SELECT {list} FROM ({rows}) AS k")
}

/// Values of one row, given as expressions, reduced to one of fixed size. NULL and the empty text differ in it, and so does where a value ends.
#[must_use]
pub fn row_checksum(values: &str) -> String {
    format!("md5(ROW({values})::text)")
}

/// The checksum of rows out of theirs, taken in the order of the key.
#[must_use]
pub fn checksum(row_checksum: &str, key: &[KeyColumn]) -> String {
    format!("md5(coalesce(string_agg({row_checksum}, '' ORDER BY {}), ''))", order(key, ""))
}

#[cfg(test)]
mod tests;
