//! A living database as a source. MariaDB and PostgreSQL themselves are asked in tests/e2e/sources.py.

use borealis_transfer::{Input, LivePostgres, LoadOptions, Source};

use crate::support::{Bench, counts};

/// A cluster speaks the protocol as well as a PostgreSQL does, and is always there.
fn of(bench: &Bench, tables: &[&str]) -> Source {
    let tables = tables.iter().map(|table| (*table).to_owned()).collect();
    Source::new(Input::Postgres(Box::new(LivePostgres { endpoint: bench.server.endpoint(), tables })))
}

#[tokio::test]
async fn all_tables_come_in_an_order_in_which_they_can_refer_to_each_other() {
    let (original, copy) = (Bench::new(), Bench::new());
    for bench in [&original, &copy] {
        bench
            .run(&[
                "CREATE TABLE z_parent (id int PRIMARY KEY, v text)",
                "CREATE TABLE a_child (id int PRIMARY KEY, parent int REFERENCES z_parent, twice int GENERATED ALWAYS AS (id * 2) STORED)",
            ])
            .await;
    }
    original
        .run(&[
            "INSERT INTO z_parent SELECT g, E'tab\\t' || g FROM generate_series(1, 3000) g",
            "INSERT INTO a_child (id, parent) SELECT g, g FROM generate_series(1, 3000) g",
        ])
        .await;
    let options = LoadOptions { batch_rows: 100, ..LoadOptions::default() };
    assert_eq!(counts(&copy.load(&of(&original, &[]), &options).await.expect("loaded")), "6000/0/0/0");
    assert_eq!(copy.rows("SELECT count(*), sum(twice) FROM a_child").await, ["3000|9003000"]);
    copy.run(&["CREATE TABLE other (id int, v text)"]).await;
    let report = copy.load(&of(&original, &["z_parent"]), &LoadOptions::new("other")).await.expect("loaded");
    assert_eq!(counts(&report), "3000/0/0/0");
}
