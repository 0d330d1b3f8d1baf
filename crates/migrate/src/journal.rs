//! The journal: a row for each run, in the database that it changes.
//!
//! | table of schema `borealis_migrate` | what it holds |
//! |---|---|
//! | `run` | where a run stands, who runs it, and the time of its last sign of life: written with every batch |
//! | `plan` | what it does: written once |
//! | `lock` | which run has which table: two runs of one table cannot begin |
//!
//! Each write names the owner and version that it found; a row that has moved on makes the transaction fail, so of two runners one loses,
//! with whatever else its transaction was to do. Every write is one version: a COMMIT without an answer is looked up by it, never guessed.

use std::sync::Mutex;
use std::time::Duration;

use borealis_base::{Id26, OsRandom};
use borealis_client::Outcome;
use serde::{Deserialize, Serialize};

use crate::error::{MigrateError, Result};
use crate::link::Link;
use crate::operations::direct::Step;
use crate::plan::{Basis, Plan};
use crate::sql;

/// The schema of everything here.
pub(crate) const SCHEMA: &str = "borealis_migrate";
/// After how long without a sign of life a run may be taken over.
pub const LEASE: Duration = Duration::from_secs(60);
/// How often a transaction is tried against conflicts and lost connections, beyond the client's own attempts.
pub(crate) const ATTEMPTS_MAX: u32 = 12;
/// The wait behind the first of them; it doubles up to [`WAIT_MAX`].
const WAIT_FIRST: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How soon a background job is asked after; the time between doubles up to [`JOB_POLL_MAX`].
const JOB_POLL_FIRST: Duration = Duration::from_millis(10);
const JOB_POLL_MAX: Duration = Duration::from_secs(1);

/// Where a recreation stands. Each phase is entered by a write to the journal, may be begun again, and finds what it did before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Rows are looked at; nothing is made.
    Check,
    /// The new table is made.
    Create,
    /// Its rows are copied.
    Copy,
    /// Its indexes are built.
    Index,
    /// What changes meanwhile is caught up with.
    Converge,
    /// The original loses its name.
    Fence,
    /// The last differences are mended, the values verified.
    CatchUp,
    /// The new table gets the name. From here on there is only forward.
    Switch,
    /// Views, names and validations follow.
    Settle,
    /// Nothing is left to do.
    Done,
}

/// What a run is doing, as the journal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A process is at it, or has died at it.
    Running,
    /// It was asked to stop, or has met an error: `resume` goes on.
    Stopped,
    /// It is over.
    Done,
    /// It was taken back.
    Aborted,
    /// Original and new table have changed places again.
    Reverted,
}

/// The state of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// What the run is doing.
    pub(crate) status: Status,
    /// Where a recreation stands.
    pub(crate) phase: Phase,
    /// How many statements of a direct change have been run.
    pub(crate) step: usize,
    /// The last key that was copied.
    pub(crate) low: Option<Vec<String>>,
    /// Rows copied.
    pub(crate) rows: u64,
    /// Rows that there were to copy when the copy began, and how that is known.
    #[serde(default)]
    pub(crate) total: Option<(u64, Basis)>,
    /// Milliseconds that copying them has taken, in all processes.
    #[serde(default)]
    pub(crate) copying_ms: u64,
    /// Comparisons of the whole table so far.
    pub(crate) rounds: u32,
    /// Ranges that the last of them had to mend.
    pub(crate) differences: u64,
    /// The new table has everything that committed up to this position of the change feed; none while that is not known.
    #[serde(default)]
    pub(crate) caught_up: Option<u64>,
    /// Swaps begun.
    pub(crate) fences: u32,
    /// Why it stopped.
    pub(crate) error: Option<String>,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            status: Status::Running,
            phase: Phase::Check,
            step: 0,
            low: None,
            rows: 0,
            total: None,
            copying_ms: 0,
            rounds: 0,
            differences: 0,
            caught_up: None,
            fences: 0,
            error: None,
        }
    }
}

/// A run as it stands in the journal.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Its name.
    pub(crate) id: String,
    /// Its plan.
    pub(crate) plan: Plan,
    /// Where it stands.
    pub(crate) state: State,
    /// A process says that it is at it.
    pub(crate) owned: bool,
    /// Seconds since the last sign of life, by the database's clock.
    pub(crate) silent_seconds: u64,
    version: u64,
}

