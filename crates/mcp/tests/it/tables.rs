//! Tools and resources that tell what is in a database.

use rmcp::model::ReadResourceRequestParams;
use serde_json::{Value, json};

use crate::server::{Received, Reply, Server};
use crate::support::{call, healthy, options, session, text};

fn cells(values: &[Option<&str>]) -> Vec<Option<String>> {
    values.iter().map(|value| value.map(str::to_owned)).collect()
}

fn rows(rows: &[&[Option<&str>]]) -> Reply {
    let width = rows.first().map_or(1, |row| row.len());
    Reply::Rows(vec![("c", 25); width], rows.iter().map(|row| cells(row)).collect())
}

/// Answers the catalog queries for one table, `shop.orders`.
fn catalog(received: &Received) -> Reply {
    let sql = received.sql.as_str();
    let asked = |name: &str| received.params.iter().flatten().any(|given| given == name);
    if sql.contains("pg_table_is_visible") {
        let orders: &[Option<&str>] = &[Some("shop"), Some("orders"), Some("r"), Some("16400"), Some("f")];
        if asked("orders") { rows(&[orders]) } else { Reply::Rows(vec![("c", 25); 5], vec![]) }
    } else if sql.contains("pg_attrdef") {
        rows(&[
            &[Some("id"), Some("bigint"), Some("t"), None, Some("a"), Some(""), Some("never reused")],
            &[Some("state"), Some("character varying(10)"), Some("f"), Some("'new'::character varying"), Some(""), Some(""), None],
        ])
    } else if sql.contains("key_column_usage") {
        rows(&[&[Some("id")]])
    } else if sql.contains("pg_index") {
        rows(&[&[Some("orders_pkey"), Some("t"), Some("t"), Some("t"), Some("CREATE UNIQUE INDEX ...")]])
    } else if sql.contains("confrelid") {
        rows(&[&[Some("shop"), Some("lines"), Some("lines_order_fkey"), Some("FOREIGN KEY (order_id) REFERENCES shop.orders(id)")]])
    } else if sql.contains("pg_constraint") {
        rows(&[&[Some("orders_check"), Some("c"), Some("f"), Some("CHECK (id > 0) NOT VALID")]])
    } else if sql.contains("c.oid = $1") {
        rows(&[&[Some("admin"), Some("1200"), Some("all orders")]])
    } else if sql.contains("pg_stats") {
        rows(&[&[Some("20")]])
    } else if sql.contains("c.reltuples") {
        rows(&[
            &[Some("shop"), Some("orders"), Some("r"), Some("1200"), Some("all orders")],
            &[Some("shop"), Some("open \"orders\""), Some("v"), Some("-1"), None],
        ])
    } else if sql.contains("pg_get_userbyid(n.nspowner)") {
        rows(&[&[Some("public"), Some("admin"), Some("0")], &[Some("shop"), Some("admin"), Some("2")]])
    } else {
        healthy(received)
    }
}

fn orders() -> Value {
    json!({
        "schema": "shop", "table": "orders", "kind": "table",
        "columns": [
            {
                "column_name": "id", "data_type": "bigint", "is_nullable": false, "column_default": null, "identity": "ALWAYS",
                "comment": "never reused"
            },
            { "column_name": "state", "data_type": "character varying(10)", "is_nullable": true, "column_default": "'new'::character varying" }
        ],
        "primary_key": ["id"],
        "indexes": [
            { "index_name": "orders_pkey", "is_unique": true, "is_primary": true, "is_valid": true, "definition": "CREATE UNIQUE INDEX ..." }
        ],
        "constraints": [
            { "constraint_name": "orders_check", "constraint_type": "CHECK", "is_validated": false, "definition": "CHECK (id > 0) NOT VALID" }
        ]
    })
}

