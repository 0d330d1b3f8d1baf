//! Two tables compared by checksums of ranges of their key.

use std::collections::BTreeMap;

use borealis_base::{Random as _, SeededRandom};
use borealis_client::{Database, connect};
use borealis_testbed::Setup;
use borealis_transfer::{LivePostgres, Living, Side, VerifyOptions, VerifyProgress, VerifyReport, verify};

use crate::support::Bench;

const ROWS: u32 = 2_000;

/// Ranges of which the table has many.
fn options() -> VerifyOptions {
    VerifyOptions { range_rows: 150, ..VerifyOptions::default() }
}

async fn compared(first: &Database, second: &Database, table: &str, options: &VerifyOptions) -> VerifyReport {
    let side = Side::Table { database: first, table };
    verify(&side, second, table, options, &|_| ()).await.expect("compared")
}

fn shown(report: &VerifyReport) -> Vec<String> {
    let line = |one: &borealis_transfer::Difference| format!("{:?} {} {}", one.kind, one.row, one.detail).trim_end().to_owned();
    report.differences.iter().map(line).collect()
}

/// Two clusters with the same table, filled by a query over `g`.
async fn twins(table: &str, values: &str, rows: u32) -> (Bench, Bench) {
    let benches = (Bench::new(), Bench::new());
    for bench in [&benches.0, &benches.1] {
        bench.run(&[table]).await;
        bench.run(&[&format!("INSERT INTO t SELECT {values} FROM generate_series(0, {rows} - 1) g")]).await;
    }
    benches
}

#[tokio::test]
async fn differences_are_found_in_every_range_and_in_both_directions() {
    let (one, other) = twins("CREATE TABLE t (id int PRIMARY KEY, v text)", "g, 'v' || g", ROWS).await;
    let (first, second) = (one.database(), other.database());
    let options = options();
    let report = compared(&first, &second, "t", &options).await;
    assert!(report.is_equal() && report.read_whole_because.is_none(), "{report:?}");
    assert_eq!((report.equal, report.first_rows, report.second_rows), (2_000, 2_000, 2_000));
    other
        .run(&[
            "DELETE FROM t WHERE id IN (0, 150)",
            "UPDATE t SET v = NULL WHERE id = 149",
            "UPDATE t SET v = NULL WHERE id = 1999",
            "INSERT INTO t VALUES (-7, 'before all'), (2000, 'behind all')",
        ])
        .await;
    let want = [
        "OnlyFirst id=0",
        "OnlyFirst id=150",
        "OnlySecond id=-7",
        "OnlySecond id=2000",
        "Values id=149 v: v149, NULL",
        "Values id=1999 v: v1999, NULL",
    ];
    for (jobs, one_snapshot) in [(1, false), (7, false), (4, true)] {
        let report = compared(&first, &second, "t", &VerifyOptions { jobs, one_snapshot, ..options.clone() }).await;
        assert_eq!(shown(&report), want);
        assert_eq!((report.equal, report.only_first, report.only_second, report.different), (1_996, 2, 2, 2));
        assert_eq!((report.first_rows, report.second_rows), (2_000, 2_000));
    }
    let few = compared(&first, &second, "t", &VerifyOptions { differences_max: 2, ..options }).await;
    assert_eq!((few.differences.len(), few.only_first + few.only_second + few.different), (2, 6));
}

#[tokio::test]
async fn a_side_may_have_nothing_or_much_more() {
    let (one, other) = twins("CREATE TABLE t (id int PRIMARY KEY, v text)", "g, 'v' || g", ROWS).await;
    other.run(&["DELETE FROM t WHERE id >= 5"]).await;
    let (first, second) = (one.database(), other.database());
    let report = compared(&first, &second, "t", &options()).await;
    assert_eq!((report.equal, report.only_first, report.only_second), (5, 1_995, 0));
    let report = compared(&second, &first, "t", &options()).await;
    assert_eq!((report.equal, report.only_first, report.only_second), (5, 0, 1_995));
    assert_eq!((report.first_rows, report.second_rows, report.differences.len()), (5, 2_000, 100));
}

