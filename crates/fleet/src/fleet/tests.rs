use std::path::PathBuf;

use borealis_base::{ManualClock, SeededRandom};
use futures::future::join_all;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;

const IDLE: Duration = Duration::from_secs(60);

/// A data folder, and a fleet on it that can be opened again.
struct Rig {
    data: TempDir,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    runtime: Runtime,
}

impl Rig {
    fn new() -> Self {
        Self {
            data: tempfile::tempdir().expect("a folder"),
            clock: Arc::new(ManualClock::at(1_700_000_000_000_000)),
            random: Arc::new(SeededRandom::new(7)),
            runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime"),
        }
    }

    fn try_fleet(&self) -> Result<Arc<Fleet>, FleetError> {
        Fleet::open(self.options(Home::Folder(Layout::open(self.data.path())?)))
    }

    fn fleet(&self) -> Arc<Fleet> {
        self.try_fleet().expect("opens")
    }

    fn options(&self, home: Home) -> FleetOptions {
        FleetOptions {
            home,
            dialect: None,
            limits: Lowered::default(),
            idle_after: IDLE,
            clock: self.clock.clone(),
            random: self.random.clone(),
        }
    }

    fn id(&self) -> Id26 {
        Id26::random(self.random.as_ref())
    }

    fn lease(&self, fleet: &Fleet, cluster: Id26) -> Lease {
        self.try_lease(fleet, cluster).expect("it opens")
    }

    fn try_lease(&self, fleet: &Fleet, cluster: Id26) -> Result<Lease, Absent> {
        self.runtime.block_on(fleet.lease(cluster))
    }

    fn folder(&self, cluster: Id26) -> PathBuf {
        self.data.path().join("clusters").join(cluster.to_string())
    }
}

#[test]
fn a_cluster_is_opened_by_its_first_connection_and_closed_when_idle() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    let cluster = rig.id();
    fleet.create(cluster, None).expect("made");
    assert!(!rig.folder(cluster).join("store").exists(), "a cluster nobody has used is a folder with a note");
    let lease = rig.lease(&fleet, cluster);
    assert_eq!(lease.cluster().id(), cluster);
    assert!(fleet.is_open(cluster));
    rig.clock.advance(IDLE * 2);
    fleet.close_idle();
    assert!(fleet.is_open(cluster), "somebody has it");
    drop(lease);
    rig.clock.advance(IDLE - Duration::from_millis(1));
    fleet.close_idle();
    assert!(fleet.is_open(cluster), "not yet");
    rig.clock.advance(Duration::from_millis(1));
    // Jobs of the opening may still be on their way to finding that there is nothing to do.
    while fleet.is_open(cluster) {
        fleet.close_idle();
    }
    assert_eq!(rig.lease(&fleet, cluster).cluster().id(), cluster);
}

#[test]
fn many_first_connections_share_one_opening() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    let cluster = rig.id();
    fleet.create(cluster, None).expect("made");
    let leases = rig.runtime.block_on(join_all((0..50).map(|_| fleet.lease(cluster))));
    let leases: Vec<Lease> = leases.into_iter().collect::<Result<_, _>>().expect("all of them");
    assert!(leases.iter().all(|lease| Arc::ptr_eq(lease.cluster(), leases[0].cluster())));
    // A client that leaves while the cluster is being opened takes nobody along.
    let other = rig.id();
    fleet.create(other, None).expect("made");
    let opened = rig.runtime.block_on(async {
        let mut first = Box::pin(fleet.lease(other));
        assert!(futures::poll!(first.as_mut()).is_pending());
        let second = fleet.lease(other);
        drop(first);
        second.await
    });
    assert_eq!(opened.expect("opens").cluster().id(), other);
}

#[test]
fn a_restart_brings_back_every_cluster() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    let default = fleet.ensure_default_cluster().expect("made");
    let mut clusters: Vec<Id26> = (0..50).map(|_| rig.id()).collect();
    for cluster in &clusters {
        fleet.create(*cluster, None).expect("made");
    }
    for used in clusters.iter().step_by(5) {
        rig.lease(&fleet, *used);
    }
    clusters.push(default);
    clusters.sort();
    fleet.close(Duration::ZERO);
    drop(fleet);
    let fleet = rig.fleet();
    assert_eq!(fleet.clusters(), clusters);
    assert_eq!(fleet.ensure_default_cluster().expect("there"), default);
    for cluster in clusters {
        assert_eq!(rig.lease(&fleet, cluster).cluster().id(), cluster);
    }
}

#[test]
fn names_without_a_cluster_are_refused() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    assert_eq!(rig.try_lease(&fleet, rig.id()).err(), Some(Absent::Unknown));
    assert_eq!(fleet.default_cluster(), None);
    assert!(!fleet.is_open(rig.id()));
    fleet.delete(rig.id()).expect("nothing to delete is fine");
}

