//! A table's replacement: what it is made of, and the statements of each phase that do not move rows.

use borealis_dialect::{Dialect, refusal};
use serde::{Deserialize, Serialize};

use super::{Basis, Estimate};
use crate::carry_over;
use crate::copy::Rows;
use crate::error::Result;
use crate::link::Link;
use crate::operations::direct::Step;
use crate::operations::{Draft, NewColumn, Rule};
use crate::sql::{self, KeyColumn, Range};
use crate::swap;
use crate::table::{Constraint, ConstraintKind, ForeignKey, Index, Sequence, Table};

/// Rows of one batch. A transaction may write 3,000; up to 1,000 are advised.
pub(crate) const BATCH_ROWS: u64 = 1_000;
/// Bytes of one batch as text. A transaction may write 10 MiB, index entries included.
const BATCH_BYTES: u64 = 3 * 1024 * 1024;

/// The plan of a table's recreation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recreation {
    /// The table as it is.
    pub original: Table,
    /// The ending that the names of the new table's constraints and indexes have until they get the original's.
    pub made_ending: String,
    /// The ending that those of the original have afterwards.
    pub kept_ending: String,
    /// The table that takes the original's place exists already: a run is reverted, and nothing is made or copied anew.
    pub exists: bool,
    /// The name of the new table until it takes the original's.
    pub new_table: String,
    /// The name of the original afterwards.
    pub old_table: String,
    /// What rows are told apart by.
    pub key: Vec<KeyColumn>,
    /// The new columns.
    pub columns: Vec<NewColumn>,
    /// The new constraints.
    pub constraints: Vec<Constraint>,
    /// The new indexes that stand behind no constraint.
    pub indexes: Vec<Index>,
    /// The new foreign keys.
    pub references: Vec<ForeignKey>,
    /// What every row must keep.
    pub rules: Vec<Rule>,
    /// Rows of a batch at first.
    pub batch_rows: u64,
    /// Whether the dialect renames indexes.
    pub renames_indexes: bool,
}

impl Recreation {
    pub(crate) fn new(draft: Draft, id: &str, dialect: Dialect) -> Self {
        let ending = format!("_{id}");
        Self {
            new_table: format!("new{ending}"),
            old_table: sql::with_ending(&draft.table.name, &format!("_old{ending}")),
            original: draft.table,
            kept_ending: format!("_old{ending}"),
            made_ending: ending,
            exists: false,
            key: draft.key,
            columns: draft.columns,
            constraints: draft.constraints,
            indexes: draft.indexes,
            references: draft.references,
            rules: draft.rules,
            batch_rows: BATCH_ROWS,
            renames_indexes: refusal("object/RENAME index", &[], dialect).is_none(),
        }
    }

    /// The new table as it is called until the swap.
    pub(crate) fn new_qualified(&self) -> String {
        sql::qualified(&self.original.schema, &self.new_table)
    }

    /// The original as it is called after the swap.
    pub(crate) fn old_qualified(&self) -> String {
        sql::qualified(&self.original.schema, &self.old_table)
    }

    /// A name of an index until the swap: the original's own has the name until then.
    pub(crate) fn interim(&self, name: &str) -> String {
        sql::with_ending(name, &self.made_ending)
    }

    /// A name of something that belongs to the original, once the new table has it.
    pub(crate) fn kept(&self, name: &str) -> String {
        sql::with_ending(name, &self.kept_ending)
    }

    /// The sequence behind an identity column of the new table, until it gets the original's name.
    pub(crate) fn made_sequence(&self, sequence: &Sequence) -> String {
        if self.exists { self.interim(&sequence.name) } else { sql::sequence_name(&self.new_table, &sequence.column) }
    }

    /// The statement that makes the new table.
    pub(crate) fn create_table(&self) -> String {
        let columns = self.columns.iter().map(|column| {
            let options = self.original.sequences.iter().find(|sequence| sequence.identity && sequence.column == column.column.name);
            crate::operations::definition(&column.column, options.map(|sequence| sequence.options.as_str()))
        });
        let constraints = self.constraints.iter().filter(|constraint| constraint.validated).map(|constraint| {
            let name = if constraint.kind == ConstraintKind::Check { constraint.name.clone() } else { self.interim(&constraint.name) };
            format!("CONSTRAINT {} {}", sql::name(&name), constraint.definition)
        });
        format!("CREATE TABLE {} (\n  {}\n)", self.new_qualified(), columns.chain(constraints).collect::<Vec<_>>().join(",\n  "))
    }

