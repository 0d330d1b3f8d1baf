//! Pieces of SQL text: names and values.

use borealis_pgtypes::array::write_quoted;
use borealis_pgtypes::key_range;
pub use borealis_pgtypes::key_range::KeyColumn;
pub(crate) use borealis_pgtypes::key_range::{KeyRange as Range, KeyValues};
use borealis_sql::deparse::quote;

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

/// Some of a table's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Those of a range of keys.
    Range(Range),
    /// Those with one of these keys.
    Keys(Vec<KeyValues>),
}

impl Extent {
    /// Keys, so many at a time.
    pub(crate) fn of_keys(keys: &[KeyValues], size: u64) -> Vec<Self> {
        let size = usize::try_from(size.max(1)).unwrap_or(usize::MAX);
        keys.chunks(size).map(|keys| Self::Keys(keys.to_vec())).collect()
    }

    /// As [`Range::condition`].
    pub(crate) fn condition(&self, key: &[KeyColumn], prefix: &str) -> String {
        let keys = match self {
            Self::Range(range) => return range.condition(key, prefix),
            Self::Keys(keys) => keys,
        };
        let left = key_range::order(key, prefix);
        let (Some(first), rest) = (keys.first(), keys.iter().skip(1)) else { return "false".to_owned() };
        if let [column] = key {
            return format!("{left} = ANY (CAST({} AS {}[]))", text(&array(keys.iter().flatten())), column.ty);
        }
        // Joined to the table by its index; a list of row values would be compared with each row. The first row says the types of all.
        let plain = rest.map(|values| format!(", ({})", values.iter().map(|value| text(value)).collect::<Vec<_>>().join(", ")));
        format!("({left}) IN (VALUES ({}){})", key_range::literals(key, first), plain.collect::<String>())
    }
}

/// The text of an array of values.
fn array<'v>(values: impl Iterator<Item = &'v String>) -> String {
    let mut out = String::from("{");
    for (at, value) in values.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_quoted(value, &mut out);
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::{Extent, KeyColumn, sequence_name, with_ending};

    #[test]
    fn rows_can_be_named_one_by_one() {
        let key = |name: &str, ty: &str| KeyColumn { name: name.to_owned(), ty: ty.to_owned() };
        let one = Extent::Keys(vec![vec!["a'b".into()], vec![r#"\"{}"#.into()]]);
        assert_eq!(one.condition(&[key("id", "text")], "n."), r#"n.id = ANY (CAST('{"a''b","\\\"{}"}' AS text[]))"#);
        let two = Extent::Keys(vec![vec!["1".into(), "x".into()], vec!["2".into(), "it's".into()]]);
        let keys = [key("a", "integer"), key("b", "text")];
        assert_eq!(two.condition(&keys, ""), "(a, b) IN (VALUES (CAST('1' AS integer), CAST('x' AS text)), ('2', 'it''s'))");
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
