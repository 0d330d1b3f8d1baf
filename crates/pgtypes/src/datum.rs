//! Values.

use std::sync::Arc;

use crate::{Oid, jsonb::Jsonb, numeric::Numeric};

/// One value of any type. The variant is the value's storage class, not its full type: `text`, `varchar`, `bpchar`, `name` and `unknown` literals are all
/// [`Datum::Text`] (`bpchar` is kept blank-padded), every `reg*` type is [`Datum::Oid`]; the expression that made it knows the type.
///
/// 24 bytes; cloning never copies a payload.
#[derive(Clone, Debug, Default)]
pub enum Datum {
    /// SQL NULL.
    #[default]
    Null,
    /// `boolean`
    Bool(bool),
    /// `smallint`
    Int2(i16),
    /// `integer`
    Int4(i32),
    /// `bigint`
    Int8(i64),
    /// `real`
    Float4(f32),
    /// `double precision`
    Float8(f64),
    /// `numeric`
    Numeric(Arc<Numeric>),
    /// The character types; valid UTF-8 without NUL.
    Text(Arc<str>),
    /// `bytea`
    Bytea(Arc<[u8]>),
    /// `uuid`
    Uuid([u8; 16]),
    /// `date`: days since 2000-01-01; `i32::MIN`/`i32::MAX` are -infinity/infinity.
    Date(i32),
    /// `time`: microseconds since midnight, 24:00:00 included.
    Time(i64),
    /// `timetz`: microseconds since midnight local time, and the zone in seconds WEST of UTC (PostgreSQL's own sign).
    TimeTz {
        /// Local time of day.
        micros: i64,
        /// Seconds west of UTC.
        zone: i32,
    },
    /// `timestamp`: microseconds since 2000-01-01 00:00:00; `i64::MIN`/`i64::MAX` are -infinity/infinity.
    Timestamp(i64),
    /// `timestamptz`: microseconds since 2000-01-01 00:00:00 UTC; infinities as in `timestamp`.
    TimestampTz(i64),
    /// `interval`
    Interval(Interval),
    /// `json`: the text as given.
    Json(Arc<str>),
    /// `jsonb`
    Jsonb(Arc<Jsonb>),
    /// `oid`, `xid`, `cid` and the `reg*` types.
    Oid(Oid),
    /// `"char"`
    Char(u8),
    /// Any array, `int2vector` and `oidvector` (lower bound 0) included.
    Array(Arc<ArrayValue>),
    /// A row value.
    Record(Arc<RecordValue>),
    /// `inet`/`cidr`, which exist at run time only.
    Inet(Arc<crate::inet::Inet>),
    /// `jsonpath`, which exists at run time only.
    JsonPath(Arc<crate::jsonpath::JsonPath>),
}

/// `interval`: three independent fields, as PostgreSQL keeps them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Interval {
    /// Months, years included.
    pub months: i32,
    /// Days, weeks included.
    pub days: i32,
    /// Time part in microseconds.
    pub micros: i64,
}

/// An array value: elements in row-major order.
#[derive(Clone, Debug)]
pub struct ArrayValue {
    /// Element type.
    pub element: Oid,
    /// `(length, lower bound)` of each dimension; empty for an empty array.
    pub dimensions: Vec<(i32, i32)>,
    /// Elements; `Datum::Null` for null elements.
    pub elements: Vec<Datum>,
}

impl ArrayValue {
    /// A one-dimensional array with lower bound 1.
    #[must_use]
    pub fn one_dimensional(element: Oid, elements: Vec<Datum>) -> Self {
        let dimensions = if elements.is_empty() { Vec::new() } else { vec![(i32::try_from(elements.len()).unwrap_or(i32::MAX), 1)] };
        Self { element, dimensions, elements }
    }
}

/// A row value: field names and types are shared by all rows of one expression.
#[derive(Clone, Debug)]
pub struct RecordValue {
    /// `(name, type)` of each field; `ROW(..)` fields are called f1, f2, ...
    pub fields: Arc<[(Arc<str>, Oid)]>,
    /// The values, as many as `fields`.
    pub values: Vec<Datum>,
}

impl Datum {
    /// A character value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }

    /// Whether this is SQL NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
