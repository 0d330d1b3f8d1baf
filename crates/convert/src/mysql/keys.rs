//! Keys: primary keys and unique constraints in the table, everything else in indexes of their own.

use super::expr::Translator;
use super::lower::Lowering;
use super::source::{KeyKind, SourceColumn, SourceKey, SourcePart, SourceTable};
use crate::finish::{keyable, settle_index};
use crate::loss::Verdict;
use crate::model::{Index, Key, Part, PartOf, Table};
use crate::names::{fitting, of_table};

/// Whether a column stands in a key, or in a foreign key.
pub(crate) fn is_in_key(table: &SourceTable, column: &SourceColumn) -> bool {
    let is = |name: &String| name.eq_ignore_ascii_case(&column.name);
    let keyed = table.keys.iter().any(|key| key.parts.iter().any(|part| matches!(part, SourcePart::Column { name, .. } if is(name))));
    keyed || column.key.is_some() || table.foreign_keys.iter().any(|key| key.columns.iter().any(is))
}

/// Whether a column stands in a primary key or a unique one.
pub(crate) fn is_unique(table: &SourceTable, column: &SourceColumn) -> bool {
    let unique = |kind: KeyKind| matches!(kind, KeyKind::Primary | KeyKind::Unique);
    let has = |key: &SourceKey| {
        key.parts.iter().any(|part| matches!(part, SourcePart::Column { name, .. } if name.eq_ignore_ascii_case(&column.name)))
    };
    column.key.is_some_and(unique) || table.keys.iter().any(|key| unique(key.kind) && has(key))
}

/// All keys of a table.
pub(crate) fn lower(lowering: &mut Lowering<'_>, source: &SourceTable, table: &mut Table) {
    let behind_columns = source.columns.iter().filter_map(|column| {
        let parts = vec![SourcePart::Column { name: column.name.clone(), prefix: None, descending: false }];
        Some(SourceKey { place: column.place, kind: column.key?, name: None, parts, comment: None, invisible: false })
    });
    for key in behind_columns.chain(source.keys.iter().cloned()) {
        remarks(lowering, source, &key);
        match key.kind {
            KeyKind::Primary => primary(lowering, source, table, &key),
            KeyKind::Unique => unique(lowering, source, table, &key),
            KeyKind::Plain => index(lowering, source, table, &key, false),
            KeyKind::Fulltext => without_counterpart(lowering, source, &key, "FULLTEXT", "LIKE 'prefix%', or a search engine"),
            KeyKind::Spatial => without_counterpart(lowering, source, &key, "SPATIAL", "an index on the coordinates as numbers"),
        }
    }
    too_many(lowering, source, table);
}

fn remarks(lowering: &mut Lowering<'_>, source: &SourceTable, key: &SourceKey) {
    if key.invisible {
        let message = format!("the key {} is visible: queries use it", shown(key));
        lowering.loses(Verdict::Clean, "index-visible", key.place, &source.name, message);
    }
    if key.comment.is_some() {
        lowering.loses(
            Verdict::Clean,
            "index-comment",
            key.place,
            &source.name,
            format!("the comment on the key {} is left out", shown(key)),
        );
    }
    let descending =
        |part: &SourcePart| matches!(part, SourcePart::Column { descending: true, .. } | SourcePart::Expression { descending: true, .. });
    let count = key.parts.iter().filter(|part| descending(part)).count();
    if count > 0 {
        // Read backwards an index is descending in all its columns; only a mixture is lost.
        let verdict = if count == key.parts.len() { Verdict::Clean } else { Verdict::Loss };
        lowering.loses(verdict, "index-order", key.place, &source.name, format!("the key {}: DESC is left out", shown(key)));
    }
}

fn shown(key: &SourceKey) -> String {
    key.name.clone().unwrap_or_else(|| {
        let parts = key.parts.iter().map(|part| match part {
            SourcePart::Column { name, .. } => name.clone(),
            SourcePart::Expression { expression, .. } => format!("({expression})"),
        });
        format!("({})", parts.collect::<Vec<_>>().join(", "))
    })
}

fn without_counterpart(lowering: &mut Lowering<'_>, source: &SourceTable, key: &SourceKey, word: &str, instead: &str) {
    let message = format!("the {word} key {} is left out", shown(key));
    lowering.loses(Verdict::Impossible, "index-kind", key.place, &source.name, message).advice = Some(format!("instead: {instead}"));
}

/// The columns of a key that is made of columns alone, as the table calls them.
fn columns(table: &Table, key: &SourceKey) -> Option<Vec<String>> {
    let name = |part: &SourcePart| match part {
        SourcePart::Column { name, .. } => Some(table.column(name).map_or_else(|| fitting(name).to_owned(), |column| column.name.clone())),
        SourcePart::Expression { .. } => None,
    };
    key.parts.iter().map(name).collect()
}

fn has_prefix(key: &SourceKey) -> bool {
    key.parts.iter().any(|part| matches!(part, SourcePart::Column { prefix: Some(_), .. }))
}

fn unkeyable<'a>(lowering: &Lowering<'_>, table: &'a Table, columns: &'a [String]) -> Option<&'a str> {
    let is_key = |name: &&String| table.column(name).is_none_or(|column| keyable(&column.sql_type, lowering.options));
    columns.iter().find(|name| !is_key(name)).map(String::as_str)
}

