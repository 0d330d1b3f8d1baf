//! Bound statements: names and types resolved, nothing planned. The binder's output and the planner's input.

#![allow(missing_docs)] // fields whose name says all have no comment of their own

use std::sync::Arc;

use borealis_catalog::{Change, ForeignKey, Sequence, SequenceState, Table};
use borealis_pgtypes::{Oid, SqlError, Type};

use crate::ast::{JoinKind, LockStrength, SetOperator};
use crate::expr::{Expr, SortKey, Window};
use crate::permission::Permissions;

/// A column of a statement's result.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// Name as PostgreSQL gives it.
    pub name: String,
    /// Type.
    pub ty: Type,
    /// Table and `attnum` when it is plainly a table's column (RowDescription shows them).
    pub origin: Option<(Oid, i16)>,
}

/// A bound statement.
#[derive(Clone, Debug)]
pub enum Bound {
    /// SELECT, VALUES, set operations.
    Query(Query),
    /// INSERT.
    Insert(Box<Insert>),
    /// UPDATE.
    Update(Box<Update>),
    /// DELETE.
    Delete(Box<Delete>),
    /// A catalog change, complete.
    Ddl(Box<Ddl>),
}

/// Result of binding: the statement, and what the session needs to know about it.
#[derive(Clone, Debug)]
pub struct BoundStatement {
    /// The statement.
    pub statement: Bound,
    /// Types of `$1..`, given or inferred.
    pub params: Vec<Type>,
    /// Columns of the result; `None` when it has no result set.
    pub columns: Option<Vec<OutputColumn>>,
    /// Views that were read or written through: the statement depends on them as it does on its tables.
    pub views: Vec<Oid>,
    /// NOTICEs to send, e.g. `relation "t" already exists, skipping`.
    pub notices: Vec<SqlError>,
    /// What the current role must be allowed, which names the users' functions that it calls or that were inlined into it.
    pub permissions: Permissions,
}

/// A query level with its set operations, order and limit.
#[derive(Clone, Debug)]
pub struct Query {
    /// Common table expressions visible in this query (own ones only).
    pub ctes: Vec<Cte>,
    /// The rows.
    pub body: QueryBody,
    /// For a `Select` body: over its relations. For others: [`crate::expr::ExprKind::Slot`] over the body's output columns.
    pub order_by: Vec<SortKey>,
    /// `bigint` expression.
    pub limit: Option<Expr>,
    /// `bigint` expression.
    pub offset: Option<Expr>,
    /// FETCH .. WITH TIES.
    pub with_ties: bool,
    /// Visible columns.
    pub columns: Vec<OutputColumn>,
    /// FOR UPDATE / FOR KEY SHARE: relation indexes of the `Select` and the strength.
    pub locks: Vec<(usize, LockStrength)>,
}

impl Query {
    /// A set operation with nothing around it.
    #[must_use]
    pub fn is_bare_set_operation(&self) -> bool {
        matches!(self.body, QueryBody::SetOperation { .. }) && self.is_bare()
    }

    /// A query with nothing around its body.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.ctes.is_empty() && self.order_by.is_empty() && self.limit.is_none() && self.offset.is_none() && self.locks.is_empty()
    }
}

/// Where a query's rows come from.
#[derive(Clone, Debug)]
pub enum QueryBody {
    /// SELECT.
    Select(Box<Select>),
    /// VALUES: rows of equal length, cast to the column types.
    Values(Vec<Vec<Expr>>),
    /// UNION, INTERSECT, EXCEPT: each side's columns cast to the result types (`coercions` over `Slot`s; `None` when both sides fit).
    SetOperation {
        /// Which.
        op: SetOperator,
        /// ALL.
        all: bool,
        /// Left side.
        left: Box<Query>,
        /// Right side.
        right: Box<Query>,
        /// Casts of the left columns.
        left_coercions: Option<Vec<Expr>>,
        /// Casts of the right columns.
        right_coercions: Option<Vec<Expr>>,
    },
}

