//! Statements through parser, binder, planner and executor, on a real store.
//!
//! The scripts next to this file are statements with the answers PostgreSQL 16 gave to them. A statement begins with `> ` and goes on to the end of its
//! line; the lines up to the next statement are the answer. Statements run in order in one database, each in a transaction of its own.

pub(crate) mod fixture;
mod jobs;
mod limits;
mod portals;
mod row_bounds;
mod traversal;
mod writes;

use std::fmt::Write as _;

use borealis_catalog::IndexKeyPart;
use borealis_pgtypes::{Oid, Type};
use fixture::{Db, TableSpec};

/// The tables of the scripts: `schema.sql` has them for PostgreSQL.
pub(crate) fn database() -> Db {
    const NULLABLE: bool = false;
    const NOT_NULL: bool = true;
    let mut db = Db::new();
    db.create(
        TableSpec::new(
            17_000,
            "t",
            &[("id", Oid::INT4, NOT_NULL), ("a", Oid::INT4, NULLABLE), ("b", Oid::TEXT, NULLABLE), ("n", Oid::NUMERIC, NULLABLE)],
        )
        .primary_key(&[1])
        .index("t_a_idx", &[2], |_| {})
        .index("t_b_key", &[3], |index| index.unique = true)
        .index("t_n_a_idx", &[4, 2], |index| index.include = vec![3])
        .check("t_a_check", "((a < 1000))"),
    );
    db.create(TableSpec::new(17_100, "loose", &[("k", Oid::INT4, NULLABLE), ("v", Oid::TEXT, NULLABLE)]));
    db.create(
        TableSpec::new(
            17_200,
            "m",
            &[("x", Oid::INT4, NOT_NULL), ("y", Oid::TEXT, NOT_NULL), ("z", Oid::FLOAT8, NULLABLE), ("w", Oid::BPCHAR, NULLABLE)],
        )
        .primary_key(&[1, 2])
        .index("m_z_idx", &[3], |_| {})
        .index("m_w_key", &[4], |index| {
            index.unique = true;
            index.nulls_not_distinct = true;
        })
        .change(|table| table.columns[3].ty.typmod = 4 + 4),
    );
    db.create(
        TableSpec::new(
            17_300,
            "p",
            &[("id", Oid::INT4, NOT_NULL), ("name", Oid::TEXT, NULLABLE), ("k", Oid::INT4, NULLABLE), ("state", Oid::TEXT, NULLABLE)],
        )
        .primary_key(&[1])
        .index("p_lower_idx", &[2], |index| {
            index.keys[0].part = IndexKeyPart::Expression("lower(name)".to_owned(), Type::plain(Oid::TEXT));
            index.include = vec![4];
        })
        .index("p_open_key", &[3], |index| {
            index.unique = true;
            index.predicate = Some("(state = 'open'::text)".to_owned());
        })
        .index("p_big_idx", &[2], |index| index.predicate = Some("(k > 10)".to_owned())),
    );
    db
}

