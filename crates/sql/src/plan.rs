//! Physical plans: what the executor runs and EXPLAIN prints. Expressions here are planned: `Slot`, `ExecParam` and `SubPlan`, never `Column` or `Subquery`.

#![allow(missing_docs)] // fields whose name says all have no comment of their own

use std::sync::Arc;

use borealis_catalog::Table;
use borealis_pgtypes::{Oid, Type};

use crate::ast::{LockStrength, SetOperator};
use crate::bound::{OnConflict, OutputColumn, TableFunction, WriteTarget};
use crate::expr::{AggregateCall, Expr, SortKey, Window, WindowCall};
use crate::permission::Permissions;

/// A complete plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The tree.
    pub root: Plan,
    /// Subqueries of expressions, by [`crate::expr::SubPlan::plan`].
    pub subplans: Vec<Plan>,
    /// Materialised CTEs in dependency order: id and plan. Data-modifying ones run to completion whether referred to or not.
    pub ctes: Vec<CtePlan>,
    /// Number of exec parameters.
    pub exec_params: usize,
    /// Types of `$1..`.
    pub params: Vec<Type>,
    /// Result columns; `None` without a result set.
    pub columns: Option<Vec<OutputColumn>>,
    /// What it does, for tag and row count.
    pub kind: StatementKind,
    /// Tables read or written and functions called: a catalog read claim each.
    pub tables: Vec<Oid>,
    /// What the role that runs it must be allowed.
    pub permissions: Permissions,
    /// Expected to touch so few rows that it can run on an event loop's thread.
    pub small: bool,
}

impl Planned {
    /// Whether running it leaves claims that others may lose to: it changes rows or locks them.
    #[must_use]
    pub fn leaves_claims(&self) -> bool {
        self.kind != StatementKind::Select || self.ctes.iter().any(|cte| cte.modifies) || self.root.locks_rows()
    }
}

/// Kinds of planned statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    Select,
    Insert,
    Update,
    Delete,
}

/// A materialised CTE.
#[derive(Clone, Debug)]
pub struct CtePlan {
    pub id: usize,
    pub name: String,
    pub plan: Plan,
    pub modifies: bool,
}

/// A node with its estimates.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it does.
    pub node: Node,
    /// Types of the output row's slots.
    pub types: Vec<Type>,
    /// Estimates.
    pub estimate: Estimate,
}

/// Planner's estimates, in PostgreSQL's units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    pub startup_cost: f64,
    pub total_cost: f64,
    pub rows: f64,
    pub width: u32,
}

/// Kinds of join. The output row is the left slots then the right slots; Semi and Anti give the left slots only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanJoinKind {
    Inner,
    Left,
    Right,
    Full,
    Semi,
    Anti,
}

