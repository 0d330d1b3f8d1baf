//! The planner: from a bound statement to the tree the executor runs. A pure function of the statement, the catalog, statistics and settings.
//!
//! Order of work, one query level at a time:
//!
//! ```text
//! fold        constants, by running immutable functions                                        fold
//! rewrite     min/max to an ordered probe; subqueries of FROM and inlined CTEs pulled up;      minmax, pullup, cte
//!             EXISTS and IN turned into semi joins; conditions pushed into what stays          sublink, pushdown
//! join tree   inner joins flattened into a group; outer joins that cannot keep a row with      group, strict
//!             NULLs reduced; conditions given to the lowest place where they may stand
//! access      table scan, primary key or index, from the conditions on one table               access, bounds
//! search      join order and methods by cost; interesting order kept for ORDER BY .. LIMIT     search, method
//! build       the winner becomes plan nodes; columns become slots                              build, lower
//! above       grouping, windows, set-returning functions, DISTINCT, ORDER BY, LIMIT            select, aggregate, window, project
//! ```
//!
//! *Columns and slots.* Until a node is built an expression names columns by (relation, column) of its query level. A [`layout::Layout`] says which slot of a
//! node's output holds which column. Grouping and windows compute values that are no columns; the expressions above are rewritten to name them as columns
//! of pseudo relations ([`layout::GROUPS`] and its neighbours), so that turning an expression into slots is the same everywhere, also for what a correlated
//! subquery asks of its outer row.
//!
//! *Correlation.* A reference that leaves its query level becomes an exec parameter at the nearest boundary: a subquery expression hands its parameters
//! down through `SubPlan::params`, a lateral item of FROM through `NestedLoop::params`. A reference across two boundaries is handed from one to the next,
//! so each boundary's list tells everything its plan depends on, and one with an empty list may run once.

pub(crate) mod access;
mod aggregate;
mod bounds;
mod build;
pub(crate) mod cost;
mod cte;
mod definition;
mod dml;
mod fold;
mod from;
mod group;
mod layout;
mod lower;
mod method;
mod minmax;
mod project;
mod pullup;
mod pushdown;
mod query;
mod row_bounds;
pub(crate) mod same;
mod search;
mod select;
mod selectivity;
mod set_operation;
mod small;
mod strict;
mod sublink;
pub(crate) mod substitute;
mod traversal;
pub(crate) mod walk;
mod window;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use borealis_catalog::statistics::TableStatistics;
use borealis_pgtypes::{EvalContext, Oid, Result, SqlError, Type};

use crate::bind::BindContext;
use crate::bound::{Bound, BoundStatement};
use crate::plan::{CtePlan, Plan, Planned, StatementKind};

/// What a plan may depend on besides the statement.
pub struct PlanContext<'a> {
    /// What the statement was bound with: definitions of indexes are text and bound again, constants are folded. Without it only indexes on plain columns
    /// are known and calls over constants stay calls.
    pub binding: Option<&'a BindContext<'a>>,
    /// What is known of the tables' contents.
    pub statistics: &'a dyn Statistics,
    /// Switches of the session.
    pub settings: &'a PlannerSettings,
}

impl<'a> PlanContext<'a> {
    /// For folding immutable calls over constants.
    fn eval(&self) -> Option<&'a EvalContext<'a>> {
        self.binding.map(|binding| binding.eval)
    }
}

/// What ANALYZE found in tables.
pub trait Statistics {
    /// Of one table; `None`: never analysed.
    fn table(&self, table: Oid) -> Option<Arc<TableStatistics>>;
}

/// Nothing is known of any table.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStatistics;

impl Statistics for NoStatistics {
    fn table(&self, _: Oid) -> Option<Arc<TableStatistics>> {
        None
    }
}

/// The session's planner switches (`enable_...`). A method that is switched off is still used where nothing else works, at a cost of 1e10.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PlannerSettings {
    pub enable_hashjoin: bool,
    pub enable_nestloop: bool,
    pub enable_batched_nestloop: bool,
    pub enable_mergejoin: bool,
    pub enable_material: bool,
    pub enable_seqscan: bool,
    pub enable_indexscan: bool,
    pub enable_indexonlyscan: bool,
    pub enable_hashagg: bool,
    pub enable_sort: bool,
}

impl Default for PlannerSettings {
    fn default() -> Self {
        Self {
            enable_hashjoin: true,
            enable_nestloop: true,
            enable_batched_nestloop: true,
            enable_mergejoin: true,
            enable_material: true,
            enable_seqscan: true,
            enable_indexscan: true,
            enable_indexonlyscan: true,
            enable_hashagg: true,
            enable_sort: true,
        }
    }
}

/// Plans a statement.
///
/// # Errors
/// `0A000` for the few forms that have no plan (a FULL JOIN without an equality), and what a folded constant expression raises is left to execution.
pub fn plan(bound: BoundStatement, ctx: &PlanContext<'_>) -> Result<Planned> {
    let BoundStatement { statement, params, columns, views, notices: _, permissions } = bound;
    let mut planner = Planner::new(ctx, &params);
    planner.tables = views;
    let (root, kind) = planner.statement(statement)?;
    let Planner { subplans, ctes, exec_params, mut tables, .. } = planner;
    tables.extend(&permissions.routines);
    let mut planned = Planned { root, subplans, ctes, exec_params, params, columns, kind, tables, permissions, small: false };
    planned.small = small::is_small(&planned);
    Ok(planned)
}

/// The state of planning one statement.
pub(crate) struct Planner<'a> {
    pub(crate) ctx: &'a PlanContext<'a>,
    pub(crate) subplans: Vec<Plan>,
    pub(crate) ctes: Vec<CtePlan>,
    pub(crate) cte_definitions: HashMap<usize, cte::Definition>,
    pub(crate) exec_params: usize,
    pub(crate) tables: Vec<Oid>,
    /// Query levels being planned, innermost last.
    pub(crate) scopes: Vec<lower::Scope>,
}

impl<'a> Planner<'a> {
    fn new(ctx: &'a PlanContext<'a>, _params: &[Type]) -> Self {
        Self {
            ctx,
            subplans: Vec::new(),
            ctes: Vec::new(),
            cte_definitions: HashMap::new(),
            exec_params: 0,
            tables: Vec::new(),
            scopes: Vec::new(),
        }
    }

    pub(crate) fn new_param(&mut self) -> usize {
        self.exec_params += 1;
        self.exec_params - 1
    }

    pub(crate) fn uses_table(&mut self, table: Oid) {
        if !self.tables.contains(&table) {
            self.tables.push(table);
        }
    }

    /// Plans a statement or the statement of a data-modifying CTE.
    pub(crate) fn statement(&mut self, statement: Bound) -> Result<(Plan, StatementKind)> {
        match statement {
            Bound::Query(query) => Ok((self.top_query(query)?, StatementKind::Select)),
            Bound::Insert(insert) => Ok((self.insert(*insert)?, StatementKind::Insert)),
            Bound::Update(update) => Ok((self.update(*update)?, StatementKind::Update)),
            Bound::Delete(delete) => Ok((self.delete(*delete)?, StatementKind::Delete)),
            Bound::Ddl(ddl) => Err(SqlError::internal(format!("{} has no plan", ddl.tag))),
        }
    }
}
