//! LIKE in CREATE TABLE: columns of another table, and what INCLUDING brings along.

use std::sync::Arc;

use borealis_catalog::acl::Rights;
use borealis_catalog::privilege::Guarded;
use borealis_catalog::{Acl, Check, Column, Index, IndexKeyPart, IndexState, Table, UniqueConstraint};
use borealis_pgtypes::Result;

use super::create_table::check_new_column;
use super::name::{distinct_columns, joined};
use super::ownership::permission_denied;
use super::{Work, lookup};
use crate::ast::{LikeOption, ObjectName};

/// A LIKE clause whose columns are in the table already.
pub(crate) struct Like {
    source: Arc<Table>,
    including: Vec<LikeOption>,
    /// For each column of the source, its number in the new table; 0 for a dropped one.
    numbers: Vec<i16>,
}

impl Work<'_> {
    pub(crate) fn like_columns(&mut self, table: &mut Table, name: &ObjectName, including: &[LikeOption]) -> Result<Like> {
        let source = self.table_if_any(name)?.ok_or_else(|| lookup::undefined_relation(name).at(name.at))?;
        if !self.standing.holds(&Guarded::table(&source), Rights::SELECT) {
            return Err(permission_denied("table", &source.name));
        }
        let has = |option: LikeOption| including.contains(&option);
        let mut numbers = Vec::with_capacity(source.columns.len());
        for column in &source.columns {
            if column.dropped {
                numbers.push(0);
                continue;
            }
            check_new_column(table, &column.name)?;
            let number = i16::try_from(table.columns.len() + 1).unwrap_or(i16::MAX);
            numbers.push(number);
            let own = borealis_pgtypes::types::by_oid(column.ty.oid).map_or('p', |info| info.storage);
            table.columns.push(Column {
                number,
                default: column.default.clone().filter(|_| has(LikeOption::Defaults)),
                identity: None,
                generated: column.generated.clone().filter(|_| has(LikeOption::Generated)),
                storage: if has(LikeOption::Storage) { column.storage } else { own },
                acl: Acl::default(),
                comment: column.comment.clone().filter(|_| has(LikeOption::Comments)),
                ..column.clone()
            });
            if let Some(identity) = column.identity.as_ref().filter(|_| has(LikeOption::Identity)) {
                self.like_identity(table, number, identity)?;
            }
        }
        Ok(Like { source, including: including.to_vec(), numbers })
    }

    /// CHECKs and indexes, once all columns are there.
    pub(crate) fn like_rest(&mut self, table: &mut Table, like: &Like) -> Result<()> {
        if like.including.contains(&LikeOption::Constraints) {
            // PostgreSQL copies them by name.
            let mut checks: Vec<&Check> = like.source.checks.iter().collect();
            checks.sort_by(|a, b| a.name.cmp(&b.name));
            for check in checks {
                super::constraint::check_constraint_free(table, &check.name)?;
                let comment = check.comment.clone().filter(|_| like.including.contains(&LikeOption::Comments));
                table.checks.push(Check { oid: self.next_oid(), validated: true, comment, ..check.clone() });
            }
        }
        if like.including.contains(&LikeOption::Statistics) {
            let moved = |number: i16| like.numbers.get(super::lookup::place(number)).copied().unwrap_or(0);
            self.like_statistics(table, like.source.oid, moved);
        }
        if like.including.contains(&LikeOption::Indexes) {
            for index in like.source.all_indexes().filter(|index| index.state == IndexState::Valid) {
                self.like_index(table, index, like)?;
            }
        }
        Ok(())
    }

    fn like_index(&mut self, table: &mut Table, index: &Index, like: &Like) -> Result<()> {
        let moved = |number: i16| like.numbers.get(super::lookup::place(number)).copied().unwrap_or(0);
        let mut copy = index.clone();
        copy.oid = self.next_oid();
        copy.constraint = index.constraint.as_ref().map(|_| UniqueConstraint { oid: self.next_oid(), comment: None });
        copy.comment = index.comment.clone().filter(|_| like.including.contains(&LikeOption::Comments));
        for key in &mut copy.keys {
            if let IndexKeyPart::Column(number) = &mut key.part {
                *number = moved(*number);
            }
        }
        copy.include.iter_mut().for_each(|number| *number = moved(*number));
        let names = index_column_names(&copy, table);
        copy.name = match (&copy.constraint, copy.primary) {
            (_, true) => self.choose_index_name(table, None, "pkey"),
            (Some(_), false) => self.choose_index_name(table, Some(&joined(&names)), "key"),
            (None, false) => self.choose_index_name(table, Some(&joined(&names)), "idx"),
        };
        if copy.primary {
            for key in &copy.keys {
                if let IndexKeyPart::Column(number) = key.part {
                    table.columns[super::lookup::place(number)].not_null = true;
                }
            }
            table.primary_key = Some(copy);
        } else {
            table.indexes.push(copy);
        }
        Ok(())
    }
}

/// Names an index's default name is made of.
fn index_column_names(index: &Index, table: &Table) -> Vec<String> {
    let name = |number: i16| table.column_number(number).map_or_else(|| "expr".to_owned(), |column| column.name.clone());
    let keys = index.keys.iter().map(|key| match &key.part {
        IndexKeyPart::Column(number) => name(*number),
        IndexKeyPart::Expression(..) => "expr".to_owned(),
    });
    distinct_columns(keys.chain(index.include.iter().map(|number| name(*number))).collect())
}
