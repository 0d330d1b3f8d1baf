//! Expressions: compiled once per plan, evaluated per row.
//!
//! A planned [`Expr`](borealis_sql::expr::Expr) becomes a tree of [`Code`]: types resolved to function pointers, comparisons of the common types to
//! instructions of their own, subqueries to places in the execution's state. A tree of plain enum nodes is what the measurements favour here: no
//! virtual call per node, and the two operands of a comparison are read where they lie ([`Code::eval_ref`]), so that a filter over slots and
//! constants neither allocates nor touches a reference count.
//!
//! Everything an expression may touch while it runs is a [`Runtime`].

pub mod array;
pub mod compare;
mod compile;
mod convert;
mod domain;
mod json;
mod members;
pub mod order;
pub(crate) mod routine;
mod run;
mod spread;
pub(crate) mod subplan;
#[cfg(test)]
mod tests;

use borealis_pgtypes::{Datum, Function, Oid, Type};
use borealis_sql::ast::BooleanTest;

pub(crate) use compile::hashable;
pub use compile::{Compiler, compile};
use domain::DomainCode;
pub(crate) use run::eval_args;

use crate::exec::{QueryEnv, Shared, Txn};

/// What an expression or operator may touch while it runs.
pub struct Runtime<'a> {
    /// The statement's surroundings.
    pub env: &'a QueryEnv<'a>,
    /// The transaction. A scan takes it out while it reads; expressions it evaluates meanwhile have no subqueries.
    pub(crate) txn: Option<&'a mut Txn>,
    /// The execution's own state.
    pub(crate) shared: &'a mut Shared,
}

impl Runtime<'_> {
    /// The transaction.
    ///
    /// # Errors
    /// `XX000` inside a scan.
    pub(crate) fn txn(&mut self) -> borealis_pgtypes::Result<&mut Txn> {
        self.txn.as_deref_mut().ok_or_else(|| borealis_pgtypes::SqlError::internal("the transaction is in use by a scan"))
    }

    /// Counts memory an operator holds.
    ///
    /// # Errors
    /// `54000` beyond the query's limit.
    pub(crate) fn charge(&mut self, bytes: usize) -> borealis_pgtypes::Result<()> {
        self.shared.memory.charge(bytes, self.env.limits.memory_bytes)
    }
}

/// A compiled expression.
#[derive(Debug)]
#[allow(missing_docs)] // fields are called what they are
pub enum Code {
    /// A value.
    Const(Datum),
    /// A value of the input row.
    Slot(usize),
    /// `$n`, from 0.
    Param(usize),
    /// A value handed down by an enclosing node.
    ExecParam(usize),
    /// The argument of the innermost CASE, or the element being cast.
    CaseArg,
    /// A comparison of two values of one storage class.
    Compare(Box<compare::Comparison>),
    /// A function of the table.
    Call(Box<Call>),
    /// A function the session answers.
    Session(Box<SessionCall>),
    /// Through the text form.
    InOut(Box<InOut>),
    /// The same value in another storage class.
    Relabel { arg: Box<Self>, to: Oid },
    /// Applies a type modifier.
    Typmod(Box<TypmodCode>),
    /// A function in SQL.
    Routine(Box<routine::RoutineCode>),
    /// The same value, which must pass a domain's conditions.
    Domain(Box<domain::DomainCode>),
    /// Array, element by element.
    ArrayElements { arg: Box<Self>, element: Box<Self>, element_type: Oid },
    /// Record, field by field.
    RowFields { arg: Box<Self>, fields: Vec<Self>, shape: RowShape },
    /// `left op ANY|ALL (array)`.
    ScalarArray(Box<ScalarArray>),
    /// Conjunction.
    And(Box<[Self]>),
    /// Disjunction.
    Or(Box<[Self]>),
    /// Negation.
    Not(Box<Self>),
    /// `IS [NOT] NULL`.
    IsNull { arg: Box<Self>, negated: bool },
    /// `IS [NOT] TRUE` ...
    BooleanTest { arg: Box<Self>, test: BooleanTest },
    /// `IS [NOT] DISTINCT FROM`.
    IsDistinct { equal: Box<Invoke>, left: Box<Self>, right: Box<Self>, negated: bool },
    /// `NULLIF`.
    NullIf { equal: Box<Invoke>, left: Box<Self>, right: Box<Self> },
    /// Searched or simple CASE.
    Case(Box<Case>),
    /// First that is not null.
    Coalesce(Box<[Self]>),
    /// GREATEST or LEAST.
    MinMax { greatest: bool, order: order::Order, args: Box<[Self]> },
    /// `ARRAY[..]`.
    Array { element: Oid, items: Box<[Self]>, nested: bool },
    /// `ROW(..)`.
    Row { items: Box<[Self]>, shape: RowShape },
    /// `(a, b) < (c, d)`.
    RowCompare(Box<RowCompare>),
    /// JSON_OBJECT, JSON_ARRAY, IS JSON.
    Json(Box<json::Json>),
    /// A call whose last argument is an array of arguments.
    Spread(Box<spread::Spread>),
    /// `base[i]`, `base[i:j]`.
    Subscript { base: Box<Self>, subscripts: Vec<SubscriptCode> },
    /// A field of a row value.
    Field { base: Box<Self>, field: usize },
    /// A subquery.
    SubPlan(Box<SubPlanCode>),
}

