use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const HEADER: Header = Header { store: [3; 16], sequence: 5, first: Position(11), salt: 0x0123_4567_89ab_cdef };

/// A segment with these appends, and room behind.
fn segment(appends: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let mut segment = HEADER.encode().to_vec();
    let (mut frame, mut first) = (Vec::new(), HEADER.first);
    for records in appends {
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        encode_frame(&mut frame, HEADER.salt, first, &records);
        assert_eq!(frame.len(), frame_bytes(&records));
        segment.extend_from_slice(&frame);
        first = first.after(records.len() as u64);
    }
    segment.extend_from_slice(&[0; 40]);
    segment
}

fn records(segment: &[u8]) -> (Vec<(Position, Vec<u8>)>, End) {
    let mut frames = Frames::of(segment, &HEADER);
    let mut found = Vec::new();
    for frame in frames.by_ref() {
        found.extend(frame.records().map(|(position, record)| (position, record.to_vec())));
    }
    (found, frames.end())
}

proptest! {
    #[test]
    fn appends_round_trip(appends in vec(vec(vec(any::<u8>(), 0..80), 1..4), 0..8)) {
        let (found, end) = records(&segment(&appends));
        let expected: Vec<_> = appends.concat().into_iter().enumerate().map(|(at, record)| (Position(11 + at as u64), record)).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(end, End::Clean);
    }

    /// Whatever single byte changes: nothing wrong is read, and nothing is missed in silence.
    #[test]
    fn any_changed_byte_is_noticed(appends in vec(vec(vec(any::<u8>(), 1..40), 1..3), 2..5), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let whole = segment(&appends);
        let (expected, _) = records(&whole);
        let end = whole.iter().rposition(|&byte| byte != 0).expect("records") + 1;
        let mut changed = whole.clone();
        let at = HEADER_BYTES + at.index(end - HEADER_BYTES);
        changed[at] ^= flip;
        let (found, end) = records(&changed);
        prop_assert!(expected.starts_with(&found));
        if found.len() < expected.len() {
            prop_assert_ne!(end, End::Clean);
        }
    }
}

#[test]
fn a_header_round_trips() {
    let mut bytes = HEADER.encode().to_vec();
    assert_eq!(Header::find(&bytes), HeaderFound::Good(HEADER));
    bytes[50] ^= 1;
    assert_eq!(Header::find(&bytes), HeaderFound::Unused, "torn, and nothing after it");
    bytes.extend_from_slice(&[0, 1]);
    assert_eq!(Header::find(&bytes), HeaderFound::Bad);
    assert_eq!(Header::find(&[0; 500]), HeaderFound::Unused);
    assert_eq!(Header::find(&[]), HeaderFound::Unused);
}

#[test]
fn ends_are_told_apart() {
    let appends = [vec![vec![1; 30]], vec![vec![2; 30]], vec![vec![3; 30]]];
    let frame = frame_bytes(&[&[1; 30][..]]);
    let at = |frames: usize| HEADER_BYTES + frames * frame + 30;
    let mut torn = segment(&appends);
    torn[at(2)] ^= 1;
    assert_eq!(records(&torn).1, End::Torn);
    let mut hole = segment(&appends);
    hole[at(1)] ^= 1;
    assert_eq!(records(&hole).1, End::Hole(Position(13)));
}

#[test]
fn the_layout_is_the_documented_one() {
    let segment = segment(&[vec![b"ab".to_vec(), b"c".to_vec()]]);
    assert_eq!(&segment[0..12], b"BRLSJRNL\x01\0\0\0");
    assert_eq!(segment[16..56], [&[3; 16][..], &5u64.to_le_bytes(), &11u64.to_le_bytes(), &HEADER.salt.to_le_bytes()].concat());
    let frame = &segment[HEADER_BYTES..];
    assert_eq!(frame[0..4], 11u32.to_le_bytes(), "payload bytes");
    assert_eq!(frame[8..20], [&11u64.to_le_bytes()[..], &2u32.to_le_bytes()].concat(), "first position and count");
    assert_eq!(frame[20..24], 0x0123_4567u32.to_le_bytes(), "the salt's upper half");
    assert_eq!(frame[24..35], *b"\x02\0\0\0ab\x01\0\0\0c");
    let seed = crc32c::crc32c(&HEADER.salt.to_le_bytes());
    let checksum = crc32c::crc32c_append(crc32c::crc32c_append(seed, &frame[0..4]), &frame[8..35]);
    assert_eq!(frame[4..8], checksum.to_le_bytes());
    assert!(is_zero(&frame[35..]));
}
