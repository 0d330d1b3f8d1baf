//! What the files said so far, and what our own parser and binder say to the next statement.
//!
//! The schema is a catalog as the server keeps it, changed by the DDL of the files in their order. So the linter refuses what the server refuses because
//! it asks the same code. What only a live database can know (a table made elsewhere, a role, a function) is told apart by its SQLSTATE.

use std::cell::Cell;
use std::sync::Arc;

use borealis_catalog::snapshot::{ADMIN_ROLE, PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};
use borealis_catalog::{Catalog, Change, Table};
use borealis_dialect::{Dialect, Limits};
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, Settings, SqlError};
use borealis_sql::ast::{self, Statement};
use borealis_sql::bind::{self, BindContext, OidSource};
use borealis_sql::bound::Bound;
use borealis_sql::parse::{self, Parsed};

use crate::tokens::Name;

/// Trees deeper than this are parsed but not bound: the binder recurses, and no statement that people write is so deep.
const DEPTH_BOUND_MAX: usize = if cfg!(debug_assertions) { 40 } else { 300 };

/// The known schema.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(crate) catalog: Catalog,
    oids: Counter,
    search_path: Vec<Oid>,
    /// The session has allowed CREATE INDEX without ASYNC, which is built at once on a table that is empty.
    synchronous_indexes: bool,
    dialect: Dialect,
}

/// What our own parser and binder said to one statement.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The tree, when the parser accepted the statement.
    pub(crate) tree: Option<Statement>,
    /// The refusal; its position is in the file.
    pub(crate) error: Option<SqlError>,
    changes: Vec<Change>,
}

impl Reading {
    /// Neither parser nor binder has anything against it.
    pub(crate) fn is_accepted(&self) -> bool {
        self.error.is_none()
    }
}

impl Schema {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let search_path = vec![PG_CATALOG_SCHEMA, PUBLIC_SCHEMA];
        Self { catalog: Catalog::initial(), oids: Counter(Cell::new(Oid::FIRST_USER.0)), search_path, synchronous_indexes: false, dialect }
    }

    /// Reads a statement that stands at byte `offset` of its file.
    pub(crate) fn read(&self, text: &str, offset: usize) -> Reading {
        let mut reading = Reading::default();
        match parse::parse(text, self.dialect) {
            Ok(parsed) => parsed.into_iter().for_each(|parsed| self.read_parsed(parsed, &mut reading)),
            Err(error) => reading.error = Some(error),
        }
        if let Some(position) = reading.error.as_mut().and_then(|error| error.fields_mut().position.as_mut()) {
            *position += offset;
        }
        reading
    }

    fn read_parsed(&self, parsed: Parsed, reading: &mut Reading) {
        if reading.error.is_some() {
            return;
        }
        match parsed.statement {
            Err(error) => reading.error = Some(error),
            Ok(statement) => {
                let bound = if parsed.depth <= DEPTH_BOUND_MAX { self.bind(&statement) } else { Ok(Vec::new()) };
                match bound {
                    Ok(changes) => reading.changes.extend(changes),
                    Err(error) => reading.error = Some(error),
                }
                reading.tree.get_or_insert(statement);
            }
        }
    }

    /// The catalog changes of a statement that the binder accepts.
    fn bind(&self, statement: &Statement) -> Result<Vec<Change>> {
        let (settings, host) = (Settings::default(), NoHost);
        let eval = EvalContext { settings: &settings, transaction_timestamp: 0, statement_timestamp: 0, host: &host };
        let limits = Limits::of(self.dialect);
        let ctx = BindContext {
            catalog: &self.catalog,
            search_path: &self.search_path,
            eval: &eval,
            param_types: &[],
            current_role: ADMIN_ROLE,
            session_role: ADMIN_ROLE,
            checks_usage: true,
            dialect: self.dialect,
            limits: &limits,
            inline_routines: false,
            guarded: false,
            oids: &self.oids,
        };
        match statement {
            Statement::Explain(explain) => bind::bind(&explain.statement, &ctx).map(|_| Vec::new()),
            Statement::CreateIndex(create) if self.synchronous_indexes && !create.asynchronous => {
                let create = ast::CreateIndex { asynchronous: true, ..(**create).clone() };
                self.bind(&Statement::CreateIndex(Box::new(create)))
            }
            Statement::Copy(copy) => bind::bind_copy(copy, &ctx).map(|_| Vec::new()),
            statement if is_of_session(statement) => Ok(Vec::new()),
            statement => Ok(match bind::bind(statement, &ctx)?.statement {
                Bound::Ddl(ddl) => ddl.changes,
                _ => Vec::new(),
            }),
        }
    }

    /// A table by its name.
    pub(crate) fn table(&self, name: &Name) -> Option<&Arc<Table>> {
        match &name.schema {
            Some(schema) => self.catalog.table(self.catalog.schema(schema)?.oid, &name.name),
            None => self.search_path.iter().find_map(|schema| self.catalog.table(*schema, &name.name)),
        }
    }

    /// Takes over what an accepted statement changes.
    pub(crate) fn apply(&mut self, reading: &Reading) {
        if !reading.changes.is_empty() {
            self.catalog = self.catalog.apply(&reading.changes, 1);
        }
        match &reading.tree {
            Some(Statement::Set(set)) if set.name.eq_ignore_ascii_case("search_path") => self.set_search_path(set),
            Some(Statement::Set(set)) if set.name.eq_ignore_ascii_case("disable_sync_create_index") => {
                let value = set.values.as_ref().and_then(|values| values.first()).map_or("on", String::as_str).to_ascii_lowercase();
                self.synchronous_indexes = matches!(value.as_str(), "off" | "false" | "no" | "0");
            }
            Some(Statement::Reset { name, .. })
                if name.as_ref().is_none_or(|name| name.eq_ignore_ascii_case("disable_sync_create_index")) =>
            {
                self.synchronous_indexes = false;
            }
            _ => {}
        }
    }

    fn set_search_path(&mut self, set: &ast::Set) {
        let named = set.values.iter().flatten().filter_map(|name| self.catalog.schema(name)).map(|schema| schema.oid);
        let path: Vec<Oid> = std::iter::once(PG_CATALOG_SCHEMA).chain(named).collect();
        self.search_path = if path.len() > 1 { path } else { vec![PG_CATALOG_SCHEMA, PUBLIC_SCHEMA] };
    }
}

/// Statements about the session itself have nothing to bind.
fn is_of_session(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::Transaction(_)
            | Statement::Set(_)
            | Statement::Show { .. }
            | Statement::Reset { .. }
            | Statement::Call(_)
            | Statement::Deallocate { .. }
            | Statement::Analyze { .. }
            | Statement::SetConstraints { .. }
    )
}

/// Numbers for new objects.
#[derive(Clone, Debug)]
struct Counter(Cell<u32>);

impl OidSource for Counter {
    fn next_oid(&self) -> Oid {
        self.0.set(self.0.get().wrapping_add(1));
        Oid(self.0.get())
    }
}

/// Literals are read, nothing is run: no clock, no randomness, no session.
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
