//! `borealis cluster wait`, and waiting at the end of other commands.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use aws_sdk_dsql::types::ClusterStatus;
use clap::{Args, ValueEnum};

use super::place::{Api, Place, Which};
use super::view::View;
use crate::Failure;

/// The service's own waiters end after 60 polls of 2 seconds.
pub(crate) const LIMIT_DEFAULT: Duration = Duration::from_secs(120);
/// A local cluster is there in milliseconds, the service's in seconds: the pause between two looks grows from one to the other.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// How often a cluster may be found waiting for its peers to be deleted, about five seconds in all: whoever deletes them one after the other is not done
/// with the last before the first has noticed.
const PENDING_LOOKS_MAX: u32 = 6;

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster wait $CLUSTER && borealis sql")]
pub(crate) struct Wait {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// What to wait for
    #[arg(long, value_enum, default_value_t = Until::Active)]
    until: Until,
    /// Seconds to wait
    #[arg(long, value_name = "SECONDS", default_value_t = LIMIT_DEFAULT.as_secs())]
    timeout: u64,
    /// Print the cluster as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Until {
    /// It can be connected to
    Active,
    /// It does not exist any more
    Gone,
}

pub(crate) async fn run(arguments: &Wait) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    match wait_for(&api, identifier, arguments.until, Duration::from_secs(arguments.timeout)).await? {
        Some(view) => view.print(arguments.json),
        None => Ok(()),
    }
}

/// The cluster as it is then; `None` when it is gone.
pub(crate) async fn wait_for(api: &Api, identifier: &str, until: Until, limit: Duration) -> Result<Option<View>, Failure> {
    let mut progress = Progress::default();
    let reached = tokio::time::timeout(limit, poll(api, identifier, until, &mut progress)).await;
    progress.end();
    reached.map_err(|_| {
        let status = progress.status.as_deref().unwrap_or("not known");
        format!("cluster {identifier} is still {status} after {} seconds; wait longer with --timeout", limit.as_secs())
    })?
}

async fn poll(api: &Api, identifier: &str, until: Until, progress: &mut Progress) -> Result<Option<View>, Failure> {
    let (mut pause, mut pending) = (FIRST_PAUSE, 0);
    loop {
        let view = match api.get(identifier).await {
            Err(error) if error.is_not_found() && until == Until::Gone => return Ok(None),
            answer => answer.map_err(|error| api.failure(error))?,
        };
        match (&view.status, until) {
            // One at rest wakes up when it is connected to.
            (ClusterStatus::Active | ClusterStatus::Idle | ClusterStatus::Inactive, Until::Active) => return Ok(Some(view)),
            (ClusterStatus::Failed | ClusterStatus::Deleting | ClusterStatus::Deleted | ClusterStatus::PendingDelete, Until::Active) => {
                return Err(format!("cluster {identifier} is {} and will not become ACTIVE", view.status.as_str()).into());
            }
            (ClusterStatus::PendingSetup, Until::Active) if !view.has_peers() => return Err(pending_setup(&view)),
            (ClusterStatus::PendingDelete, Until::Gone) if pending == PENDING_LOOKS_MAX => {
                return Err(format!("cluster {identifier} is PENDING_DELETE: it goes when its peers are deleted too").into());
            }
            (status, _) => {
                pending += u32::from(*status == ClusterStatus::PendingDelete);
                progress.show(identifier, status.as_str())?;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Not a matter of time: somebody must name the peers.
fn pending_setup(view: &View) -> Failure {
    format!(
        "cluster {} is PENDING_SETUP: it becomes ACTIVE when it and its peer name each other, as in\n  \
         borealis cluster update {} --witness-region REGION --peer ARN",
        view.identifier, view.identifier
    )
    .into()
}

/// One line on stderr; on a terminal it is written over, elsewhere each status gets its own.
#[derive(Default)]
struct Progress {
    status: Option<String>,
    open: bool,
}

impl Progress {
    fn show(&mut self, identifier: &str, status: &str) -> Result<(), Failure> {
        let mut out = std::io::stderr().lock();
        if out.is_terminal() {
            write!(out, "{}", if self.open { "." } else { "" })?;
        }
        if self.status.as_deref() != Some(status) {
            write!(out, "{}cluster {identifier}: {status}", if self.open { "\n" } else { "" })?;
            self.status = Some(status.to_owned());
            self.open = true;
        }
        out.flush()?;
        Ok(())
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            eprintln!();
        }
    }
}
