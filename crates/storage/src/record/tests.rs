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

fn write_set() -> impl Strategy<Value = WriteSet> {
    let intent = (claims(), change()).prop_map(|(claims, change)| Intent { claims, change });
    btree_map(vec(any::<u8>(), 1..200), intent, 0..20).prop_map(|intents| {
        let mut writes = WriteSet::default();
        for (key, Intent { claims, change }) in intents {
            match change {
                Some(change) => writes.change(key, change, claims),
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
    fn a_record_round_trips(snapshot: u64, catalog in vec(catalog_claim(), 0..5), writes in write_set()) {
        let record = Record::of(Position(snapshot), &catalog, &writes);
        let bytes = record.encode();
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
    writes.change(b"k".to_vec(), Change::Put(b"vw".to_vec()), ClaimSet::from(Some(crate::ClaimKind::KeyWrite)));
    writes.change(b"l".to_vec(), Change::Delete, ClaimSet::NONE);
    writes.claim(b"m".to_vec(), ClaimSet::from(Some(crate::ClaimKind::KeyShare)));
    let bytes = Record::of(Position(7), &[CatalogClaim::Read(9)], &writes).encode();
    let expected = [
        &[1][..],
        &[7, 0, 0, 0, 0, 0, 0, 0], // version, snapshot
        &[1, 2, 9, 0, 0, 0],       // one catalog claim: read 9
        &[3],                      // three entries
        &[0b001_00010, 1, b'k', 2, b'v', b'w'],
        &[0b010_00000, 1, b'l'],
        &[0b000_01000, 1, b'm'],
    ];
    assert_eq!(bytes, expected.concat());
}
