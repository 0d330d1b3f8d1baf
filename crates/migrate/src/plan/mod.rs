//! What will be done, before anything is done.
//!
//! A plan is made from a goal and the live catalog, holds every statement that does not depend on the data, and is good for one run: the
//! tables that it makes carry its id in their names, so that whatever is found under such a name belongs to this run and to no other.
//! It carries a hash of itself and fingerprints of the tables that it is about; an edited or outdated plan is refused.

mod check;
mod estimate;
mod recreation;
mod revert;
mod trial;

use borealis_base::{Id26, OsRandom};
use borealis_client::Database;
use borealis_dialect::Dialect;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(crate) use check::{check_rules, check_values};
pub(crate) use estimate::count;
#[cfg(test)]
pub(crate) use estimate::count_within;
pub use estimate::{Basis, Estimate};
pub use recreation::Recreation;
pub use revert::plan_revert;

use crate::error::{MigrateError, Result};
use crate::link::Link;
use crate::operations::direct::{Direct, Step, direct};
use crate::operations::{Draft, Operation, Rule};
use crate::sql::{self, KeyColumn};
use crate::table::{self, Table};

/// The form of plan files that this release writes and reads.
const VERSION: u32 = 1;
/// How much of a random identifier goes into the names of tables.
const ID_LENGTH: usize = 8;

/// What is wished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// The table, as in SQL.
    pub table: String,
    /// The changes, all at once where they need another table.
    pub operations: Vec<Operation>,
}

/// A change as it will be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The form of this file.
    pub version: u32,
    /// The name of the run.
    pub id: String,
    /// The wish in words.
    pub goal: String,
    /// The surface that it was made for.
    pub dialect: String,
    /// The table, in full.
    pub table: String,
    /// The run that it takes back after its end.
    pub reverts: Option<String>,
    /// Its definition when the plan was made.
    pub fingerprint: String,
    /// How it is done.
    pub way: Way,
    /// What is gone afterwards.
    pub losses: Vec<String>,
    /// What users of the table may notice.
    pub hazards: Vec<String>,
    /// Why nothing is to be done, when nothing is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub already: Vec<String>,
    /// How much there is to do.
    pub estimate: Estimate,
    /// Of all that stands above.
    pub hash: String,
}

/// The two ways of changing a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Statements of the dialect, one after the other.
    Direct {
        /// The statements.
        steps: Vec<Step>,
        /// What rows must keep for them.
        rules: Vec<Rule>,
        /// The table as it is, unless it is to be made.
        table: Option<Box<Table>>,
    },
    /// Another table in its place.
    Recreate(Box<Recreation>),
}

/// Makes a plan. Nothing is changed: new definitions are tried in transactions that are rolled back.
///
/// # Errors
/// When the change cannot be made, with what to do instead; when the database cannot be read.
pub async fn plan(database: &Database, goal: &Goal, dialect: Dialect) -> Result<Plan> {
    plan_over(&Link::new(database), goal, dialect).await
}

pub(crate) async fn plan_over(link: &Link<'_>, goal: &Goal, dialect: Dialect) -> Result<Plan> {
    let oid = table::find(link, &goal.table).await?;
    let table = table::read(link, oid).await?;
    if goal.operations.is_empty() {
        return Err(MigrateError::refused("nothing is to be changed: name an operation"));
    }
    goal.operations.iter().try_for_each(Operation::check_arguments)?;
    let already = as_wished(link, &table, &goal.operations).await?;
    let direct = if already.is_empty() { all_direct(goal, &table, dialect)? } else { Some(Vec::new()) };
    let id = new_id();
    let estimate = estimate::estimate(link, &table).await?;
    let goal_text = goal.operations.iter().map(Operation::describe).collect::<Vec<_>>().join(", ");
    let (way, losses, hazards) = match direct {
        Some(direct) => direct_way(link, direct, &table).await?,
        None => recreate(link, &table, goal, &id, dialect).await?,
    };
    let plan = Plan {
        version: VERSION,
        id,
        goal: goal_text,
        dialect: dialect.name().to_owned(),
        reverts: None,
        fingerprint: fingerprint(&table),
        table: table.qualified(),
        way,
        losses,
        hazards,
        already,
        estimate,
        hash: String::new(),
    };
    Ok(Plan { hash: plan.own_hash(), ..plan })
}

