//! UNION, INTERSECT, EXCEPT. After `transformSetOperationStmt`.

use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState};

use super::coerce::can_coerce;
use super::common::{common_form, common_type};
use super::order::check_sortable;
use super::recursion::Bar;
use super::select::{Core, Draft};
use super::{Binder, Node};
use crate::ast::{self, SetOperator};
use crate::bound::{OutputColumn, QueryBody};
use crate::expr::{Expr, ExprKind};

/// Both sides with their columns made alike.
pub(crate) struct Sides {
    pub(crate) left: Draft,
    pub(crate) right: Draft,
    pub(crate) left_coercions: Option<Vec<Expr>>,
    pub(crate) right_coercions: Option<Vec<Expr>>,
    pub(crate) columns: Vec<OutputColumn>,
    places: Vec<i32>,
}

impl Binder<'_> {
    pub(crate) fn set_operation(
        &mut self,
        op: SetOperator,
        all: bool,
        left: &ast::Query,
        right: &ast::Query,
        query: &ast::Query,
    ) -> Result<Core> {
        let bars = Bar::of_sides(op, all);
        let left = self.barred(bars[0], |binder| binder.draft(left, false))?;
        let right = self.barred(bars[1], |binder| binder.draft(right, false))?;
        let sides = self.match_sides(left, right, word(op))?;
        if !all {
            for (column, at) in sides.columns.iter().zip(&sides.places) {
                check_sortable(column.ty.oid, *at)?;
            }
        }
        let refusal = |at: i32| {
            SqlError::unsupported("invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
                .detail("Only result column names can be used, not expressions or functions.")
                .hint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
                .at(at)
        };
        let order_by = self.output_order(query, &sides.columns, "", Some(&refusal))?;
        let body = QueryBody::SetOperation {
            op,
            all,
            left: Box::new(sides.left.query),
            right: Box::new(sides.right.query),
            left_coercions: sides.left_coercions,
            right_coercions: sides.right_coercions,
        };
        Ok(Core { body, order_by, columns: sides.columns, places: sides.places, pending: None })
    }

    /// Gives each pair of columns its common type.
    pub(crate) fn match_sides(&mut self, mut left: Draft, mut right: Draft, word: &str) -> Result<Sides> {
        if left.query.columns.len() != right.query.columns.len() {
            let at = right.places.first().copied().unwrap_or(-1);
            let message = format!("each {word} query must have the same number of columns");
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(at));
        }
        let mut columns = Vec::with_capacity(left.query.columns.len());
        let mut places = Vec::with_capacity(left.query.columns.len());
        let (mut casts_left, mut casts_right) = (Vec::new(), Vec::new());
        for index in 0..left.query.columns.len() {
            let pair = [side_node(&left, index), side_node(&right, index)];
            let oid = common_type(&pair, word)?;
            let ty = common_form(pair.iter().map(|node| &node.expr.ty), oid);
            let [left_node, right_node] = pair;
            places.push(if left_node.oid() == oid { left_node.at } else { right_node.at });
            casts_left.push(self.side_column(&mut left, index, left_node, oid, word)?);
            casts_right.push(self.side_column(&mut right, index, right_node, oid, word)?);
            columns.push(OutputColumn { name: left.query.columns[index].name.clone(), ty, origin: None });
        }
        Ok(Sides { left, right, left_coercions: needed(casts_left), right_coercions: needed(casts_right), columns, places })
    }

    /// A column in the common type: an unknown literal is read in place, anything else is cast on the way out.
    fn side_column(&mut self, side: &mut Draft, index: usize, node: Node, oid: Oid, word: &str) -> Result<Expr> {
        if node.is_unknown()
            && let Some(target) = side.target(index)
        {
            let target = self.coerce_to_common(target, oid, word)?;
            side.set_target(index, target);
            return Ok(Expr::new(ExprKind::Slot(index), side.query.columns[index].ty));
        }
        if node.oid() != oid && !can_coerce(node.oid(), oid, CastContext::Implicit) {
            return self.coerce_to_common(node, oid, word).map(|node| node.expr);
        }
        Ok(self.coerce(node, oid, CastContext::Implicit)?.expr)
    }
}

fn side_node(side: &Draft, index: usize) -> Node {
    Node::new(ExprKind::Slot(index), side.query.columns[index].ty, side.places.get(index).copied().unwrap_or(-1))
}

fn needed(casts: Vec<Expr>) -> Option<Vec<Expr>> {
    let plain = casts.iter().all(|cast| matches!(cast.kind, ExprKind::Slot(_)));
    (!plain).then_some(casts)
}

pub(crate) fn word(op: SetOperator) -> &'static str {
    match op {
        SetOperator::Union => "UNION",
        SetOperator::Intersect => "INTERSECT",
        SetOperator::Except => "EXCEPT",
    }
}
