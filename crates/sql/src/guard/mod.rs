//! The tenant guard: every row that a statement reads, writes or changes belongs to one tenant, or the statement is refused.
//!
//! [`confine`] walks the whole tree. Each reference to a relation is resolved with the schema's facts, written out with its schema and marked with the rows
//! it may touch ([`crate::ast::Access`]); a view becomes its query, confined in the same way. Nothing is searched for a condition that may already be there:
//! the mark is the proof. What cannot be resolved, has no tenant column, could read tables by itself or could change another tenant's rows is refused.
//!
//! A marked tree is put into force in one of two ways:
//! - [`Enforcement::Engine`]: the binder makes the mark a condition of the relation, before every other condition, checks each row that is written, and
//!   refuses a relation without a mark ([`crate::bind`], `confine.rs`). So names are resolved twice, here and there, and only where both agree is there a row.
//! - [`Enforcement::Text`]: [`Confined::text`] writes the tree as SQL for a database that knows nothing of guards. A mark becomes a subquery in the
//!   relation's place, or a condition of WHERE where that means the same; values of the tenant's column are proved or put in before. The text is made from
//!   the tree alone: what the walk did not see cannot be in it.
//!
//! Every node of the syntax tree is taken apart naming each field, so that new syntax does not compile before somebody has thought of it here.

mod cascade;
mod catalog;
mod expression;
mod facts;
mod from;
mod function;
mod query;
mod rules;
mod statement;
mod system;
mod tenant;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod write;

use std::collections::HashSet;

use borealis_dialect::Dialect;
use borealis_pgtypes::{Result, SqlError, SqlState};

use crate::ast::Statement;

pub use catalog::CatalogFacts;
pub use facts::{Cascade, Column, Relation, Routine, RoutineText, Schema, Table, View};
pub use rules::Guard;
pub use tenant::TenantType;

/// Name of the setting that holds a guard's rules.
pub const SETTING: &str = "borealis.tenant_guard";

/// Views in views, functions in functions.
const NESTING_MAX: usize = 32;

/// Who sees to it that the marks hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// Our own binder and executor.
    Engine,
    /// The text of the statement alone.
    Text,
}

/// A statement that touches one tenant's rows only.
#[derive(Clone, Debug, PartialEq)]
pub struct Confined {
    /// The tree with every relation marked.
    pub statement: Statement,
    /// For [`Enforcement::Text`]: parameters that the statement means as the tenant. Whatever their values, the tenant's is written; a value that
    /// [`Guard::admits`] does not is a mistake to tell before the statement runs.
    pub parameters: Vec<TenantParameter>,
}

/// A parameter where the tenant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TenantParameter {
    /// From 1.
    pub number: u32,
    /// Type of the tenant column.
    pub ty: TenantType,
}

/// Confines a statement to the guard's tenant.
///
/// # Errors
/// `42501` for what cannot be confined, with what to do about it; errors of the texts of views and functions.
pub fn confine(statement: &Statement, guard: &Guard, schema: &dyn Schema, dialect: Dialect, enforcement: Enforcement) -> Result<Confined> {
    let mut statement = statement.clone();
    let mut walk = Walk::new(guard, schema, dialect, enforcement);
    walk.statement(&mut statement)?;
    walk.parameters.sort_unstable();
    walk.parameters.dedup();
    Ok(Confined { statement, parameters: walk.parameters })
}

/// What names mean at the place where the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The statement itself: the search path counts.
    Statement,
    /// The query of a view, in which a bare name is one of `pg_catalog`.
    View,
    /// The body of a function, which may not read relations.
    Function,
}

/// The walk over one statement.
struct Walk<'a> {
    guard: &'a Guard,
    schema: &'a dyn Schema,
    dialect: Dialect,
    enforcement: Enforcement,
    place: Place,
    /// Names of WITH in scope.
    ctes: Vec<String>,
    /// Views and functions around the place.
    nesting: usize,
    /// Functions that have been looked into, or are being.
    cleared: HashSet<Routine>,
    parameters: Vec<TenantParameter>,
}

impl<'a> Walk<'a> {
    fn new(guard: &'a Guard, schema: &'a dyn Schema, dialect: Dialect, enforcement: Enforcement) -> Self {
        Self {
            guard,
            schema,
            dialect,
            enforcement,
            place: Place::Statement,
            ctes: Vec::new(),
            nesting: 0,
            cleared: HashSet::new(),
            parameters: Vec::new(),
        }
    }

    /// Walks what a view or a function is made of: names of the statement around it are not seen from there.
    fn inside<T>(&mut self, place: Place, what: &str, walk: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting == NESTING_MAX {
            return Err(refused(format!("{what} is nested too deeply to be analysed")));
        }
        let before = (self.place, std::mem::take(&mut self.ctes));
        self.place = place;
        self.nesting += 1;
        let result = walk(self);
        self.nesting -= 1;
        (self.place, self.ctes) = before;
        result
    }
}

/// `42501`
fn refused(what: impl std::fmt::Display) -> SqlError {
    SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("tenant guard: {what}"))
}

/// `schema.name`
fn qualified(schema: &str, name: &str) -> String {
    format!("{schema}.{name}")
}
