//! The limits of a cluster: the dialect's, any of them lowered, so that a test reaches what is far away.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Dialect, Refusal, Row, Verdict, limit, lookup, rows};

/// Limits that do not belong to a cluster and cannot be lowered for one: they hold before it is known which cluster is meant, or lie in
/// the protocol itself.
const FIXED: [&str; 3] = ["application name bytes", "parameters", "syntax depth"];

/// Limits to be lowered, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lowered(BTreeMap<&'static str, u64>);

/// A limit that cannot be lowered so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitError {
    /// Not of the form `name=value`.
    Form(String),
    /// No limit has this name.
    Unknown(String),
    /// It belongs to no cluster.
    Fixed(&'static str),
    /// Given twice with different values.
    Contradiction(&'static str),
    /// Above what the dialect allows.
    Raised {
        /// The limit.
        name: &'static str,
        /// What was asked for.
        value: u64,
        /// The dialect's.
        most: u64,
    },
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(text) => write!(f, "\"{text}\" is not of the form NAME=NUMBER"),
            Self::Unknown(name) => {
                let names: Vec<String> = names().map(|name| name.replace(' ', "-")).collect();
                write!(f, "there is no limit \"{name}\"; there are {}", names.join(", "))
            }
            Self::Fixed(name) => write!(f, "the limit \"{name}\" cannot be changed"),
            Self::Contradiction(name) => write!(f, "the limit \"{name}\" is given twice, with different values"),
            Self::Raised { name, value, most } => write!(f, "the limit \"{name}\" can be lowered only: {value} is more than {most}"),
        }
    }
}

impl std::error::Error for LimitError {}

/// The names of all limits that a cluster can lower.
fn names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&'static str> = rows().iter().filter(|row| row.family() == "limit").map(Row::form).collect();
    names.dedup();
    names.into_iter().filter(|name| !FIXED.contains(name))
}

impl Lowered {
    /// Takes `name=value`; dashes in the name stand for blanks.
    ///
    /// # Errors
    /// See [`LimitError`]; whether the value is a lower one shows when the dialect is known.
    pub fn add(&mut self, text: &str) -> Result<(), LimitError> {
        let form = || LimitError::Form(text.to_owned());
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let value = value.parse().map_err(|_| form())?;
        let wanted = name.replace('-', " ");
        if let Some(name) = FIXED.iter().find(|name| **name == wanted) {
            return Err(LimitError::Fixed(name));
        }
        let name = names().find(|name| *name == wanted).ok_or_else(|| LimitError::Unknown(name.to_owned()))?;
        match self.0.insert(name, value) {
            Some(before) if before != value => Err(LimitError::Contradiction(name)),
            _ => Ok(()),
        }
    }
}

/// The limits in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    dialect: Dialect,
    lowered: Lowered,
}

impl Limits {
    /// The dialect's own.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        Self { dialect, lowered: Lowered::default() }
    }

    /// The dialect's, some of them lowered.
    ///
    /// # Errors
    /// When one of them would be raised.
    pub fn lowered(dialect: Dialect, lowered: Lowered) -> Result<Self, LimitError> {
        for (&name, &value) in &lowered.0 {
            let most = limit(name, dialect);
            if value > most {
                return Err(LimitError::Raised { name, value, most });
            }
        }
        Ok(Self { dialect, lowered })
    }

    /// Whose limits these are.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The greatest that passes.
    ///
    /// # Panics
    /// When there is no such limit, as [`limit`].
    #[must_use]
    pub fn get(&self, name: &str) -> u64 {
        self.lowered.0.get(name).copied().unwrap_or_else(|| limit(name, self.dialect))
    }

    /// `Ok` while `count` is within the limit, its refusal otherwise; `args` fill the message.
    ///
    /// # Errors
    /// The refusal.
    pub fn check(&self, name: &str, count: u64, args: &[&str]) -> Result<(), Refusal> {
        if count <= self.get(name) { Ok(()) } else { Err(self.refusal(name, args)) }
    }

    /// What a client gets for passing the limit.
    ///
    /// # Panics
    /// As [`Limits::get`].
    #[must_use]
    pub fn refusal(&self, name: &str, args: &[&str]) -> Refusal {
        let row = lookup(&format!("limit/{name}"), self.dialect).unwrap_or_else(|| panic!("the dialect has a limit \"{name}\""));
        debug_assert_eq!(row.verdict, Verdict::Refused, "one more than a limit is refused");
        Refusal { form: row.key, sqlstate: row.sqlstate, message: row.message_at(self.get(name), args) }
    }
}