/// Plan nodes.
#[derive(Clone, Debug)]
pub enum Node {
    /// One row without slots, if `filter` (over no slots) holds.
    Result { filter: Option<Expr> },
    /// Constant rows.
    Values { rows: Vec<Vec<Expr>> },
    /// A table.
    Scan(Box<Scan>),
    /// A system relation; slot i is column `columns[i]` of it.
    SystemScan { relation: &'static borealis_catalog::system::SystemRelation, alias: String, columns: Vec<usize>, filter: Option<Expr> },
    /// Functions in FROM.
    FunctionScan { functions: Vec<TableFunction>, ordinality: bool, alias: String, filter: Option<Expr> },
    /// A materialised CTE.
    CteScan { id: usize, alias: String, columns: Vec<String>, filter: Option<Expr> },
    /// Rows of the recursive CTE's last round.
    WorkTableScan { id: usize, alias: String, columns: Vec<String>, filter: Option<Expr> },
    /// Rows for which `predicate` is true.
    Filter { input: Box<Plan>, predicate: Expr },
    /// New slots.
    Project { input: Box<Plan>, exprs: Vec<Expr> },
    /// New slots, some of which are `SetFunction`s that run in lockstep.
    ProjectSet { input: Box<Plan>, exprs: Vec<Expr> },
    /// First `limit` rows after `offset`; `ties`: number of leading sort keys (of the input's order) whose ties also come.
    Limit { input: Box<Plan>, limit: Option<Expr>, offset: Option<Expr>, ties: Option<Vec<SortKey>> },
    /// Sorted rows; with `limit`, only that many first ones are kept.
    Sort { input: Box<Plan>, keys: Vec<SortKey>, limit: Option<Expr> },
    /// Distinct rows by the given slots, first one wins, input order kept (hash).
    Distinct { input: Box<Plan>, slots: Vec<usize> },
    /// Distinct neighbours by the given slots (sorted input).
    Unique { input: Box<Plan>, slots: Vec<usize> },
    /// Grouping. Output: group expressions, then aggregates, then (with grouping sets) one `integer` slot per entry of `groupings`.
    Aggregate(Box<Aggregate>),
    /// Window functions over one window; input sorted by partition and order. Output: input slots, then one per call.
    Window { input: Box<Plan>, window: Window, calls: Vec<WindowCall> },
    /// For each left row: set `params`, run the right side, keep pairs for which `condition` holds. Kinds Inner, Left, Semi, Anti. Rows come in the order of
    /// the left side. Without `params` the right side gives the same rows each time (it may be kept).
    ///
    /// `batched`: the right side is looked up for many left rows at a time, for each distinct value of the parameters once.
    NestedLoop { kind: PlanJoinKind, left: Box<Plan>, right: Box<Plan>, params: Vec<(usize, Expr)>, condition: Option<Expr>, batched: bool },
    /// Rows that are kept for the next time: the right side of a nested loop without parameters.
    Materialize { input: Box<Plan> },
    /// Both sides come in the order of the keys, ascending with NULLs last. `residual` is over left slots then right slots. Kinds Inner, Left, Semi, Anti.
    MergeJoin { kind: PlanJoinKind, left: Box<Plan>, right: Box<Plan>, left_keys: Vec<Expr>, right_keys: Vec<Expr>, residual: Option<Expr> },
    /// Builds a table of the right side. `residual` is over left slots then right slots. The keys of a pair have the same type; a FULL JOIN without condition
    /// has none.
    HashJoin { kind: PlanJoinKind, left: Box<Plan>, right: Box<Plan>, left_keys: Vec<Expr>, right_keys: Vec<Expr>, residual: Option<Expr> },
    /// Concatenation (UNION ALL).
    Append { inputs: Vec<Plan> },
    /// INTERSECT / EXCEPT, with or without ALL (UNION is Append + Distinct).
    SetOp { op: SetOperator, all: bool, left: Box<Plan>, right: Box<Plan> },
    /// WITH RECURSIVE.
    RecursiveUnion { id: usize, base: Box<Plan>, recursive: Box<Plan>, all: bool },
    /// Marks rows for the commit check: slot of the row locator, table, strength. Passes rows through.
    LockRows { input: Box<Plan>, locks: Vec<(usize, Oid, LockStrength)> },
    /// INSERT. `source` rows have one slot per entry of `table.columns`. Output: `returning`.
    Insert(Box<InsertPlan>),
    /// UPDATE. Output: `returning`.
    Update(Box<UpdatePlan>),
    /// DELETE. Output: `returning`.
    Delete(Box<DeletePlan>),
}

/// Access to one table.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The table.
    pub table: Arc<Table>,
    /// Name it is known by.
    pub alias: String,
    /// How rows are found.
    pub access: Access,
    /// Descending key order.
    pub reverse: bool,
    /// `attnum` of each output slot.
    pub columns: Vec<i16>,
    /// One more slot at the end: the row's locator (`bytea`: its storage key), for UPDATE, DELETE and row marks.
    pub locator: bool,
    /// Residual condition over the output slots.
    pub filter: Option<Expr>,
    /// No more than this many rows (after `filter`) are wanted.
    pub limit: Option<Expr>,
}

/// How a scan finds rows. Bounds are expressions over no slots: constants, parameters, exec parameters, uncorrelated subplans, and stable functions of these.
#[derive(Clone, Debug)]
pub enum Access {
    /// All rows in primary-key order.
    Full,
    /// By the primary key.
    PrimaryKey(Bounds),
    /// By a secondary index (its oid); `covering`: every column needed is in the index, so rows are not looked up.
    Index { index: Oid, bounds: Bounds, covering: bool },
}

/// A contiguous range, or several points, of an index's keys. Values have the key column's type, or are integers of another width, or dates among timestamps.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// Leading keys matched exactly.
    pub prefix: Vec<KeyMatch>,
    /// The keys after the prefix are above each of these.
    pub lower: Vec<Edge>,
    /// The keys after the prefix are below each of these.
    pub upper: Vec<Edge>,
}

/// One side of a range: the keys after the prefix, as many as there are values, compared with these as a row.
///
/// A first value that is NULL matches nothing. A later NULL ends the row before it, and what equals the values up to there is not included: whether it is
/// beyond the edge nobody knows.
#[derive(Clone, Debug)]
pub struct Edge {
    pub values: Vec<Expr>,
    pub inclusive: bool,
    /// The last value has been converted, as the column is where the two are compared: rows within a day of it may be on either side. One that cannot be
    /// converted bounds nothing.
    pub near: bool,
}