/// A common table expression.
#[derive(Clone, Debug)]
pub struct Cte {
    /// Number unique in the whole statement; [`Relation::Cte`] refers to it.
    pub id: usize,
    /// Name, for EXPLAIN.
    pub name: String,
    /// What it is.
    pub body: CteBody,
    /// Output columns.
    pub columns: Vec<OutputColumn>,
    /// So many of the columns were given names.
    pub aliases: usize,
    /// MATERIALIZED / NOT MATERIALIZED.
    pub materialized: Option<bool>,
    /// How often it is referred to.
    pub references: usize,
}

/// The statement of a CTE.
#[derive(Clone, Debug)]
pub enum CteBody {
    /// A query.
    Query(Box<Query>),
    /// WITH RECURSIVE: the recursive term refers to the CTE's own id by [`Relation::WorkTable`].
    Recursive {
        base: Box<Query>,
        recursive: Box<Query>,
        all: bool,
        base_coercions: Option<Vec<Expr>>,
        recursive_coercions: Option<Vec<Expr>>,
        traversal: Traversal,
    },
    /// Data-modifying.
    Modify(Box<Bound>),
}

/// SEARCH and CYCLE of a recursive query. Its terms are as they were written: the planner adds the columns, which are [`Cte::columns`] behind the terms' own.
#[derive(Clone, Debug, Default)]
pub struct Traversal {
    pub search: Option<Search>,
    pub cycle: Option<Box<Cycle>>,
}

impl Traversal {
    /// How many columns it adds: the sequence, the mark, the path, as far as they are there.
    #[must_use]
    pub fn columns(&self) -> usize {
        usize::from(self.search.is_some()) + if self.cycle.is_some() { 2 } else { 0 }
    }

    /// Neither clause is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.search.is_none() && self.cycle.is_none()
    }
}

/// SEARCH: one more column, by which the rows are in the order of the search.
#[derive(Clone, Debug)]
pub struct Search {
    pub breadth_first: bool,
    /// The key's places among the columns.
    pub columns: Vec<usize>,
}

/// CYCLE: two more columns, a mark and the keys met on the way. A marked row leads no further.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// The key's places among the columns.
    pub columns: Vec<usize>,
    /// The mark of a row whose key was met before: a constant, and of the same type as `default`.
    pub value: Expr,
    /// The mark of any other row.
    pub default: Expr,
    /// `mark <> value`, where `Slot(0)` is the mark of the row to go on from.
    pub continues: Expr,
}

/// One SELECT.
#[derive(Clone, Debug)]
pub struct Select {
    /// All relations of FROM, in the order of appearance; [`crate::expr::ColumnRef::relation`] indexes it.
    pub relations: Vec<RelationEntry>,
    /// How they are joined: an implicit cross join of the items.
    pub from: Vec<FromItem>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// Group expressions.
    pub group_by: Vec<Expr>,
    /// Grouping sets as index lists into `group_by`; empty: plain GROUP BY (or none).
    pub grouping_sets: Vec<Vec<usize>>,
    /// Whether it is an aggregate query even without GROUP BY.
    pub has_aggregates: bool,
    /// HAVING.
    pub having: Option<Expr>,
    /// Window definitions.
    pub windows: Vec<Window>,
    /// Visible target expressions.
    pub targets: Vec<Expr>,
    /// DISTINCT.
    pub distinct: BoundDistinct,
    /// How it was written, where that does not follow from the rest.
    pub form: SelectForm,
}

/// What only the deparser needs of a SELECT: its meaning is in the other fields.
#[derive(Clone, Debug, Default)]
pub struct SelectForm {
    /// GROUP BY as written, over [`Select::group_by`].
    pub group_by: Vec<GroupForm>,
    /// GROUP BY DISTINCT.
    pub group_distinct: bool,
    /// Names of [`Select::windows`] that the WINDOW clause gave.
    pub window_names: Vec<Option<String>>,
    /// The joins of [`Select::from`], sides before the join of them.
    pub joins: Vec<JoinForm>,
    /// The SELECT was put around its only relation to cast the columns.
    pub casts_of_subquery: bool,
}

