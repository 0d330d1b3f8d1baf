//! The statements that read and write rows. Values never travel: the server computes, compares and moves them; only keys, counts and
//! checksums come back.
//!
//! | statement | what it does |
//! |---|---|
//! | [`Rows::insert`] | copies a range into the new table; rows that are there, or in a unique key's way, are left for the comparison |
//! | [`Rows::sums`] | the checksum of some rows on both sides, in one snapshot |
//! | [`Rows::remove_gone`], [`Rows::put_changed`] | what makes these rows of the new table equal to the original's: deletes what is gone, inserts and updates what differs |
//! | [`Rows::remove_stale`], [`Rows::put_missing`] | the same without updates, for values of unique keys that have moved from row to row |

use borealis_client::Row;
use borealis_pgtypes::key_range::{self, order};

use crate::operations::{Draft, NewColumn};
use crate::plan::Recreation;
use crate::sql::{self, Extent, KeyColumn, KeyValues, Range};

/// Moving the rows of one table to another.
pub(crate) struct Rows<'r> {
    /// The names that the two tables have at the moment.
    from: String,
    to: String,
    key: &'r [KeyColumn],
    columns: &'r [NewColumn],
}

impl<'r> Rows<'r> {
    /// While the original still has its name.
    pub(crate) fn before_swap(recreation: &'r Recreation) -> Self {
        Self::between(recreation, recreation.original.qualified())
    }

    /// Once the original has been renamed.
    pub(crate) fn behind_fence(recreation: &'r Recreation) -> Self {
        Self::between(recreation, recreation.old_qualified())
    }

    fn between(recreation: &'r Recreation, from: String) -> Self {
        Self { from, to: recreation.new_qualified(), key: &recreation.key, columns: &recreation.columns }
    }

    pub(crate) fn key_length(&self) -> usize {
        self.key.len()
    }