/// A match of one key.
#[derive(Clone, Debug)]
pub enum KeyMatch {
    /// `key = value`; a NULL value matches nothing.
    Equal(Expr),
    /// `key = ANY (array)`: each distinct element in key order.
    Any(Expr),
    /// `key IS NULL`.
    IsNull,
}

/// Grouping and aggregation.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Input.
    pub input: Box<Plan>,
    /// How groups are found.
    pub strategy: AggregateStrategy,
    /// Group expressions over the input.
    pub groups: Vec<Expr>,
    /// Grouping sets as index lists into `groups`; empty: one set of all.
    pub sets: Vec<Vec<usize>>,
    /// Aggregates over the input.
    pub aggregates: Vec<AggregateCall>,
    /// GROUPING(..) calls: index lists into `groups`.
    pub groupings: Vec<Vec<usize>>,
}

/// How groups are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateStrategy {
    /// One group, present even without input rows.
    Plain,
    /// Neighbouring rows (sorted input).
    Sorted,
    /// A hash table.
    Hashed,
}

/// INSERT.
#[derive(Clone, Debug)]
pub struct InsertPlan {
    pub target: WriteTarget,
    pub source: Plan,
    pub on_conflict: Option<OnConflict>,
    /// Over the new row, `Slot(attnum - 1)`.
    pub returning: Vec<Expr>,
}

/// UPDATE. `source` gives, for each row to change: the old row (one slot per entry of `table.columns`), the locator, then the slots of the other relations.
#[derive(Clone, Debug)]
pub struct UpdatePlan {
    /// The table.
    pub target: WriteTarget,
    /// Rows to change; a row met twice is changed once.
    pub source: Plan,
    /// New value per entry of `table.columns` over `source`'s slots; `None`: unchanged.
    pub assignments: Vec<Option<Expr>>,
    /// Over `source`'s slots with the first `table.columns.len()` replaced by the new row.
    pub returning: Vec<Expr>,
}

/// DELETE. `source` as for UPDATE.
#[derive(Clone, Debug)]
pub struct DeletePlan {
    pub target: WriteTarget,
    pub source: Plan,
    pub returning: Vec<Expr>,
}

impl Plan {
    /// The inputs of a node, in the order in which nodes are numbered.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        match &self.node {
            Node::Result { .. }
            | Node::Values { .. }
            | Node::Scan(_)
            | Node::SystemScan { .. }
            | Node::FunctionScan { .. }
            | Node::CteScan { .. }
            | Node::WorkTableScan { .. } => Vec::new(),
            Node::Filter { input, .. }
            | Node::Project { input, .. }
            | Node::ProjectSet { input, .. }
            | Node::Limit { input, .. }
            | Node::Sort { input, .. }
            | Node::Distinct { input, .. }
            | Node::Unique { input, .. }
            | Node::Materialize { input }
            | Node::Window { input, .. }
            | Node::LockRows { input, .. } => vec![input],
            Node::Aggregate(aggregate) => vec![&aggregate.input],
            Node::NestedLoop { left, right, .. }
            | Node::HashJoin { left, right, .. }
            | Node::MergeJoin { left, right, .. }
            | Node::SetOp { left, right, .. } => vec![left, right],
            Node::Append { inputs } => inputs.iter().collect(),
            Node::RecursiveUnion { base, recursive, .. } => vec![base, recursive],
            Node::Insert(insert) => vec![&insert.source],
            Node::Update(update) => vec![&update.source],
            Node::Delete(delete) => vec![&delete.source],
        }
    }

    /// Whether rows that are read are locked.
    fn locks_rows(&self) -> bool {
        matches!(self.node, Node::LockRows { .. }) || self.children().iter().any(|child| child.locks_rows())
    }

    /// Number of nodes in the tree.
    #[must_use]
    pub fn node_count(&self) -> usize {
        1 + self.children().iter().map(|child| child.node_count()).sum::<usize>()
    }
}

impl Planned {
    /// The trees of a plan in the order in which nodes are numbered for EXPLAIN ANALYZE: the root's, then each subplan's, then each CTE's. Within a tree
    /// numbers go in pre-order by [`Plan::children`]; each tree continues where the one before it ended.
    pub fn trees(&self) -> impl Iterator<Item = &Plan> {
        std::iter::once(&self.root).chain(&self.subplans).chain(self.ctes.iter().map(|cte| &cte.plan))
    }
}
