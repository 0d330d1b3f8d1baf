//! A declared goal: a file of the tables as they are wished, compared with the tables as they are.
//!
//! The server itself says what a wished table comes to: its CREATE TABLE is run in the journal's schema, read back from the catalog, and rolled
//! back. So both sides are written in the server's own words, and a difference in spelling is none.

mod diff;

use borealis_client::Database;
use borealis_dialect::Dialect;
use borealis_sql::ast::{ObjectName, Statement};

use crate::carry_over::relation_exists;
use crate::error::{MigrateError, Result};
use crate::journal::{Journal, SCHEMA};
use crate::link::Link;
use crate::operations::Operation;
use crate::operations::direct::{Step, create_index};
use crate::plan::{Goal, Plan, plan_new_table, plan_over};
use crate::sql;
use crate::table;

/// A table of the file.
struct Wished {
    schema: String,
    name: String,
    /// CREATE TABLE, up to the name.
    before: String,
    /// From the parenthesis on.
    behind: String,
    indexes: Vec<Operation>,
}

/// Plans, one for each table that differs, in the order of the file. Tables that the file does not name are left alone, and so are indexes.
///
/// # Errors
/// When the file holds anything but CREATE TABLE and CREATE INDEX ASYNC, or a change cannot be made.
pub async fn plan_goal(database: &Database, text: &str, dialect: Dialect) -> Result<Vec<Plan>> {
    let link = Link::new(database);
    let wished = read(text, dialect)?;
    Journal::prepare(&link).await?;
    let mut plans: Vec<Plan> = Vec::new();
    let mut makes_tables = false;
    for table in &wished {
        let plan = plan_one(&link, table, dialect, !makes_tables).await?;
        makes_tables |= plan.as_ref().is_some_and(|plan| plan.fingerprint.is_empty());
        plans.extend(plan);
    }
    Ok(plans)
}

/// `is_first`: no table of the goal before this one is to be made.
async fn plan_one(link: &Link<'_>, wished: &Wished, dialect: Dialect, is_first: bool) -> Result<Option<Plan>> {
    let name = sql::qualified(&wished.schema, &wished.name);
    if !link.holds("looking for the table", relation_exists(&wished.schema, &wished.name)).await? {
        return plan_new_table(link, name.clone(), new_table(wished, &name), dialect, is_first).await.map(Some);
    }
    let scratch = sql::qualified(SCHEMA, &wished.name);
    let create = format!("{} {scratch} {}", wished.before, wished.behind);
    let there = table::read(link, table::find(link, &name).await?).await?;
    let goal = table::read_rehearsed(link, create, &scratch).await?;
    let mut operations = diff::operations(&there, &goal)?;
    let missing = wished
        .indexes
        .iter()
        .filter(|index| matches!(index, Operation::CreateIndex { name, .. } if !there.indexes.iter().any(|one| one.name == *name)));
    operations.extend(missing.cloned());
    if operations.is_empty() {
        return Ok(None);
    }
    plan_over(link, &Goal { table: name, operations }, dialect).await.map(Some)
}

fn new_table(wished: &Wished, name: &str) -> Vec<Step> {
    let create = Step::new(format!("{} {name} {}", wished.before, wished.behind))
        .done(relation_exists(&wished.schema, &wished.name))
        .undo(format!("DROP TABLE {name}"));
    let indexes = wished.indexes.iter().filter_map(|index| match index {
        Operation::CreateIndex { name: index, unique, definition } => Some(create_index(name, &wished.schema, index, *unique, definition)),
        _ => None,
    });
    std::iter::once(create).chain(indexes).collect()
}

fn read(text: &str, dialect: Dialect) -> Result<Vec<Wished>> {
    let line = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let wrong = |line: usize, why: &str| MigrateError::File(format!("line {line} of the goal: {why}"));
    let parsed =
        borealis_sql::parse::parse(text, dialect).map_err(|error| wrong(line(error.fields().position.unwrap_or(0)), error.message()))?;
    let mut wished: Vec<Wished> = Vec::new();
    for one in parsed {
        let at = line(one.text.start);
        let refused = |why: &str| wrong(at, why);
        match one.statement.map_err(|error| refused(error.message()))? {
            Statement::CreateTable(create) => wished.push(table_of(text, one.text, &create.name)),
            Statement::CreateIndex(create) => {
                let schema = create.table.schema.clone().unwrap_or_else(|| "public".to_owned());
                let table = wished.iter_mut().find(|table| table.schema == schema && table.name == create.table.name);
                let table = table.ok_or_else(|| refused("the index is on a table that is not in the file before it"))?;
                let name = create.name.clone().ok_or_else(|| refused("give the index a name, by which it is found again"))?;
                let definition = text[behind_name(text, &create.table)..one.text.end].trim().to_owned();
                table.indexes.push(Operation::CreateIndex { name, unique: create.unique, definition });
            }
            _ => return Err(refused("a goal is made of CREATE TABLE and CREATE INDEX ASYNC")),
        }
    }
    Ok(wished)
}

fn table_of(text: &str, range: std::ops::Range<usize>, name: &ObjectName) -> Wished {
    let at = usize::try_from(name.at).unwrap_or(range.start);
    Wished {
        schema: name.schema.clone().unwrap_or_else(|| "public".to_owned()),
        name: name.name.clone(),
        before: text[range.start..at].trim_end().to_owned(),
        behind: text[behind_name(text, name)..range.end].to_owned(),
        indexes: Vec::new(),
    }
}

/// Where the parenthesis behind a table's name is.
fn behind_name(text: &str, name: &ObjectName) -> usize {
    let at = usize::try_from(name.at).unwrap_or(0);
    let mut quoted = false;
    let found = text[at..].char_indices().find(|(_, character)| {
        quoted ^= *character == '"';
        *character == '(' && !quoted
    });
    found.map_or(text.len(), |(offset, _)| at + offset)
}
