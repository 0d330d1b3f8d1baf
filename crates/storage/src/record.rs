//! The commit record: what the journal keeps of a transaction.
//!
//! A record is self-contained: it has the snapshot and every claim, so that its verdict is a function of the journal alone, and every
//! change, so that the data is too. The layout is described to the byte in `docs/formats/journal.md`. All lengths and counts are
//! LEB128; fixed-size numbers are little-endian.

use std::ops::Range;

use crate::changes::Before;
use crate::write_set::{Change, WriteSet};
use crate::{CatalogClaim, ClaimSet, Position};

/// Version of the record layout, its first byte. Another number is another layout.
pub(crate) const RECORD_VERSION: u8 = 2;
/// The one before: no time, and nothing told of what a change replaces.
const RECORD_VERSION_UNTIMED: u8 = 1;
/// Where the time stands in an encoded record: it is put there when the record is about to be appended.
const TIME: Range<usize> = 9..17;

const CATALOG_WRITE: u8 = 1;
const CATALOG_READ: u8 = 2;
/// An entry's tag: claims in the low five bits, the change above.
const CHANGE_SHIFT: u32 = 5;
const CHANGE_NONE: u8 = 0;
const CHANGE_PUT: u8 = 1;
const CHANGE_DELETE: u8 = 2;
/// Added to a change: nothing was there before; something was, and what is told of it follows.
const BEFORE_ABSENT: u8 = 2;
const BEFORE_VALUE: u8 = 4;

/// A commit record, borrowing from the bytes or the write set it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) snapshot: Position,
    /// Nanoseconds since 1970-01-01 UTC; zero until it is appended.
    pub(crate) time_ns: i64,
    pub(crate) catalog: Vec<CatalogClaim>,
    /// By ascending key.
    pub(crate) entries: Vec<Entry<'a>>,
}

/// What a record says of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) claims: ClaimSet,
    /// The new value; `Some(None)` is a deletion.
    pub(crate) change: Option<Option<&'a [u8]>>,
    /// What the change replaces, as far as it is told.
    pub(crate) before: Before<&'a [u8]>,
}

/// The bytes are no record of this version: what is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl<'a> Record<'a> {
    pub(crate) fn of(snapshot: Position, catalog: &[CatalogClaim], writes: &'a WriteSet) -> Self {
        let entry = |(key, intent): (&'a Vec<u8>, &'a crate::write_set::Intent)| Entry {
            key,
            claims: intent.claims,
            change: intent.change.as_ref().map(Change::value),
            before: intent.before.as_deref(),
        };
        Self { snapshot, time_ns: 0, catalog: catalog.to_vec(), entries: writes.intents.iter().map(entry).collect() }
    }

    /// Whether anything here can matter to somebody else: without it there is nothing to make durable.
    pub(crate) fn must_be_kept(&self) -> bool {
        self.writes_catalog() || self.entries.iter().any(|entry| entry.change.is_some() || entry.claims.leaves_a_trace())
    }

    pub(crate) fn writes_catalog(&self) -> bool {
        self.catalog.iter().any(|claim| matches!(claim, CatalogClaim::Write(_)))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_bytes_about());
        out.push(RECORD_VERSION);
        out.extend_from_slice(&self.snapshot.0.to_le_bytes());
        out.extend_from_slice(&self.time_ns.to_le_bytes());
        put_length(&mut out, self.catalog.len());
        for claim in &self.catalog {
            let (tag, descriptor) = match claim {
                CatalogClaim::Write(descriptor) => (CATALOG_WRITE, descriptor),
                CatalogClaim::Read(descriptor) => (CATALOG_READ, descriptor),
            };
            out.push(tag);
            out.extend_from_slice(&descriptor.to_le_bytes());
        }
        put_length(&mut out, self.entries.len());
        for entry in &self.entries {
            entry.encode(&mut out);
        }
        out
    }

    fn encoded_bytes_about(&self) -> usize {
        let entries = self.entries.iter().map(|entry| {
            let told = if let Before::Value(told) = &entry.before { told.len() } else { 0 };
            entry.key.len() + entry.change.flatten().map_or(0, <[u8]>::len) + told + 12
        });
        40 + 5 * self.catalog.len() + entries.sum::<usize>()
    }

    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut input = Input(bytes);
        let version = input.byte()?;
        if ![RECORD_VERSION, RECORD_VERSION_UNTIMED].contains(&version) {
            return Err(Malformed("the record has another version"));
        }
        let snapshot = Position(u64::from_le_bytes(input.array()?));
        let time_ns = if version == RECORD_VERSION { i64::from_le_bytes(input.array()?) } else { 0 };
        let catalog = (0..input.length()?).map(|_| decode_catalog_claim(&mut input)).collect::<Result<_, _>>()?;
        let entries = (0..input.length()?).map(|_| Entry::decode(&mut input)).collect::<Result<_, _>>()?;
        if input.0.is_empty() {
            Ok(Self { snapshot, time_ns, catalog, entries })
        } else {
            Err(Malformed("the record goes on after its end"))
        }
    }
}