#[tokio::test]
async fn keys_of_several_columns_and_of_text() {
    let table = "CREATE TABLE t (\"Tenant\" varchar(12), n int, at timestamptz, v numeric(8,2), PRIMARY KEY (\"Tenant\", n))";
    let tenant = "CASE g % 4 WHEN 0 THEN 'o''clock\\' WHEN 1 THEN 'Zürich' WHEN 2 THEN '' ELSE 'zebra' END";
    let values = format!("{tenant}, g / 4, timestamptz '2026-01-01 00:00:00+00' + g * interval '1 second', g / 100.0");
    let (one, other) = twins(table, &values, ROWS).await;
    other
        .run(&[
            "UPDATE t SET v = v + 0.01 WHERE \"Tenant\" = 'Zürich' AND n = 321",
            "DELETE FROM t WHERE \"Tenant\" = '' AND n = 0",
            "UPDATE t SET at = at + interval '1 microsecond' WHERE \"Tenant\" = 'o''clock\\' AND n = 499",
        ])
        .await;
    let report = compared(&one.database(), &other.database(), "t", &options()).await;
    assert_eq!(report.read_whole_because, None);
    assert_eq!(report.equal, 1_997);
    assert_eq!(
        shown(&report),
        [
            "OnlyFirst Tenant=, n=0",
            "Values Tenant=Zürich, n=321 v: 12.85, 12.86",
            "Values Tenant=o'clock\\, n=499 at: 2026-01-01 00:33:16+00, 2026-01-01 00:33:16.000001+00",
        ]
    );
}

/// The rows of a side, as a statement that inserts them.
fn insert(rows: &BTreeMap<(u64, u64), u64>) -> String {
    let rows: Vec<String> = rows.iter().map(|((a, b), v)| format!("({a}, '{b}', {v})")).collect();
    format!("INSERT INTO t VALUES {}", rows.join(", "))
}

#[tokio::test]
async fn what_random_changes_come_to() {
    let random = SeededRandom::new(20_261_127);
    let (one, other) = (Bench::new(), Bench::new());
    for bench in [&one, &other] {
        bench.run(&["CREATE TABLE t (a int, b text, v int, PRIMARY KEY (a, b))"]).await;
    }
    for _ in 0..10 {
        let below = |end: u64| random.next_u64() % end;
        let first: BTreeMap<(u64, u64), u64> = (0..1 + below(600)).map(|_| ((below(6), below(300)), below(2))).collect();
        let mut second = first.clone();
        for _ in 0..below(40) {
            match below(3) {
                0 => {
                    second.insert((below(6), below(300)), below(2));
                }
                1 => {
                    second.remove(&(below(6), below(300)));
                }
                _ => second.retain(|(a, b), _| a % 5 != 1 || b % 100 != 7),
            }
        }
        second.insert((9, 9), 9);
        for (bench, rows) in [(&one, &first), (&other, &second)] {
            bench.run(&["DELETE FROM t", &insert(rows)]).await;
        }
        let range_rows = 1 + below(70);
        let report = compared(&one.database(), &other.database(), "t", &VerifyOptions { range_rows, ..options() }).await;
        let both = |same: bool| first.iter().filter(|(key, v)| second.get(key).is_some_and(|other| (other == *v) == same)).count();
        let alone = |here: &BTreeMap<_, _>, there: &BTreeMap<_, _>| here.keys().filter(|key| !there.contains_key(*key)).count();
        let want = [both(true), both(false), alone(&first, &second), alone(&second, &first)].map(|count| count as u64);
        assert_eq!([report.equal, report.different, report.only_first, report.only_second], want, "ranges of {range_rows}");
        assert_eq!((report.first_rows, report.second_rows), (first.len() as u64, second.len() as u64));
    }
}

#[tokio::test]
async fn what_has_no_key_in_common_is_read_whole() {
    let (one, other) = (Bench::new(), Bench::new());
    one.run(&["CREATE TABLE t (a int, b int)", "CREATE TABLE u (a int, b int, PRIMARY KEY (a, b))", "CREATE TABLE w (a int PRIMARY KEY)"])
        .await;
    other
        .run(&["CREATE TABLE t (a int, b int)", "CREATE TABLE u (a int, b int, PRIMARY KEY (b, a))", "CREATE TABLE w (a text PRIMARY KEY)"])
        .await;
    for bench in [&one, &other] {
        for table in ["t", "u"] {
            bench.run(&[&format!("INSERT INTO {table} SELECT g, -g FROM generate_series(1, 100) g")]).await;
        }
        bench.run(&["INSERT INTO w VALUES ('1'), ('10'), ('2')"]).await;
    }
    let (first, second) = (one.database(), other.database());
    for (table, why) in [
        ("t", "public.t has no primary key"),
        ("u", "the primary keys are other columns: a, b and b, a"),
        ("w", "the key column \"a\" is text here and integer there"),
    ] {
        let report = compared(&first, &second, table, &options()).await;
        assert_eq!((report.is_equal(), report.read_whole_because.as_deref()), (true, Some(why)));
    }
    let by_b = VerifyOptions { key: Some(vec!["b".to_owned()]), ..options() };
    let side = Side::Table { database: &first, table: "u" };
    let report = verify(&side, &first, "u", &by_b, &|_| ()).await.expect("compared");
    assert_eq!(report.read_whole_because.as_deref(), Some("--key names other columns than the primary key, a, b"));
}

