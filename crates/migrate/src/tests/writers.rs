//! Writers that go on writing during every operation, against a model of what they have been told is committed.
//!
//! Each writer has keys of its own, so what the table must hold in the end is the union of what each was told; the writers retry what is
//! retryable (40001, and 42P01 while the table has no name) and nothing else, so a writer that meets anything else fails the test. Each operation
//! is run both ways: with the change feed of Borealis, and with comparisons alone, as on Aurora DSQL.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use borealis_base::{Random, SeededRandom};
use borealis_client::Database;

use super::world::{World, run, small};
use crate::Options;
use crate::operations::{Derived, Operation};

const WRITERS: u64 = 4;
const ROWS: u64 = 120;

/// What a writer believes to be in the table: number and text by key.
type Model = BTreeMap<u64, (u64, String)>;

/// Writes until told to stop. The server lives, so every statement has a certain outcome.
async fn write(client: Database, writer: u64, seed: u64, stop: Arc<AtomicBool>, made: Arc<AtomicU64>) -> Model {
    let random = SeededRandom::new(seed + writer);
    let mut model: Model = (0..ROWS / WRITERS).map(|at| at * WRITERS + writer).map(|id| (id, start(id))).collect();
    while !stop.load(Ordering::Relaxed) {
        let id = (random.next_u64() % (ROWS / WRITERS * 2)) * WRITERS + writer;
        let (number, text) = (random.next_u64() % 1_000, format!("t{} w", random.next_u64() % 1_000));
        let statement = match (model.contains_key(&id), random.next_u64() % 3) {
            (false, _) => format!("INSERT INTO w (id, n, t) VALUES ({id}, '{number}', '{text}')"),
            (true, 0) => format!("DELETE FROM w WHERE id = {id}"),
            (true, _) => format!("UPDATE w SET n = '{number}', t = '{text}' WHERE id = {id}"),
        };
        retried(&client, &statement).await;
        made.fetch_add(1, Ordering::Relaxed);
        if statement.starts_with("DELETE") {
            model.remove(&id)
        } else {
            model.insert(id, (number, text))
        };
    }
    model
}

fn start(id: u64) -> (u64, String) {
    (id, format!("t{id} w"))
}

/// One statement, until it is through.
async fn retried(client: &Database, statement: &str) {
    loop {
        let Err(error) = run(client, statement).await else { return };
        match error.error.code() {
            Some("40001" | "42P01") => tokio::task::yield_now().await,
            _ => panic!("{statement}: {error}"),
        }
    }
}

/// Runs the operation with writers around it. `read` shows the table afterwards as `id|n|t`.
async fn under_fire(seed: u64, change_feed: bool, operation: Operation, columns: &str, read: &str) {
    let world = World::new();
    world
        .run(&format!(
            "CREATE TABLE w ({columns});\nINSERT INTO w (id, n, t) SELECT g, g::text, 't' || g || ' w' FROM generate_series(0, {}) AS g",
            ROWS - 1
        ))
        .await;
    let (stop, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writers: Vec<_> =
        (0..WRITERS).map(|writer| borealis_base::task::spawn(write(world.client(), writer, seed, stop.clone(), made.clone()))).collect();
    let what = operation.describe();
    let options = Options { change_feed, ..small() };
    world.migrate_with("w", operation, &options).await.unwrap_or_else(|error| panic!("seed {seed}: {what}: {error}"));
    let at_swap = made.load(Ordering::Relaxed);
    // Some more writes reach the new table.
    while made.load(Ordering::Relaxed) < at_swap + 20 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut model = Model::new();
    for writer in writers {
        model.extend(writer.await.unwrap());
    }
    let expected: Vec<String> = model.iter().map(|(id, (number, text))| format!("{id}|{number}|{text}")).collect();
    assert_eq!(world.table(read).await, expected.join("\n"), "seed {seed}: {what}: {} writes", made.load(Ordering::Relaxed));
}

const PLAIN: &str = "id int PRIMARY KEY, n text NOT NULL, t text, d text";

macro_rules! under_fire {
    ($($name:ident: $operation:expr, $columns:expr, $read:expr;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                for (seed, change_feed) in [(1_000, true), (2_000, false)] {
                    under_fire(seed, change_feed, $operation, $columns, $read).await;
                }
            }
        )*
    };
}

fn text(value: &str) -> String {
    value.to_owned()
}

under_fire! {
    retype_column: Operation::RetypeColumn { column: text("n"), ty: text("integer"), using: None }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    retype_key: Operation::RetypeColumn { column: text("id"), ty: text("bigint"), using: None }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    set_not_null: Operation::SetNotNull { column: text("t"), fill: None }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    primary_key: Operation::PrimaryKey { columns: vec![text("t"), text("id")] }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    add_column: Operation::AddColumn { name: text("a"), ty: text("text"), default: Some(text("'a'")), not_null: true }, PLAIN,
        "SELECT id, n, t FROM w WHERE a = 'a' ORDER BY id";
    split_and_keep: Operation::SplitColumn {
        column: text("t"),
        into: vec![
            Derived { name: text("first"), ty: text("text"), expression: text("split_part(t, ' ', 1)") },
            Derived { name: text("last"), ty: text("varchar(5)"), expression: text("split_part(t, ' ', 2)") },
        ],
        keep: true,
    }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    merge_and_keep: Operation::MergeColumns {
        columns: vec![text("n"), text("t")],
        into: Derived { name: text("both"), ty: text("text"), expression: text("n || t") },
        keep: true,
    }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    drop_column: Operation::DropColumn { column: text("d") }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    set_default: Operation::SetDefault { column: text("d"), default: text("'d'") }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    drop_default: Operation::DropDefault { column: text("d") }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    drop_not_null: Operation::DropNotNull { column: text("n") }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    add_check: Operation::AddConstraint { name: text("c"), definition: text("CHECK (id >= 0)") }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    add_unique: Operation::AddConstraint { name: text("u"), definition: text("UNIQUE (id, n)") }, PLAIN, "SELECT id, n, t FROM w ORDER BY id";
    drop_constraint: Operation::DropConstraint { name: text("k") }, "id int PRIMARY KEY, n text NOT NULL, t text, d text, CONSTRAINT k CHECK (id >= 0)",
        "SELECT id, n, t FROM w ORDER BY id";
}