/// Why nothing is to be done, one reason for each operation; none as soon as one of them would change something.
async fn as_wished(link: &Link<'_>, table: &Table, operations: &[Operation]) -> Result<Vec<String>> {
    let mut already = Vec::new();
    for operation in operations {
        match crate::operations::already::as_wished(link, table, operation).await? {
            Some(why) => already.push(why),
            None => return Ok(Vec::new()),
        }
    }
    Ok(already)
}

/// The statements of all changes, when each has its own; another table is made for all of them as soon as one needs it.
fn all_direct(goal: &Goal, table: &Table, dialect: Dialect) -> Result<Option<Vec<Direct>>> {
    goal.operations.iter().map(|operation| direct(operation, table, dialect)).collect()
}

fn new_id() -> String {
    Id26::random(&OsRandom).to_string().chars().take(ID_LENGTH).collect()
}

async fn direct_way(link: &Link<'_>, operations: Vec<Direct>, table: &Table) -> Result<(Way, Vec<String>, Vec<String>)> {
    let (mut steps, mut rules, mut losses) = (Vec::new(), Vec::new(), Vec::new());
    for Direct { steps: own, rules: kept, losses: lost } in operations {
        steps.push(own);
        rules.extend(kept);
        losses.extend(lost);
    }
    trial::statements(link, &steps).await?;
    trial::rules(link, &table.qualified(), &key_of(table), &rules, &value_as_it_is).await?;
    let steps: Vec<Step> = steps.into_iter().flatten().collect();
    let oc001 = "each statement makes running transactions of other sessions that use the table fail once with OC001 (40001)";
    let hazards = if steps.is_empty() { Vec::new() } else { vec![oc001.to_owned()] };
    Ok((Way::Direct { steps, rules, table: Some(Box::new(table.clone())) }, losses, hazards))
}

/// What the rows of a table that stays are told apart by, where anything tells them apart.
pub(crate) fn key_of(table: &Table) -> Vec<KeyColumn> {
    let columns = table.row_key().unwrap_or_default().iter().filter_map(|name| table.column(name));
    columns.map(|column| KeyColumn { name: column.name.clone(), ty: column.ty.clone() }).collect()
}

async fn recreate(link: &Link<'_>, table: &Table, goal: &Goal, id: &str, dialect: Dialect) -> Result<(Way, Vec<String>, Vec<String>)> {
    let mut draft = Draft::of(table)?;
    goal.operations.iter().try_for_each(|operation| operation.apply(&mut draft))?;
    let (mut losses, mut hazards) = (draft.losses.clone(), draft.hazards.clone());
    let recreation = Recreation::new(draft, id, dialect);
    recreation.rehearse(link).await?;
    trial::rules(link, &table.qualified(), &recreation.key, &recreation.rules, &value_of(&recreation.columns)).await?;
    losses.extend(recreation.losses());
    hazards.extend(recreation.hazards());
    Ok((Way::Recreate(Box::new(recreation)), losses, hazards))
}

