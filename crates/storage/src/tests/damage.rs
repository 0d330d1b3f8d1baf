//! What was durable and is no longer there is refused, by name.

use super::rig::{Rig, Rows, key, rows};
use crate::journal::recovery::file_name;
use crate::{ClaimKind, Damage, OpenError, Position, Store};

fn commit(store: &Store, number: u64, bytes: usize) {
    let mut transaction = store.begin();
    transaction.put(key(number), vec![number as u8; bytes], Some(ClaimKind::KeyWrite));
    transaction.commit_blocking().expect("commits");
}

/// Twenty commits over several segments, closed.
fn filled() -> (Rig, Rows) {
    let rig = Rig::new(11);
    let store = rig.open();
    (1..=20).for_each(|number| commit(&store, number, 300));
    let rows = rows(&store.snapshot());
    drop(store);
    (rig, rows)
}

fn damage_of(rig: &Rig) -> Damage {
    match rig.try_open() {
        Err(OpenError::Damaged(damage)) => damage,
        other => panic!("expected damage, got {other:?}"),
    }
}

#[test]
fn a_bad_record_before_good_ones_is_refused() {
    let (rig, _) = filled();
    let good = rig.disk.content(&file_name(1));
    // Any byte of any frame but the segment's last: header, length, checksum, payload.
    for offset in (64..900).step_by(7) {
        rig.disk.damage(&file_name(1), |bytes| bytes[offset] ^= 0x10);
        let damage = damage_of(&rig);
        assert_eq!(damage.file, format!("disk/{}", file_name(1)));
        assert!(damage.offset <= offset as u64 && damage.offset >= 64, "{damage}");
        assert!(damage.last_lost.is_some_and(|last| last >= damage.first_lost), "{damage}");
        rig.disk.damage(&file_name(1), |bytes| bytes.clone_from(&good));
    }
    assert_eq!(rig.open().position(), Position(20));
}

#[test]
fn a_bad_last_record_of_an_earlier_segment_is_refused() {
    let (rig, _) = filled();
    let end = rig.disk.content(&file_name(1)).iter().rposition(|&byte| byte != 0).expect("records");
    rig.disk.damage(&file_name(1), |bytes| bytes[end] ^= 1);
    let damage = damage_of(&rig);
    assert_eq!(Some(damage.first_lost), damage.last_lost, "{damage}");
}

#[test]
fn a_bad_header_is_refused() {
    let (rig, _) = filled();
    for (name, at) in [(file_name(1), 20), (file_name(2), 45), (file_name(2), 0)] {
        let good = rig.disk.content(&name);
        rig.disk.damage(&name, |bytes| bytes[at] ^= 1);
        damage_of(&rig);
        rig.disk.damage(&name, |bytes| bytes.clone_from(&good));
    }
}

#[test]
fn a_missing_segment_is_refused() {
    use crate::journal::backend::Backend;
    let (rig, _) = filled();
    rig.disk.remove(&file_name(2)).expect("there are several");
    let damage = damage_of(&rig);
    assert_eq!((damage.file, damage.detail), (format!("disk/{}", file_name(2)), "the segment is missing".to_owned()));
}

#[test]
fn a_missing_first_segment_is_refused() {
    use crate::journal::backend::Backend;
    let (rig, _) = filled();
    rig.disk.remove(&file_name(1)).expect("there are several");
    assert_eq!(damage_of(&rig).first_lost, Position(1));
}

#[test]
fn a_missing_journal_is_refused() {
    use crate::journal::backend::Backend;
    let (rig, _) = filled();
    for name in rig.disk.names().expect("names") {
        rig.disk.remove(&name).expect("removes");
    }
    assert_eq!(damage_of(&rig).detail, "the journal is missing");
}

#[test]
fn a_journal_that_ends_before_the_checkpoint_is_refused() {
    let rig = Rig::new(12);
    let store = rig.open();
    (1..=3).for_each(|number| commit(&store, number, 10));
    let early = rig.disk.content(&file_name(1));
    (4..=6).for_each(|number| commit(&store, number, 10));
    store.checkpoint();
    drop(store);
    rig.disk.damage(&file_name(1), |bytes| *bytes = early);
    let damage = damage_of(&rig);
    assert_eq!((damage.first_lost, damage.last_lost), (Position(4), Some(Position(6))), "{damage}");
}

#[test]
fn another_stores_segment_is_refused() {
    let (rig, _) = filled();
    let mut other = Rig::new(99);
    drop(other.open());
    other.disk = rig.disk.clone();
    assert_eq!(damage_of(&other).detail, "the segment belongs to another store");
}

#[test]
fn another_version_is_refused_by_number() {
    let (rig, _) = filled();
    rig.disk.damage(&file_name(1), |bytes| {
        bytes[8] = 2;
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&bytes[0..12]), &bytes[16..64]);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    });
    assert!(matches!(rig.try_open(), Err(OpenError::Version { found: 2, supported: 1, .. })));
}

