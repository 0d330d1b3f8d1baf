//! Carries out what the API records: makes and removes storage, sets up peers, opens and closes streams.
//!
//! One thread takes one cluster at a time and one step at a time. Each step looks at the record, does what the record's phase asks for, and
//! records the next phase; all of it can be done twice, so a step that was cut off is done again. The queue is only a hint of what to look at:
//! at the start it holds every cluster, so nothing depends on it having been kept.

mod queue;
mod steps;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use borealis_base::{Clock, Id26, task};

use crate::hosting::Hosting;
use crate::registry::Registry;
use crate::streaming::Streaming;
use queue::Queue;
use steps::{Next, Steps};

/// The first wait after a failure; it doubles with each one.
const RETRY_WAIT_MIN: Duration = Duration::from_millis(500);
const RETRY_WAIT_MAX: Duration = Duration::from_secs(30);

/// The thread and its queue; the thread ends when this is dropped.
pub(crate) struct Steward {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Steward {
    pub(crate) fn start(registry: Arc<Registry>, hosting: Arc<dyn Hosting>, streaming: Option<Streaming>, clock: Arc<dyn Clock>) -> Self {
        let queue = Arc::new(Queue::new(registry.clusters().iter().map(|cluster| cluster.id)));
        let steps = Steps::new(registry, hosting, streaming);
        let of_thread = queue.clone();
        let thread = task::spawn_thread("cluster-steward", move || run(&of_thread, &steps, clock.as_ref()));
        Self { queue, thread: Some(thread) }
    }

    /// Has a cluster looked at.
    pub(crate) fn wake(&self, id: Id26) {
        self.queue.wake(id);
    }

    /// Waits until nothing is due.
    pub(crate) fn settle(&self) {
        self.queue.settle();
    }
}

impl Drop for Steward {
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the steward of the clusters ended in a panic; what it had left undone is taken up at the next start");
        }
    }
}

fn run(queue: &Queue, steps: &Steps, clock: &dyn Clock) {
    while let Some((id, failures)) = queue.next(|| clock.monotonic()) {
        match steps.step(id) {
            Next::Settled => queue.done(None),
            Next::Again(others) => {
                queue.wake(id);
                others.into_iter().for_each(|other| queue.wake(other));
                queue.done(None);
            }
            Next::Later(reason) => {
                let wait = RETRY_WAIT_MIN.saturating_mul(1 << failures.min(16)).min(RETRY_WAIT_MAX);
                tracing::warn!(cluster = %id, %reason, ?wait, "a step of a cluster's life failed and is tried again");
                queue.done(Some((id, clock.monotonic() + wait, failures + 1)));
            }
        }
    }
    steps.end();
}
