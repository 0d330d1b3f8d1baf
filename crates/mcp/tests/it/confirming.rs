//! What destroys data is run only with a confirmation.

use borealis_client::RetryPolicy;
use serde_json::{Value, json};

use crate::server::Server;
use crate::support::{call, healthy, log, options, session, text};

fn token(answer: Option<Value>) -> Value {
    answer.expect("fields")["error"]["confirmation"]["token"].clone()
}

#[tokio::test]
async fn the_first_call_returns_a_token_and_the_second_runs() {
    let database = Server::start(|received, _| healthy(received)).await;
    let session = session(options(&database, true)).await;
    let list = json!(["INSERT INTO log VALUES (1)", "DELETE FROM t"]);
    let first = call(&session, "transact", json!({ "sql_list": list })).await;
    assert_eq!(first.is_error, Some(true));
    assert!(
        text(&first).contains("nothing was run, because this destroys data:\nstatement 2 deletes every row of t\nAsk the user."),
        "{}",
        text(&first)
    );
    assert!(log(&database).is_empty());
    let token = token(first.structured_content);
    let second = call(&session, "transact", json!({ "sql_list": list, "confirmation_token": token })).await;
    assert_ne!(second.is_error, Some(true), "{}", text(&second));
    assert_eq!(log(&database), ["0: BEGIN", "0: INSERT INTO log VALUES (1)", "0: DELETE FROM t", "0: COMMIT"]);
    let third = call(&session, "transact", json!({ "sql_list": list, "confirmation_token": token })).await;
    assert!(text(&third).contains("it was for others, has been used, or has expired"), "{}", text(&third));
    assert_eq!(log(&database).len(), 4);
}

#[tokio::test]
async fn a_token_is_for_exactly_its_statements_values_and_client() {
    let database = Server::start(|received, _| healthy(received)).await;
    let session = session(options(&database, true)).await;
    let other = crate::support::session(options(&database, true)).await;
    let ask = |sql: &str, param: i32, token: Value| json!({ "sql_list": [sql], "params_list": [[param]], "confirmation_token": token });
    let sql = "UPDATE t SET a = $1";
    for (client, sql, param) in [(&session, "UPDATE u SET a = $1", 1), (&session, sql, 2), (&other, sql, 1)] {
        let token = token(call(&session, "transact", ask("UPDATE t SET a = $1", 1, Value::Null)).await.structured_content);
        assert_eq!(call(client, "transact", ask(sql, param, token)).await.is_error, Some(true));
    }
    assert!(log(&database).is_empty());
}

#[tokio::test]
async fn what_destroys_nothing_needs_no_token() {
    let database = Server::start(|received, _| healthy(received)).await;
    let mut options = options(&database, true);
    options.retry = RetryPolicy::default();
    let session = session(options).await;
    let list = json!(["INSERT INTO t VALUES (1)", "DELETE FROM t WHERE id = 1", "SELECT 'DROP TABLE t'"]);
    assert_ne!(call(&session, "transact", json!({ "sql_list": list })).await.is_error, Some(true));
}
