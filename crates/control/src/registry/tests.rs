use std::fs;

use borealis_base::{ManualClock, SeededRandom};

use super::*;

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(1_790_000_000_000_000))
}

fn home() -> Home {
    Home { account: "000000000000".to_owned(), region: "us-east-1".to_owned() }
}

fn ids(count: usize) -> Vec<Id26> {
    let random = SeededRandom::new(11);
    (0..count).map(|_| Id26::random(&random)).collect()
}

#[test]
fn what_was_adopted_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let [id, other] = ids(2)[..] else { unreachable!() };
    let registry = Registry::open(folder.path(), clock()).expect("opens");
    registry.adopt(id, home()).expect("adopts");
    let first = registry.clusters();
    assert_eq!(registry.default_cluster(), Some(id));
    assert_eq!(registry.cluster(other), None);
    drop(registry);
    let again = Registry::open(folder.path(), clock()).expect("opens again");
    assert_eq!(again.clusters(), first);
    assert_eq!(*again.adopt(id, Home { region: "elsewhere".to_owned(), ..home() }).expect("known"), *first[0]);
}

#[test]
fn a_folder_serves_one_registry() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Registry::open(folder.path(), clock()).expect("opens");
    assert!(matches!(Registry::open(folder.path(), clock()), Err(RegistryError::InUse(_))));
    drop(first);
    Registry::open(folder.path(), clock()).expect("opens when the first has gone");
}

#[test]
fn a_record_left_beside_by_a_kill_never_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let id = ids(1)[0];
    Registry::open(folder.path(), clock()).expect("opens").adopt(id, home()).expect("adopts");
    let beside = folder.path().join("clusters").join(format!("{id}.json.new"));
    fs::write(&beside, "half a rec").expect("writes");
    let registry = Registry::open(folder.path(), clock()).expect("opens");
    assert_eq!(registry.clusters().len(), 1);
    assert!(!beside.exists());
}

#[test]
fn damage_is_reported_with_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let id = ids(1)[0];
    Registry::open(folder.path(), clock()).expect("opens").adopt(id, home()).expect("adopts");
    let path = folder.path().join("clusters").join(format!("{id}.json"));
    let good = fs::read(&path).expect("reads");
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 1;
        assert!(files::decode(&bad).is_err(), "byte {place}");
        assert!(files::decode(&good[..place]).is_err(), "cut at {place}");
    }
    fs::write(&path, &good[..good.len() / 2]).expect("writes");
    let error = Registry::open(folder.path(), clock()).err().expect("refuses");
    assert!(error.to_string().contains(&format!("{id}.json: cut short")), "{error}");
}

/// The form that version 1 has for good: this file is never edited, and what it says is read as long as there are such files.
#[test]
fn a_record_of_version_1_is_read_and_written_alike() {
    let text = include_str!("version_1.json");
    let cluster = files::decode(text.as_bytes()).expect("reads");
    assert_eq!(cluster.tags["Name"], "orders");
    assert_eq!(cluster.policy.as_ref().map(|policy| policy.version), Some(2));
    assert_eq!(cluster.streams.len(), 3);
    assert_eq!(cluster.receipts[0].operation, "CreateCluster");
    assert_eq!(files::encode(&cluster), text);
}

#[test]
fn a_record_of_a_version_to_come_is_refused() {
    let json = include_str!("version_1.json").lines().next().expect("a line").replace("\"format\":1", "\"format\":2");
    let error = files::decode(format!("{json}\ncrc32c {:08x}\n", crc32c::crc32c(json.as_bytes())).as_bytes()).expect_err("refuses");
    assert_eq!(error, "its form is version 2, and this server reads version 1");
}

#[test]
fn a_record_under_another_name_is_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let [id, other] = ids(2)[..] else { unreachable!() };
    Registry::open(folder.path(), clock()).expect("opens").adopt(id, home()).expect("adopts");
    let clusters = folder.path().join("clusters");
    fs::rename(clusters.join(format!("{id}.json")), clusters.join(format!("{other}.json"))).expect("renames");
    assert!(matches!(Registry::open(folder.path(), clock()), Err(RegistryError::Damaged { .. })));
}

#[test]
fn a_restore_is_recorded_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::open(folder.path(), clock()).expect("opens");
    let [id, restored] = ids(2)[..] else { unreachable!() };
    let origin = registry.adopt(id, home()).expect("adopted");
    let failed = registry.restore(restored, origin.properties(), false, || {
        assert_eq!(registry.cluster(restored).expect("recorded first").phase, Phase::Restoring);
        Err(RegistryError::InUse(folder.path().to_owned()))
    });
    failed.expect_err("what the place said");
    assert_eq!(registry.cluster(restored), None);
    let placed: Result<(), RegistryError> = registry.restore(restored, origin.properties(), false, || Ok(()));
    placed.expect("placed");
    drop(registry);
    let again = Registry::open(folder.path(), clock()).expect("opens");
    let record = again.cluster(restored).expect("recorded");
    assert_eq!((&record.phase, record.default, record.properties()), (&Phase::Ready, false, origin.properties()));
}
