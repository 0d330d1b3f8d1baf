//! Constraints. NOT NULL counts as a check here, under a name made of the numbers of schema, table and column.

use borealis_pgtypes::{Datum, Result};

use super::{catalog, schema, table_name, tables_with};
use crate::acl::{Class, Rights};
use crate::describe::check_clause;
use crate::snapshot::Constraint;
use crate::system::SystemContext;
use crate::system::constraint::{columns_of_check, key_columns, target_index};
use crate::system::value::{NULL, text, yes_or_no};
use crate::{Check, Column, ForeignKey, Table};

/// Rights of which one shows a table's constraints: all but SELECT.
fn not_select() -> Rights {
    Class::Table.all().without(Rights::SELECT)
}

fn not_null_name(table: &Table, column: &Column) -> String {
    format!("{}_{}_{}_not_null", table.schema, table.oid, column.number)
}

fn not_null(table: &Table) -> impl Iterator<Item = &Column> {
    table.live_columns().filter(|column| column.not_null)
}

fn name<'a>(constraint: &Constraint<'a>) -> &'a str {
    match constraint {
        Constraint::Unique(index) => &index.name,
        Constraint::Check(check) => &check.name,
        Constraint::Foreign(key) => &key.name,
    }
}

/// Catalog, schema and name of a constraint, which lives in its table's schema.
fn constraint_name(context: &SystemContext<'_>, table: &Table, name: &str) -> [Datum; 3] {
    [catalog(), schema(context, table.schema), text(name)]
}

