//! The server's change feed: which rows of a table have changed since a commit.
//!
//! Borealis has one ([`borealis.table_changes`]); Aurora DSQL has none in SQL, and there the tables are compared again instead. A *follower*, named
//! after the run, makes the server keep what is not yet read; it begins before the comparison that everything after builds on, and ends with the run.
//!
//! [`borealis.table_changes`]: ../../../docs/guide/cluster-management.md#changes-in-sql

use std::collections::HashSet;

use crate::error::{MigrateError, Result};
use crate::journal::{Journal, retried};
use crate::plan::Recreation;
use crate::sql::{self, KeyColumn, KeyValues};

/// Changes read at a time: several times what one transaction may change, so that each reading passes at least one transaction.
const READ_MAX: usize = 10_000;

/// The changes of a run's original.
pub(crate) struct Feed<'f> {
    journal: &'f Journal<'f>,
    key: &'f [KeyColumn],
    /// The follower's name as an expression.
    follower: String,
}

/// What has changed.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// The keys of the rows, each once.
    pub(crate) keys: Vec<KeyValues>,
    /// Everything that committed up to this position has been told.
    pub(crate) reached: u64,
    /// There is more behind it.
    pub(crate) more: bool,
    /// Commits since that position when it was asked.
    pub(crate) behind: u64,
}

impl<'f> Feed<'f> {
    /// The feed, if the server has one that this role may read and that tells rows apart as the run does.
    pub(crate) async fn find(journal: &'f Journal<'f>, recreation: &'f Recreation) -> Result<Option<Self>> {
        let primary = recreation.original.primary_key().map(|key| &key.columns);
        let tells_keys = primary.is_some_and(|columns| columns.iter().eq(recreation.key.iter().map(|column| &column.name)));
        if !tells_keys {
            return Ok(None);
        }
        let query = "SELECT count(*) = 5 AND current_user = 'admin' FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
                     WHERE n.nspname = 'borealis' AND p.proname IN ('follow_changes', 'advance_follower', 'unfollow_changes', 'table_changes', 'commit_position')";
        let there = retried(|| async { journal.link.holds("looking for a change feed", query).await }).await?;
        let follower = format!("md5({})::uuid", sql::text(&format!("migration {}", journal.id)));
        Ok(there.then_some(Self { journal, key: &recreation.key, follower }))
    }

    /// Begins, or goes on from where the follower is: everything that commits after the position returned will be told.
    pub(crate) async fn begin(&self) -> Result<u64> {
        let follow = format!("SELECT borealis.follow_changes({})", self.follower);
        let rows = self.call("beginning to follow the changes", &follow).await?;
        number(rows.first().and_then(|row| row.get(0)))
    }

    /// The server may forget what committed up to a position.
    pub(crate) async fn passed(&self, position: u64) -> Result<()> {
        let advance = format!("SELECT borealis.advance_follower({}, {position})", self.follower);
        retried(|| async { self.journal.link.rows("following the changes", advance.as_str()).await }).await.map(drop)
    }

    /// The server may forget everything.
    pub(crate) async fn end(&self) -> Result<()> {
        let unfollow = format!("SELECT borealis.unfollow_changes({})", self.follower);
        self.call("ending to follow the changes", &unfollow).await.map(drop)
    }

    /// What the server keeps is durable: written like everything else that a run leaves behind, and as repeatable.
    async fn call(&self, doing: &str, statement: &str) -> Result<Vec<borealis_client::Row>> {
        let mut outcomes = retried(|| async { self.journal.link.commit(doing, [statement.to_owned()]).await }).await?;
        Ok(outcomes.pop().map(|outcome| outcome.rows).unwrap_or_default())
    }

    /// The rows of `table`, as it is called now, that have changed after a position.
    pub(crate) async fn read(&self, table: &str, after: u64) -> Result<Changed> {
        let queries = [
            // Asked first: the changes are told at least up to here.
            "SELECT borealis.commit_position()".to_owned(),
            format!("SELECT position, key::text FROM borealis.table_changes({}::regclass, {after}) LIMIT {READ_MAX}", sql::text(table)),
        ];
        let outcomes = retried(|| async { self.journal.link.snapshot("reading changes", queries.clone()).await }).await?;
        let [position, changes] = outcomes.as_slice() else { return Err(unreadable("no answer")) };
        let told: Vec<(u64, KeyValues)> = changes
            .rows
            .iter()
            .map(|row| Ok((number(row.get(0))?, self.key_values(row.get(1).unwrap_or_default())?)))
            .collect::<Result<_>>()?;
        let more = told.len() == READ_MAX;
        let last = told.last().map(|(position, _)| *position);
        let newest = number(position.rows.first().and_then(|row| row.get(0)))?;
        let reached = match (last, more) {
            // The last transaction may have been cut short.
            (Some(last), true) => last.saturating_sub(1),
            (last, _) => newest.max(last.unwrap_or(after)),
        };
        let mut seen = HashSet::new();
        let whole = told.into_iter().filter(|(position, _)| *position <= reached).map(|(_, key)| key);
        let keys = whole.filter(|key| seen.insert(key.clone())).collect();
        Ok(Changed { keys, reached, more, behind: newest.saturating_sub(reached) })
    }

    /// A key's values in the run's order.
    fn key_values(&self, object: &str) -> Result<KeyValues> {
        let values: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(object).map_err(|error| unreadable(&error.to_string()))?;
        let value = |column: &KeyColumn| values.get(&column.name).and_then(|value| value.as_str()).map(str::to_owned);
        self.key.iter().map(|column| value(column).ok_or_else(|| unreadable(&format!("a key without {}", column.name)))).collect()
    }
}

fn number(cell: Option<&str>) -> Result<u64> {
    cell.and_then(|cell| cell.parse().ok()).ok_or_else(|| unreadable("no position"))
}

fn unreadable(what: &str) -> MigrateError {
    MigrateError::Journal(format!("the change feed answered what it should not: {what}"))
}

/// The server no longer knows what was asked for: the run was too far behind.
pub(crate) fn is_forgotten(error: &MigrateError) -> bool {
    error.code() == Some("55000")
}
