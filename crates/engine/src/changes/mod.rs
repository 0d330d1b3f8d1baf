//! What was committed, row by row: the store's [commits](borealis_storage::Committed) read with the table descriptors that were valid when they
//! were made.
//!
//! A commit names keys and bytes; which table and which columns they are, the catalog of that moment says, and the journal has that too: DDL is
//! a change of keys like any other. So a reader carries the [shapes] of the tables along, and takes over what each commit says of them before it
//! reads the commit's rows. One that begins in the past takes today's shapes and undoes what was changed since: each change of a descriptor tells
//! what it replaced.
//!
//! Writes tell whether a row was there before them ([`Before`]), so that an insert can be told from an update, and the primary key of a row
//! that is gone where its bytes alone do not say it.

mod shapes;

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid};
use borealis_storage::{Before, ChangesError, CommitSignal, Committed, Follower, KeyChange, Position, StoreError};

use crate::Cluster;
use shapes::Shapes;

/// Bytes of the journal read at a time when a reader that begins in the past looks for changes of the catalog.
const LOOK_BACK_BYTES: usize = 4 << 20;

/// A transaction that changed rows of tables.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// Its place among the commits.
    pub position: u64,
    /// When it committed, nanoseconds since 1970-01-01 UTC: another one for each commit.
    pub time_ns: i64,
    /// Each row that is other after it than before, by table and key.
    pub rows: Vec<RowChange>,
}

/// What a transaction did to one row.
#[derive(Debug, Clone)]
pub struct RowChange {
    /// The table, as it was called then.
    pub table: Arc<TableName>,
    /// What happened.
    pub op: Op,
}

/// A table's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// The table's oid.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
}

/// What happened to a row.
#[derive(Debug, Clone)]
pub enum Op {
    /// There is a new row.
    Insert(Vec<Value>),
    /// The row is another one; as it is now.
    Update(Vec<Value>),
    /// The row is gone; the values of its primary key, in the table's order, when the table has one.
    Delete(Option<Vec<Value>>),
}

/// A column's value.
#[derive(Debug, Clone)]
pub struct Value {
    /// The column.
    pub column: Arc<str>,
    /// Its type; that which a domain is over.
    pub ty: Oid,
    /// The value.
    pub datum: Datum,
}

/// A row of one table that is other after a commit than before.
#[derive(Debug, Clone)]
pub struct KeyedChange {
    /// The commit's place.
    pub position: u64,
    /// When it committed, nanoseconds since 1970-01-01 UTC.
    pub time_ns: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// The row's primary key, in the table's order; `None` when the table has none.
    pub key: Option<Vec<Value>>,
}

/// What happened to a row, without its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// There is a new row.
    Insert,
    /// The row is another one.
    Update,
    /// The row is gone.
    Delete,
}

impl ChangeKind {
    /// The kind of a change; `None` when nothing was there and nothing is.
    fn of(change: &KeyChange) -> Option<Self> {
        match (&change.after, &change.before) {
            (Some(_), Before::Absent) => Some(Self::Insert),
            (Some(_), Before::Untold | Before::Value(_)) => Some(Self::Update),
            (None, Before::Absent) => None,
            (None, _) => Some(Self::Delete),
        }
    }
}

impl Cluster {
    /// The newest commit.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.store.position().0
    }

    /// Begins to follow what commits: everything after the position returned stays known until the follower has [moved on](Cluster::advance). Durable
    /// on return; one that is known goes on from where it was.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn follow(&self, follower: Follower) -> Result<u64, StoreError> {
        Ok(self.store.follow(follower)?.0)
    }

    /// A follower needs nothing up to a position any more.
    pub fn advance(&self, follower: &Follower, position: u64) {
        self.store.advance(follower, Position(position));
    }

    /// Ends a follower, known or not; durable on return.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unfollow(&self, follower: &Follower) -> Result<(), StoreError> {
        self.store.unfollow(follower)
    }

    /// What tells of new commits. It does not keep the cluster open.
    #[must_use]
    pub fn signal(&self) -> Arc<CommitSignal> {
        self.store.signal()
    }

    /// A reader of what commits after a position.
    ///
    /// # Errors
    /// When what committed after it is no longer known.
    pub fn changes(&self, after: u64) -> Result<Changes, ChangesError> {
        let snapshot = self.store.snapshot();
        let mut shapes = Shapes::of(&snapshot)?;
        if snapshot.catalog_position().0 > after {
            let mut undo = shapes::Undo::default();
            let mut at = Position(after);
            while at < snapshot.position() {
                for commit in self.store.changes(at, LOOK_BACK_BYTES)? {
                    at = commit.position;
                    if commit.catalog && at <= snapshot.position() {
                        undo.note(&commit);
                    }
                }
            }
            shapes.undo(undo)?;
        }
        Ok(Changes { shapes, position: after })
    }
}

