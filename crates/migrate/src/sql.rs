//! Pieces of SQL text: names, values, key ranges.

use borealis_sql::deparse::quote;
use serde::{Deserialize, Serialize};

/// The most bytes of a name.
const NAME_BYTES_MAX: usize = 63;

/// A name as it stands in a statement.
pub(crate) fn name(text: &str) -> String {
    quote::identifier(text)
}

/// A text as it stands in a statement.
pub(crate) fn text(value: &str) -> String {
    quote::literal(value)
}

/// A relation's full name.
pub(crate) fn qualified(schema: &str, relation: &str) -> String {
    format!("{}.{}", name(schema), name(relation))
}

/// Names with commas between them.
pub(crate) fn names<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(name).collect::<Vec<_>>().join(", ")
}

/// A name with an ending, cut where PostgreSQL would cut the whole.
pub(crate) fn with_ending(base: &str, ending: &str) -> String {
    let mut end = base.len().min(NAME_BYTES_MAX.saturating_sub(ending.len()));
    while !base.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", &base[..end])
}

/// The name that PostgreSQL gives to the sequence of an identity column: the longer part gives way when both do not fit.
pub(crate) fn sequence_name(table: &str, column: &str) -> String {
    let room = NAME_BYTES_MAX - "__seq".len();
    let (mut first, mut second) = (table.len(), column.len());
    while first + second > room {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let cut = |text: &str, mut end: usize| {
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].to_owned()
    };
    format!("{}_{}_seq", cut(table, first), cut(column, second))
}

/// A column that rows are found by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyColumn {
    /// Its name, in the old table and in the new one.
    pub name: String,
    /// Its type in the old table: what the ends of ranges are written in.
    pub ty: String,
}

/// A key's values as PostgreSQL prints them, one for each key column.
pub(crate) type KeyValues = Vec<String>;

/// Rows from behind one key up to and with another; an open end is the table's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) low: Option<KeyValues>,
    pub(crate) high: Option<KeyValues>,
}

impl Range {
    /// The rows behind a key, or all.
    pub(crate) fn behind(low: Option<KeyValues>) -> Self {
        Self { low, high: None }
    }

    /// The condition on `key` that holds for the rows of the range, which has `prefix` (an alias and its dot) before each column.
    pub(crate) fn condition(&self, key: &[KeyColumn], prefix: &str) -> String {
        let bound = |values: &Option<KeyValues>, operator: &str| {
            values.as_ref().map(|values| {
                let left = key.iter().map(|column| format!("{prefix}{}", name(&column.name))).collect::<Vec<_>>().join(", ");
                let right = key.iter().zip(values).map(|(column, value)| format!("CAST({} AS {})", text(value), column.ty));
                let right = right.collect::<Vec<_>>().join(", ");
                if key.len() == 1 { format!("{left} {operator} {right}") } else { format!("({left}) {operator} ({right})") }
            })
        };
        let both: Vec<_> = bound(&self.low, ">").into_iter().chain(bound(&self.high, "<=")).collect();
        if both.is_empty() { "true".to_owned() } else { both.join(" AND ") }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyColumn, Range, sequence_name, with_ending};

    #[test]
    fn ranges_are_half_open_and_compare_whole_keys() {
        let key = |name: &str, ty: &str| KeyColumn { name: name.to_owned(), ty: ty.to_owned() };
        let one = [key("id", "uuid")];
        let two = [key("a", "integer"), key("Order", "text")];
        assert_eq!(Range::default().condition(&one, ""), "true");
        let range = Range { low: Some(vec!["x".into()]), high: Some(vec!["y".into()]) };
        assert_eq!(range.condition(&one, "o."), "o.id > CAST('x' AS uuid) AND o.id <= CAST('y' AS uuid)");
        let range = Range::behind(Some(vec!["5".into(), "it's".into()]));
        assert_eq!(range.condition(&two, ""), "(a, \"Order\") > (CAST('5' AS integer), CAST('it''s' AS text))");
    }

    #[test]
    fn names_are_cut_as_postgresql_cuts_them() {
        assert_eq!(with_ending("t", "_old"), "t_old");
        assert_eq!(with_ending(&"x".repeat(63), "_old"), format!("{}_old", "x".repeat(59)));
        assert_eq!(with_ending(&"ü".repeat(31), "_old").len(), 62);
        assert_eq!(sequence_name("t", "id"), "t_id_seq");
        assert_eq!(sequence_name(&"t".repeat(60), "id"), format!("{}_id_seq", "t".repeat(56)));
    }
}
