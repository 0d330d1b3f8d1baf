//! Random statements over two tenants' rows, held against a database in which the other tenant has none.
//!
//! For every statement: a guarded session on the full database answers what a session without guard answers where only the tenant's rows exist, and so does
//! the statement's confined text in a session that knows nothing of the guard. After every write the other tenant's rows are what they were.
//! A failure names the seed and the statement.

mod generator;

use borealis_dialect::Dialect;
use borealis_sql::guard::{CatalogFacts, Enforcement, Guard, confine};
use borealis_sql::parse::parse;

use crate::testing::{TestCluster, TestSession};
use generator::Generator;

const SEEDS: std::ops::Range<u64> = 1..9;
const STATEMENTS: usize = 120;

const SCHEMA: &[&str] = &[
    "CREATE TABLE orders (tenant_id text NOT NULL DEFAULT 'a', id int, customer_id int, amount int, note text, PRIMARY KEY (tenant_id, id))",
    "CREATE TABLE customers (id int, grade int, name text, tenant_id text NOT NULL DEFAULT 'a', PRIMARY KEY (id, tenant_id))",
    "CREATE TABLE countries (code int PRIMARY KEY, name text)",
    "CREATE VIEW large AS SELECT o.id, o.note, c.grade FROM orders o LEFT JOIN customers c ON c.id = o.customer_id WHERE o.amount > 3",
    "INSERT INTO countries VALUES (1, 'one'), (2, 'two'), (3, 'three')",
];

/// Numbers for notes: reading one as a number never fails.
const OWN: &[&str] = &[
    "INSERT INTO orders SELECT 'a', g, g % 4, (g * 7) % 11, (g * 3)::text FROM generate_series(1, 12) g",
    "INSERT INTO customers SELECT g, g % 3, (g + 5)::text, 'a' FROM generate_series(0, 4) g",
];

/// Words for notes, so that reading one as a number fails; keys that are also the tenant's, and others; amounts of zero.
const FOREIGN: &[&str] = &[
    "INSERT INTO orders SELECT 'b', g, g % 5, (g * 5) % 7, 'secret ' || g FROM generate_series(5, 25) g",
    "INSERT INTO customers SELECT g, 7, 'word', 'b' FROM generate_series(2, 9) g",
];

struct Trial {
    cluster: TestCluster,
    session: TestSession,
}

impl Trial {
    fn new(rows: &[&[&str]]) -> Self {
        let cluster = TestCluster::memory();
        let mut session = cluster.session();
        for statement in std::iter::once(&SCHEMA).chain(rows.iter()).copied().flatten() {
            let answer = session.run(statement);
            assert!(!answer.contains("ERROR"), "{statement}\n{answer}");
        }
        Self { cluster, session }
    }

    fn guarded(mut self) -> Self {
        assert_eq!(self.session.run("SET borealis.tenant_guard = 'column=tenant_id,value=a,shared=countries'"), "SET");
        self
    }
}

/// Lines in any order: the statements do not say in which.
fn sorted(answer: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = answer.lines().collect();
    lines.sort_unstable();
    lines
}

/// The statement as it would be sent to a database without guards.
fn confined_text(cluster: &TestCluster, statement: &str) -> String {
    let catalog = cluster.cluster.catalog().expect("a catalog");
    let path: Vec<_> = ["pg_catalog", "public"].iter().filter_map(|name| catalog.schema(name)).map(|schema| schema.oid).collect();
    let facts = CatalogFacts { catalog: &catalog, search_path: &path };
    let guard = Guard::new("tenant_id", "a").with_shared("countries");
    let parsed = parse(statement, Dialect::default()).expect(statement).remove(0).statement.expect(statement);
    let confined =
        confine(&parsed, &guard, &facts, Dialect::default(), Enforcement::Text).unwrap_or_else(|error| panic!("{statement}\n{error:?}"));
    confined.text().expect("a statement that touches relations")
}

#[test]
fn no_row_of_another_tenant_is_read_or_changed() {
    const OTHERS: &str =
        "SELECT * FROM orders WHERE tenant_id <> 'a' ORDER BY id; SELECT * FROM customers WHERE tenant_id <> 'a' ORDER BY id";
    let (mut answered, mut failed, mut written) = (0, 0, 0);
    for seed in SEEDS {
        let mut generator = Generator::new(seed);
        let mut alone = Trial::new(&[OWN]);
        let mut guarded = Trial::new(&[OWN, FOREIGN]).guarded();
        let mut by_text = Trial::new(&[OWN, FOREIGN]);
        let mut others = guarded.cluster.session();
        let before = others.run(OTHERS);
        for _ in 0..STATEMENTS {
            let statement = generator.statement();
            let expected = alone.session.run(&statement);
            let got = guarded.session.run(&statement);
            assert_eq!(sorted(&got), sorted(&expected), "seed {seed}: {statement}");
            let text = confined_text(&by_text.cluster, &statement);
            assert_eq!(sorted(&by_text.session.run(&text)), sorted(&expected), "seed {seed}: {statement}\n{text}");
            failed += usize::from(expected.contains("ERROR"));
            answered += usize::from(expected.lines().count() > 1);
            if generator::writes(&statement) {
                written += usize::from(!expected.ends_with(" 0"));
                assert_eq!(others.run(OTHERS), before, "seed {seed}: {statement}");
                let mut unguarded = by_text.cluster.session();
                assert_eq!(unguarded.run(OTHERS), before, "seed {seed}: {text}");
            }
        }
        for trial in [alone, guarded, by_text] {
            trial.cluster.cluster.close();
        }
    }
    // The generator makes statements that do something.
    assert!(answered > 400 && written > 60 && failed < answered / 2, "{answered} answered, {written} written, {failed} failed");
}

/// Parameters that mean the tenant: the text writes the tenant's value whatever they are, and tells which they are.
#[test]
fn parameters_for_the_tenant_are_told() {
    let trial = Trial::new(&[]);
    let catalog = trial.cluster.cluster.catalog().expect("a catalog");
    let path: Vec<_> = ["pg_catalog", "public"].iter().filter_map(|name| catalog.schema(name)).map(|schema| schema.oid).collect();
    let facts = CatalogFacts { catalog: &catalog, search_path: &path };
    let guard = Guard::new("tenant_id", "a");
    let text = |statement: &str| {
        let parsed = parse(statement, Dialect::default()).expect(statement).remove(0).statement.expect(statement);
        let confined = confine(&parsed, &guard, &facts, Dialect::default(), Enforcement::Text)?;
        Ok::<_, borealis_pgtypes::SqlError>((
            confined.parameters.iter().map(|parameter| parameter.number).collect::<Vec<_>>(),
            confined.text(),
        ))
    };
    let (parameters, written) = text("INSERT INTO orders (id, tenant_id) VALUES ($2, $1), (7, $3::text)").expect("a statement");
    assert_eq!(parameters, [1, 3]);
    assert!(written.is_some_and(|written| !written.contains("($2, $1)")));
    for refused in [
        "INSERT INTO orders (tenant_id, id) VALUES (lower('B'), 1)",
        "INSERT INTO orders SELECT * FROM orders",
        "UPDATE orders SET (tenant_id, id) = (SELECT 'b', 1)",
        "UPDATE orders SET tenant_id = note",
        "SELECT no_such_function(1)",
        "COPY orders TO STDOUT",
    ] {
        assert_eq!(text(refused).expect_err(refused).sqlstate().as_str(), "42501", "{refused}");
    }
    trial.cluster.cluster.close();
}
