//! Default names of constraints and indexes. After `makeObjectName`, `ChooseConstraintName` and `ChooseIndexName`.

use borealis_catalog::Table;
use borealis_pgtypes::Oid;

use super::Work;

/// The longest name in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 63;

/// `first[_second]_label`, the parts shortened so that the whole fits.
pub(crate) fn object_name(first: &str, second: Option<&str>, label: &str) -> String {
    let overhead = usize::from(second.is_some()) + if label.is_empty() { 0 } else { label.len() + 1 };
    let room = NAME_BYTES_MAX.saturating_sub(overhead);
    let (mut one, mut two) = (first.len(), second.map_or(0, str::len));
    while one + two > room {
        if one > two {
            one -= 1;
        } else {
            two -= 1;
        }
    }
    let mut name = clip(first, one).to_owned();
    if let Some(second) = second {
        name.push('_');
        name.push_str(clip(second, two));
    }
    if !label.is_empty() {
        name.push('_');
        name.push_str(label);
    }
    name
}

/// At most `bytes` of the text, cut between characters.
fn clip(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Names joined as an index's default name joins its columns.
pub(crate) fn joined(names: &[String]) -> String {
    clip(&names.join("_"), NAME_BYTES_MAX).to_owned()
}

/// Column names of an index made distinct by numbers.
pub(crate) fn distinct_columns(names: Vec<String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let mut candidate = name.clone();
        let mut number = 0;
        while distinct.contains(&candidate) {
            number += 1;
            let suffix = number.to_string();
            candidate = format!("{}{suffix}", clip(&name, NAME_BYTES_MAX - suffix.len()));
        }
        distinct.push(candidate);
    }
    distinct
}

impl Work<'_> {
    /// The first free name `first_second_label`, `.._label1`, ... for an index of a constraint or a plain index.
    pub(crate) fn choose_index_name(&self, table: &Table, second: Option<&str>, label: &str) -> String {
        self.choose(&table.name, second, label, |name| {
            self.relation_name_taken(table, name) || label != "idx" && self.constraint_name_taken(table, name)
        })
    }

    /// The first free name for the sequence of an identity column, those that the statement has made so far included.
    pub(crate) fn choose_sequence_name(&self, table: &Table, column: &str) -> String {
        let catalog = self.catalog();
        self.choose(&table.name, Some(column), "seq", |name| {
            self.relation_name_taken(table, name) || catalog.sequence(table.schema, name).is_some()
        })
    }

    /// The first free name for a CHECK.
    pub(crate) fn choose_check_name(&self, table: &Table, column: Option<&str>) -> String {
        self.choose(&table.name, column, "check", |name| self.constraint_name_taken(table, name))
    }

    /// The first free name for a FOREIGN KEY.
    pub(crate) fn choose_foreign_key_name(&self, table: &Table, columns: &[&str]) -> String {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        self.choose(&table.name, Some(&joined(&columns)), "fkey", |name| self.constraint_name_taken(table, name))
    }

    pub(crate) fn choose(&self, first: &str, second: Option<&str>, label: &str, taken: impl Fn(&str) -> bool) -> String {
        let mut name = object_name(first, second, label);
        let mut number = 0;
        while taken(&name) {
            number += 1;
            name = object_name(first, second, &format!("{label}{number}"));
        }
        name
    }

    /// Whether a relation of that name exists in the table's schema, the table being made included.
    pub(crate) fn relation_name_taken(&self, table: &Table, name: &str) -> bool {
        table.name == name || table.all_indexes().any(|index| index.name == name) || self.exists_elsewhere(table.schema, name, table.oid)
    }

    /// Whether another relation of the schema has the name.
    fn exists_elsewhere(&self, schema: Oid, name: &str, except: Oid) -> bool {
        let table = self.ctx.catalog.table(schema, name).is_some_and(|found| found.oid != except);
        table
            || self.ctx.catalog.view(schema, name).is_some()
            || self.ctx.catalog.sequence(schema, name).is_some()
            || self.ctx.catalog.index(schema, name).is_some_and(|(_, found)| found.oid != except)
    }

    fn constraint_name_taken(&self, table: &Table, name: &str) -> bool {
        let own = has_constraint(table, name);
        own || self.ctx.catalog.tables().any(|other| other.schema == table.schema && other.oid != table.oid && has_constraint(other, name))
    }
}

/// Whether the table has a constraint of that name.
pub(crate) fn has_constraint(table: &Table, name: &str) -> bool {
    table.checks.iter().any(|check| check.name == name)
        || table.foreign_keys.iter().any(|key| key.name == name)
        || table.all_indexes().any(|index| index.constraint.is_some() && index.name == name)
}
