//! A cluster with a table that has everything hanging on it.

use borealis_base::{OsRandom, SystemClock};
use borealis_client::{Database, End, Limits, Mode, PoolLimits, RetryPolicy, Statement, Transaction};
use borealis_testbed::Server;

use crate::link::Link;
use crate::operations::Operation;
use crate::plan::{Goal, Plan, plan};
use crate::runner::{Options, apply_over};
use crate::{MigrateError, Progress};

/// A database and the server it is on.
pub(super) struct World {
    pub(super) database: Database,
    _server: Server,
}

impl World {
    pub(super) fn new() -> Self {
        let server = Server::start();
        Self { database: Database::new(server.endpoint()), _server: server }
    }

    /// A second client, with its own connections.
    pub(super) fn client(&self) -> Database {
        let policy = RetryPolicy { retries_max: 0, ..RetryPolicy::default() };
        let clock = std::sync::Arc::new(SystemClock::default());
        Database::with(self.database.endpoint().clone(), policy, PoolLimits::default(), clock, std::sync::Arc::new(OsRandom))
    }

    /// Runs statements, each by itself.
    pub(super) async fn run(&self, statements: &str) {
        for statement in statements.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            run(&self.database, statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
            // A plan refuses tables whose indexes are being built.
            while statement.contains("INDEX ASYNC") && self.value("SELECT bool_and(indisvalid) FROM pg_index").await != "t" {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Renews a table's statistics, which cannot be part of a transaction.
    pub(super) async fn analyze(&self, table: &str) {
        let mut session = borealis_client::connect(self.database.endpoint()).await.unwrap();
        session.simple(&format!("ANALYZE {table}")).await.unwrap();
        session.close().await;
    }

    /// The only value of a query, or `∅`.
    pub(super) async fn value(&self, query: &str) -> String {
        let link = Link::new(&self.database);
        let rows = link.rows("asking", query).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.first().and_then(|row| row.get(0)).unwrap_or("∅").to_owned()
    }

    /// A query's rows, one a line, values with a bar between them.
    pub(super) async fn table(&self, query: &str) -> String {
        let link = Link::new(&self.database);
        let rows = link.rows("asking", query).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        let line = |row: &borealis_client::Row| row.iter().map(|value| value.unwrap_or("∅")).collect::<Vec<_>>().join("|");
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub(super) async fn plan(&self, table: &str, operation: Operation) -> Result<Plan, MigrateError> {
        let goal = Goal { table: table.to_owned(), operations: vec![operation] };
        plan(&self.database, &goal, borealis_dialect::Dialect::default()).await
    }

    pub(super) async fn migrate(&self, table: &str, operation: Operation) -> Result<Progress, MigrateError> {
        self.migrate_with(table, operation, &small()).await
    }

    pub(super) async fn migrate_with(&self, table: &str, operation: Operation, options: &Options<'_>) -> Result<Progress, MigrateError> {
        let plan = self.plan(table, operation).await?;
        let link = Link::new(&self.database);
        apply_over(&link, &self.database, &plan, options).await
    }
}

pub(super) async fn run(database: &Database, statement: &str) -> Result<(), borealis_client::TransactionError> {
    let statements = vec![Statement::new(statement)];
    let transaction = Transaction { statements, mode: Mode::ReadWrite, end: End::Commit, limits: Limits::default() };
    database.transact(&transaction).await.map(drop)
}

/// Batches so small that a table of a few rows has several.
pub(super) fn small() -> Options<'static> {
    Options { batch_rows: Some(10), ..Options::default() }
}

/// Statements for a table `item{n}` of 25 rows with a parent, a child, views, indexes, privileges, comments and an identity column.
pub(super) fn item(n: usize) -> String {
    format!(
        "CREATE TABLE parent{n} (id int PRIMARY KEY);
         CREATE TABLE item{n} (id int PRIMARY KEY, code text NOT NULL UNIQUE, amount text DEFAULT '0', parent int REFERENCES parent{n} ON DELETE CASCADE,
            serial bigint GENERATED ALWAYS AS IDENTITY (CACHE 1), above int REFERENCES item{n}, CONSTRAINT positive{n} CHECK (id > 0));
         CREATE INDEX ASYNC item{n}_parent ON item{n} (parent, lower(code)) WHERE id > 1;
         CREATE TABLE child{n} (id int PRIMARY KEY, item int NOT NULL REFERENCES item{n} ON DELETE CASCADE);
         CREATE VIEW items{n} AS SELECT id, code, amount FROM item{n} WHERE id > 2;
         CREATE VIEW count{n} AS SELECT count(*) AS items FROM items{n};
         COMMENT ON TABLE item{n} IS 'what is sold';
         COMMENT ON COLUMN item{n}.code IS 'unique';
         COMMENT ON VIEW count{n} IS 'how many';
         INSERT INTO parent{n} SELECT g FROM generate_series(1, 5) AS g;
         INSERT INTO item{n} (id, code, amount, parent, above) SELECT g, 'c' || g, (g * 10)::text, g % 5 + 1, nullif(g / 2, 0) FROM generate_series(1, 25) AS g;
         INSERT INTO child{n} SELECT g, g FROM generate_series(1, 10) AS g;
         "
    )
}

/// What `item{n}` holds, whatever the types.
pub(super) fn contents(n: usize) -> String {
    format!("SELECT id, code, amount::text, parent, serial, above FROM item{n} ORDER BY id")
}

/// Everything about `item{n}` that must be the same afterwards but for the type of `amount`.
pub(super) fn belongings(n: usize) -> String {
    format!(
        "SELECT string_agg(k.conname || ' ' || k.convalidated || ' ' || CASE WHEN k.contype = 'p' THEN '' ELSE pg_get_constraintdef(k.oid) END, '; ' ORDER BY k.conname, k.conrelid::regclass::text)
           FROM pg_constraint k WHERE k.conrelid IN ('item{n}'::regclass, 'child{n}'::regclass)
         UNION ALL SELECT pg_get_viewdef('items{n}'::regclass) || pg_get_viewdef('count{n}'::regclass)
         UNION ALL SELECT obj_description('item{n}'::regclass, 'pg_class') || col_description('item{n}'::regclass, 2) || obj_description('count{n}'::regclass, 'pg_class')
         UNION ALL SELECT items::text FROM count{n}
         UNION ALL SELECT pg_get_serial_sequence('item{n}', 'serial')
         UNION ALL SELECT count(*)::text FROM pg_index WHERE indrelid = 'item{n}'::regclass AND indisvalid"
    )
}
