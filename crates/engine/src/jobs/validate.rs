//! Validation of constraints that were added NOT VALID.
//!
//! New rows obey the constraint from its statement's commit on, so one snapshot taken later is enough to know about all others.

use std::sync::Arc;

use borealis_catalog::{Change, Table};
use borealis_pgtypes::Result;

use super::Job;
use super::worker::{End, Step};
use crate::cluster::Cluster;
use crate::session::internal;
use crate::session::parameters::quote_identifier;

pub(super) fn step(cluster: &Cluster, job: &Job) -> Result<Step> {
    let catalog = cluster.catalogs.at(&cluster.store.snapshot())?;
    let found = catalog.table_by_oid(job.table).and_then(|table| {
        let check = table.checks.iter().position(|check| check.oid == job.object)?;
        Some((table, check))
    });
    let Some((table, check)) = found else {
        let details = "Skipped job for nonexistent table.".to_owned();
        return Ok(Step::End(End::Completed { details: Some(details), changes: Vec::new() }));
    };
    let schema = catalog.schema_by_oid(table.schema).map_or("public", |schema| schema.name.as_str());
    let name = &table.checks[check].name;
    let query = format!(
        "SELECT 1 FROM {}.{} WHERE NOT ({}) LIMIT 1",
        quote_identifier(schema),
        quote_identifier(&table.name),
        table.checks[check].expression
    );
    Ok(Step::End(if internal::has_rows(cluster, &query)? {
        let details = format!("check constraint \"{name}\" of relation \"{}\" is violated by some row", table.name);
        End::Failed { details, changes: Vec::new() }
    } else {
        End::Completed { details: None, changes: vec![validated(table, check)] }
    }))
}

fn validated(table: &Table, check: usize) -> Change {
    let mut changed = table.clone();
    changed.checks[check].validated = true;
    Change::PutTable(Arc::new(changed))
}
