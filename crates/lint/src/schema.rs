//! What the files said so far, and what our own parser and binder say to the next statement.
//!
//! The schema is a catalog as the server keeps it, changed by the DDL of the files in their order. So the linter refuses what the server refuses because
//! it asks the same code. What only a live database can know (a table made elsewhere, a role, a function) is told apart in
//! [`crate::certainty`].

use std::collections::BTreeSet;
use std::sync::Arc;

use borealis_catalog::snapshot::{PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};
use borealis_catalog::{Catalog, Change, IndexState, Table};
use borealis_dialect::Dialect;
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};
use borealis_sql::ast::{self, Statement};
use borealis_sql::bind;
use borealis_sql::bound::Bound;
use borealis_sql::parse::{self, Parsed};
use borealis_sql::rehearsal::Rehearsal;

use crate::file::{altered_table, created_table};
use crate::tokens::{Name, Tokens};

/// Trees deeper than this are parsed but not bound: the binder recurses, and no statement that people write is so deep.
const DEPTH_BOUND_MAX: usize = if cfg!(debug_assertions) { 40 } else { 300 };

/// The known schema.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    rehearsal: Rehearsal,
    /// The session has allowed CREATE INDEX without ASYNC, which is built at once on a table that is empty.
    synchronous_indexes: bool,
    /// Tables that a refused statement was about: what it was meant to make of them is not known.
    doubtful: BTreeSet<String>,
    /// Relations that the files have dropped.
    dropped: BTreeSet<String>,
    /// Schemas that the files name and do not make.
    supposed: BTreeSet<String>,
    /// As it was before a transaction that is rolled back.
    kept: Option<Box<Rehearsal>>,
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

    /// The schema that the statement names, when it was refused because there is none of that name.
    pub(crate) fn missing_schema(&self) -> Option<String> {
        let error = self.error.as_ref().filter(|error| error.sqlstate() == SqlState::INVALID_SCHEMA_NAME)?;
        Some(error.message().strip_prefix("schema \"")?.strip_suffix("\" does not exist")?.to_owned())
    }
}

impl Schema {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            rehearsal: Rehearsal::new(dialect),
            synchronous_indexes: false,
            doubtful: BTreeSet::new(),
            dropped: BTreeSet::new(),
            supposed: BTreeSet::new(),
            kept: None,
        }
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
        self.advance(&reading.changes);
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

    /// Takes changes over, as they are when the jobs that they start have ended.
    fn advance(&mut self, changes: &[Change]) {
        let gone: Vec<String> = changes.iter().filter_map(|change| self.relation_before(change)).collect();
        let settled: Vec<Change> = changes.iter().map(settled).collect();
        self.rehearsal.apply(&settled);
        for name in gone {
            if self.has_relation(&name) {
                self.dropped.remove(&name);
            } else {
                self.dropped.insert(name);
            }
        }
    }

    /// The name that the relation of a change has no longer.
    fn relation_before(&self, change: &Change) -> Option<String> {
        match change {
            Change::PutTable(table) => {
                let known = self.catalog().table_by_oid(table.oid)?;
                ((&known.name, known.schema) != (&table.name, table.schema)).then(|| known.name.clone())
            }
            Change::DropTable(oid) => self.catalog().table_by_oid(*oid).map(|table| table.name.clone()),
            Change::DropView(oid) => self.catalog().view_by_oid(*oid).map(|view| view.name.clone()),
            _ => None,
        }
    }

    fn has_relation(&self, name: &str) -> bool {
        self.rehearsal.search_path.iter().any(|schema| self.catalog().relation_exists(*schema, name))
    }

    /// Did the files drop a relation of that name?
    pub(crate) fn has_dropped(&self, name: &str) -> bool {
        self.dropped.contains(name)
    }

    /// Is the schema one that the files have named, but not made?
    pub(crate) fn only_supposes(&self, schema: &str) -> bool {
        self.supposed.contains(schema)
    }

    /// A statement was refused: what its table looks like now is not known.
    pub(crate) fn doubt(&mut self, view: Tokens<'_>) {
        self.doubtful.extend(altered_table(view).or_else(|| created_table(view)).map(|table| table.name));
    }

    /// Does the statement name a table in doubt?
    pub(crate) fn doubts(&self, view: Tokens<'_>) -> bool {
        !self.doubtful.is_empty() && (0..view.len()).any(|index| view.identifier(index).is_some_and(|name| self.doubtful.contains(&name)))
    }

    /// A transaction begins that will be rolled back.
    pub(crate) fn keep(&mut self) {
        self.kept = Some(Box::new(self.rehearsal.clone()));
    }

    /// It is rolled back.
    pub(crate) fn restore(&mut self) {
        if let Some(kept) = self.kept.take() {
            self.rehearsal = *kept;
        }
    }

    /// Makes a schema that the files name and do not make; whether it is there now.
    pub(crate) fn suppose(&mut self, name: &str) -> bool {
        let create =
            Statement::CreateSchema { name: Some(name.to_owned()), if_not_exists: true, authorization: None, elements: Vec::new() };
        let made = self.bind(&create).is_ok_and(|changes| {
            self.rehearsal.apply(&changes);
            !changes.is_empty()
        });
        if made {
            self.supposed.insert(name.to_owned());
        }
        made
    }

    fn set_search_path(&mut self, set: &ast::Set) {
        let written = || set.values.iter().flatten().filter(|name| !name.is_empty() && *name != "$user");
        for name in written() {
            self.suppose(name);
        }
        let path: Vec<Oid> = std::iter::once(PG_CATALOG_SCHEMA)
            .chain(written().filter_map(|name| self.catalog().schema(name)).map(|schema| schema.oid))
            .collect();
        self.rehearsal.search_path = if path.len() > 1 { path } else { vec![PG_CATALOG_SCHEMA, PUBLIC_SCHEMA] };
    }
}

/// A change as it is when its job has ended: an index is built. Whether a file waits for its jobs is not written in it.
fn settled(change: &Change) -> Change {
    match change {
        Change::PutTable(table) if table.indexes.iter().any(|index| index.state == IndexState::Building) => {
            let mut table = (**table).clone();
            for index in table.indexes.iter_mut().filter(|index| index.state == IndexState::Building) {
                index.state = IndexState::Valid;
            }
            Change::PutTable(Arc::new(table))
        }
        other => other.clone(),
    }
}
