//! Dropping with dependencies: every DROP names objects, and what must go with them, is refused because of them or is told in notices is decided
//! here. After `performMultipleDeletions`.
//!
//! Which object depends on which is the catalog's knowledge ([`borealis_catalog::depend`]). A new kind of object adds its edges there, its words to
//! [`borealis_catalog::describe::object_description`], and to [`Removal::remove`] how it is taken away.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_catalog::depend::{self, Address, Class, Doomed};
use borealis_catalog::describe::{Names, object_description};
use borealis_catalog::{Acl, Catalog, Change, Table, View};
use borealis_pgtypes::{Oid, Result, Severity, SqlError, SqlState};

use super::{Work, lookup};
use crate::bound::JobRequest;

/// Dependent objects listed in one message; the rest is counted.
const REPORTED_MAX: usize = 100;

impl<'a> Work<'a> {
    /// The catalog as the statement has left it so far. Copied only when the statement has changed something.
    pub(crate) fn catalog(&self) -> Cow<'a, Catalog> {
        match self.changes.as_slice() {
            [] => Cow::Borrowed(self.ctx.catalog),
            changes => Cow::Owned(self.ctx.catalog.apply(changes, self.ctx.catalog.position)),
        }
    }
}

impl Work<'_> {
    /// An object as messages name it.
    pub(crate) fn description(&self, catalog: &Catalog, object: Address) -> String {
        object_description(&Names { catalog, search_path: self.ctx.search_path, database: "postgres" }, object)
    }

    /// Drops objects with everything that depends on them.
    ///
    /// # Errors
    /// `2BP01` when something else depends on one of them and `cascade` is not given, or when one is a part of another object.
    pub(crate) fn delete(&mut self, roots: &[Address], cascade: bool) -> Result<()> {
        let catalog = self.catalog();
        let edges = depend::edges(&catalog);
        let doomed = depend::deletion(&edges, roots).map_err(|blocked| {
            let (object, owner) = (self.description(&catalog, blocked.object), self.description(&catalog, blocked.owner));
            let message = format!("cannot drop {object} because {owner} requires it");
            SqlError::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message).hint(format!("You can drop {owner} instead."))
        })?;
        self.report(&catalog, &doomed, roots, cascade)?;
        let mut removal = Removal {
            catalog: &catalog,
            tables: BTreeMap::new(),
            views: BTreeMap::new(),
            changes: Vec::new(),
            affected: Vec::new(),
            jobs: Vec::new(),
        };
        for doomed in &doomed {
            removal.remove(doomed.object);
        }
        let Removal { tables, views, changes, affected, jobs, .. } = removal;
        self.affected.extend(affected);
        self.affected.extend(tables.keys().chain(views.keys()));
        self.changes.extend(tables.into_values().flatten().map(|table| Change::PutTable(Arc::new(table))));
        self.changes.extend(views.into_values().flatten().map(|view| Change::PutView(Arc::new(view))));
        self.changes.extend(changes);
        self.jobs.extend(jobs);
        Ok(())
    }

    /// The error without CASCADE, the notice with it.
    fn report(&mut self, catalog: &Catalog, doomed: &[Doomed], roots: &[Address], cascade: bool) -> Result<()> {
        let told = doomed.iter().rev().filter(|doomed| !doomed.silent);
        let lines: Vec<String> = told.map(|doomed| self.line(catalog, doomed, cascade)).collect();
        if lines.is_empty() {
            return Ok(());
        }
        if !cascade {
            let message = match roots {
                [root] => format!("cannot drop {} because other objects depend on it", self.description(catalog, *root)),
                _ => "cannot drop desired object(s) because other objects depend on them".to_owned(),
            };
            let error = SqlError::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message).detail(detail(&lines, "dependent"));
            return Err(error.hint("Use DROP ... CASCADE to drop the dependent objects too."));
        }
        match lines.as_slice() {
            [only] => self.notice(SqlState::SUCCESSFUL_COMPLETION, only.clone()),
            several => {
                let message = format!("drop cascades to {} other objects", several.len());
                let notice = SqlError::with_severity(Severity::Notice, SqlState::SUCCESSFUL_COMPLETION, message);
                self.notices.push(notice.detail(detail(several, "other")));
            }
        }
        Ok(())
    }

    fn line(&self, catalog: &Catalog, doomed: &Doomed, cascade: bool) -> String {
        let object = self.description(catalog, doomed.object);
        match doomed.because_of {
            Some(on) if !cascade => format!("{object} depends on {}", self.description(catalog, on)),
            _ => format!("drop cascades to {object}"),
        }
    }
}

fn detail(lines: &[String], kind: &str) -> String {
    let mut text = lines[..lines.len().min(REPORTED_MAX)].join("\n");
    match lines.len().saturating_sub(REPORTED_MAX) {
        0 => {}
        1 => text.push_str(&format!("\nand 1 {kind} object (see server log for list)")),
        more => text.push_str(&format!("\nand {more} {kind} objects (see server log for list)")),
    }
    text
}

