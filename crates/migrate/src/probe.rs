//! Whether this server stops writers at the fence.
//!
//! Everything rests on it: a transaction that wrote to a table before the table was renamed, and commits afterwards, must fail. It is tried
//! with a table of the journal's own before anything is made, not assumed.

use borealis_base::{Id26, OsRandom};
use borealis_client::{Database, connect};

use crate::error::{MigrateError, Result};
use crate::journal::{SCHEMA, retried};
use crate::link::Link;
use crate::sql;

/// Refuses when a writer comes through.
pub(crate) async fn fence_holds(database: &Database, link: &Link<'_>) -> Result<()> {
    let id: String = Id26::random(&OsRandom).to_string().chars().take(8).collect();
    let (before, after) = (format!("probe_{id}"), format!("probed_{id}"));
    let table = sql::qualified(SCHEMA, &before);
    let make = format!("CREATE TABLE IF NOT EXISTS {table} (id int PRIMARY KEY)");
    retried(|| async { link.commit("making a table to try the fence with", [make.clone()]).await }).await?;
    let stopped = writer_is_stopped(database, link, &table, &after).await;
    let drop = |name: &str| format!("DROP TABLE IF EXISTS {}", sql::qualified(SCHEMA, name));
    for name in [&before, &after] {
        let drop = drop(name);
        retried(|| async { link.commit("dropping the table that the fence was tried with", [drop.clone()]).await }).await?;
    }
    match stopped? {
        true => Ok(()),
        false => Err(MigrateError::refused(
            "this server let a transaction commit that had written to a table before the table was renamed. Writes at the moment of the swap could be \
             lost here, so nothing is done",
        )),
    }
}

async fn writer_is_stopped(database: &Database, link: &Link<'_>, table: &str, after: &str) -> Result<bool> {
    let failed = |error: borealis_client::ClientError| MigrateError::Database {
        doing: "trying whether a rename stops writers".to_owned(),
        error: borealis_client::TransactionError { error, attempts: 1, statement: None },
    };
    let mut writer = connect(database.endpoint()).await.map_err(failed)?;
    writer.simple("BEGIN").await.map_err(failed)?;
    writer.simple(&format!("INSERT INTO {table} VALUES (1)")).await.map_err(failed)?;
    let rename = format!("ALTER TABLE {table} RENAME TO {}", sql::name(after));
    let renamed = retried(|| async { link.commit("renaming the table that the fence is tried with", [rename.clone()]).await }).await;
    // Renamed before, by a COMMIT that had no answer.
    if let Err(error) = renamed
        && error.code() != Some("42P01")
    {
        return Err(error);
    }
    let committed = writer.simple("COMMIT").await;
    writer.close().await;
    match committed {
        Ok(outcomes) => Ok(outcomes.last().is_none_or(|outcome| outcome.tag != "COMMIT")),
        Err(error) if error.server().is_some_and(borealis_client::ServerError::is_conflict) => Ok(true),
        Err(error) => Err(failed(error)),
    }
}
