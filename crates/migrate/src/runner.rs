//! From phase to phase, from the first to the last or from wherever a run stands.

use std::time::Duration;

use borealis_base::{Clock, SystemClock};
use borealis_client::Database;

use crate::carry_over;
use crate::copy::Rows;
use crate::error::{MigrateError, Result};
use crate::feed::{self, Feed};
use crate::journal::{self, Journal, Phase, Run, State, Status};
use crate::link::Link;
use crate::operations::direct::Step;
use crate::plan::{self, Plan, Recreation, Way};
use crate::probe;
use crate::progress::Progress;
use crate::sql::{Extent, Range};
use crate::swap;
use crate::throttle::{Throttle, ThrottleLimits};
use crate::verify::{Known, Round, Verifier};

/// Comparisons of the whole table after which the swap is made whatever the last one mended.
const ROUNDS_MAX: u32 = 8;
/// Readings of the change feed that come no nearer to the newest commit, after which the swap is begun all the same: the writers are as fast.
const READINGS_IN_VAIN_MAX: u32 = 5;
/// Swaps that are begun and given up before the run stops.
const FENCES_MAX: u32 = 3;

/// How a run is to be run.
pub struct Options<'o> {
    /// When to slow down.
    pub throttle: ThrottleLimits,
    /// Rows of a batch at most; the plan's own number when not said.
    pub batch_rows: Option<u64>,
    /// How long the table may be without its name before the swap is given up and tried again later.
    pub fence_time_max: Duration,
    /// Follow what changes by the server's change feed, where it has one, instead of comparing the whole table again.
    pub change_feed: bool,
    /// Take a run from a process that has not shown for some time that it is dead.
    pub take_over: bool,
    /// Told where the run stands, now and then.
    pub progress: &'o (dyn Fn(&Progress) + Send + Sync),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            throttle: ThrottleLimits::default(),
            batch_rows: None,
            fence_time_max: Duration::from_secs(60),
            change_feed: true,
            take_over: false,
            progress: &|_| (),
        }
    }
}

/// Does what a plan says.
///
/// # Errors
/// When the plan is edited or out of date, when rows stand in the way, when the run is asked to pause, when the database fails. Whatever
/// stops it, the journal says where, and [`resume`] goes on there.
pub async fn apply(database: &Database, plan: &Plan, options: &Options<'_>) -> Result<Progress> {
    let link = Link::new(database);
    apply_over(&link, database, plan, options).await
}

pub(crate) async fn apply_over(link: &Link<'_>, database: &Database, plan: &Plan, options: &Options<'_>) -> Result<Progress> {
    if plan.is_nothing() {
        plan.must_be_current(link).await?;
        let state = State { status: Status::Done, phase: Phase::Done, ..State::new() };
        return Ok(Progress::of(&Run::view(plan.id.clone(), plan.clone(), state)));
    }
    Journal::prepare(link).await?;
    plan.must_be_current(link).await?;
    let journal = Journal::begin(link, plan).await?;
    go_on(database, &journal, plan, State::new(), options).await
}

/// Goes on with a run: the only unfinished one, or the one named.
///
/// # Errors
/// As [`apply`]; when there is no such run or another process is at it.
pub async fn resume(database: &Database, run: Option<&str>, options: &Options<'_>) -> Result<Progress> {
    let link = Link::new(database);
    resume_over(&link, database, run, options).await
}

pub(crate) async fn resume_over(link: &Link<'_>, database: &Database, run: Option<&str>, options: &Options<'_>) -> Result<Progress> {
    let run = find(link, run).await?;
    let journal = Journal::take(link, &run, options.take_over).await?;
    if matches!(run.plan.way, Way::Direct { .. }) {
        journal.lock_again(&run.plan.table, &run.state).await?;
    }
    let state = State { status: Status::Running, error: None, ..run.state };
    go_on(database, &journal, &run.plan, state, options).await
}

/// All runs of the journal, the newest first.
///
/// # Errors
/// When the journal cannot be read.
pub async fn status(database: &Database) -> Result<Vec<Progress>> {
    Ok(journal::runs(&Link::new(database)).await?.iter().map(Progress::of).collect())
}

