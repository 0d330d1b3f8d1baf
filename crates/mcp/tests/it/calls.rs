//! Calls and their answers.

use borealis_client::Limits;
use borealis_mcp::Options;
use serde_json::{Value, json};

use crate::server::{Received, Reply, Server};
use crate::support::{call, healthy, options, session, text};

async fn failing(sql: &'static str, times: usize, reply: Reply) -> Server {
    Server::start(move |received, before| if received.sql == sql && before < times { reply.clone() } else { healthy(received) }).await
}

fn rows() -> Value {
    json!([{ "id": 1, "name": "a", "data": { "k": 1 } }, { "id": "9007199254740993", "name": null, "data": [] }])
}

#[tokio::test]
async fn readonly_query_reads_in_a_read_only_transaction_that_is_rolled_back() {
    let database = Server::start(|received, _| healthy(received)).await;
    let session = session(options(&database, true)).await;
    let result = call(&session, "readonly_query", json!({ "sql": "SELECT 'COMMIT; DROP' WHERE $1", "params": [true] })).await;
    assert_ne!(result.is_error, Some(true));
    assert_eq!(serde_json::from_str::<Value>(&text(&result)).expect("JSON"), rows());
    assert_eq!(result.structured_content, Some(json!({ "row_count": 2, "result": rows() })));
    let log = ["0: BEGIN TRANSACTION READ ONLY", "0: SELECT 1", "0: SELECT 'COMMIT; DROP' WHERE $1", "0: ROLLBACK"];
    assert_eq!(database.log(), log);
    assert_eq!(database.received()[2].params, [Some("true".to_owned())]);
}

#[tokio::test]
async fn writes_in_a_read_only_call_are_refused_by_the_database_and_explained() {
    let refusal = Reply::Error("25006", "cannot execute INSERT in a read-only transaction");
    let database = failing("INSERT 1", usize::MAX, refusal).await;
    let session = session(options(&database, false)).await;
    let result = call(&session, "readonly_query", json!({ "sql": "INSERT 1" })).await;
    assert_eq!(result.is_error, Some(true));
    assert_eq!(
        text(&result),
        "Error executing readonly_query: ERROR: cannot execute INSERT in a read-only transaction (SQLSTATE 25006)\n\
         readonly_query does not support write operations. Use transact"
    );
    let result = call(&session, "transact", json!({ "sql_list": ["INSERT 1"] })).await;
    assert!(text(&result).contains("started without --allow-writes"), "{}", text(&result));
    assert!(!database.log().iter().any(|line| line.ends_with(": BEGIN")), "{:?}", database.log());
}

#[tokio::test]
async fn transact_reports_commands_attempts_and_the_last_rows() {
    let conflict = Reply::Error("40001", "change conflicts with another transaction (OC000)");
    let database = failing("COMMIT", 1, conflict).await;
    let session = session(options(&database, true)).await;
    let arguments = json!({ "sql_list": ["INSERT 1", "SELECT $1"], "params_list": [null, ["x"]] });
    let result = call(&session, "transact", arguments).await;
    let expected = json!({ "committed": true, "attempts": 2, "commands": ["INSERT 0 1", "SELECT 2"], "result": rows() });
    assert_eq!(result.structured_content, Some(expected));
    let once = ["0: BEGIN", "0: INSERT 1", "0: SELECT $1", "0: COMMIT"];
    assert_eq!(database.log(), [once, once].concat());
}

#[tokio::test]
async fn a_conflict_that_does_not_end_is_an_error_with_its_attempts() {
    let database = failing("COMMIT", usize::MAX, Reply::Error("40001", "change conflicts with another transaction (OC000)")).await;
    let session = session(options(&database, true)).await;
    let result = call(&session, "transact", json!({ "sql_list": ["INSERT 1"] })).await;
    assert_eq!(result.is_error, Some(true));
    let error = &result.structured_content.as_ref().expect("fields")["error"];
    assert_eq!((&error["sqlstate"], &error["attempts"], &error["outcome_unknown"]), (&json!("40001"), &json!(4), &json!(false)));
}

