//! Index builds, DROP's work and COPY.

use borealis_catalog::{IndexState, Table};
use borealis_pgtypes::{Datum, Oid, Type};
use borealis_sql::bound::{IndexTarget, WriteTarget};
use borealis_sql::expr::{Expr, ExprKind};
use borealis_storage::{Direction, KeyRange};

use super::database;
use super::fixture::Db;
use crate::exec::{BackfillError, Batch, CopyIn, ExecLimits, Txn, backfill_batch, drop_storage_batch};
use crate::key;

const LOOSE: Oid = Oid(17_100);

fn slot(place: usize, oid: Oid) -> Expr {
    Expr::new(ExprKind::Slot(place), Type::plain(oid))
}

/// `loose` with an index over `k` that is being built.
fn building(db: &mut Db, unique: bool) -> WriteTarget {
    let mut table = Table::clone(db.catalog.table_by_oid(LOOSE).expect("the table"));
    let like = db.catalog.table_by_oid(Oid(17_000)).expect("the table").indexes[0].clone();
    let mut index = like;
    index.oid = Oid(17_150);
    index.name = "loose_k_idx".to_owned();
    index.unique = unique;
    index.state = IndexState::Building;
    index.keys[0].part = borealis_catalog::IndexKeyPart::Column(1);
    table.indexes.push(index);
    let table = std::sync::Arc::new(table);
    db.catalog = db.catalog.apply(&[borealis_catalog::Change::PutTable(table.clone())], 2);
    WriteTarget {
        view_checks: Vec::new(),
        routines: Vec::new(),
        confined: None,
        table,
        generated: Vec::new(),
        checks: Vec::new(),
        indexes: vec![IndexTarget { keys: vec![slot(0, Oid::INT4)], predicate: None }],
        foreign_keys: None,
    }
}

/// Runs the build to its end; the number of batches.
fn build(db: &Db, target: &WriteTarget) -> Result<usize, BackfillError> {
    let (mut from, mut batches): (Option<Vec<u8>>, usize) = (None, 0);
    loop {
        let mut txn = Txn::new(db.store.begin(), false);
        let progress = backfill_batch(&mut txn, target, 0, from.as_deref(), 7)?;
        txn.storage.commit_blocking().expect("nobody else commits");
        batches += 1;
        from = progress.next;
        if from.is_none() {
            return Ok(batches);
        }
    }
}

fn entries(db: &Db) -> u64 {
    let snapshot = db.store.snapshot();
    let mut scan = snapshot.scan(KeyRange::prefix(key::prefix(Oid(17_150)).to_vec()), Direction::Forward);
    let mut entries = 0;
    while scan.next().expect("a store in memory").is_some() {
        entries += 1;
    }
    entries
}

#[test]
fn a_build_adds_what_is_missing() {
    let mut db = database();
    db.run("INSERT INTO loose SELECT g % 5, 'old' FROM generate_series(1, 30) g").expect("rows");
    let target = building(&mut db, false);
    db.run("INSERT INTO loose SELECT g % 5, 'new' FROM generate_series(1, 10) g").expect("rows");
    assert_eq!(entries(&db), 10, "writers keep an index that is being built");
    assert_eq!(build(&db, &target).expect("no duplicates matter"), 6);
    assert_eq!(entries(&db), 40);
    assert_eq!(build(&db, &target).expect("again"), 6);
    assert_eq!(entries(&db), 40, "a build may be repeated");
}

#[test]
fn a_unique_build_finds_duplicates() {
    let mut db = database();
    db.run("INSERT INTO loose VALUES (1, 'a'), (NULL, 'b'), (NULL, 'c'), (2, 'd')").expect("rows");
    let target = building(&mut db, true);
    assert_eq!(build(&db, &target).expect("NULLs are no duplicates"), 1);
    let mut db = database();
    db.run("INSERT INTO loose SELECT g % 20, 'x' FROM generate_series(1, 21) g").expect("rows");
    let target = building(&mut db, true);
    assert!(matches!(build(&db, &target), Err(BackfillError::Duplicate)));
}

#[test]
fn a_building_unique_index_refuses_duplicates_of_what_it_holds() {
    let mut db = database();
    building(&mut db, true);
    db.run("INSERT INTO loose VALUES (1, 'a')").expect("a row");
    let error = db.run("INSERT INTO loose VALUES (1, 'b')").expect_err("a duplicate");
    assert_eq!(error.message(), "duplicate key value violates unique constraint \"loose_k_idx\"");
}

#[test]
fn a_row_changed_meanwhile_defeats_the_batch_and_not_the_writer() {
    let mut db = database();
    db.run("INSERT INTO loose VALUES (1, 'a')").expect("a row");
    let target = building(&mut db, false);
    let mut txn = Txn::new(db.store.begin(), false);
    backfill_batch(&mut txn, &target, 0, None, 10).expect("a batch");
    db.run("UPDATE loose SET k = 2").expect("the writer commits");
    txn.storage.commit_blocking().expect_err("the batch loses");
    build(&db, &target).expect("again");
    assert_eq!(entries(&db), 1);
}

#[test]
fn storage_goes_batch_by_batch() {
    let mut db = database();
    db.run("INSERT INTO loose SELECT g, 'x' FROM generate_series(1, 25) g").expect("rows");
    db.run("INSERT INTO t (id) VALUES (1)").expect("a row");
    let mut batches = 0;
    loop {
        let mut txn = Txn::new(db.store.begin(), false);
        let more = drop_storage_batch(&mut txn, LOOSE, 10).expect("a batch");
        txn.storage.commit_blocking().expect("nobody else commits");
        batches += 1;
        if !more {
            break;
        }
    }
    assert_eq!((batches, db.count("SELECT 1 FROM loose"), db.count("SELECT 1 FROM t")), (3, 0, 1));
}

#[test]
fn copy_writes_as_insert_does() {
    let mut db = database();
    let table = db.catalog.table_by_oid(LOOSE).expect("the table").clone();
    let target = WriteTarget {
        table,
        generated: Vec::new(),
        checks: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: None,
        view_checks: Vec::new(),
        routines: Vec::new(),
        confined: None,
    };
    let default = Expr::constant(Datum::text("default"), Type::plain(Oid::TEXT));
    let copy = CopyIn::compile(&target, &[slot(0, Oid::INT4), default], None).expect("a copy");
    let mut rows = Batch::new(1);
    for key in 0..5 {
        rows.push(&[Datum::Int4(key)]);
    }
    let mut txn = Txn::new(db.store.begin(), false);
    copy.insert(&mut txn, &db.env(&[]), &rows).expect("rows");
    assert_eq!(txn.rows_modified, 5);
    let limits = ExecLimits { rows_modified_max: 7, ..ExecLimits::default() };
    let env = crate::exec::QueryEnv { limits: &limits, ..db.env(&[]) };
    assert_eq!(copy.insert(&mut txn, &env, &rows).expect_err("too many").message(), "transaction row limit exceeded");
    let mut txn = Txn::new(db.store.begin(), false);
    copy.insert(&mut txn, &db.env(&[]), &rows).expect("rows");
    txn.storage.commit_blocking().expect("nobody else commits");
    assert_eq!(db.show("SELECT * FROM loose WHERE k > 2"), "3|default\n4|default\n");
}
