//! The last word on a statement: Borealis's own binder, on a catalog made of the statements before it.

use std::cell::Cell;

use borealis_catalog::Catalog;
use borealis_catalog::snapshot::{ADMIN_ROLE, PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};
use borealis_dialect::{Dialect, Limits};
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings, SqlError};
use borealis_sql::bind::{BindContext, OidSource, bind};
use borealis_sql::bound::Bound;
use borealis_sql::parse;

/// Constants are folded while binding; nothing that DDL keeps depends on the clock or the session.
struct NoHost;

impl Host for NoHost {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }

    fn session_function(&self, _: SessionFunction, _: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
        // A relation named in a default, `nextval('s'::regclass)`: which one does not decide whether the statement is accepted.
        Ok(Datum::Oid(Oid(1)))
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

struct Numbers(Cell<u32>);

impl OidSource for Numbers {
    fn next_oid(&self) -> Oid {
        self.0.set(self.0.get() + 1);
        Oid(self.0.get())
    }
}

/// A catalog in memory that statements are tried on.
pub(crate) struct Verifier {
    catalog: Catalog,
    oids: Numbers,
    settings: Settings,
    dialect: Dialect,
    limits: Limits,
}

impl Verifier {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let oids = Numbers(Cell::new(Oid::FIRST_USER.0));
        Self { catalog: Catalog::initial(), oids, settings: Settings::default(), dialect, limits: Limits::of(dialect) }
    }

    /// Whether the statement would be accepted now.
    pub(crate) fn accepts(&self, sql: &str) -> Result<()> {
        self.bound(sql).map(|_| ())
    }

    /// Runs a DDL statement.
    pub(crate) fn run(&mut self, sql: &str) -> Result<()> {
        if let Some(catalog) = self.bound(sql)? {
            self.catalog = catalog;
        }
        Ok(())
    }

    /// The catalog after the statement, when it changes it.
    fn bound(&self, sql: &str) -> Result<Option<Catalog>> {
        let host = NoHost;
        let eval = EvalContext { settings: &self.settings, transaction_timestamp: 0, statement_timestamp: 0, host: &host };
        let context = BindContext {
            catalog: &self.catalog,
            search_path: &[PG_CATALOG_SCHEMA, PUBLIC_SCHEMA],
            eval: &eval,
            param_types: &[],
            current_role: ADMIN_ROLE,
            session_role: ADMIN_ROLE,
            checks_usage: false,
            dialect: self.dialect,
            limits: &self.limits,
            inline_routines: false,
            guarded: false,
            oids: &self.oids,
        };
        let mut parsed = parse::parse(sql, self.dialect)?.into_iter();
        let (Some(parsed), None) = (parsed.next(), parsed.next()) else {
            return Err(SqlError::internal("not one statement"));
        };
        let bound = bind(&parsed.statement?, &context)?;
        Ok(if let Bound::Ddl(ddl) = &bound.statement { Some(self.catalog.apply(&ddl.changes, 1)) } else { None })
    }
}

/// Whether the statement parses under the dialect: for statements about tables that are not in the source.
pub(crate) fn parses(sql: &str, dialect: Dialect) -> Result<()> {
    parse::parse(sql, dialect)?.into_iter().try_for_each(|one| one.statement.map(|_| ()))
}