impl Run {
    /// A run as its own process sees it.
    pub(crate) fn view(id: String, plan: Plan, state: State) -> Self {
        Self { id, plan, state, owned: true, silent_seconds: 0, version: 0 }
    }
}

/// A process's hold on a run.
pub(crate) struct Journal<'d> {
    pub(crate) link: &'d Link<'d>,
    pub(crate) id: String,
    owner: String,
    version: Mutex<u64>,
    paused: Mutex<bool>,
}

impl<'d> Journal<'d> {
    /// Makes the journal's tables where they are missing.
    pub(crate) async fn prepare(link: &Link<'_>) -> Result<()> {
        let tables = format!(
            "SELECT count(*) = 3 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = '{SCHEMA}' AND c.relname IN ('run', 'plan', 'lock')"
        );
        if link.holds("looking for the journal", tables.as_str()).await? {
            return Ok(());
        }
        let statements = [
            format!("CREATE SCHEMA IF NOT EXISTS {SCHEMA}"),
            format!(
                "CREATE TABLE IF NOT EXISTS {SCHEMA}.run (id text PRIMARY KEY, state text NOT NULL, requested text, owner text, \
                 version bigint NOT NULL, created_at timestamptz NOT NULL, alive_at timestamptz NOT NULL)"
            ),
            format!("CREATE TABLE IF NOT EXISTS {SCHEMA}.plan (run text PRIMARY KEY, plan text NOT NULL)"),
            format!("CREATE TABLE IF NOT EXISTS {SCHEMA}.lock (object text PRIMARY KEY, run text NOT NULL)"),
        ];
        for statement in statements {
            retried(|| async { link.commit("making the journal", [statement.clone()]).await }).await?;
        }
        Ok(())
    }

    /// Begins a run: its row, and the lock on its table.
    pub(crate) async fn begin(link: &'d Link<'d>, plan: &Plan) -> Result<Self> {
        let journal = Self::of(link, plan.id.clone(), 1);
        let (id, owner) = (sql::text(&plan.id), sql::text(&journal.owner));
        let run = format!(
            "INSERT INTO {SCHEMA}.run (id, state, owner, version, created_at, alive_at) VALUES ({id}, {}, {owner}, 1, now(), now())",
            sql::text(&json(&State::new()))
        );
        let written = format!("INSERT INTO {SCHEMA}.plan (run, plan) VALUES ({id}, {})", sql::text(&plan.to_json()));
        let lock = format!("INSERT INTO {SCHEMA}.lock (object, run) VALUES ({}, {id})", sql::text(&plan.table));
        let mut attempts = Attempts::default();
        loop {
            let error = match link.commit("beginning the run", [run.clone(), written.clone(), lock.clone()]).await {
                Ok(_) => return Ok(journal),
                Err(error) => error,
            };
            match error.code() {
                Some("23505") => {
                    // Ours, if an earlier COMMIT of this call had no answer.
                    if Self::holder(link, &plan.id).await?.as_deref() == Some(journal.owner.as_str()) {
                        return Ok(journal);
                    }
                    return Err(Self::taken(link, plan).await?);
                }
                _ if error.is_unknown_outcome() || error.is_conflict() => {}
                _ => return Err(error),
            }
            if !attempts.another().await {
                let what = "the journal could not be written against the database's other transactions; try again";
                return Err(MigrateError::Journal(what.to_owned()));
            }
        }
    }

    async fn holder(link: &Link<'_>, id: &str) -> Result<Option<String>> {
        let rows = link.rows("reading the journal", format!("SELECT owner FROM {SCHEMA}.run WHERE id = {}", sql::text(id))).await?;
        Ok(rows.first().and_then(|row| row.get(0)).map(str::to_owned))
    }

