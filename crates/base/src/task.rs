//! Threads and tasks, named, so that a debugger and a panic message say who it was.

use std::future::Future;
use std::thread::JoinHandle;

/// Starts an operating-system thread called `name`.
///
/// # Panics
/// When the operating system refuses a thread: nothing started at that point has been promised to anybody.
#[allow(clippy::disallowed_methods)] // the one place that starts threads
pub fn spawn_thread<T: Send + 'static>(name: &str, body: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body).expect("the operating system starts a thread")
}

/// Starts an operating-system thread called `name` with a stack of `stack_bytes` (address space: pages are taken as they are touched).
///
/// # Panics
/// When the operating system refuses a thread, as [`spawn_thread`].
#[allow(clippy::disallowed_methods)] // the one place that starts threads
pub fn spawn_thread_with_stack<T: Send + 'static>(
    name: &str,
    stack_bytes: usize,
    body: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let builder = std::thread::Builder::new().name(name.to_owned()).stack_size(stack_bytes);
    builder.spawn(body).expect("the operating system starts a thread")
}

/// Starts an asynchronous task on the current runtime.
#[allow(clippy::disallowed_methods)] // the one place that starts tasks
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}

/// Runs `body` where it may block, on a thread that the current runtime keeps for that.
#[allow(clippy::disallowed_methods)] // the one place that hands work to blocking threads
pub fn spawn_blocking<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::task::spawn_blocking(body)
}
