//! Statements in, outcomes out.

use borealis_client::{ClientError, Connection, Limits, TransactionStatus, connect};

use crate::server::{Reply, Server};

fn rows() -> Reply {
    let row = |a: &str, b: Option<&str>| vec![Some(a.to_owned()), b.map(str::to_owned)];
    Reply::Rows(vec![("a", 25), ("b", 3802)], vec![row("ä", Some("{}")), row("", None)])
}

async fn connected(script: impl Fn(&crate::server::Received, usize) -> Reply + Send + Sync + 'static) -> (Server, Connection) {
    let server = Server::start(script).await;
    let connection = connect(&server.endpoint()).await.expect("connected");
    (server, connection)
}

#[tokio::test]
async fn parameters_go_as_text_and_values_come_as_text() {
    let (server, mut connection) = connected(|_, _| rows()).await;
    assert_eq!(connection.server_version(), "16.15");
    let params = [Some("1".to_owned()), None, Some(String::new())];
    let outcome = connection.query("SELECT $1, $2, $3", &params).await.expect("answered");
    assert_eq!(server.received()[0].params, params);
    let columns: Vec<(&str, u32)> = outcome.columns.iter().map(|column| (column.name.as_str(), column.type_oid)).collect();
    assert_eq!(columns, [("a", 25), ("b", 3802)]);
    let values: Vec<Vec<Option<&str>>> = outcome.rows.iter().map(|row| row.iter().collect()).collect();
    assert_eq!(values, [[Some("ä"), Some("{}")], [Some(""), None]]);
    assert_eq!((outcome.rows[0].get(0), outcome.rows[0].get(9), outcome.rows_affected()), (Some("ä"), None, Some(2)));
}

#[tokio::test]
async fn errors_keep_every_field_and_the_connection() {
    let fields = vec![(b'D', "detail"), (b'H', "hint"), (b'P', "8"), (b'n', "t_pkey"), (b't', "t"), (b's', "public"), (b'c', "id")];
    let (_server, mut connection) =
        connected(move |_, before| if before == 0 { Reply::ErrorWith("42703", "no column", fields.clone()) } else { rows() }).await;
    let error = connection.query("SELECT x", &[]).await.expect_err("refused");
    let server = error.server().expect("the server's error");
    assert_eq!((server.code.as_str(), server.message.as_str(), server.position), ("42703", "no column", Some(8)));
    assert_eq!((server.detail.as_deref(), server.hint.as_deref()), (Some("detail"), Some("hint")));
    assert_eq!((server.schema.as_deref(), server.table.as_deref()), (Some("public"), Some("t")));
    assert_eq!((server.column.as_deref(), server.constraint.as_deref()), (Some("id"), Some("t_pkey")));
    assert_eq!(error.to_string(), "ERROR: no column (SQLSTATE 42703) at character 8\nDETAIL: detail\nHINT: hint");
    assert!(connection.is_usable() && connection.status() == TransactionStatus::Idle);
    connection.query("SELECT x", &[]).await.expect("answered");
}

#[tokio::test]
async fn an_answer_beyond_its_limits_is_an_error_and_the_connection_stays() {
    let (_server, mut connection) = connected(|_, _| rows()).await;
    for (limits, what) in [
        (Limits { rows_max: 1, bytes_max: 100 }, "the result has more than 1 rows; select fewer, for example with LIMIT"),
        (Limits { rows_max: 9, bytes_max: 3 }, "the result has more than 3 bytes; select fewer rows or columns"),
    ] {
        let error = connection.query_within("SELECT", &[], limits).await.expect_err("too large");
        assert_eq!(error.to_string(), what);
    }
    connection.query_within("SELECT", &[], Limits { rows_max: 2, bytes_max: 4 }).await.expect("exactly fits");
}

#[tokio::test]
async fn a_zero_byte_is_refused_before_it_is_sent() {
    let (server, mut connection) = connected(|_, _| rows()).await;
    assert!(matches!(connection.query("SELECT '\0'", &[]).await, Err(ClientError::Request(_))));
    connection.query("SELECT 1", &[]).await.expect("the connection is in order");
    assert_eq!(server.log(), ["0: SELECT 1"]);
}

#[tokio::test]
async fn after_a_failure_the_connection_refuses_work() {
    let (_server, mut connection) = connected(|_, _| Reply::HangUp).await;
    assert!(matches!(connection.query("SELECT 1", &[]).await, Err(ClientError::Lost(_))));
    assert!(!connection.is_usable());
    assert!(matches!(connection.query("SELECT 1", &[]).await, Err(ClientError::Lost(_))));
}

#[tokio::test]
async fn copy_goes_both_ways_and_not_through_queries() {
    let (server, mut connection) = connected(|received, _| match received.sql.as_str() {
        "in" => Reply::CopyIn,
        "out" => Reply::CopyOut(vec!["1\n", "2\n"]),
        _ => rows(),
    })
    .await;
    let mut copy = connection.copy_in("in").await.expect("started");
    copy.send(b"a\n").await.expect("sent");
    copy.send(b"b\n").await.expect("sent");
    assert_eq!(copy.finish().await.expect("done").tag, "COPY 1");
    let copy = connection.copy_in("in").await.expect("started");
    copy.abandon("no more").await.expect("abandoned");
    let mut copy = connection.copy_out("out").await.expect("started");
    let mut all = Vec::new();
    while let Some(piece) = copy.next().await.expect("data") {
        all.extend(piece);
    }
    assert_eq!(all, b"1\n2\n");
    assert!(matches!(connection.copy_in("select").await, Err(ClientError::Request(_))));
    assert_eq!(server.log()[..2], ["0: in", "0: copied: a\nb\n"]);
    assert!(matches!(connection.query("in", &[]).await, Err(ClientError::Copy)));
    assert!(!connection.is_usable());
}
