//! How long 10,000 statements take.

use std::time::Duration;

use borealis_base::{Clock, SystemClock};
use borealis_lint::{Options, lint};

/// A dump of a schema and the statements of an application: tables with what a linter looks at, indexes, changes, queries.
fn statements(count: usize) -> String {
    let forms: &[fn(usize) -> String] = &[
        |n| {
            format!(
                "CREATE TABLE t{n} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), customer uuid NOT NULL, note varchar(200), at timestamptz DEFAULT now(), price numeric(12,2) CHECK (price >= 0));\n"
            )
        },
        |n| format!("CREATE INDEX ASYNC i{n} ON t{0} (customer, at) INCLUDE (price);\n", n - 1),
        |n| format!("ALTER TABLE t{0} ADD COLUMN extra text;\n", n - 2),
        |n| {
            format!(
                "INSERT INTO t{0} (id, customer, note) VALUES (gen_random_uuid(), gen_random_uuid(), 'it''s'), (gen_random_uuid(), gen_random_uuid(), NULL);\n",
                n - 3
            )
        },
        |n| {
            format!(
                "SELECT a.id, count(*) FROM t{0} a JOIN t{0} b ON b.customer = a.customer WHERE a.price > 10 AND b.note LIKE 'x%' GROUP BY a.id ORDER BY 2 DESC LIMIT 10;\n",
                n - 4
            )
        },
        |n| format!("UPDATE t{0} SET note = 'x' WHERE id = '00000000-0000-0000-0000-000000000000';\n", n - 5),
        |n| format!("DELETE FROM t{0} WHERE at < now();\n", n - 6),
        |n| format!("CREATE INDEX j{n} ON t{0} USING btree (note DESC);\n", n - 7),
        |n| format!("ALTER TABLE ONLY t{0} ADD CONSTRAINT k{n} CHECK (note <> '');\n", n - 8),
        |n| format!("DROP TABLE t{0};\n", n - 9),
    ];
    (0..count).map(|n| forms[n % forms.len()](n)).collect()
}

/// Tables, and ten indexes of each: a catalog that grows with every statement.
fn indexes(create: &str) -> String {
    let table = |n: usize| format!("CREATE TABLE t{n} (id uuid PRIMARY KEY, a int, b text);\n");
    let index = |n: usize| format!("{create} i{n} ON t{0} (a, b);\n", n % 900);
    (0..900).map(table).chain((0..9100).map(index)).collect()
}

fn measured(what: &str, run: impl FnOnce() -> usize) -> Duration {
    let clock = SystemClock::default();
    let start = clock.monotonic();
    let findings = run();
    let took = clock.monotonic() - start;
    println!("{what}: {findings} findings in {took:?}");
    took
}

/// With the release profile, as below.
#[test]
#[ignore = "a measurement"]
fn ten_thousand_statements_over_a_large_schema_take_less_than_a_second() {
    let options = Options::default();
    let (accepted, refused) = (indexes("CREATE INDEX ASYNC"), indexes("CREATE INDEX"));
    let took = measured("accepted", || lint(&accepted, &options).findings.len());
    assert!(took < Duration::from_secs(1), "{took:?}");
    let took = measured("refused", || lint(&refused, &options).findings.len());
    assert!(took < Duration::from_secs(1), "{took:?}");
    let report = lint(&refused, &options);
    // Twice through the text: to mend it, and to see that nothing is left.
    let took = measured("mended", || report.fix(false).remaining.findings.len());
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// With the release profile: `cargo test -p borealis-lint --release --test speed -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn ten_thousand_statements_take_less_than_a_second() {
    let (clock, text) = (SystemClock::default(), statements(10_000));
    let start = clock.monotonic();
    let report = lint(&text, &Options::default());
    let took = clock.monotonic() - start;
    println!("{} bytes, {} findings: {took:?}", text.len(), report.findings.len());
    assert!(report.findings.len() >= 2000);
    assert!(took < Duration::from_secs(1), "{took:?}");
}
