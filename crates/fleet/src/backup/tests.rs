use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use borealis_base::{ManualClock, OsRandom};
use borealis_control::{Home as Owner, Phase};
use borealis_dialect::Lowered;

use super::*;
use crate::fleet::{FleetOptions, Home};
use crate::layout::Layout;

/// A data folder that is served by nobody.
struct Place {
    fleet: Arc<Fleet>,
    registry: Registry,
}

impl Place {
    fn open(data: &Path) -> Self {
        let clock = Arc::new(ManualClock::at(1_790_000_000_000_000));
        let fleet = Fleet::open(FleetOptions {
            home: Home::Folder(Layout::open(data).expect("locks")),
            dialect: None,
            limits: Lowered::default(),
            idle_after: Duration::from_secs(60),
            clock: clock.clone(),
            random: Arc::new(OsRandom),
        });
        let registry = Registry::open(&data.join("control"), clock).expect("opens");
        Self { fleet: fleet.expect("opens"), registry }
    }

    /// With a cluster.
    fn made(data: &Path) -> (Self, Id26) {
        let place = Self::open(data);
        let cluster = place.fleet.ensure_default_cluster().expect("made");
        let owner = Owner { account: "000000000000".to_owned(), region: "eu-west-1".to_owned() };
        place.registry.adopt(cluster, owner).expect("recorded");
        (place, cluster)
    }

    fn backup(&self) -> (Vec<u8>, Summary) {
        let mut file = Vec::new();
        let summary = take(&self.fleet, &self.registry, None, &mut file).expect("made");
        (file, summary)
    }

    fn restore(&self, file: &[u8], under: Under) -> Result<Summary, BackupError> {
        restore(&self.fleet, &self.registry, file, under)
    }

    fn close(self) {
        self.fleet.close(Duration::from_secs(5));
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("reads").map(|entry| entry.expect("reads").file_name().to_string_lossy().into_owned());
    let mut entries: Vec<String> = entries.collect();
    entries.sort();
    entries
}

#[test]
fn a_cluster_comes_back_under_its_own_name_and_under_others() {
    let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (origin, cluster) = Place::made(here.path());
    let (file, summary) = origin.backup();
    assert_eq!((summary.cluster.as_str(), summary.bytes), (cluster.to_string().as_str(), file.len() as u64));
    let (description, verified) = verify(&file[..]).expect("good");
    assert_eq!((verified, description.properties.home.region.as_str()), (summary.clone(), "eu-west-1"));

    assert!(matches!(origin.restore(&file, Under::Own), Err(BackupError::Exists(known)) if known == cluster));
    let copy: Id26 = origin.restore(&file, Under::Fresh).expect("restored").cluster.parse().expect("an id");
    assert_ne!(copy, cluster);
    assert_eq!(origin.fleet.default(), Some(cluster), "the default cluster stays");
    assert_eq!(origin.fleet.hold(copy).expect("opens").cluster().id(), copy);
    let record = origin.registry.cluster(copy).expect("recorded");
    assert_eq!((&record.phase, record.default), (&Phase::Ready, false));

    let elsewhere = Place::open(there.path());
    assert_eq!(elsewhere.restore(&file, Under::Own).expect("restored"), summary);
    assert_eq!(elsewhere.fleet.default(), Some(cluster), "the first one is the default one");
    elsewhere.close();
    let elsewhere = Place::open(there.path());
    assert_eq!(elsewhere.fleet.default(), Some(cluster));
    assert!(elsewhere.registry.cluster(cluster).expect("recorded").default);
    let (again, _) = elsewhere.backup();
    assert_eq!(again.len(), file.len(), "a copy of a copy is as long");
    origin.close();
}

/// What every file that is not the one written must be: refused, and as if it had never been there.
fn refused(place: &Place, data: &Path, before: &[String], file: &[u8], what: &str) {
    verify(file).expect_err(what);
    place.restore(file, Under::Fresh).expect_err(what);
    assert_eq!(entries(&data.join("clusters")), before, "{what}");
}

#[test]
fn a_cut_or_changed_file_changes_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let (place, _) = Place::made(data.path());
    let (file, _) = place.backup();
    let before = entries(&data.path().join("clusters"));
    for length in 0..file.len() {
        verify(&file[..length]).expect_err("cut");
    }
    for (at, bit) in (0..file.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut changed = file.clone();
        changed[at] ^= 1 << bit;
        verify(&changed[..]).err().unwrap_or_else(|| panic!("bit {bit} of byte {at}"));
    }
    // The whole way, at places in every part of the file.
    for at in (0..file.len()).step_by(file.len() / 12) {
        let mut changed = file.clone();
        changed[at] ^= 0x10;
        refused(&place, data.path(), &before, &changed, "changed");
        refused(&place, data.path(), &before, &file[..at], "cut");
    }
    let longer = [&file[..], b"x"].concat();
    refused(&place, data.path(), &before, &longer, "longer");
    refused(&place, data.path(), &before, &[&file[..], &file[..]].concat(), "twice");
    assert_eq!(place.registry.clusters().len(), 1);
    place.restore(&file, Under::Fresh).expect("the file itself is good");
}

#[test]
fn a_failure_travels_in_the_file() {
    let data = tempfile::tempdir().expect("a folder");
    let place = Place::open(data.path());
    let mut file = Vec::new();
    take(&place.fleet, &place.registry, None, &mut file).expect_err("there is none");
    let told = verify(&file[..]).expect_err("told").to_string();
    assert!(told.contains("there is no default cluster"), "{told}");
}

#[test]
fn a_restore_that_was_killed_leaves_nothing_half() {
    let data = tempfile::tempdir().expect("a folder");
    let (place, cluster) = Place::made(data.path());
    let (file, _) = place.backup();
    // Before its end: the folder beside, with some of the rows.
    let half = place.fleet.layout().expect("a folder").begin(Id26([9; 16])).expect("begun");
    let (reader, _) = open(&file[..]).expect("good");
    build(reader, &half, Id26([9; 16])).expect("built");
    place.close();
    let place = Place::open(data.path());
    assert_eq!(place.fleet.clusters(), [cluster]);
    let mut whole = [cluster.to_string(), "default-cluster".to_owned()];
    whole.sort();
    assert_eq!(entries(&data.path().join("clusters")), whole);
}
