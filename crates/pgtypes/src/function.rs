//! The shape of a function, an operator and a cast: one row each, listed by the catalog, resolved by the binder, run by the executor.

use crate::{CallContext, Datum, Oid, Result, SessionFunction};

/// `provolatile`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// A row of `pg_proc` with its implementation.
#[derive(Debug)]
pub struct Function {
    /// PostgreSQL's oid (`pg_proc.dat`).
    pub oid: Oid,
    /// Name, lower case.
    pub name: &'static str,
    /// Declared argument types; may be polymorphic or `any`.
    pub args: &'static [Oid],
    /// Whether the last argument is VARIADIC (its declared type is an array type or `any`).
    pub variadic: bool,
    /// Text of the defaults of the last `defaults.len()` arguments, read by the argument type's input function.
    pub defaults: &'static [&'static str],
    /// Declared result type.
    pub result: Oid,
    /// Columns of a function that returns a row or rows (`json_each`: key, value); empty otherwise.
    pub columns: &'static [(&'static str, Oid)],
    /// Whether any NULL argument gives NULL without a call.
    pub strict: bool,
    /// What the planner may fold.
    pub volatility: Volatility,
    /// Implementation.
    pub body: Body,
}

/// How an aggregate takes its input: `pg_aggregate.aggkind`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AggregateKind {
    /// `sum(x)`
    Normal,
    /// `mode() WITHIN GROUP (ORDER BY x)`
    OrderedSet,
    /// `rank(1) WITHIN GROUP (ORDER BY x)`: a direct argument for each sorted one.
    Hypothetical,
}

impl Function {
    /// It gives rows, as many as there are.
    #[must_use]
    pub const fn returns_set(&self) -> bool {
        matches!(self.body, Body::Set(_) | Body::SessionSet(_))
    }

    /// `aggkind`; `None` for what is no aggregate.
    #[must_use]
    pub fn aggregate_kind(&self) -> Option<AggregateKind> {
        if !matches!(self.body, Body::Aggregate(_)) {
            return None;
        }
        Some(match self.name {
            "mode" | "percentile_cont" | "percentile_disc" => AggregateKind::OrderedSet,
            "cume_dist" | "dense_rank" | "percent_rank" | "rank" => AggregateKind::Hypothetical,
            _ => AggregateKind::Normal,
        })
    }

    /// Whether a call is given a last argument that says what the rows it makes look like.
    #[must_use]
    pub fn takes_shape(&self) -> bool {
        matches!(self.oid.0, 3204 | 3205 | 3209 | 3475 | 3490 | 3491 | 3960 | 3961)
    }

    /// How many of `given` arguments stand in front of WITHIN GROUP.
    #[must_use]
    pub fn direct_args(&self, given: usize) -> usize {
        match self.aggregate_kind() {
            Some(AggregateKind::OrderedSet) => given.saturating_sub(1),
            Some(AggregateKind::Hypothetical) => given / 2,
            Some(AggregateKind::Normal) | None => 0,
        }
    }

    /// The columns of a call with these actual argument types: a column declared `anyelement` has the type of the polymorphic argument's elements.
    pub fn columns_of_call<'a>(&'static self, arg_types: &'a [Oid]) -> impl Iterator<Item = (&'static str, Oid)> + 'a {
        let element = move || {
            let typed = |(declared, actual): (&Oid, &Oid)| match *declared {
                Oid::ANYELEMENT => Some(*actual),
                Oid::ANYARRAY => crate::types::element_of(*actual),
                _ => None,
            };
            self.args.iter().zip(arg_types).find_map(typed).unwrap_or(Oid::ANYELEMENT)
        };
        self.columns.iter().map(move |(name, oid)| (*name, if *oid == Oid::ANYELEMENT { element() } else { *oid }))
    }
}

/// The rows of a set-returning function.
pub type RowSet = Box<dyn Iterator<Item = Result<Vec<Datum>>> + Send>;

/// How a function runs.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// One value from one row's arguments.
    Scalar(fn(&CallContext<'_>, &[Datum]) -> Result<Datum>),
    /// One value, answered by [`crate::Host::session_function`].
    Session(SessionFunction),
    /// A set of rows; each row has one value, or as many as `columns`.
    Set(fn(&CallContext<'_>, &[Datum]) -> Result<RowSet>),
    /// A set of rows, answered by [`crate::Host::session_rows`].
    SessionSet(SessionFunction),
    /// An aggregate: makes the state for one group.
    Aggregate(fn(&CallContext<'_>) -> Box<dyn Accumulator>),
    /// `row_number`, `rank`, ...: the executor's window operator implements them by name.
    Window,
}

/// The running state of one aggregate over one group. `strict` of the [`Function`] says whether rows with a NULL argument are skipped by the caller.
pub trait Accumulator: Send {
    /// Adds one row's arguments.
    ///
    /// # Errors
    /// Overflow and the like.
    fn add(&mut self, call: &CallContext<'_>, args: &[Datum]) -> Result<()>;
    /// The result for the rows so far; may be called more than once (window frames).
    ///
    /// # Errors
    /// Overflow and the like.
    fn finish(&self, call: &CallContext<'_>) -> Result<Datum>;
    /// Bytes held beyond the struct itself, for the query memory limit.
    fn memory(&self) -> usize {
        0
    }
}

/// A B-tree strategy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Strategy {
    Less,
    LessEqual,
    Equal,
    GreaterEqual,
    Greater,
}

impl Strategy {
    /// The strategy that says the same with operands swapped.
    #[must_use]
    pub const fn commuted(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Equal => Self::Equal,
            Self::GreaterEqual => Self::LessEqual,
            Self::Greater => Self::Less,
        }
    }

    /// Whether operands in this order satisfy it.
    #[must_use]
    pub const fn accepts(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessEqual => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::GreaterEqual => order.is_ge(),
            Self::Greater => order.is_gt(),
        }
    }
}

/// A row of `pg_operator`.
#[derive(Debug)]
pub struct Operator {
    /// PostgreSQL's oid (`pg_operator.dat`).
    pub oid: Oid,
    /// Name: `+`, `->>`, ...
    pub name: &'static str,
    /// Left operand type; [`Oid::INVALID`] for a prefix operator.
    pub left: Oid,
    /// Right operand type.
    pub right: Oid,
    /// Result type.
    pub result: Oid,
    /// Implementing function (a row of the function table).
    pub function: Oid,
    /// The operator that gives the same with operands swapped, [`Oid::INVALID`] when there is none.
    pub commutator: Oid,
    /// The operator that gives the opposite, [`Oid::INVALID`] when there is none.
    pub negator: Oid,
    /// Its place in the default B-tree operator family of its types, when it has one: what index access may use.
    pub strategy: Option<Strategy>,
}

/// `castcontext`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum CastContext {
    Implicit,
    Assignment,
    Explicit,
}

/// `castmethod`.
#[derive(Clone, Copy, Debug)]
pub enum CastMethod {
    /// A function of the function table: `f(value)`, `f(value, typmod)` or `f(value, typmod, is_explicit)`.
    Function(Oid),
    /// Same representation.
    Binary,
    /// Through the text form.
    InOut,
}

/// A row of `pg_cast`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Cast {
    pub source: Oid,
    pub target: Oid,
    pub context: CastContext,
    pub method: CastMethod,
}
