//! Segments and frames: the bytes of a local journal. `docs/formats/journal.md` describes them for readers without the source.
//!
//! A segment is a header and then frames; a frame is one append: a batch of records that became durable together. Only the last frame of
//! the last segment can ever be incomplete, because an append begins after the one before it is durable. So:
//!
//! * bytes after the last good frame that are not zero are a *torn tail*, if no good frame comes after them: cut it, nothing in it was
//!   acknowledged;
//! * a bad frame with a good one after it is *damage*: the good one was only written when the bad one was durable.
//!
//! Whether a good frame comes after is found by looking at every aligned offset. Values are written by users, who must not be able to
//! put something into a torn tail that passes for a frame: each segment has a random salt, which is in every frame's tag and checksum.

use crate::Position;
use crate::base_store::StoreId;

/// Version of the segment layout. Another number is another layout.
pub(crate) const FORMAT_VERSION: u32 = 1;
/// First bytes of every segment.
const MAGIC: [u8; 8] = *b"BRLSJRNL";
pub(crate) const HEADER_BYTES: usize = 64;
const FRAME_HEADER_BYTES: usize = 24;
const RECORD_HEADER_BYTES: usize = 4;
const ALIGNMENT: usize = 8;

/// What a segment says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) store: StoreId,
    /// Segments of a store are numbered from 1 without gaps.
    pub(crate) sequence: u64,
    /// The position of its first record.
    pub(crate) first: Position,
    pub(crate) salt: u64,
}

/// What the first bytes of a segment are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderFound {
    Good(Header),
    /// Not written, or not completely, and nothing after it either: no append ever reached this segment.
    Unused,
    OtherVersion(u32),
    Bad,
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes[16..32].copy_from_slice(&self.store);
        bytes[32..40].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.first.0.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.salt.to_le_bytes());
        let checksum = header_checksum(&bytes);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the header of a segment.
    pub(crate) fn find(segment: &[u8]) -> HeaderFound {
        let Some(bytes) = segment.first_chunk::<HEADER_BYTES>() else { return HeaderFound::Unused };
        let version = u32_at(bytes, 8);
        if bytes[0..8] == MAGIC && version != FORMAT_VERSION && header_checksum(bytes) == u32_at(bytes, 12) {
            return HeaderFound::OtherVersion(version);
        }
        if bytes[0..8] == MAGIC && version == FORMAT_VERSION && header_checksum(bytes) == u32_at(bytes, 12) {
            let store = std::array::from_fn(|index| bytes[16 + index]);
            let (sequence, first, salt) = (u64_at(bytes, 32), Position(u64_at(bytes, 40)), u64_at(bytes, 48));
            return HeaderFound::Good(Self { store, sequence, first, salt });
        }
        // A header is durable before the first frame is written, so a torn one has only zeros after it.
        if is_zero(&segment[HEADER_BYTES..]) { HeaderFound::Unused } else { HeaderFound::Bad }
    }
}

fn header_checksum(bytes: &[u8; HEADER_BYTES]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&bytes[0..12]), &bytes[16..])
}

/// The bytes an append of these records takes.
pub(crate) fn frame_bytes(records: &[&[u8]]) -> usize {
    let payload: usize = records.iter().map(|record| RECORD_HEADER_BYTES + record.len()).sum();
    (FRAME_HEADER_BYTES + payload).next_multiple_of(ALIGNMENT)
}

/// Writes the frame of an append into `out`, replacing what is there.
///
/// Record lengths fit their four bytes because [`crate::Limits::record_bytes_max`] and the batch limits are checked before.
pub(crate) fn encode_frame(out: &mut Vec<u8>, salt: u64, first: Position, records: &[&[u8]]) {
    out.clear();
    out.resize(FRAME_HEADER_BYTES, 0);
    for record in records {
        out.extend_from_slice(&(record.len() as u32).to_le_bytes());
        out.extend_from_slice(record);
    }
    let payload = (out.len() - FRAME_HEADER_BYTES) as u32;
    out[0..4].copy_from_slice(&payload.to_le_bytes());
    out[8..16].copy_from_slice(&first.0.to_le_bytes());
    out[16..20].copy_from_slice(&(records.len() as u32).to_le_bytes());
    out[20..24].copy_from_slice(&tag(salt).to_le_bytes());
    let checksum = frame_checksum(salt, out);
    out[4..8].copy_from_slice(&checksum.to_le_bytes());
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
}

