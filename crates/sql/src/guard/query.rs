//! Queries: WITH and its names, bodies, clauses.

use borealis_pgtypes::Result;

use super::Walk;
use crate::ast::{Cte, Distinct, GroupItem, OrderBy, Query, QueryBody, Select, Statement, Target, WindowSpec, With};

impl Walk<'_> {
    pub(super) fn query(&mut self, query: &mut Query) -> Result<()> {
        let Query { with, body, order_by, limit, with_ties: _, offset, locking: _ } = query;
        let scope = self.with(with.as_mut())?;
        match body {
            QueryBody::Select(select) => self.select(select)?,
            QueryBody::Values(rows) => rows.iter_mut().try_for_each(|row| self.exprs(row))?,
            QueryBody::SetOperation { op: _, all: _, left, right } => {
                self.query(left)?;
                self.query(right)?;
            }
        }
        self.order_by(order_by)?;
        self.exprs(limit)?;
        self.exprs(offset)?;
        self.ctes.truncate(scope);
        Ok(())
    }

    /// Walks WITH and leaves its names in scope; gives what to cut the scope back to.
    ///
    /// Without RECURSIVE a name is seen by what follows it. With it PostgreSQL lets the names be seen everywhere in the WITH; where the binder is
    /// stricter, the bare name it then takes for a table has no mark.
    pub(super) fn with(&mut self, with: Option<&mut With>) -> Result<usize> {
        let scope = self.ctes.len();
        let Some(With { recursive, ctes }) = with else { return Ok(scope) };
        if *recursive {
            self.ctes.extend(ctes.iter().map(|cte| cte.name.clone()));
        }
        for cte in ctes {
            // SEARCH and CYCLE name columns and hold constants.
            let Cte { name, columns: _, materialized: _, statement, search: _, cycle: _, at: _ } = cte;
            self.cte(statement)?;
            if !*recursive {
                self.ctes.push(name.clone());
            }
        }
        Ok(scope)
    }

    fn cte(&mut self, statement: &mut Statement) -> Result<()> {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            _ => Err(super::refused("WITH holds a statement that is not known here")),
        }
    }

    fn select(&mut self, select: &mut Select) -> Result<()> {
        let Select { distinct, targets, from, filter, group_by, group_distinct: _, having, windows } = select;
        match distinct {
            Distinct::No | Distinct::All => {}
            Distinct::On(exprs) => self.exprs(exprs)?,
        }
        self.targets(targets)?;
        from.iter_mut().try_for_each(|item| self.table_ref(item))?;
        self.exprs(filter)?;
        group_by.iter_mut().try_for_each(|item| self.group_item(item))?;
        self.exprs(having)?;
        windows.iter_mut().try_for_each(|(_, window)| self.window(window))
    }

    pub(super) fn targets(&mut self, targets: &mut [Target]) -> Result<()> {
        targets.iter_mut().try_for_each(|target| {
            let Target { expr, alias: _, at: _ } = target;
            self.expr(expr)
        })
    }

    fn group_item(&mut self, item: &mut GroupItem) -> Result<()> {
        match item {
            GroupItem::Expr(expr) => self.expr(expr),
            GroupItem::Empty => Ok(()),
            GroupItem::Rollup(exprs) | GroupItem::Cube(exprs) => self.exprs(exprs),
            GroupItem::Sets(items) => items.iter_mut().try_for_each(|item| self.group_item(item)),
        }
    }

    pub(super) fn order_by(&mut self, keys: &mut [OrderBy]) -> Result<()> {
        keys.iter_mut().try_for_each(|key| {
            let OrderBy { expr, descending: _, nulls_first: _, using: _ } = key;
            self.expr(expr)
        })
    }

    pub(super) fn window(&mut self, window: &mut WindowSpec) -> Result<()> {
        let WindowSpec { base: _, partition_by, order_by, frame, in_over: _, at: _ } = window;
        self.exprs(partition_by)?;
        self.order_by(order_by)?;
        match frame {
            Some(frame) => self.frame(frame),
            None => Ok(()),
        }
    }
}
