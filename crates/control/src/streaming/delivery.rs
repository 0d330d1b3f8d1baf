//! The thread that carries one stream from the feed to its target.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use borealis_base::{Id26, task};

use super::cursor::Cursor;
use super::sink::{Sink, SinkError};
use super::{Streaming, record};
use crate::registry::Registry;
use crate::stream::{Failure, FailureCode, StreamPhase};

/// How long the feed may keep us waiting for a change; a stop is noticed after it.
const FEED_WAIT_MAX: Duration = Duration::from_millis(500);
/// One read of the feed.
const BATCH_BYTES_MAX: usize = 4 << 20;
const RETRY_WAIT_MIN: Duration = Duration::from_millis(250);
const RETRY_WAIT_MAX: Duration = Duration::from_secs(30);

/// What a delivery works on.
pub(super) struct Job {
    pub(super) streaming: Streaming,
    pub(super) registry: Arc<Registry>,
    pub(super) cursor: Cursor,
    pub(super) cluster: Id26,
    pub(super) database: Id26,
    pub(super) stream: Id26,
    pub(super) target: String,
    pub(super) begins_after: u64,
}

/// A running delivery; it ends when this is dropped.
pub(super) struct Delivery {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

/// Tells a delivery to end, wherever it waits.
#[derive(Default)]
struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn set(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn is_set(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the stop for at most so long.
    fn wait(&self, at_most: Duration) {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(stopped, at_most, |stopped| !*stopped).unwrap_or_else(PoisonError::into_inner));
    }
}

impl Delivery {
    pub(super) fn start(job: Job) -> Self {
        let stop = Arc::new(Stop::default());
        let of_thread = stop.clone();
        let thread = task::spawn_thread("stream-delivery", move || job.run(&of_thread));
        Self { stop, thread: Some(thread) }
    }

    /// Has it end soon.
    pub(super) fn stop(&self) {
        self.stop.set();
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.stop.set();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a stream's delivery ended in a panic; what its target had not taken is sent after the next start");
        }
    }
}

impl Job {
    fn run(&self, stop: &Stop) {
        let mut after = self.cursor.load().unwrap_or(self.begins_after);
        let mut sink = None;
        let mut failures = 0;
        self.advance(after);
        while !stop.is_set() {
            match self.carry(&mut sink, &mut after) {
                Ok(()) => {
                    if failures > 0 {
                        self.record(StreamPhase::Active);
                    }
                    failures = 0;
                }
                Err(SinkError { code, reason }) => {
                    tracing::warn!(stream = %self.stream, %reason, "a stream's target does not take its records; they wait");
                    self.record(StreamPhase::Impaired(Failure { code, since_ms: self.registry.now_ms() }));
                    sink = None;
                    stop.wait(RETRY_WAIT_MIN.saturating_mul(1 << failures.min(16)).min(RETRY_WAIT_MAX));
                    failures += 1;
                }
            }
        }
    }

    /// Carries what has committed after a position, and moves it on.
    fn carry(&self, sink: &mut Option<Box<dyn Sink>>, after: &mut u64) -> Result<(), SinkError> {
        let open = match sink {
            Some(open) => open,
            None => sink.insert(self.streaming.targets.open(&self.target)?),
        };
        let batch = self.streaming.feed.read(self.database, *after, BATCH_BYTES_MAX, FEED_WAIT_MAX)?;
        if batch.position == *after {
            return Ok(());
        }
        let now_ns = self.streaming.clock.unix_micros().saturating_mul(1000);
        let records: Vec<String> =
            batch.transactions.iter().flat_map(|transaction| record::encode(self.cluster, transaction, now_ns)).collect();
        if !records.is_empty() {
            open.deliver(&records)?;
        }
        *after = batch.position;
        self.cursor.save(*after).map_err(|error| SinkError::new(FailureCode::InternalError, format!("the cursor: {error}")))?;
        self.advance(*after);
        Ok(())
    }

    fn advance(&self, position: u64) {
        self.streaming.feed.advance(self.database, self.stream, position);
    }

    /// Records a delivery's state, unless the stream is on its way out or has that state already.
    fn record(&self, phase: StreamPhase) {
        let registry = self.registry.write();
        let Some(cluster) = registry.get(self.cluster) else { return };
        let mut next = (*cluster).clone();
        let Some(stream) = next.streams.iter_mut().find(|stream| stream.id == self.stream) else { return };
        let same = match (&stream.phase, &phase) {
            (StreamPhase::Active, StreamPhase::Active) => true,
            (StreamPhase::Impaired(known), StreamPhase::Impaired(now)) => known.code == now.code,
            (StreamPhase::Active | StreamPhase::Impaired(_), _) => false,
            _ => true,
        };
        if same {
            return;
        }
        stream.phase = phase;
        if let Err(error) = registry.put(next) {
            tracing::warn!(stream = %self.stream, %error, "a stream's state could not be recorded");
        }
    }
}
