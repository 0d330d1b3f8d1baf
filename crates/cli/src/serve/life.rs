//! How long a server lives: signals, draining, clusters that rest.

use std::sync::Arc;
use std::time::Duration;

use borealis_base::task;
use borealis_fleet::Fleet;
use borealis_pgserver::Server;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::note;
use crate::data_folder::DataFolder;

/// How long sessions that were told to end have to do so before their cluster is closed under them.
pub(super) const CLOSING_WAIT: Duration = Duration::from_secs(5);
/// How often clusters are looked at that may be idle: four times in the time that makes them so, within these bounds.
const IDLE_CHECKS: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));

/// A connection takes a descriptor and an open cluster about ten: as many as the system lets this process have.
pub(super) fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
}

/// What the process is told.
pub(super) struct Signals(watch::Receiver<Option<&'static str>>);

impl Signals {
    /// Listens for SIGINT and SIGTERM. The first one is waited for with [`Signals::stop`]; the second ends the process where it stands, which loses
    /// nothing that was acknowledged.
    pub(super) fn listen(folder: DataFolder) -> std::io::Result<Self> {
        let (told, heard) = watch::channel(None);
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        task::spawn(async move {
            let first = next(&mut interrupt, &mut terminate).await;
            told.send_replace(Some(first));
            let second = next(&mut interrupt, &mut terminate).await;
            note(format_args!("stopping at once: {second} again"));
            folder.remove_server();
            std::process::exit(1);
        });
        Ok(Self(heard))
    }

    async fn stop(&mut self) -> &'static str {
        match self.0.wait_for(Option::is_some).await {
            Ok(told) => told.unwrap_or("told to stop"),
            Err(_) => std::future::pending().await, // the task that listens ends with the process only
        }
    }
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "interrupted",
        _ = terminate.recv() => "told to terminate",
    }
}

/// Serves until told to stop; then lets transactions finish for as long as `drain`, and ends what is left.
pub(super) async fn run_until_stopped(server: Server, fleet: &Fleet, mut signals: Signals, drain: Duration) {
    let stop = server.stopper();
    let mut running = std::pin::pin!(server.run());
    tokio::select! {
        () = &mut running => return,
        signal = signals.stop() => {
            let seconds = drain.as_secs();
            note(format_args!("stopping: {signal}; transactions have {seconds} s to finish, a second signal stops at once"));
        }
    }
    stop.drain();
    tokio::select! {
        () = &mut running => return,
        () = sleep(drain) => {}
    }
    stop.stop();
    fleet.terminate_sessions();
    tokio::select! {
        () = running => {}
        () = sleep(CLOSING_WAIT) => {}
    }
}

/// Closes clusters that nothing needs, for as long as the runtime lives.
pub(super) fn close_idle_clusters(fleet: &Arc<Fleet>) {
    let fleet = fleet.clone();
    let mut checks = interval((fleet.idle_after() / 4).clamp(IDLE_CHECKS.0, IDLE_CHECKS.1));
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    task::spawn(async move {
        loop {
            checks.tick().await;
            let closing = fleet.clone();
            // Its panic was reported when it happened, and the next check comes.
            let _panicked = task::spawn_blocking(move || closing.close_idle()).await;
        }
    });
}