#[tokio::test]
async fn keys_of_types_that_are_ordered_alike() {
    let (one, other) = (Bench::new(), Bench::new());
    one.run(&["CREATE TABLE t (a int, b varchar(3), PRIMARY KEY (a, b))", "INSERT INTO t VALUES (1, 'abc'), (2147483647, 'z')"]).await;
    other.run(&["CREATE TABLE t (a bigint, b text, PRIMARY KEY (a, b))"]).await;
    other.run(&["INSERT INTO t VALUES (1, 'abc'), (1, 'abcd'), (2147483647, 'z'), (2147483648, '')"]).await;
    let report = compared(&one.database(), &other.database(), "t", &options()).await;
    assert_eq!(shown(&report), ["OnlySecond a=1, b=abcd", "OnlySecond a=2147483648, b="]);
    assert_eq!((report.equal, report.read_whole_because), (2, None));
}

#[tokio::test]
async fn rows_too_large_to_be_fetched_together() {
    let (one, other) = twins("CREATE TABLE t (id int PRIMARY KEY, v text)", "g, repeat('x', 1000000)", 0).await;
    for bench in [&one, &other] {
        for id in 0..12 {
            bench.run(&[&format!("INSERT INTO t VALUES ({id}, repeat('{}', 1000000))", id % 10)]).await;
        }
    }
    other.run(&["UPDATE t SET v = v || '.' WHERE id = 7"]).await;
    let report = compared(&one.database(), &other.database(), "t", &options()).await;
    assert_eq!((report.equal, report.different, report.differences[0].row.as_str()), (11, 1, "id=7"));
}

#[tokio::test]
async fn what_was_under_way_is_equal_at_the_second_look() {
    let (one, other) = twins("CREATE TABLE t (id int PRIMARY KEY, v text)", "g, 'v' || g", ROWS).await;
    other.run(&["UPDATE t SET v = 'late' WHERE id = 3", "UPDATE t SET v = 'wrong' WHERE id = 4"]).await;
    let endpoint = other.server.endpoint();
    // Every range has been compared once when both sides have been gone through.
    let mend = move |progress: VerifyProgress| {
        if progress.rows == 2 * u64::from(ROWS) {
            let endpoint = endpoint.clone();
            let mending = std::thread::Builder::new().spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async {
                    let mut connection = connect(&endpoint).await.expect("a connection");
                    connection.simple("UPDATE t SET v = 'v3' WHERE id = 3").await.expect("mended");
                });
            });
            mending.expect("a thread").join().expect("mended");
        }
    };
    let (first, second) = (one.database(), other.database());
    let side = Side::Table { database: &first, table: "t" };
    let report = verify(&side, &second, "t", &options(), &mend).await.expect("compared");
    assert_eq!(shown(&report), ["Values id=4 v: v4, wrong"]);
    assert_eq!(report.equal, 1_999);
}

#[tokio::test]
async fn a_snapshot_that_has_grown_too_old_says_what_to_do() {
    let bench = Bench::with(&Setup { limits: &["transaction-age-seconds=1"], ..Setup::default() });
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)"]).await;
    let database = bench.database();
    let side = Side::Table { database: &database, table: "u" };
    let options = VerifyOptions { one_snapshot: true, ..options() };
    let (_sender, never) = std::sync::mpsc::channel::<()>();
    let never = std::sync::Mutex::new(never);
    // The transaction grows old between the first look and the second.
    let wait = |_: VerifyProgress| {
        let waited = never.lock().expect("one at a time").recv_timeout(std::time::Duration::from_millis(1_200));
        waited.expect_err("nothing is sent");
    };
    let error = verify(&side, &database, "t", &options, &wait).await.expect_err("too old").to_string();
    assert!(error.contains("(a transaction lives five minutes: compare without --one-snapshot, or parts of the table)"), "{error}");
}

