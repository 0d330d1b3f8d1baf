//! What Aurora DSQL accepts, by date and with proof: one table of data, read by everybody who must agree with it.
//!
//! The parser's and binder's refusals, the engine's limits, the linter's rules, the migration planner's choices and the generated
//! compatibility page all come from `data/dialect.tsv`. A row says what happens to one *form* (a statement, a clause, a type, a
//! parameter, a limit) during a range of dates; a [`Dialect`] is a day on which the table is read. A form without a row is refused by
//! its family's `family/*` row: nothing is passed through because nobody thought of it.
//!
//! This crate knows nothing of SQL trees, errors of the wire protocol, or the engine. A [`Refusal`] is an SQLSTATE and a text.

use std::fmt;
use std::str::FromStr;

mod compat;
mod limits;
mod reference;
mod table;

pub use compat::compat_markdown;
pub use limits::{LimitError, Limits, Lowered};
pub use reference::{reference_families, reference_tables};
pub use table::{Proof, Row, Verdict, examples, lookup, rows};

/// A day of Aurora DSQL's surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// The surface of March 2026: no foreign keys, no json columns, DROP COLUMN only by recreating the table.
    D2026_02,
    /// The surface recorded in September 2026.
    #[default]
    D2026_09,
}

impl Dialect {
    /// Every dialect, oldest first.
    pub const ALL: [Self; 2] = [Self::D2026_02, Self::D2026_09];

    /// The name used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::D2026_02 => "2026-02",
            Self::D2026_09 => "2026-09",
        }
    }

    /// The day on which the table is read; ISO dates compare as text.
    #[must_use]
    pub fn day(self) -> &'static str {
        match self {
            Self::D2026_02 => "2026-03-03",
            Self::D2026_09 => "2026-09-18",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is the name of no dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDialect(String);

impl fmt::Display for UnknownDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown dialect \"{}\": use 2026-02 or 2026-09", self.0)
    }
}

impl std::error::Error for UnknownDialect {}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|d| d.name() == text).ok_or_else(|| UnknownDialect(text.to_owned()))
    }
}

/// The answer to something the dialect does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The key of the row that refuses; of a form without any row, nothing.
    pub form: &'static str,
    /// Five characters.
    pub sqlstate: &'static str,
    /// The exact text, with the arguments filled in.
    pub message: String,
}

/// The refusal of `key`, or of its family's `family/*` row when `key` has none; `None` when the dialect accepts it.
///
/// Accepted means that Aurora DSQL accepts it and this release builds it: a `not_yet` row refuses.
#[must_use]
pub fn refusal(key: &str, args: &[&str], dialect: Dialect) -> Option<Refusal> {
    let Some(row) = lookup(key, dialect).or_else(|| family_row(key, dialect)) else {
        return Some(Refusal { form: "", sqlstate: "0A000", message: format!("{key} is not supported by this version of Borealis") });
    };
    match row.verdict {
        Verdict::Accepted => None,
        Verdict::Refused | Verdict::NotYet => Some(Refusal { form: row.key, sqlstate: row.sqlstate, message: row.message_with(args) }),
    }
}

/// `Ok` when the dialect accepts `key`, its refusal otherwise.
pub fn require(key: &str, args: &[&str], dialect: Dialect) -> Result<(), Refusal> {
    refusal(key, args, dialect).map_or(Ok(()), Err)
}

fn family_row(key: &str, dialect: Dialect) -> Option<&'static Row> {
    let (family, _) = key.split_once('/')?;
    lookup(&format!("{family}/*"), dialect)
}

/// The value of `limit/<name>`: the greatest that passes.
///
/// # Panics
/// When there is no such limit: names are written in this repository, and a test reads each.
#[must_use]
pub fn limit(name: &str, dialect: Dialect) -> u64 {
    let row = lookup(&format!("limit/{name}"), dialect).unwrap_or_else(|| panic!("the dialect has a limit \"{name}\""));
    row.value.parse().unwrap_or_else(|_| panic!("limit \"{name}\" has a number"))
}

/// Where a type may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A column and a key of an index.
    Key,
    /// A column, but no key.
    NotKey,
    /// Run time only, or nowhere: the refusal of a column of this type.
    Refused(Refusal),
}

/// The verdict on a column of the type that `format_type` names `name`: `integer`, `character varying`, `bit varying`.
///
/// Only types that exist should be asked for; an unknown name is 42704 and the binder's to answer.
#[must_use]
pub fn column_type(name: &str, array: bool, dialect: Dialect) -> ColumnType {
    if array {
        return refusal("type/array", &[name], dialect).map_or(ColumnType::NotKey, ColumnType::Refused);
    }
    let key = format!("type/{name}");
    match refusal(&key, &[name], dialect) {
        Some(refusal) => ColumnType::Refused(refusal),
        None if lookup(&key, dialect).is_some_and(|row| row.value == "key") => ColumnType::Key,
        None => ColumnType::NotKey,
    }
}

/// The refusal of a key column of type `name`.
#[must_use]
pub fn key_type_refusal(name: &str, dialect: Dialect) -> Option<Refusal> {
    match column_type(name, false, dialect) {
        ColumnType::Key => None,
        ColumnType::NotKey | ColumnType::Refused(_) => refusal("key_type/*", &[name], dialect),
    }
}

/// How a session touches a configuration parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingUse {
    /// SET or SET SESSION.
    Session,
    /// SET LOCAL.
    Local,
    /// SET ... TO DEFAULT.
    Default,
    /// RESET.
    Reset,
}

/// The refusal of setting `name` (compared without case, named as written), or `None` when it is on the allow list.
#[must_use]
pub fn setting_refusal(name: &str, usage: SettingUse, dialect: Dialect) -> Option<Refusal> {
    let folded = name.to_ascii_lowercase();
    let qualified = match usage {
        SettingUse::Session => None,
        SettingUse::Local => Some(format!("setting/local {folded}")),
        SettingUse::Default => Some(format!("setting/default {folded}")),
        SettingUse::Reset => Some(format!("setting/reset {folded}")),
    };
    let accepted = |key: &str| lookup(key, dialect).is_some_and(|row| row.verdict == Verdict::Accepted);
    if qualified.is_some_and(|key| accepted(&key)) || accepted(&format!("setting/{folded}")) {
        return None;
    }
    refusal("setting/*", &[name], dialect)
}

#[cfg(test)]
mod tests;
