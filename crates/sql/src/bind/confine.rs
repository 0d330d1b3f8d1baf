//! What a tenant guard has found, put into force.
//!
//! [`crate::guard`] says of every relation that a statement names which rows it may touch. Here that becomes a condition on the relation itself, below every
//! join and before every other condition, and on the rows that are written. The guard reads the statement as it is written; here names are resolved for
//! good. A relation that the guard has not seen (the query of a view, the body of a function, a name that means something else than it thought) is refused,
//! so that a mistake there shows nothing.

use borealis_catalog::Table;
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::operator::equal_operator;
use super::{BindContext, Binder, Node};
use crate::ast::{Access, ObjectName};
use crate::expr::{ColumnRef, Expr, ExprKind};

impl BindContext<'_> {
    /// Refuses a relation that the guard did not admit.
    pub(crate) fn check_admitted(&self, name: &ObjectName, access: Option<&Access>) -> Result<()> {
        if !self.guarded || access.is_some() {
            return Ok(());
        }
        let message = format!("tenant guard: \"{}\" is not read directly by the statement", name.name);
        let error = SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message);
        Err(error.hint("Functions that read tables cannot be called under a tenant guard. Query the table itself.").at(name.at))
    }
}

impl Binder<'_> {
    /// The condition on the rows of `table`, as relation 0; `None` when all may be touched.
    pub(crate) fn confined(&mut self, table: &Table, access: Option<&Access>) -> Result<Option<Expr>> {
        let Some(Access::Rows { column, value }) = access else { return Ok(None) };
        let place = table.live_columns().position(|known| known.name == *column);
        let place =
            place.ok_or_else(|| SqlError::internal(format!("table \"{}\" is confined by a column it does not have", table.name)))?;
        let ty = table.live_columns().nth(place).map(|column| column.ty.undeclared());
        let ty = ty.ok_or_else(|| SqlError::internal("a column without a type"))?;
        let column = Node::new(ExprKind::Column(ColumnRef { depth: 0, relation: 0, column: place }), ty, -1);
        let node = self.operator(&equal_operator(), Some(column), Self::string(value, -1), -1)?;
        Ok(Some(node.expr))
    }
}
