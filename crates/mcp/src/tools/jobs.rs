//! `list_jobs` and `wait_for_job`: what the database does by itself, such as building an index.
//!
//! Waiting is asking again: `CALL sys.wait_for_job` would keep a connection for as long as the job takes, and end at the limit of a transaction.

use std::time::Duration;

use borealis_client::{Row, Statement, Stopped};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Origin;
use crate::call::Call;
use crate::failure::Failure;
use crate::registry::{Tool, reading};
use crate::service::Service;

const JOBS: &str = "SELECT job_id, status, job_type, object_name, details, start_time, update_time FROM sys.jobs \
     WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR job_id = $2) ORDER BY start_time DESC, job_id";

const WAIT_DEFAULT_SECONDS: u64 = 300;
const WAIT_MAX_SECONDS: u64 = 3600;
const ASK_FIRST: Duration = Duration::from_millis(200);
const ASK_MAX: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Submitted,
    Processing,
    Completed,
    Failed,
    Cancelled,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListJobs {
    #[schemars(description = "Only jobs in this state")]
    #[serde(default)]
    status: Option<Status>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Job {
    job_id: String,
    #[schemars(description = "submitted, processing, completed, failed or cancelled")]
    status: String,
    #[schemars(description = "INDEX_BUILD, VALIDATE_CONSTRAINT, DROP or ANALYZE")]
    job_type: Option<String>,
    object_name: Option<String>,
    #[schemars(description = "Why it failed, or was skipped")]
    details: Option<String>,
    start_time: Option<String>,
    update_time: Option<String>,
}

impl Tool for ListJobs {
    type Output = Jobs;
    const NAME: &'static str = "list_jobs";
    const TITLE: &'static str = "Jobs";
    const DESCRIPTION: &'static str = "List the asynchronous jobs of the database, the newest first: index builds, constraint validations, drops, ANALYZE, \
        with their state. Jobs that have ended disappear after about 30 minutes.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Jobs, Failure> {
        Ok(Jobs { jobs: jobs(call, self.status.map(Status::name), None).await? })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitForJob {
    #[schemars(description = "The job_id that CREATE INDEX ASYNC or ALTER TABLE ASYNC ... VALIDATE CONSTRAINT returned")]
    job_id: String,
    #[schemars(description = "How long to wait at most [default: 300]", range(min = 0, max = 3600))]
    #[serde(default)]
    timeout_seconds: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Waited {
    #[schemars(description = "The job has ended; otherwise the time was up: call again to wait on")]
    finished: bool,
    #[schemars(description = "The job has done what it was to do")]
    succeeded: bool,
    job: Job,
}

impl Tool for WaitForJob {
    type Output = Waited;
    const NAME: &'static str = "wait_for_job";
    const TITLE: &'static str = "Wait for a job";
    const DESCRIPTION: &'static str = "Wait until an asynchronous job has ended, and tell how. Reports progress to clients that ask for it, and can be \
        cancelled, which leaves the job alone. A failed index build leaves an index that is not valid: drop it and create it again.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Waited, Failure> {
        let seconds = self.timeout_seconds.unwrap_or(WAIT_DEFAULT_SECONDS);
        if seconds > WAIT_MAX_SECONDS {
            return Err(Failure::call(format!("timeout_seconds is at most {WAIT_MAX_SECONDS}; call again to wait on")));
        }
        wait(call, &self.job_id, Duration::from_secs(seconds)).await
    }
}

async fn wait(call: &Call, id: &str, limit: Duration) -> Result<Waited, Failure> {
    let mut stop = std::pin::pin!(call.stop(limit));
    let (mut pause, mut asked) = (ASK_FIRST, 0.0);
    loop {
        let job = jobs(call, None, Some(id)).await?.pop().ok_or_else(|| unknown(id))?;
        let (finished, succeeded) = (matches!(job.status.as_str(), "completed" | "failed" | "cancelled"), job.status == "completed");
        if finished {
            return Ok(Waited { finished, succeeded, job });
        }
        asked += 1.0;
        let what = job.object_name.as_deref().unwrap_or("an object");
        call.progress(asked, None, format!("{} of {what}: {}", job.job_type.as_deref().unwrap_or("job"), job.status)).await;
        tokio::select! {
            biased;
            why = &mut stop => match why {
                Stopped::TimeLimit(_) => return Ok(Waited { finished, succeeded, job }),
                Stopped::Cancelled => return Err(Failure::call("waiting was cancelled; the job goes on")),
            },
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(ASK_MAX);
    }
}

fn unknown(id: &str) -> Failure {
    Failure::call(format!("there is no job \"{id}\"")).with_advice(Some(
        "list_jobs tells which jobs there are; those that have ended disappear after about 30 minutes. describe_table tells whether an index is valid",
    ))
}

async fn jobs(call: &Call, status: Option<&str>, id: Option<&str>) -> Result<Vec<Job>, Failure> {
    let params = vec![status.map(str::to_owned), id.map(str::to_owned)];
    let done = call.read(vec![Statement { sql: JOBS.to_owned(), params }]).await?;
    Ok(done.outcomes.iter().flat_map(|outcome| &outcome.rows).map(job).collect())
}

fn job(row: &Row) -> Job {
    let text = |column: usize| row.get(column).map(str::to_owned);
    Job {
        job_id: text(0).unwrap_or_default(),
        status: text(1).unwrap_or_default(),
        job_type: text(2),
        object_name: text(3),
        details: text(4),
        start_time: text(5),
        update_time: text(6),
    }
}
