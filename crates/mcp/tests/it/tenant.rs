//! An agent that is held to one tenant's rows, on a real server.

use borealis_mcp::{Options, Target, Tenancy};
use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use crate::support::{call, session, text};

fn options(server: &borealis_testbed::Server, tenancy: Option<Tenancy>) -> Options {
    let mut options = Options::new(vec![Target { name: "default".to_owned(), endpoint: server.endpoint(), allow_writes: true }]);
    options.tenancy = tenancy;
    options
}

fn structured(result: &CallToolResult) -> &Value {
    result.structured_content.as_ref().expect("a structured answer")
}

#[tokio::test]
async fn statements_touch_the_tenants_rows_only() {
    let server = borealis_testbed::Server::start();
    let operator = session(options(&server, None)).await;
    for sql in [
        "CREATE TABLE notes (tenant_id text, id integer, note text, PRIMARY KEY (tenant_id, id))",
        "INSERT INTO notes VALUES ('acme', 1, 'ours'), ('other', 1, 'theirs')",
    ] {
        let made = call(&operator, "transact", json!({ "sql_list": [sql] })).await;
        assert_ne!(made.is_error, Some(true), "{made:?}");
    }
    let agent =
        session(options(&server, Some(Tenancy { column: "tenant_id".to_owned(), value: Some("acme".to_owned()), shared: Vec::new() })))
            .await;
    let read = call(&agent, "readonly_query", json!({ "sql": "SELECT id, note FROM notes" })).await;
    assert_eq!(structured(&read)["result"], json!([{ "id": 1, "note": "ours" }]));

    let list = json!({ "sql_list": ["UPDATE notes SET note = 'seen'", "INSERT INTO notes VALUES ('other', 2, 'x')"] });
    let asked = call(&agent, "transact", list).await;
    let token = structured(&asked)["error"]["confirmation"]["token"].as_str().expect("an UPDATE without WHERE is confirmed").to_owned();
    let list = json!({ "sql_list": ["UPDATE notes SET note = 'seen'", "INSERT INTO notes VALUES ('other', 2, 'x')"], "confirmation_token": token });
    let refused = call(&agent, "transact", list).await;
    assert_eq!(structured(&refused)["error"]["sqlstate"], json!("42501"), "{refused:?}");
    assert_eq!(structured(&refused)["error"]["statement"], json!(2), "numbered as the agent has sent them: {}", text(&refused));

    let explained = call(&agent, "explain_query", json!({ "sql": "SELECT * FROM notes" })).await;
    assert_eq!(structured(&explained)["analyzed"], json!(false), "measuring would count the rows of others: {explained:?}");
    let theirs = call(&operator, "readonly_query", json!({ "sql": "SELECT tenant_id, note FROM notes ORDER BY 1" })).await;
    assert_eq!(structured(&theirs)["result"], json!([{ "tenant_id": "acme", "note": "ours" }, { "tenant_id": "other", "note": "theirs" }]));
}
