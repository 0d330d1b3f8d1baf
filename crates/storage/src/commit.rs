//! Group commit: many callers, one flush.
//!
//! Callers queue their requests. Whoever finds no leader becomes one: it takes what is queued as a batch, decides it, appends it with one
//! flush, applies it, and answers everybody in it. Requests that arrive meanwhile form the next batch, and when the leader is done it hands
//! over to the first of them, so no caller works for others longer than one batch besides its own. With a single client the leader is always the
//! caller itself: no thread is woken on the way, and a commit costs one flush and a few microseconds.
//!
//! There is one rule of ownership: *exactly one* of the callers is leader while `QueueState::led` is true. Leadership is handed over by
//! setting a waiting slot to `Leading`; if that caller has given up meanwhile, its slot says so (`Abandoned`) under the same lock, so a
//! leadership is never given to nobody.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use crate::committer::Committer;
use crate::error::{Cause, CommitError, Outcome, TooLarge, Unavailable};
use crate::options::Limits;
use crate::record::Record;
use crate::write_set::WriteSet;
use crate::{CatalogClaim, Position, Snapshot, Store};

pub(crate) type Answer = Result<Position, CommitError>;

/// A transaction on its way into the journal.
pub(crate) struct Request {
    /// Kept until the verdict, so that the claims it must be judged by are not forgotten.
    pub(crate) snapshot: Snapshot,
    pub(crate) catalog: Vec<CatalogClaim>,
    pub(crate) writes: WriteSet,
    /// The encoded record.
    pub(crate) bytes: Vec<u8>,
    slot: Arc<Slot>,
}

impl Request {
    pub(crate) fn record(&self) -> Record<'_> {
        Record::of(self.snapshot.position(), &self.catalog, &self.writes)
    }
}

/// Where a request's caller waits.
#[derive(Default)]
struct Slot(Mutex<SlotState>);

enum SlotState {
    Waiting(Option<Waker>),
    /// The caller is to lead the next batch.
    Leading,
    Answered(Answer),
    /// The caller is gone.
    Abandoned,
}

impl Default for SlotState {
    fn default() -> Self {
        Self::Waiting(None)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A caller to be woken, outside all locks: a waker is foreign code.
#[must_use]
struct Wakeup(Option<Waker>);

impl Wakeup {
    fn wake(self) {
        if let Some(waker) = self.0 {
            waker.wake();
        }
    }
}

impl Slot {
    /// Moves a waiting caller on; `None` when it no longer waits.
    fn advance(&self, to: SlotState) -> Option<Wakeup> {
        let mut state = locked(&self.0);
        let SlotState::Waiting(waker) = &mut *state else { return None };
        let wakeup = Wakeup(waker.take());
        *state = to;
        Some(wakeup)
    }

    fn answer(&self, answer: Answer) {
        if let Some(wakeup) = self.advance(SlotState::Answered(answer)) {
            wakeup.wake();
        }
    }
}

pub(crate) struct CommitQueue {
    state: Mutex<QueueState>,
    committer: Mutex<Committer>,
    limits: Limits,
}

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<Request>,
    led: bool,
    closed: bool,
}

impl std::fmt::Debug for CommitQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommitQueue").finish_non_exhaustive()
    }
}

impl CommitQueue {
    pub(crate) fn new(committer: Committer, limits: Limits) -> Self {
        Self { state: Mutex::default(), committer: Mutex::new(committer), limits }
    }

    /// Refuses everything from now on. What was queued before is still decided.
    pub(crate) fn close(&self) {
        locked(&self.state).closed = true;
    }

    /// Runs something between two batches.
    pub(crate) fn between_batches<T>(&self, run: impl FnOnce(&mut Committer) -> T) -> T {
        run(&mut locked(&self.committer))
    }

    /// Queues a request; `true` makes the caller the leader.
    fn enqueue(&self, request: Request) -> bool {
        let mut state = locked(&self.state);
        if state.closed {
            drop(state);
            request.slot.answer(Err(closed()));
            return false;
        }
        state.waiting.push_back(request);
        !std::mem::replace(&mut state.led, true)
    }

    /// Leads one batch, and further ones only if nobody waits who could take over.
    fn lead(&self) {
        let _stop = StopNodeOnPanic;
        loop {
            let mut batch = self.next_batch();
            let answers = locked(&self.committer).commit(&mut batch);
            // First, so that the next flush begins while this batch's callers are being woken.
            let handed = self.hand_over();
            for (request, answer) in batch.into_iter().zip(answers) {
                request.slot.answer(answer);
            }
            if handed {
                return;
            }
        }
    }

    fn next_batch(&self) -> Vec<Request> {
        let mut state = locked(&self.state);
        let mut bytes = 0;
        let fits = |request: &&Request| {
            bytes += request.bytes.len();
            bytes <= self.limits.batch_bytes_max
        };
        let count = state.waiting.iter().take(self.limits.batch_records_max).take_while(fits).count();
        let count = count.max(1).min(state.waiting.len());
        state.waiting.drain(..count).collect()
    }

