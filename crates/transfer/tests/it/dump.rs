//! What a dump says, and that it says everything.

use std::process::Command;

use borealis_client::Endpoint;
use borealis_transfer::{DumpFormat, DumpOptions, LoadOptions, Source, dump};

use crate::support::{Bench, source};

/// A database with one of everything that a dump has to carry.
const SCHEMA: &[&str] = &[
    "CREATE SCHEMA shop",
    "CREATE ROLE clerk WITH LOGIN",
    "CREATE DOMAIN shop.price AS numeric(10,2) DEFAULT 0 NOT NULL CONSTRAINT positive CHECK (VALUE >= 0)",
    "CREATE SEQUENCE shop.numbers START WITH 100 INCREMENT BY 5 CACHE 1",
    "CREATE TABLE shop.customer (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, \"Name\" varchar(40) NOT NULL, born date, note text, \
     UNIQUE (\"Name\"))",
    "CREATE TABLE shop.item (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY, price shop.price, tax numeric(10,2) \
     GENERATED ALWAYS AS (price * 0.2) STORED, number bigint DEFAULT nextval('shop.numbers'), doc jsonb, raw bytea, ok boolean, \
     weight double precision, at timestamptz, CHECK (weight > 0))",
    "CREATE TABLE shop.sale (customer uuid, item bigint, amount int NOT NULL DEFAULT 1, PRIMARY KEY (customer, item), \
     FOREIGN KEY (customer) REFERENCES shop.customer (id) ON DELETE CASCADE)",
    "CREATE TABLE shop.folder (id int PRIMARY KEY, parent int REFERENCES shop.folder (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE FUNCTION shop.twice(x int) RETURNS int LANGUAGE sql IMMUTABLE RETURN x * 2",
    "CREATE VIEW shop.big AS SELECT id, price FROM shop.item WHERE price > 10",
    "CREATE VIEW shop.aa_names AS SELECT b.id FROM shop.big b",
    "CREATE INDEX ASYNC sale_amount ON shop.sale (amount) INCLUDE (item) WHERE amount > 1",
    "CREATE UNIQUE INDEX ASYNC customer_lower ON shop.customer (lower(\"Name\"))",
    "COMMENT ON TABLE shop.customer IS 'who\\ buys, it''s'",
    "COMMENT ON COLUMN shop.customer.\"Name\" IS 'as on the card'",
    "GRANT USAGE ON SCHEMA shop TO clerk",
    "GRANT SELECT, INSERT ON shop.sale TO clerk",
    "INSERT INTO shop.customer VALUES ('6e0a3e1c-0000-4000-8000-000000000001', E'tab\\there', '1999-12-31', E'line\\nbreak \\\\ back'), \
     ('6e0a3e1c-0000-4000-8000-000000000002', 'O''Hara', NULL, '')",
    "INSERT INTO shop.item (price, doc, raw, ok, weight, at) VALUES (9.99, '{\"a\": [1, null]}', '\\xdeadbeef', true, 1.5, \
     '2026-01-02 03:04:05.678+00'), (10.5, NULL, NULL, false, 'NaN', NULL), (11, '\"\\\\n\"', '\\x', NULL, 'Infinity', NULL)",
    "INSERT INTO shop.sale VALUES ('6e0a3e1c-0000-4000-8000-000000000001', 1, 3)",
    "INSERT INTO shop.folder VALUES (2, 1), (1, NULL), (3, 3)",
];

async fn dumped(bench: &Bench, options: &DumpOptions) -> String {
    let mut out = Vec::new();
    dump(&bench.database(), options, &mut out, &|_| ()).await.expect("dumped");
    String::from_utf8(out).expect("text")
}

/// Waits for every job, as a user would.
async fn finish_jobs(bench: &Bench) {
    for job in bench.rows("SELECT job_id FROM sys.jobs WHERE job_type <> 'ANALYZE' ORDER BY job_id").await {
        bench.run(&[&format!("CALL sys.wait_for_job('{job}')")]).await;
    }
}

/// Runs a dump as its first lines say.
fn restore(endpoint: &Endpoint, bench: &Bench, name: &str, text: &str) {
    let file = bench.file(name, text);
    let target = format!("host={} port={} user=admin dbname=postgres sslmode=disable", endpoint.host, endpoint.port);
    let output = Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &target, "-f"]).arg(file).output();
    let output = output.expect("psql is installed");
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_restored_dump_dumps_the_same_bytes() {
    let original = Bench::new();
    original.run(SCHEMA).await;
    finish_jobs(&original).await;
    for format in [DumpFormat::Sql, DumpFormat::Inserts] {
        let options = DumpOptions { format, ..DumpOptions::default() };
        let text = dumped(&original, &options).await;
        let copy = Bench::new();
        copy.run(&["CREATE ROLE clerk WITH LOGIN"]).await;
        if format == DumpFormat::Sql {
            restore(&copy.server.endpoint(), &copy, "dump.sql", &text);
        } else {
            let source = Source { schema: true, ..source(&copy.file("dump.sql", &text)) };
            copy.load(&source, &LoadOptions::default()).await.expect("restored");
        }
        finish_jobs(&copy).await;
        assert_eq!(dumped(&copy, &options).await, text);
        // The counters go on behind the values that are there.
        copy.run(&["INSERT INTO shop.item (price) VALUES (1)"]).await;
        assert_eq!(copy.rows("SELECT id, number FROM shop.item ORDER BY id DESC LIMIT 1").await, ["4|115"]);
    }
}

