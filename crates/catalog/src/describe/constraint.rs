//! `pg_get_constraintdef`.

use std::fmt::Write as _;

use borealis_pgtypes::Oid;

use super::expression::pretty as strip;
use super::{Names, column_list, relation_name};
use crate::snapshot::Constraint;
use crate::{Check, ForeignKey, Index, IndexKeyPart, Table};

/// `pg_get_constraintdef(oid, pretty)`; `None` when there is no such constraint.
#[must_use]
pub fn constraint_definition(names: &Names<'_>, oid: Oid, pretty: bool) -> Option<String> {
    if let Some(domain) = names.catalog.domain_of_constraint(oid) {
        return domain.checks.iter().find(|check| check.oid == oid).map(|check| check_definition(check, pretty));
    }
    let (constraint, table) = names.catalog.constraint_by_oid(oid)?;
    Some(match constraint {
        Constraint::Unique(index) => unique(index, table),
        Constraint::Check(check) => check_definition(check, pretty),
        Constraint::Foreign(key) => foreign(names, key, table),
    })
}

fn check_definition(check: &Check, pretty: bool) -> String {
    format!("CHECK {}{}", check_clause(check, pretty), not_valid(check.validated))
}

/// The condition as it stands after `CHECK `, parentheses included.
#[must_use]
pub fn check_clause(check: &Check, pretty: bool) -> &str {
    let inner = strip(&check.expression);
    // What remains must still be one parenthesised whole; otherwise the outer pair is the clause's own.
    if pretty && inner.len() < check.expression.len() && strip(inner).len() < inner.len() { inner } else { &check.expression }
}

fn not_valid(validated: bool) -> &'static str {
    if validated { "" } else { " NOT VALID" }
}

fn unique(index: &Index, table: &Table) -> String {
    let plain = |part: &IndexKeyPart| match part {
        IndexKeyPart::Column(number) => Some(*number),
        IndexKeyPart::Expression(..) => None,
    };
    let keys: Vec<i16> = index.keys.iter().filter_map(|key| plain(&key.part)).collect();
    let mut text = if index.primary { "PRIMARY KEY (".to_owned() } else { "UNIQUE ".to_owned() };
    if !index.primary {
        text.push_str(if index.nulls_not_distinct { "NULLS NOT DISTINCT (" } else { "(" });
    }
    text.push_str(&column_list(table, &keys));
    text.push(')');
    let include = table.index_include(index);
    if !include.is_empty() {
        let _ = write!(text, " INCLUDE ({})", column_list(table, &include));
    }
    text
}

fn foreign(names: &Names<'_>, key: &ForeignKey, table: &Table) -> String {
    let target = names.catalog.table_by_oid(key.target);
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {}({})",
        column_list(table, &key.columns),
        relation_name(names, key.target).unwrap_or_else(|| key.target.to_string()),
        target.map(|target| column_list(target, &key.target_columns)).unwrap_or_default()
    );
    if key.match_type == 'f' {
        text.push_str(" MATCH FULL");
    }
    for (event, letter) in [("UPDATE", key.on_update), ("DELETE", key.on_delete)] {
        if let Some(action) = action(letter) {
            let _ = write!(text, " ON {event} {action}");
            if event == "DELETE" && !key.delete_columns.is_empty() {
                let _ = write!(text, " ({})", column_list(table, &key.delete_columns));
            }
        }
    }
    if key.deferrable {
        text.push_str(" DEFERRABLE");
    }
    if key.initially_deferred {
        text.push_str(" INITIALLY DEFERRED");
    }
    text.push_str(not_valid(key.validated));
    text
}

/// The action a letter of `confupdtype` stands for; nothing is written for NO ACTION.
fn action(letter: char) -> Option<&'static str> {
    match letter {
        'r' => Some("RESTRICT"),
        'c' => Some("CASCADE"),
        'n' => Some("SET NULL"),
        'd' => Some("SET DEFAULT"),
        _ => None,
    }
}