    /// Gives the leadership to the first caller still waiting; `false` when the requests left have no caller.
    fn hand_over(&self) -> bool {
        let mut state = locked(&self.state);
        if state.waiting.is_empty() {
            state.led = false;
            return true;
        }
        let next = state.waiting.iter().find_map(|request| request.slot.advance(SlotState::Leading));
        drop(state);
        next.map(Wakeup::wake).is_some()
    }
}

fn closed() -> CommitError {
    CommitError::Unavailable(Unavailable {
        outcome: Outcome::NotCommitted,
        cause: Cause::Closed,
        detail: "the store has been closed".to_owned(),
    })
}

/// A panic here is a broken invariant below the commit point: callers wait for answers nobody will give, and memory may disagree with the
/// journal. Stopping the node is the safe answer; the journal is read again at the next start.
struct StopNodeOnPanic;

impl Drop for StopNodeOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a broken invariant in the commit path stops the node");
            std::process::abort();
        }
    }
}

/// A commit under way.
pub struct Commit(Stage);

enum Stage {
    Answered(Answer),
    Prepared(Arc<CommitQueue>, Box<Request>),
    Queued(Arc<CommitQueue>, Arc<Slot>),
    Finished,
}

impl Commit {
    pub(crate) fn new(queue: Arc<CommitQueue>, snapshot: Snapshot, catalog: Vec<CatalogClaim>, writes: WriteSet) -> Self {
        let record = Record::of(snapshot.position(), &catalog, &writes);
        if !record.must_be_kept() {
            return Self(Stage::Answered(Ok(snapshot.position())));
        }
        let encoded = encode(&record, &queue.limits);
        Self(match encoded {
            Ok(bytes) => Stage::Prepared(queue, Box::new(Request { snapshot, catalog, writes, bytes, slot: Arc::default() })),
            Err(error) => Stage::Answered(Err(error)),
        })
    }

    /// Waits for the answer on this thread.
    pub(crate) fn wait(self) -> Answer {
        let mut commit = pin!(self);
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match commit.as_mut().poll(&mut context) {
                Poll::Ready(answer) => return answer,
                // Parking keeps a wake-up that came before it, so none is lost; one too many only polls again.
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

fn encode(record: &Record<'_>, limits: &Limits) -> Result<Vec<u8>, CommitError> {
    if let Some(entry) = record.entries.iter().find(|entry| entry.key.len() > Store::MAX_KEY_BYTES) {
        return Err(CommitError::TooLarge { what: TooLarge::Key, bytes: entry.key.len(), limit: Store::MAX_KEY_BYTES });
    }
    let bytes = record.encode();
    if bytes.len() > limits.record_bytes_max {
        return Err(CommitError::TooLarge { what: TooLarge::Record, bytes: bytes.len(), limit: limits.record_bytes_max });
    }
    Ok(bytes)
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Future for Commit {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        loop {
            match std::mem::replace(&mut self.0, Stage::Finished) {
                Stage::Answered(answer) => return Poll::Ready(answer),
                Stage::Prepared(queue, request) => {
                    let slot = Arc::clone(&request.slot);
                    if queue.enqueue(*request) {
                        queue.lead();
                    }
                    self.0 = Stage::Queued(queue, slot);
                }
                Stage::Queued(queue, slot) => match look(&slot, context) {
                    Look::Answered(answer) => return Poll::Ready(answer),
                    Look::Wait => {
                        self.0 = Stage::Queued(queue, slot);
                        return Poll::Pending;
                    }
                    Look::Lead => {
                        queue.lead();
                        self.0 = Stage::Queued(queue, slot);
                    }
                },
                Stage::Finished => panic!("a commit is polled again after its answer"),
            }
        }
    }
}

enum Look {
    Answered(Answer),
    Wait,
    Lead,
}

/// What a caller finds in its slot. Leaves its waker where there is nothing yet, under the lock, so no answer slips by in between.
fn look(slot: &Slot, context: &Context<'_>) -> Look {
    let mut state = locked(&slot.0);
    match std::mem::take(&mut *state) {
        SlotState::Answered(answer) => Look::Answered(answer),
        SlotState::Leading => Look::Lead,
        SlotState::Waiting(_) | SlotState::Abandoned => {
            *state = SlotState::Waiting(Some(context.waker().clone()));
            Look::Wait
        }
    }
}

impl Drop for Commit {
    fn drop(&mut self) {
        let Stage::Queued(queue, slot) = std::mem::replace(&mut self.0, Stage::Finished) else { return };
        let leading = matches!(std::mem::replace(&mut *locked(&slot.0), SlotState::Abandoned), SlotState::Leading);
        if leading {
            queue.lead(); // the leadership was given to this caller: the batch must not be left lying
        }
    }
}

impl std::fmt::Debug for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commit").finish_non_exhaustive()
    }
}