    async fn taken(link: &Link<'_>, plan: &Plan) -> Result<MigrateError> {
        let query = format!("SELECT run FROM {SCHEMA}.lock WHERE object = {}", sql::text(&plan.table));
        let rows = link.rows("reading the journal", query).await?;
        let what = match rows.first().and_then(|row| row.get(0)) {
            Some(run) if run != plan.id => {
                format!("table {} is being migrated by run {run}: finish that with `resume`, or `abort` it", plan.table)
            }
            Some(_) => format!("run {} has begun already: `borealis migrate resume` goes on with it", plan.id),
            None => format!("run {} is over: a plan is good for one run. Plan again", plan.id),
        };
        Ok(MigrateError::Journal(what))
    }

    fn of(link: &'d Link<'d>, id: String, version: u64) -> Self {
        let owner = Id26::random(&OsRandom).to_string();
        Self { link, id, owner, version: Mutex::new(version), paused: Mutex::new(false) }
    }

    /// Takes a run that nobody is at. One whose process may still live is taken only when the caller says so.
    pub(crate) async fn take(link: &'d Link<'d>, run: &Run, take_over: bool) -> Result<Self> {
        Self::claim(link, &run.id, run.version, run.owned.then_some(run.silent_seconds), take_over).await
    }

    async fn claim(link: &'d Link<'d>, id: &str, version: u64, owner_silent: Option<u64>, take_over: bool) -> Result<Self> {
        if let Some(seconds) = owner_silent.filter(|seconds| *seconds < LEASE.as_secs() && !take_over) {
            return Err(MigrateError::Journal(format!(
                "run {id} is being run by another process, which gave its last sign of life {seconds} seconds ago. `borealis migrate pause` stops it; \
                 when it is dead, wait until {} seconds have passed or say --take-over",
                LEASE.as_secs()
            )));
        }
        let journal = Self::of(link, id.to_owned(), version);
        let taken = format!(
            "UPDATE {SCHEMA}.run SET owner = {}, version = version + 1, requested = NULL, alive_at = now() WHERE id = {}",
            sql::text(&journal.owner),
            sql::text(id)
        );
        let unchanged = format!("SELECT 1 / count(*) FROM {SCHEMA}.run WHERE id = {} AND version = {version}", sql::text(id));
        let mut attempts = Attempts::default();
        loop {
            match link.commit("taking the run", [unchanged.clone(), taken.clone()]).await {
                Ok(_) => break,
                Err(error) if error.is_unknown_outcome() => {
                    if Self::holder(link, id).await?.as_deref() == Some(journal.owner.as_str()) {
                        break;
                    }
                    if !attempts.another().await {
                        return Err(error);
                    }
                }
                Err(error) if error.is_conflict() || error.code() == Some("22012") => return Err(lost(id)),
                Err(error) => return Err(error),
            }
        }
        *journal.version.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
        if owner_silent.is_some() {
            journal.outdate_definitions().await?;
        }
        Ok(journal)
    }

    /// Makes every DDL transaction fail that began before the run was taken: its guard has seen the owner of then, and DDL does not conflict with the
    /// journal's row. It does conflict with other DDL, so there is some.
    async fn outdate_definitions(&self) -> Result<()> {
        let comment =
            format!("COMMENT ON TABLE {SCHEMA}.run IS {}", sql::text(&format!("run {} was taken over by {}", self.id, self.owner)));
        self.repeat("stopping what the other process had begun", &comment).await
    }

    /// Takes what has no plan and never ends, such as the numbered files; made where it is missing.
    pub(crate) async fn hold(link: &'d Link<'d>, id: &str, take_over: bool) -> Result<Self> {
        let make = format!(
            "INSERT INTO {SCHEMA}.run (id, state, version, created_at, alive_at) VALUES ({}, {}, 0, now(), now()) ON CONFLICT (id) DO NOTHING",
            sql::text(id),
            sql::text(&json(&State::new()))
        );
        retried(|| async { link.commit("making a row of the journal", [make.clone()]).await }).await?;
        let query = format!(
            "SELECT version, owner IS NOT NULL, greatest(extract(epoch FROM now() - alive_at), 0)::bigint FROM {SCHEMA}.run WHERE id = {}",
            sql::text(id)
        );
        let rows = link.rows("reading the journal", query).await?;
        let cell = |column: usize| rows.first().and_then(|row| row.get(column)).unwrap_or_default().to_owned();
        let (version, silent) = (cell(0).parse().unwrap_or(0), cell(2).parse().unwrap_or(0));
        Self::claim(link, id, version, (cell(1) == "t").then_some(silent), take_over).await
    }

