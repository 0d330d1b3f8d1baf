//! What every row must keep, checked before anything is copied.

use borealis_pgtypes::key_range::order;
use serde::{Deserialize, Serialize};

use crate::sql::{self, KeyColumn};

/// How many offenders are listed.
pub(crate) const OFFENDERS_MAX: usize = 100;

/// A rule of the new definition that existing rows may break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Rule {
    NotNull {
        column: String,
    },
    Unique {
        columns: Vec<String>,
        nulls_distinct: bool,
    },
    Check {
        name: String,
        expression: String,
    },
    /// The text that `expression` gives is not longer than a column's type allows. Blanks at the end of a `char` do not count.
    Length {
        column: String,
        expression: String,
        length: u32,
        blanks_count: bool,
    },
    ForeignKey {
        name: String,
        columns: Vec<String>,
        to: String,
        to_columns: Vec<String>,
    },
}

impl Rule {
    /// The rule in words, behind "the rows …".
    pub(crate) fn broken(&self) -> String {
        match self {
            Self::NotNull { column } => format!("are NULL in column {column}"),
            Self::Unique { columns, .. } => format!("share a value of ({})", columns.join(", ")),
            Self::Check { name, .. } => format!("break check constraint {name}"),
            Self::Length { column, length, .. } => format!("are longer than {length} characters in column {column}"),
            Self::ForeignKey { name, .. } => format!("refer to no row, against foreign key {name}"),
        }
    }

    /// Why one row breaks it.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::NotNull { .. } => "must not be NULL".to_owned(),
            Self::Unique { .. } => "must be unique".to_owned(),
            Self::Check { expression, .. } => format!("must satisfy {expression}"),
            Self::Length { length, .. } => format!("must have at most {length} characters"),
            Self::ForeignKey { to, to_columns, .. } => format!("must be in {to} ({})", to_columns.join(", ")),
        }
    }

    /// The first rows of `table` that break it: the key's columns, then the value. `value_of` is the expression that a column of the new
    /// definition has over the columns of the old; `None` for one that is filled by its default.
    pub(crate) fn offenders(&self, table: &str, key: &[KeyColumn], value_of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let limit = OFFENDERS_MAX + 1;
        let listed = |value: &str, condition: &str| {
            let keys = key.iter().map(|column| format!("o.{}::text, ", sql::name(&column.name))).collect::<String>();
            let order = if key.is_empty() { String::new() } else { format!(" ORDER BY {}", order(key, "o.")) };
            format!("SELECT {keys}{value} FROM {table} AS o WHERE {condition}{order} LIMIT {limit}")
        };
        let values = |columns: &[String]| columns.iter().map(|column| value_of(column)).collect::<Option<Vec<_>>>();
        Some(match self {
            Self::NotNull { column } => {
                let value = value_of(column)?;
                listed("'NULL'", &format!("{value} IS NULL"))
            }
            Self::Check { expression, .. } => listed("o::text", &format!("NOT ({expression})")),
            Self::Length { expression, length, blanks_count, .. } => {
                let text = if *blanks_count { format!("({expression})::text") } else { format!("rtrim(({expression})::text, ' ')") };
                listed(&text, &format!("length({text}) > {length}"))
            }
            Self::Unique { columns, nulls_distinct } => {
                let values = values(columns)?;
                let named = values.iter().enumerate().map(|(at, value)| format!("{value} AS u{at}")).collect::<Vec<_>>().join(", ");
                let numbered: Vec<String> = (0..values.len()).map(|at| format!("u{at}")).collect();
                let list = numbered.join(", ");
                let set = match nulls_distinct {
                    true => numbered.iter().map(|one| format!("{one} IS NOT NULL")).collect::<Vec<_>>().join(" AND "),
                    false => "true".to_owned(),
                };
                let nothing = "NULL, ".repeat(key.len());
                format!(
                    "SELECT {nothing}ROW({list})::text FROM (SELECT {named} FROM {table} AS o) AS u WHERE {set} GROUP BY {list} \
                     HAVING count(*) > 1 LIMIT {limit}"
                )
            }
            // Without columns it refers to the primary key; the server's own validation tells then.
            Self::ForeignKey { to_columns, .. } if to_columns.is_empty() => return None,
            Self::ForeignKey { columns, to, to_columns, .. } => {
                let values = values(columns)?;
                let set = values.iter().map(|value| format!("{value} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
                let same = values.iter().zip(to_columns).map(|(value, column)| format!("r.{} = {value}", sql::name(column)));
                let same = same.collect::<Vec<_>>().join(" AND ");
                let list = values.join(", ");
                listed(&format!("ROW({list})::text"), &format!("{set} AND NOT EXISTS (SELECT 1 FROM {to} AS r WHERE {same})"))
            }
        })
    }
}
