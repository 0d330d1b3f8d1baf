//! What a stream is fed with: transactions as they committed, each row's net change in a transaction once.

use std::fmt;
use std::time::Duration;

use borealis_base::Id26;

/// Tells what commits in a database.
///
/// A database is named by the cluster that owns it; a multi-Region peer shares its owner's, so a stream of either sees the writes of both.
/// Commits have positions that only grow.
pub trait ChangeFeed: Send + Sync + 'static {
    /// The position of the newest commit.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn newest(&self, database: Id26) -> Result<u64, FeedError>;

    /// The transactions that committed after a position, oldest first: at least one when there is one, and no more once they hold `bytes_max`.
    /// Waits for up to `wait` while there is none. A transaction that changed no row of a user's table is left out.
    ///
    /// # Errors
    /// When the database cannot be read, or what committed after the position is no longer known.
    fn read(&self, database: Id26, after: u64, bytes_max: usize, wait: Duration) -> Result<Vec<Transaction>, FeedError>;

    /// What committed after this position is still needed by a reader; with `None` the reader is gone. What no reader needs may be forgotten.
    fn hold(&self, database: Id26, reader: Id26, after: Option<u64>);
}

/// Why a feed cannot tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedError(pub String);

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FeedError {}

/// A transaction that committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// Its place among the commits.
    pub position: u64,
    /// Its identifier in the records.
    pub id: Id26,
    /// When it committed, nanoseconds since 1970-01-01 UTC.
    pub committed_ns: i64,
    /// One change for each row that is other after it than before. A row that it inserted and deleted is not among them.
    pub changes: Vec<Change>,
}

/// What a transaction did to one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// What happened to the row.
    pub op: Op,
}

/// Columns and values of a row, in the table's order.
pub type Row = Vec<(String, Datum)>;

/// What happened to a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// There is a new row; all of it.
    Create(Row),
    /// The row has changed; all of it as it is now.
    Update(Row),
    /// The row is gone; the values of its primary key when the table has one.
    Delete(Option<Row>),
}

/// A value, by what becomes of it in a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// NULL, of any type.
    Null,
    /// `boolean`.
    Bool(bool),
    /// `smallint`, `integer`, `bigint`, `oid`.
    Integer(i64),
    /// `real`, `double precision`.
    Float(f64),
    /// `numeric`, as PostgreSQL prints it.
    Numeric(String),
    /// `text`, `varchar`, `name`, domains over them.
    Text(String),
    /// `char(n)`, blank-padded.
    Padded(String),
    /// `bytea`.
    Bytes(Vec<u8>),
    /// `date`: days since 1970-01-01.
    Date(i64),
    /// `time`: microseconds since midnight.
    Time(i64),
    /// `timetz`: microseconds since midnight, and seconds west of Greenwich.
    TimeTz(i64, i32),
    /// `timestamp`, `timestamptz`.
    Timestamp(Moment),
    /// `interval`: months, days, microseconds.
    Interval(i32, i32, i64),
    /// `uuid`, as PostgreSQL prints it.
    Uuid(String),
    /// `json`, `jsonb`, as PostgreSQL prints it.
    Json(String),
    /// `oidvector`.
    OidVector(Vec<u32>),
}

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before all others.
    NegativeInfinity,
    /// Microseconds since 1970-01-01 00:00:00 (UTC for `timestamptz`).
    At(i64),
    /// After all others.
    Infinity,
}