/// An item of GROUP BY; numbers are places in [`Select::group_by`].
#[derive(Clone, Debug)]
pub enum GroupForm {
    /// An expression, or `(a, b)`.
    Expr(Vec<usize>),
    /// `()`
    Empty,
    /// ROLLUP
    Rollup(Vec<Vec<usize>>),
    /// CUBE
    Cube(Vec<Vec<usize>>),
    /// GROUPING SETS
    Sets(Vec<GroupForm>),
}

/// A join as written.
#[derive(Clone, Debug, Default)]
pub struct JoinForm {
    /// USING or NATURAL: the merged columns and what they are.
    pub using: Vec<(String, Expr)>,
    /// `USING (..) AS alias`
    pub using_alias: Option<String>,
    /// The alias of the join as a whole, which hides the names in it, and its columns under that name.
    pub alias: Option<(String, Vec<(String, Expr)>)>,
}

/// DISTINCT, resolved.
#[derive(Clone, Debug)]
pub enum BoundDistinct {
    /// None.
    No,
    /// On all targets.
    All,
    /// DISTINCT ON.
    On(Vec<Expr>),
}

/// A relation in FROM.
#[derive(Clone, Debug)]
pub struct RelationEntry {
    /// What it is.
    pub relation: Relation,
    /// Name it is known by.
    pub alias: String,
    /// Its columns, in order; columns of a table are its live columns.
    pub columns: Vec<OutputColumn>,
    /// Whether it may refer to earlier relations.
    pub lateral: bool,
    /// How it was written.
    pub form: RelationForm,
}

/// What FROM said of a relation besides what it is.
#[derive(Clone, Debug, Default)]
pub struct RelationForm {
    /// The view whose query this is.
    pub view: Option<Oid>,
    /// The sequence that is read as a relation.
    pub sequence: Option<Oid>,
    /// It was given a name.
    pub alias: bool,
    /// So many of its columns were given names.
    pub columns: usize,
    /// So many of its last columns are those that SEARCH and CYCLE of the query add.
    pub added: usize,
    /// LATERAL was written.
    pub lateral: bool,
    /// It is a function that gives values, not rows: its name alone stands for the value.
    pub scalar: bool,
    /// What must hold of a table's row before anything else looks at it, over the columns of relation 0, which is the table. It reads nothing else, so
    /// moving the relation to another level leaves it as it is.
    pub confined: Option<Box<Expr>>,
}