/// A database of the PostgreSQL that the environment names, made anew.
async fn postgres(name: &str, options: &str) -> Database {
    let address = std::env::var("BOREALIS_POSTGRES").expect("HOST:PORT of a PostgreSQL that trusts its user postgres");
    let of = |database: &str| {
        let url = format!("postgres://postgres@{address}/{database}?sslmode=disable");
        LivePostgres::parse(&url, Living::default()).expect("a URL").endpoint
    };
    let mut connection = connect(&of("postgres")).await.expect("PostgreSQL runs");
    for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name} TEMPLATE template0 {options}")] {
        connection.simple(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    Database::new(of(name))
}

#[tokio::test]
#[ignore = "needs a PostgreSQL: python3 tests/e2e/databases.py cargo test -p borealis-transfer -- --ignored; `make e2e` has it"]
async fn a_postgresql_that_sorts_by_a_language_is_read_whole() {
    let bench = Bench::new();
    let table = "CREATE TABLE t (name text PRIMARY KEY, v int)";
    let rows = "INSERT INTO t VALUES ('a', 1), ('B', 2), ('é', 3), ('z', 4), ('Z', 5)";
    bench.run(&[table, rows]).await;
    for (name, locale, column, why) in [
        ("borealis_verify_icu", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'", "text", true),
        ("borealis_verify_c", "LOCALE 'C'", "text", false),
        ("borealis_verify_icu", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'", "text COLLATE \"C\"", false),
        ("borealis_verify_c", "LOCALE 'C'", "text COLLATE \"en-x-icu\"", true),
    ] {
        let database = postgres(name, locale).await;
        let mut connection = connect(database.endpoint()).await.expect("a connection");
        for sql in [&table.replace("text", column), rows, "UPDATE t SET v = 6 WHERE name = 'Z'"] {
            connection.simple(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        let report = compared(&database, &bench.database(), "t", &options()).await;
        assert_eq!(shown(&report), ["Values name=Z v: 6, 5"]);
        let because =
            format!("public.t at {} sorts the key column \"name\" by another collation than C", database.endpoint().address_text());
        assert_eq!(report.read_whole_because, why.then_some(because));
    }
}

#[tokio::test]
#[ignore = "needs a PostgreSQL: python3 tests/e2e/databases.py cargo test -p borealis-transfer -- --ignored; `make e2e` has it"]
async fn settings_of_a_postgresql_do_not_make_values_differ() {
    let database = postgres("borealis_verify_settings", "LOCALE 'C'").await;
    let mut connection = connect(database.endpoint()).await.expect("a connection");
    for setting in [
        "extra_float_digits = -3",
        "timezone = 'Asia/Tokyo'",
        "bytea_output = 'escape'",
        "intervalstyle = 'iso_8601'",
        "datestyle = 'German'",
    ] {
        connection.simple(&format!("ALTER DATABASE borealis_verify_settings SET {setting}")).await.expect("set");
    }
    let bench = Bench::new();
    let columns = "id int PRIMARY KEY, f double precision, r real, at timestamptz, raw bytea, i interval, d date, b boolean, j jsonb, n numeric, c char(4)";
    let rows = "INSERT INTO t SELECT g, g / 7.0, g / 3.0, timestamptz '2026-03-29 00:30:00+00' + g * interval '1 minute', \
                decode(md5(g::text), 'hex'), g * interval '1 day 02:03:04.5', date '2026-01-01' + g, g % 2 = 0, \
                jsonb_build_object('b', g, 'a', NULL), g * 1.10, 'x' || g % 10 FROM generate_series(1, 2500) g";
    bench.run(&[&format!("CREATE TABLE t ({columns}, tags jsonb)"), rows]).await;
    bench.run(&["UPDATE t SET tags = '[\"a\", \"b c\"]'"]).await;
    let mut connection = connect(database.endpoint()).await.expect("a connection");
    for sql in [&format!("CREATE TABLE t ({columns}, tags text[])"), rows, "UPDATE t SET tags = '{a,b c}'"] {
        connection.simple(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let report = compared(&database, &bench.database(), "t", &options()).await;
    assert!(report.is_equal(), "{:?}", shown(&report));
    assert_eq!((report.equal, report.read_whole_because), (2_500, None));
}