/// Asks a run to stop at its next checkpoint. It does not stop between the two renames of the swap.
///
/// # Errors
/// When there is no such run.
pub async fn pause(database: &Database, run: Option<&str>) -> Result<Progress> {
    let link = Link::new(database);
    let run = find(&link, run).await?;
    journal::request_pause(&link, &run.id).await?;
    Ok(Progress::of(&run))
}

/// A run by its name, or the only one that is not over.
pub(crate) async fn find(link: &Link<'_>, id: Option<&str>) -> Result<Run> {
    let runs = journal::runs(link).await?;
    let Some(id) = id else {
        let mut open = runs.into_iter().filter(|run| matches!(run.state.status, Status::Running | Status::Stopped));
        let first = open.next().ok_or_else(|| MigrateError::Journal("no run is under way".to_owned()))?;
        let others: Vec<String> = open.map(|run| run.id).collect();
        return match others.is_empty() {
            true => Ok(first),
            false => Err(MigrateError::Journal(format!("several runs are under way: name one of {}, {}", first.id, others.join(", ")))),
        };
    };
    let run = runs.into_iter().find(|run| run.id == id).ok_or_else(|| MigrateError::Journal(format!("the journal knows no run {id}")))?;
    match run.state.status {
        Status::Running | Status::Stopped => Ok(run),
        Status::Done => Err(MigrateError::Journal(format!("run {id} is done"))),
        Status::Aborted | Status::Reverted => Err(MigrateError::Journal(format!("run {id} was taken back; plan again"))),
    }
}

async fn go_on(database: &Database, journal: &Journal<'_>, plan: &Plan, state: State, options: &Options<'_>) -> Result<Progress> {
    let mut runner = Runner { database, journal, plan, state, options, clock: SystemClock::default() };
    match runner.run().await {
        Ok(()) => Ok(runner.progress()),
        Err(error) => Err(match &plan.way {
            Way::Direct { steps, .. } if error.is_refusal() => runner.give_up(steps, error).await,
            Way::Direct { .. } | Way::Recreate(_) => {
                runner.stop(&error).await;
                error
            }
        }),
    }
}

struct Runner<'r> {
    database: &'r Database,
    journal: &'r Journal<'r>,
    plan: &'r Plan,
    state: State,
    options: &'r Options<'r>,
    clock: SystemClock,
}

