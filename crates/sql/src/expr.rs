//! Typed expressions: what the binder makes of [`crate::ast::Expr`], what the planner rewrites and the executor compiles.
//!
//! One tree for both phases, so that rewriting is a walk. The variants marked *bound* are gone after planning; those marked *planned* do not exist before.

#![allow(missing_docs)] // fields whose name says all have no comment of their own

use std::sync::Arc;

use borealis_catalog::Routine;
use borealis_pgtypes::{Datum, Function, JsonItem, Oid, Operator, Type};

use crate::ast::{BooleanTest, Frame};
use crate::bound::Query;

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
}

/// A column of a relation in scope. *Bound.*
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnRef {
    /// How many query levels up: 0 is the query the expression stands in.
    pub depth: u32,
    /// Index into that query level's [`crate::bound::Select::relations`].
    pub relation: usize,
    /// Column of the relation, from 0.
    pub column: usize,
}

impl ColumnRef {
    /// The pseudo column that is NULL only where an outer join has found no row: a table's tells where the row is, any other relation's that it is there.
    pub const LOCATOR: usize = usize::MAX;
}

/// The forms of an expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A value.
    Const(Datum),
    /// *Bound.* A column.
    Column(ColumnRef),
    /// *Planned.* A value of the node's input row.
    Slot(usize),
    /// *Planned.* A value handed down by an enclosing node: correlated subqueries, parameterised inner sides.
    ExecParam(usize),
    /// `$n`, from 0.
    Param(usize),
    /// A scalar function, an operator (then `operator` is set), or a function that implements a cast.
    Call { function: &'static Function, operator: Option<&'static Operator>, args: Vec<Expr> },
    /// A set-returning function: in a target list (planned into ProjectSet) or in FROM.
    SetFunction { function: &'static Function, args: Vec<Expr> },
    /// A call of a function whose body is SQL, which is not inlined.
    Routine(Box<RoutineCall>),
    /// A type change that is no plain function call.
    Coerce { arg: Box<Expr>, coercion: Coercion },
    /// `left op ANY|ALL (array)`.
    ScalarArray { function: &'static Function, operator: &'static Operator, all: bool, left: Box<Expr>, right: Box<Expr> },
    /// Conjunction, three-valued.
    And(Vec<Expr>),
    /// Disjunction, three-valued.
    Or(Vec<Expr>),
    /// Negation, three-valued.
    Not(Box<Expr>),
    /// `IS [NOT] NULL`; a row value is null when all its fields are, not null when none is.
    IsNull { arg: Box<Expr>, negated: bool },
    /// `IS [NOT] TRUE` ...
    BooleanTest { arg: Box<Expr>, test: BooleanTest },
    /// `IS [NOT] DISTINCT FROM`; `function` is the type's equality.
    IsDistinct { function: &'static Function, left: Box<Expr>, right: Box<Expr>, negated: bool },
    /// `NULLIF`; `function` is the type's equality.
    NullIf { function: &'static Function, left: Box<Expr>, right: Box<Expr> },
    /// Searched CASE; the simple form binds `arg = when` with `arg` repeated as [`ExprKind::CaseArg`].
    Case { arg: Option<Box<Expr>>, whens: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>> },
    /// The value of the innermost enclosing CASE's argument.
    CaseArg,
    /// First argument that is not null.
    Coalesce(Vec<Expr>),
    /// GREATEST or LEAST by the type's default order.
    MinMax { greatest: bool, args: Vec<Expr> },
    /// `ARRAY[..]`; `nested`: the elements are arrays and give one more dimension.
    Array { element: Oid, items: Vec<Expr>, nested: bool },
    /// `ROW(..)`.
    Row { items: Vec<Expr>, names: Vec<String> },
    /// Row comparison `(a, b) < (c, d)`; one pair of operator functions per column, by the rules of PostgreSQL's RowCompare. `operator` is the name.
    RowCompare { operator: String, functions: Vec<&'static Function>, left: Vec<Expr>, right: Vec<Expr> },
    /// `base[i]...`, `base[i:j]...`.
    Subscript { base: Box<Expr>, subscripts: Vec<BoundSubscript> },
    /// A field of a row value, from 0.
    Field { base: Box<Expr>, field: usize },
    /// JSON_OBJECT, JSON_ARRAY, IS JSON.
    Json { form: JsonForm, args: Vec<Expr> },
    /// *Bound.* A subquery.
    Subquery(Box<Subquery>),
    /// *Planned.* A subquery.
    SubPlan(Box<SubPlan>),
    /// *Bound.* An aggregate, of the query it stands in or of one around it.
    Aggregate(Box<AggregateCall>),
    /// *Bound.* A window function.
    Window(Box<WindowCall>),
    /// `GROUPING(..)`: indexes into the group expressions of the query `level` levels up. The planner turns it into a slot or constant.
    Grouping { level: u32, places: Vec<usize> },
}

/// SQL/JSON expressions. What is `binary` gives `jsonb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForm {
    /// Of keys and values by turns.
    Object {
        binary: bool,
        absent_on_null: bool,
        unique: bool,
    },
    Array {
        binary: bool,
        absent_on_null: bool,
    },
    /// `IS JSON`: whether its one argument is such a document.
    Is {
        item: JsonItem,
        unique: bool,
    },
}

/// A function in SQL as one call sees it: polymorphic types made concrete.
#[derive(Clone, Debug)]
pub struct RoutineSpec {
    /// The function.
    pub routine: Arc<Routine>,
    /// Name of its schema.
    pub schema: String,
    /// Types of the arguments a call gives.
    pub args: Vec<Type>,
    /// Type of the result, or of each row of it.
    pub result: Type,
    /// Columns of a result that is a row: OUT parameters, columns of TABLE or of the row type, or those that the query demands of a plain record.
    pub columns: Vec<(String, Type)>,
}

impl RoutineSpec {
    /// Whether two calls run the same statements.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.routine.oid == other.routine.oid && self.args == other.args && self.result == other.result && self.columns == other.columns
    }
}

/// A call of a function in SQL.
#[derive(Clone, Debug)]
pub struct RoutineCall {
    pub spec: Arc<RoutineSpec>,
    pub args: Vec<Expr>,
    /// The last argument was given with VARIADIC, or packed from several.
    pub variadic: bool,
}

/// Ways to change a value's type without calling a function of the table.
#[derive(Clone, Debug)]
pub enum Coercion {
    /// Same representation, other type.
    Relabel,
    /// Through the text form.
    InOut,
    /// Applies the target's type modifier (`borealis_pgtypes::cast::coerce_typmod`).
    Typmod { explicit: bool },
    /// Element by element; the inner expression reads its element as [`ExprKind::CaseArg`].
    ArrayElements(Box<Expr>),
    /// The last argument of a function that takes any number of values of any type, written with VARIADIC: the array's elements are the values.
    Spread,
    /// To a domain: the value stays as it is and must pass the domain's conditions.
    Domain(Arc<DomainTest>),
    /// A record to another row type, field by field; each reads its field as [`ExprKind::CaseArg`].
    RowFields { fields: Vec<Expr>, names: Vec<String> },
}

/// What a value must pass to be of a domain: its own conditions after those of the domains it is over.
#[derive(Clone, Debug)]
pub struct DomainTest {
    /// The domain.
    pub oid: Oid,
    /// Schema and name of the domain.
    pub schema: String,
    pub name: String,
    /// The domain as messages write it: qualified where the search path does not find it.
    pub display: String,
    /// NULL is refused.
    pub not_null: bool,
    /// Name and condition of each CHECK, over the value as `Slot(0)`; it fails when it is false, passes on NULL.
    pub checks: Vec<(String, Expr)>,
}

/// A subscript.
#[derive(Clone, Debug)]
pub enum BoundSubscript {
    Index(Expr),
    Slice(Option<Expr>, Option<Expr>),
}

/// *Bound.* A subquery in an expression.
#[derive(Clone, Debug)]
pub struct Subquery {
    /// How its rows become a value.
    pub kind: SubqueryKind,
    /// The query; correlated columns in it have a depth above 0.
    pub query: Query,
}

/// How the rows of a subquery become a value.
#[derive(Clone, Debug)]
pub enum SubqueryKind {
    /// The one row's one column; NULL without rows; 21000 with more than one row.
    Scalar,
    /// Whether there is a row.
    Exists,
    /// ARRAY(SELECT ..).
    Array,
    /// `test op ANY`/`ALL`: `comparison` is over [`SubqueryKind`] columns given as `left` values and the subquery's columns.
    Quantified {
        /// ALL instead of ANY.
        all: bool,
        /// Left values, one per column.
        left: Vec<Expr>,
        /// Comparison function per column (more than one column: `=` only for ANY, `<>` only for ALL, combined as PostgreSQL does).
        functions: Vec<&'static Function>,
        /// The operator of each comparison, for hashing and EXPLAIN.
        operators: Vec<&'static Operator>,
    },
}

/// *Planned.* A subquery: run with its parameters set, once if there are none.
#[derive(Clone, Debug)]
pub struct SubPlan {
    /// Index into [`crate::plan::Planned::subplans`].
    pub plan: usize,
    /// As bound; expressions inside are planned.
    pub kind: SubqueryKind,
    /// Exec parameters to set before running, from the outer row.
    pub params: Vec<(usize, Expr)>,
    /// For `= ANY` without correlation: build a hash table of the rows once.
    pub hashed: bool,
}

/// A sort key.
#[derive(Clone, Debug)]
pub struct SortKey {
    pub expr: Expr,
    pub descending: bool,
    pub nulls_first: bool,
}

/// An aggregate call.
#[derive(Clone, Debug)]
pub struct AggregateCall {
    /// How many query levels up its rows are: 0 is the query the call stands in. Everything it reads is of that level or further out.
    pub level: u32,
    pub function: &'static Function,
    pub args: Vec<Expr>,
    pub distinct: bool,
    pub order_by: Vec<SortKey>,
    pub filter: Option<Expr>,
    pub ty: Type,
}

/// A window function call.
#[derive(Clone, Debug)]
pub struct WindowCall {
    pub function: &'static Function,
    pub args: Vec<Expr>,
    pub filter: Option<Expr>,
    /// Index into [`crate::bound::Select::windows`].
    pub window: usize,
    pub ty: Type,
}

/// A window definition.
#[derive(Clone, Debug)]
pub struct Window {
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortKey>,
    /// Mode, bounds and exclusion as written; offsets bound in `start_offset`/`end_offset`.
    pub frame: Option<Frame>,
    pub start_offset: Option<Expr>,
    pub end_offset: Option<Expr>,
}

impl Expr {
    /// An expression of a type without modifier.
    #[must_use]
    pub fn new(kind: ExprKind, ty: Type) -> Self {
        Self { kind, ty }
    }

    /// Whether it is a call that gives a set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        match &self.kind {
            ExprKind::SetFunction { .. } => true,
            ExprKind::Routine(call) => call.spec.routine.returns_set,
            _ => false,
        }
    }

    /// A constant.
    #[must_use]
    pub fn constant(value: Datum, ty: Type) -> Self {
        Self { kind: ExprKind::Const(value), ty }
    }
}