    /// A row's first columns as a key.
    pub(crate) fn key_values(&self, row: &Row) -> KeyValues {
        (0..self.key.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect()
    }

    /// Some value is computed, not only copied.
    pub(crate) fn converts(&self) -> bool {
        Draft::copied(self.columns).any(|(name, source)| source.copied != sql::name(name) || source.compared != source.copied)
    }

    /// The key of the `count`th row of a range of the original.
    pub(crate) fn nth_key(&self, range: &Range, count: u64) -> String {
        key_range::nth_key(&self.from, self.key, range, count)
    }

    /// The first key at which a range has `count` rows in one of the tables: up to it neither has more.
    pub(crate) fn nth_key_of_both(&self, range: &Range, count: u64) -> String {
        let of = |table: &str| key_range::nth_row(table, self.key, range, count);
        let first =
            format!("SELECT * FROM (({}) UNION ALL ({})) AS b ORDER BY {} LIMIT 1", of(&self.from), of(&self.to), order(self.key, ""));
        key_range::key_text(self.key, &first)
    }

    /// How many rows of the original are in a range.
    pub(crate) fn count(&self, range: &Range) -> String {
        format!("SELECT count(*) FROM {} WHERE {}", self.from, range.condition(self.key, ""))
    }

    /// Computes every value of a range and keeps none.
    pub(crate) fn trial(&self, range: &Range) -> String {
        format!("SELECT count({}) FROM {} WHERE {}", self.expected(), self.from, range.condition(self.key, ""))
    }

    /// A range's rows as text: the key, then the row.
    pub(crate) fn as_text(&self, range: &Range) -> String {
        let list = self.key.iter().map(|column| format!("o.{}::text", sql::name(&column.name))).collect::<Vec<_>>().join(", ");
        format!("SELECT {list}, o::text FROM {} AS o WHERE {} LIMIT 1", self.from, range.condition(self.key, "o."))
    }

    pub(crate) fn insert(&self, range: &Range) -> String {
        let condition = range.condition(self.key, "o.");
        format!("{} FROM {} AS o WHERE {condition} ON CONFLICT DO NOTHING", self.insert_select(), self.from)
    }

    /// The checksums of some rows: the original's, converted, and the new table's.
    pub(crate) fn sums(&self, rows: &Extent) -> String {
        format!("SELECT ({}), ({})", self.expected_sum(rows), self.actual_sum(rows))
    }

    pub(crate) fn expected_sum(&self, rows: &Extent) -> String {
        self.sum(&self.expected(), &self.from, rows)
    }

    fn actual_sum(&self, rows: &Extent) -> String {
        self.sum(&self.actual(""), &self.to, rows)
    }

    fn sum(&self, row: &str, table: &str, rows: &Extent) -> String {
        let (sum, condition) = (key_range::checksum(row, self.key), rows.condition(self.key, ""));
        format!("SELECT count(*)::text || ':' || {sum} FROM {table} WHERE {condition}")
    }

    // Rows are sought by NOT IN and a hash of the other side's, which both sides find by the key, in whatever way the server joins tables that it has
    // no statistics of yet. Nothing that is compared is ever NULL.

    pub(crate) fn remove_gone(&self, rows: &Extent) -> String {
        let there = format!("SELECT {} FROM {} AS o WHERE {}", order(self.key, "o."), self.from, rows.condition(self.key, "o."));
        format!("DELETE FROM {} AS n WHERE {} AND ({}) NOT IN ({there})", self.to, rows.condition(self.key, "n."), order(self.key, "n."))
    }

    pub(crate) fn put_changed(&self, rows: &Extent) -> String {
        let arbiter = order(self.key, "");
        format!("{} ON CONFLICT ({arbiter}) {}", self.insert_except(rows, Some(&self.actual("n."))), self.on_conflict())
    }

    /// Deletes the rows that have no equal in the original.
    pub(crate) fn remove_stale(&self, rows: &Extent) -> String {
        let equal = format!(
            "SELECT {}, {} FROM {} AS o WHERE {}",
            order(self.key, "o."),
            self.expected(),
            self.from,
            rows.condition(self.key, "o.")
        );
        format!(
            "DELETE FROM {} AS n WHERE {} AND ({}, {}) NOT IN ({equal})",
            self.to,
            rows.condition(self.key, "n."),
            order(self.key, "n."),
            self.actual("n.")
        )
    }

    pub(crate) fn put_missing(&self, rows: &Extent) -> String {
        self.insert_except(rows, None)
    }

    /// Inserts the original's rows but for those whose key, or key and checksum, the new table has.
    fn insert_except(&self, rows: &Extent, actual: Option<&str>) -> String {
        let also = |value: &str| actual.map(|_| format!(", {value}")).unwrap_or_default();
        format!(
            "{} FROM {} AS o WHERE {} AND ({}{}) NOT IN (SELECT {}{} FROM {} AS n WHERE {})",
            self.insert_select(),
            self.from,
            rows.condition(self.key, "o."),
            order(self.key, "o."),
            also(&self.expected()),
            order(self.key, "n."),
            also(actual.unwrap_or_default()),
            self.to,
            rows.condition(self.key, "n.")
        )
    }

    fn insert_select(&self) -> String {
        let (names, values): (Vec<_>, Vec<_>) =
            Draft::copied(self.columns).map(|(name, source)| (sql::name(name), source.copied.as_str())).unzip();
        let overriding = if self.columns.iter().any(|column| column.column.identity.is_some()) { " OVERRIDING SYSTEM VALUE" } else { "" };
        format!("INSERT INTO {} ({}){overriding} SELECT {}", self.to, names.join(", "), values.join(", "))
    }

    /// Identity columns GENERATED ALWAYS refuse to be set by UPDATE; where one differs, the row is deleted and inserted instead.
    fn on_conflict(&self) -> String {
        let settable = |name: &str| {
            let always = |column: &NewColumn| column.column.identity == Some(crate::table::Identity::Always);
            !self.key.iter().any(|key| key.name == name) && !self.columns.iter().any(|column| column.column.name == name && always(column))
        };
        let set = Draft::copied(self.columns).map(|(name, _)| name).filter(|name| settable(name));
        let set = set.map(|name| format!("{0} = excluded.{0}", sql::name(name))).collect::<Vec<_>>().join(", ");
        if set.is_empty() { "DO NOTHING".to_owned() } else { format!("DO UPDATE SET {set}") }
    }

    /// A row of the original, as it will be stored, reduced to a checksum.
    fn expected(&self) -> String {
        let values = Draft::copied(self.columns).map(|(_, source)| source.compared.as_str()).collect::<Vec<_>>().join(", ");
        key_range::row_checksum(&values)
    }

    /// A row of the new table, reduced to a checksum.
    fn actual(&self, prefix: &str) -> String {
        let values = Draft::copied(self.columns).map(|(name, _)| format!("{prefix}{}", sql::name(name))).collect::<Vec<_>>().join(", ");
        key_range::row_checksum(&values)
    }
}
