//! INHERITS: the columns that a table has of its parents.

use borealis_sql::parse::source::{Column, Table};

use super::reader::name_of;
use crate::place::Place;

/// All columns of a table in PostgreSQL's order: the parents', theirs first, then its own; a column that it declares again stays where it was.
pub(crate) fn columns<'a>(table: &'a Table, all: &'a [(Place, Table)]) -> Vec<&'a Column> {
    let mut columns = Vec::new();
    // No line of ancestors is longer than there are tables; one that is runs in a circle.
    collect(table, all, all.len(), &mut columns);
    columns
}

fn collect<'a>(table: &'a Table, all: &'a [(Place, Table)], depth: usize, columns: &mut Vec<&'a Column>) {
    for parent in table.parents.iter().filter(|_| depth > 0) {
        if let Some((_, parent)) = all.iter().find(|(_, other)| name_of(&other.name) == name_of(parent)) {
            collect(parent, all, depth - 1, columns);
        }
    }
    for column in &table.columns {
        match columns.iter_mut().find(|one| one.name == column.name) {
            Some(inherited) => *inherited = column,
            None => columns.push(column),
        }
    }
}
