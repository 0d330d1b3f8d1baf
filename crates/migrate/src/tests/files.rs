//! Numbered files.

use std::path::Path;

use borealis_dialect::Dialect;

use super::world::World;
use super::{Fault, Faults};
use crate::MigrateError;
use crate::files::{FileStatus, files, up, up_over};
use crate::link::Link;

const FIRST: &str =
    "CREATE TABLE a (id int PRIMARY KEY, v text);\n-- rows\nINSERT INTO a SELECT g, 'v' || g FROM generate_series(1, 10) AS g;\n";
const SECOND: &str = "CREATE INDEX ASYNC a_v ON a (v);\nALTER TABLE a ADD COLUMN n int;\nUPDATE a SET n = id + 1;\n\
                      ALTER TABLE a RENAME COLUMN n TO m;\nALTER TABLE a ADD CONSTRAINT m_set CHECK (m > id) NOT VALID;\n\
                      ALTER TABLE ASYNC a VALIDATE CONSTRAINT m_set;\nDROP TABLE IF EXISTS gone;\nINSERT INTO a VALUES (11, 'v11', 12);";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

async fn run(world: &World, folder: &Path) -> Result<Vec<FileStatus>, MigrateError> {
    up(&world.database, folder, Dialect::default(), false, &|_| ()).await
}

const RESULT: &str = "SELECT count(*), sum(m - id), (SELECT convalidated FROM pg_constraint WHERE conname = 'm_set'), \
                      (SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_v'::regclass) FROM a";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_run_once_in_their_order() {
    let world = World::new();
    let folder = folder(&[("0002_second.sql", SECOND), ("0001_first.sql", FIRST), ("notes.txt", "not SQL")]);
    let before = files(&world.database, folder.path(), Dialect::default()).await.unwrap();
    assert_eq!(before.iter().map(|file| (file.number, file.statements, file.done)).collect::<Vec<_>>(), [(1, 2, 0), (2, 8, 0)]);
    for _ in 0..2 {
        let after = run(&world, folder.path()).await.unwrap();
        assert_eq!(after.iter().map(|file| file.done).collect::<Vec<_>>(), [2, 8]);
        assert_eq!(world.table(RESULT).await, "11|11|t|t");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_run_must_not_change_and_what_failed_may_be_mended() {
    let world = World::new();
    let folder = folder(&[("0001_first.sql", FIRST)]);
    run(&world, folder.path()).await.unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("0002_wrong.sql", "ALTER TABLE a ADD COLUMN n int;\nINSERT INTO a VALUES (1, 'twice', 1);\nDROP TABLE a;");
    let error = run(&world, folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("0002_wrong.sql:2: running a statement of a file: ERROR: duplicate key value"), "{error}");
    write("0002_wrong.sql", "ALTER TABLE a ADD COLUMN n bigint;\nINSERT INTO a VALUES (12, 'once', 1);");
    let error = run(&world, folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("0002_wrong.sql has been changed in the statements that were run"), "{error}");
    write("0002_wrong.sql", "ALTER TABLE a ADD COLUMN n int;\nINSERT INTO a VALUES (12, 'once', 1);");
    assert_eq!(run(&world, folder.path()).await.unwrap()[1].done, 2);
    write("0001_first.sql", &FIRST.replace("v text", "v varchar"));
    let error = run(&world, folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("0001_first.sql was run and has been changed since"), "{error}");
    write("0001_first.sql", FIRST);
    write("0000_late.sql", "DROP TABLE a");
    let error = run(&world, folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("0000_late.sql comes before number 2"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_read_to_the_end_before_the_first_statement_is_run() {
    let world = World::new();
    for (name, text, expected) in [
        ("2_x.sql", "SELEC 1", "2_x.sql:1: syntax error at or near \"SELEC\""),
        ("2_x.sql", "SELECT 1;\n\nTRUNCATE a", "2_x.sql:3: unsupported statement: Truncate"),
        ("2_x.sql", "BEGIN;\nSELECT 1;\nCOMMIT", "2_x.sql:1: transaction control has no place"),
        ("x.sql", "SELECT 1", "x.sql: the name of a migration is a number"),
        ("01_x.sql", "SELECT 1", "01_x.sql and 1_a.sql have the same number"),
    ] {
        let folder = folder(&[("1_a.sql", "CREATE TABLE never (id int)"), (name, text)]);
        let error = run(&world, folder.path()).await.unwrap_err().to_string();
        let turned = error.replace("1_a.sql and 01_x.sql", "01_x.sql and 1_a.sql");
        assert!(turned.starts_with(expected), "{error}");
    }
    assert_eq!(world.value("SELECT to_regclass('never')").await, "∅");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_at_a_file_is_followed_by_one_that_finishes_it() {
    let world = World::new();
    let folder = folder(&[("0001_first.sql", FIRST), ("0002_second.sql", SECOND)]);
    let counting = Faults::new(usize::MAX, Fault::None);
    let link = Link::with_faults(&world.database, &counting);
    up_over(&link, folder.path(), Dialect::default(), false, &|_| ()).await.unwrap();
    let writes = counting.seen();
    for (at, write) in writes.iter().enumerate() {
        for fault in [Fault::DieBefore, Fault::AnswerLost, Fault::CommitLost] {
            world.run("DROP SCHEMA borealis_migrate CASCADE;\nDROP TABLE IF EXISTS a").await;
            let faults = Faults::new(at, fault);
            let link = Link::with_faults(&world.database, &faults);
            let first = up_over(&link, folder.path(), Dialect::default(), false, &|_| ()).await;
            let what = format!("{fault:?} at write {at} ({write})");
            assert_eq!(first.is_err(), fault == Fault::DieBefore, "{what}: {first:?}");
            up(&world.database, folder.path(), Dialect::default(), true, &|_| ()).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(world.table(RESULT).await, "11|11|t|t", "{what}");
        }
    }
}
