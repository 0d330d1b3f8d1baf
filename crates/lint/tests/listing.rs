//! Every rule that `--list-rules` names finds something under that very name: otherwise `--ignore` and `--severity` would name nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use borealis_dialect::{Dialect, Verdict, examples, lookup, rows};
use borealis_lint::{Linter, Options, lint, rules};

/// What the dialect table's examples talk about.
const SETUP: &str = "CREATE TABLE t (id int PRIMARY KEY, a text, b int);
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE d (v int);
CREATE UNIQUE INDEX ASYNC d_i ON d (v);
";

fn options(dialect: Dialect) -> Options {
    Options { dialect, tenant_column: Some("tenant_id".to_owned()), ..Options::default() }
}

/// The rules that find something in `statement`, over the examples' tables.
fn fired(statement: &str, dialect: Dialect) -> BTreeSet<String> {
    let mut linter = Linter::new(options(dialect));
    linter.lint(SETUP);
    linter.lint(statement).findings.into_iter().map(|finding| finding.rule).collect()
}

/// Statements for rows that the table itself has no example of: types, limits, and what needs more than one statement.
fn statements() -> Vec<String> {
    let listed = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(", ");
    let several = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<String>();
    let types = rows().iter().filter(|row| row.family() == "type" && !matches!(row.form(), "*" | "array"));
    let mut all: Vec<String> = types.map(|row| format!("CREATE TABLE x (c {})", row.form())).collect();
    all.extend(
        [
            "CREATE TABLE x (c int[])",
            "CREATE TABLE x (c tstzrange)",
            "CREATE TABLE x (c interval PRIMARY KEY)",
            "CREATE TABLE x (c jsonb PRIMARY KEY)",
            "BEGIN; CREATE TABLE x (a int); CREATE TABLE y (a int); COMMIT;",
            "BEGIN; CREATE TABLE x (a int); INSERT INTO t VALUES (1); COMMIT;",
            "CREATE TABLE x (c varchar(65536))",
            "CREATE TABLE x (c char(4097))",
            "CREATE TABLE x (c numeric(1001))",
            "CREATE TABLE x (c numeric(39))",
            "CREATE TABLE x (c numeric(10, 1001))",
            "CREATE TABLE x (c numeric(38, 38))",
            "CREATE TABLE x (a1 int, a2 int, a3 int, a4 int, a5 int, a6 int, a7 int, a8 int, a9 int, PRIMARY KEY (a1, a2, a3, a4, a5, a6, a7, a8, a9))",
            "CREATE STATISTICS s ON a, b FROM t; ALTER STATISTICS s SET STATISTICS 10001",
            "ALTER TABLE t ALTER COLUMN a SET STATISTICS 10001",
            "ALTER SEQUENCE s SET LOGGED",
            "UPDATE t SET a[1] = 'x'",
            "UPDATE t SET a.b = 'x'",
            "EXPLAIN (BUFFERS) SELECT 1",
            "EXPLAIN (SETTINGS) SELECT 1",
            "EXPLAIN (GENERIC_PLAN) SELECT 1",
            "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SEARCH DEPTH FIRST BY n SET o SELECT * FROM r",
            "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) CYCLE n SET c USING p SELECT * FROM r",
            "ANALYZE (SKIP_LOCKED) t",
            "SELECT",
            "SELEC 1",
            "COPY t FROM stdin;\n1\t2\n",
            "\\d t\n",
            "-- borealis-lint: disable=nothing\nSELECT 1;",
        ]
        .map(str::to_owned),
    );
    all.push(format!("CREATE TABLE x ({})", listed(257, &|n| format!("c{n} int"))));
    all.push(format!("CREATE TABLE x (id int PRIMARY KEY, {})", listed(300, &|n| format!("c{n} int"))));
    all.push(several(26, &|n| format!("CREATE INDEX ASYNC i{n} ON t (a);\n")));
    let depth = usize::try_from(borealis_dialect::limit("syntax depth", Dialect::default())).unwrap() + 1;
    all.push(format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth)));
    all.push(format!("INSERT INTO t (id) VALUES {}", listed(3001, &|n| format!("({n})"))));
    all.push(format!("CREATE VIEW v AS SELECT '{}' AS a", "x".repeat(3 << 20)));
    all
}

/// Texts that reach limits on the number of objects; the same in every dialect that has the objects.
fn crowds() -> [String; 6] {
    let several = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<String>();
    [
        several(11, &|n| format!("CREATE SCHEMA s{n};\n")),
        several(1001, &|n| format!("CREATE TABLE x{n} (a int);\n")),
        several(5001, &|n| format!("CREATE VIEW v{n} AS SELECT 1 AS a;\n")),
        several(5001, &|n| format!("CREATE SEQUENCE s{n} CACHE 1;\n")),
        several(101, &|n| format!("CREATE STATISTICS s{n} ON a, b FROM t;\n")),
        several(1700, &|n| format!("ALTER TABLE p ADD COLUMN c{n} int;\nALTER TABLE p DROP COLUMN c{n};\n")),
    ]
}

/// Everything that fires in the rules' own examples.
fn of_examples(dialect: Dialect, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(Path::new("src/rules")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            let text = std::fs::read_to_string(path).unwrap();
            let texts = text.split("--- ").filter_map(|section| section.strip_prefix("bad")).filter_map(|bad| bad.split_once('\n'));
            texts.for_each(|(_, body)| found.extend(lint(body, &options(dialect)).findings.into_iter().map(|finding| finding.rule)));
        }
    }
}

#[test]
fn every_listed_rule_fires_under_its_name() {
    let statements = statements();
    let crowded: BTreeSet<String> = crowds().iter().flat_map(|text| fired(text, Dialect::default())).collect();
    for dialect in Dialect::ALL {
        let mut found: BTreeSet<String> = examples().flat_map(|(_, statement)| fired(statement, dialect)).collect();
        found.extend(statements.iter().flat_map(|statement| fired(statement, dialect)));
        found.extend(crowded.iter().filter(|rule| rule.starts_with("limit/")).cloned());
        of_examples(dialect, &mut found);
        found.extend(Linter::new(options(dialect)).lint_bytes(b"SELECT '\xff';").findings.into_iter().map(|finding| finding.rule));
        found.insert("sql".to_owned());
        let silent: Vec<String> = rules(dialect).into_iter().map(|rule| rule.id).filter(|id| !found.contains(id)).collect();
        assert_eq!(silent, Vec::<String>::new(), "{dialect}: rules that find nothing under their names");
    }
}

/// A refusal that has a row has its name, its advice and its fix; it is no error of PostgreSQL's own.
#[test]
fn every_example_of_the_dialect_is_found_by_a_rule() {
    let mut problems = String::new();
    for dialect in Dialect::ALL {
        for (key, statement) in examples() {
            // Whether an index was built is known when the statement runs.
            let refused = lookup(key, dialect).is_some_and(|row| row.verdict == Verdict::Refused) && key != "index/invalid";
            let found = fired(statement, dialect);
            if refused && (found.is_empty() || found.iter().any(|rule| rule.starts_with("sql/"))) {
                let _ = writeln!(problems, "{dialect} {key}: {statement}\n  {found:?}");
            }
        }
    }
    assert!(problems.is_empty(), "{problems}");
}
