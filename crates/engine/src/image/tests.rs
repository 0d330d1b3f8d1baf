use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use borealis_base::{Id26, SeededRandom};
use borealis_storage::{Medium, Options};

use super::*;
use crate::testing::TestCluster;

const ACCOUNTS: usize = 40;

fn id(seed: u64) -> Id26 {
    Id26::random(&SeededRandom::new(seed))
}

fn rebuild(image: &Image, folder: &Path, id: Id26) -> Result<(), OpenError> {
    let mut rebuild = Rebuild::begin(Options::new(Medium::Folder(folder.to_owned())), id)?;
    let mut entries = image.entries();
    while let Some((key, value)) = entries.next().expect("reads") {
        rebuild.put(key, value)?;
    }
    rebuild.finish()
}

/// Moves money between accounts until told to stop; a transfer that loses has changed nothing.
fn transfer(origin: &TestCluster, writer: usize, started: &Barrier, stop: &AtomicBool) {
    let mut session = origin.session();
    started.wait();
    let mut turn = writer;
    while !stop.load(Ordering::Relaxed) {
        turn += 7;
        let (from, to) = (turn % ACCOUNTS + 1, (turn * 3 + 1) % ACCOUNTS + 1);
        session.run("BEGIN");
        session.run(&format!("UPDATE account SET balance = balance - 1 WHERE id = {from}"));
        session.run(&format!("UPDATE account SET balance = balance + 1 WHERE id = {to}"));
        session.run("COMMIT");
    }
}

#[test]
fn an_image_is_one_moment_while_others_write() {
    let origin = TestCluster::memory();
    let mut session = origin.session();
    session.run("CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)");
    session.run("CREATE INDEX ASYNC account_balance ON account (balance)");
    session.wait_for_jobs();
    session.check(&[(&format!("INSERT INTO account SELECT g, 100 FROM generate_series(1, {ACCOUNTS}) g"), "INSERT 0 40")]);
    let (stop, started) = (AtomicBool::new(false), Barrier::new(3));
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let (origin, stop, started) = (&origin, &stop, &started);
            scope.spawn(move || transfer(origin, writer, started, stop));
        }
        started.wait();
        for round in 0..5 {
            let place = folder.path().join(round.to_string());
            rebuild(&origin.cluster.image(), &place, id(round)).expect("rebuilt");
            let copy = TestCluster::folder(&place);
            assert_eq!(copy.cluster.id(), id(round));
            copy.session().check(&[
                ("SELECT count(*), sum(balance) FROM account", "40|4000\nSELECT 1"),
                // Through the index, whose entries are of the same moment.
                ("SELECT count(*), sum(balance) FROM account WHERE balance BETWEEN -100000 AND 100000", "40|4000\nSELECT 1"),
                ("INSERT INTO account VALUES (1000, 1)", "INSERT 0 1"),
                ("CREATE TABLE later (id int)", "CREATE TABLE"),
            ]);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn what_is_no_cluster_is_not_made_one() {
    let origin = TestCluster::memory();
    for missing in ["id", "dialect"] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rebuild = Rebuild::begin(Options::new(Medium::Folder(folder.path().to_owned())), id(1)).expect("begins");
        let image = origin.cluster.image();
        let mut entries = image.entries();
        while let Some((key, value)) = entries.next().expect("reads") {
            if key != keys::property(missing) {
                rebuild.put(key, value).expect("taken");
            }
        }
        rebuild.put(b"", b"").expect_err("there is no such key");
        rebuild.finish().expect_err(missing);
    }
}