/// Takes objects out of a catalog. A table or view that loses a part is written whole at the end; one that goes itself has `None` here.
struct Removal<'c> {
    catalog: &'c Catalog,
    tables: BTreeMap<Oid, Option<Table>>,
    views: BTreeMap<Oid, Option<View>>,
    changes: Vec<Change>,
    affected: Vec<Oid>,
    jobs: Vec<JobRequest>,
}

impl Removal<'_> {
    fn remove(&mut self, object: Address) {
        match object.class {
            Class::Relation if object.column == 0 => self.remove_relation(object.oid),
            Class::Relation => {
                if let Some(table) = self.table(object.oid) {
                    forget_column(table, object.column);
                }
            }
            Class::Constraint => self.remove_constraint(object.oid),
            Class::Default => self.remove_default(object.oid),
            Class::Schema => self.changes.push(Change::DropSchema(object.oid)),
            Class::Statistics => self.changes.push(Change::DropStatistics(object.oid)),
            Class::Type => self.remove_type(object.oid),
            Class::Function => {
                self.affected.push(object.oid);
                self.changes.push(Change::DropRoutine(object.oid));
            }
            // A rule is its view's.
            Class::Rule => {}
        }
    }

    /// A domain; a row type and an array type are what they are the types of.
    fn remove_type(&mut self, oid: Oid) {
        if self.catalog.domain_by_oid(oid).is_some() {
            self.changes.push(Change::DropDomain(oid));
        }
    }

    /// The table as it is by now, if it is a table and stays.
    fn table(&mut self, oid: Oid) -> Option<&mut Table> {
        let known = self.catalog.table_by_oid(oid)?;
        self.tables.entry(oid).or_insert_with(|| Some((**known).clone())).as_mut()
    }

    fn remove_relation(&mut self, oid: Oid) {
        if let Some(table) = self.catalog.table_by_oid(oid) {
            self.tables.insert(oid, None);
            self.changes.push(Change::DropTable(oid));
            self.jobs.push(JobRequest::DropStorage { relation: oid });
            // Its indexes went before it, each with its storage; the primary key has none of its own.
            debug_assert!(self.catalog.index_by_oid(table.oid).is_none(), "a table is no index");
        } else if self.catalog.view_by_oid(oid).is_some() {
            self.views.insert(oid, None);
            self.changes.push(Change::DropView(oid));
        } else if self.catalog.sequence_by_oid(oid).is_some() {
            self.affected.push(oid);
            self.changes.push(Change::DropSequence(oid));
        } else if let Some((index, table)) = self.catalog.index_by_oid(oid) {
            if !index.primary {
                self.jobs.push(JobRequest::DropStorage { relation: oid });
            }
            if let Some(table) = self.table(table.oid) {
                table.indexes.retain(|known| known.oid != oid);
                if table.primary_key.as_ref().is_some_and(|key| key.oid == oid) {
                    table.primary_key = None;
                }
            }
        }
    }

    fn remove_constraint(&mut self, oid: Oid) {
        let Some((_, table)) = self.catalog.constraint_by_oid(oid) else { return };
        if let Some(table) = self.table(table.oid) {
            table.checks.retain(|check| check.oid != oid);
            table.foreign_keys.retain(|key| key.oid != oid);
        }
    }

    fn remove_default(&mut self, oid: Oid) {
        let is_it = |relation: Oid, number: i16| borealis_catalog::system::default_oid(relation, number) == oid;
        let table = self.catalog.tables().find(|table| table.live_columns().any(|column| is_it(table.oid, column.number)));
        if let Some(table) = table.and_then(|table| self.table(table.oid)) {
            let relation = table.oid;
            for column in table.columns.iter_mut().filter(|column| is_it(relation, column.number)) {
                column.default = None;
            }
            return;
        }
        let view = self.catalog.views().find(|view| view.columns.iter().any(|column| is_it(view.oid, column.number)));
        let Some(view) = view else { return };
        if let Some(view) = self.views.entry(view.oid).or_insert_with(|| Some((**view).clone())) {
            let relation = view.oid;
            for column in view.columns.iter_mut().filter(|column| is_it(relation, column.number)) {
                column.default = None;
            }
        }
    }
}

/// A dropped column keeps its place: rows that were written with it are read by it.
fn forget_column(table: &mut Table, number: i16) {
    if let Some(key) = &mut table.primary_key {
        key.include.retain(|included| *included != number);
    }
    if let Some(column) = table.columns.get_mut(lookup::place(number)) {
        column.name = format!("........pg.dropped.{number}........");
        column.dropped = true;
        column.not_null = false;
        column.default = None;
        column.generated = None;
        column.identity = None;
        column.acl = Acl::default();
        column.comment = None;
    }
}
