use std::sync::Arc;

use borealis_client::{Database, End, Limits, Mode, Outcome, Statement, Transaction, TransactionError};
use borealis_sql::guard::{Enforcement, Guard};
use borealis_testbed::Server;

use super::{Facts, beginning, confined, enforcement, questions};

const SCHEMA: &[&str] = &[
    "CREATE TABLE notes (tenant_id text, id integer, note text, PRIMARY KEY (tenant_id, id))",
    "CREATE TABLE countries (code text PRIMARY KEY)",
    "CREATE TABLE untold (id integer PRIMARY KEY)",
    "CREATE VIEW loud AS SELECT tenant_id, id, upper(note) AS note FROM notes",
    "INSERT INTO notes VALUES ('a', 1, 'mine'), ('b', 1, 'theirs'), ('b', 2, 'theirs too')",
    "INSERT INTO countries VALUES ('IS')",
    "INSERT INTO untold VALUES (1)",
];

async fn database(server: &Server) -> Database {
    let database = Database::new(server.endpoint());
    for sql in SCHEMA {
        run(&database, vec![Statement::new(*sql)], Mode::ReadWrite).await.expect("the schema is made");
    }
    database
}

async fn run(database: &Database, statements: Vec<Statement>, mode: Mode) -> Result<Vec<Outcome>, TransactionError> {
    let limits = Limits { rows_max: 1000, bytes_max: 1 << 20 };
    let end = if mode == Mode::ReadOnly { End::Rollback } else { End::Commit };
    database.transact(&Transaction { statements, mode, end, limits }).await.map(|done| done.outcomes)
}

fn guard() -> Guard {
    Guard::new("tenant_id", "a").with_shared("countries")
}

/// The rows of a statement under the guard, by either way of holding it; what is refused as its text.
async fn by(enforcement: Enforcement, database: &Database, sql: &str, params: &[&str]) -> Result<Vec<Vec<String>>, String> {
    let statement = Statement { sql: sql.to_owned(), params: params.iter().map(|value| Some((*value).to_owned())).collect() };
    let statements = match enforcement {
        Enforcement::Engine => vec![beginning(&guard()), statement],
        Enforcement::Text => {
            let answers = run(database, questions(), Mode::ReadOnly).await.expect("the catalog answers");
            let facts = Arc::new(Facts::of(&answers).expect("in the known shape"));
            confined(vec![statement], &guard(), &facts).map_err(|failure| failure.text().to_owned())?
        }
    };
    let outcomes = run(database, statements, Mode::ReadWrite).await.map_err(|error| error.to_string())?;
    let rows = outcomes.last().map(|outcome| outcome.rows.as_slice()).unwrap_or_default();
    Ok(rows.iter().map(|row| row.iter().map(|value| value.unwrap_or("NULL").to_owned()).collect()).collect())
}

#[tokio::test]
async fn our_own_server_holds_the_guard_itself() {
    let server = Server::start();
    assert_eq!(enforcement(&Database::new(server.endpoint())).await.expect("it is found out"), Enforcement::Engine);
}

#[tokio::test]
async fn both_ways_show_the_tenants_rows_only() {
    let server = Server::start();
    let database = database(&server).await;
    for enforcement in [Enforcement::Engine, Enforcement::Text] {
        for (sql, params, rows) in [
            ("SELECT id, note FROM notes", &[][..], &[["1", "mine"]][..]),
            ("SELECT id, note FROM loud", &[], &[["1", "MINE"]]),
            ("SELECT n.id, n.note FROM notes n JOIN notes o ON n.id = o.id WHERE n.tenant_id = $1", &["a"], &[["1", "mine"]]),
            ("SELECT id, note FROM notes WHERE tenant_id = 'b'", &[], &[]),
            ("WITH x AS (SELECT * FROM notes) SELECT id, note FROM x UNION SELECT id, note FROM x", &[], &[["1", "mine"]]),
        ] {
            let found = by(enforcement, &database, sql, params).await.expect(sql);
            assert_eq!(found, rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect::<Vec<_>>(), "{enforcement:?}: {sql}");
        }
        assert_eq!(by(enforcement, &database, "SELECT code FROM countries", &[]).await.expect("shared"), [["IS"]]);
    }
}

#[tokio::test]
async fn both_ways_refuse_what_leaves_the_tenant() {
    let server = Server::start();
    let database = database(&server).await;
    for enforcement in [Enforcement::Engine, Enforcement::Text] {
        for sql in [
            "INSERT INTO notes VALUES ('b', 9, 'smuggled')",
            "UPDATE notes SET tenant_id = 'b'",
            "SELECT * FROM untold",
            "INSERT INTO countries VALUES ('XX')",
            "SELECT * FROM pg_stats",
            "DROP TABLE notes",
            "RESET borealis.tenant_guard",
            "SET LOCAL borealis.tenant_guard = 'column=tenant_id,value=b'",
        ] {
            let refused = by(enforcement, &database, sql, &[]).await.expect_err(sql);
            assert!(refused.contains("42501"), "{enforcement:?}: {sql}: {refused}");
        }
        if enforcement == Enforcement::Engine {
            // A server that knows nothing of guards may be told anything about them.
            let refused = by(enforcement, &database, "SELECT set_config('borealis.tenant_guard', '', true)", &[]).await;
            assert!(refused.expect_err("the setting stands").contains("42501"));
        }
        by(enforcement, &database, "UPDATE notes SET note = 'changed'", &[]).await.expect("its own rows");
        by(enforcement, &database, "DELETE FROM notes WHERE id = 2", &[]).await.expect("none of its own");
    }
    let all = run(&database, vec![Statement::new("SELECT note FROM notes WHERE tenant_id = 'b' ORDER BY id")], Mode::ReadOnly)
        .await
        .expect("read");
    let notes: Vec<_> = all[0].rows.iter().filter_map(|row| row.get(0)).collect();
    assert_eq!(notes, ["theirs", "theirs too"]);
}

#[tokio::test]
async fn a_parameter_that_is_another_tenant_is_told_of() {
    let server = Server::start();
    let database = database(&server).await;
    let sql = "INSERT INTO notes (tenant_id, id) VALUES ($1, 7)";
    let refused = by(Enforcement::Text, &database, sql, &["b"]).await.expect_err("another tenant");
    assert!(refused.contains("parameter $1 stands for column \"tenant_id\" and is not this tenant's"), "{refused}");
    by(Enforcement::Text, &database, sql, &["a"]).await.expect("its own");
}
