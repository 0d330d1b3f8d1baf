//! Changing a document: `jsonb_set`, `jsonb_insert`, `-`, `#-`, `||`, `jsonb_strip_nulls`. Each gives a new document.

use std::sync::Arc;

use super::query::parse_index;
use super::{Jsonb, compare_keys};
use crate::{Result, SqlError, SqlState};

/// Where `jsonb_insert` puts the new value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insert {
    Before,
    After,
}

/// What happens at the end of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathEdit<'a> {
    Delete,
    /// Only where something stands.
    Replace(&'a Jsonb),
    /// Replace, or add at the end.
    Create(&'a Jsonb),
    Insert(&'a Jsonb, Insert),
}

impl<'a> PathEdit<'a> {
    const fn created(self) -> Option<&'a Jsonb> {
        match self {
            Self::Create(value) | Self::Insert(value, _) => Some(value),
            Self::Delete | Self::Replace(_) => None,
        }
    }
}

fn invalid(message: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

impl Jsonb {
    /// Changes the value at `path` (`setPath` of `jsonfuncs.c`); the caller has refused scalars and an empty path.
    pub(crate) fn edit_path(&self, path: &[Option<&str>], edit: PathEdit<'_>) -> Result<Self> {
        self.edit_level(path, 0, edit)
    }

    fn edit_level(&self, path: &[Option<&str>], level: usize, edit: PathEdit<'_>) -> Result<Self> {
        let Some(step) = path[level] else {
            return Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, format!("path element at position {} is null", level + 1)));
        };
        match self {
            Self::Array(items) => edit_array(items, step, path, level, edit),
            Self::Object(members) => edit_object(members, step, path, level, edit),
            scalar => Ok(scalar.clone()),
        }
    }

    /// `jsonb - text` and `jsonb - text[]`
    pub(crate) fn delete_keys(&self, keys: &[&str]) -> Result<Self> {
        match self {
            Self::Object(members) => Ok(Self::Object(members.iter().filter(|(key, _)| !keys.contains(&&**key)).cloned().collect())),
            Self::Array(items) => {
                let matches = |item: &Self| matches!(item, Self::String(text) if keys.contains(&&**text));
                Ok(Self::Array(items.iter().filter(|item| !matches(item)).cloned().collect()))
            }
            _ => Err(invalid("cannot delete from scalar")),
        }
    }

    /// `jsonb - integer`
    pub(crate) fn delete_index(&self, index: i32) -> Result<Self> {
        match self {
            Self::Object(_) => Err(invalid("cannot delete from object using integer index")),
            Self::Array(items) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let index = if index < 0 { i64::from(index) + length } else { i64::from(index) };
                let mut items = items.clone();
                if let Ok(index) = usize::try_from(index)
                    && index < items.len()
                {
                    items.remove(index);
                }
                Ok(Self::Array(items))
            }
            _ => Err(invalid("cannot delete from scalar")),
        }
    }

    /// `||`: objects merge; everything else is concatenated as arrays.
    #[must_use]
    pub fn concat(&self, other: &Self) -> Self {
        if let (Self::Object(left), Self::Object(right)) = (self, other) {
            return Self::object(left.iter().chain(right).cloned().collect());
        }
        let items = |value: &Self| match value {
            Self::Array(items) => items.clone(),
            single => vec![single.clone()],
        };
        let mut result = items(self);
        result.extend(items(other));
        Self::Array(result)
    }

    /// `jsonb_strip_nulls`: drops null members of objects at every level.
    #[must_use]
    pub fn strip_nulls(&self) -> Self {
        match self {
            Self::Array(items) => Self::Array(items.iter().map(Self::strip_nulls).collect()),
            Self::Object(members) => Self::Object(
                members
                    .iter()
                    .filter(|(_, value)| !matches!(value, Self::Null))
                    .map(|(key, value)| (key.clone(), value.strip_nulls()))
                    .collect(),
            ),
            scalar => scalar.clone(),
        }
    }
}

fn edit_object(members: &[(Arc<str>, Jsonb)], step: &str, path: &[Option<&str>], level: usize, edit: PathEdit<'_>) -> Result<Jsonb> {
    let last = level + 1 == path.len();
    let mut members = members.to_vec();
    match members.binary_search_by(|(key, _)| compare_keys(key, step)) {
        Ok(index) if !last => members[index].1 = members[index].1.edit_level(path, level + 1, edit)?,
        Ok(index) => match edit {
            PathEdit::Delete => {
                members.remove(index);
            }
            PathEdit::Replace(value) | PathEdit::Create(value) => members[index].1 = value.clone(),
            PathEdit::Insert(..) => {
                return Err(invalid("cannot replace existing key").hint("Try using the function jsonb_set to replace key value."));
            }
        },
        Err(index) => {
            if let Some(value) = edit.created().filter(|_| last) {
                members.insert(index, (Arc::from(step), value.clone()));
            }
        }
    }
    Ok(Jsonb::Object(members))
}

fn edit_array(items: &[Jsonb], step: &str, path: &[Option<&str>], level: usize, edit: PathEdit<'_>) -> Result<Jsonb> {
    let last = level + 1 == path.len();
    let Some(index) = parse_index(step) else {
        return Err(SqlError::new(
            SqlState::INVALID_TEXT_REPRESENTATION,
            format!("path element at position {} is not an integer: \"{step}\"", level + 1),
        ));
    };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let index = if index < 0 { i64::from(index) + length } else { i64::from(index) };
    let mut items = items.to_vec();
    let Some(at) = usize::try_from(index).ok().filter(|at| *at < items.len()) else {
        // Beyond either end there is nothing to change; what is created goes to that end.
        if let Some(value) = edit.created().filter(|_| last) {
            let end = if index < 0 { 0 } else { items.len() };
            items.insert(end, value.clone());
        }
        return Ok(Jsonb::Array(items));
    };
    if !last {
        items[at] = items[at].edit_level(path, level + 1, edit)?;
        return Ok(Jsonb::Array(items));
    }
    match edit {
        PathEdit::Delete => {
            items.remove(at);
        }
        PathEdit::Replace(value) | PathEdit::Create(value) => items[at] = value.clone(),
        PathEdit::Insert(value, Insert::Before) => items.insert(at, value.clone()),
        PathEdit::Insert(value, Insert::After) => items.insert(at + 1, value.clone()),
    }
    Ok(Jsonb::Array(items))
}
