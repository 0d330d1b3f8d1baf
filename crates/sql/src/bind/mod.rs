//! The binder: from names to things. It takes a syntax tree and a catalog snapshot and gives a tree in which every column, function, operator and type is
//! resolved as PostgreSQL 16 resolves it, with PostgreSQL's own errors where it cannot be.
//!
//! Theory of the module
//! - A [`Binder`] lives for one statement. It keeps a stack of [`scope::Level`]s, one per query being bound; an expression is always bound in the innermost
//!   level and may refer to outer ones, which is what [`crate::expr::ColumnRef::depth`] counts. *Every [`crate::bound::Query`] is a level*, also one whose
//!   body is VALUES or a set operation: a side of a UNION is one level below the UNION.
//! - Expressions are bound to [`node::Node`]s: the typed expression and where it stood, because most errors point at an operand.
//! - A string literal and an untyped parameter have type `unknown` until something asks for a type ([`coerce`]); what nobody asked for becomes `text`.
//! - An aggregate belongs to the level whose rows it is over, which may be an outer one ([`aggregate_level`]).
//! - One family a file: names ([`scope`], [`column`], [`missing`]), types ([`typename`], [`coerce`], [`common`], [`polymorphic`]), calls ([`candidates`],
//!   [`operator`], [`function`], [`aggregate`], [`window`]), queries ([`select`], [`from`], [`target`], [`group`], [`order`], [`set_operation`], [`cte`]) and
//!   statements ([`insert`], [`conflict`], [`update`], [`write`]).
//!
//! Rows that have no relation (INSERT's RETURNING and ON CONFLICT, CHECK, DEFAULT, index expressions) are bound over [`crate::expr::ExprKind::Slot`]s. A
//! subquery inside such an expression sees slot `n` of the enclosing row as `ColumnRef { depth, relation: 0, column: n }`.

mod aggregate;
mod aggregate_level;
mod boolean;
mod call;
mod candidates;
mod case;
mod clause;
mod coerce;
mod column;
mod common;
mod comparison;
mod confine;
mod conflict;
mod cte;
mod domain;
mod element;
pub(crate) mod equal;
mod expression;
pub(crate) mod foreign_key;
mod from;
mod function;
mod group;
mod grouping_sets;
mod insert;
mod join;
mod json;
mod literal;
mod missing;
mod node;
mod operator;
mod order;
mod parameter;
mod permission;
mod polymorphic;
mod record;
mod recursion;
pub(crate) mod references;
mod relation;
mod returning;
mod routine;
mod row_type;
mod scope;
mod select;
mod session;
mod set_operation;
mod shift;
mod stored;
mod subquery;
mod table_function;
mod target;
mod traversal;
mod typename;
pub(crate) mod updatable;
mod update;
mod values;
pub(crate) mod view;
pub(crate) mod walk;
mod window;
mod within_group;
mod write;

use borealis_catalog::Catalog;
use borealis_dialect::{Dialect, Limits};
use borealis_pgtypes::{EvalContext, Oid, Result, SqlError};

use crate::ast;
use crate::bound::{Bound, BoundStatement, OutputColumn};

pub(crate) use clause::Clause;
pub(crate) use domain::bind_domain_check;
pub(crate) use function::overloads as builtin_functions;
pub(crate) use node::Node;
pub(crate) use parameter::Params;
pub(crate) use record::{field_name, row_when_there};
pub(crate) use relation::{Found as RelationFound, display as display_name, find as find_relation, find_index};
pub(crate) use scope::Binder;
pub(crate) use set_operation::word as set_operation_word;
pub(crate) use stored::{bind_over, index_target};
pub(crate) use target::suggested_name;

pub use foreign_key::referencing_key;
pub use routine::{bind_routine, check_routine};
pub use session::{CopyTarget, bind_call_args, bind_copy};
pub use stored::{bind_stored_expr, write_target};
pub(crate) use typename::find as find_declared;
pub use typename::resolve_type;
pub use view::view_definition;

/// Everything a statement's meaning depends on besides its text.
#[derive(Clone, Copy)]
pub struct BindContext<'a> {
    /// The catalog snapshot.
    pub catalog: &'a Catalog,
    /// Schemas searched for unqualified names, in order, the implicit `pg_catalog` included. New objects go to the first that is no system schema.
    pub search_path: &'a [Oid],
    /// For the input functions of literals.
    pub eval: &'a EvalContext<'a>,
    /// Types of `$1..` as the client gave them; [`Oid::INVALID`] where it left them open.
    pub param_types: &'a [Oid],
    /// The role that asks.
    pub current_role: Oid,
    /// The role that is connected.
    pub session_role: Oid,
    /// Whether a schema that is named must be one the role may use: not where stored text is bound again, which names what it named when it was written.
    pub checks_usage: bool,
    /// What the dialect accepts.
    pub dialect: Dialect,
    /// The cluster's limits.
    pub limits: &'a Limits,
    /// Whether calls of functions in SQL may become what their bodies say: not where the expression is written back as text.
    pub inline_routines: bool,
    /// A tenant guard holds: a relation that it has not admitted is refused, whichever way the statement came to it.
    pub guarded: bool,
    /// Numbers for new objects.
    pub oids: &'a dyn OidSource,
}

/// Gives numbers to new objects. A number given is never given again, whether the statement succeeds or not.
pub trait OidSource {
    /// A number that no object has.
    fn next_oid(&self) -> Oid;
}

/// Binds a statement: a query, a data change or a catalog change. Statements about the session itself (SET, SHOW, BEGIN, COPY, EXPLAIN, CALL, ...) never
/// come here.
///
/// # Errors
/// PostgreSQL's own.
pub fn bind(statement: &ast::Statement, ctx: &BindContext<'_>) -> Result<BoundStatement> {
    if statement.is_definition() {
        return crate::ddl::bind(statement, ctx);
    }
    let mut binder = Binder::new(ctx);
    let (bound, columns) = binder.statement(statement)?;
    binder.finish(bound, columns)
}

impl Binder<'_> {
    /// Binds a statement that reads or writes rows, with its result columns.
    pub(crate) fn statement(&mut self, statement: &ast::Statement) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        match statement {
            ast::Statement::Query(query) => {
                let query = self.top_query(query)?;
                let columns = query.columns.clone();
                Ok((Bound::Query(query), Some(columns)))
            }
            ast::Statement::Insert(insert) => self.insert(insert),
            ast::Statement::Update(update) => self.update(update),
            ast::Statement::Delete(delete) => self.delete(delete),
            _ => Err(SqlError::internal("a statement of the session came to the binder")),
        }
    }

    pub(crate) fn finish(mut self, statement: Bound, columns: Option<Vec<OutputColumn>>) -> Result<BoundStatement> {
        let permissions = self.take_permissions();
        let params = self.params.finish()?;
        Ok(BoundStatement { statement, params, columns, views: self.views, notices: self.notices, permissions })
    }
}
