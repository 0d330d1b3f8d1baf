//! Where sequences are, and how they move.
//!
//! A sequence's state is one key of the store, `sequence oid`, outside of the catalog and of every user's transaction: values are taken in a commit of their
//! own, on the newest snapshot, and are durable before anybody sees them. So a value is never taken twice, whatever is rolled back or killed, and a
//! session's transaction cannot lose because of one.
//!
//! - The commit claims `Write` on the state and reads the sequence's descriptor under a catalog claim. Whoever else moved the sequence or changed it in the
//!   meantime makes it lose, and it is done again: each time somebody else has got on, so nobody is held up for good.
//! - Callers in this process do not compete. One of them takes values for all that wait for the same sequence, in one commit; the others get theirs from
//!   it. What they wait for is a flush of the journal, never a transaction.
//! - DDL writes a state without claiming it. Its catalog claim is what a concurrent `nextval` loses to, and it loses to none.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use borealis_catalog::{Change, Sequence, SequenceRange, SequenceState};
use borealis_pgtypes::{Oid, Result, SqlError};
use borealis_sql::bound::{Ddl, SequenceEffect};
use borealis_storage::{CatalogClaim, ClaimKind, CommitError, Snapshot, Transaction};

use super::{Cluster, keys};
use crate::error::{commit_failed, read_failed};

/// Version of a state's bytes.
const VERSION: u8 = 1;
/// Commits lost in a row before a caller is told: far more than others can win against one that always retries at once.
const ATTEMPTS_MAX: u32 = 10_000;

/// What a call for values got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) range: SequenceRange,
    pub(crate) increment: i64,
    /// [`Sequence::version`] as of the commit.
    pub(crate) version: u32,
}

/// The sequences that this process has moved.
#[derive(Default)]
pub(crate) struct Sequences {
    lanes: Mutex<HashMap<Oid, Arc<Lane>>>,
}

/// Callers of one sequence.
#[derive(Default)]
struct Lane {
    queue: Mutex<Queue>,
    /// Signalled when answers are there or the leader has left.
    moved: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Somebody is taking values for others.
    led: bool,
    waiting: Vec<u64>,
    next_ticket: u64,
    answers: HashMap<u64, Result<Taken>>,
}

impl Sequences {
    /// Takes values: one, or as many as the sequence says a session takes at once.
    ///
    /// # Errors
    /// `2200H` at the sequence's end, `XX000` when it is not there any more, and those of a commit but conflicts.
    pub(crate) fn take(&self, cluster: &Cluster, sequence: Oid) -> Result<Taken> {
        let lane = lock(&self.lanes).entry(sequence).or_default().clone();
        lane.take(|count| take_for(cluster, sequence, count))
    }

    /// Puts a sequence somewhere.
    ///
    /// # Errors
    /// Those of a commit but conflicts.
    pub(crate) fn set(&self, cluster: &Cluster, sequence: Oid, state: SequenceState) -> Result<()> {
        retried(cluster, sequence, |_, _| Ok((state, ())))
    }

    /// Where a sequence is now. One that only its own transaction knows is where it starts.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn state(&self, cluster: &Cluster, sequence: &Sequence) -> Result<SequenceState> {
        let found = read(&cluster.store.snapshot(), sequence.oid)?;
        Ok(found.unwrap_or_else(|| sequence.initial_state()))
    }
}

impl Lane {
    /// Joins the queue; whoever finds no leader leads, and `fetch` answers for as many as wait.
    fn take(&self, fetch: impl Fn(usize) -> Result<Vec<Result<Taken>>>) -> Result<Taken> {
        let mut queue = lock(&self.queue);
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        queue.waiting.push(ticket);
        loop {
            if let Some(answer) = queue.answers.remove(&ticket) {
                return answer;
            }
            queue = if queue.led { self.moved.wait(queue).unwrap_or_else(PoisonError::into_inner) } else { self.lead(queue, &fetch) };
        }
    }

