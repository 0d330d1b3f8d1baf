//! Numbered files.

use std::path::Path;

use borealis_dialect::Dialect;

use super::world::World;
use super::{Fault, Faults};
use crate::MigrateError;
use crate::files::{FileStatus, Up, files, up, up_over};
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
    up(&world.database, folder, &Up::default()).await
}

const RESULT: &str = "SELECT count(*), sum(m - id), (SELECT convalidated FROM pg_constraint WHERE conname = 'm_set'), \
                      (SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_v'::regclass) FROM a";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_run_once_in_their_order() {
    let world = World::new();
    let folder = folder(&[("0002_second.sql", SECOND), ("0001_first.sql", FIRST), ("notes.txt", "not SQL")]);
    let before = files(&world.database, folder.path(), Dialect::default(), false).await.unwrap();
    assert_eq!(before.iter().map(|file| (file.number, file.statements, file.done)).collect::<Vec<_>>(), [(Some(1), 2, 0), (Some(2), 8, 0)]);
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
    up_over(&link, folder.path(), &Up::default()).await.unwrap();
    let writes = counting.seen();
    for (at, write) in writes.iter().enumerate() {
        for fault in [Fault::DieBefore, Fault::AnswerLost, Fault::CommitLost] {
            world.run("DROP SCHEMA borealis_migrate CASCADE;\nDROP TABLE IF EXISTS a").await;
            let faults = Faults::new(at, fault);
            let link = Link::with_faults(&world.database, &faults);
            let first = up_over(&link, folder.path(), &Up::default()).await;
            let what = format!("{fault:?} at write {at} ({write})");
            assert_eq!(first.is_err(), fault == Fault::DieBefore, "{what}: {first:?}");
            up(&world.database, folder.path(), &Up { take_over: true, ..Up::default() })
                .await
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(world.table(RESULT).await, "11|11|t|t", "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_taken_as_editors_leave_them_or_refused_with_the_place() {
    let world = World::new();
    let folder = folder(&[("0001_marked.sql", "\u{feff}CREATE TABLE marked (id int PRIMARY KEY)"), ("0003_late.sql", "SELECT 1")]);
    std::fs::write(folder.path().join("0002_latin.sql"), b"SELECT 1;\nSELECT 'caf\xe9'").unwrap();
    let error = run(&world, folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("0002_latin.sql:2: byte 0xE9 is not UTF-8: save the file as UTF-8"), "{error}");
    // The others are listed all the same.
    let listed = files(&world.database, folder.path(), Dialect::default(), false).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|file| (file.name.as_str(), file.statements, file.error.is_some())).collect();
    assert_eq!(listed, [("0001_marked.sql", 1, false), ("0002_latin.sql", 0, true), ("0003_late.sql", 1, false)]);
    std::fs::write(folder.path().join("0002_latin.sql"), "SELECT 'café'").unwrap();
    assert!(run(&world, folder.path()).await.unwrap().iter().all(|file| file.done == file.statements));
    assert_eq!(world.value("SELECT to_regclass('marked')").await, "marked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_left_out_is_refused_unless_it_is_meant_so() {
    let world = World::new();
    let folder = folder(&[("0001_a.sql", "SELECT 1"), ("0003_c.sql", "CREATE TABLE c (id int)")]);
    let error = run(&world, folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("0003_c.sql: number 2 is missing before it") && error.contains("say --gaps"), "{error}");
    assert_eq!(world.value("SELECT to_regclass('c')").await, "∅", "nothing was run");
    let meant = Up { gaps: true, ..Up::default() };
    assert_eq!(up(&world.database, folder.path(), &meant).await.unwrap().len(), 2);
    // What was run so is no gap any more.
    run(&world, folder.path()).await.unwrap();
    std::fs::write(folder.path().join("0002_b.sql"), "SELECT 2").unwrap();
    let error = run(&world, folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("0002_b.sql comes before number 3, which was run already"), "{error}");
    let listed = files(&world.database, folder.path(), Dialect::default(), false).await.unwrap();
    assert_eq!(listed.iter().map(|file| file.error.is_some()).collect::<Vec<_>>(), [false, true, false]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_an_index_that_could_not_be_built_it_is_said_what_failed_and_how_to_go_on() {
    let world = World::new();
    world.run("CREATE TABLE d (id int PRIMARY KEY, a int);\nINSERT INTO d VALUES (1, 1), (2, 1)").await;
    for ending in ["", "IF NOT EXISTS "] {
        let folder = folder(&[("0001_d.sql", &format!("CREATE UNIQUE INDEX ASYNC {ending}d_a ON d (a)"))]);
        for _ in 0..2 {
            let error = run(&world, folder.path()).await.unwrap_err().to_string();
            assert!(error.starts_with("0001_d.sql:1: the build of index d_a has failed: "), "{error}");
            assert!(
                error.contains("mend the rows, then DROP INDEX d_a\n") && error.contains("`borealis migrate up` goes on from here"),
                "{error}"
            );
        }
        world.run("DROP INDEX d_a").await;
    }
    let folder = folder(&[("0001_d.sql", "CREATE UNIQUE INDEX ASYNC d_a ON d (a)")]);
    world.run("UPDATE d SET a = id").await;
    assert_eq!(run(&world, folder.path()).await.unwrap()[0].done, 1);
}
