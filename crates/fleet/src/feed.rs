//! What commits in the databases, told to the control plane's streams.
//!
//! A stream is a follower in its database's store: what it has not taken stays in the journal, over restarts too. Reading needs the database open, but a
//! stream does not keep it so: it waits for commits without a lease, and while the database is at rest with nothing that the stream has not read there is
//! nothing to open it for. After the start of the server nobody knows that, so each database with a stream is opened once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use borealis_base::Id26;
use borealis_control::streaming::{self as told, Batch, ChangeFeed, FeedError, Moment};
use borealis_engine::changes::{Changes, Op, RowChange, Transaction, Value};
use borealis_pgtypes::datetime::UNIX_TO_POSTGRES_SECS;
use borealis_pgtypes::{Datum, Oid, Settings, text};
use borealis_storage::Position;

use crate::FleetError;
use crate::database::{Database, Held};
use crate::fleet::Fleet;

const MICROS_PER_SECOND: i64 = 1_000_000;
const POSTGRES_DAYS: i64 = UNIX_TO_POSTGRES_SECS / 86_400;
/// Readers of one database that are kept between two reads: as many as it may have streams.
const READERS_MAX: usize = 8;

/// The feed of all databases of a fleet.
pub struct Feed {
    fleet: Arc<Fleet>,
    /// By database, readers that go on where they were.
    readers: Mutex<BTreeMap<Id26, Vec<Changes>>>,
}

fn failed(error: impl std::fmt::Display) -> FeedError {
    FeedError(error.to_string())
}

impl Feed {
    /// The feed of a fleet's databases.
    #[must_use]
    pub fn new(fleet: &Arc<Fleet>) -> Self {
        Self { fleet: fleet.clone(), readers: Mutex::default() }
    }

    fn readers(&self) -> MutexGuard<'_, BTreeMap<Id26, Vec<Changes>>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self, database: Id26) -> Result<Arc<Database>, FeedError> {
        self.fleet.database(database).ok_or_else(|| failed(FleetError::Unknown(database)))
    }

    fn open(&self, database: Id26) -> Result<Held, FeedError> {
        self.fleet.hold_quietly(&self.database(database)?).map_err(failed)
    }

    /// Reads with a reader that stands there already, or a new one.
    fn read_open(&self, held: &Held, database: Id26, after: u64, bytes_max: usize) -> Result<Batch, FeedError> {
        let known = self.readers().get_mut(&database).and_then(|readers| {
            let place = readers.iter().position(|reader| reader.position() == after)?;
            Some(readers.swap_remove(place))
        });
        let mut reader = known.map_or_else(|| held.cluster().changes(after), Ok).map_err(failed)?;
        let transactions = reader.next(held.cluster(), bytes_max).map_err(failed)?;
        let batch = Batch {
            position: reader.position(),
            transactions: transactions.iter().map(|transaction| translate(database, transaction)).collect::<Result<_, _>>()?,
        };
        let mut readers = self.readers();
        let readers = readers.entry(database).or_default();
        if readers.len() == READERS_MAX {
            readers.remove(0);
        }
        readers.push(reader);
        Ok(batch)
    }
}

impl ChangeFeed for Feed {
    fn begin(&self, database: Id26, reader: Id26) -> Result<u64, FeedError> {
        self.open(database)?.cluster().follow(reader.0).map_err(failed)
    }

    fn read(&self, database: Id26, after: u64, bytes_max: usize, wait: Duration) -> Result<Batch, FeedError> {
        let nothing = Batch { transactions: Vec::new(), position: after };
        if self.database(database)?.wait_at_rest(Position(after), wait) {
            return Ok(nothing);
        }
        let held = self.open(database)?;
        let signal = held.cluster().signal();
        if signal.newest() == Position(after) {
            drop(held);
            if !signal.wait_past(Position(after), wait) {
                return Ok(nothing);
            }
            return self.read_open(&self.open(database)?, database, after, bytes_max);
        }
        self.read_open(&held, database, after, bytes_max)
    }

    fn advance(&self, database: Id26, reader: Id26, position: u64) {
        if let Ok(database) = self.database(database) {
            database.with_open(|cluster| cluster.advance(&reader.0, position));
        }
    }

