//! The local journal in a real folder, with its preparing thread.

use borealis_base::SeededRandom;

use super::super::backend::Folder;
use super::*;

fn open(folder: &std::path::Path, store: Option<StoreId>, checkpoint: u64) -> (LocalJournal, StoreId) {
    let options = LocalOptions {
        store,
        checkpoint: Checkpoint { position: Position(checkpoint), catalog: Position::ZERO },
        followed_after: None,
        segment_bytes: 4096,
        random: Arc::new(SeededRandom::new(1)),
        prepare_ahead: true,
    };
    LocalJournal::open(Box::new(Folder(folder.to_owned())), options).expect("opens")
}

fn read(journal: &LocalJournal, after: u64) -> Vec<(u64, Vec<u8>)> {
    let mut found = Vec::new();
    let visit = &mut |position: Position, record: &[u8]| {
        found.push((position.0, record.to_vec()));
        ControlFlow::Continue(())
    };
    journal.read(Position(after), visit).expect("reads");
    found
}

#[test]
fn records_are_there_after_reopening_and_truncating() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, store) = open(folder.path(), None, 0);
    for at in 0..100u64 {
        let record = vec![at as u8; 150];
        assert_eq!(journal.append(Position(at * 2), &[&record, b"second"]).expect("appends"), Position(at * 2 + 2));
    }
    assert!(matches!(journal.append(Position(7), &[b"late"]), Err(AppendError::LostRace)));
    assert_eq!(read(&journal, 0).len(), 200);
    assert_eq!(read(&journal, 197), [(198, b"second".to_vec()), (199, vec![99; 150]), (200, b"second".to_vec())]);
    let segments = |folder: &std::path::Path| std::fs::read_dir(folder).expect("lists").count();
    let before = segments(folder.path());
    journal.truncate(Position(150)).expect("truncates");
    assert!(segments(folder.path()) < before);
    assert_eq!(read(&journal, 150).len(), 50);
    drop(journal);
    let (journal, again) = open(folder.path(), Some(store), 150);
    assert_eq!(again, store);
    assert_eq!(read(&journal, 150).len(), 50);
    assert_eq!(journal.append(Position(200), &[b"more"]).expect("appends"), Position(201));
}

#[test]
fn a_record_larger_than_a_segment_gets_one_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, _) = open(folder.path(), None, 0);
    let large = vec![7; 50_000];
    for at in 0..6 {
        let record: &[u8] = if at % 2 == 0 { &large } else { b"small" };
        journal.append(Position(at), &[record]).expect("appends");
    }
    drop(journal);
    let (journal, _) = open(folder.path(), None, 0);
    let lengths: Vec<usize> = read(&journal, 0).iter().map(|(_, record)| record.len()).collect();
    assert_eq!(lengths, [50_000, 5, 50_000, 5, 50_000, 5]);
}
