//! The binder without a server: what it says to statements over a catalog that earlier statements have made.
//!
//! For tools that must not disagree with the server about a statement before it is sent. There is no session, no clock and no data: what only those could
//! tell is not asked.

use std::cell::Cell;

use borealis_catalog::snapshot::{ADMIN_ROLE, PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};
use borealis_catalog::{Catalog, Change};
use borealis_dialect::{Dialect, Limits};
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings};

use crate::bind::{BindContext, OidSource};

/// A cluster that exists in its catalog only, as `admin` sees it.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// What there is.
    pub catalog: Catalog,
    /// Schemas searched for unqualified names, the implicit one included.
    pub search_path: Vec<Oid>,
    oids: Numbers,
    settings: Settings,
    dialect: Dialect,
    limits: Limits,
}

impl Rehearsal {
    /// A new cluster.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            catalog: Catalog::initial(),
            search_path: vec![PG_CATALOG_SCHEMA, PUBLIC_SCHEMA],
            oids: Numbers(Cell::new(Oid::FIRST_USER.0)),
            settings: Settings::default(),
            dialect,
            limits: Limits::of(dialect),
        }
    }

    /// Its surface.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Binds with the catalog as it stands. `checks_usage`: whether schemas must let `admin` in.
    pub fn with_context<T>(&self, checks_usage: bool, bind: impl FnOnce(&BindContext<'_>) -> T) -> T {
        let eval = EvalContext { settings: &self.settings, transaction_timestamp: 0, statement_timestamp: 0, host: &NoHost };
        bind(&BindContext {
            catalog: &self.catalog,
            search_path: &self.search_path,
            eval: &eval,
            param_types: &[],
            current_role: ADMIN_ROLE,
            session_role: ADMIN_ROLE,
            checks_usage,
            dialect: self.dialect,
            limits: &self.limits,
            inline_routines: false,
            guarded: false,
            oids: &self.oids,
        })
    }

    /// Takes the changes of a DDL statement over.
    pub fn apply(&mut self, changes: &[Change]) {
        if !changes.is_empty() {
            self.catalog.advance(changes, 1);
        }
    }
}

/// Numbers for new objects.
#[derive(Clone, Debug)]
struct Numbers(Cell<u32>);

impl OidSource for Numbers {
    fn next_oid(&self) -> Oid {
        self.0.set(self.0.get().wrapping_add(1));
        Oid(self.0.get())
    }
}

/// Literals are read, nothing is run: no clock, no randomness, no session. A relation named in a default, `nextval('s'::regclass)`, is none that is known:
/// which one it is does not decide whether the statement is accepted.
struct NoHost;

impl Host for NoHost {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }

    fn session_function(&self, _: SessionFunction, _: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
        Ok(Datum::Null)
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}
