//! Queries and SELECT. After `transformSelectStmt`.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::scope::Noted;
use super::target::{BoundTarget, outputs};
use super::{Binder, Clause, Node, walk};
use crate::ast::{self, LockStrength, Locking, QueryBody as Body, Select as AstSelect};
use crate::bound::{BoundDistinct, OutputColumn, Query, QueryBody, Relation, Select, SelectForm};
use crate::expr::{Expr, SortKey};

/// A bound query with the place of each column's expression, for callers that still give types to unknown columns.
pub(crate) struct Draft {
    pub(crate) query: Query,
    pub(crate) places: Vec<i32>,
}

/// What the body of a query comes to.
pub(crate) struct Core {
    pub(crate) body: QueryBody,
    pub(crate) order_by: Vec<SortKey>,
    pub(crate) columns: Vec<OutputColumn>,
    pub(crate) places: Vec<i32>,
    pub(crate) pending: Option<Pending>,
}

/// What the checks of grouping ask for, which come when everything else of the query is bound.
pub(crate) struct Pending {
    targets: Vec<BoundTarget>,
    /// What the level had noted before HAVING and before ORDER BY.
    noted: [Noted; 2],
}

impl Binder<'_> {
    /// The query of the statement itself.
    pub(crate) fn top_query(&mut self, query: &ast::Query) -> Result<Query> {
        self.query(query)
    }

    /// A query one level below the innermost, its unknown columns made `text`.
    pub(crate) fn query(&mut self, query: &ast::Query) -> Result<Query> {
        Ok(self.draft(query, true)?.query)
    }

    /// A query one level below the innermost; with `settle` false its unknown columns stay unknown.
    pub(crate) fn draft(&mut self, query: &ast::Query, settle: bool) -> Result<Draft> {
        self.in_level(|binder| binder.query_here(query, settle))
    }

    fn query_here(&mut self, query: &ast::Query, settle: bool) -> Result<Draft> {
        let start = self.ctes.len();
        let ctes = match &query.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        let mut core = match &query.body {
            Body::Select(select) => self.select(select, query, settle)?,
            Body::Values(rows) => self.values(rows, query)?,
            Body::SetOperation { op, all, left, right } => self.set_operation(*op, *all, left, right, query)?,
        };
        let limit = self.row_count(query.limit.as_ref(), Clause::Limit)?;
        let offset = self.row_count(query.offset.as_ref(), Clause::Offset)?;
        if query.with_ties && core.order_by.is_empty() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "WITH TIES cannot be specified without ORDER BY clause"));
        }
        let locks = self.locks(&query.locking, &core.body)?;
        if let (Some(pending), QueryBody::Select(select)) = (&core.pending, &mut core.body) {
            self.finish_grouping(select, &pending.targets, &mut core.order_by, pending.noted)?;
        }
        let ctes = self.take_ctes(start, ctes);
        let query = Query {
            ctes,
            body: core.body,
            order_by: core.order_by,
            limit,
            offset,
            with_ties: query.with_ties,
            columns: core.columns,
            locks,
        };
        Ok(Draft { query, places: core.places })
    }

    fn select(&mut self, select: &AstSelect, query: &ast::Query, settle: bool) -> Result<Core> {
        let from = self.bind_from(&select.from)?;
        self.window_clause(&select.windows)?;
        let mut targets = self.targets(&select.targets, Clause::SelectTarget)?;
        let filter = self.filter(select.filter.as_ref(), Clause::Where)?;
        let before_having = self.level().noted();
        let having = self.filter(select.having.as_ref(), Clause::Having)?;
        let before_order = self.level().noted();
        let order_by = self.order_by(&query.order_by, &mut targets)?;
        let mut grouping = self.group_by(&select.group_by, select.group_distinct, &mut targets)?;
        let distinct = self.distinct(&select.distinct, &mut targets, &order_by)?;
        if settle {
            for target in &mut targets {
                let node = std::mem::replace(&mut target.node, Self::null(-1));
                target.node = self.settle(node)?;
            }
        }
        let columns = outputs(&targets);
        let places = targets.iter().map(|target| target.node.at).collect();
        let level = self.level();
        let grouped = level.has_aggregates || !select.group_by.is_empty() || having.is_some();
        let mut bound = Select {
            relations: std::mem::take(&mut level.relations),
            from,
            filter,
            group_by: std::mem::take(&mut grouping.exprs),
            grouping_sets: std::mem::take(&mut grouping.sets),
            has_aggregates: level.has_aggregates || having.is_some() || grouping.empty,
            having,
            windows: std::mem::take(&mut level.windows),
            targets: Vec::new(),
            distinct,
            form: SelectForm::default(),
        };
        bound.form = SelectForm {
            group_by: std::mem::take(&mut level.group_forms),
            group_distinct: select.group_distinct,
            window_names: window_names(&level.window_names, bound.windows.len()),
            joins: std::mem::take(&mut level.joins),
            casts_of_subquery: false,
        };
        let order_by: Vec<SortKey> = order_by.into_iter().map(|(key, _)| key).collect();
        bound.targets = targets.iter().map(|target| target.node.expr.clone()).collect();
        self.level().relations = Vec::new();
        let pending = grouped.then_some(Pending { targets, noted: [before_having, before_order] });
        Ok(Core { body: QueryBody::Select(Box::new(bound)), order_by, columns, places, pending })
    }

    /// WHERE or HAVING.
    pub(crate) fn filter(&mut self, filter: Option<&ast::Expr>, clause: Clause) -> Result<Option<Expr>> {
        filter.map(|filter| self.in_clause(clause, |binder| binder.condition(filter, clause.name()))).transpose()
    }

    fn row_count(&mut self, expr: Option<&ast::Expr>, clause: Clause) -> Result<Option<Expr>> {
        let Some(expr) = expr else { return Ok(None) };
        // LIMIT has no names to refer to but outer ones; own ones are an error of their own.
        let uses = self.level().uses.len();
        let node = self.in_clause(clause, |binder| binder.expr(expr))?;
        let bound = self.coerce_to_specific(node, Oid::INT8, clause.name())?;
        self.check_no_variables(uses, clause.name())?;
        Ok(Some(bound))
    }

    /// FOR UPDATE and FOR KEY SHARE: `transformLockingClause`.
    fn locks(&mut self, locking: &[Locking], body: &QueryBody) -> Result<Vec<(usize, LockStrength)>> {
        let mut locks: Vec<(usize, LockStrength)> = Vec::new();
        for clause in locking {
            let word = strength_word(clause.strength);
            let select = lockable(body, word)?;
            if clause.of.is_empty() {
                for index in 0..select.relations.len() {
                    add_lock(&mut locks, select, index, clause.strength);
                }
            }
            for name in &clause.of {
                let index = named_relation(select, name, word)?;
                add_lock(&mut locks, select, index, clause.strength);
            }
        }
        if let QueryBody::Select(select) = body {
            let locked: Vec<usize> = locks.iter().map(|(index, _)| *index).collect();
            self.requires_locks(select, &locked);
        }
        Ok(locks)
    }
}

