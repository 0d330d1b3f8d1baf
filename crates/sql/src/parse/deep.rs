//! Deep trees on a deep stack.
//!
//! A tree is as deep as its text nests, and everything that reads a tree recurses: libpg_query's writer, the decoder, the lowering. Almost every
//! statement needs a few frames; a generated chain of thousands of operators needs megabytes, which no session's thread should reserve. Such
//! statements are parsed on one thread with a large stack (address space only: pages are taken as they are touched). It is one thread, not one per
//! statement, because libpg_query takes a thread-specific key for every thread it meets and never returns it.

use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};

use borealis_base::task;

/// Enough for the deepest tree that [`super::tokens::DEPTH_MAX`] lets through; see the test of this module, which parses one.
const STACK_BYTES: usize = 1 << 30;

type Job = Box<dyn FnOnce() + Send>;

static JOBS: LazyLock<Mutex<Sender<Job>>> = LazyLock::new(|| {
    let (sender, jobs) = channel::<Job>();
    task::spawn_thread_with_stack("sql-deep", STACK_BYTES, move || {
        while let Ok(job) = jobs.recv() {
            job();
        }
    });
    Mutex::new(sender)
});

/// Runs `body` on the deep stack and waits for its result; `None` when `body` panicked.
pub fn on_deep_stack<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (answer, result) = channel();
    let job: Job = Box::new(move || {
        // A panic fails this job alone. Nothing that the body shares is looked at after it.
        if let Ok(value) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)) {
            // Nobody waits any more: nothing is left to tell.
            let _ = answer.send(value);
        }
    });
    // A poisoned lock guards nothing but the sender, which is whole.
    let sent = JOBS.lock().unwrap_or_else(PoisonError::into_inner).send(job);
    sent.ok()?;
    result.recv().ok()
}
