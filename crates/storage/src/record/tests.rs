use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::write_set::Intent;

fn claims() -> impl Strategy<Value = ClaimSet> {
    (0u8..32).prop_map(|bits| ClaimSet::from_bits(bits).expect("five bits"))
}

fn change() -> impl Strategy<Value = Option<Change>> {
    option::of(prop_oneof![vec(any::<u8>(), 0..300).prop_map(Change::Put), Just(Change::Delete)])
}

fn before() -> impl Strategy<Value = Before> {
    prop_oneof![Just(Before::Untold), Just(Before::Absent), vec(any::<u8>(), 0..50).prop_map(Before::Value)]
}

fn write_set() -> impl Strategy<Value = WriteSet> {
    let intent = (claims(), change(), before()).prop_map(|(claims, change, before)| Intent { claims, change, before });
    btree_map(vec(any::<u8>(), 1..200), intent, 0..20).prop_map(|intents| {
        let mut writes = WriteSet::default();
        for (key, Intent { claims, change, before }) in intents {
            match change {
                Some(change) => writes.change(key, change, claims, before),
                None => writes.claim(key, claims),
            }
        }
        writes
    })
}

fn catalog_claim() -> impl Strategy<Value = CatalogClaim> {
    (any::<bool>(), any::<u32>()).prop_map(|(write, id)| if write { CatalogClaim::Write(id) } else { CatalogClaim::Read(id) })
}

proptest! {
    #[test]
    fn a_record_round_trips(snapshot: u64, time_ns: i64, catalog in vec(catalog_claim(), 0..5), writes in write_set()) {
        let mut record = Record::of(Position(snapshot), &catalog, &writes);
        let mut bytes = record.encode();
        stamp(&mut bytes, time_ns);
        record.time_ns = time_ns;
        prop_assert_eq!(Record::decode(&bytes), Ok(record));
    }

    #[test]
    fn a_shortened_record_is_refused(writes in write_set(), cut in 1usize..64) {
        let bytes = Record::of(Position(1), &[], &writes).encode();
        let shorter = &bytes[..bytes.len().saturating_sub(cut)];
        prop_assert!(Record::decode(shorter).is_err());
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(record) = Record::decode(&bytes) {
            let again = record.encode();
            prop_assert_eq!(Record::decode(&again), Ok(record));
        }
    }
}

#[test]
fn the_layout_is_the_documented_one() {
    let mut writes = WriteSet::default();
    let key_write = ClaimSet::from(Some(crate::ClaimKind::KeyWrite));
    writes.change(b"k".to_vec(), Change::Put(b"vw".to_vec()), key_write, Before::Untold);
    writes.change(b"l".to_vec(), Change::Delete, ClaimSet::NONE, Before::Untold);
    writes.claim(b"m".to_vec(), ClaimSet::from(Some(crate::ClaimKind::KeyShare)));
    writes.change(b"n".to_vec(), Change::Put(b"x".to_vec()), key_write, Before::Absent);
    writes.change(b"o".to_vec(), Change::Delete, ClaimSet::NONE, Before::Absent);
    writes.change(b"p".to_vec(), Change::Put(b"y".to_vec()), ClaimSet::NONE, Before::Value(b"z".to_vec()));
    writes.change(b"q".to_vec(), Change::Delete, ClaimSet::NONE, Before::Value(b"zz".to_vec()));
    let mut bytes = Record::of(Position(7), &[CatalogClaim::Read(9)], &writes).encode();
    stamp(&mut bytes, 258);
    let expected = [
        &[2][..],
        &[7, 0, 0, 0, 0, 0, 0, 0], // version, snapshot
        &[2, 1, 0, 0, 0, 0, 0, 0], // time
        &[1, 2, 9, 0, 0, 0],       // one catalog claim: read 9
        &[7],                      // seven entries
        &[0b001_00010, 1, b'k', 2, b'v', b'w'],
        &[0b010_00000, 1, b'l'],
        &[0b000_01000, 1, b'm'],
        &[0b011_00010, 1, b'n', 1, b'x'],
        &[0b100_00000, 1, b'o'],
        &[0b101_00000, 1, b'p', 1, b'y', 1, b'z'],
        &[0b110_00000, 1, b'q', 2, b'z', b'z'],
    ];
    assert_eq!(bytes, expected.concat());
}

#[test]
fn a_record_of_the_version_before_is_read() {
    let bytes = [&[1][..], &[7, 0, 0, 0, 0, 0, 0, 0], &[0], &[1], &[0b001_00010, 1, b'k', 2, b'v', b'w']].concat();
    let record = Record::decode(&bytes).expect("known");
    assert_eq!((record.snapshot, record.time_ns, record.entries.len()), (Position(7), 0, 1));
    assert_eq!((record.entries[0].change, &record.entries[0].before), (Some(Some(&b"vw"[..])), &Before::Untold));
}