    /// Runs DDL once, answering its job.
    pub(crate) async fn define(&self, doing: &str, sql: &str) -> Result<Option<String>> {
        let outcomes = self.link.commit(doing, [self.guard(), sql.to_owned()]).await.map_err(|error| self.explained(error))?;
        self.note_request(&outcomes);
        Ok(outcomes.last().and_then(|outcome| outcome.rows.first()).and_then(|row| row.get(0)).map(str::to_owned))
    }

    /// Waits for a job, or, without its name, for every job that somebody waits for; fails when it has failed.
    pub(crate) async fn finish_jobs(&self, job: Option<&str>) -> Result<()> {
        let open = match job {
            Some(job) => format!("job_id = {}", sql::text(job)),
            None => "job_type IN ('INDEX_BUILD', 'VALIDATE_CONSTRAINT')".to_owned(),
        };
        let failed = format!(
            "SELECT coalesce(object_name, job_id) || ': ' || coalesce(details, status) FROM sys.jobs WHERE {open} AND status IN ('failed', 'cancelled')"
        );
        let query = format!("SELECT EXISTS (SELECT 1 FROM sys.jobs WHERE {open} AND status IN ('submitted', 'processing'))");
        let mut poll = JobPoll::default();
        while retried(|| async { self.link.holds("asking after jobs", query.as_str()).await }).await? {
            poll.pause(self).await?;
        }
        let rows = retried(|| async { self.link.rows("asking after jobs", failed.as_str()).await }).await?;
        // Without the job's name an old failure cannot be told from this one; the invalid index is what counts then.
        match rows.first().and_then(|row| row.get(0)).filter(|_| job.is_some()) {
            None => Ok(()),
            Some(what) => {
                Err(MigrateError::Job(format!("the background job has failed: {what}. Mend the rows, drop what it left, and run it again")))
            }
        }
    }