    fn lead<'q>(&'q self, mut queue: MutexGuard<'q, Queue>, fetch: &impl Fn(usize) -> Result<Vec<Result<Taken>>>) -> MutexGuard<'q, Queue> {
        let tickets = std::mem::take(&mut queue.waiting);
        queue.led = true;
        drop(queue);
        let leader = Leader(self);
        let fetched = fetch(tickets.len());
        let mut queue = lock(&self.queue);
        match fetched {
            Ok(answers) => queue.answers.extend(tickets.into_iter().zip(answers)),
            Err(error) => queue.answers.extend(tickets.into_iter().map(|ticket| (ticket, Err(error.clone())))),
        }
        drop(queue);
        drop(leader);
        lock(&self.queue)
    }
}

/// While it lives, others wait. A panic in between leaves them to lead themselves; those it led for find no answer and take the next turn.
struct Leader<'l>(&'l Lane);

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        lock(&self.0.queue).led = false;
        self.0.moved.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Values for several callers in one commit. The end of the sequence is the answer of those who come behind it.
fn take_for(cluster: &Cluster, sequence: Oid, count: usize) -> Result<Vec<Result<Taken>>> {
    retried(cluster, sequence, |descriptor, before| {
        let mut state = before;
        let mut answers = Vec::with_capacity(count);
        for _ in 0..count {
            let taken = descriptor.take(state, descriptor.cache);
            answers.push(taken.map(|(range, after)| {
                state = after;
                Taken { range, increment: descriptor.increment, version: descriptor.version }
            }));
        }
        Ok((state, answers))
    })
}

/// Moves a sequence on the newest snapshot, until no other commit came in between.
fn retried<T>(cluster: &Cluster, sequence: Oid, step: impl Fn(&Sequence, SequenceState) -> Result<(SequenceState, T)>) -> Result<T> {
    let mut lost = 0;
    loop {
        let mut transaction = cluster.store.begin();
        let catalog = cluster.catalogs.at(transaction.snapshot())?;
        let Some(descriptor) = catalog.sequence_by_oid(sequence) else {
            return Err(SqlError::internal(format!("could not open relation with OID {sequence}")));
        };
        let before = read(transaction.snapshot(), sequence)?.unwrap_or_else(|| descriptor.initial_state());
        let (after, answer) = step(descriptor, before)?;
        if after == before {
            return Ok(answer);
        }
        transaction.catalog_claim(CatalogClaim::Read(sequence.0));
        transaction.put(keys::sequence(sequence), encode(after), Some(ClaimKind::Write));
        match transaction.commit_blocking() {
            Ok(_) => return Ok(answer),
            Err(CommitError::Conflict(_)) if lost < ATTEMPTS_MAX => lost += 1,
            Err(error) => return Err(commit_failed(&error, &cluster.limits)),
        }
    }
}

/// What a DDL statement does to the values of sequences, as a part of its own transaction.
///
/// # Errors
/// `22023` when a sequence that goes on is out of its new bounds.
pub(crate) fn apply(cluster: &Cluster, transaction: &mut Transaction, ddl: &Ddl) -> Result<()> {
    for effect in &ddl.sequences {
        match effect {
            SequenceEffect::Set(sequence, state) => transaction.put(keys::sequence(*sequence), encode(*state), None),
            SequenceEffect::Keep(sequence) => sequence.check_restart(cluster.sequences.state(cluster, sequence)?.last_value)?,
        }
    }
    for change in &ddl.changes {
        if let Change::DropSequence(sequence) = change {
            transaction.delete(keys::sequence(*sequence), None);
        }
    }
    Ok(())
}

fn read(snapshot: &Snapshot, sequence: Oid) -> Result<Option<SequenceState>> {
    let stored = snapshot.get(&keys::sequence(sequence)).map_err(|error| read_failed(&error))?;
    stored
        .map(|bytes| decode(&bytes).ok_or_else(|| SqlError::internal(format!("the state of sequence {sequence} cannot be read"))))
        .transpose()
}

/// Version, last value (little-endian), whether it was taken.
fn encode(state: SequenceState) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend(state.last_value.to_le_bytes());
    bytes.push(u8::from(state.is_called));
    bytes
}

fn decode(bytes: &[u8]) -> Option<SequenceState> {
    let [VERSION, value @ .., called @ (0 | 1)] = bytes else { return None };
    Some(SequenceState { last_value: i64::from_le_bytes(value.try_into().ok()?), is_called: *called == 1 })
}

#[cfg(test)]
mod tests;
