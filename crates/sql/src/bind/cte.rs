//! WITH: common table expressions, recursive and data-modifying ones included. After `parse_cte.c`.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::Binder;
use super::coerce::type_text;
use super::recursion::check_bars;
use super::scope::{CteScope, CteState};
use super::target::gives_rows;
use super::traversal::{CteReference, added_columns, traversal};
use crate::ast::{self, QueryBody as Body, SetOperator, Statement, With};
use crate::bound::{Cte, CteBody, OutputColumn, Relation, Traversal};

impl Binder<'_> {
    /// Binds the WITH of the innermost level; its names stay in scope until the level ends.
    pub(crate) fn with(&mut self, with: &With) -> Result<Vec<Cte>> {
        for (index, cte) in with.ctes.iter().enumerate() {
            if with.ctes[..index].iter().any(|other| other.name == cte.name) {
                let message = format!("WITH query name \"{}\" specified more than once", cte.name);
                return Err(SqlError::new(SqlState::DUPLICATE_ALIAS, message).at(cte.at));
            }
        }
        let start = self.ctes.len();
        for cte in &with.ctes {
            self.ctes.push(CteScope {
                name: cte.name.clone(),
                id: self.next_cte,
                state: CteState::NotYet,
                columns: Vec::new(),
                added: Vec::new(),
                level: self.levels.len(),
                references: 0,
                bars: self.bars.len(),
                at: cte.at,
            });
            self.next_cte += 1;
        }
        let mut bound = Vec::with_capacity(with.ctes.len());
        for (index, cte) in with.ctes.iter().enumerate() {
            bound.push(self.cte(cte, start + index, with.recursive)?);
        }
        Ok(bound)
    }

    fn cte(&mut self, cte: &ast::Cte, scope: usize, recursive: bool) -> Result<Cte> {
        let mark = cte.cycle.as_ref().map(|cycle| self.mark(cycle)).transpose()?;
        self.ctes[scope].added = added_columns(cte, mark.as_ref());
        let (mut body, mut columns) = match &cte.statement {
            Statement::Query(query) if recursive => self.recursive_cte(cte, query, scope)?,
            Statement::Query(query) => {
                let query = self.query(query)?;
                let columns = query.columns.clone();
                (CteBody::Query(Box::new(query)), columns)
            }
            statement => self.modifying_cte(cte, statement)?,
        };
        columns.iter_mut().for_each(|column| column.origin = None);
        name_columns(cte, &mut columns)?;
        let clauses = traversal(cte, mark, &body, &columns)?;
        if let CteBody::Recursive { traversal, .. } = &mut body {
            *traversal = clauses;
        }
        let entry = &mut self.ctes[scope];
        entry.columns.clone_from(&columns);
        columns.extend(entry.added.iter().cloned());
        entry.state = if gives_rows(&cte.statement) { CteState::Ready } else { CteState::NoRows };
        Ok(Cte {
            id: entry.id,
            name: cte.name.clone(),
            body,
            columns,
            aliases: cte.columns.len(),
            materialized: cte.materialized,
            references: 0,
        })
    }

    fn modifying_cte(&mut self, cte: &ast::Cte, statement: &Statement) -> Result<(CteBody, Vec<OutputColumn>)> {
        if self.levels.len() > 1 {
            let message = "WITH clause containing a data-modifying statement must be at the top level";
            return Err(SqlError::unsupported(message).at(cte.at));
        }
        let (bound, columns) = self.statement(statement)?;
        Ok((CteBody::Modify(Box::new(bound)), columns.unwrap_or_default()))
    }

    /// A query under WITH RECURSIVE: recursive when its UNION's second side refers to it.
    fn recursive_cte(&mut self, cte: &ast::Cte, query: &ast::Query, scope: usize) -> Result<(CteBody, Vec<OutputColumn>)> {
        self.ctes[scope].state = CteState::BaseTerm;
        let Body::SetOperation { op: SetOperator::Union, all, left, right } = &query.body else {
            self.ctes[scope].state = CteState::NotUnion;
            let query = self.query(query)?;
            let columns = query.columns.clone();
            return Ok((CteBody::Query(Box::new(query)), columns));
        };
        if let Some(recursive) = self.recursive_union(cte, query, (left, right, *all), scope)? {
            return Ok(recursive);
        }
        let query = self.query(query)?;
        let columns = query.columns.clone();
        Ok((CteBody::Query(Box::new(query)), columns))
    }

    /// Binds both sides, the second with the CTE's name standing for the work table; `None` when it never refers to it.
    fn recursive_union(
        &mut self,
        cte: &ast::Cte,
        query: &ast::Query,
        (left, right, all): (&ast::Query, &ast::Query, bool),
        scope: usize,
    ) -> Result<Option<(CteBody, Vec<OutputColumn>)>> {
        if query.with.is_some() {
            return Ok(None);
        }
        let base = self.draft(left, true)?;
        let places = base.places.clone();
        let mut columns = base.query.columns.clone();
        name_columns(cte, &mut columns)?;
        self.ctes[scope].columns.clone_from(&columns);
        self.ctes[scope].state = CteState::WorkTable;
        let recursive = self.draft(right, false)?;
        let references = std::mem::take(&mut self.ctes[scope].references);
        if references == 0 {
            return Ok(None);
        }
        check_recursive_form(query)?;
        let sides = self.match_sides(base, recursive, "UNION")?;
        check_types(cte, &columns, &sides.columns, &places)?;
        let body = CteBody::Recursive {
            base: Box::new(sides.left.query),
            recursive: Box::new(sides.right.query),
            all,
            base_coercions: sides.left_coercions,
            recursive_coercions: sides.right_coercions,
            traversal: Traversal::default(),
        };
        Ok(Some((body, sides.columns)))
    }

    /// The CTE that a bare relation name means, if it means one.
    pub(crate) fn cte_reference(&mut self, name: &str, at: i32) -> Result<Option<CteReference>> {
        let levels = self.levels.len();
        let Some(cte) = self.ctes.iter_mut().rev().find(|cte| cte.name == name && cte.state != CteState::NotYet) else { return Ok(None) };
        let relation = match cte.state {
            CteState::Ready => Relation::Cte(cte.id),
            CteState::WorkTable => {
                check_bars(&self.bars[cte.bars..], name, at)?;
                if cte.references > 0 {
                    let message = format!("recursive reference to query \"{name}\" must not appear more than once");
                    return Err(SqlError::new(SqlState::INVALID_RECURSION, message).at(at));
                }
                Relation::WorkTable(cte.id)
            }
            CteState::NoRows => {
                let message = format!("WITH query \"{name}\" does not have a RETURNING clause");
                return Err(SqlError::unsupported(message).at(at));
            }
            CteState::BaseTerm => {
                let message = format!("recursive reference to query \"{name}\" must not appear within its non-recursive term");
                return Err(SqlError::new(SqlState::INVALID_RECURSION, message).at(at));
            }
            CteState::NotUnion => {
                let message = format!("recursive query \"{name}\" does not have the form non-recursive-term UNION [ALL] recursive-term");
                return Err(SqlError::new(SqlState::INVALID_RECURSION, message).at(cte.at));
            }
            CteState::NotYet => return Ok(None),
        };
        cte.references += 1;
        let (columns, added) = (cte.columns.clone(), cte.added.clone());
        Ok(Some(CteReference { relation, columns, added, in_star: levels == cte.level }))
    }
}

