//! What a transaction did, as far as it may have to be told later: its session's name and the statements that changed or locked rows.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid};

/// Statements kept of one transaction: the latest.
const STATEMENTS_MAX: usize = 16;
/// Columns that a trail fills in `borealis.conflicts`.
pub(super) const COLUMNS: usize = 3;

/// The trail of one transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    application_name: Arc<str>,
    statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
struct Statement {
    text: Arc<str>,
    tables: Vec<Oid>,
}

impl Trail {
    /// The trail of a transaction that has done nothing yet.
    pub(crate) fn new(application_name: Arc<str>) -> Self {
        Self { application_name, statements: Vec::new() }
    }

    /// The transaction ran a statement on these tables.
    pub(crate) fn add(&mut self, text: &Arc<str>, tables: &[Oid]) {
        if self.statements.len() == STATEMENTS_MAX {
            self.statements.remove(0);
        }
        self.statements.push(Statement { text: text.clone(), tables: tables.to_vec() });
    }

    /// `application_name` of its session.
    pub(crate) fn application_name(&self) -> &str {
        &self.application_name
    }

    /// Whether it changed or locked anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Tables of its statements.
    pub(crate) fn tables(&self) -> impl Iterator<Item = Oid> + '_ {
        self.statements.iter().flat_map(|statement| statement.tables.iter().copied())
    }

    /// Fingerprint, statement without its constants, application name. The latest statement on the table is meant, else the latest.
    pub(super) fn columns(&self, table: Option<Oid>) -> Vec<Datum> {
        let on_table = |statement: &&Statement| table.is_some_and(|table| statement.tables.contains(&table));
        let statement = self.statements.iter().rev().find(on_table).or_else(|| self.statements.last());
        let text = |text: Option<String>| text.map_or(Datum::Null, |text| Datum::text(&text));
        vec![
            text(statement.and_then(|statement| borealis_sql::parse::fingerprint(&statement.text))),
            text(statement.and_then(|statement| borealis_sql::parse::without_constants(&statement.text))),
            Datum::text(&self.application_name),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_statement_on_the_table_is_meant() {
        let mut trail = Trail::new("shop".into());
        trail.add(&"UPDATE a SET x = 1".into(), &[Oid(1)]);
        trail.add(&"UPDATE b SET x = 'secret'".into(), &[Oid(2)]);
        let statement = |table| match &trail.columns(table)[1] {
            Datum::Text(text) => text.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(statement(Some(Oid(1))), "UPDATE a SET x = $1");
        assert_eq!(statement(Some(Oid(2))), "UPDATE b SET x = $1");
        assert_eq!(statement(None), "UPDATE b SET x = $1");
        for _ in 0..100 {
            trail.add(&"SELECT 1".into(), &[]);
        }
        assert_eq!(trail.statements.len(), STATEMENTS_MAX);
    }
}