/// `frame` is exactly header and payload.
fn frame_checksum(salt: u64, frame: &[u8]) -> u32 {
    let seed = crc32c::crc32c(&salt.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c_append(seed, &frame[0..4]), &frame[8..])
}

const fn tag(salt: u64) -> u32 {
    (salt >> 32) as u32
}

/// A good frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) first: Position,
    pub(crate) count: u32,
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The frame at an offset, if there is a good one.
    fn at(segment: &'a [u8], offset: usize, salt: u64) -> Option<Self> {
        let bytes = segment.get(offset..)?;
        let header = bytes.get(..FRAME_HEADER_BYTES)?;
        let payload = u32_at(header, 0) as usize;
        if payload == 0 || u32_at(header, 20) != tag(salt) {
            return None;
        }
        let frame = bytes.get(..FRAME_HEADER_BYTES + payload)?;
        if frame_checksum(salt, frame) != u32_at(header, 4) {
            return None;
        }
        Some(Self { first: Position(u64_at(header, 8)), count: u32_at(header, 16), payload: &frame[FRAME_HEADER_BYTES..] })
    }

    fn bytes(&self) -> usize {
        (FRAME_HEADER_BYTES + self.payload.len()).next_multiple_of(ALIGNMENT)
    }

    /// The records with their positions. A frame that passed its checksum has the records it says, or the writer was broken: then
    /// the iterator ends early, and the caller misses positions.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Position, &'a [u8])> {
        let (mut rest, mut position, mut left) = (self.payload, self.first, self.count);
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let (length, after) = rest.split_first_chunk::<RECORD_HEADER_BYTES>()?;
            let (record, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            let at = position;
            rest = after;
            position = position.next();
            Some((at, record))
        })
    }
}

/// The frames of a segment, one after the other, from the position its header names.
pub(crate) struct Frames<'a> {
    segment: &'a [u8],
    salt: u64,
    offset: usize,
    next: Position,
}

/// How the frames of a segment end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With zeros, or with the file.
    Clean,
    /// With bytes that no good frame follows.
    Torn,
    /// Not at all: a good frame follows, with this first position.
    Hole(Position),
}

impl<'a> Frames<'a> {
    pub(crate) const fn of(segment: &'a [u8], header: &Header) -> Self {
        Self { segment, salt: header.salt, offset: HEADER_BYTES, next: header.first }
    }

    /// The frames of a part of a segment: `part` begins with the frame whose first record is `next`.
    pub(crate) const fn of_part(part: &'a [u8], header: &Header, next: Position) -> Self {
        Self { segment: part, salt: header.salt, offset: 0, next }
    }

    /// Where the next frame is or would be.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    /// The position of the next record.
    pub(crate) const fn next_position(&self) -> Position {
        self.next
    }

    /// How the segment goes on where the iterator stopped.
    pub(crate) fn end(&self) -> End {
        let rest = self.segment.get(self.offset..).unwrap_or_default();
        if is_zero(rest) {
            return End::Clean;
        }
        let later = (self.offset..self.segment.len()).step_by(ALIGNMENT).find_map(|at| Frame::at(self.segment, at, self.salt));
        later.map_or(End::Torn, |frame| End::Hole(frame.first))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let frame = Frame::at(self.segment, self.offset, self.salt).filter(|frame| frame.first == self.next && frame.count > 0)?;
        self.offset += frame.bytes();
        self.next = self.next.after(u64::from(frame.count));
        Some(frame)
    }
}

/// Whether every byte is zero. Segments are mostly zeros when a store starts, so this goes by words.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<16>();
    words.iter().all(|word| u128::from_ne_bytes(*word) == 0) && rest.iter().all(|&byte| byte == 0)
}

/// Callers pass at least four bytes after `at`.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|index| bytes[at + index]))
}

/// Callers pass at least eight bytes after `at`.
fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|index| bytes[at + index]))
}

#[cfg(test)]
mod tests;