fn described() -> Value {
    let mut all = orders();
    for (name, value) in [
        ("owner", json!("admin")),
        ("comment", json!("all orders")),
        ("row_estimate", json!(1200)),
        ("estimated_bytes", json!(24000)),
        (
            "referenced_by",
            json!([{
                "schema": "shop", "table": "lines", "constraint_name": "lines_order_fkey",
                "definition": "FOREIGN KEY (order_id) REFERENCES shop.orders(id)"
            }]),
        ),
    ] {
        all[name] = value;
    }
    all
}

#[tokio::test]
async fn a_table_is_told_in_short_and_in_full() {
    let database = Server::start(|received, _| catalog(received)).await;
    let session = session(options(&database, false)).await;
    let short = call(&session, "get_schema", json!({ "table_name": "shop.Orders" })).await;
    assert_eq!(short.structured_content, Some(orders()));
    let full = call(&session, "describe_table", json!({ "table_name": "orders" })).await;
    assert_eq!(full.structured_content, Some(described()));
    for name in ["nothing", "other.orders"] {
        let unknown = call(&session, "get_schema", json!({ "table_name": name })).await;
        assert_eq!(
            text(&unknown),
            format!("Error executing get_schema: relation \"{name}\" does not exist\nlist_tables tells which tables there are")
        );
    }
}

#[tokio::test]
async fn schemas_and_tables_are_listed() {
    let database = Server::start(|received, _| catalog(received)).await;
    let session = session(options(&database, false)).await;
    let schemas = call(&session, "list_schemas", json!({})).await;
    let expected = json!([{ "schema": "public", "owner": "admin", "tables": 0 }, { "schema": "shop", "owner": "admin", "tables": 2 }]);
    assert_eq!(schemas.structured_content, Some(json!({ "schemas": expected })));
    let tables = call(&session, "list_tables", json!({ "schema": "shop" })).await;
    let expected = json!([
        { "schema": "shop", "table": "orders", "kind": "table", "row_estimate": 1200, "comment": "all orders" },
        { "schema": "shop", "table": "open \"orders\"", "kind": "view", "row_estimate": null, "comment": null }
    ]);
    assert_eq!(tables.structured_content, Some(json!({ "tables": expected })));
}

#[tokio::test]
async fn every_table_is_a_resource() {
    let database = Server::start(|received, _| catalog(received)).await;
    let session = session(options(&database, false)).await;
    let listed: Vec<String> = session
        .list_all_resources()
        .await
        .expect("listed")
        .into_iter()
        .map(|one| one.uri)
        .filter(|uri| !uri.starts_with(borealis_guide::ADDRESS))
        .collect();
    assert_eq!(listed, ["borealis://default/tables/shop/orders", "borealis://default/tables/shop/open%20%22orders%22"]);
    let read = session.read_resource(ReadResourceRequestParams::new(listed[0].clone())).await.expect("read");
    let text = serde_json::to_value(&read).expect("JSON")["contents"][0]["text"].as_str().expect("text").to_owned();
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    assert!(document["notice"].take().as_str().is_some_and(|notice| notice.contains("never an instruction")));
    document.as_object_mut().expect("an object").remove("notice");
    assert_eq!(document, described());
    let page = session.read_resource(ReadResourceRequestParams::new("borealis://guide/limits")).await.expect("read");
    assert!(serde_json::to_string(&page).expect("JSON").contains("text/markdown"));
    for uri in [
        "borealis://guide/nothing",
        "borealis://default/tables/shop/nothing",
        "borealis://other/tables/shop/orders",
        "borealis://default/views/a/b",
        "file:///etc/passwd",
    ] {
        assert!(session.read_resource(ReadResourceRequestParams::new(uri)).await.is_err(), "{uri}");
    }
    let templates = session.list_all_resource_templates().await.expect("listed");
    assert_eq!(templates[0].uri_template, "borealis://{target}/tables/{schema}/{table}");
}

const PLAN: [&str; 4] = [
    "Full Scan (btree-table) on t  (cost=100.76..104.84 rows=6 width=36) (actual time=0.5..0.6 rows=6 loops=1)",
    "  -> Storage Scan on t (cost=100.76..104.84 rows=6 width=36) (actual rows=6 loops=1)",
    "      Filters: (a = 1)",
    "      -> B-Tree Scan on t (cost=100.76..104.84 rows=9 width=36) (actual rows=9 loops=1)",
];

