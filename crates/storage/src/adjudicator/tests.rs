//! The adjudicator against the matrix, spelled out once more as the table in the documentation, and applied to whole histories.

use super::*;
use crate::changes::Before;
use crate::record::Entry;

/// The matrix by name: does `later` lose to an `earlier` that was committed after its snapshot?
fn matrix(earlier: ClaimKind, later: ClaimKind) -> bool {
    use ClaimKind::{ForUpdate, KeyShare, KeyWrite, Observe, Write};
    match (earlier, later) {
        (Observe, _) => false,
        (KeyWrite, KeyWrite | ForUpdate | Write | KeyShare | Observe) => true,
        (ForUpdate, KeyWrite | ForUpdate | Write | KeyShare) => true,
        (ForUpdate, Observe) => false,
        (Write, KeyWrite | ForUpdate | Write | Observe) => true,
        (Write, KeyShare) => false,
        (KeyShare, KeyWrite | ForUpdate) => true,
        (KeyShare, Write | KeyShare | Observe) => false,
    }
}

const KEYS: [&[u8]; 2] = [b"a", b"b"];

/// A transaction of a history: when it began, and what it claimed on each key.
#[derive(Debug, Clone, Copy)]
struct Step {
    snapshot: u64,
    claims: [ClaimSet; 2],
    catalog: Option<CatalogClaim>,
}

impl Step {
    fn record(&self) -> Record<'static> {
        let entries = KEYS.iter().zip(self.claims).filter(|(_, claims)| !claims.is_empty());
        let entries = entries.map(|(&key, claims)| Entry { key, claims, change: None, before: Before::Untold }).collect();
        Record { snapshot: Position(self.snapshot), time_ns: 0, catalog: self.catalog.into_iter().collect(), entries }
    }
}

/// The naive serial model: every winner so far, compared with one by one.
#[derive(Default)]
struct Model(Vec<Step>);

impl Model {
    /// The latest winner after the snapshot that defeats the step.
    fn winner(&self, step: &Step) -> Option<u64> {
        let after = self.0.iter().enumerate().map(|(index, winner)| (index as u64 + 1, winner)).filter(|(at, _)| *at > step.snapshot);
        after.filter(|(_, winner)| defeats(winner, step)).map(|(at, _)| at).next_back()
    }
}

fn defeats(winner: &Step, step: &Step) -> bool {
    let catalog = match (winner.catalog, step.catalog) {
        (Some(CatalogClaim::Write(written)), Some(CatalogClaim::Write(id) | CatalogClaim::Read(id))) => written == id,
        _ => false,
    };
    catalog
        || winner.claims.iter().zip(step.claims).any(|(&held, claimed)| {
            ClaimKind::ALL
                .iter()
                .any(|&earlier| held.has(earlier) && ClaimKind::ALL.iter().any(|&later| claimed.has(later) && matrix(earlier, later)))
        })
}

fn check(steps: &[Step], adjudicator: &mut Adjudicator, model: &mut Model) {
    for step in steps {
        // Snapshots are taken at positions that exist.
        let step = Step { snapshot: step.snapshot.min(model.0.len() as u64), ..*step };
        let verdict = adjudicator.judge(&step.record());
        match (model.winner(&step), verdict) {
            (None, Ok(())) => {
                model.0.push(step);
                adjudicator.admit(Position(model.0.len() as u64), &step.record());
                adjudicator.settle();
            }
            (Some(_), Err(conflict)) => {
                let at = conflict.winner.0;
                assert!(at > step.snapshot && defeats(&model.0[at as usize - 1], &step), "{steps:?}: {conflict:?}");
            }
            (expected, verdict) => panic!("{steps:?}: the model says {expected:?}, the adjudicator {verdict:?} of {step:?}"),
        }
    }
}

fn claim_sets() -> Vec<ClaimSet> {
    (0..32).filter_map(ClaimSet::from_bits).collect()
}

#[test]
fn each_pair_of_claims_follows_the_matrix() {
    for earlier in ClaimKind::ALL {
        for later in ClaimKind::ALL {
            assert_eq!(later.defeated_by().has(earlier), matrix(earlier, later), "{earlier:?} then {later:?}");
        }
    }
}