#[test]
fn a_damaged_cluster_is_refused_alone() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    let (good, lost, garbled) = (rig.id(), rig.id(), rig.id());
    for cluster in [good, lost, garbled] {
        fleet.create(cluster, None).expect("made");
        rig.lease(&fleet, cluster);
    }
    fleet.close(Duration::ZERO);
    drop(fleet);
    std::fs::remove_dir_all(rig.folder(lost).join("store")).expect("removed");
    std::fs::remove_dir_all(rig.folder(garbled).join("journal")).expect("removed");
    let fleet = rig.fleet();
    assert_eq!(rig.lease(&fleet, good).cluster().id(), good);
    for damaged in [lost, garbled] {
        let answers = rig.runtime.block_on(join_all((0..10).map(|_| fleet.lease(damaged))));
        assert!(answers.iter().all(|answer| matches!(answer, Err(Absent::Damaged))), "{damaged}");
    }
    assert!(!rig.folder(lost).join("store").exists(), "a store that was lost is not made anew");
    let error = fleet.open_now(lost, None).expect_err("refused").to_string();
    assert!(error.contains("the store is not there") && error.contains(&lost.to_string()), "{error}");
}

#[test]
fn deleting_waits_for_sessions_and_leaves_nothing() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    let cluster = fleet.ensure_default_cluster().expect("made");
    let lease = rig.lease(&fleet, cluster);
    let deletion = {
        let fleet = fleet.clone();
        task::spawn_thread("deletion", move || fleet.delete(cluster))
    };
    while fleet.endpoint(cluster).is_some_and(|endpoint| !endpoint.is_ending()) {
        std::thread::yield_now();
    }
    assert_eq!(rig.try_lease(&fleet, cluster).err(), Some(Absent::Deleting));
    assert!(rig.folder(cluster).exists());
    drop(lease);
    deletion.join().expect("no panic").expect("deleted");
    assert_eq!(rig.try_lease(&fleet, cluster).err(), Some(Absent::Unknown));
    assert_eq!(fleet.default_cluster(), None);
    let left: Vec<_> = std::fs::read_dir(rig.data.path().join("clusters")).expect("lists").collect();
    assert!(left.is_empty(), "{left:?}");
    fleet.delete(cluster).expect("again is fine");
    // The name is free again, and what comes back under it is empty.
    fleet.create(cluster, None).expect("made");
    rig.lease(&fleet, cluster);
}

#[test]
fn two_endpoints_can_share_a_database() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    let (one, two, three) = (rig.id(), rig.id(), rig.id());
    fleet.create(one, None).expect("made");
    fleet.create(two, Some(one)).expect("made");
    // A peer that was made first and joined later.
    fleet.create(three, None).expect("made");
    fleet.create(three, Some(two)).expect("joined");
    let leases = [one, two, three].map(|endpoint| rig.lease(&fleet, endpoint));
    assert!(leases.iter().all(|lease| Arc::ptr_eq(lease.cluster(), leases[0].cluster())));
    assert_eq!(leases.each_ref().map(|lease| lease.endpoint), [one, two, three]);
    drop(leases);
    let alone = rig.id();
    fleet.create(alone, None).expect("made");
    rig.lease(&fleet, alone);
    assert!(matches!(fleet.create(alone, Some(one)), Err(FleetError::HasData(_))));
    assert!(matches!(fleet.create(rig.id(), Some(rig.id())), Err(FleetError::Unknown(_))));
    // The name of the first goes, the data stays for the others, over a restart too.
    fleet.delete(one).expect("deleted");
    assert_eq!(rig.try_lease(&fleet, one).err(), Some(Absent::Unknown));
    fleet.close(Duration::ZERO);
    drop(fleet);
    let fleet = rig.fleet();
    assert_eq!(rig.lease(&fleet, two).cluster().id(), one);
    fleet.delete(two).expect("deleted");
    assert_eq!(rig.lease(&fleet, three).cluster().id(), one);
    fleet.delete(three).expect("deleted");
    assert!(!rig.folder(one).exists() && !rig.folder(three).exists());
    assert_eq!(fleet.clusters(), [alone]);
}

#[test]
fn a_folder_from_before_clusters_had_names_is_brought_up_to_date() {
    let rig = Rig::new();
    let unnamed = rig.data.path().join("clusters").join("default");
    let id = read_id(&unnamed, &rig.options(Home::Memory)).expect("an old cluster");
    let fleet = rig.fleet();
    assert_eq!(fleet.default_cluster(), Some(id));
    assert_eq!(fleet.ensure_default_cluster().expect("there"), id);
    assert_eq!(rig.lease(&fleet, id).cluster().id(), id);
    assert!(!unnamed.exists());
}

#[test]
fn the_dialect_asked_for_is_the_one_the_cluster_has() {
    let rig = Rig::new();
    let fleet = rig.fleet();
    let cluster = fleet.ensure_default_cluster().expect("made");
    fleet.open_now(cluster, None).expect("opens");
    fleet.close(Duration::ZERO);
    drop(fleet);
    let other: Dialect = "2026-02".parse().expect("a dialect");
    let error = rig.fleet().open_now(cluster, Some(other)).expect_err("it keeps its own").to_string();
    assert!(error.contains("was created with dialect 2026-09"), "{error}");
}

#[test]
fn in_memory_nothing_is_closed() {
    let rig = Rig::new();
    let fleet = Fleet::open(rig.options(Home::Memory)).expect("opens");
    let cluster = fleet.ensure_default_cluster().expect("made");
    rig.lease(&fleet, cluster);
    rig.clock.advance(IDLE * 10);
    fleet.close_idle();
    assert!(fleet.is_open(cluster));
    fleet.delete(cluster).expect("deleted");
    assert_eq!(fleet.clusters(), []);
}