/// Names and types of a row value's fields, shared by all rows made by one expression.
pub type RowShape = std::sync::Arc<[(std::sync::Arc<str>, Oid)]>;

/// A scalar function ready to be called.
#[derive(Debug)]
pub struct Invoke {
    function: &'static Function,
    arg_types: Box<[Oid]>,
    result: Oid,
}

/// A call of a scalar function.
#[derive(Debug)]
pub struct Call {
    invoke: Invoke,
    args: Box<[Code]>,
}

/// A call of a function that the session answers.
#[derive(Debug)]
pub struct SessionCall {
    invoke: Invoke,
    which: borealis_pgtypes::SessionFunction,
    args: Box<[Code]>,
}

/// A cast through the text form.
#[derive(Debug)]
pub struct InOut {
    arg: Code,
    from: Oid,
    to: Type,
}

/// The application of a type modifier.
#[derive(Debug)]
pub struct TypmodCode {
    arg: Code,
    to: Type,
    explicit: bool,
}

/// `left op ANY|ALL (array)`.
#[derive(Debug)]
pub struct ScalarArray {
    test: Invoke,
    /// The test as a plain comparison, when it is one.
    fast: Option<compare::Shape>,
    /// The array, when it is a long constant.
    members: Option<members::Members>,
    all: bool,
    left: Code,
    right: Code,
}

/// CASE.
#[derive(Debug)]
pub struct Case {
    arg: Option<Code>,
    whens: Vec<(Code, Code)>,
    otherwise: Option<Code>,
}

/// A comparison of row values, field by field.
#[derive(Debug)]
pub struct RowCompare {
    operator: compare::Operator,
    orders: Vec<order::Order>,
    left: Vec<Code>,
    right: Vec<Code>,
}

/// A subscript.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum SubscriptCode {
    Index(Code),
    Slice(Option<Code>, Option<Code>),
}

/// A subquery in an expression.
#[derive(Debug)]
pub struct SubPlanCode {
    /// Index of the subquery in the program.
    plan: usize,
    kind: SubPlanKind,
    params: Vec<(usize, Code)>,
}

/// How the rows of a subquery become a value.
#[derive(Debug)]
enum SubPlanKind {
    Scalar,
    Exists,
    Array { element: Oid },
    Quantified { all: bool, left: Vec<Code>, tests: RowTest, hashed: bool },
}

/// The comparison of a row with one of a subquery.
#[derive(Debug)]
struct RowTest {
    /// One per column.
    columns: Vec<Invoke>,
    verdict: RowVerdict,
}

/// How the columns of a row decide.
#[derive(Debug)]
enum RowVerdict {
    /// Every column's test holds.
    All,
    /// One column's test holds.
    Any,
    /// The first columns that are not equal, in these orders.
    First(compare::Operator, Vec<order::Order>),
}