/// Every history of three transactions on one key, with every set of claims and every snapshot; each third one claims with a snapshot
/// before, between and after the others.
#[test]
fn every_small_history_on_one_key() {
    let sets = claim_sets();
    let mut histories = 0;
    for &first in &sets {
        for &second in &sets {
            for &third in &sets {
                for snapshots in [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, 2], [0, 0, 2]] {
                    let steps = [first, second, third].into_iter().zip(snapshots);
                    let steps: Vec<Step> =
                        steps.map(|(claims, snapshot)| Step { snapshot, claims: [claims, ClaimSet::NONE], catalog: None }).collect();
                    check(&steps, &mut Adjudicator::new(Position::ZERO, 100), &mut Model::default());
                    histories += 1;
                }
            }
        }
    }
    assert_eq!(histories, 32 * 32 * 32 * 6);
}

/// Every history of four transactions with single claims on two keys.
#[test]
fn every_small_history_on_two_keys() {
    let one = |kind: Option<ClaimKind>| ClaimSet::from(kind);
    let kinds = [None, Some(ClaimKind::Write), Some(ClaimKind::KeyWrite), Some(ClaimKind::KeyShare)];
    let mut claims = Vec::new();
    for left in kinds {
        for right in kinds {
            claims.push([one(left), one(right)]);
        }
    }
    let catalog = [None, Some(CatalogClaim::Write(1)), Some(CatalogClaim::Read(1))];
    for a in &claims {
        for b in &claims {
            for c in &claims {
                for snapshot in 0..3 {
                    for catalog_first in catalog {
                        for catalog_last in catalog {
                            let steps = [
                                Step { snapshot: 0, claims: *a, catalog: catalog_first },
                                Step { snapshot: 0, claims: *b, catalog: None },
                                Step { snapshot, claims: *c, catalog: catalog_last },
                            ];
                            check(&steps, &mut Adjudicator::new(Position::ZERO, 100), &mut Model::default());
                        }
                    }
                }
            }
        }
    }
}

fn write(key: &'static [u8], snapshot: u64) -> Record<'static> {
    let claims = ClaimSet::from(Some(ClaimKind::Write));
    Record {
        snapshot: Position(snapshot),
        time_ns: 0,
        catalog: Vec::new(),
        entries: vec![Entry { key, claims, change: None, before: Before::Untold }],
    }
}

#[test]
fn a_batch_that_was_not_appended_never_happened() {
    let mut adjudicator = Adjudicator::new(Position::ZERO, 100);
    adjudicator.admit(Position(1), &write(b"a", 0));
    adjudicator.settle();
    adjudicator.admit(Position(2), &write(b"a", 1));
    adjudicator.admit(Position(3), &write(b"b", 1));
    adjudicator.admit(Position(4), &Record { catalog: vec![CatalogClaim::Write(7)], ..write(b"a", 3) });
    adjudicator.roll_back();
    assert_eq!(adjudicator.judge(&write(b"a", 1)), Ok(()));
    assert_eq!(adjudicator.judge(&write(b"b", 0)), Ok(()));
    assert_eq!(adjudicator.judge(&Record { catalog: vec![CatalogClaim::Read(7)], ..write(b"b", 1) }), Ok(()));
    assert_eq!(adjudicator.judge(&write(b"a", 0)).map_err(|conflict| conflict.winner), Err(Position(1)));
}

#[test]
fn claims_are_forgotten_when_no_snapshot_can_lose_to_them() {
    let mut adjudicator = Adjudicator::new(Position::ZERO, 100);
    for at in 1..=10 {
        adjudicator.admit(Position(at), &write(if at % 2 == 0 { b"a" } else { b"b" }, at - 1));
    }
    adjudicator.settle();
    adjudicator.forget(Position(9));
    assert_eq!(adjudicator.remembered(), 1, "only a, claimed at 10");
    assert!(adjudicator.judge(&write(b"a", 9)).is_err());
    assert_eq!(adjudicator.judge(&write(b"b", 9)), Ok(()));
}

#[test]
fn beyond_the_bound_old_snapshots_lose_conservatively() {
    let mut adjudicator = Adjudicator::new(Position::ZERO, 4);
    for at in 1..=10 {
        adjudicator.admit(Position(at), &write(b"a", at - 1));
    }
    adjudicator.settle();
    adjudicator.forget(Position::ZERO);
    let lost = adjudicator.judge(&write(b"unrelated", 5)).expect_err("a snapshot below the floor");
    assert_eq!((lost.kind, lost.winner), (ConflictKind::Data, Position(6)));
    assert_eq!(adjudicator.judge(&write(b"unrelated", 6)), Ok(()));
}