/// The names of windows, by window.
fn window_names(named: &[(String, usize)], windows: usize) -> Vec<Option<String>> {
    (0..windows).map(|window| named.iter().find(|(_, index)| *index == window).map(|(name, _)| name.clone())).collect()
}

fn strength_word(strength: LockStrength) -> &'static str {
    match strength {
        LockStrength::Update => "FOR UPDATE",
        LockStrength::KeyShare => "FOR KEY SHARE",
    }
}

/// `CheckSelectLocking`
fn lockable<'q>(body: &'q QueryBody, word: &str) -> Result<&'q Select> {
    let refuse = |what: &str| Err(SqlError::unsupported(format!("{word} is not allowed with {what}")));
    let select = match body {
        QueryBody::Select(select) => select,
        QueryBody::Values(_) => return Err(SqlError::unsupported(format!("{word} cannot be applied to VALUES"))),
        QueryBody::SetOperation { .. } => return refuse("UNION/INTERSECT/EXCEPT"),
    };
    if !matches!(select.distinct, BoundDistinct::No) {
        return refuse("DISTINCT clause");
    }
    if !select.group_by.is_empty() || !select.grouping_sets.is_empty() {
        return refuse("GROUP BY clause");
    }
    if select.having.is_some() {
        return refuse("HAVING clause");
    }
    if select.has_aggregates {
        return refuse("aggregate functions");
    }
    if !select.windows.is_empty() {
        return refuse("window functions");
    }
    let is_set = |expr: &Expr| expr.is_set();
    if select.targets.iter().any(|target| walk::contains(target, &is_set)) {
        return refuse("set-returning functions in the target list");
    }
    Ok(select)
}

fn named_relation(select: &Select, name: &ast::ObjectName, word: &str) -> Result<usize> {
    if name.schema.is_some() {
        return Err(SqlError::new(SqlState::SYNTAX_ERROR, format!("{word} must specify unqualified relation names")).at(name.at));
    }
    let found = select.relations.iter().position(|entry| entry.alias == name.name);
    let Some(index) = found else {
        let message = format!("relation \"{}\" in {word} clause not found in FROM clause", name.name);
        return Err(SqlError::new(SqlState::UNDEFINED_TABLE, message).at(name.at));
    };
    let kind = match &select.relations[index].relation {
        Relation::Function { .. } => "a function",
        Relation::Values(_) => "VALUES",
        Relation::Cte(_) | Relation::WorkTable(_) => "a WITH query",
        Relation::Table(_) | Relation::System(_) | Relation::Subquery(_) => return Ok(index),
    };
    Err(SqlError::unsupported(format!("{word} cannot be applied to {kind}")).at(name.at))
}

/// The strongest lock asked for counts.
fn add_lock(locks: &mut Vec<(usize, LockStrength)>, select: &Select, index: usize, strength: LockStrength) {
    if !matches!(select.relations[index].relation, Relation::Table(_) | Relation::Subquery(_)) {
        return;
    }
    match locks.iter_mut().find(|(known, _)| *known == index) {
        Some((_, known)) if *known == LockStrength::KeyShare => *known = strength,
        Some(_) => {}
        None => locks.push((index, strength)),
    }
}

impl Draft {
    /// The nodes of a plain SELECT's targets, for coercing them in place.
    pub(crate) fn target(&mut self, index: usize) -> Option<Node> {
        let QueryBody::Select(select) = &mut self.query.body else { return None };
        Some(Node { expr: select.targets.get(index)?.clone(), at: self.places[index] })
    }

    /// Puts back a target that was coerced.
    pub(crate) fn set_target(&mut self, index: usize, node: Node) {
        if let QueryBody::Select(select) = &mut self.query.body {
            self.query.columns[index].ty = node.expr.ty;
            select.targets[index] = node.expr;
        }
    }
}