/// Reads commits in order. It belongs to one cluster, and holds nothing of it.
#[derive(Debug)]
pub struct Changes {
    shapes: Shapes,
    position: u64,
}

impl Changes {
    /// The last commit it has read.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// The transactions that come next, none when nothing has committed, about `bytes_max` of them. Those that changed no row of a table are passed over,
    /// which [`Changes::position`] shows.
    ///
    /// # Errors
    /// When they are no longer known, or cannot be read; then this reader is of no use any more.
    pub fn next(&mut self, cluster: &Cluster, bytes_max: usize) -> Result<Vec<Transaction>, ChangesError> {
        let mut transactions = Vec::new();
        self.read(cluster, bytes_max, |shapes, commit| {
            let (position, time_ns) = (commit.position.0, commit.time_ns);
            let rows: Vec<RowChange> =
                commit.changes.into_iter().filter_map(|change| row(shapes, change).transpose()).collect::<Result<_, _>>()?;
            if !rows.is_empty() {
                transactions.push(Transaction { position, time_ns, rows });
            }
            Ok(())
        })?;
        Ok(transactions)
    }

    /// As [`Changes::next`], of one table and without the rows' other values.
    ///
    /// # Errors
    /// As [`Changes::next`].
    pub fn next_keys(&mut self, cluster: &Cluster, table: Oid, bytes_max: usize) -> Result<Vec<KeyedChange>, ChangesError> {
        let mut keyed = Vec::new();
        self.read(cluster, bytes_max, |shapes, commit| {
            let (position, time_ns) = (commit.position.0, commit.time_ns);
            for change in commit.changes.iter().filter(|change| Shapes::table_of(&change.key) == Some(table)) {
                let Some(kind) = ChangeKind::of(change) else { continue };
                let Some(shape) = shapes.of_row(&change.key)? else { continue };
                let key = match &change.after {
                    Some(row) => shape.primary_key_of(row)?,
                    None => shape.primary_key(&change.key, &change.before)?,
                };
                keyed.push(KeyedChange { position, time_ns, kind, key });
            }
            Ok(())
        })?;
        Ok(keyed)
    }

    /// Reads on, commit by commit, with the tables as each of them leaves them.
    fn read(
        &mut self,
        cluster: &Cluster,
        bytes_max: usize,
        mut each: impl FnMut(&mut Shapes, Committed) -> Result<(), ChangesError>,
    ) -> Result<(), ChangesError> {
        for commit in cluster.store.changes(Position(self.position), bytes_max)? {
            let position = commit.position.0;
            if commit.catalog {
                self.shapes.take_over(&commit)?;
            }
            each(&mut self.shapes, commit)?;
            self.position = position;
        }
        Ok(())
    }
}

/// The change of a row; `None` for keys that are no rows and for rows that were not there before and are not there now.
fn row(shapes: &mut Shapes, change: KeyChange) -> Result<Option<RowChange>, ChangesError> {
    let Some(shape) = shapes.of_row(&change.key)? else { return Ok(None) };
    let Some(kind) = ChangeKind::of(&change) else { return Ok(None) };
    let row = || shape.row(change.after.as_deref().unwrap_or_default());
    let op = match kind {
        ChangeKind::Insert => Op::Insert(row()?),
        ChangeKind::Update => Op::Update(row()?),
        ChangeKind::Delete => Op::Delete(shape.primary_key(&change.key, &change.before)?),
    };
    Ok(Some(RowChange { table: shape.name.clone(), op }))
}

#[cfg(test)]
mod tests;