    /// Whether the server takes the definition and the expressions.
    pub(crate) async fn rehearse(&self, link: &Link<'_>) -> Result<()> {
        if self.exists {
            return Ok(());
        }
        link.rehearse("trying the new definition", [self.create_table()]).await?;
        let nothing = Range::behind(None);
        let trial = format!("{} AND false", Rows::before_swap(self).trial(&nothing));
        link.rows("trying the expressions of the copy", trial).await?;
        Ok(())
    }

    /// Rows of a batch for a table of this size.
    pub(crate) fn rows_of_batch(&self, estimate: &Estimate) -> u64 {
        match estimate.row_bytes {
            0 => self.batch_rows,
            bytes => self.batch_rows.min(BATCH_BYTES / bytes).max(1),
        }
    }

    pub(crate) fn losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        if !self.renames_indexes {
            let indexes = self
                .indexes
                .iter()
                .map(|index| format!("the name of index {}: the new one is called {}", index.name, self.interim(&index.name)));
            losses.extend(indexes);
        }
        losses
    }

    pub(crate) fn hazards(&self) -> Vec<String> {
        let name = self.original.qualified();
        let mut hazards = vec![
            format!(
                "at the swap {name} has no name between two renames: for as long as the last changes take where the server has a change feed (Borealis), \
                 else for the time of a comparison with the new table. Statements then fail with 42P01, running transactions with 40001 (OC001); writers \
                 that retry both lose nothing"
            ),
            format!("a process that dies inside the swap leaves {name} without its name until `borealis migrate resume`, or `abort`, is run"),
            "statements that name a constraint (ON CONFLICT ON CONSTRAINT) may fail for a moment after the swap, until the names are carried over".to_owned(),
        ];
        if !self.original.views.is_empty() {
            let views = self.original.views.iter().map(|view| view.qualified()).collect::<Vec<_>>().join(", ");
            hazards.push(format!("views ({views}) are dropped at the swap and created again over the new table"));
        }
        if self.original.referenced_by.iter().chain(&self.references).next().is_some() {
            hazards.push("foreign keys are added NOT VALID at the swap, binding from then on, and validated after it".to_owned());
        }
        hazards
    }

    /// The phases for people.
    pub(crate) fn describe(&self, estimate: &Estimate) -> Vec<String> {
        let batch = self.rows_of_batch(estimate);
        let mut lines = vec![
            format!(
                "The dialect has no statement for it: another table takes the place of {}, {} of {} bytes, {} in all.",
                self.original.qualified(),
                estimate.rows_in_words(),
                estimate.row_bytes,
                match estimate.basis {
                    Basis::AtLeast => format!("at least {}", crate::progress::bytes(estimate.bytes)),
                    Basis::Counted | Basis::Statistics => format!("about {}", crate::progress::bytes(estimate.bytes)),
                }
            ),
            String::new(),
        ];
        let drop = if self.exists { "nothing to undo".to_owned() } else { format!("DROP TABLE {}", self.new_qualified()) };
        let mut phase = |title: String, steps: &[Step], undo: &str| {
            lines.push(format!("  {title}"));
            lines.extend(
                steps
                    .iter()
                    .map(|step| format!("      {};{}", step.sql.replace('\n', "\n      "), if step.job { "  (waited for)" } else { "" })),
            );
            lines.push(format!("      undo: {undo}"));
        };
        phase(
            "1. check: every row is converted on trial; rows that do not fit are listed and nothing is made".to_owned(),
            &[],
            "nothing to undo",
        );
        phase("2. create".to_owned(), &carry_over::create(self), &drop);
        let batches = estimate.follows(&format!("{} batches", estimate.rows.div_ceil(batch.max(1))));
        let copy = match self.exists {
            true => format!("3. copy: nothing; {} has its rows from before", self.new_qualified()),
            false => format!("3. copy: {batches} of {batch} rows, each with its checkpoint in one transaction"),
        };
        phase(copy, &[], &drop);
        phase("4. index".to_owned(), &carry_over::indexes(self), &drop);
        let converge = "5. converge: ranges are compared by checksum and mended; what changes meanwhile is followed by the change feed, or found by \
                        comparing again, until it is little";
        phase(converge.to_owned(), &[], &drop);
        let back = format!("ALTER TABLE {} RENAME TO {}, then {drop}", self.old_qualified(), sql::name(&self.original.name));
        phase("6. fence: the original loses its name, and with it its writers".to_owned(), &swap::fence(self), &back);
        phase("7. catch up: the last differences are mended, all values verified".to_owned(), &swap::foreign_keys(self), &back);
        phase("8. switch".to_owned(), &swap::switch(self), "`borealis migrate resume` finishes it, then `revert`");
        phase("9. settle".to_owned(), &carry_over::settle(self), "`borealis migrate revert`");
        lines.push(format!("  The original stays as {} until you drop it.", self.old_qualified()));
        lines
    }
}