    /// Somebody has asked the run to stop.
    pub(crate) fn is_asked_to_pause(&self) -> bool {
        *self.paused.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn version(&self) -> u64 {
        *self.version.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Fails its transaction unless the run is still this process's; answers whether it is asked to stop.
    fn guard(&self) -> String {
        format!(
            "SELECT max(requested), 1 / count(*) FROM {SCHEMA}.run WHERE id = {} AND owner = {} AND version = {}",
            sql::text(&self.id),
            sql::text(&self.owner),
            self.version()
        )
    }

    /// Writes rows and the state in one transaction: both or neither.
    pub(crate) async fn write(&self, doing: &str, statements: Vec<String>, state: &State) -> Result<()> {
        let release = if state.status == Status::Running { "" } else { ", owner = NULL" };
        let checkpoint = format!(
            "UPDATE {SCHEMA}.run SET state = {}, version = version + 1, alive_at = now(){release} WHERE id = {}",
            sql::text(&json(state)),
            sql::text(&self.id)
        );
        let mut list = vec![self.guard()];
        list.extend(statements);
        list.push(checkpoint);
        let mut attempts = Attempts::default();
        loop {
            match self.link.commit(doing, list.clone()).await {
                Ok(outcomes) => {
                    self.advance(&outcomes);
                    return Ok(());
                }
                Err(error) if error.is_unknown_outcome() => {
                    if self.has_moved().await? {
                        self.advance(&[]);
                        return Ok(());
                    }
                }
                // Also what the journal's own row met: a request to pause was written to it at the same time.
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(self.explained(error)),
            }
            if !attempts.another().await {
                return Err(crowded_out(doing));
            }
        }
    }

    /// Writes rows without a checkpoint: what may be done twice. `barrier` is a statement behind which nothing commits that was begun before it (see
    /// [`Journal::raise`]): a COMMIT without an answer is either in what the next attempt sees, or will never be.
    pub(crate) async fn mend(&self, doing: &str, statements: Vec<String>, barrier: &str) -> Result<Vec<Outcome>> {
        let mut list = vec![self.guard()];
        list.extend(statements);
        let mut attempts = Attempts::default();
        loop {
            match self.link.commit(doing, list.clone()).await {
                Ok(outcomes) => {
                    self.note_request(&outcomes);
                    return Ok(outcomes);
                }
                Err(error) if error.is_unknown_outcome() => self.raise(barrier).await?,
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(self.explained(error)),
            }
            if !attempts.another().await {
                return Err(crowded_out(doing));
            }
        }
    }

    /// Runs a definition of the table that this run writes to. Transactions that wrote to it before and have not committed fail from here on.
    pub(crate) async fn raise(&self, barrier: &str) -> Result<()> {
        self.repeat("ending what may still be under way", barrier).await
    }

    /// A statement that may run twice, until it goes through.
    async fn repeat(&self, doing: &str, statement: &str) -> Result<()> {
        let list = [self.guard(), statement.to_owned()];
        let outcomes = retried(|| async { self.link.commit(doing, list.clone()).await }).await.map_err(|error| self.explained(error))?;
        self.note_request(&outcomes);
        Ok(())
    }

    fn advance(&self, outcomes: &[Outcome]) {
        *self.version.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
        self.note_request(outcomes);
    }

    fn note_request(&self, outcomes: &[Outcome]) {
        let requested = outcomes.first().and_then(|outcome| outcome.rows.first()).and_then(|row| row.get(0));
        if requested == Some("pause") {
            *self.paused.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = true;
        }
    }

    /// Whether the write behind a COMMIT without an answer has taken effect.
    async fn has_moved(&self) -> Result<bool> {
        let query = format!("SELECT version, coalesce(owner, '') FROM {SCHEMA}.run WHERE id = {}", sql::text(&self.id));
        let rows = retried(|| async { self.link.rows("looking up what became of a COMMIT", query.as_str()).await }).await?;
        let version: u64 = rows.first().and_then(|row| row.get(0)?.parse().ok()).unwrap_or(0);
        let owner = rows.first().and_then(|row| row.get(1)).unwrap_or_default();
        match (version.saturating_sub(self.version()), owner) {
            (0, owner) if owner == self.owner => Ok(false),
            // A write that ends the run lets go of it.
            (1, owner) if owner == self.owner || owner.is_empty() => Ok(true),
            _ => Err(lost(&self.id)),
        }
    }

    fn explained(&self, error: MigrateError) -> MigrateError {
        // Only the guard divides by what it finds.
        let by_guard =
            matches!(&error, MigrateError::Database { error, .. } if error.statement == Some(0)) && error.code() == Some("22012");
        if by_guard { lost(&self.id) } else { error }
    }

    /// A sign of life during a long wait.
    async fn beat(&self) -> Result<()> {
        let alive = format!("UPDATE {SCHEMA}.run SET alive_at = now() WHERE id = {}", sql::text(&self.id));
        self.repeat("giving a sign of life", &alive).await
    }

    /// Runs a statement unless it has had its effect, and waits for its job.
    pub(crate) async fn step(&self, doing: &str, step: &Step) -> Result<()> {
        let mut attempts = Attempts::default();
        loop {
            if self.is_done(step).await? {
                return Ok(());
            }
            match self.link.commit(doing, [self.guard(), step.sql.clone()]).await {
                Ok(outcomes) if step.job => {
                    self.note_request(&outcomes);
                    let job = outcomes.last().and_then(|outcome| outcome.rows.first()).and_then(|row| row.get(0)).map(str::to_owned);
                    return self.wait_for(step, job).await;
                }
                Ok(outcomes) => {
                    self.note_request(&outcomes);
                    return Ok(());
                }
                // Begun before, by a process that did not live to see the end.
                Err(error) if step.job && error.code() == Some("42P07") => return self.wait_for(step, None).await,
                // The catalog is asked in the next turn.
                Err(error) if error.is_unknown_outcome() || error.is_conflict() => {}
                Err(error) => {
                    let error = self.explained(error);
                    // A COMMIT without an answer may have come through after the catalog was asked.
                    return if step.done.is_some() && self.is_done(step).await? { Ok(()) } else { Err(error) };
                }
            }
            if !attempts.another().await {
                return Err(crowded_out(doing));
            }
        }
    }

    async fn is_done(&self, step: &Step) -> Result<bool> {
        let Some(done) = &step.done else { return Ok(false) };
        retried(|| async { self.link.holds("asking the catalog", done.as_str()).await }).await
    }

    /// Whether a statement that may have been run has left something behind.
    pub(crate) async fn had_effect(&self, step: &Step) -> Result<bool> {
        if step.job {
            // An index that is being built, or has failed, is there and not done.
            let Some(name) = step.undo.as_deref().and_then(|undo| undo.strip_prefix("DROP INDEX ")) else { return Ok(false) };
            let there = format!("SELECT to_regclass({}) IS NOT NULL", sql::text(name));
            return retried(|| async { self.link.holds("asking the catalog", there.as_str()).await }).await;
        }
        self.is_done(step).await
    }

    /// Waits until a job's effect is there. Without the job's name it is the newest one of the object that is not there.
    async fn wait_for(&self, step: &Step, job: Option<String>) -> Result<()> {
        let mut poll = JobPoll::default();
        loop {
            let state = retried(|| async { self.job_state(step, job.as_deref()).await }).await?;
            if let Some(("failed" | "cancelled", details)) = state.as_ref().map(|(status, details)| (status.as_str(), details)) {
                let what = format!("the background job of {} has failed: {details}", step.sql);
                if let Some(undo) = &step.undo {
                    // An index that failed stays and stays invalid; the next attempt must find its name free.
                    self.repeat("removing what the failed job left", undo).await?;
                }
                return Err(MigrateError::Job(what));
            }
            if self.is_done(step).await? {
                return Ok(());
            }
            poll.pause(self).await?;
        }
    }

    async fn job_state(&self, step: &Step, job: Option<&str>) -> Result<Option<(String, String)>> {
        let of_job = match job {
            Some(job) => format!("job_id = {}", sql::text(job)),
            // `DROP INDEX s.i` names the index.
            None => {
                let name = step.undo.as_deref().and_then(|undo| undo.strip_prefix("DROP INDEX ")).unwrap_or_default();
                format!("job_type = 'INDEX_BUILD' AND object_id = (SELECT to_regclass({})::oid)", sql::text(name))
            }
        };
        let query = format!("SELECT status, coalesce(details, '') FROM sys.jobs WHERE {of_job} ORDER BY start_time DESC LIMIT 1");
        let rows = self.link.rows("asking after a job", query).await?;
        Ok(rows.first().map(|row| (row.get(0).unwrap_or_default().to_owned(), row.get(1).unwrap_or_default().to_owned())))
    }

    /// Takes the table again for a run that had let go of it, unless another run has it by now.
    pub(crate) async fn lock_again(&self, table: &str, state: &State) -> Result<()> {
        let lock = format!(
            "INSERT INTO {SCHEMA}.lock (object, run) VALUES ({}, {}) ON CONFLICT (object) DO NOTHING",
            sql::text(table),
            sql::text(&self.id)
        );
        self.repeat("taking the table again", &lock).await?;
        let query = format!("SELECT run FROM {SCHEMA}.lock WHERE object = {}", sql::text(table));
        let rows = retried(|| async { self.link.rows("reading the journal", query.as_str()).await }).await?;
        match rows.first().and_then(|row| row.get(0)) {
            Some(run) if run != self.id => {
                self.write("letting go of the run", Vec::new(), &State { status: Status::Stopped, ..state.clone() }).await?;
                Err(MigrateError::Journal(format!(
                    "table {table} is being migrated by run {run}: finish that with `resume`, or `abort` it"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The run is over, one way or the other: its table is free.
    pub(crate) async fn end(&self, state: &State, also: Vec<String>) -> Result<()> {
        let unlock = format!("DELETE FROM {SCHEMA}.lock WHERE run = {}", sql::text(&self.id));
        self.write("ending the run", std::iter::once(unlock).chain(also).collect(), state).await
    }
}

fn json(state: &State) -> String {
    serde_json::to_string(state).unwrap_or_default()
}

fn lost(id: &str) -> MigrateError {
    MigrateError::Journal(format!("run {id} was taken over by another process; this one has stopped, and changed nothing since"))
}

fn crowded_out(doing: &str) -> MigrateError {
    MigrateError::Journal(format!("{doing}: other transactions were in the way each of {ATTEMPTS_MAX} times; resume when it is quieter"))
}

/// Attempts at one transaction, with a wait between them that grows.
pub(crate) struct Attempts {
    made: u32,
    wait: Duration,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { made: 1, wait: WAIT_FIRST }
    }
}

impl Attempts {
    /// Waits for the next one; false when there is none.
    pub(crate) async fn another(&mut self) -> bool {
        if self.made == ATTEMPTS_MAX {
            return false;
        }
        tokio::time::sleep(self.wait).await;
        self.made += 1;
        self.wait = (self.wait * 2).min(WAIT_MAX);
        true
    }
}

/// Looks at a job, again and again, less often with time. Meanwhile the run's owner gives signs of life.
struct JobPoll {
    wait: Duration,
    silent: Duration,
}

impl Default for JobPoll {
    fn default() -> Self {
        Self { wait: JOB_POLL_FIRST, silent: Duration::ZERO }
    }
}

impl JobPoll {
    async fn pause(&mut self, journal: &Journal<'_>) -> Result<()> {
        tokio::time::sleep(self.wait).await;
        self.silent += self.wait;
        self.wait = (self.wait * 2).min(JOB_POLL_MAX);
        if self.silent > LEASE / 4 {
            journal.beat().await?;
            self.silent = Duration::ZERO;
        }
        Ok(())
    }
}

/// Again, where the transaction may run twice, until it goes through.
pub(crate) async fn retried<T, F: Future<Output = Result<T>>>(attempt: impl Fn() -> F) -> Result<T> {
    let mut attempts = Attempts::default();
    loop {
        match attempt().await {
            Err(error) if error.is_unknown_outcome() || error.is_conflict() => {
                if !attempts.another().await {
                    return Err(error);
                }
            }
            answer => return answer,
        }
    }
}

/// All runs, the newest first.
pub(crate) async fn runs(link: &Link<'_>) -> Result<Vec<Run>> {
    let query = format!(
        "SELECT r.id, p.plan, r.state, r.owner IS NOT NULL, greatest(extract(epoch FROM now() - r.alive_at), 0)::bigint, r.version \
           FROM {SCHEMA}.run AS r JOIN {SCHEMA}.plan AS p ON p.run = r.id ORDER BY r.created_at DESC"
    );
    let rows = match link.rows("reading the journal", query).await {
        Ok(rows) => rows,
        // There is no journal before the first run.
        Err(error) if matches!(error.code(), Some("42P01" | "3F000")) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    rows.iter()
        .map(|row| {
            let cell = |column: usize| row.get(column).unwrap_or_default();
            let unreadable =
                |why: &dyn std::fmt::Display| MigrateError::Journal(format!("run {} of the journal cannot be read: {why}", cell(0)));
            Ok(Run {
                id: cell(0).to_owned(),
                plan: Plan::from_json(cell(1)).map_err(|error| unreadable(&error))?,
                state: serde_json::from_str(cell(2)).map_err(|error| unreadable(&error))?,
                owned: cell(3) == "t",
                silent_seconds: cell(4).parse().unwrap_or(0),
                version: cell(5).parse().unwrap_or(0),
            })
        })
        .collect()
}

/// The statement that notes that a run which was done has been reverted.
pub(crate) async fn marked_reverted(link: &Link<'_>, id: &str) -> Result<String> {
    let run = runs(link).await?.into_iter().find(|run| run.id == id);
    let run = run.ok_or_else(|| MigrateError::Journal(format!("the journal knows no run {id}")))?;
    let state = State { status: Status::Reverted, ..run.state };
    Ok(format!("UPDATE {SCHEMA}.run SET state = {} WHERE id = {}", sql::text(&json(&state)), sql::text(id)))
}

/// Asks a run to stop at its next checkpoint.
pub(crate) async fn request_pause(link: &Link<'_>, id: &str) -> Result<()> {
    let request = format!("UPDATE {SCHEMA}.run SET requested = 'pause' WHERE id = {} AND owner IS NOT NULL", sql::text(id));
    retried(|| async { link.commit("asking the run to pause", [request.clone()]).await }).await.map(drop)
}
