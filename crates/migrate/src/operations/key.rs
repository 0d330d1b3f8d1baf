//! Another primary key.

use super::{Draft, Rule};
use crate::error::{MigrateError, Result};
use crate::sql;
use crate::table::{Constraint, ConstraintKind, Index};

impl Draft {
    /// The old key's columns stay: by them each new row is found from its old one until the tables have changed places.
    pub(super) fn primary_key(&mut self, columns: &[String]) -> Result<()> {
        if columns.is_empty() {
            return Err(MigrateError::refused("a primary key has at least one column"));
        }
        for column in columns {
            let new = self.column_mut(column)?;
            let nullable = !new.column.not_null;
            new.column.not_null = true;
            if nullable {
                self.rules.push(Rule::NotNull { column: column.clone() });
            }
        }
        self.rules.push(Rule::Unique { columns: columns.to_vec(), nulls_distinct: true });
        let old = self.constraints.iter().position(|constraint| constraint.kind == ConstraintKind::PrimaryKey);
        let name = match old {
            Some(old) => self.constraints.remove(old).name,
            None => sql::with_ending(&self.table.name, "_pkey"),
        };
        let list = sql::names(columns.iter().map(String::as_str));
        let key = Constraint {
            name,
            kind: ConstraintKind::PrimaryKey,
            definition: format!("PRIMARY KEY ({list})"),
            columns: columns.to_vec(),
            validated: true,
            comment: None,
        };
        self.constraints.insert(0, key);
        if !self.finds_by_key() {
            self.keep_old_key_unique();
        }
        Ok(())
    }

    fn keep_old_key_unique(&mut self) {
        let columns: Vec<String> = self.key.iter().map(|key| key.name.clone()).collect();
        let list = sql::names(columns.iter().map(String::as_str));
        let name = sql::with_ending(&format!("{}_{}", self.table.name, columns.join("_")), "_former_key");
        self.hazards.push(format!("a unique index {name} on the former key ({list}) stays: rows are found by it during the migration; drop it when nobody needs it"));
        self.indexes.push(Index {
            name,
            unique: true,
            valid: true,
            constraint: false,
            definition: format!("({list})"),
            keys: columns.len(),
            columns,
            uses: Vec::new(),
            plain: true,
            comment: None,
        });
    }
}
