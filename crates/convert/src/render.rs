//! The model as statements of the target.

use borealis_sql::deparse::quote::{identifier, literal};

use crate::model::{Check, Column, Counter, ForeignKey, Index, Key, Name, Numbers, Part, PartOf, Table};

/// A relation's name, quoted where needed.
pub(crate) fn name(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", identifier(schema), identifier(&name.name)),
        None => identifier(&name.name),
    }
}

/// How people call a relation.
pub(crate) fn plain(name: &Name) -> String {
    name.schema.as_ref().map_or_else(|| name.name.clone(), |schema| format!("{schema}.{}", name.name))
}

pub(crate) fn identifiers(names: &[String]) -> String {
    names.iter().map(|name| identifier(name)).collect::<Vec<_>>().join(", ")
}

/// CREATE TABLE, with the foreign keys that are to stand in it.
pub(crate) fn create_table(table: &Table, cache: u64, foreign_keys: &[&ForeignKey]) -> String {
    let mut elements: Vec<String> = table.columns.iter().map(|column| self::column(column, cache)).collect();
    elements.extend(table.primary_key.iter().map(|key| self::key("PRIMARY KEY", key)));
    elements.extend(table.uniques.iter().map(|key| self::key("UNIQUE", key)));
    elements.extend(table.checks.iter().map(check));
    elements.extend(foreign_keys.iter().map(|key| foreign_key(key)));
    format!("CREATE TABLE {} (\n    {}\n)", name(&table.name), elements.join(",\n    "))
}

fn column(column: &Column, cache: u64) -> String {
    let mut text = format!("{} {}", identifier(&column.name), column.sql_type);
    if let Some(expression) = &column.generated {
        text.push_str(&format!(" GENERATED ALWAYS AS ({expression}) STORED"));
    }
    match &column.counter {
        Some(Counter::Identity { always, numbers }) => {
            let when = if *always { "ALWAYS" } else { "BY DEFAULT" };
            text.push_str(&format!(" GENERATED {when} AS IDENTITY ({})", self::numbers(numbers, cache)));
        }
        Some(Counter::Sequence { name: sequence, .. }) => text.push_str(&format!(" DEFAULT nextval({})", literal(&name(sequence)))),
        None => {}
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    column.checks.iter().for_each(|one| text.push_str(&format!(" {}", check(one))));
    text
}

pub(crate) fn check(check: &Check) -> String {
    format!("{}CHECK ({})", constraint_name(check.name.as_deref()), check.condition)
}

fn constraint_name(name: Option<&str>) -> String {
    name.map_or(String::new(), |name| format!("CONSTRAINT {} ", identifier(name)))
}

fn key(word: &str, key: &Key) -> String {
    let nulls = if key.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let include = if key.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", identifiers(&key.include)) };
    format!("{}{word}{nulls} ({}){include}", constraint_name(key.name.as_deref()), identifiers(&key.columns))
}

pub(crate) fn foreign_key(key: &ForeignKey) -> String {
    let mut text =
        format!("{}FOREIGN KEY ({}) REFERENCES {}", constraint_name(key.name.as_deref()), identifiers(&key.columns), name(&key.target));
    if !key.target_columns.is_empty() {
        text.push_str(&format!(" ({})", identifiers(&key.target_columns)));
    }
    if key.match_full {
        text.push_str(" MATCH FULL");
    }
    for (word, action) in [("UPDATE", &key.on_update), ("DELETE", &key.on_delete)] {
        if !action.is_empty() {
            text.push_str(&format!(" ON {word} {action}"));
        }
    }
    if !key.deferral.is_empty() {
        text.push_str(&format!(" {}", key.deferral));
    }
    text
}

/// CREATE INDEX ASYNC.
pub(crate) fn create_index(table: &Name, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let parts: Vec<String> = index.parts.iter().map(part).collect();
    let mut text = format!("CREATE {unique}INDEX ASYNC {} ON {} ({})", identifier(&index.name), name(table), parts.join(", "));
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", identifiers(&index.include)));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE {predicate}"));
    }
    text
}

fn part(part: &Part) -> String {
    let what = match &part.what {
        PartOf::Column(name) => identifier(name),
        PartOf::Expression(text) => format!("({text})"),
    };
    match part.nulls_first {
        Some(true) => format!("{what} NULLS FIRST"),
        Some(false) => format!("{what} NULLS LAST"),
        None => what,
    }
}

pub(crate) fn create_sequence(sequence: &Name, numbers: &Numbers, cache: u64) -> String {
    format!("CREATE SEQUENCE {} {}", name(sequence), self::numbers(numbers, cache))
}

/// The options of a sequence.
pub(crate) fn numbers(numbers: &Numbers, cache: u64) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut say = |word: &str, value: Option<i128>| words.extend(value.map(|value| format!("{word} {value}")));
    say("START WITH", numbers.start);
    say("INCREMENT BY", numbers.increment);
    say("MINVALUE", numbers.min);
    say("MAXVALUE", numbers.max);
    if numbers.cycle {
        words.push("CYCLE".to_owned());
    }
    words.push(format!("CACHE {cache}"));
    words.join(" ")
}