fn check(script: &str) {
    let mut db = database();
    let mut wrong = String::new();
    for case in script.split_terminator("\n> ") {
        let (statement, wanted) = case.trim_start_matches("> ").split_once('\n').unwrap_or((case, ""));
        let got = db.show(statement);
        if got.trim_end() != wanted.trim_end() {
            let _ = write!(wrong, "\n> {statement}\nPostgreSQL:\n{wanted}\nhere:\n{got}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! scripts {
    ($($name:ident),* $(,)?) => {
        $(#[test] fn $name() { check(include_str!(concat!("tests/", stringify!($name), ".script"))); })*
    };
}

scripts!(queries, joins, aggregates, windows, changes, subqueries, expressions, indexes, row_bounds, row_subqueries, variadic, sql_json);

/// Statements over `p` answer the same whether its indexes are read or not.
#[test]
fn indexes_change_no_answer() {
    let script = include_str!("tests/indexes.script");
    let (mut with, mut without) = (database(), database());
    without.planner.enable_indexscan = false;
    for case in script.split_terminator("\n> ") {
        let statement = case.trim_start_matches("> ").lines().next().unwrap_or_default();
        assert_eq!(with.show(statement), without.show(statement), "{statement}");
    }
    let plan = |sql: &str| {
        let planned = with.plan(sql, &[]).expect("a plan");
        borealis_sql::explain::explain(&planned, &borealis_sql::explain::ExplainOptions::default(), None).join("\n")
    };
    for (sql, index) in [
        ("SELECT * FROM p WHERE lower(name) = 'x'", "using p_lower_idx"),
        ("SELECT * FROM p WHERE state = 'open' AND k = 3", "using p_open_key"),
        ("SELECT * FROM p WHERE k >= 11 AND name = 'x'", "using p_big_idx"),
    ] {
        assert!(plan(sql).contains(index), "{}", plan(sql));
    }
}

/// Lines of an answer, in any order: without ORDER BY the order is the plan's.
fn sorted(answer: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = answer.lines().collect();
    lines.sort_unstable();
    lines
}

/// Whichever methods are switched off, the answers are the same.
#[test]
fn switches_change_no_answer() {
    type Switch = fn(&mut borealis_sql::planner::PlannerSettings);
    let switches: [(&str, Switch); 6] = [
        ("merge joins", |settings| settings.enable_hashjoin = false),
        ("nested loops", |settings| (settings.enable_hashjoin, settings.enable_mergejoin) = (false, false)),
        ("loops by row", |settings| {
            (settings.enable_hashjoin, settings.enable_mergejoin, settings.enable_batched_nestloop) = (false, false, false);
        }),
        ("loops that keep nothing", |settings| {
            (settings.enable_hashjoin, settings.enable_mergejoin, settings.enable_material) = (false, false, false);
        }),
        ("no loops", |settings| settings.enable_nestloop = false),
        ("tables only", |settings| (settings.enable_indexscan, settings.enable_indexonlyscan) = (false, false)),
    ];
    let scripts = [include_str!("tests/joins.script"), include_str!("tests/queries.script"), include_str!("tests/subqueries.script")];
    for script in scripts {
        for (name, switch) in &switches {
            let (mut usual, mut switched) = (database(), database());
            switch(&mut switched.planner);
            for case in script.split_terminator("\n> ") {
                let statement = case.trim_start_matches("> ").lines().next().unwrap_or_default();
                let (expected, found) = (usual.show(statement), switched.show(statement));
                assert_eq!(sorted(&found), sorted(&expected), "{name}: {statement}");
            }
        }
    }
}

/// Switches do what they say.
#[test]
fn switches_choose_methods() {
    let mut db = database();
    let join = "SELECT * FROM t a JOIN t b ON a.id = b.a";
    let plan = |db: &fixture::Db, sql: &str| {
        let planned = db.plan(sql, &[]).expect("a plan");
        borealis_sql::explain::explain(&planned, &borealis_sql::explain::ExplainOptions::default(), None).join("\n")
    };
    assert!(plan(&db, join).contains("Hash Join"), "{}", plan(&db, join));
    db.planner.enable_hashjoin = false;
    assert!(plan(&db, join).contains("Merge Join"), "{}", plan(&db, join));
    assert!(plan(&db, join).contains("Merge Cond: (b.a = a.id)"), "{}", plan(&db, join));
    db.planner.enable_mergejoin = false;
    let batched = plan(&db, join);
    assert!(batched.contains("Nested Loop (Batched Join)") && batched.contains("Join Type: Inner"), "{batched}");
    assert!(batched.contains("Recheck Cond: (id = b.a)") || batched.contains("Recheck Cond: (a = a.id)"), "{batched}");
    db.planner.enable_batched_nestloop = false;
    assert!(plan(&db, join).contains("Nested Loop  (cost"), "{}", plan(&db, join));
    let product = "SELECT * FROM t a, loose b";
    assert!(plan(&db, product).contains("Materialize"), "{}", plan(&db, product));
    db.planner.enable_material = false;
    assert!(!plan(&db, product).contains("Materialize"), "{}", plan(&db, product));
}
