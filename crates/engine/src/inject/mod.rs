//! Faults on demand, for testing what a client does about them: the rules of `borealis.inject`.
//!
//! Conflicts are rare on an idle test machine and cannot be asked for on the service. A rule makes the commits it matches lose, or their
//! connection vanish before or after they are durable, or jobs fail or take their time. Which commits those are is decided by counting or by a
//! generator with a seed, never by the clock, so a test that ran once runs again.
//!
//! Rules are set by the administrator only, there are none unless somebody adds them, and they end with the process.

mod rule;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use borealis_catalog::Catalog;
use borealis_pgtypes::jsonb::Jsonb;
use borealis_pgtypes::{Datum, Oid, Result};
use borealis_storage::ConflictKind;

use crate::conflicts::Trail;
use crate::jobs::Job;
use rule::{Kind, Rule};

/// Rules of one cluster.
const RULES_MAX: usize = 1_000;

/// What becomes of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommitFault {
    /// It loses.
    Conflict(ConflictKind),
    /// The connection ends, and nothing is committed.
    DropBefore,
    /// It is committed, and the connection ends without an answer.
    DropAfter,
}

/// What becomes of a job's batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobFault {
    /// The job fails.
    Failure,
    /// The batch begins later.
    Slow(Duration),
}

/// The rules.
#[derive(Default)]
pub(crate) struct Injections {
    any: AtomicBool,
    rules: Mutex<Rules>,
}

#[derive(Default)]
struct Rules {
    last_id: i64,
    rules: Vec<Rule>,
}

impl Injections {
    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a rule; its number.
    ///
    /// # Errors
    /// `22023` for a field that is unknown, contradicts another or has no sense; `54000` for one rule too many.
    pub(crate) fn add(&self, document: &Jsonb) -> Result<i64> {
        let mut rules = self.rules();
        if rules.rules.len() == RULES_MAX {
            return Err(rule::too_many(RULES_MAX));
        }
        let id = rules.last_id + 1;
        let rule = Rule::read(id, document)?;
        rules.rules.push(rule);
        rules.last_id = id;
        self.any.store(true, Ordering::Release);
        Ok(id)
    }

    /// Removes a rule; whether it was there.
    pub(crate) fn remove(&self, id: i64) -> bool {
        let mut rules = self.rules();
        let before = rules.rules.len();
        rules.rules.retain(|rule| rule.id != id);
        self.any.store(!rules.rules.is_empty(), Ordering::Release);
        rules.rules.len() < before
    }

    /// Whether there is no rule.
    pub(crate) fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// Removes all; how many there were.
    pub(crate) fn clear(&self) -> i64 {
        let mut rules = self.rules();
        self.any.store(false, Ordering::Release);
        i64::try_from(std::mem::take(&mut rules.rules).len()).unwrap_or(i64::MAX)
    }

    /// The rows of `borealis.inject`.
    pub(crate) fn rows(&self) -> Vec<Vec<Datum>> {
        self.rules().rules.iter().map(Rule::row).collect()
    }

    /// What the rules say about a commit: the first that fires counts, all that match count it. Of a catalog change the tables are in the catalog
    /// before or after it.
    pub(crate) fn at_commit(&self, catalogs: [&Catalog; 2], trail: &Trail) -> Option<CommitFault> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let tables: Vec<(String, String)> =
            trail.tables().filter_map(|oid| catalogs.iter().find_map(|catalog| names(catalog, oid))).collect();
        let mut rules = self.rules();
        let mut fault = None;
        for rule in &mut rules.rules {
            let Kind::Commit(kind) = rule.kind else { continue };
            if rule.is_about(&tables, Some(trail.application_name())) && rule.fires() {
                fault = fault.or(Some(kind));
            }
        }
        fault
    }

    /// What the rules say about a batch of a job.
    pub(crate) fn at_job(&self, catalog: &Catalog, job: &Job) -> Option<JobFault> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let tables: Vec<(String, String)> = names(catalog, job.table).into_iter().collect();
        let mut rules = self.rules();
        let mut fault = None;
        for rule in &mut rules.rules {
            let Kind::Job(kind) = rule.kind else { continue };
            if rule.is_about_job(job.kind.name()) && rule.is_about(&tables, None) && rule.fires() {
                fault = fault.or(Some(kind));
            }
        }
        fault
    }
}

/// Schema and name of a table.
fn names(catalog: &Catalog, oid: Oid) -> Option<(String, String)> {
    let table = catalog.table_by_oid(oid)?;
    Some((catalog.schema_by_oid(table.schema)?.name.clone(), table.name.clone()))
}
