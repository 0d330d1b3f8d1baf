//! PostgreSQL's value model: types, values, their text and binary formats, casts, operators and functions, and the error with its
//! SQLSTATE. Nothing here does IO, reads a clock or knows a table; what a function needs from its surroundings comes in an
//! [`EvalContext`].
//!
//! Signatures live once: [`functions`] and [`operators`] and [`cast`] are the tables that `pg_proc`, `pg_operator` and `pg_cast` list, that the binder
//! resolves with and that the executor evaluates.

pub mod array;
pub mod binary;
pub mod bytea;
pub mod cast;
pub mod compare;
pub mod context;
pub mod copy_text;
pub mod datetime;
pub mod datum;
pub mod error;
pub mod function;
pub mod functions;
pub mod inet;
pub mod json;
pub mod jsonb;
pub mod jsonpath;
pub mod key_range;
pub mod numeric;
pub mod oid;
pub mod operators;
pub mod record;
pub mod text;
pub mod types;
pub mod typmod;
pub mod uuid;

pub use context::{CallContext, DateOrder, DateStyle, EvalContext, Host, IntervalStyle, SessionFunction, Settings};
pub use datum::{ArrayValue, Datum, Interval, RecordValue};
pub use error::{Result, Severity, SqlError, SqlState};
pub use function::{Accumulator, AggregateKind, Body, Cast, CastContext, CastMethod, Function, Operator, RowSet, Strategy, Volatility};
pub use functions::random::RandomSequence;
pub use json::JsonItem;
pub use oid::{Oid, Type};
