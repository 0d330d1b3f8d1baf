//! What clients are told about the tools.

use borealis_client::{ControlPlane, CredentialsSource, Roots};
use borealis_mcp::{Options, Target};
use rmcp::model::GetPromptRequestParams;
use serde_json::json;

use crate::server::Server;
use crate::support::{call, healthy, options, session, target};

/// With `BLESS=1` a snapshot is written anew; read the difference before committing it.
async fn check(name: &str, options: Options) {
    let session = session(options).await;
    let mut tools = session.list_all_tools().await.expect("listed");
    tools.sort_by(|one, other| one.name.cmp(&other.name));
    let prompts = session.list_all_prompts().await.expect("listed");
    let templates = session.list_all_resource_templates().await.expect("listed");
    let listed = json!({ "tools": tools, "prompts": prompts, "resource_templates": templates });
    let listed = serde_json::to_string_pretty(&listed).expect("JSON") + "\n";
    let path = format!("tests/it/snapshots/{name}.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &listed).expect("writable");
    } else {
        assert_eq!(listed, std::fs::read_to_string(&path).expect("a snapshot"), "{name}");
    }
}

#[tokio::test]
async fn each_mode_lists_what_it_permits_and_no_more() {
    let database = Server::start(|received, _| healthy(received)).await;
    let mut several = options(&database, false);
    several.targets = vec![target("production", &database, false), target("staging", &database, true)];
    check("read_only", options(&database, false)).await;
    check("read_write", options(&database, true)).await;
    check("several_databases", several).await;
    let clusters = ControlPlane { url: None, region: "us-east-1".to_owned(), credentials: CredentialsSource::Chain, roots: Roots::System };
    check("clusters", Options { clusters: Some(clusters), ..Options::new(Vec::new()) }).await;
    let loading = Options { data_folder: Some(".".into()), ..options(&database, true) };
    check("loading", loading).await;
    check("no_database", Options::new(Vec::<Target>::new())).await;
}

#[tokio::test]
async fn the_server_introduces_itself() {
    let session = session(Options::new(Vec::new())).await;
    let info = session.peer_info().expect("introduced");
    assert_eq!(info.server_info.as_ref().map(|server| server.name.as_str()), Some("borealis"));
    assert!(info.capabilities.tools.is_some() && info.capabilities.resources.is_some() && info.capabilities.prompts.is_some());
}

#[tokio::test]
async fn a_tool_that_is_not_there_is_an_error_that_says_why() {
    let nothing = session(Options::new(Vec::new())).await;
    let database = Server::start(|received, _| healthy(received)).await;
    let some = session(options(&database, false)).await;
    for (session, tool, what) in
        [(&nothing, "readonly_query", "Database not configured"), (&some, "drop_everything", "there is no tool drop_everything")]
    {
        let error = session.call_tool(rmcp::model::CallToolRequestParams::new(tool)).await.expect_err("no such tool");
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[tokio::test]
async fn prompts_carry_their_arguments() {
    let database = Server::start(|received, _| healthy(received)).await;
    let session = session(options(&database, true)).await;
    let ask = |arguments: serde_json::Value| {
        GetPromptRequestParams::new("safe_data_migration").with_arguments(arguments.as_object().expect("an object").clone())
    };
    let prompt = session.get_prompt(ask(json!({ "table": "orders", "column": "note text", "value": "''" }))).await.expect("got");
    let text = serde_json::to_string(&prompt.messages).expect("JSON");
    assert!(text.contains("Add the column note text to orders and fill it with ''") && !text.contains("{table}"), "{text}");
    for bad in [json!({ "table": "orders" }), json!({ "table": "orders", "column": "a", "value": "b", "other": "c" })] {
        assert!(session.get_prompt(ask(bad)).await.is_err());
    }
    assert_ne!(call(&session, "readonly_query", json!({ "sql": "SELECT 1" })).await.is_error, Some(true));
}

#[tokio::test]
async fn sql_is_linted_and_mended_without_a_database() {
    let session = session(Options::new(Vec::new())).await;
    let sql = "CREATE INDEX i ON t (a);";
    let found = call(&session, "dsql_lint", json!({ "sql": sql })).await.structured_content.expect("structured");
    assert_eq!((&found["summary"]["errors"], &found["fixed_sql"]), (&json!(1), &json!(null)), "{found}");
    assert_eq!(found["diagnostics"][0]["fix_result"]["status"], json!("fixable_with_warning"), "{found}");
    let mended = call(&session, "dsql_lint", json!({ "sql": sql, "fix": true })).await.structured_content.expect("structured");
    assert_eq!(mended["fixed_sql"], json!("CREATE INDEX ASYNC i ON t (a);"), "{mended}");
    assert_eq!(mended["summary"], json!({ "errors": 0, "warnings": 0, "fixed": 1 }), "{mended}");
}
