use borealis_client::connect;
use tempfile::TempDir;

use super::*;

async fn first(server: &Server, sql: &str) -> Option<String> {
    let mut connection = connect(&server.endpoint()).await.expect("it lets admin in");
    let outcome = connection.query(sql, &[]).await.expect("the statement runs");
    outcome.rows.first().and_then(|row| row.get(0)).map(str::to_owned)
}

#[tokio::test]
async fn a_cluster_in_a_folder_is_there_again_after_its_server_was_dropped() {
    let folder = TempDir::new().expect("a folder");
    let setup = Setup { folder: Some(folder.path()), ..Setup::default() };
    let server = Server::with(&setup);
    first(&server, "CREATE TABLE kept (id integer PRIMARY KEY)").await;
    first(&server, "INSERT INTO kept VALUES (7)").await;
    drop(server);
    let server = Server::with(&setup);
    assert_eq!(first(&server, "SELECT id FROM kept").await.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_lowered_limit_holds() {
    let server = Server::with(&Setup { limits: &["rows-per-transaction=2"], ..Setup::default() });
    first(&server, "CREATE TABLE small (id integer PRIMARY KEY)").await;
    let mut connection = connect(&server.endpoint()).await.expect("it lets admin in");
    let refused = connection.query("INSERT INTO small VALUES (1), (2), (3)", &[]).await;
    assert!(refused.is_err(), "three rows are one too many");
}