/// What a plan must find unchanged.
pub(crate) fn fingerprint(table: &Table) -> String {
    let text = serde_json::to_string(table).unwrap_or_default();
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Plan {
    fn own_hash(&self) -> String {
        let bare = Self { hash: String::new(), ..self.clone() };
        hex(&Sha256::digest(serde_json::to_string(&bare).unwrap_or_default()))
    }

    /// Reads a plan file.
    ///
    /// # Errors
    /// When it is not a plan of this release's form, or not what was once written.
    pub fn from_json(text: &str) -> Result<Self> {
        let unreadable = |why: String| MigrateError::Plan(format!("the file is not a plan of `borealis migrate plan`: {why}"));
        let plan: Self = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        if plan.version != VERSION {
            return Err(unreadable(format!("its version is {}, this release reads {VERSION}", plan.version)));
        }
        if plan.hash != plan.own_hash() {
            let why = "the plan was edited by hand: its hash does not match. Say with `borealis migrate plan` what you want otherwise; that writes a new one";
            return Err(MigrateError::Plan(why.to_owned()));
        }
        Ok(plan)
    }

    /// The plan as a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The table as it was when the plan was made.
    fn table(&self) -> Option<&Table> {
        match &self.way {
            Way::Direct { table, .. } => table.as_deref(),
            Way::Recreate(recreation) => Some(&recreation.original),
        }
    }

    /// Refuses when the table has changed since.
    pub(crate) async fn must_be_current(&self, link: &Link<'_>) -> Result<()> {
        let stale = |what: &str| MigrateError::Plan(format!("the plan is out of date: {what}. Plan again"));
        let Some(table) = self.table() else {
            let there = format!("SELECT to_regclass({}) IS NOT NULL", sql::text(&self.table));
            return match link.holds("looking for the table", there).await? {
                true => Err(stale(&format!("table {} exists by now", self.table))),
                false => Ok(()),
            };
        };
        let now = match table::read(link, table.oid).await {
            Ok(now) => now,
            Err(MigrateError::Refused(_)) => return Err(stale(&format!("table {} does not exist any more", self.table))),
            Err(error) => return Err(error),
        };
        match fingerprint(&now) == self.fingerprint {
            true => Ok(()),
            false => Err(stale(&format!("table {} was changed since it was made", self.table))),
        }
    }

    /// The table is as it is wished.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(&self.way, Way::Direct { steps, .. } if steps.is_empty())
    }

    /// The plan for people.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.is_nothing() {
            return format!("table {}: nothing is to be done: {}\n", self.table, self.already.join(", "));
        }
        let mut lines = vec![format!("plan {}: {} of table {}", self.id, self.goal, self.table), String::new()];
        match &self.way {
            Way::Direct { steps, .. } => {
                lines.push("The dialect has statements for it; each is a transaction of its own:".to_owned());
                for (number, step) in steps.iter().enumerate() {
                    let job = if step.job { "  (a background job, waited for)" } else { "" };
                    lines.push(format!("  {}. {};{job}", number + 1, step.sql));
                    lines.push(format!("     undo: {}", step.undo.as_deref().unwrap_or(if step.job { "nothing to undo" } else { "none" })));
                }
            }
            Way::Recreate(recreation) => lines.extend(recreation.describe(&self.estimate)),
        }
        let list = |title: &str, items: &[String]| -> Vec<String> {
            if items.is_empty() {
                return Vec::new();
            }
            std::iter::once(String::new()).chain([title.to_owned()]).chain(items.iter().map(|item| format!("  - {item}"))).collect()
        };
        lines.extend(list("Lost by it:", &self.losses));
        lines.extend(list("To know before:", &self.hazards));
        lines.join("\n") + "\n"
    }
}

/// A plan that makes a table. What it refers to may be what an earlier plan of the same goal makes.
pub(crate) async fn plan_new_table(link: &Link<'_>, table: String, steps: Vec<Step>, dialect: Dialect, is_first: bool) -> Result<Plan> {
    let operations = if is_first { vec![steps.clone()] } else { vec![Vec::new(), steps.clone()] };
    trial::statements(link, &operations).await?;
    let plan = Plan {
        version: VERSION,
        id: new_id(),
        goal: "create the table".to_owned(),
        dialect: dialect.name().to_owned(),
        table,
        reverts: None,
        fingerprint: String::new(),
        way: Way::Direct { steps, rules: Vec::new(), table: None },
        losses: Vec::new(),
        hazards: Vec::new(),
        already: Vec::new(),
        estimate: Estimate::default(),
        hash: String::new(),
    };
    Ok(Plan { hash: plan.own_hash(), ..plan })
}

/// The expression that a column of the new definition has over the old.
pub(crate) fn value_of<'c>(columns: &'c [crate::operations::NewColumn]) -> impl Fn(&str) -> Option<String> + 'c {
    move |name| columns.iter().find(|column| column.column.name == name)?.source.as_ref().map(|source| source.compared.clone())
}

/// The same for a table that stays: each column is itself.
pub(crate) fn value_as_it_is(name: &str) -> Option<String> {
    Some(sql::name(name))
}