#[tokio::test]
async fn a_lost_commit_is_an_error_that_tells_what_to_check() {
    let database = failing("COMMIT", 1, Reply::HangUp).await;
    let session = session(options(&database, true)).await;
    let result = call(&session, "transact", json!({ "sql_list": ["INSERT 1"] })).await;
    assert_eq!(result.is_error, Some(true));
    assert!(text(&result).contains("the outcome of COMMIT is unknown"), "{}", text(&result));
    assert!(text(&result).contains("read the rows that it was to write before running it again"), "{}", text(&result));
    assert_eq!(result.structured_content.expect("fields")["error"]["outcome_unknown"], json!(true));
    assert_eq!(database.log(), ["0: BEGIN", "0: INSERT 1", "0: COMMIT"]);
    let next = call(&session, "transact", json!({ "sql_list": ["INSERT 1"] })).await;
    assert_ne!(next.is_error, Some(true));
}

#[tokio::test]
async fn the_fields_of_an_error_name_the_statement() {
    let fields = vec![(b'D', "Key (id)=(1) already exists."), (b'n', "t_pkey"), (b'P', "3")];
    let database = failing("INSERT 2", 1, Reply::ErrorWith("23505", "duplicate key", fields)).await;
    let session = session(options(&database, true)).await;
    let result = call(&session, "transact", json!({ "sql_list": ["INSERT 1", "INSERT 2"] })).await;
    let expected = json!({ "error": {
        "message": "duplicate key", "attempts": 1, "outcome_unknown": false, "statement": 2, "sqlstate": "23505",
        "detail": "Key (id)=(1) already exists.", "constraint": "t_pkey", "position": 3
    } });
    assert_eq!(result.structured_content, Some(expected));
}

#[tokio::test]
async fn calls_that_make_no_sense_reach_no_database() {
    let database = Server::start(|received, _| healthy(received)).await;
    let session = session(options(&database, true)).await;
    for (tool, arguments, what) in [
        ("readonly_query", json!({ "sql": " ; " }), "Incorrect invocation: readonly_query invoked without a SQL statement"),
        ("transact", json!({ "sql_list": [] }), "Incorrect invocation: transact invoked with no sql statements"),
        ("readonly_query", json!({ "sql": "SELECT %s", "params": [1] }), "placeholders are written $1, $2, ... here; %s is not supported"),
        ("get_schema", json!({ "table_name": "a.b.c" }), "\"a.b.c\" is not a table name; give table or schema.table"),
        (
            "transact",
            json!({ "sql_list": ["INSERT 1", "COMMIT"] }),
            "statement 2 is COMMIT: transaction control statements are not accepted here, the statements already run in one transaction",
        ),
    ] {
        let result = call(&session, tool, arguments).await;
        assert_eq!((result.is_error, text(&result)), (Some(true), format!("Error executing {tool}: {what}")));
    }
    assert!(database.log().is_empty());
}

#[tokio::test]
async fn several_statements_in_one_are_refused_with_advice() {
    let refusal = Reply::Error("42601", "cannot insert multiple commands into a prepared statement");
    let database = failing("SELECT 2; DROP TABLE t", 1, refusal).await;
    let session = session(options(&database, false)).await;
    let result = call(&session, "readonly_query", json!({ "sql": "SELECT 2; DROP TABLE t" })).await;
    assert!(text(&result).ends_with("Send one statement per call of readonly_query, or one per element of sql_list of transact"));
}

#[tokio::test]
async fn a_result_that_is_too_large_is_an_error_not_a_part_of_it() {
    let database = Server::start(|received, _| healthy(received)).await;
    let mut options = options(&database, false);
    options.limits = Limits { rows_max: 1, bytes_max: 1000 };
    let session = session(options).await;
    let result = call(&session, "readonly_query", json!({ "sql": "SELECT 2" })).await;
    assert_eq!(result.is_error, Some(true));
    assert!(text(&result).contains("the result has more than 1 rows; select fewer, for example with LIMIT"), "{}", text(&result));
}