/// Kinds of relation.
#[derive(Clone, Debug)]
pub enum Relation {
    /// A table; column i is `table.live_columns()[i]`.
    Table(Arc<Table>),
    /// A relation computed by the server: `pg_catalog`, `information_schema`, sys.
    System(&'static borealis_catalog::system::SystemRelation),
    /// A subquery (its correlated columns have depth 1 for LATERAL).
    Subquery(Box<Query>),
    /// Functions (ROWS FROM has several); each gives its columns in turn, then the ordinality.
    Function { functions: Vec<TableFunction>, ordinality: bool },
    /// A CTE by [`Cte::id`].
    Cte(usize),
    /// The recursive CTE being computed.
    WorkTable(usize),
    /// VALUES in FROM.
    Values(Vec<Vec<Expr>>),
}

/// One function in FROM.
#[derive(Clone, Debug)]
pub struct TableFunction {
    /// `SetFunction`, or any scalar expression (one row).
    pub expr: Expr,
    /// Columns it gives; a composite result is spread over them.
    pub columns: Vec<(String, Type)>,
    /// Whether the value is a record to be spread over `columns`.
    pub spread: bool,
    /// The statement defined the columns: `AS (a int, b text)`.
    pub defined: bool,
}

/// The join tree.
#[derive(Clone, Debug)]
pub enum FromItem {
    /// Index into [`Select::relations`].
    Relation(usize),
    /// A join; `condition` true when absent. Merged USING columns are bound as COALESCE or plain columns by the binder.
    Join { kind: JoinKind, left: Box<FromItem>, right: Box<FromItem>, condition: Option<Expr> },
}

/// What writing a table needs besides the row: bound once per plan.
#[derive(Clone, Debug)]
pub struct WriteTarget {
    /// The table. Rows handed to the executor have one value per entry of `table.columns` (dropped ones NULL); in the expressions below a column is
    /// `Slot(attnum - 1)`.
    pub table: Arc<Table>,
    /// Generated columns, computed before anything is checked.
    pub generated: Vec<GeneratedColumn>,
    /// CHECK constraints: name and condition; fails when it is false, passes on NULL.
    pub checks: Vec<(String, Expr)>,
    /// Check options of the views that the statement writes through: a view's name and its condition, which must be true of the row once it is written.
    pub view_checks: Vec<(String, Expr)>,
    /// What must hold of every row that is written, and of one that a conflict would update, under a tenant guard.
    pub confined: Option<Expr>,
    /// Secondary indexes (parallel to `table.indexes`): key expressions and predicate.
    pub indexes: Vec<IndexTarget>,
    /// Users' functions that these expressions call, or that were inlined into them.
    pub routines: Vec<Oid>,
    /// Foreign keys that the write may touch; `None`: none, which costs nothing.
    pub foreign_keys: Option<Arc<ForeignKeys>>,
}

/// Foreign keys that a statement may touch, at either end, with the tables that their actions may write in turn.
#[derive(Clone, Debug)]
pub struct ForeignKeys {
    /// Each once, by oid: the order in which those of one row are checked.
    pub keys: Vec<BoundForeignKey>,
    /// Tables that actions write, the statement's own among them when a key leads back to it. These keys are theirs too: their own `foreign_keys` is
    /// empty.
    pub cascades: Vec<WriteTarget>,
}

/// A foreign key, bound. In the expressions `Slot(i)` is the value of the key's `i`th column.
#[derive(Clone, Debug)]
pub struct BoundForeignKey {
    pub key: ForeignKey,
    /// The referencing table.
    pub child: Arc<Table>,
    /// The referenced table.
    pub parent: Arc<Table>,
    /// How values of both ends are compared, column by column.
    pub pairs: Vec<KeyPair>,
    /// ON UPDATE CASCADE: the referenced values as the referencing columns take them; empty for other actions.
    pub assigned: Vec<Expr>,
    /// SET DEFAULT: defaults of the referencing columns; empty for other actions.
    pub defaults: Vec<Expr>,
    /// Place of the referencing table in [`ForeignKeys::cascades`], when an action writes it.
    pub cascade: Option<usize>,
}

/// A referencing column and the one it references. Two values match when each, in the other's type, is the other.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The referencing value in the referenced type.
    pub to_parent: Expr,
    /// The referenced value in the referencing type; `None` where several values of that type may stand for one, so that `to_parent` alone decides.
    pub to_child: Option<Expr>,
}

/// A stored generated column.
#[derive(Clone, Debug)]
pub struct GeneratedColumn {
    /// Its place in `table.columns`.
    pub place: usize,
    /// Its value over the row, in the column's type.
    pub expr: Expr,
    /// Places of the columns it is computed from.
    pub sources: Vec<usize>,
}

/// Bound parts of a secondary index.
#[derive(Clone, Debug)]
pub struct IndexTarget {
    /// Key expressions over the row.
    pub keys: Vec<Expr>,
    /// Predicate over the row.
    pub predicate: Option<Expr>,
}