impl Runner<'_> {
    async fn run(&mut self) -> Result<()> {
        let plan = self.plan;
        match &plan.way {
            Way::Direct { steps, rules, table } => {
                if self.state.step == 0
                    && let Some(table) = table
                {
                    let key = plan::key_of(table);
                    plan::check_rules(self.journal.link, &table.qualified(), &key, rules, &plan::value_as_it_is).await?;
                }
                self.direct(steps).await?;
            }
            Way::Recreate(recreation) => self.recreate(recreation).await?,
        }
        self.state = State { status: Status::Done, phase: Phase::Done, ..self.state.clone() };
        let mut reverted = Vec::new();
        if let Some(id) = &plan.reverts {
            reverted.push(journal::marked_reverted(self.journal.link, id).await?);
        }
        self.journal.end(&self.state, reverted).await
    }

    /// Notes why the run has stopped, unless it is no longer this process's to note anything.
    async fn stop(&mut self, error: &MigrateError) {
        let state = State { status: Status::Stopped, error: Some(error.to_string()), ..self.state.clone() };
        // Whoever cannot write this is silent, and after the lease as good as stopped.
        let _ = self.journal.write("noting why the run has stopped", Vec::new(), &state).await;
    }

    /// Statements that the server refuses, or rows refuse, will not go through by being run again: what has been run is taken back, and the table is
    /// free for another plan. What cannot be taken back stays; then the run may be gone on with, but it does not hold the table.
    async fn give_up(&mut self, steps: &[Step], error: MigrateError) -> MigrateError {
        let state = |status| State { status, error: Some(error.to_string()), ..self.state.clone() };
        let ended = match undo_direct(self.journal, steps, self.state.step).await {
            Ok(undo) => match self.steps("taking the run back", &undo).await {
                Ok(()) => self.journal.end(&state(Status::Aborted), Vec::new()).await,
                Err(error) => Err(error),
            },
            Err(_) => self.journal.end(&state(Status::Stopped), Vec::new()).await,
        };
        if ended.is_err() {
            // Some of it may have been taken back: whoever goes on asks the catalog about each statement.
            self.state.step = 0;
            self.stop(&error).await;
        }
        error
    }

    fn progress(&self) -> Progress {
        Progress::of(&Run::view(self.journal.id.clone(), self.plan.clone(), self.state.clone()))
    }

    fn tell(&self) {
        (self.options.progress)(&self.progress());
    }

    fn pause_point(&self) -> Result<()> {
        if self.journal.is_asked_to_pause() { Err(MigrateError::Paused) } else { Ok(()) }
    }

    async fn direct(&mut self, steps: &[Step]) -> Result<()> {
        while let Some(step) = steps.get(self.state.step) {
            self.journal.step("changing the table", step).await?;
            let state = State { step: self.state.step + 1, ..self.state.clone() };
            self.enter(state).await?;
            self.pause_point()?;
        }
        Ok(())
    }

    /// Writes the state and keeps it.
    async fn enter(&mut self, state: State) -> Result<()> {
        self.journal.write("noting progress", Vec::new(), &state).await?;
        self.state = state;
        self.tell();
        Ok(())
    }

    async fn phase(&mut self, phase: Phase) -> Result<()> {
        self.enter(State { phase, ..self.state.clone() }).await
    }

    async fn recreate(&mut self, recreation: &Recreation) -> Result<()> {
        let mut known = Vec::new();
        // The process that was at it before may have left transactions on their way.
        if (Phase::Converge..=Phase::CatchUp).contains(&self.state.phase) {
            self.journal.raise(&carry_over::barrier(recreation)).await?;
        }
        loop {
            match self.state.phase {
                Phase::Check => {
                    self.check(recreation).await?;
                    let total = if recreation.exists { None } else { Some(plan::count(self.journal.link, &recreation.original).await?) };
                    self.enter(State { phase: Phase::Create, total, ..self.state.clone() }).await?;
                }
                Phase::Create => {
                    self.steps("making the new table", &carry_over::create(recreation)).await?;
                    self.phase(Phase::Copy).await?;
                }
                // What is there already is only compared.
                Phase::Copy if recreation.exists => self.phase(Phase::Index).await?,
                Phase::Copy => {
                    self.copy(recreation).await?;
                    self.phase(Phase::Index).await?;
                }
                Phase::Index => {
                    self.steps("building indexes", &carry_over::indexes(recreation)).await?;
                    self.phase(Phase::Converge).await?;
                }
                Phase::Converge => {
                    known = self.converge(recreation).await?;
                    self.pause_point()?;
                    self.enter(State { phase: Phase::Fence, fences: self.state.fences + 1, ..self.state.clone() }).await?;
                }
                Phase::Fence => {
                    self.steps("taking the table's name", &swap::fence(recreation)).await?;
                    self.phase(Phase::CatchUp).await?;
                }
                Phase::CatchUp => {
                    let next = self.catch_up(recreation, std::mem::take(&mut known)).await?;
                    self.phase(next).await?;
                }
                Phase::Switch => {
                    self.steps("giving the new table the name", &swap::switch(recreation)).await?;
                    self.phase(Phase::Settle).await?;
                }
                Phase::Settle => {
                    self.steps("carrying over what hangs on the table", &carry_over::settle(recreation)).await?;
                    return unfollow(self.journal, recreation).await;
                }
                Phase::Done => return Ok(()),
            }
            if self.state.phase <= Phase::Converge {
                self.pause_point()?;
            }
        }
    }

    async fn steps(&self, doing: &str, steps: &[Step]) -> Result<()> {
        for step in steps {
            self.journal.step(doing, step).await?;
        }
        Ok(())
    }

    async fn check(&self, recreation: &Recreation) -> Result<()> {
        let table = recreation.original.qualified();
        plan::check_rules(self.journal.link, &table, &recreation.key, &recreation.rules, &plan::value_of(&recreation.columns)).await?;
        plan::check_values(self.journal.link, &Rows::before_swap(recreation)).await?;
        probe::fence_holds(self.database, self.journal.link).await
    }

    fn batch_rows(&self, recreation: &Recreation) -> u64 {
        let planned = recreation.rows_of_batch(&self.plan.estimate);
        self.options.batch_rows.map_or(planned, |rows| rows.max(1))
    }

    async fn copy(&mut self, recreation: &Recreation) -> Result<()> {
        let rows = Rows::before_swap(recreation);
        let mut throttle = Throttle::new(self.options.throttle, self.batch_rows(recreation));
        let mut noted = self.clock.monotonic();
        loop {
            tokio::time::sleep(throttle.pause()).await;
            let begun = self.clock.monotonic();
            let from = Range::behind(self.state.low.clone());
            let key = self.journal.link.rows("reading keys", rows.nth_key(&from, throttle.rows())).await?;
            let high = key.first().map(|row| rows.key_values(row));
            let range = Range { low: from.low, high: high.clone() };
            let copied = match high {
                Some(_) => throttle.rows(),
                None => self.count(&rows, &range).await?,
            };
            let now = self.clock.monotonic();
            let state = State {
                low: high.clone().or_else(|| range.low.clone()),
                rows: self.state.rows + copied,
                copying_ms: self.state.copying_ms + u64::try_from(now.saturating_sub(noted).as_millis()).unwrap_or(u64::MAX),
                ..self.state.clone()
            };
            match self.journal.write("copying a batch", vec![rows.insert(&range)], &state).await {
                Ok(()) => (self.state, noted) = (state, now),
                Err(error) if error.is_too_large() => {
                    if throttle.too_large() {
                        continue;
                    }
                    return Err(error);
                }
                Err(error) if error.is_about_data() => {
                    // A row that came after the check; it is named if it is still there.
                    plan::check_values(self.journal.link, &rows).await?;
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
            throttle.took(self.clock.monotonic().saturating_sub(begun), self.journal.link.take_conflicts());
            self.tell();
            if high.is_none() {
                return Ok(());
            }
            self.pause_point()?;
        }
    }

    async fn count(&self, rows: &Rows<'_>, range: &Range) -> Result<u64> {
        let counted = self.journal.link.rows("counting the last rows", rows.count(range)).await?;
        Ok(counted.first().and_then(|row| row.get(0)?.parse().ok()).unwrap_or(0))
    }

    fn verifier<'v>(&'v self, recreation: &Recreation, rows: Rows<'v>) -> Verifier<'v> {
        Verifier { journal: self.journal, rows, batch_rows: self.batch_rows(recreation), barrier: carry_over::barrier(recreation) }
    }

    /// Makes the new table as equal as it can be while others write. Answers the ranges that the fence's comparison begins with; none of them when
    /// the change feed tells what is left.
    async fn converge(&mut self, recreation: &Recreation) -> Result<Vec<Known>> {
        if let Some(feed) = feed(self.journal, recreation, self.options).await? {
            match self.follow(recreation, &feed).await {
                Err(error) if feed::is_forgotten(&error) => {
                    self.enter(State { caught_up: None, ..self.state.clone() }).await?;
                    feed.end().await?;
                }
                other => return other,
            }
        }
        self.compare(recreation).await
    }

    /// One comparison, then what has changed since it began, until that is one batch or stays as much as it is.
    async fn follow(&mut self, recreation: &Recreation, feed: &Feed<'_>) -> Result<Vec<Known>> {
        let mut at = match self.state.caught_up {
            Some(at) => at,
            None => {
                let begun = feed.begin().await?;
                let round = self.verifier(recreation, Rows::before_swap(recreation)).round().await?;
                let state = State { rounds: self.state.rounds + 1, differences: round.differences, ..self.state.clone() };
                if !round.mended {
                    self.enter(state).await?;
                    return Ok(round.known);
                }
                self.enter(State { caught_up: Some(begun), ..state }).await?;
                begun
            }
        };
        let original = recreation.original.qualified();
        let (mut nearest, mut in_vain) = (u64::MAX, 0);
        while in_vain < READINGS_IN_VAIN_MAX {
            let changed = feed.read(&original, at).await?;
            let is_little = !changed.more && changed.keys.len() as u64 <= self.batch_rows(recreation);
            let behind = changed.behind + changed.keys.len() as u64;
            in_vain = if behind < nearest { 0 } else { in_vain + 1 };
            nearest = nearest.min(behind);
            if !self.verifier(recreation, Rows::before_swap(recreation)).put(changed.keys).await? {
                // They are read again behind the fence.
                break;
            }
            at = changed.reached;
            self.enter(State { caught_up: Some(at), ..self.state.clone() }).await?;
            feed.passed(at).await?;
            self.pause_point()?;
            if is_little {
                break;
            }
        }
        Ok(Vec::new())
    }

    /// Rounds of comparing and mending until one mends nothing, or no fewer ranges than the one before: then it only chases the writers.
    async fn compare(&mut self, recreation: &Recreation) -> Result<Vec<Known>> {
        let mut before = u64::MAX;
        loop {
            let Round { known, differences, .. } = self.verifier(recreation, Rows::before_swap(recreation)).round().await?;
            let state = State { rounds: self.state.rounds + 1, differences, ..self.state.clone() };
            self.enter(state).await?;
            if differences == 0 || (before != u64::MAX && differences * 2 > before) || self.state.rounds >= ROUNDS_MAX {
                return Ok(known);
            }
            before = differences;
        }
    }

    /// The rows that may still differ behind the fence: those that the change feed tells, or all.
    async fn remaining(&self, recreation: &Recreation, known: Vec<Known>) -> Result<Vec<(Extent, Option<String>)>> {
        let verifier = self.verifier(recreation, Rows::behind_fence(recreation));
        if let Some(at) = self.state.caught_up
            && let Some(feed) = feed(self.journal, recreation, self.options).await?
        {
            match self.changed_since(recreation, &feed, at).await {
                Err(error) if feed::is_forgotten(&error) => {}
                changed => return changed,
            }
        }
        let known = if known.is_empty() { verifier.all_ranges().await? } else { known };
        Ok(known.into_iter().map(Known::extent).collect())
    }

    async fn changed_since(&self, recreation: &Recreation, feed: &Feed<'_>, mut at: u64) -> Result<Vec<(Extent, Option<String>)>> {
        let original = recreation.old_qualified();
        let mut extents = Vec::new();
        loop {
            let changed = feed.read(&original, at).await?;
            extents.extend(Extent::of_keys(&changed.keys, self.batch_rows(recreation)).into_iter().map(|rows| (rows, None)));
            if !changed.more {
                return Ok(extents);
            }
            at = changed.reached;
        }
    }

    /// Behind the fence. Whatever goes wrong here, the table gets its name back first.
    async fn catch_up(&mut self, recreation: &Recreation, known: Vec<Known>) -> Result<Phase> {
        let caught_up = async {
            self.steps("adding foreign keys", &swap::foreign_keys(recreation)).await?;
            let remaining = self.remaining(recreation, known).await?;
            self.verifier(recreation, Rows::behind_fence(recreation)).settle(remaining).await
        };
        let why = match tokio::time::timeout(self.options.fence_time_max, caught_up).await {
            Ok(Ok(true)) => return Ok(Phase::Switch),
            Ok(Ok(false)) => MigrateError::refused(
                "the new table differs from the original even while nobody writes: an expression gives another value each time, or unique values of \
                 the new definition are not unique. The table has its name back; abort, mend that, and plan again",
            ),
            // Whoever has taken the run over has the table in hand.
            Ok(Err(error @ MigrateError::Journal(_))) => return Err(error),
            Ok(Err(error)) => error,
            Err(_) if self.state.fences < FENCES_MAX => {
                self.unfence(recreation).await?;
                return Ok(Phase::Converge);
            }
            Err(_) => MigrateError::refused(format!(
                "the last differences could not be mended within {} seconds, {FENCES_MAX} times. The table has its name back; resume when there is \
                 less writing, or with a longer --fence-seconds",
                self.options.fence_time_max.as_secs()
            )),
        };
        // Where this fails too, the journal says that the table is behind the fence, and `resume` or `abort` begins there.
        if self.unfence(recreation).await.is_ok() {
            self.phase(Phase::Converge).await?;
        }
        Err(why)
    }

    /// The way back from behind the fence, for the table first, then for what had begun to mend the other one.
    async fn unfence(&self, recreation: &Recreation) -> Result<()> {
        self.steps("giving the table its name back", &swap::unfence(recreation)).await?;
        self.steps("removing foreign keys", &swap::remove_foreign_keys(recreation)).await?;
        self.journal.raise(&carry_over::barrier(recreation)).await
    }
}

/// The change feed, if there is one and it is to be used.
async fn feed<'f>(journal: &'f Journal<'f>, recreation: &'f Recreation, options: &Options<'_>) -> Result<Option<Feed<'f>>> {
    if options.change_feed { Feed::find(journal, recreation).await } else { Ok(None) }
}

/// The run needs no changes any more.
async fn unfollow(journal: &Journal<'_>, recreation: &Recreation) -> Result<()> {
    match Feed::find(journal, recreation).await? {
        Some(feed) => feed.end().await,
        None => Ok(()),
    }
}

/// Takes a run back. The table is as it was; everything that the run made is gone.
///
/// # Errors
/// When the run is past the point from which there is only forward, when another process is at it, when the database fails: then again.
pub async fn abort(database: &Database, run: Option<&str>, take_over: bool) -> Result<Progress> {
    abort_over(&Link::new(database), run, take_over).await
}

pub(crate) async fn abort_over(link: &Link<'_>, run: Option<&str>, take_over: bool) -> Result<Progress> {
    let run = find(link, run).await?;
    refuse_forward_only(&run)?;
    let journal = Journal::take(link, &run, take_over).await?;
    match &run.plan.way {
        Way::Direct { steps, .. } => {
            journal.lock_again(&run.plan.table, &run.state).await?;
            for step in &undo_direct(&journal, steps, run.state.step).await? {
                journal.step("taking the run back", step).await?;
            }
        }
        Way::Recreate(recreation) => {
            for step in &undo_recreation(recreation, run.state.phase) {
                journal.step("taking the run back", step).await?;
            }
            unfollow(&journal, recreation).await?;
        }
    }
    let state = State { status: Status::Aborted, error: None, ..run.state };
    journal.end(&state, Vec::new()).await?;
    Ok(Progress::of(&Run::view(run.id, run.plan, state)))
}

fn refuse_forward_only(run: &Run) -> Result<()> {
    match &run.plan.way {
        Way::Recreate(_) if run.state.phase >= Phase::Switch => Err(MigrateError::Journal(format!(
            "run {} has verified all rows and begun to give the new table the name; it cannot be taken back from here. `borealis migrate resume` \
             finishes it",
            run.id
        ))),
        _ => Ok(()),
    }
}

/// The statements that have had their effect, backwards; also those that may have had it without a note of it.
async fn undo_direct(journal: &Journal<'_>, steps: &[Step], done: usize) -> Result<Vec<Step>> {
    let mut undo = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let had_effect = at < done || journal.had_effect(step).await?;
        match (&step.undo, had_effect) {
            (_, false) => {}
            (Some(sql), true) => undo.push(Step::new(sql.clone())),
            (None, true) if step.job => {}
            (None, true) => {
                return Err(MigrateError::Journal(format!(
                    "{} has been run and cannot be taken back; `borealis migrate resume` finishes the run",
                    step.sql
                )));
            }
        }
    }
    undo.reverse();
    // A constraint takes its index along.
    if undo.len() > 1 && undo.last().is_some_and(|step| step.sql.starts_with("DROP INDEX")) {
        undo.pop();
    }
    Ok(undo)
}

fn undo_recreation(recreation: &Recreation, phase: Phase) -> Vec<Step> {
    let mut undo = if phase >= Phase::Fence { swap::unfence(recreation) } else { Vec::new() };
    if recreation.exists {
        undo.extend(swap::remove_foreign_keys(recreation));
        return undo;
    }
    let gone = format!("SELECT NOT ({})", carry_over::relation_exists(&recreation.original.schema, &recreation.new_table));
    undo.push(Step::new(format!("DROP TABLE {}", recreation.new_qualified())).done(gone));
    undo
}
