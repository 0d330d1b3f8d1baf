//! Progress, cancellation and time limits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use borealis_base::task;
use borealis_mcp::AgentServer;
use rmcp::model::{CallToolRequestParams, ClientRequest, ProgressNotificationParam, Request};
use rmcp::service::{NotificationContext, PeerRequestOptions, RoleClient};
use rmcp::{ClientHandler, ServiceExt as _};
use serde_json::json;

use crate::server::{Reply, Server};
use crate::support::{call, healthy, log, options, session, text};

/// Notes what it hears of its calls.
#[derive(Clone, Default)]
struct Listener {
    heard: Arc<Mutex<Vec<String>>>,
}

impl ClientHandler for Listener {
    async fn on_progress(&self, params: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.heard.lock().expect("not poisoned").push(params.message.unwrap_or_default());
    }
}

/// In good health, but `SELECT slow()` is answered only when it is cancelled.
async fn slow() -> Server {
    Server::start(|received, _| if received.sql == "SELECT slow()" { Reply::UntilCancelled } else { healthy(received) }).await
}

#[tokio::test]
async fn a_time_limit_cancels_on_the_server() {
    let database = slow().await;
    let mut options = options(&database, false);
    options.time_limit = Duration::from_millis(100);
    let session = session(options).await;
    let result = call(&session, "readonly_query", json!({ "sql": "SELECT slow()" })).await;
    assert!(text(&result).contains("cancelled at the time limit of 0.1 seconds: the transaction was rolled back"), "{}", text(&result));
    assert_eq!(database.cancelled().len(), 1);
}

#[tokio::test]
async fn a_cancelled_call_cancels_its_statement_on_the_server() {
    let database = slow().await;
    let session = session(options(&database, true)).await;
    let arguments = json!({ "sql_list": ["INSERT INTO t VALUES (1)", "SELECT slow()"] });
    let params = CallToolRequestParams::new("transact").with_arguments(arguments.as_object().expect("an object").clone());
    let request = ClientRequest::CallToolRequest(Request::new(params));
    let running = session.send_cancellable_request(request, PeerRequestOptions::default()).await.expect("sent");
    while !database.log().iter().any(|line| line.contains("slow")) {
        tokio::task::yield_now().await;
    }
    running.cancel(None).await.expect("cancelled");
    while database.cancelled().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_ne!(call(&session, "readonly_query", json!({ "sql": "SELECT 2" })).await.is_error, Some(true));
    assert!(!log(&database).iter().any(|line| line.contains("COMMIT")), "{:?}", log(&database));
}

#[tokio::test]
async fn a_client_that_asks_hears_of_repetitions() {
    let conflict = Reply::Error("40001", "change conflicts with another transaction (OC000)");
    let database =
        Server::start(move |received, before| if received.sql == "COMMIT" && before == 0 { conflict.clone() } else { healthy(received) })
            .await;
    let (server_side, client_side) = tokio::io::duplex(1 << 20);
    let options = options(&database, true);
    task::spawn(async move {
        let running = AgentServer::new(options).serve(server_side).await.expect("the session starts");
        running.waiting().await.expect("the session ends in order");
    });
    let listener = Listener::default();
    let session = listener.clone().serve(client_side).await.expect("the session starts");
    let arguments = json!({ "sql_list": ["INSERT INTO t VALUES (1)"] });
    let params = CallToolRequestParams::new("transact").with_arguments(arguments.as_object().expect("an object").clone());
    // This client puts a progress token on every call.
    let result = session.call_tool(params).await.expect("answered");
    assert_eq!(result.structured_content.expect("fields")["attempts"], json!(2));
    let heard = listener.heard.lock().expect("not poisoned").join("\n");
    assert!(
        heard.starts_with("attempt 1 failed (ERROR: change conflicts with another transaction (OC000) (SQLSTATE 40001)); running again in"),
        "{heard}"
    );
}