#[tokio::test]
async fn without_a_database_every_tool_says_what_to_configure() {
    let session = session(Options::new(None)).await;
    for (tool, arguments) in [
        ("readonly_query", json!({ "sql": "SELECT 1" })),
        ("transact", json!({ "sql_list": ["SELECT 1"] })),
        ("get_schema", json!({ "table_name": "t" })),
    ] {
        assert!(text(&call(&session, tool, arguments).await).contains("Database not configured"));
    }
}

/// Answers the catalog queries for one table, `shop.orders`.
fn catalog(received: &Received) -> Reply {
    let cells = |values: &[Option<&str>]| values.iter().map(|value| value.map(str::to_owned)).collect::<Vec<_>>();
    let text_columns = |count: usize| vec![("c", 25); count];
    let sql = received.sql.as_str();
    if sql.contains("c.relkind IN") {
        let known = received.params.iter().flatten().any(|name| name == "orders");
        let row = cells(&[Some("shop"), Some("orders"), Some("r"), Some("16400"), Some("f")]);
        Reply::Rows(text_columns(5), if known { vec![row] } else { vec![] })
    } else if sql.contains("pg_attrdef") {
        let id = cells(&[Some("id"), Some("bigint"), Some("t"), None, Some("a"), Some("")]);
        let state = cells(&[Some("state"), Some("character varying(10)"), Some("f"), Some("'new'::character varying"), Some(""), Some("")]);
        Reply::Rows(text_columns(6), vec![id, state])
    } else if sql.contains("key_column_usage") {
        Reply::Rows(text_columns(1), vec![cells(&[Some("id")])])
    } else if sql.contains("pg_index") {
        let index = cells(&[Some("orders_pkey"), Some("t"), Some("t"), Some("t"), Some("CREATE UNIQUE INDEX ...")]);
        Reply::Rows(text_columns(5), vec![index])
    } else if sql.contains("pg_constraint") {
        Reply::Rows(text_columns(4), vec![cells(&[Some("orders_check"), Some("c"), Some("f"), Some("CHECK (id > 0) NOT VALID")])])
    } else {
        healthy(received)
    }
}

#[tokio::test]
async fn get_schema_tells_columns_keys_indexes_and_constraints() {
    let database = Server::start(|received, _| catalog(received)).await;
    let session = session(options(&database, false)).await;
    let result = call(&session, "get_schema", json!({ "table_name": "shop.Orders" })).await;
    let expected = json!({
        "schema": "shop", "table": "orders", "kind": "table",
        "columns": [
            { "column_name": "id", "data_type": "bigint", "is_nullable": false, "identity": "ALWAYS" },
            { "column_name": "state", "data_type": "character varying(10)", "is_nullable": true, "column_default": "'new'::character varying" }
        ],
        "primary_key": ["id"],
        "indexes": [{ "index_name": "orders_pkey", "is_unique": true, "is_primary": true, "is_valid": true, "definition": "CREATE UNIQUE INDEX ..." }],
        "constraints": [
            { "constraint_name": "orders_check", "constraint_type": "CHECK", "is_validated": false, "definition": "CHECK (id > 0) NOT VALID" }
        ]
    });
    assert_eq!(result.structured_content, Some(expected));
    let unknown = call(&session, "get_schema", json!({ "table_name": "nothing" })).await;
    assert_eq!(text(&unknown), "Error executing get_schema: relation \"nothing\" does not exist");
    let elsewhere = call(&session, "get_schema", json!({ "table_name": "other.orders" })).await;
    assert_eq!(text(&elsewhere), "Error executing get_schema: relation \"other.orders\" does not exist");
}
