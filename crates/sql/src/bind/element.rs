//! Assignment to an element of a column, `SET doc['a'][0] = ..`. After `transformAssignmentIndirection` and `jsonb_subscript_transform`.
//!
//! All that a statement assigns within one column is one call of [`ELEMENTS_ASSIGNED`], in the order written: as often as a generated statement names the
//! column, its tree is no deeper. No column has an array or a row for its type, so what is assigned to is always an element of a document.

use borealis_catalog::Column;
use borealis_pgtypes::functions::hidden::ELEMENTS_ASSIGNED;
use borealis_pgtypes::{CastContext, Datum, Oid, Result, SqlError, SqlState, Type};

use super::coerce::type_text;
use super::updatable::Writable;
use super::{Binder, Node};
use crate::ast::{self, InsertColumn, Step, Subscript};
use crate::expr::{Expr, ExprKind};

/// The type of a document and of its elements.
pub(crate) const DOCUMENT: Type = Type::plain(Oid::JSONB);

/// What a statement gives a column.
pub(crate) enum Given {
    Nothing,
    Whole(Expr),
    /// Arguments of [`ELEMENTS_ASSIGNED`] behind the document.
    Elements(Vec<Expr>),
}

impl Given {
    /// Adds what another assignment to the column gives it: only elements may be assigned more than once.
    pub(crate) fn add(&mut self, other: Self, column: &str) -> Result<()> {
        match (&mut *self, other) {
            (Self::Nothing, other) => *self = other,
            (Self::Elements(elements), Self::Elements(more)) => elements.extend(more),
            _ => {
                let message = format!("multiple assignments to same column \"{column}\"");
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, message));
            }
        }
        Ok(())
    }
}

/// One assignment as [`ELEMENTS_ASSIGNED`] takes it: the number of steps, the steps, the value.
pub(crate) fn element(path: Vec<Expr>, value: Expr) -> impl Iterator<Item = Expr> {
    let steps = i32::try_from(path.len()).unwrap_or(i32::MAX);
    std::iter::once(Expr::constant(Datum::Int4(steps), Type::plain(Oid::INT4))).chain(path).chain(std::iter::once(value))
}

impl Binder<'_> {
    /// The steps to the element named; empty when it is the whole column. `base_at` is where messages see the value that is subscripted.
    pub(crate) fn element_path(&mut self, named: &InsertColumn, column: &Column, base_at: i32) -> Result<Vec<Expr>> {
        let subscript = |step: &Step| match step {
            Step::Subscript(subscript) => Some(subscript.clone()),
            Step::Field(_) | Step::Star => None,
        };
        let subscripts: Vec<Subscript> = named.steps.iter().map_while(subscript).collect();
        if !subscripts.is_empty() && column.ty.oid != Oid::JSONB {
            return Err(no_subscripts(column.ty.oid).at(base_at));
        }
        // Behind subscripts it is a field of the element.
        let owner = if subscripts.is_empty() { column.ty } else { DOCUMENT };
        match named.steps.get(subscripts.len()) {
            None => self.document_steps(&subscripts),
            Some(Step::Field(field)) => {
                self.document_steps(&subscripts)?;
                let name = &named.name;
                let ty = self.ctx.type_name(owner);
                let message =
                    format!("cannot assign to field \"{field}\" of column \"{name}\" because its type {ty} is not a composite type");
                Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(named.at))
            }
            Some(_) => Err(SqlError::unsupported("row expansion via \"*\" is not supported here").at(named.at)),
        }
    }

    /// The value for an element: `name` and `at` are the column's, as the statement writes it.
    pub(crate) fn element_value(&mut self, node: Node, name: &str, at: i32) -> Result<Expr> {
        let source = node.expr.ty;
        match self.coerce_to(node, DOCUMENT, CastContext::Assignment)? {
            Some(node) => Ok(node.expr),
            None => {
                let source = self.ctx.type_name(source);
                let message = format!("subscripted assignment to \"{name}\" requires type jsonb but expression is of type {source}");
                let error = SqlError::new(SqlState::DATATYPE_MISMATCH, message);
                Err(error.hint("You will need to rewrite or cast the expression.").at(at))
            }
        }
    }

    /// The document `base` with elements assigned, as a value of the column: what its domain asks is asked of the result.
    pub(crate) fn elements_assigned(&mut self, base: Expr, elements: Vec<Expr>, column: &Column) -> Result<Expr> {
        let args = std::iter::once(base).chain(elements).collect();
        let assigned = Expr::new(ExprKind::Call { function: &ELEMENTS_ASSIGNED, operator: None, args }, DOCUMENT);
        match self.ctx.catalog.domain_by_oid(column.ty.declared).cloned() {
            Some(domain) => Ok(self.coerce_to_domain(Node::new(assigned.kind, DOCUMENT, -1), &domain)?.expr),
            None => Ok(assigned),
        }
    }

    /// The value that a column of the statement's target has before the statement. Its elements are assigned without a right to read it.
    pub(crate) fn value_before(&mut self, target: &Writable, column: &Column) -> Result<Expr> {
        let place = target.columns().iter().position(|(known, _)| known.number == column.number);
        let item = self.level().namespace.first();
        let found = place.and_then(|place| item?.columns.get(place)).map(|column| column.expr.clone());
        found.ok_or_else(|| SqlError::internal(format!("no column \"{}\" in the row to change", column.name)))
    }

    /// Subscripts of a document: `int4` or `text`.
    pub(crate) fn document_steps(&mut self, subscripts: &[Subscript]) -> Result<Vec<Expr>> {
        let sliced = subscripts.iter().any(|subscript| matches!(subscript, Subscript::Slice(..)));
        if let (true, Some(first)) = (sliced, subscripts.first()) {
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, "jsonb subscript does not support slices").at(written_at(first)));
        }
        let mut steps = Vec::with_capacity(subscripts.len());
        for subscript in subscripts {
            if let Subscript::Index(index) = subscript {
                steps.push(self.document_step(index)?);
            }
        }
        Ok(steps)
    }

    fn document_step(&mut self, index: &ast::Expr) -> Result<Expr> {
        let node = self.expr(index)?;
        let wanted = if matches!(node.oid(), Oid::INT2 | Oid::INT4) { Oid::INT4 } else { Oid::TEXT };
        let (source, at) = (node.oid(), node.at);
        match self.coerce_to(node, Type::plain(wanted), CastContext::Implicit)? {
            Some(node) => Ok(node.expr),
            None => {
                let error = SqlError::new(SqlState::DATATYPE_MISMATCH, format!("subscript type {} is not supported", type_text(source)));
                Err(error.hint("jsonb subscript must be coercible to either integer or text.").at(at))
            }
        }
    }
}

/// Where messages see a slice: at its upper bound, or else the lower.
fn written_at(subscript: &Subscript) -> i32 {
    match subscript {
        Subscript::Index(bound) | Subscript::Slice(_, Some(bound)) | Subscript::Slice(Some(bound), None) => bound.at,
        Subscript::Slice(None, None) => -1,
    }
}

/// Refuses a subscript of a value that has no elements.
pub(crate) fn no_subscripts(oid: Oid) -> SqlError {
    let message = format!("cannot subscript type {} because it does not support subscripting", type_text(oid));
    SqlError::new(SqlState::DATATYPE_MISMATCH, message)
}

/// Refuses DEFAULT for a part of a column.
pub(crate) fn no_default(named: &InsertColumn) -> SqlError {
    let part = if matches!(named.steps.first(), Some(Step::Subscript(_))) { "an array element" } else { "a subfield" };
    SqlError::unsupported(format!("cannot set {part} to DEFAULT")).at(named.at)
}