/// The last append may be torn at any byte, and in any way: it is cut, and everything before it is there.
#[test]
fn a_torn_tail_is_cut() {
    let (rig, all) = filled();
    let last = (1..100).map(file_name).take_while(|name| exists(&rig, name)).last().expect("a segment");
    let whole = rig.disk.content(&last);
    let end = whole.iter().rposition(|&byte| byte != 0).expect("records");
    let start = end - 300; // inside the last record's value
    let mut but_last = all.clone();
    but_last.remove(&key(20));
    for cut in (start..=end).step_by(13) {
        for mode in 0..2 {
            rig.disk.damage(&last, |bytes| {
                bytes.clone_from(&whole);
                if mode == 0 { bytes[cut..].fill(0) } else { bytes[cut] ^= 0xff }
            });
            let store = rig.open();
            assert_eq!(rows(&store.snapshot()), but_last);
            assert!(rig.disk.content(&last)[start..].iter().all(|&byte| byte == 0), "what was torn is gone");
            commit(&store, 20, 10); // shorter than what was torn
            commit(&store, 21, 10);
            drop(store);
            assert_eq!(rig.open().position(), Position(21), "what is left of the torn tail does not count");
        }
    }
}

fn exists(rig: &Rig, name: &str) -> bool {
    use crate::journal::backend::Backend;
    rig.disk.open(name).is_ok()
}

/// A value that looks like a frame must not pass for one when the append around it is torn.
#[test]
fn a_value_can_not_pass_for_a_frame() {
    let rig = Rig::new(13);
    let store = rig.open();
    commit(&store, 1, 10);
    commit(&store, 2, 10);
    let segment = rig.disk.content(&file_name(1));
    let mut transaction = store.begin();
    // All frames so far, at every alignment, as a user who read the file would replay them.
    let copies: Vec<u8> = (0..8).flat_map(|shift| [vec![0; shift], segment[64..400].to_vec()].concat()).collect();
    transaction.put(key(3), copies, Some(ClaimKind::KeyWrite));
    transaction.commit_blocking().expect("commits");
    drop(store);
    // The salt makes a guess as good as impossible; with the salt known, positions still only count when they come later.
    rig.disk.damage(&file_name(2), |bytes| {
        let end = bytes.iter().rposition(|&byte| byte != 0).expect("records");
        bytes[end] ^= 1;
    });
    assert_eq!(rig.open().position(), Position(2));
}

#[test]
fn replay_checks_the_verdicts() {
    use crate::journal::segment::{encode_frame, frame_bytes};
    use crate::record::Record;
    use crate::write_set::WriteSet;
    let rig = Rig::new(14);
    let store = rig.open();
    commit(&store, 1, 10);
    drop(store);
    // A record that could never have won, in a perfectly good frame: its snapshot is older than a write of the same key.
    let mut writes = WriteSet::default();
    writes.claim(key(1), crate::ClaimSet::NONE.with(ClaimKind::Write));
    let record = Record::of(Position::ZERO, &[], &writes).encode();
    let records = [&record[..]];
    rig.disk.damage(&file_name(1), |bytes| {
        let salt = u64::from_le_bytes(std::array::from_fn(|index| bytes[48 + index]));
        let end = bytes.iter().rposition(|&byte| byte != 0).expect("records");
        let at = (end + 1).next_multiple_of(8);
        let mut frame = Vec::new();
        encode_frame(&mut frame, salt, Position(2), &records);
        assert_eq!(frame.len(), frame_bytes(&records));
        bytes[at..at + frame.len()].copy_from_slice(&frame);
    });
    let damage = damage_of(&rig);
    assert!(damage.detail.contains("replay decides against it"), "{damage}");
}

/// The removals of a truncation may become durable in any order: what is left of the segments before the checkpoint does not matter.
#[test]
fn segments_before_the_checkpoint_may_have_gaps() {
    use crate::journal::backend::Backend;
    let rig = Rig::new(15);
    let store = rig.open();
    for number in 1..=20 {
        commit(&store, number, 300);
    }
    let (first, third) = (rig.disk.content(&file_name(1)), rig.disk.content(&file_name(3)));
    store.checkpoint();
    drop(store);
    assert!(!exists(&rig, &file_name(3)), "the checkpoint removed it");
    for (name, content) in [(file_name(1), first), (file_name(3), third)] {
        rig.disk.create(&name).expect("creates").write_at(0, &content).expect("writes");
    }
    assert_eq!(rig.open().position(), Position(20));
    assert!(!exists(&rig, &file_name(1)) && !exists(&rig, &file_name(3)), "and they are removed for good");
}
