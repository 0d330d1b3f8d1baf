//! How connections come to an end that the client did not ask for.
//!
//! A server that stops drains first: who is outside a transaction ends at once, who is inside may finish it. What has not finished in time is ended
//! where it stands. A cluster that is taken away ends its own connections at once.

use tokio::sync::watch;

/// What the server wants of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// To go on.
    Serving,
    /// To end as soon as no transaction is open.
    Draining,
    /// To end behind the statement that runs.
    Ending,
}

/// Stops a running server.
#[derive(Clone)]
pub struct Stop(pub(crate) watch::Sender<Phase>);

impl Stop {
    /// No more connections; those open end as soon as they are outside a transaction.
    pub fn drain(&self) {
        self.reach(Phase::Draining);
    }

    /// No more connections; those open end after their current statement.
    pub fn stop(&self) {
        self.reach(Phase::Ending);
    }

    fn reach(&self, phase: Phase) {
        self.0.send_if_modified(|current| {
            let further = *current < phase;
            *current = phase.max(*current);
            further
        });
    }
}

/// What can end one connection.
pub(crate) struct Ending {
    pub(crate) server: watch::Receiver<Phase>,
    pub(crate) cluster: watch::Receiver<bool>,
}

impl Ending {
    /// Waits until the connection has to end, being inside a transaction or not.
    pub(crate) async fn due(&mut self, in_transaction: bool) {
        let due = if in_transaction { Phase::Ending } else { Phase::Draining };
        tokio::select! {
            () = reached(&mut self.server, |phase| *phase >= due) => {}
            () = reached(&mut self.cluster, |ended| *ended) => {}
        }
    }
}

/// Waits until the value is what is waited for; for ever when nobody can change it any more.
async fn reached<T>(watched: &mut watch::Receiver<T>, wanted: impl FnMut(&T) -> bool) {
    // What it answers holds a lock: dropped here, so that this future may move between threads.
    let over = watched.wait_for(wanted).await.is_err();
    if over {
        std::future::pending::<()>().await;
    }
}
