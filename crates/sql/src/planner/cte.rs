//! WITH: which common table expressions are inlined where they are referred to, and the plans of those that are not.
//!
//! A query is inlined when PostgreSQL would: referred to once, without MATERIALIZED and without volatile functions; or NOT MATERIALIZED. Beyond that, one
//! whose rows depend on where it stands (it refers to an outer row, or to the work table of an enclosing recursion) is always inlined: a materialised CTE is
//! computed once for the whole statement.

use borealis_pgtypes::{Result, SqlError, Type};

use super::Planner;
use super::layout::Layout;
use super::traversal::{self, Expansion, Term};
use super::{cost, walk};
use crate::bound::{Bound, Cte, CteBody, OutputColumn, Query, QueryBody, Relation, Select};
use crate::expr::Expr;
use crate::plan::{CtePlan, Node, Plan};

/// What a reference to a CTE becomes.
#[derive(Clone, Debug)]
pub(crate) enum Definition {
    /// A copy of the query; `level` is the number of query levels that enclose it.
    Inline { body: CteBody, level: usize, columns: Vec<OutputColumn> },
    /// A scan of the materialised rows.
    Materialised { rows: f64 },
}

impl Planner<'_> {
    /// Plans or notes the CTEs of the innermost level.
    pub(crate) fn define_ctes(&mut self, ctes: Vec<Cte>) -> Result<()> {
        for cte in ctes {
            self.define_cte(cte)?;
        }
        Ok(())
    }

    fn define_cte(&mut self, cte: Cte) -> Result<()> {
        traversal::check(&cte)?;
        if cte.references == 0 && !matches!(cte.body, CteBody::Modify(_)) {
            return Ok(());
        }
        if self.is_inlined(&cte) {
            let definition = Definition::Inline { body: cte.body, level: self.scopes.len(), columns: cte.columns };
            self.cte_definitions.insert(cte.id, definition);
            return Ok(());
        }
        // A query that was inlined twice brings its own CTEs twice; they are the same rows.
        if self.ctes.iter().any(|known| known.id == cte.id) {
            return Ok(());
        }
        let modifies = matches!(cte.body, CteBody::Modify(_));
        let plan = match cte.body {
            CteBody::Modify(statement) => self.modify(*statement)?,
            body => self.cte_body(body, cte.id, &cte.columns)?,
        };
        self.cte_definitions.insert(cte.id, Definition::Materialised { rows: plan.estimate.rows });
        self.ctes.push(CtePlan { id: cte.id, name: cte.name, plan, modifies });
        Ok(())
    }

    fn modify(&mut self, statement: Bound) -> Result<Plan> {
        Ok(self.statement(statement)?.0)
    }

    /// The plan of a CTE's rows, in a level of its own.
    pub(crate) fn cte_body(&mut self, body: CteBody, id: usize, columns: &[OutputColumn]) -> Result<Plan> {
        match body {
            CteBody::Query(query) => self.nested_query(*query),
            CteBody::Recursive { base, recursive, all, base_coercions, recursive_coercions, traversal } => {
                let mut base = Term { query: *base, coercions: base_coercions };
                let mut recursive = Term { query: *recursive, coercions: recursive_coercions };
                if !traversal.is_empty() {
                    let expansion = Expansion::new(id, traversal, columns);
                    base = Term { query: expansion.base(base), coercions: None };
                    recursive = Term { query: expansion.recursive(recursive)?, coercions: None };
                }
                let base = self.term(base)?;
                let recursive = self.term(recursive)?;
                let types: Vec<Type> = columns.iter().map(|column| column.ty).collect();
                let estimate = cost::recursive_union(&base.estimate, &recursive.estimate);
                Ok(Plan { node: Node::RecursiveUnion { id, base: Box::new(base), recursive: Box::new(recursive), all }, types, estimate })
            }
            CteBody::Modify(_) => Err(SqlError::internal("a data-modifying CTE cannot be inlined")),
        }
    }

    fn term(&mut self, term: Term) -> Result<Plan> {
        let plan = self.nested_query(term.query)?;
        self.coerced(plan, term.coercions)
    }

    /// `plan` with its columns cast; the casts are over its slots.
    pub(crate) fn coerced(&mut self, plan: Plan, coercions: Option<Vec<Expr>>) -> Result<Plan> {
        let Some(coercions) = coercions else { return Ok(plan) };
        let exprs = self.lower_all(coercions, &Layout::identity())?;
        Ok(cost::project(plan, exprs))
    }

    fn is_inlined(&self, cte: &Cte) -> bool {
        match &cte.body {
            CteBody::Modify(_) => false,
            CteBody::Recursive { base, recursive, .. } => {
                self.depends_on_place(base, Some(cte.id)) || self.depends_on_place(recursive, Some(cte.id))
            }
            CteBody::Query(query) => {
                let wanted = match cte.materialized {
                    Some(materialized) => !materialized,
                    None => cte.references == 1,
                };
                (wanted && !walk::query_is_volatile(query)) || self.depends_on_place(query, None)
            }
        }
    }

    /// Whether the rows of a CTE's query (one level below the level that defines it) depend on more than the statement's snapshot and parameters.
    fn depends_on_place(&self, query: &Query, own: Option<usize>) -> bool {
        let mut depends = false;
        walk::query_columns(query, 1, &mut |column, nesting| depends = depends || column.depth >= nesting);
        depends || query_relations_any(query, &mut |relation, defined| self.relation_depends(relation, defined, own))
    }

    fn relation_depends(&self, relation: &Relation, defined: &[usize], own: Option<usize>) -> bool {
        match relation {
            Relation::WorkTable(id) => Some(*id) != own && !defined.contains(id),
            Relation::Cte(id) => match self.cte_definitions.get(id) {
                Some(Definition::Inline { body: CteBody::Query(query), .. }) => self.depends_on_place(query, None),
                Some(Definition::Inline { body: CteBody::Recursive { .. }, .. }) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// The relation a reference to CTE `id` stands for, `None` when its materialised rows are scanned. The copy reads as a subquery of the innermost level.
    pub(crate) fn inline_cte(&self, id: usize) -> Option<Relation> {
        let Some(Definition::Inline { body: CteBody::Query(query), level, .. }) = self.cte_definitions.get(&id) else { return None };
        let mut query = query.clone();
        let further = self.scopes.len().saturating_sub(*level);
        if further > 0 {
            walk::shift_query(&mut query, 0, i32::try_from(further).unwrap_or(i32::MAX));
        }
        Some(Relation::Subquery(query))
    }

    /// A recursive CTE that is computed where it is referred to.
    pub(crate) fn inline_recursive(&mut self, id: usize) -> Option<Result<Plan>> {
        let Some(Definition::Inline { body: body @ CteBody::Recursive { .. }, level, columns }) = self.cte_definitions.get(&id) else {
            return None;
        };
        let (mut body, columns) = (body.clone(), columns.clone());
        let further = i32::try_from(self.scopes.len().saturating_sub(*level)).unwrap_or(i32::MAX);
        if let CteBody::Recursive { base, recursive, .. } = &mut body {
            walk::shift_query(base, 0, further);
            walk::shift_query(recursive, 0, further);
        }
        Some(self.cte_body(body, id, &columns))
    }

    /// Estimated rows of a materialised CTE.
    pub(crate) fn cte_rows(&self, id: usize) -> f64 {
        match self.cte_definitions.get(&id) {
            Some(Definition::Materialised { rows }) => *rows,
            _ => 1000.0,
        }
    }
}

/// Whether `test` holds for a relation in `query` or below it, subqueries of expressions included. `test` also gets the CTEs defined on the way.
fn query_relations_any(query: &Query, test: &mut dyn FnMut(&Relation, &[usize]) -> bool) -> bool {
    let mut defined = Vec::new();
    relations_any(query, &mut defined, test)
}

fn relations_any(query: &Query, defined: &mut Vec<usize>, test: &mut dyn FnMut(&Relation, &[usize]) -> bool) -> bool {
    for cte in &query.ctes {
        defined.push(cte.id);
        let found = match &cte.body {
            CteBody::Query(query) => relations_any(query, defined, test),
            CteBody::Recursive { base, recursive, .. } => relations_any(base, defined, test) || relations_any(recursive, defined, test),
            CteBody::Modify(_) => false,
        };
        if found {
            return true;
        }
    }
    let in_body = match &query.body {
        QueryBody::Select(select) => select_relations_any(select, defined, test),
        QueryBody::Values(_) => false,
        QueryBody::SetOperation { left, right, .. } => relations_any(left, defined, test) || relations_any(right, defined, test),
    };
    in_body || subqueries_any(query, defined, test)
}

fn select_relations_any(select: &Select, defined: &mut Vec<usize>, test: &mut dyn FnMut(&Relation, &[usize]) -> bool) -> bool {
    select.relations.iter().any(|entry| {
        test(&entry.relation, defined)
            || match &entry.relation {
                Relation::Subquery(query) => relations_any(query, defined, test),
                _ => false,
            }
    })
}

fn subqueries_any(query: &Query, defined: &mut Vec<usize>, test: &mut dyn FnMut(&Relation, &[usize]) -> bool) -> bool {
    walk::query_any(query, &mut |expr| match &expr.kind {
        crate::expr::ExprKind::Subquery(subquery) => relations_any(&subquery.query, defined, test),
        _ => false,
    })
}