fn primary(lowering: &mut Lowering<'_>, source: &SourceTable, table: &mut Table, key: &SourceKey) {
    let Some(columns) = columns(table, key) else { return };
    for name in &columns {
        if let Some(column) = table.column_mut(name) {
            column.not_null = true;
        }
    }
    if let Some(name) = unkeyable(lowering, table, &columns) {
        let message =
            format!("the primary key is left out: {name} is of a type that is no key; it is unique by an index where the dialect can");
        lowering.loses(Verdict::Impossible, "primary-key", key.place, &source.name, message);
        let key = SourceKey { name: Some("primary".to_owned()), ..key.clone() };
        return index(lowering, source, table, &key, true);
    }
    if has_prefix(key) {
        let message = "the primary key has a prefix: whole columns are the key, so that more values are different";
        lowering.loses(Verdict::Loss, "index-prefix", key.place, &source.name, message);
    }
    if columns.len() as u64 > borealis_dialect::limit("key columns", lowering.options.dialect) {
        let message = format!("the primary key is left out: it has {} columns", columns.len());
        lowering.loses(Verdict::Impossible, "key-columns", key.place, &source.name, message);
        return;
    }
    table.primary_key = Some(Key { place: key.place, name: None, columns, include: Vec::new(), nulls_not_distinct: false });
}

fn unique(lowering: &mut Lowering<'_>, source: &SourceTable, table: &mut Table, key: &SourceKey) {
    let plain = columns(table, key).filter(|columns| unkeyable(lowering, table, columns).is_none());
    let many = key.parts.len() as u64 > borealis_dialect::limit("key columns", lowering.options.dialect);
    let expressions = lowering.options.accepts("index/expression");
    match plain {
        Some(columns) if !(many || has_prefix(key) && expressions) => {
            if has_prefix(key) {
                let message =
                    format!("the unique key {} has a prefix: whole columns are unique, so that more values are allowed", shown(key));
                lowering.loses(Verdict::Loss, "index-prefix", key.place, &source.name, message);
            }
            let wish =
                key.name.as_ref().map_or_else(|| format!("{}_{}_key", source.name, columns.join("_")), |name| of_table(&source.name, name));
            let name = lowering.names.free(lowering.options.schema.as_deref(), &wish);
            table.uniques.push(Key { place: key.place, name: Some(name), columns, include: Vec::new(), nulls_not_distinct: false });
        }
        _ => index(lowering, source, table, key, true),
    }
}

fn index(lowering: &mut Lowering<'_>, source: &SourceTable, table: &mut Table, key: &SourceKey, unique: bool) {
    let mut parts = Vec::with_capacity(key.parts.len());
    for part in &key.parts {
        match self::part(lowering, source, table, key, part, unique) {
            Some(what) => parts.push(Part { what, nulls_first: None }),
            None => return,
        }
    }
    let plain = columns(table, key).map(|columns| columns.join("_"));
    let wish = key.name.clone().unwrap_or_else(|| format!("{}_idx", plain.unwrap_or_else(|| "expr".to_owned())));
    let name = lowering.names.free(lowering.options.schema.as_deref(), &of_table(&source.name, &wish));
    let index = Index { place: key.place, name, unique, parts, include: Vec::new(), nulls_not_distinct: false, predicate: None };
    table.indexes.extend(settle_index(table, index, lowering.options, &mut lowering.losses));
}

/// One part of an index. The prefix of a unique key is kept where the dialect has expressions, because it decides what is unique; another index is on the
/// whole column, so that comparisons with the column find it.
fn part(
    lowering: &mut Lowering<'_>,
    source: &SourceTable,
    table: &Table,
    key: &SourceKey,
    part: &SourcePart,
    unique: bool,
) -> Option<PartOf> {
    let (name, prefix) = match part {
        SourcePart::Column { name, prefix, .. } => (name, prefix),
        SourcePart::Expression { expression, .. } => {
            let translated = Translator { columns: &table.columns, open: false }.value(expression).map(|value| value.sql);
            let accepted = lowering.options.accepts("index/expression");
            let why = match translated {
                Ok(text) if accepted => return Some(PartOf::Expression(text)),
                Ok(_) => format!("the dialect {} has no indexes on expressions", lowering.options.dialect),
                Err(why) => why,
            };
            lowering.loses(
                Verdict::Impossible,
                "index-expression",
                key.place,
                &source.name,
                format!("the key {} is left out: {why}", shown(key)),
            );
            return None;
        }
    };
    let column = table.column(name);
    let name = column.map_or_else(|| fitting(name).to_owned(), |column| column.name.clone());
    let textual = column.is_some_and(|column| matches!(super::expr::yields_of(&column.sql_type), super::expr::Yields::Text));
    if let Some(length) = prefix.filter(|_| textual) {
        if unique && lowering.options.accepts("index/expression") {
            return Some(PartOf::Expression(format!("left({}, {length})", borealis_sql::deparse::quote::identifier(&name))));
        }
        let message = format!(
            "the key {}: all of {name} is indexed instead of its first {length} characters; values have room for about 1,900 bytes",
            shown(key)
        );
        lowering.loses(Verdict::Loss, "index-prefix", key.place, &source.name, message);
    }
    Some(PartOf::Column(name))
}

/// More indexes than a table may have: the last ones are left out.
fn too_many(lowering: &mut Lowering<'_>, source: &SourceTable, table: &mut Table) {
    let most = usize::try_from(borealis_dialect::limit("indexes per table", lowering.options.dialect)).unwrap_or(usize::MAX);
    let constraints = usize::from(table.primary_key.is_some()) + table.uniques.len();
    for index in table.indexes.split_off(table.indexes.len().min(most.saturating_sub(constraints))) {
        let message = format!("the index {} is left out: a table has at most {most}", index.name);
        lowering.loses(Verdict::Impossible, "index-count", index.place, &source.name, message);
    }
}