/// Puts the time into an encoded record.
pub(crate) fn stamp(bytes: &mut [u8], time_ns: i64) {
    bytes[TIME].copy_from_slice(&time_ns.to_le_bytes());
}

fn decode_catalog_claim(input: &mut Input<'_>) -> Result<CatalogClaim, Malformed> {
    let tag = input.byte()?;
    let descriptor = u32::from_le_bytes(input.array()?);
    match tag {
        CATALOG_WRITE => Ok(CatalogClaim::Write(descriptor)),
        CATALOG_READ => Ok(CatalogClaim::Read(descriptor)),
        _ => Err(Malformed("an unknown catalog claim")),
    }
}

impl<'a> Entry<'a> {
    fn encode(&self, out: &mut Vec<u8>) {
        let before = match &self.before {
            Before::Untold => 0,
            Before::Absent => BEFORE_ABSENT,
            Before::Value(_) => BEFORE_VALUE,
        };
        let change = match self.change {
            None => CHANGE_NONE,
            Some(Some(_)) => CHANGE_PUT + before,
            Some(None) => CHANGE_DELETE + before,
        };
        out.push(change << CHANGE_SHIFT | self.claims.bits());
        put_length(out, self.key.len());
        out.extend_from_slice(self.key);
        if let Some(Some(value)) = self.change {
            put_length(out, value.len());
            out.extend_from_slice(value);
        }
        if let (Some(_), Before::Value(told)) = (self.change, &self.before) {
            put_length(out, told.len());
            out.extend_from_slice(told);
        }
    }

    fn decode(input: &mut Input<'a>) -> Result<Self, Malformed> {
        let tag = input.byte()?;
        let claims = ClaimSet::from_bits(tag & ((1 << CHANGE_SHIFT) - 1)).ok_or(Malformed("an unknown claim"))?;
        let key = input.bytes()?;
        let tag = tag >> CHANGE_SHIFT;
        // One of the two, and what is told of before on top of it.
        let told = tag.saturating_sub(1) & !1;
        let change = match tag - told {
            CHANGE_NONE => None,
            CHANGE_PUT => Some(Some(input.bytes()?)),
            _ => Some(None),
        };
        let before = match told {
            0 => Before::Untold,
            BEFORE_ABSENT => Before::Absent,
            BEFORE_VALUE => Before::Value(input.bytes()?),
            _ => return Err(Malformed("an unknown change")),
        };
        if key.is_empty() {
            return Err(Malformed("an empty key"));
        }
        Ok(Self { key, claims, change, before })
    }
}

fn put_length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed("the record ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed("the record ends early"))
    }

    /// A length or count. Whatever is counted takes at least a byte, so none can be above what is left.
    fn length(&mut self) -> Result<usize, Malformed> {
        let mut length: usize = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = usize::from(byte & 0x7f);
            length |= bits.checked_shl(shift).filter(|part| part >> shift == bits).ok_or(Malformed("a length is too large"))?;
            if byte & 0x80 == 0 {
                return if length <= self.0.len() { Ok(length) } else { Err(Malformed("the record ends early")) };
            }
        }
        Err(Malformed("a length is too large"))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.length()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests;