#[tokio::test]
async fn what_a_dump_says() {
    let bench = Bench::new();
    bench.run(SCHEMA).await;
    finish_jobs(&bench).await;
    let text = dumped(&bench, &DumpOptions::default()).await;
    for part in [
        "CREATE DOMAIN shop.price AS numeric(10,2) DEFAULT 0 NOT NULL\n    CONSTRAINT positive CHECK ((VALUE >= (0)::numeric))",
        "CREATE SEQUENCE shop.numbers START WITH 100 INCREMENT BY 5",
        "    CONSTRAINT sale_pkey PRIMARY KEY (customer, item)\n);",
        "\nCOPY shop.customer (id, \"Name\", born, note) FROM stdin;\n6e0a3e1c-0000-4000-8000-000000000001\ttab\\there\t1999-12-31\tline\\nbreak \\\\ back\n",
        "SELECT pg_catalog.setval('shop.numbers', 110, true);",
        "ALTER TABLE shop.folder ADD CONSTRAINT folder_parent_fkey FOREIGN KEY (parent) REFERENCES shop.folder(id) DEFERRABLE INITIALLY DEFERRED NOT VALID;",
        "ALTER TABLE ASYNC shop.folder VALIDATE CONSTRAINT folder_parent_fkey \\gset\nCALL sys.wait_for_job(:'job_id');",
        "CREATE INDEX ASYNC sale_amount ON shop.sale (amount) INCLUDE (item) WHERE (amount > 1) \\gset\n",
        "GRANT INSERT, SELECT ON TABLE shop.sale TO clerk;",
        "GRANT USAGE ON SCHEMA shop TO clerk;",
        "COMMENT ON COLUMN shop.customer.\"Name\" IS 'as on the card';",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
    assert!(text.find("VIEW shop.big ").expect("a view") < text.find("VIEW shop.aa_names ").expect("a view on it"));
    let rows_only = dumped(&bench, &DumpOptions { data_only: true, ..DumpOptions::default() }).await;
    assert!(!rows_only.contains("CREATE") && rows_only.contains("COPY shop.folder"));
    let schema_only = dumped(&bench, &DumpOptions { schema_only: true, ..DumpOptions::default() }).await;
    assert!(!schema_only.contains("COPY") && !schema_only.contains("setval") && schema_only.contains("CREATE TABLE shop.folder"));
    let one = dumped(&bench, &DumpOptions { tables: vec!["shop.sale".to_owned()], ..DumpOptions::default() }).await;
    assert!(one.contains("CREATE TABLE shop.sale") && one.contains("sale_amount") && !one.contains("CREATE TABLE shop.item"), "{one}");
}

#[tokio::test]
async fn rows_of_one_table_in_other_forms() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, a text, b boolean, n numeric, d double precision)"]).await;
    bench.run(&["INSERT INTO t VALUES (1, E'x,\"y\"\\n', true, 1.50, 'NaN'), (2, NULL, false, NULL, 2)"]).await;
    let form = |format| DumpOptions { tables: vec!["t".to_owned()], format, ..DumpOptions::default() };
    assert_eq!(dumped(&bench, &form(DumpFormat::Csv)).await, "id,a,b,n,d\n1,\"x,\"\"y\"\"\n\",t,1.50,NaN\n2,,f,,2\n");
    assert_eq!(
        dumped(&bench, &form(DumpFormat::JsonLines)).await,
        "{\"id\":1,\"a\":\"x,\\\"y\\\"\\n\",\"b\":true,\"n\":1.50,\"d\":\"NaN\"}\n{\"id\":2,\"a\":null,\"b\":false,\"n\":null,\"d\":2}\n"
    );
}

#[tokio::test]
async fn blocks_fit_into_transactions() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY)"]).await;
    for start in [0, 3000, 6000] {
        bench.run(&[&format!("INSERT INTO t SELECT generate_series({start}, {start} + 2999)")]).await;
    }
    bench.run(&["INSERT INTO t VALUES (9000)"]).await;
    let text = dumped(&bench, &DumpOptions { data_only: true, ..DumpOptions::default() }).await;
    assert_eq!(text.matches("COPY public.t (id) FROM stdin;\n").count(), 4);
}
