//! `jsonb`: a document as a tree, in PostgreSQL's canonical form: object keys by length and then bytes, the last of duplicates kept.

mod assign;
mod edit;
mod query;

pub(crate) use query::parse_index;

#[cfg(test)]
mod tests;

pub(crate) use edit::{Insert, PathEdit};

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::json::{self, Builder, Scalar};
use crate::{Result, numeric::Numeric};

/// A `jsonb` value. Equality, order and hash are those of the B-tree operators.
#[derive(Clone, Debug)]
pub enum Jsonb {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number; never NaN or infinite.
    Number(Numeric),
    /// A string
    String(Arc<str>),
    /// An array
    Array(Vec<Jsonb>),
    /// An object, sorted by [`compare_keys`], keys unique.
    Object(Vec<(Arc<str>, Jsonb)>),
}

/// Storage order of object keys: shorter first, equal lengths by bytes.
#[must_use]
pub fn compare_keys(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.as_bytes().cmp(right.as_bytes()))
}

impl Jsonb {
    /// Reads JSON text.
    ///
    /// # Errors
    /// `22P02` with PostgreSQL's DETAIL and CONTEXT, `22P05` for `\u0000`.
    pub fn parse(text: &str) -> Result<Self> {
        json::parse_with(text, &mut TreeBuilder)
    }

    /// An object of members in any order; the last of duplicates wins.
    #[must_use]
    pub fn object(mut members: Vec<(Arc<str>, Self)>) -> Self {
        if members.is_sorted_by(|left, right| compare_keys(&left.0, &right.0) == Ordering::Less) {
            return Self::Object(members);
        }
        // The sort is stable, so of equal keys the last stands last: of two neighbours the second survives.
        members.sort_by(|left, right| compare_keys(&left.0, &right.0));
        members.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self::Object(members)
    }

    /// A string.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::String(Arc::from(text))
    }

    /// Whether this is neither an array nor an object.
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Appends the document as PostgreSQL prints it: `{"a": 1, "b": [1, 2]}`.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    json::write_string(out, key);
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
            scalar => scalar.write_scalar(out),
        }
    }

    fn write_scalar(&self, out: &mut String) {
        use fmt::Write;
        match self {
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => {
                let _ = write!(out, "{number}");
            }
            Self::String(text) => json::write_string(out, text),
            _ => out.push_str("null"),
        }
    }

    /// `jsonb_pretty`: four spaces a level.
    pub fn write_pretty(&self, out: &mut String, level: usize) {
        let (open, close, length) = match self {
            Self::Array(items) => ('[', ']', items.len()),
            Self::Object(members) => ('{', '}', members.len()),
            scalar => return scalar.write_scalar(out),
        };
        out.push(open);
        for index in 0..length {
            out.push_str(if index > 0 { ",\n" } else { "\n" });
            indent(out, level + 1);
            match self {
                Self::Array(items) => items[index].write_pretty(out, level + 1),
                Self::Object(members) => {
                    json::write_string(out, &members[index].0);
                    out.push_str(": ");
                    members[index].1.write_pretty(out, level + 1);
                }
                _ => {}
            }
        }
        out.push('\n');
        indent(out, level);
        out.push(close);
    }

    /// Bytes held on the heap, roughly; for memory accounting.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let node = std::mem::size_of::<Self>();
        match self {
            Self::Null | Self::Bool(_) => 0,
            Self::Number(number) => number.heap_bytes(),
            Self::String(text) => text.len() + 16,
            Self::Array(items) => items.iter().map(|item| node + item.heap_bytes()).sum(),
            Self::Object(members) => members.iter().map(|(key, value)| node + 32 + key.len() + value.heap_bytes()).sum(),
        }
    }

    /// Sort class of a value inside a container.
    const fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::String(_) => 1,
            Self::Number(_) => 2,
            Self::Bool(_) => 3,
            Self::Array(_) => 4,
            Self::Object(_) => 5,
        }
    }

    fn compare_nested(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::String(left), Self::String(right)) => left.as_bytes().cmp(right.as_bytes()),
            (Self::Number(left), Self::Number(right)) => left.cmp(right),
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::Array(left), Self::Array(right)) => left.len().cmp(&right.len()).then_with(|| {
                left.iter()
                    .zip(right)
                    .map(|(left, right)| left.compare_nested(right))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            }),
            (Self::Object(left), Self::Object(right)) => left.len().cmp(&right.len()).then_with(|| compare_members(left, right)),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn compare_members(left: &[(Arc<str>, Jsonb)], right: &[(Arc<str>, Jsonb)]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(left, right)| left.0.as_bytes().cmp(right.0.as_bytes()).then_with(|| left.1.compare_nested(&right.1)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn indent(out: &mut String, level: usize) {
    for _ in 0..level {
        out.push_str("    ");
    }
}

struct TreeBuilder;

impl Builder for TreeBuilder {
    type Value = Jsonb;
    const DECODE: bool = true;

    fn scalar(&mut self, scalar: Scalar<'_>, _: Range<usize>) -> Result<Jsonb> {
        Ok(match scalar {
            Scalar::Null => Jsonb::Null,
            Scalar::Bool(value) => Jsonb::Bool(value),
            Scalar::Number(digits) => Jsonb::Number(Numeric::parse(digits)?),
            Scalar::String(text) => Jsonb::String(Arc::from(text)),
        })
    }

    fn array(&mut self, items: Vec<Jsonb>, _: Range<usize>) -> Result<Jsonb> {
        Ok(Jsonb::Array(items))
    }

    fn object(&mut self, members: Vec<(String, Jsonb)>, _: Range<usize>) -> Result<Jsonb> {
        Ok(Jsonb::object(members.into_iter().map(|(key, value)| (Arc::from(key), value)).collect()))
    }
}

impl fmt::Display for Jsonb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

impl PartialEq for Jsonb {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Jsonb {}

impl PartialOrd for Jsonb {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Jsonb {
    /// The order of the B-tree operators. PostgreSQL stores a scalar document as an array of one and compares it so: a scalar sorts before
    /// every array but the empty one, and, for historical reasons, after that.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Array(items), scalar) if scalar.is_scalar() => {
                if items.is_empty() {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (scalar, Self::Array(items)) if scalar.is_scalar() => {
                if items.is_empty() {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            _ => self.compare_nested(other),
        }
    }
}

impl Hash for Jsonb {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Self::Null => {}
            Self::Bool(value) => value.hash(state),
            Self::Number(number) => number.hash(state),
            Self::String(text) => text.hash(state),
            Self::Array(items) => items.hash(state),
            Self::Object(members) => members.hash(state),
        }
    }
}
