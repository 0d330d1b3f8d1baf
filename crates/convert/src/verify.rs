//! The last word on a statement: Borealis's own binder, on a catalog made of the statements before it.

use borealis_dialect::Dialect;
use borealis_pgtypes::{Result, SqlError};
use borealis_sql::bind::bind;
use borealis_sql::bound::{Bound, BoundStatement};
use borealis_sql::parse;
use borealis_sql::rehearsal::Rehearsal;

/// A catalog in memory that statements are tried on.
pub(crate) struct Verifier(Rehearsal);

impl Verifier {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self(Rehearsal::new(dialect))
    }

    /// Whether the statement would be accepted now.
    pub(crate) fn accepts(&self, sql: &str) -> Result<()> {
        self.bound(sql).map(|_| ())
    }

    /// Runs a DDL statement.
    pub(crate) fn run(&mut self, sql: &str) -> Result<()> {
        if let Bound::Ddl(ddl) = self.bound(sql)?.statement {
            self.0.apply(&ddl.changes);
        }
        Ok(())
    }

    fn bound(&self, sql: &str) -> Result<BoundStatement> {
        let mut parsed = parse::parse(sql, self.0.dialect())?.into_iter();
        let (Some(parsed), None) = (parsed.next(), parsed.next()) else {
            return Err(SqlError::internal("not one statement"));
        };
        let statement = parsed.statement?;
        self.0.with_context(false, |context| bind(&statement, context))
    }
}

/// Whether the statement parses under the dialect: for statements about tables that are not in the source.
pub(crate) fn parses(sql: &str, dialect: Dialect) -> Result<()> {
    parse::parse(sql, dialect)?.into_iter().try_for_each(|one| one.statement.map(|_| ()))
}
