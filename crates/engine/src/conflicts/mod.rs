//! Who lost to whom: the rows of `borealis.conflicts`.
//!
//! Aurora DSQL tells a loser that it lost and nothing else. Here the last losers are kept, with the key that was lost over and what is known of
//! the winner. Nothing is computed before somebody asks: a loss keeps the key's bytes, the loser's catalog and the statements' texts, and a commit
//! leaves a pointer to its statements in a ring that the next thousands of commits overwrite. All of it is in memory and gone with the process.

mod key;
mod trail;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use borealis_catalog::Catalog;
use borealis_pgtypes::{Datum, EvalContext, Oid};
use borealis_storage::{Conflict, ConflictKey, ConflictKind, Position};

pub(crate) use trail::Trail;

/// Losers that are remembered.
const LOSERS_MAX: usize = 1_000;
/// Commits whose statements are remembered: a loser's winner is among the latest.
const COMMITS_MAX: usize = 4_096;

/// One loss.
struct Loss {
    /// Microseconds since 2000-01-01 UTC.
    time: i64,
    kind: ConflictKind,
    key: Option<ConflictKey>,
    /// The catalog the loser worked with.
    catalog: Arc<Catalog>,
    loser: Arc<Trail>,
    snapshot: Position,
    /// `None`: a rule of `borealis.inject` made it up.
    winner: Option<Position>,
    told: Told,
}

/// What is known of a winner.
enum Told {
    /// Nothing yet: it may learn of its victory later than the loser of its defeat.
    Waiting,
    Known(Arc<Trail>),
    /// Nothing, and nothing will be.
    Unknown,
}

/// The latest losers and winners of a cluster.
#[derive(Default)]
pub(crate) struct Conflicts {
    losses: Mutex<VecDeque<Loss>>,
    /// By position modulo its length.
    commits: Mutex<Vec<Option<(Position, Arc<Trail>)>>>,
    /// Losses whose winner has not yet said what it did.
    waiting: AtomicUsize,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn slot(position: Position) -> usize {
    usize::try_from(position.0).unwrap_or(usize::MAX) % COMMITS_MAX
}

impl Conflicts {
    /// A transaction was committed.
    pub(crate) fn committed(&self, position: Position, trail: Arc<Trail>) {
        let mut commits = locked(&self.commits);
        if commits.is_empty() {
            commits.resize_with(COMMITS_MAX, || None);
        }
        commits[slot(position)] = Some((position, trail.clone()));
        drop(commits);
        // Behind the entry: a loser that came before it has been counted, one that comes later finds it.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.tell(position, &trail);
        }
    }

    /// Completes the losses that wait for this winner.
    fn tell(&self, position: Position, trail: &Arc<Trail>) {
        let mut losses = locked(&self.losses);
        for loss in losses.iter_mut().filter(|loss| matches!(loss.told, Told::Waiting)) {
            let winner = loss.winner.unwrap_or_default();
            if winner == position {
                loss.told = Told::Known(trail.clone());
            } else if winner.0 + COMMITS_MAX as u64 <= position.0 {
                loss.told = Told::Unknown;
            } else {
                continue;
            }
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// A transaction lost.
    pub(crate) fn lost(&self, time: i64, conflict: &Conflict, catalog: Arc<Catalog>, snapshot: Position, loser: Arc<Trail>) {
        let winner = Some(conflict.winner);
        let key = Some(conflict.key.clone());
        self.push(Loss { time, kind: conflict.kind, key, catalog, loser, snapshot, winner, told: Told::Waiting });
    }

    /// A rule of `borealis.inject` said that it lost.
    pub(crate) fn injected(&self, time: i64, kind: ConflictKind, catalog: Arc<Catalog>, snapshot: Position, loser: Arc<Trail>) {
        self.push(Loss { time, kind, key: None, catalog, loser, snapshot, winner: None, told: Told::Unknown });
    }

    fn push(&self, mut loss: Loss) {
        let mut losses = locked(&self.losses);
        if let Some(winner) = loss.winner {
            // Counted before the look at the ring: a winner that makes its entry afterwards sees that somebody waits.
            self.waiting.fetch_add(1, Ordering::SeqCst);
            loss.told = self.find(winner);
            if !matches!(loss.told, Told::Waiting) {
                self.waiting.fetch_sub(1, Ordering::SeqCst);
            }
        }
        losses.push_back(loss);
        if losses.len() > LOSERS_MAX
            && let Some(Loss { told: Told::Waiting, .. }) = losses.pop_front()
        {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// What the ring says about a winner: its entry, a later one in its place, or none yet.
    fn find(&self, winner: Position) -> Told {
        match locked(&self.commits).get(slot(winner)) {
            Some(Some((position, trail))) if *position == winner => Told::Known(trail.clone()),
            Some(Some((position, _))) if *position > winner => Told::Unknown,
            _ => Told::Waiting,
        }
    }

    /// The rows of `borealis.conflicts`, oldest first: those about tables of owners that `may_see` lets through, keys shown unless `redacted`.
    pub(crate) fn rows(&self, eval: &EvalContext<'_>, redacted: bool, may_see: impl Fn(Oid) -> bool) -> Vec<Vec<Datum>> {
        let losses = locked(&self.losses);
        let visible = losses.iter().filter(|loss| may_see(loss.owner()));
        visible.map(|loss| loss.row(eval, redacted)).collect()
    }
}

impl Loss {
    /// The table whose row or descriptor was lost over.
    fn table(&self) -> Option<&Arc<borealis_catalog::Table>> {
        let object = match self.key.as_ref()? {
            ConflictKey::Key(bytes) => key::object(bytes)?,
            ConflictKey::Descriptor(oid) => Oid(*oid),
        };
        key::table_of(&self.catalog, object)
    }

    /// Whose business it is: the table's owner, else nobody's but the administrator's.
    fn owner(&self) -> Oid {
        let table = self.table().map(|table| table.owner);
        let injected = || self.loser.tables().next().and_then(|oid| self.catalog.table_by_oid(oid)).map(|table| table.owner);
        table.or_else(injected).unwrap_or_default()
    }

    fn row(&self, eval: &EvalContext<'_>, redacted: bool) -> Vec<Datum> {
        let table = self.table();
        let oid = table.map(|table| table.oid);
        let schema = table.and_then(|table| self.catalog.schema_by_oid(table.schema));
        let key = match &self.key {
            Some(ConflictKey::Key(_)) if redacted => Some("(redacted)".to_owned()),
            Some(ConflictKey::Key(bytes)) => key::describe(&self.catalog, bytes, eval),
            Some(ConflictKey::Descriptor(_)) | None => None,
        };
        let mut row = vec![
            Datum::TimestampTz(self.time),
            Datum::text(if self.kind == ConflictKind::Data { "OC000" } else { "OC001" }),
            schema.map_or(Datum::Null, |schema| Datum::text(&schema.name)),
            table.map_or(Datum::Null, |table| Datum::text(&table.name)),
            key.map_or(Datum::Null, |key| Datum::text(&key)),
            position(self.snapshot),
        ];
        row.extend(self.loser.columns(oid));
        row.push(self.winner.map_or(Datum::Null, position));
        row.extend(match &self.told {
            Told::Known(trail) => trail.columns(oid),
            Told::Waiting | Told::Unknown => vec![Datum::Null; trail::COLUMNS],
        });
        row.push(Datum::Bool(self.winner.is_none()));
        row
    }
}

fn position(position: Position) -> Datum {
    Datum::Int8(i64::try_from(position.0).unwrap_or(i64::MAX))
}
