//! What the files said so far, and what our own parser and binder say to the next statement.
//!
//! The schema is a catalog as the server keeps it, changed by the DDL of the files in their order. So the linter refuses what the server refuses because
//! it asks the same code. What only a live database can know (a table made elsewhere, a role, a function) is told apart by its SQLSTATE.

use std::sync::Arc;

use borealis_catalog::snapshot::{PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};
use borealis_catalog::{Catalog, Change, Table};
use borealis_dialect::Dialect;
use borealis_pgtypes::{Oid, Result, SqlError};
use borealis_sql::ast::{self, Statement};
use borealis_sql::bind;
use borealis_sql::bound::Bound;
use borealis_sql::parse::{self, Parsed};
use borealis_sql::rehearsal::Rehearsal;

use crate::tokens::Name;

/// Trees deeper than this are parsed but not bound: the binder recurses, and no statement that people write is so deep.
const DEPTH_BOUND_MAX: usize = if cfg!(debug_assertions) { 40 } else { 300 };

/// The known schema.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    rehearsal: Rehearsal,
    /// The session has allowed CREATE INDEX without ASYNC, which is built at once on a table that is empty.
    synchronous_indexes: bool,
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
        Self { rehearsal: Rehearsal::new(dialect), synchronous_indexes: false }
    }

    /// Reads a statement that stands at byte `offset` of its file.
    pub(crate) fn read(&self, text: &str, offset: usize) -> Reading {
        let mut reading = Reading::default();
        match parse::parse(text, self.rehearsal.dialect()) {
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
        match statement {
            Statement::CreateIndex(create) if self.synchronous_indexes && !create.asynchronous => {
                let create = ast::CreateIndex { asynchronous: true, ..(**create).clone() };
                self.bind(&Statement::CreateIndex(Box::new(create)))
            }
            statement if statement.is_of_session() => Ok(Vec::new()),
            statement => self.rehearsal.with_context(true, |ctx| match statement {
                Statement::Explain(explain) => bind::bind(&explain.statement, ctx).map(|_| Vec::new()),
                Statement::Copy(copy) => bind::bind_copy(copy, ctx).map(|_| Vec::new()),
                statement => Ok(match bind::bind(statement, ctx)?.statement {
                    Bound::Ddl(ddl) => ddl.changes,
                    _ => Vec::new(),
                }),
            }),
        }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.rehearsal.catalog
    }

    /// A table by its name.
    pub(crate) fn table(&self, name: &Name) -> Option<&Arc<Table>> {
        match &name.schema {
            Some(schema) => self.catalog().table(self.catalog().schema(schema)?.oid, &name.name),
            None => self.rehearsal.search_path.iter().find_map(|schema| self.catalog().table(*schema, &name.name)),
        }
    }

    /// Takes over what an accepted statement changes.
    pub(crate) fn apply(&mut self, reading: &Reading) {
        self.rehearsal.apply(&reading.changes);
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
        let named = set.values.iter().flatten().filter_map(|name| self.catalog().schema(name)).map(|schema| schema.oid);
        let path: Vec<Oid> = std::iter::once(PG_CATALOG_SCHEMA).chain(named).collect();
        self.rehearsal.search_path = if path.len() > 1 { path } else { vec![PG_CATALOG_SCHEMA, PUBLIC_SCHEMA] };
    }
}
