//! `plan_migration` and `apply_migration`: a change of schema in two phases. What is applied is a plan that was shown, unchanged.

use std::sync::Arc;

use borealis_dialect::Dialect;
use borealis_migrate::{MigrateError, Options, Plan, Progress, Way, apply, plan_goal, resume};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::answer::Origin;
use crate::call::{Call, Step};
use crate::failure::Failure;
use crate::registry::Tool;
use crate::service::{Service, Target};
use crate::session::Subject;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanMigration {
    #[schemars(
        description = "The tables as they shall be: CREATE TABLE and CREATE INDEX ASYNC statements. Tables that are not named are left alone"
    )]
    schema: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplyMigration {
    #[schemars(description = "The plan_token of plan_migration, once the user has agreed to exactly these plans")]
    #[serde(default)]
    plan_token: Option<String>,
    #[schemars(description = "Instead: the run to go on with, after one that stopped or was cancelled")]
    #[serde(default)]
    resume_run: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Planned {
    #[schemars(description = "One for each table that differs, in the order in which they would be applied")]
    plans: Vec<PlanItem>,
    #[schemars(description = "For apply_migration; good once, for five minutes. null when nothing differs")]
    plan_token: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PlanItem {
    run: String,
    table: String,
    #[schemars(description = "The change in words")]
    goal: String,
    #[schemars(
        description = "direct: statements that the database has; recreation: another table in its place, filled while writers go on"
    )]
    way: &'static str,
    #[schemars(description = "Of a direct change, its statements")]
    statements: Vec<String>,
    rows: u64,
    #[schemars(description = "What is gone afterwards")]
    losses: Vec<String>,
    #[schemars(description = "What users of the table may notice")]
    hazards: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Applied {
    runs: Vec<RunItem>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RunItem {
    run: String,
    table: String,
    goal: String,
    #[schemars(description = "Rows copied, or statements run")]
    done: u64,
    #[schemars(description = "Comparisons of the whole table, old against new")]
    rounds: u32,
}

impl Tool for PlanMigration {
    type Output = Planned;
    const NAME: &'static str = "plan_migration";
    const TITLE: &'static str = "Plan a migration";
    const DESCRIPTION: &'static str = "Compare the tables as they shall be with those that there are, and plan the changes: by statements where the database has \
        them, else by a new table that is filled while writers go on and takes the old one's place. Nothing is changed but the journal's own tables. Show the user \
        losses and hazards before calling apply_migration.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(_: &Service) -> ToolAnnotations {
        ToolAnnotations::with_title(Self::TITLE).read_only(false).destructive(false).idempotent(true).open_world(false)
    }

    async fn run(self, call: &Call) -> Result<Planned, Failure> {
        let target = call.writable().await?;
        let plans = plan_goal(&target.database, &self.schema, Dialect::default()).await.map_err(|error| failure(&error, None))?;
        let items = plans.iter().map(PlanItem::of).collect();
        let plan_token = (!plans.is_empty()).then(|| call.session.hold_plans(subject(target), Arc::new(plans)));
        Ok(Planned { plans: items, plan_token })
    }
}

impl Tool for ApplyMigration {
    type Output = Applied;
    const NAME: &'static str = "apply_migration";
    const TITLE: &'static str = "Apply a migration";
    const DESCRIPTION: &'static str = "Do what plan_migration has planned. No write of others is lost meanwhile, and the old table is kept under another name. A run \
        that stops, or whose call is cancelled, stands in the database's journal: call again with resume_run to go on, or let the user abort it with \
        `borealis migrate abort`.";
    const ORIGIN: Origin = Origin::Database;

    fn annotations(_: &Service) -> ToolAnnotations {
        ToolAnnotations::with_title(Self::TITLE).read_only(false).destructive(true).idempotent(false).open_world(false)
    }

    async fn run(self, call: &Call) -> Result<Applied, Failure> {
        let target = call.writable().await?;
        match (self.plan_token, self.resume_run) {
            (Some(token), None) => {
                let plans = call.session.take_plans(&token, subject(target));
                let plans = plans.ok_or_else(|| Failure::call("plan_token is not known, used up or over: call plan_migration again"))?;
                let mut runs = Vec::new();
                for plan in plans.iter() {
                    runs.push(accompanied(call, target, Work::Plan(plan)).await?);
                }
                Ok(Applied { runs })
            }
            (None, Some(run)) => Ok(Applied { runs: vec![accompanied(call, target, Work::Resumed(&run)).await?] }),
            (None, None) | (Some(_), Some(_)) => Err(Failure::call("give plan_token or resume_run, one of them")),
        }
    }
}

/// What a run begins with.
#[derive(Clone, Copy)]
enum Work<'w> {
    Plan(&'w Plan),
    Resumed(&'w str),
}

impl Work<'_> {
    fn run(&self) -> &str {
        match self {
            Self::Plan(plan) => &plan.id,
            Self::Resumed(run) => run,
        }
    }

    async fn done(self, target: &Target, options: &Options<'_>) -> Result<Progress, MigrateError> {
        match self {
            Self::Plan(plan) => apply(&target.database, plan, options).await,
            Self::Resumed(run) => resume(&target.database, Some(run), options).await,
        }
    }
}

/// Waits for a run, and tells the client of it.
async fn accompanied(call: &Call, target: &Target, work: Work<'_>) -> Result<RunItem, Failure> {
    let (tell, heard) = watch::channel(None);
    let progress = move |progress: &Progress| {
        tell.send_replace(Some(progress.clone()));
    };
    let options = Options { progress: &progress, ..Options::default() };
    let run = work.run();
    let how_far = || {
        let progress = heard.borrow().clone()?;
        let message = format!("{}: {} of about {}", progress.table, progress.done, progress.total);
        Some(Step { done: progress.done, total: (progress.total > 0).then_some(progress.total), message })
    };
    match call.follow(work.done(target, &options), how_far).await {
        Some(done) => done.map(RunItem::of).map_err(|error| failure(&error, Some(run))),
        None => Err(Failure::call("cancelled; the run stands in the journal").with("resume_run", Some(run))),
    }
}

/// Plans are for one database.
fn subject(target: &Target) -> Subject {
    Subject::of(&target.name, &[])
}

fn failure(error: &MigrateError, run: Option<&str>) -> Failure {
    Failure::call(error.to_string()).with("resume_run", run)
}

impl PlanItem {
    fn of(plan: &Plan) -> Self {
        let (way, statements) = match &plan.way {
            Way::Direct { steps, .. } => ("direct", steps.iter().map(|step| step.sql.clone()).collect()),
            Way::Recreate(_) => ("recreation", Vec::new()),
        };
        Self {
            run: plan.id.clone(),
            table: plan.table.clone(),
            goal: plan.goal.clone(),
            way,
            statements,
            rows: plan.estimate.rows,
            losses: plan.losses.clone(),
            hazards: plan.hazards.clone(),
        }
    }
}

impl RunItem {
    fn of(progress: Progress) -> Self {
        Self { run: progress.run, table: progress.table, goal: progress.goal, done: progress.done, rounds: progress.rounds }
    }
}
