//! The way back after the end of a run: the tables change places again.
//!
//! It is a recreation in the other direction whose new table exists: the original that the run has kept. Nothing is copied anew; the comparison
//! finds what was written since and writes it back. Columns that the run dropped keep their values in the rows that were there.

use borealis_client::Database;

use super::{Estimate, Plan, Recreation, VERSION, Way, estimate, fingerprint, new_id};
use crate::error::{MigrateError, Result};
use crate::journal::{self, Status};
use crate::link::Link;
use crate::operations::{NewColumn, Rule, Source, assigned, cast_loss};
use crate::sql::{self, KeyColumn};
use crate::table::{self, Column, ConstraintKind, Table};

/// Plans the way back of a run that is done.
///
/// # Errors
/// When the run is not done, its original is gone, or what was written since would not fit it.
pub async fn plan_revert(database: &Database, run: &str) -> Result<Plan> {
    let link = Link::new(database);
    let done = journal::runs(&link).await?.into_iter().find(|one| one.id == run);
    let done = done.ok_or_else(|| MigrateError::Journal(format!("the journal knows no run {run}")))?;
    if done.state.status != Status::Done {
        return Err(MigrateError::Journal(format!("run {run} is not done: `abort` takes back what is under way")));
    }
    let Way::Recreate(forward) = &done.plan.way else {
        let what = "it changed the table where it stands, and no original was kept. `plan` the opposite change instead";
        return Err(MigrateError::refused(format!("run {run} cannot be reverted: {what}")));
    };
    let table = table::read(&link, table::find(&link, &done.plan.table).await?).await?;
    let kept = link.holds("looking for the original", crate::carry_over::relation_exists(&table.schema, &forward.old_table)).await?;
    if !kept {
        return Err(MigrateError::refused(format!("the original {} is gone; there is nothing to go back to", forward.old_qualified())));
    }
    let estimate = estimate::estimate(&link, &table).await?;
    let (recreation, losses) = backwards(forward, &table)?;
    Ok(finished(&done.plan, run, &table, recreation, losses, estimate))
}

fn finished(done: &Plan, run: &str, table: &Table, mut recreation: Recreation, losses: Vec<String>, estimate: Estimate) -> Plan {
    let id = new_id();
    recreation.kept_ending = format!("_new_{id}");
    recreation.old_table = recreation.kept(&table.name);
    let plan = Plan {
        version: VERSION,
        id,
        goal: format!("revert run {run}: {}", done.goal),
        dialect: done.dialect.clone(),
        table: table.qualified(),
        reverts: Some(run.to_owned()),
        fingerprint: fingerprint(table),
        hazards: recreation.hazards(),
        way: Way::Recreate(Box::new(recreation)),
        losses,
        already: Vec::new(),
        estimate,
        hash: String::new(),
    };
    Plan { hash: plan.own_hash(), ..plan }
}

fn backwards(forward: &Recreation, table: &Table) -> Result<(Recreation, Vec<String>)> {
    let original = &forward.original;
    let mut losses = Vec::new();
    let columns = original.columns.iter().map(|column| back(column, table, &mut losses)).collect::<Result<Vec<_>>>()?;
    let gone = table.columns.iter().filter(|column| original.column(&column.name).is_none());
    losses.extend(gone.map(|column| format!("column {}, which the original does not have", column.name)));
    refuse_views_over_new_columns(original, table)?;
    let key = forward.key.iter().map(|key| KeyColumn {
        ty: table.column(&key.name).map_or_else(|| key.ty.clone(), |column| column.ty.clone()),
        name: key.name.clone(),
    });
    let recreation = Recreation {
        key: key.collect(),
        rules: rules(original, table),
        columns,
        constraints: original.constraints.clone(),
        indexes: original.indexes.iter().filter(|index| !index.constraint).cloned().collect(),
        references: original.references.clone(),
        new_table: forward.old_table.clone(),
        made_ending: forward.kept_ending.clone(),
        exists: true,
        original: table.clone(),
        ..forward.clone()
    };
    Ok((recreation, losses))
}

/// A column of the original, filled from the table that has its place.
fn back(column: &Column, table: &Table, losses: &mut Vec<String>) -> Result<NewColumn> {
    let name = sql::name(&column.name);
    let source = match table.column(&column.name) {
        _ if column.generated.is_some() => None,
        Some(now) if now.ty == column.ty => Some(Source::both(name)),
        Some(now) => {
            losses.extend(cast_loss(&column.name, &now.ty, &column.ty));
            Some(assigned(&name, &column.ty))
        }
        None if column.not_null && column.default.is_none() && column.identity.is_none() => {
            return Err(MigrateError::refused(format!(
                "column {} of the original is NOT NULL without a default: rows that were inserted since have no value for it",
                column.name
            )));
        }
        None => {
            losses.push(format!("column {} has its default in rows inserted since", column.name));
            None
        }
    };
    Ok(NewColumn { column: column.clone(), source })
}

fn rules(original: &Table, table: &Table) -> Vec<Rule> {
    let nullable = |column: &&Column| column.not_null && table.column(&column.name).is_some_and(|now| !now.not_null);
    let not_null = original.columns.iter().filter(nullable).map(|column| Rule::NotNull { column: column.name.clone() });
    let in_place = |columns: &[String]| table.constraints.iter().any(|now| now.kind != ConstraintKind::Check && now.columns == columns);
    let unique = original.constraints.iter().filter(|one| one.kind != ConstraintKind::Check && !in_place(&one.columns));
    let unique =
        unique.map(|one| Rule::Unique { columns: one.columns.clone(), nulls_distinct: !one.definition.contains("NULLS NOT DISTINCT") });
    not_null.chain(unique).collect()
}

fn refuse_views_over_new_columns(original: &Table, table: &Table) -> Result<()> {
    for view in &table.views {
        if let Some(column) = view.columns.iter().find(|column| original.column(column).is_none()) {
            return Err(MigrateError::refused(format!(
                "view {} uses column {column}, which the original does not have: drop it first",
                view.qualified()
            )));
        }
    }
    Ok(())
}
