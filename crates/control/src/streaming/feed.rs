//! What a stream is fed with: transactions as they committed, each row's net change in a transaction once.

use std::fmt;
use std::time::Duration;

use borealis_base::Id26;

/// Tells what commits in a database.
///
/// A database is named by the cluster that owns it; a multi-Region peer shares its owner's, so a stream of either sees the writes of both.
/// Commits have positions that only grow.
pub trait ChangeFeed: Send + Sync + 'static {
    /// A reader begins: what commits after the position returned stays known until the reader has moved on. That is the newest commit, or where a reader of
    /// this name was. Durable on return.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    fn begin(&self, database: Id26, reader: Id26) -> Result<u64, FeedError>;

    /// What committed after a position, oldest first, and no more once it holds `bytes_max`. Waits for up to `wait` while nothing has.
    ///
    /// # Errors
    /// When the database cannot be read, or what committed after the position is no longer known.
    fn read(&self, database: Id26, after: u64, bytes_max: usize, wait: Duration) -> Result<Batch, FeedError>;

    /// A reader needs nothing up to a position any more, which may be forgotten.
    fn advance(&self, database: Id26, reader: Id26, position: u64);

    /// A reader is gone, if there was one. Durable on return where the database can be written.
    fn end(&self, database: Id26, reader: Id26);
}

/// What a read of a feed gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The transactions that changed rows of users' tables; others are passed over.
    pub transactions: Vec<Transaction>,
    /// The last commit that was read: where the next read goes on. That of the call, when nothing has committed.
    pub position: u64,
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