    fn end(&self, database: Id26, reader: Id26) {
        let Some(known) = self.fleet.database(database) else { return };
        let ended = self.fleet.hold_quietly(&known).map_err(failed).and_then(|held| held.cluster().unfollow(&reader.0).map_err(failed));
        if let Err(error) = ended {
            tracing::warn!(cluster = %database, stream = %reader, %error, "the journal keeps what a stream that is gone has not read");
        }
        self.readers().remove(&database);
    }
}

/// A transaction as streams tell it. Its identifier is made of database and position, so that it is the same whenever it is told.
fn translate(database: Id26, transaction: &Transaction) -> Result<told::Transaction, FeedError> {
    let mut id = database.0;
    for (byte, of_position) in id[8..].iter_mut().zip(transaction.position.to_be_bytes()) {
        *byte ^= of_position;
    }
    let changes = transaction.rows.iter().map(change).collect::<Result<_, _>>()?;
    Ok(told::Transaction { position: transaction.position, id: Id26(id), committed_ns: transaction.time_ns, changes })
}

fn change(row: &RowChange) -> Result<told::Change, FeedError> {
    let op = match &row.op {
        Op::Insert(values) => told::Op::Create(values_of(values)?),
        Op::Update(values) => told::Op::Update(values_of(values)?),
        Op::Delete(key) => told::Op::Delete(key.as_deref().map(values_of).transpose()?),
    };
    Ok(told::Change { schema: row.table.schema.clone(), table: row.table.name.clone(), op })
}

fn values_of(values: &[Value]) -> Result<told::Row, FeedError> {
    values.iter().map(|value| Ok((value.column.to_string(), datum(value)?))).collect()
}

/// A value by what becomes of it in a record; what has no form of its own there is told as PostgreSQL prints it.
fn datum(value: &Value) -> Result<told::Datum, FeedError> {
    Ok(match &value.datum {
        Datum::Null => told::Datum::Null,
        Datum::Bool(flag) => told::Datum::Bool(*flag),
        Datum::Int2(number) => told::Datum::Integer((*number).into()),
        Datum::Int4(number) => told::Datum::Integer((*number).into()),
        Datum::Int8(number) => told::Datum::Integer(*number),
        Datum::Oid(oid) => told::Datum::Integer(oid.0.into()),
        // As PostgreSQL prints it: 0.1, and not the double that is nearest to the real.
        Datum::Float4(number) => told::Datum::Float(number.to_string().parse().unwrap_or_else(|_| (*number).into())),
        Datum::Float8(number) => told::Datum::Float(*number),
        Datum::Numeric(_) => told::Datum::Numeric(printed(value)?),
        Datum::Text(text) if value.ty == Oid::BPCHAR => told::Datum::Padded(text.to_string()),
        Datum::Text(text) => told::Datum::Text(text.to_string()),
        Datum::Bytea(bytes) => told::Datum::Bytes(bytes.to_vec()),
        Datum::Uuid(_) => told::Datum::Uuid(printed(value)?),
        Datum::Date(days) => told::Datum::Date(i64::from(*days) + POSTGRES_DAYS),
        Datum::Time(micros) => told::Datum::Time(*micros),
        Datum::TimeTz { micros, zone } => told::Datum::TimeTz(*micros, *zone),
        Datum::Timestamp(micros) | Datum::TimestampTz(micros) => told::Datum::Timestamp(moment(*micros)),
        Datum::Interval(interval) => told::Datum::Interval(interval.months, interval.days, interval.micros),
        Datum::Json(_) | Datum::Jsonb(_) => told::Datum::Json(printed(value)?),
        Datum::Char(_) | Datum::Array(_) | Datum::Record(_) | Datum::Inet(_) | Datum::JsonPath(_) => told::Datum::Text(printed(value)?),
    })
}

fn moment(micros: i64) -> Moment {
    match micros {
        i64::MIN => Moment::NegativeInfinity,
        i64::MAX => Moment::Infinity,
        micros => Moment::At(micros.saturating_add(UNIX_TO_POSTGRES_SECS * MICROS_PER_SECOND)),
    }
}

fn printed(value: &Value) -> Result<String, FeedError> {
    let mut out = String::new();
    text::output(&value.datum, value.ty, &Settings::default(), &mut out).map_err(|error| FeedError(error.message().to_owned()))?;
    Ok(out)
}

#[cfg(test)]
mod tests;