fn kind(constraint: &Constraint<'_>) -> &'static str {
    match constraint {
        Constraint::Unique(index) if index.primary => "PRIMARY KEY",
        Constraint::Unique(_) => "UNIQUE",
        Constraint::Check(_) => "CHECK",
        Constraint::Foreign(_) => "FOREIGN KEY",
    }
}

pub(super) fn table_constraints(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |table: &Table, name: &str, kind: &str, foreign: Option<&ForeignKey>, distinct: Datum| {
        let ends = [
            text(kind),
            yes_or_no(foreign.is_some_and(|key| key.deferrable)),
            yes_or_no(foreign.is_some_and(|key| key.initially_deferred)),
            yes_or_no(true),
            distinct,
        ];
        constraint_name(context, table, name).into_iter().chain(table_name(context, table)).chain(ends).collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for table in tables_with(context, not_select()) {
        for (_, constraint) in table.constraints() {
            let (foreign, distinct) = match constraint {
                Constraint::Unique(index) if !index.primary => (None, yes_or_no(!index.nulls_not_distinct)),
                Constraint::Foreign(key) => (Some(key), NULL),
                Constraint::Unique(_) | Constraint::Check(_) => (None, NULL),
            };
            rows.push(row(table, name(&constraint), kind(&constraint), foreign, distinct));
        }
        rows.extend(not_null(table).map(|column| row(table, &not_null_name(table, column), "CHECK", None, NULL)));
    }
    Ok(rows)
}

fn clause(check: &Check) -> String {
    let suffix = if check.validated { "" } else { " NOT VALID" };
    format!("{}{suffix}", check_clause(check, false))
}

pub(super) fn check_constraints(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for table in tables_with(context, not_select()) {
        let row = |name: &str, clause: &str| constraint_name(context, table, name).into_iter().chain([text(clause)]).collect::<Vec<_>>();
        rows.extend(table.checks.iter().map(|check| row(&check.name, &clause(check))));
        rows.extend(not_null(table).map(|column| {
            let clause = format!("{} IS NOT NULL", column.name);
            row(&not_null_name(table, column), &clause)
        }));
    }
    for domain in context.catalog.domains().filter(|domain| super::domains::visible(context, domain)) {
        let named = |check: &Check| [catalog(), schema(context, domain.schema), text(&check.name)];
        rows.extend(domain.checks.iter().map(|check| named(check).into_iter().chain([text(&clause(check))]).collect::<Vec<_>>()));
    }
    Ok(rows)
}

fn column_name(table: &Table, number: i16) -> Datum {
    table.column_number(number).map_or(NULL, |column| text(&column.name))
}

/// The place of a referenced column in the key it belongs to, from 1.
fn position_in_target(context: &SystemContext<'_>, key: &ForeignKey, at: usize) -> Datum {
    let position = || {
        let target = target_index(context.catalog, key)?;
        let column = key.target_columns.get(at)?;
        let position = key_columns(target).iter().position(|candidate| candidate == column)?;
        i32::try_from(position + 1).ok()
    };
    position().map_or(NULL, Datum::Int4)
}

pub(super) fn key_column_usage(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for table in tables_with(context, Class::Column.all()) {
        for (_, constraint) in table.constraints() {
            let (columns, foreign) = match constraint {
                Constraint::Unique(index) => (key_columns(index), None),
                Constraint::Foreign(key) => (key.columns.clone(), Some(key)),
                Constraint::Check(_) => continue,
            };
            for (at, (ordinal, number)) in (1_i32..).zip(columns).enumerate() {
                let target = foreign.map_or(NULL, |key| position_in_target(context, key, at));
                let named = constraint_name(context, table, name(&constraint)).into_iter().chain(table_name(context, table));
                rows.push(named.chain([column_name(table, number), Datum::Int4(ordinal), target]).collect());
            }
        }
    }
    Ok(rows)
}

/// The table and columns a constraint depends on: a foreign key's are those it references.
fn used<'a>(context: &'a SystemContext<'_>, table: &'a Table, constraint: &Constraint<'_>) -> Option<(&'a Table, Vec<i16>)> {
    Some(match constraint {
        Constraint::Unique(index) => (table, key_columns(index)),
        Constraint::Check(check) => (table, columns_of_check(table, check)),
        Constraint::Foreign(key) => (context.catalog.table_by_oid(key.target)?, key.target_columns.clone()),
    })
}

/// Shown to the owner of the table depended on.
fn owned(context: &SystemContext<'_>, table: &Table) -> bool {
    super::standing(context).has_privileges_of(table.owner)
}

pub(super) fn constraint_column_usage(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for table in context.catalog.tables() {
        for (_, constraint) in table.constraints() {
            let Some((on, columns)) = used(context, table, &constraint).filter(|(on, _)| owned(context, on)) else { continue };
            rows.extend(columns.into_iter().map(|number| {
                let named = constraint_name(context, table, name(&constraint));
                table_name(context, on).into_iter().chain([column_name(on, number)]).chain(named).collect::<Vec<_>>()
            }));
        }
    }
    Ok(rows)
}

pub(super) fn constraint_table_usage(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for table in context.catalog.tables() {
        for (_, constraint) in table.constraints().filter(|(_, constraint)| !matches!(constraint, Constraint::Check(_))) {
            let Some((on, _)) = used(context, table, &constraint).filter(|(on, _)| owned(context, on)) else { continue };
            let named = constraint_name(context, table, name(&constraint));
            rows.push(table_name(context, on).into_iter().chain(named).collect());
        }
    }
    Ok(rows)
}

fn rule(letter: char) -> &'static str {
    match letter {
        'c' => "CASCADE",
        'n' => "SET NULL",
        'd' => "SET DEFAULT",
        'r' => "RESTRICT",
        _ => "NO ACTION",
    }
}

/// The constraint behind what a foreign key references; all NULL when that is an index without one.
fn target_name(context: &SystemContext<'_>, key: &ForeignKey) -> [Datum; 3] {
    let target = context.catalog.table_by_oid(key.target);
    let index = target_index(context.catalog, key).filter(|index| index.constraint.is_some());
    match (target, index) {
        (Some(target), Some(index)) => constraint_name(context, target, &index.name),
        _ => [NULL, NULL, NULL],
    }
}

pub(super) fn referential_constraints(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |table: &Table, key: &ForeignKey| {
        let matching = text(if key.match_type == 'f' { "FULL" } else { "NONE" });
        let named = constraint_name(context, table, &key.name).into_iter().chain(target_name(context, key));
        named.chain([matching, text(rule(key.on_update)), text(rule(key.on_delete))]).collect::<Vec<_>>()
    };
    Ok(tables_with(context, not_select())
        .flat_map(|table| table.foreign_keys.iter().map(|key| row(table, key)).collect::<Vec<_>>())
        .collect())
}
