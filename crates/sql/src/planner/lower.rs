//! From columns to slots: the last rewrite of an expression, when the node it runs in is known.

use borealis_pgtypes::{Datum, Oid, Result, SqlError, Type};

use super::Planner;
use super::layout::Layout;
use super::walk;
use crate::bound::{BoundDistinct, Query, QueryBody};
use crate::expr::{ColumnRef, Expr, ExprKind, SortKey, SubPlan, Subquery, SubqueryKind};

/// A query level being planned.
#[derive(Default)]
pub(crate) struct Scope {
    /// Whether the level is the top of a subquery expression: references that leave it are parameters of its `SubPlan`.
    boundary: bool,
    /// Parameters of a boundary: the column as the enclosing level sees it, its type, the parameter.
    outer: Vec<(ColumnRef, Type, usize)>,
    /// Columns of this level that the relation being planned asks of its neighbours.
    pub(crate) lateral: Vec<Lateral>,
    /// Whether a column that no slot holds is a lateral reference.
    pub(crate) in_relation: bool,
}

/// A column handed sideways to a lateral item of FROM.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub(crate) struct Lateral {
    pub relation: usize,
    pub column: usize,
    pub ty: Type,
    pub param: usize,
}

impl Planner<'_> {
    /// Starts a query level that is evaluated where its enclosing level is: FROM, a side of a set operation, a CTE.
    pub(crate) fn enter(&mut self) {
        self.scopes.push(Scope::default());
    }

    /// Ends the innermost level.
    pub(crate) fn leave(&mut self) {
        self.scopes.pop();
    }

    /// Makes an expression run over rows of `layout`.
    pub(crate) fn lower(&mut self, mut expr: Expr, layout: &Layout) -> Result<Expr> {
        self.lower_in_place(&mut expr, layout)?;
        Ok(expr)
    }

    /// As [`Self::lower`] for several.
    pub(crate) fn lower_all(&mut self, exprs: Vec<Expr>, layout: &Layout) -> Result<Vec<Expr>> {
        exprs.into_iter().map(|expr| self.lower(expr, layout)).collect()
    }

    /// As [`Self::lower`] for an optional one.
    pub(crate) fn lower_option(&mut self, expr: Option<Expr>, layout: &Layout) -> Result<Option<Expr>> {
        expr.map(|expr| self.lower(expr, layout)).transpose()
    }

    /// As [`Self::lower`] for sort keys.
    pub(crate) fn lower_keys(&mut self, mut keys: Vec<SortKey>, layout: &Layout) -> Result<Vec<SortKey>> {
        for key in &mut keys {
            self.lower_in_place(&mut key.expr, layout)?;
        }
        Ok(keys)
    }

    /// As [`Self::lower`], in place.
    pub(crate) fn lower_in_place(&mut self, expr: &mut Expr, layout: &Layout) -> Result<()> {
        if let ExprKind::Column(reference) = expr.kind {
            expr.kind = self.column(reference, expr.ty, layout)?;
            return Ok(());
        }
        let mut result = Ok(());
        walk::children_mut(expr, &mut |child| {
            if result.is_ok() {
                result = self.lower_in_place(child, layout);
            }
        });
        result?;
        match std::mem::replace(&mut expr.kind, ExprKind::CaseArg) {
            ExprKind::Subquery(subquery) => expr.kind = self.subplan(*subquery, layout)?,
            kind => expr.kind = kind,
        }
        Ok(())
    }

    fn column(&mut self, reference: ColumnRef, ty: Type, layout: &Layout) -> Result<ExprKind> {
        if reference.depth > 0 {
            let level = self.scopes.len().checked_sub(1).ok_or_else(|| SqlError::internal("column reference leaves the statement"))?;
            return Ok(ExprKind::ExecParam(self.outer_param(level, reference, ty)?));
        }
        if let Some(slot) = layout.slot(reference.relation, reference.column) {
            return Ok(ExprKind::Slot(slot));
        }
        match self.scopes.len().checked_sub(1) {
            Some(level) if self.scopes[level].in_relation => Ok(ExprKind::ExecParam(self.lateral_param(level, reference, ty))),
            _ => Err(SqlError::internal(format!("column {} of relation {} is in no slot", reference.column, reference.relation))),
        }
    }

    /// The parameter that carries a column `reference.depth` levels above `level`.
    fn outer_param(&mut self, level: usize, reference: ColumnRef, ty: Type) -> Result<usize> {
        let above = ColumnRef { depth: reference.depth - 1, ..reference };
        if self.scopes[level].boundary {
            if let Some(known) = self.scopes[level].outer.iter().find(|known| known.0 == above) {
                return Ok(known.2);
            }
            let param = self.new_param();
            self.scopes[level].outer.push((above, ty, param));
            return Ok(param);
        }
        let parent = level.checked_sub(1).ok_or_else(|| SqlError::internal("column reference leaves the statement"))?;
        if above.depth == 0 { Ok(self.lateral_param(parent, above, ty)) } else { self.outer_param(parent, above, ty) }
    }

    fn lateral_param(&mut self, level: usize, reference: ColumnRef, ty: Type) -> usize {
        let (relation, column) = (reference.relation, reference.column);
        if let Some(known) = self.scopes[level].lateral.iter().find(|known| (known.relation, known.column) == (relation, column)) {
            return known.param;
        }
        let param = self.new_param();
        self.scopes[level].lateral.push(Lateral { relation, column, ty, param });
        param
    }

    /// Plans a subquery expression; its left values are lowered already.
    fn subplan(&mut self, subquery: Subquery, layout: &Layout) -> Result<ExprKind> {
        let Subquery { kind, mut query } = subquery;
        if matches!(kind, SubqueryKind::Exists) {
            strip_exists(&mut query);
        }
        self.scopes.push(Scope { boundary: true, ..Scope::default() });
        let plan = self.query(query)?;
        let scope = self.scopes.pop().unwrap_or_default();
        let mut params = Vec::with_capacity(scope.outer.len());
        for (reference, ty, param) in scope.outer {
            let value = Expr::new(ExprKind::Column(reference), ty);
            params.push((param, self.lower(value, layout)?));
        }
        let hashed = params.is_empty() && is_hashable(&kind);
        self.subplans.push(plan);
        Ok(ExprKind::SubPlan(Box::new(SubPlan { plan: self.subplans.len() - 1, kind, params, hashed })))
    }
}

/// Whether the rows of an uncorrelated `= ANY` can be kept in a hash table: equality of values of one type.
fn is_hashable(kind: &SubqueryKind) -> bool {
    match kind {
        SubqueryKind::Quantified { all: false, operators, .. } => operators.iter().all(|operator| super::method::is_hashable(operator)),
        _ => false,
    }
}

/// Drops what cannot change whether a row exists: targets, DISTINCT and order; and stops at the first row.
fn strip_exists(query: &mut Query) {
    let limited = query.limit.is_some() || query.offset.is_some();
    if limited || !query.locks.is_empty() {
        return;
    }
    query.order_by.clear();
    query.limit = Some(Expr::constant(Datum::Int8(1), Type::plain(Oid::INT8)));
    let QueryBody::Select(select) = &mut query.body else { return };
    select.distinct = BoundDistinct::No;
    let plain = !select.has_aggregates && select.group_by.is_empty() && select.windows.is_empty();
    if plain && !select.targets.iter().any(walk::has_set_function) {
        select.targets.clear();
        query.columns.clear();
    }
}
