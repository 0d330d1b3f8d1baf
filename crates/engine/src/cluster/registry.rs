//! Who is connected: for cancel requests, `pg_stat_activity` and the connection limit.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use borealis_pgtypes::{Oid, Result, Severity, SqlError, SqlState};

/// Raised by a cancel request or a shutdown, checked by running statements.
#[derive(Debug, Default)]
pub struct Interrupt {
    cancelled: AtomicBool,
    terminated: AtomicBool,
    wake: Condvar,
    sleeping: Mutex<()>,
    /// For statements that wait asynchronously.
    pub(crate) notify: tokio::sync::Notify,
}

impl Interrupt {
    /// Cancels the running statement.
    pub fn cancel(&self) {
        self.raise(&self.cancelled);
    }

    /// Ends the session at its next step.
    pub fn terminate(&self) {
        self.raise(&self.terminated);
    }

    fn raise(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::SeqCst);
        let _guard = self.sleeping.lock().unwrap_or_else(PoisonError::into_inner);
        self.wake.notify_all();
        self.notify.notify_waiters();
    }

    /// Forgets a cancel request that came when nothing ran.
    pub(crate) fn clear(&self) {
        self.cancelled.store(false, Ordering::SeqCst);
    }

    /// # Errors
    /// `57014` after a cancel request, `57P01` when the session is to end.
    pub(crate) fn check(&self) -> Result<()> {
        if self.terminated.load(Ordering::Relaxed) {
            let text = "terminating connection due to administrator command";
            return Err(SqlError::with_severity(Severity::Fatal, SqlState::ADMIN_SHUTDOWN, text));
        }
        if self.cancelled.load(Ordering::Relaxed) && self.cancelled.swap(false, Ordering::SeqCst) {
            return Err(SqlError::new(SqlState::QUERY_CANCELED, "canceling statement due to user request"));
        }
        Ok(())
    }

    /// Waits until the time is over or somebody interrupts.
    pub(crate) fn wait(&self, time: Duration) -> Result<()> {
        let guard = self.sleeping.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |_: &mut ()| !self.cancelled.load(Ordering::SeqCst) && !self.terminated.load(Ordering::SeqCst);
        drop(self.wake.wait_timeout_while(guard, time, idle));
        self.check()
    }
}

/// A connected session.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) secret: i32,
    pub(crate) interrupt: Arc<Interrupt>,
    pub(crate) role: Oid,
    pub(crate) application_name: Mutex<String>,
    pub(crate) active: AtomicBool,
    /// Microseconds since 2000-01-01 UTC.
    pub(crate) started: i64,
}

/// All connected sessions by process id.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    next: AtomicI32,
    sessions: Mutex<HashMap<i32, Arc<Entry>>>,
}

impl Registry {
    /// Adds a session, unless there are `limit` already: then `None`.
    pub(crate) fn add(&self, entry: Entry, limit: usize) -> Option<(i32, Arc<Entry>)> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= limit {
            return None;
        }
        let pid = loop {
            let candidate = self.next.fetch_add(1, Ordering::Relaxed).rem_euclid(i32::MAX - 1) + 1;
            if !sessions.contains_key(&candidate) {
                break candidate;
            }
        };
        let entry = Arc::new(entry);
        sessions.insert(pid, entry.clone());
        Some((pid, entry))
    }

    pub(crate) fn remove(&self, pid: i32) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&pid);
    }

    /// Cancels what the session runs, when the secret is right.
    pub(crate) fn cancel(&self, pid: i32, secret: i32) {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = sessions.get(&pid)
            && entry.secret == secret
        {
            entry.interrupt.cancel();
        }
    }

    pub(crate) fn list(&self) -> Vec<(i32, Arc<Entry>)> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<_> = sessions.iter().map(|(pid, entry)| (*pid, entry.clone())).collect();
        list.sort_by_key(|(pid, _)| *pid);
        list
    }

    pub(crate) fn terminate_all(&self) {
        for (_, entry) in self.list() {
            entry.interrupt.terminate();
        }
    }
}
