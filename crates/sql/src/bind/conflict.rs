//! ON CONFLICT: which unique indexes arbitrate, and what DO UPDATE does. After `infer_arbiter_indexes` and `transformOnConflictClause`.

use borealis_catalog::{Index, IndexKeyPart, IndexState, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::equal::equal;
use super::updatable::Writable;
use super::{Binder, Clause};
use crate::ast::{self, Assignment, ConflictTarget};
use crate::bound::{ConflictUpdate, OnConflict};
use crate::expr::{Expr, ExprKind};
use crate::implication::implied_by;

impl Binder<'_> {
    pub(crate) fn on_conflict(&mut self, clause: &ast::OnConflict, target: &Writable, alias: &str) -> Result<OnConflict> {
        self.clear_slots();
        self.slot_target(alias, target, 0);
        let arbiters = self.arbiters(clause, &target.table)?;
        let update = match &clause.update {
            Some((assignments, filter)) => Some(self.conflict_update(assignments, filter.as_ref(), target, alias)?),
            None => None,
        };
        Ok(OnConflict { arbiters, update })
    }

    fn arbiters(&mut self, clause: &ast::OnConflict, table: &Table) -> Result<Vec<Oid>> {
        match &clause.target {
            None if clause.update.is_some() => {
                let error =
                    SqlError::new(SqlState::SYNTAX_ERROR, "ON CONFLICT DO UPDATE requires inference specification or constraint name");
                Err(error.hint("For example, ON CONFLICT (column_name).").at(clause.at))
            }
            None => Ok(Vec::new()),
            Some(ConflictTarget::Constraint(name)) => {
                let arbiters = constraint_arbiter(table, name)?;
                self.reads_arbiters(table, &arbiters);
                Ok(arbiters)
            }
            Some(ConflictTarget::Columns { elements, filter }) => self.infer(elements, filter.as_ref(), table),
        }
    }

    /// The columns of a constraint that is named count as read.
    fn reads_arbiters(&mut self, table: &Table, arbiters: &[Oid]) {
        for index in table.all_indexes().filter(|index| arbiters.contains(&index.oid)) {
            for key in &index.keys {
                if let IndexKeyPart::Column(number) = key.part {
                    self.selects((table.oid, number));
                }
            }
        }
    }

    fn infer(&mut self, elements: &[ast::Expr], filter: Option<&ast::Expr>, table: &Table) -> Result<Vec<Oid>> {
        let mut columns: Vec<i16> = Vec::new();
        let mut exprs: Vec<Expr> = Vec::new();
        for element in elements {
            let node = self.in_clause(Clause::IndexExpression, |binder| binder.expr(element))?;
            match &node.expr.kind {
                ExprKind::Slot(place) => columns.push(i16::try_from(place + 1).unwrap_or(i16::MAX)),
                _ => exprs.push(node.expr),
            }
        }
        let filter = filter.map(|filter| self.in_clause(Clause::IndexPredicate, |binder| binder.condition(filter, "WHERE"))).transpose()?;
        let mut found = Vec::new();
        for index in table.all_indexes() {
            if index.unique && index.state == IndexState::Valid && self.matches(index, table, &columns, &exprs, filter.as_ref())? {
                found.push(index.oid);
            }
        }
        if found.is_empty() {
            let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
            return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message));
        }
        Ok(found)
    }

    /// Whether the index is on exactly these columns and expressions, and its predicate is implied by the clause's.
    fn matches(&self, index: &Index, table: &Table, columns: &[i16], exprs: &[Expr], filter: Option<&Expr>) -> Result<bool> {
        let mut keys = 0;
        for key in &index.keys {
            let named = match &key.part {
                IndexKeyPart::Column(number) => columns.contains(number),
                IndexKeyPart::Expression(text, _) => {
                    let bound = super::stored::bind_stored_expr(text, table, self.ctx)?;
                    exprs.iter().any(|expr| equal(expr, &bound))
                }
            };
            if !named {
                return Ok(false);
            }
            keys += 1;
        }
        let mut wanted: Vec<i16> = columns.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        if keys < wanted.len() + exprs.len() {
            return Ok(false);
        }
        match &index.predicate {
            None => Ok(true),
            Some(text) => {
                let predicate = super::stored::bind_stored_expr(text, table, self.ctx)?;
                Ok(filter.is_some_and(|filter| implied_by(&predicate, std::iter::once(filter))))
            }
        }
    }

    fn conflict_update(
        &mut self,
        assignments: &[Assignment],
        filter: Option<&ast::Expr>,
        target: &Writable,
        alias: &str,
    ) -> Result<ConflictUpdate> {
        self.clear_slots();
        self.slot_target(alias, target, 0);
        self.slot_target("excluded", target, target.table.columns.len());
        let assignments = self.assignments(assignments, target)?;
        let filter = self.filter(filter, Clause::Where)?;
        Ok(ConflictUpdate { assignments, filter })
    }
}

fn constraint_arbiter(table: &Table, name: &str) -> Result<Vec<Oid>> {
    let found = table.all_indexes().find(|index| index.constraint.is_some() && index.name == name);
    match found {
        Some(index) => Ok(vec![index.oid]),
        None if table.checks.iter().any(|check| check.name == name) || table.foreign_keys.iter().any(|key| key.name == name) => {
            Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, "constraint in ON CONFLICT clause has no associated index"))
        }
        None => {
            let message = format!("constraint \"{name}\" for table \"{}\" does not exist", table.name);
            Err(SqlError::new(SqlState::UNDEFINED_OBJECT, message))
        }
    }
}
