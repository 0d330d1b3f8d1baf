//! Looking into a document.

use super::{Jsonb, compare_keys};

impl Jsonb {
    /// Member of an object.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.binary_search_by(|(key, _)| compare_keys(key, name)).ok().map(|index| &members[index].1),
            _ => None,
        }
    }

    /// Element of an array; a negative index counts from the end.
    #[must_use]
    pub fn element(&self, index: i64) -> Option<&Self> {
        match self {
            Self::Array(items) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                items.get(usize::try_from(if index < 0 { index + length } else { index }).ok()?)
            }
            _ => None,
        }
    }

    /// One step of a path: a member by name or an element by the integer the text spells.
    #[must_use]
    pub fn step(&self, step: &str) -> Option<&Self> {
        match self {
            Self::Object(_) => self.field(step),
            Self::Array(_) => self.element(parse_index(step)?.into()),
            _ => None,
        }
    }

    /// `@>`
    #[must_use]
    pub fn contains(&self, part: &Self) -> bool {
        match (self, part) {
            (Self::Array(items), scalar) if scalar.is_scalar() => items.contains_scalar(scalar),
            _ => self.contains_nested(part),
        }
    }

    fn contains_nested(&self, part: &Self) -> bool {
        match (self, part) {
            (Self::Object(_), Self::Object(members)) => {
                members.iter().all(|(key, value)| self.field(key).is_some_and(|own| own.contains_nested(value)))
            }
            (Self::Array(items), Self::Array(wanted)) => wanted.iter().all(|value| {
                if value.is_scalar() { items.contains_scalar(value) } else { items.iter().any(|item| item.contains_nested(value)) }
            }),
            (left, right) if left.is_scalar() && right.is_scalar() => left == right,
            _ => false,
        }
    }

    /// `?`: whether the text is a key of the object, a string of the array, or the string itself.
    #[must_use]
    pub fn exists(&self, key: &str) -> bool {
        let is_key = |value: &Self| matches!(value, Self::String(text) if **text == *key);
        match self {
            Self::Object(_) => self.field(key).is_some(),
            Self::Array(items) => items.iter().any(is_key),
            scalar => is_key(scalar),
        }
    }

    /// `jsonb_typeof`
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

trait ContainsScalar {
    fn contains_scalar(&self, scalar: &Jsonb) -> bool;
}

impl ContainsScalar for Vec<Jsonb> {
    fn contains_scalar(&self, scalar: &Jsonb) -> bool {
        self.iter().any(|item| item.is_scalar() && item == scalar)
    }
}

/// A path step as an array index: C's `strtol` with nothing left over.
pub(crate) fn parse_index(step: &str) -> Option<i32> {
    step.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).parse().ok()
}