fn name_columns(cte: &ast::Cte, columns: &mut [OutputColumn]) -> Result<()> {
    if cte.columns.len() > columns.len() {
        let message =
            format!("WITH query \"{}\" has {} columns available but {} columns specified", cte.name, columns.len(), cte.columns.len());
        return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(cte.at));
    }
    for (column, name) in columns.iter_mut().zip(&cte.columns) {
        column.name.clone_from(name);
    }
    Ok(())
}

fn check_recursive_form(query: &ast::Query) -> Result<()> {
    let refuse = |what: &str, at: i32| Err(SqlError::unsupported(format!("{what} in a recursive query is not implemented")).at(at));
    if let Some(item) = query.order_by.first() {
        return refuse("ORDER BY", item.expr.at);
    }
    if let Some(offset) = &query.offset {
        return refuse("OFFSET", offset.at);
    }
    if let Some(limit) = &query.limit {
        return refuse("LIMIT", limit.at);
    }
    if !query.locking.is_empty() {
        return refuse("FOR UPDATE/SHARE", -1);
    }
    Ok(())
}

/// The base term alone decides the types.
fn check_types(cte: &ast::Cte, base: &[OutputColumn], overall: &[OutputColumn], places: &[i32]) -> Result<()> {
    for (index, (base, overall)) in base.iter().zip(overall).enumerate() {
        if base.ty != overall.ty {
            let message = format!(
                "recursive query \"{}\" column {} has type {} in non-recursive term but type {} overall",
                cte.name,
                index + 1,
                display(base, overall),
                display(overall, base),
            );
            let hint = "Cast the output of the non-recursive term to the correct type.";
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).hint(hint).at(places.get(index).copied().unwrap_or(cte.at)));
        }
    }
    Ok(())
}

fn display(column: &OutputColumn, other: &OutputColumn) -> String {
    if column.ty.oid == other.ty.oid { borealis_pgtypes::types::format_type(column.ty) } else { type_text(column.ty.oid) }
}
