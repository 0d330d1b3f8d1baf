//! Sequences: what one is, and how its values follow each other.
//!
//! A descriptor has what DDL says of a sequence. How far it has come is no part of the catalog: a [`SequenceState`] is kept and moved by whoever hands values
//! out, outside of any transaction.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState};
use serde::{Deserialize, Serialize};

use crate::Acl;

/// A sequence; its values are `bigint`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Sequence {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    pub start: i64,
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    /// Values a session takes at once.
    pub cache: i64,
    pub cycle: bool,
    /// Another one whenever ALTER SEQUENCE changes what values follow: what sessions took before is void then.
    #[serde(default)]
    pub version: u32,
    /// The column the sequence goes with.
    #[serde(default)]
    pub owned_by: Option<SequenceOwner>,
    #[serde(default)]
    pub acl: Acl,
    #[serde(default)]
    pub comment: Option<String>,
}

/// The column a sequence belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SequenceOwner {
    pub table: Oid,
    pub column: i16,
    /// Whether the sequence is the column's identity, rather than only owned by it.
    pub identity: bool,
}

/// How far a sequence has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceState {
    /// The last value taken, or the first to be taken.
    pub last_value: i64,
    /// Which of the two it is.
    pub is_called: bool,
}

/// Values that were taken together: `first`, `first + increment`, ..., `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SequenceRange {
    pub first: i64,
    pub last: i64,
}

impl Sequence {
    /// The state of a sequence from which nothing was taken.
    #[must_use]
    pub fn initial_state(&self) -> SequenceState {
        SequenceState { last_value: self.start, is_called: false }
    }

    /// Takes up to `count` values after `state`: fewer when the bound is near, for a range does not go round. `nextval_internal`.
    ///
    /// # Errors
    /// `2200H` when the bound is reached and the sequence does not cycle.
    pub fn take(&self, state: SequenceState, count: i64) -> Result<(SequenceRange, SequenceState)> {
        let first = if state.is_called { self.after(state.last_value)? } else { state.last_value };
        let (first_wide, increment) = (i128::from(first), i128::from(self.increment));
        let room = if self.increment > 0 { i128::from(self.max) - first_wide } else { first_wide - i128::from(self.min) };
        let more = (room / increment.abs()).clamp(0, i128::from(count.max(1)) - 1);
        // Within the bounds, which are of this type.
        let last = i64::try_from(first_wide + more * increment).unwrap_or(first);
        Ok((SequenceRange { first, last }, SequenceState { last_value: last, is_called: true }))
    }

    fn after(&self, value: i64) -> Result<i64> {
        let ascending = self.increment > 0;
        let next = value.checked_add(self.increment).filter(|next| if ascending { *next <= self.max } else { *next >= self.min });
        match next {
            Some(next) => Ok(next),
            None if self.cycle => Ok(if ascending { self.min } else { self.max }),
            None => {
                let (word, bound) = if ascending { ("maximum", self.max) } else { ("minimum", self.min) };
                let message = format!("nextval: reached {word} value of sequence \"{}\" ({bound})", self.name);
                Err(SqlError::new(SqlState::SEQUENCE_GENERATOR_LIMIT_EXCEEDED, message))
            }
        }
    }

    /// Checks that the sequence may go on from a value within its bounds.
    ///
    /// # Errors
    /// `22023`
    pub fn check_restart(&self, value: i64) -> Result<()> {
        let (relation, word, bound) = match value {
            value if value < self.min => ("less", "MINVALUE", self.min),
            value if value > self.max => ("greater", "MAXVALUE", self.max),
            _ => return Ok(()),
        };
        let message = format!("RESTART value ({value}) cannot be {relation} than {word} ({bound})");
        Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message))
    }
}

#[cfg(test)]
mod tests;