/// INSERT.
#[derive(Clone, Debug)]
pub struct Insert {
    /// CTEs of the statement.
    pub ctes: Vec<Cte>,
    /// The table.
    pub target: WriteTarget,
    /// Name the table is known by in ON CONFLICT and RETURNING.
    pub alias: String,
    /// Source rows; `values` below read them as `Slot`s. `None`: DEFAULT VALUES (one empty row).
    pub source: Option<Query>,
    /// One expression per entry of `table.columns`: source slot cast for assignment, default, or NULL.
    pub values: Vec<Expr>,
    /// ON CONFLICT.
    pub on_conflict: Option<OnConflict>,
    /// RETURNING over the new row: a column is `Slot(attnum - 1)`; empty without RETURNING.
    pub returning: Vec<Expr>,
}

/// ON CONFLICT.
#[derive(Clone, Debug)]
pub struct OnConflict {
    /// Oids of the unique indexes that arbitrate; empty: all of them (DO NOTHING without a target).
    pub arbiters: Vec<Oid>,
    /// DO UPDATE.
    pub update: Option<ConflictUpdate>,
}

/// DO UPDATE: expressions over `Slot(attnum - 1)` for the existing row and `Slot(columns.len() + attnum - 1)` for EXCLUDED.
#[derive(Clone, Debug)]
pub struct ConflictUpdate {
    /// New value per entry of `table.columns`; `None`: unchanged.
    pub assignments: Vec<Option<Expr>>,
    /// WHERE.
    pub filter: Option<Expr>,
}

/// UPDATE. The target is relation 0 of `source`; the other relations come from FROM.
#[derive(Clone, Debug)]
pub struct Update {
    /// CTEs of the statement.
    pub ctes: Vec<Cte>,
    /// The table.
    pub target: WriteTarget,
    /// Relations, joins and WHERE; no targets of its own.
    pub source: Select,
    /// New value per entry of `table.columns` over `source`'s relations; `None`: unchanged.
    pub assignments: Vec<Option<Expr>>,
    /// RETURNING over `source`'s relations, where a column of relation 0 means its new value; empty without RETURNING.
    pub returning: Vec<Expr>,
}

/// DELETE. The target is relation 0 of `source`.
#[derive(Clone, Debug)]
pub struct Delete {
    /// CTEs of the statement.
    pub ctes: Vec<Cte>,
    /// The table.
    pub target: WriteTarget,
    /// Relations, joins and WHERE; no targets of its own.
    pub source: Select,
    /// RETURNING over `source`'s relations; empty without RETURNING.
    pub returning: Vec<Expr>,
}

/// A DDL statement as a change of the catalog.
#[derive(Clone, Debug)]
pub struct Ddl {
    /// Command tag: `CREATE TABLE`.
    pub tag: &'static str,
    /// Descriptors written and removed; empty when there is nothing to do (IF EXISTS).
    pub changes: Vec<Change>,
    /// Relations whose writers and readers with an older snapshot must fail at commit (OC001).
    pub affected: Vec<Oid>,
    /// What becomes of sequences' values.
    pub sequences: Vec<SequenceEffect>,
    /// Work that follows the commit.
    pub jobs: Vec<JobRequest>,
    /// Whether the statement answers the first job's id as a row `job_id`.
    pub returns_job_id: bool,
}

/// What a DDL statement does to the values of a sequence, which are no part of the catalog.
#[derive(Clone, Debug, PartialEq)]
pub enum SequenceEffect {
    /// It goes on from here, as of the commit.
    Set(Oid, SequenceState),
    /// It goes on from where it is; the statement fails when that is out of the bounds it has now.
    Keep(Arc<Sequence>),
}

/// Asynchronous work started by a DDL statement's commit.
#[derive(Clone, Debug, PartialEq)]
pub enum JobRequest {
    /// Fill the index.
    BuildIndex { table: Oid, index: Oid },
    /// Remove the storage of dropped relations.
    DropStorage { relation: Oid },
    /// Check existing rows.
    ValidateConstraint { table: Oid, constraint: Oid },
}
