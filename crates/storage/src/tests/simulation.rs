//! A seeded simulation: random transactions that overlap in time, checkpoints and crashes in between, against a naive model that keeps
//! every version there ever was and decides conflicts by looking at all of them.
//!
//! A failure prints the seed. `SEED=n cargo test -p borealis-storage simulation` replays that one alone.

use std::collections::BTreeMap;

use borealis_base::{Random, SeededRandom};

use super::rig::{Rig, Rows, drain, key, rows, value_of};
use crate::{ClaimKind, CommitError, Direction, KeyRange, Position, Store, Transaction};

const SEEDS: u64 = 60;
const STEPS: usize = 300;
const OPEN_MAX: usize = 6;
const KEYS: u64 = 12;

#[test]
fn simulation() {
    let seeds = match std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..SEEDS,
    };
    for seed in seeds {
        let result = std::panic::catch_unwind(|| Simulation::new(seed).run());
        if let Err(panic) = result {
            eprintln!("replay with: SEED={seed} cargo test -p borealis-storage simulation");
            std::panic::resume_unwind(panic);
        }
    }
}

/// One commit of the model.
struct Committed {
    claims: Vec<(Vec<u8>, ClaimKind)>,
    rows: Rows,
}

struct Open {
    transaction: Transaction,
    snapshot: usize,
    rows: Rows,
    claims: Vec<(Vec<u8>, ClaimKind)>,
    /// What it changed: `None` is a deletion.
    written: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

struct Simulation {
    random: SeededRandom,
    rig: Rig,
    store: Option<Store>,
    history: Vec<Committed>,
    open: Vec<Open>,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let rig = Rig::new(seed);
        let store = Some(rig.open());
        let history = vec![Committed { claims: Vec::new(), rows: Rows::new() }];
        Self { random: SeededRandom::new(seed ^ 0x5eed), rig, store, history, open: Vec::new() }
    }

    fn below(&self, bound: usize) -> usize {
        (self.random.next_u64() % bound as u64) as usize
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("open between steps")
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            match self.below(100) {
                0..20 if self.open.len() < OPEN_MAX => self.begin(),
                0..60 if !self.open.is_empty() => self.change(),
                60..72 if !self.open.is_empty() => self.read(),
                72..94 if !self.open.is_empty() => self.end(),
                94..98 => self.store().checkpoint(),
                98 => self.restart(),
                _ => self.begin(),
            }
        }
        self.restart();
    }

    fn begin(&mut self) {
        if self.open.len() >= OPEN_MAX {
            return;
        }
        let transaction = self.store().begin();
        let snapshot = transaction.snapshot().position().0 as usize;
        assert_eq!(snapshot, self.history.len() - 1, "a snapshot is the latest commit");
        let rows = self.history[snapshot].rows.clone();
        self.open.push(Open { transaction, snapshot, rows, claims: Vec::new(), written: BTreeMap::new() });
    }

    fn change(&mut self) {
        let (which, key) = (self.below(self.open.len()), key(self.random.next_u64() % KEYS));
        let kind = ClaimKind::ALL[self.below(5)];
        let (action, length) = (self.below(4), self.below(60));
        let open = &mut self.open[which];
        open.claims.push((key.clone(), kind));
        match action {
            0 => open.transaction.claim(key, kind),
            1 => {
                open.rows.remove(&key);
                open.written.insert(key.clone(), None);
                open.transaction.delete(key, Some(kind));
            }
            _ => {
                let value = vec![length as u8; length];
                open.written.insert(key.clone(), Some(value.clone()));
                open.rows.insert(key.clone(), value.clone());
                open.transaction.put(key, value, Some(kind));
            }
        }
    }

    fn read(&mut self) {
        let open = &self.open[self.below(self.open.len())];
        let wanted = key(self.random.next_u64() % KEYS);
        assert_eq!(value_of(&open.transaction, &wanted), open.rows.get(&wanted).cloned());
        assert_eq!(rows(open.transaction.snapshot()), self.history[open.snapshot].rows);
        let (low, high) = (key(self.random.next_u64() % KEYS), key(self.random.next_u64() % KEYS));
        let direction = if self.below(2) == 0 { Direction::Forward } else { Direction::Reverse };
        let found = drain(&mut open.transaction.scan(KeyRange::half_open(low.clone(), high.clone()), direction));
        let mut expected: Vec<_> = open.rows.iter().filter(|(key, _)| **key >= low && **key < high).collect();
        if direction == Direction::Reverse {
            expected.reverse();
        }
        assert!(found.iter().map(|(key, value)| (key, value)).eq(expected));
    }

    fn end(&mut self) {
        let open = self.open.swap_remove(self.below(self.open.len()));
        if self.below(10) == 0 {
            return; // rolled back
        }
        let keeps = !open.written.is_empty() || open.claims.iter().any(|(_, kind)| *kind != ClaimKind::Observe);
        let loses = keeps && self.history[open.snapshot + 1..].iter().any(|winner| defeats(winner, &open));
        match open.transaction.commit_blocking() {
            Ok(position) if !keeps => assert_eq!(position.0 as usize, open.snapshot),
            Ok(position) => {
                assert!(!loses, "the model says it loses");
                let mut rows = self.history.last().expect("history begins at zero").rows.clone();
                apply(&mut rows, open.written);
                self.history.push(Committed { claims: open.claims, rows });
                assert_eq!(position, Position(self.history.len() as u64 - 1));
            }
            Err(CommitError::Conflict(conflict)) => {
                assert!(loses, "the model says it wins: {conflict:?}");
                assert!(conflict.winner.0 as usize > open.snapshot);
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Power off or an orderly end, and a new start.
    fn restart(&mut self) {
        self.open.clear();
        self.store = None;
        if self.below(2) == 0 {
            let random = SeededRandom::new(self.random.next_u64());
            self.rig.lose_power(&random);
        }
        self.store = Some(self.rig.open());
        assert_eq!(self.store().position().0 as usize, self.history.len() - 1);
        assert_eq!(rows(&self.store().snapshot()), self.history.last().expect("history begins at zero").rows);
    }
}

fn apply(rows: &mut Rows, written: BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
    for (key, value) in written {
        match value {
            Some(value) => drop(rows.insert(key, value)),
            None => drop(rows.remove(&key)),
        }
    }
}

fn defeats(winner: &Committed, open: &Open) -> bool {
    winner.claims.iter().any(|(held, earlier)| open.claims.iter().any(|(key, later)| held == key && later.defeated_by().has(*earlier)))
}
