//! VALUES.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::common::{common_form, common_type};
use super::scope::{Noted, NsColumn, NsItem, output};
use super::select::Core;
use super::{Binder, Clause, Node};
use crate::ast;
use crate::bound::{OutputColumn, QueryBody};
use crate::expr::{Expr, ExprKind, SortKey};

impl Binder<'_> {
    pub(crate) fn values(&mut self, rows: &[Vec<ast::Expr>], query: &ast::Query) -> Result<Core> {
        let mut bound = Vec::with_capacity(rows.len());
        for row in rows {
            bound.push(self.in_clause(Clause::Values, |binder| binder.exprs(row))?);
        }
        check_lengths(&bound)?;
        let (rows, columns) = self.unify_rows(bound)?;
        let order_by = self.output_order(query, &columns, "*VALUES*", None)?;
        let places = vec![-1; columns.len()];
        Ok(Core { body: QueryBody::Values(rows), order_by, columns, places, pending: None })
    }

    /// Gives each column of the rows its common type.
    fn unify_rows(&mut self, rows: Vec<Vec<Node>>) -> Result<(Vec<Vec<Expr>>, Vec<OutputColumn>)> {
        let width = rows.first().map_or(0, Vec::len);
        let mut columns: Vec<Vec<Node>> = (0..width).map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for (column, node) in columns.iter_mut().zip(row) {
                column.push(node);
            }
        }
        let height = columns.first().map_or(0, Vec::len);
        let mut out: Vec<Vec<Expr>> = (0..height).map(|_| Vec::with_capacity(width)).collect();
        let mut outputs = Vec::with_capacity(width);
        for (index, column) in columns.into_iter().enumerate() {
            let oid = common_type(&column, "VALUES")?;
            let ty = common_form(column.iter().map(|node| &node.expr.ty), oid);
            outputs.push(output(&format!("column{}", index + 1), ty));
            for (row, node) in out.iter_mut().zip(column) {
                row.push(self.coerce_to_common(node, oid, "VALUES")?.expr);
            }
        }
        Ok((out, outputs))
    }

    /// ORDER BY over output columns, for bodies that have no relations. With `refusal`, only names and numbers are taken.
    pub(crate) fn output_order(
        &mut self,
        query: &ast::Query,
        columns: &[OutputColumn],
        name: &str,
        refusal: Option<&dyn Fn(i32) -> SqlError>,
    ) -> Result<Vec<SortKey>> {
        if query.order_by.is_empty() {
            return Ok(Vec::new());
        }
        let slot = |(index, column): (usize, &OutputColumn)| Expr::new(ExprKind::Slot(index), column.ty);
        let mut targets: Vec<super::target::BoundTarget> = columns
            .iter()
            .enumerate()
            .map(|(index, column)| super::target::BoundTarget {
                name: column.name.clone(),
                node: Node { expr: slot((index, column)), at: -1 },
                origin: None,
                noted: Noted::default(),
            })
            .collect();
        let item = NsItem {
            name: name.to_owned(),
            table: None,
            columns: targets
                .iter()
                .map(|target| NsColumn { name: target.name.clone(), expr: target.node.expr.clone(), origin: None, in_star: true })
                .collect(),
            relation: None,
            name_visible: refusal.is_none(),
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
        };
        self.level().namespace.push(item);
        let keys = self.order_by(&query.order_by, &mut targets);
        self.level().namespace.pop();
        let keys = keys?;
        if let Some(refusal) = refusal
            && let Some((_, at)) = keys.iter().find(|(key, _)| !matches!(key.expr.kind, ExprKind::Slot(_)))
        {
            return Err(refusal(*at));
        }
        Ok(keys.into_iter().map(|(key, _)| key).collect())
    }
}

/// All rows must be as long as the first.
pub(crate) fn check_lengths(rows: &[Vec<Node>]) -> Result<()> {
    let width = rows.first().map_or(0, Vec::len);
    match rows.iter().find(|row| row.len() != width) {
        None => Ok(()),
        Some(row) => {
            let at = row.first().map_or(-1, |node| node.at);
            Err(SqlError::new(SqlState::SYNTAX_ERROR, "VALUES lists must all be the same length").at(at))
        }
    }
}
