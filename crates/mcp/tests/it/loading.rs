//! Files into tables, on a real server.

use borealis_mcp::{Options, Target};
use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use crate::support::{call, session};

fn structured(result: &CallToolResult) -> &Value {
    result.structured_content.as_ref().expect("a structured answer")
}

#[tokio::test]
async fn a_file_of_the_operators_folder_is_loaded_once() {
    let server = borealis_testbed::Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let rows: String = (0..5000).map(|id| format!("{id},row {id}\n")).collect();
    std::fs::write(folder.path().join("rows.csv"), format!("id,name\n{rows}")).expect("written");
    let mut options = Options::new(vec![Target { name: "default".to_owned(), endpoint: server.endpoint(), allow_writes: true }]);
    options.data_folder = Some(folder.path().to_owned());
    let session = session(options).await;
    call(&session, "transact", json!({ "sql_list": ["CREATE TABLE rows (id integer PRIMARY KEY, name text)"] })).await;
    let asked = json!({ "file": "rows.csv", "table": "rows", "header": true });
    let loaded = call(&session, "load_data", asked.clone()).await;
    assert_eq!(structured(&loaded)["inserted"], json!(5000), "{loaded:?}");
    let counted = call(&session, "readonly_query", json!({ "sql": "SELECT count(*) AS n, max(name) AS name FROM rows" })).await;
    assert_eq!(structured(&counted)["result"], json!([{ "n": 5000, "name": "row 999" }]));
    let again = call(&session, "load_data", asked).await;
    assert_eq!(again.is_error, Some(true), "every key is taken: {again:?}");
    let counted = call(&session, "readonly_query", json!({ "sql": "SELECT count(*) AS n FROM rows" })).await;
    assert_eq!(structured(&counted)["result"], json!([{ "n": 5000 }]));
    let outside = call(&session, "load_data", json!({ "file": "../rows.csv", "table": "rows" })).await;
    assert_eq!(outside.is_error, Some(true), "{outside:?}");
}
