//! Two stores on one journal: what the trait promises about others appending is enough for both to agree.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use super::rig::{key, rows};
use crate::base_store::{BaseStore, Checkpoint};
use crate::folder::TemporaryFolder;
use crate::journal::{AppendError, Journal};
use crate::store::Background;
use crate::views::Views;
use crate::{ClaimKind, CommitError, Limits, OpenError, Position, Store};

/// Keeps everything; whoever names the tail may append.
#[derive(Default)]
struct SharedJournal(Mutex<BTreeMap<Position, Vec<u8>>>);

impl Journal for SharedJournal {
    fn append(&self, after: Position, records: &[&[u8]]) -> Result<Position, AppendError> {
        let mut kept = self.0.lock().expect("no panic");
        let tail = kept.last_key_value().map_or(Position::ZERO, |(&tail, _)| tail);
        if tail != after {
            return Err(AppendError::LostRace);
        }
        for (index, record) in records.iter().enumerate() {
            kept.insert(after.after(index as u64 + 1), record.to_vec());
        }
        Ok(after.after(records.len() as u64))
    }

    fn read(&self, after: Position, visit: &mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>) -> Result<(), OpenError> {
        let kept = self.0.lock().expect("no panic").clone();
        for (&position, record) in kept.range(after.next()..) {
            if visit(position, record).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn truncate(&self, _up_to: Position) -> io::Result<()> {
        Ok(())
    }
}

fn node(journal: &Arc<SharedJournal>) -> Store {
    let limits = Limits { map_bytes_max: 1 << 30, ..Limits::default() };
    let folder = TemporaryFolder::make(&borealis_base::OsRandom).expect("a folder");
    let base = BaseStore::open(&folder.0, &limits, true).expect("opens");
    let views = Views::new(base, None, Checkpoint::default(), Arc::default(), 8);
    let journal = Arc::clone(journal);
    Store::start(views, journal, &limits, super::rig::beginning(), Background::Stepped).expect("starts")
}

#[test]
fn a_lost_race_is_decided_anew() {
    let journal = Arc::new(SharedJournal::default());
    let (left, right) = (node(&journal), node(&journal));
    let mut ahead = left.begin();
    ahead.put(key(1), b"left".to_vec(), Some(ClaimKind::KeyWrite));
    let (mut same_key, mut other_key) = (right.begin(), right.begin());
    same_key.put(key(1), b"right".to_vec(), Some(ClaimKind::KeyWrite));
    other_key.put(key(2), b"right".to_vec(), Some(ClaimKind::KeyWrite));
    assert_eq!(ahead.commit_blocking(), Ok(Position(1)));
    // The other node has not seen that commit; its journal tells it.
    let Err(CommitError::Conflict(conflict)) = same_key.commit_blocking() else { panic!("the key was written by the other node") };
    assert_eq!(conflict.winner, Position(1));
    assert_eq!(other_key.commit_blocking(), Ok(Position(2)));
    assert_eq!(right.snapshot().get(&key(1)).expect("reads").as_deref(), Some(&b"left"[..]));
}

#[test]
fn two_nodes_converge() {
    let journal = Arc::new(SharedJournal::default());
    let nodes = [node(&journal), node(&journal)];
    let mut won = 0;
    for round in 0..200u64 {
        let node = &nodes[(round % 3 % 2) as usize];
        let mut transaction = node.begin();
        transaction.put(key(round % 5), round.to_string().into_bytes(), Some(ClaimKind::Write));
        match transaction.commit_blocking() {
            Ok(_) => won += 1,
            Err(CommitError::Conflict(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let fresh = node(&journal);
    assert_eq!(fresh.position(), Position(won));
    for node in &nodes {
        let mut last = node.begin();
        last.put(key(9), Vec::new(), None);
        last.commit_blocking().expect("catches up");
    }
    let expected: Vec<_> = rows(&fresh.snapshot()).into_iter().collect();
    let found: Vec<_> = rows(&nodes[1].snapshot()).into_iter().filter(|(at, _)| *at != key(9)).collect();
    assert_eq!(found, expected);
}
