//! Assignment along a path: `jsonb_set_element` of `jsonfuncs.c`. What the path leads through and is missing is made, gaps of arrays are filled with nulls.

use std::borrow::Cow;
use std::sync::Arc;

use super::query::parse_index;
use super::{Jsonb, compare_keys};
use crate::{Result, SqlError, SqlState};

/// The most elements that one assignment makes: an index is a few bytes of a statement, the nulls in front of it are memory.
pub(super) const FILLED_MAX: usize = 1 << 22;

impl Jsonb {
    /// Puts `value` at the end of `path`.
    ///
    /// # Errors
    /// What the path leads through is a scalar (`22023`), a step into an array is no index (`22P02`) or in front of it (`22023`), or an array would get
    /// too long (`54000`). The document is then of no use.
    pub(crate) fn assign(&mut self, path: &[Cow<'_, str>], value: Self) -> Result<()> {
        let mut place = self;
        let mut made = false;
        let mut room = FILLED_MAX;
        for (level, step) in path.iter().enumerate() {
            if made {
                *place = Self::container_for(step);
            }
            (place, made) = match place {
                Self::Object(members) => member(members, step),
                Self::Array(items) => element(items, index(step, level)?, level, made, &mut room)?,
                _ => return Err(in_the_way()),
            };
        }
        *place = value;
        Ok(())
    }

    /// What is made where a step needs something to step into.
    fn container_for(step: &str) -> Self {
        if parse_index(step).is_some() { Self::Array(Vec::new()) } else { Self::Object(Vec::new()) }
    }
}

/// The member of that name, and whether it was made.
fn member<'m>(members: &'m mut Vec<(Arc<str>, Jsonb)>, name: &str) -> (&'m mut Jsonb, bool) {
    let found = members.binary_search_by(|(key, _)| compare_keys(key, name));
    let (place, made) = match found {
        Ok(place) => (place, false),
        Err(place) => {
            members.insert(place, (Arc::from(name), Jsonb::Null));
            (place, true)
        }
    };
    (&mut members[place].1, made)
}

fn index(step: &str, level: usize) -> Result<i32> {
    parse_index(step).ok_or_else(|| {
        let message = format!("path element at position {} is not an integer: \"{step}\"", level + 1);
        SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, message)
    })
}

/// The element at an index, and whether it was made. An array that the path itself made has no end to count from.
fn element<'i>(items: &'i mut Vec<Jsonb>, index: i32, level: usize, fresh: bool, room: &mut usize) -> Result<(&'i mut Jsonb, bool)> {
    let from_end = || usize::try_from(index.unsigned_abs()).ok().and_then(|back| items.len().checked_sub(back));
    let place = match usize::try_from(index) {
        Ok(place) => Some(place),
        Err(_) if fresh => Some(0),
        Err(_) => from_end(),
    };
    let Some(place) = place else {
        let message = format!("path element at position {} is out of range: {index}", level + 1);
        return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message));
    };
    let missing = (place + 1).saturating_sub(items.len());
    *room = room.checked_sub(missing).ok_or_else(|| {
        let message = format!("number of jsonb array elements exceeds the maximum allowed ({FILLED_MAX})");
        SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
    })?;
    items.extend(std::iter::repeat_n(Jsonb::Null, missing));
    Ok((&mut items[place], missing > 0))
}

fn in_the_way() -> SqlError {
    let error = SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "cannot replace existing key");
    error.detail("The path assumes key is a composite object, but it is a scalar value.")
}
