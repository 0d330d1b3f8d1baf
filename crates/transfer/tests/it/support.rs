//! A cluster, a folder and a table to move rows between.

use std::path::{Path, PathBuf};

use borealis_client::{Connection, Database, connect};
use borealis_testbed::{Server, Setup};
use borealis_transfer::{Input, LoadOptions, LoadReport, Source, TransferError, load};

/// A cluster and a folder for files.
pub(crate) struct Bench {
    pub(crate) server: Server,
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(&Setup::default())
    }

    pub(crate) fn with(setup: &Setup<'_>) -> Self {
        Self { server: Server::with(setup), folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    pub(crate) fn database(&self) -> Database {
        Database::new(self.server.endpoint())
    }

    pub(crate) async fn connection(&self) -> Connection {
        connect(&self.server.endpoint()).await.expect("a connection")
    }

    /// Runs statements one by one.
    pub(crate) async fn run(&self, statements: &[&str]) {
        let mut connection = self.connection().await;
        for statement in statements {
            loop {
                match connection.simple(statement).await {
                    Ok(_) => break,
                    // The end of a job is a change of the catalog, to which a statement may lose.
                    Err(error) if error.server().is_some_and(|error| error.message.contains("OC001")) => {}
                    Err(error) => panic!("{statement}: {error}"),
                }
            }
        }
    }

    /// The rows of a query, values joined by `|`, NULL as `~`.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        let mut connection = self.connection().await;
        let outcome = connection.query(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let line = |row: &borealis_client::Row| row.iter().map(|value| value.unwrap_or("~")).collect::<Vec<_>>().join("|");
        outcome.rows.iter().map(line).collect()
    }

    pub(crate) async fn load(&self, source: &Source, options: &LoadOptions) -> Result<LoadReport, TransferError> {
        load(&self.database(), source, options, &|_| ()).await
    }
}

/// A source in a file.
pub(crate) fn source(path: &Path) -> Source {
    Source::new(Input::File(path.to_owned()))
}

/// `inserted/updated/skipped/rejected`.
pub(crate) fn counts(report: &LoadReport) -> String {
    let counts = report.counts;
    format!("{}/{}/{}/{}", counts.inserted, counts.updated, counts.skipped, counts.rejected)
}