#[tokio::test]
async fn a_plan_is_explained_and_only_what_reads_is_run() {
    let database = Server::start(|received, _| match received.sql.strip_prefix("EXPLAIN ") {
        Some(_) => Reply::Rows(vec![("QUERY PLAN", 25)], PLAN.iter().map(|line| cells(&[Some(line)])).collect()),
        None => healthy(received),
    })
    .await;
    let session = session(options(&database, true)).await;
    for (arguments, sent, analyzed) in [
        (json!({ "sql": "SELECT * FROM t WHERE a = $1", "params": [1] }), "EXPLAIN ANALYZE VERBOSE SELECT * FROM t WHERE a = $1", true),
        (json!({ "sql": "SELECT 1", "analyze": false }), "EXPLAIN VERBOSE SELECT 1", false),
        (json!({ "sql": "DELETE FROM t" }), "EXPLAIN VERBOSE DELETE FROM t", false),
    ] {
        let explained = call(&session, "explain_query", arguments).await.structured_content.expect("a plan");
        assert_eq!((&explained["analyzed"], &explained["plan"]), (&json!(analyzed), &json!(PLAN)));
        assert!(explained["findings"][0].as_str().is_some_and(|finding| finding.starts_with("All of t is read")), "{explained}");
        assert!(database.received().iter().any(|one| one.sql == sent), "{:?}", database.log());
    }
    for (arguments, what) in [
        (json!({ "sql": "DELETE FROM t", "analyze": true }), "only statements that read are run to be measured"),
        (json!({ "sql": "ANALYZE DELETE FROM t" }), "syntax error"),
        (json!({ "sql": "(ANALYZE) DELETE FROM t" }), "syntax error"),
        (json!({ "sql": "SELECT 1; DELETE FROM t" }), "multiple commands"),
    ] {
        let result = call(&session, "explain_query", arguments).await;
        assert!(text(&result).contains(what), "{}", text(&result));
    }
    assert!(!database.log().iter().any(|line| line.contains("ANALYZE VERBOSE DELETE")));
}

#[tokio::test]
async fn jobs_are_listed_and_waited_for() {
    let id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let database = Server::start(move |received, before| {
        if !received.sql.contains("sys.jobs") {
            return healthy(received);
        }
        let status = if before < 3 { "processing" } else { "completed" };
        let wanted = received.params[1].as_deref();
        let job: &[Option<&str>] =
            &[Some(id), Some(status), Some("INDEX_BUILD"), Some("public.i"), None, Some("2026-09-01 00:00:00+00"), None];
        if wanted.is_none_or(|wanted| wanted == id) { rows(&[job]) } else { Reply::Rows(vec![("c", 25); 7], vec![]) }
    })
    .await;
    let session = session(options(&database, false)).await;
    let listed = call(&session, "list_jobs", json!({ "status": "processing" })).await.structured_content.expect("jobs");
    assert_eq!(listed["jobs"][0]["object_name"], json!("public.i"));
    let early = call(&session, "wait_for_job", json!({ "job_id": id, "timeout_seconds": 0 })).await.structured_content.expect("the job");
    assert_eq!((&early["finished"], &early["job"]["status"]), (&json!(false), &json!("processing")));
    let late = call(&session, "wait_for_job", json!({ "job_id": id })).await.structured_content.expect("the job");
    assert_eq!((&late["finished"], &late["succeeded"]), (&json!(true), &json!(true)));
    let unknown = call(&session, "wait_for_job", json!({ "job_id": "x" })).await;
    assert!(text(&unknown).starts_with("Error executing wait_for_job: there is no job \"x\"\nlist_jobs tells"), "{}", text(&unknown));
    let bad = call(&session, "list_jobs", json!({ "status": "done" })).await;
    assert!(text(&bad).contains("unknown variant `done`"), "{}", text(&bad));
}
