//! FROM: every reference to a relation is resolved and marked, or replaced by a view's own query.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::facts::{Relation, View};
use super::{Enforcement, Place, Walk, qualified, refused, system};
use crate::ast::{Access, Alias, FunctionRef, JoinCondition, ObjectName, Query, Statement, TableRef};
use crate::parse;

impl Walk<'_> {
    pub(super) fn table_ref(&mut self, item: &mut TableRef) -> Result<()> {
        match item {
            TableRef::Table { .. } => self.table(item),
            TableRef::Subquery { query, lateral: _, alias: _, at: _ } => self.query(query),
            TableRef::Function(function) => {
                let FunctionRef { functions, rows_from: _, lateral: _, ordinality: _, alias: _, at: _ } = &mut **function;
                functions.iter_mut().try_for_each(|(call, _)| self.expr(call))
            }
            TableRef::Join { kind: _, left, right, condition, alias: _, at: _ } => {
                self.table_ref(left)?;
                self.table_ref(right)?;
                match condition {
                    JoinCondition::On(condition) => self.expr(condition),
                    JoinCondition::None | JoinCondition::Using { .. } | JoinCondition::Natural => Ok(()),
                }
            }
        }
    }

    fn table(&mut self, item: &mut TableRef) -> Result<()> {
        let TableRef::Table { name, only: _, alias, access } = item else { return Ok(()) };
        if access.is_some() || (name.schema.is_none() && self.ctes.contains(&name.name)) {
            return Ok(());
        }
        match self.resolve(name)? {
            Some(Relation::View(view)) if self.place != Place::Function => {
                let alias = Some(view_alias(&view, alias.take()));
                let at = name.at;
                let query = Box::new(self.view(&view)?);
                *item = TableRef::Subquery { query, lateral: false, alias, at };
            }
            Some(relation) => *access = Some(self.admit(name, &relation)?),
            // The binder says that it does not exist; should it find one after all, there is no mark on it.
            None if self.enforcement == Enforcement::Engine => {}
            None => return Err(undefined(name)),
        }
        Ok(())
    }

    /// What a name means where the walk is, the name now with its schema.
    pub(super) fn resolve(&mut self, name: &mut ObjectName) -> Result<Option<Relation>> {
        if self.place == Place::View && name.schema.is_none() {
            name.schema = Some("pg_catalog".to_owned());
        }
        let found = self.schema.relation(name.schema.as_deref(), &name.name);
        let schema = match &found {
            Some(Relation::Table(table)) => Some(&table.schema),
            Some(Relation::View(view)) => Some(&view.schema),
            Some(Relation::System { schema, .. }) => Some(schema),
            Some(Relation::Other(_)) | None => None,
        };
        if let Some(schema) = schema {
            name.schema = Some(schema.clone());
        }
        Ok(found)
    }

    /// The rows of a relation that may be read.
    pub(super) fn admit(&self, name: &ObjectName, relation: &Relation) -> Result<Access> {
        let open = match relation {
            Relation::Table(_) | Relation::View(_) if self.place == Place::Function => {
                Err(refused(format!("a function reads \"{}\"", name.name))
                    .hint("Write what the function does into the statement, where each table can be confined."))
            }
            Relation::Table(table) => self.guard.access(table),
            Relation::System { schema, name } if system::is_open(schema, name) => Ok(Access::Whole),
            Relation::System { schema, name } => {
                Err(refused(format!("{} may show what belongs to other tenants", qualified(schema, name))))
            }
            Relation::View(view) => {
                Err(refused(format!("view \"{}\" is not written through", view.name)).hint("Write the table under it."))
            }
            Relation::Other(kind) => Err(refused(format!("{kind} \"{}\" cannot be read", name.name))),
        };
        open.map_err(|error| if self.place == Place::Statement { error.at(name.at) } else { error })
    }

    /// A view's query, confined.
    fn view(&mut self, view: &View) -> Result<Query> {
        let name = qualified(&view.schema, &view.name);
        self.inside(Place::View, &format!("view {name}"), |walk| {
            let mut query = view_query(view, walk)?;
            walk.query(&mut query).map_err(|error| within(error, &name))?;
            Ok(query)
        })
    }
}

fn view_query(view: &View, walk: &Walk<'_>) -> Result<Query> {
    let parsed = parse::parse(&view.query, walk.dialect)?.into_iter().next();
    match parsed.map(|parsed| parsed.statement) {
        Some(Ok(Statement::Query(query))) => Ok(*query),
        Some(Err(error)) => Err(within(error, &view.name)),
        _ => Err(refused(format!("the query of view \"{}\" cannot be read", view.name))),
    }
}

/// Places in a view's text are none of the statement's.
fn within(mut error: SqlError, view: &str) -> SqlError {
    error.fields_mut().position = None;
    error.context(format!("view {view}"))
}

/// A view goes by its name and has its own column names; names given in FROM come first.
fn view_alias(view: &View, alias: Option<Alias>) -> Alias {
    let Alias { name, columns } = alias.unwrap_or_else(|| Alias { name: view.name.clone(), columns: Vec::new() });
    let rest = view.columns.iter().skip(columns.len()).cloned();
    Alias { name, columns: columns.iter().cloned().chain(rest).collect() }
}

/// `42P01`
pub(super) fn undefined(name: &ObjectName) -> SqlError {
    let shown = name.schema.as_ref().map_or_else(|| name.name.clone(), |schema| qualified(schema, &name.name));
    SqlError::new(SqlState::UNDEFINED_TABLE, format!("relation \"{shown}\" does not exist")).at(name.at)
}
