//! Opening a local journal: find its segments, check that nothing is missing, cut a torn tail.
//!
//! The proof that nothing is missing is that positions are dense: from the base store's checkpoint to the last good frame every position
//! is there. A torn tail ends the journal only in its last used segment. An earlier segment may end in the remains of a failed write, if
//! the next one goes on with the very next position.

use std::io;

use super::backend::{Backend, BackendFile};
use super::segment::{self, End, Frames, Header, HeaderFound};
use crate::Position;
use crate::base_store::{Checkpoint, StoreId};
use crate::error::{Damage, OpenError};

/// A segment with records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) header: Header,
    /// The size of its file.
    pub(crate) bytes: usize,
}

/// What is there.
pub(crate) struct Recovered {
    /// By sequence; none in a journal that was never begun.
    pub(crate) segments: Vec<Segment>,
    /// Where the next frame of the last segment goes.
    pub(crate) offset: usize,
    /// The position of the last record.
    pub(crate) tail: Position,
}

pub(crate) fn file_name(sequence: u64) -> String {
    format!("{sequence:016x}.journal")
}

fn sequence_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".journal").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

/// Checks a journal whose records after `checkpoint` are needed, and those after `followed_after` wanted. `store` is known unless the base store is
/// new.
pub(crate) fn recover(
    backend: &dyn Backend,
    store: Option<StoreId>,
    checkpoint: Checkpoint,
    followed_after: Option<Position>,
) -> Result<Recovered, OpenError> {
    let mut sequences = sequences(backend)?;
    drop_unused(backend, &mut sequences)?;
    drop_obsolete(backend, &mut sequences, checkpoint.position, followed_after.unwrap_or(checkpoint.position))?;
    let mut check = Check { backend, store, segments: Vec::new(), offset: 0, next: Position::ZERO, end: End::Clean };
    for &sequence in &sequences {
        check.segment(sequence)?;
    }
    check.finish(checkpoint)
}

pub(crate) fn io_error(backend: &dyn Backend, doing: &str, name: &str) -> impl FnOnce(io::Error) -> OpenError {
    let action = format!("{doing} {}", backend.path(name));
    move |source| OpenError::Io { action, source }
}

fn sequences(backend: &dyn Backend) -> Result<Vec<u64>, OpenError> {
    let names = backend.names().map_err(io_error(backend, "listing", ""))?;
    let mut sequences: Vec<u64> = names.iter().filter_map(|name| sequence_of(name)).collect();
    sequences.sort_unstable();
    Ok(sequences)
}

fn read_segment(backend: &dyn Backend, sequence: u64) -> Result<(Box<dyn BackendFile>, Vec<u8>), OpenError> {
    let name = file_name(sequence);
    let file = backend.open(&name).map_err(io_error(backend, "opening", &name))?;
    let bytes = file.read_all().map_err(io_error(backend, "reading", &name))?;
    Ok((file, bytes))
}

/// Removes a last segment that was prepared but never appended to.
fn drop_unused(backend: &dyn Backend, sequences: &mut Vec<u64>) -> Result<(), OpenError> {
    let Some(&last) = sequences.last() else { return Ok(()) };
    let (_, bytes) = read_segment(backend, last)?;
    if Header::find(&bytes) != HeaderFound::Unused {
        return Ok(());
    }
    let name = file_name(last);
    backend.remove(&name).map_err(io_error(backend, "removing", &name))?;
    backend.sync_names().map_err(io_error(backend, "syncing", ""))?;
    sequences.pop();
    Ok(())
}

/// Removes the segments before the one that goes on from the checkpoint, but for those that lead to it without a gap and are wanted by who follows the
/// commits: a truncation that a crash cut short, whose removals may have become durable in any order.
fn drop_obsolete(backend: &dyn Backend, sequences: &mut Vec<u64>, checkpoint: Position, wanted_after: Position) -> Result<(), OpenError> {
    let mut firsts = Vec::with_capacity(sequences.len());
    for &sequence in sequences.iter() {
        let (_, bytes) = read_segment(backend, sequence)?;
        firsts.push(match Header::find(&bytes) {
            HeaderFound::Good(header) => Some(header.first),
            HeaderFound::Unused | HeaderFound::OtherVersion(_) | HeaderFound::Bad => None,
        });
    }
    let goes_on = |after: Position| move |first: &Option<Position>| first.is_some_and(|first| first <= after.next());
    let mut needed_from = firsts.iter().rposition(goes_on(checkpoint)).unwrap_or(0);
    while needed_from > 0
        && !goes_on(wanted_after)(&firsts[needed_from])
        && firsts[needed_from - 1].is_some()
        && sequences[needed_from - 1] + 1 == sequences[needed_from]
    {
        needed_from -= 1;
    }
    for sequence in sequences.drain(..needed_from) {
        let name = file_name(sequence);
        backend.remove(&name).map_err(io_error(backend, "removing", &name))?;
    }
    Ok(())
}

struct Check<'b> {
    backend: &'b dyn Backend,
    store: Option<StoreId>,
    segments: Vec<Segment>,
    /// Where the frames of the last segment end, and how.
    offset: usize,
    end: End,
    /// The position after the last record seen.
    next: Position,
}

impl Check<'_> {
    fn damage(&self, sequence: u64, offset: usize, last_lost: Option<Position>, detail: &str) -> OpenError {
        let file = self.backend.path(&file_name(sequence));
        OpenError::Damaged(Damage { file, offset: offset as u64, first_lost: self.next, last_lost, detail: detail.to_owned() })
    }

    fn segment(&mut self, sequence: u64) -> Result<(), OpenError> {
        let (_, bytes) = read_segment(self.backend, sequence)?;
        let header = self.header(sequence, &bytes)?;
        self.continuity(sequence, &header)?;
        let mut frames = Frames::of(&bytes, &header);
        frames.by_ref().for_each(drop);
        self.next = frames.next_position();
        self.offset = frames.offset();
        self.end = frames.end();
        if let End::Hole(resumes) = self.end {
            let last_lost = Some(Position(resumes.0.saturating_sub(1)));
            return Err(self.damage(sequence, self.offset, last_lost, "a bad record is followed by good ones"));
        }
        self.segments.push(Segment { header, bytes: bytes.len() });
        Ok(())
    }

    fn header(&self, sequence: u64, bytes: &[u8]) -> Result<Header, OpenError> {
        let header = match Header::find(bytes) {
            HeaderFound::Good(header) => header,
            HeaderFound::OtherVersion(found) => {
                let file = self.backend.path(&file_name(sequence));
                return Err(OpenError::Version { file, found, supported: segment::FORMAT_VERSION });
            }
            HeaderFound::Unused | HeaderFound::Bad => return Err(self.damage(sequence, 0, None, "the segment's header is bad")),
        };
        if self.store.is_some_and(|store| store != header.store) {
            return Err(self.damage(sequence, 16, None, "the segment belongs to another store"));
        }
        if header.sequence != sequence {
            return Err(self.damage(sequence, 32, None, "the segment has another one's name"));
        }
        Ok(header)
    }

    /// Each segment goes on where the one before it ended.
    fn continuity(&mut self, sequence: u64, header: &Header) -> Result<(), OpenError> {
        let Some(previous) = self.segments.last().map(|previous| previous.header) else {
            self.next = header.first;
            return Ok(());
        };
        if previous.store != header.store {
            return Err(self.damage(sequence, 16, None, "the segment belongs to another store"));
        }
        let last_lost = Some(Position(header.first.0.saturating_sub(1)));
        if previous.sequence + 1 != sequence {
            return Err(self.damage(previous.sequence + 1, 0, last_lost, "the segment is missing"));
        }
        if header.first != self.next {
            return Err(self.damage(previous.sequence, self.offset, last_lost, "the segment ends before the next one begins"));
        }
        Ok(())
    }

    fn finish(self, checkpoint: Checkpoint) -> Result<Recovered, OpenError> {
        let (Some(first), Some(last)) = (self.segments.first(), self.segments.last()) else {
            return self.never_begun(checkpoint);
        };
        let needed = checkpoint.position.next();
        if first.header.first > needed {
            let lost = Self { next: needed, ..Self { segments: Vec::new(), ..self } };
            let last_lost = Some(Position(first.header.first.0 - 1));
            return Err(lost.damage(first.header.sequence - 1, 0, last_lost, "the segment is missing"));
        }
        if self.next < needed {
            let detail = format!("the journal ends before the base store's checkpoint at {}", checkpoint.position);
            return Err(self.damage(last.header.sequence, self.offset, Some(checkpoint.position), &detail));
        }
        if self.end == End::Torn {
            self.cut(last.header.sequence)?;
        }
        Ok(Recovered { offset: self.offset, tail: Position(self.next.0 - 1), segments: self.segments })
    }

    fn never_begun(self, checkpoint: Checkpoint) -> Result<Recovered, OpenError> {
        // A store is named only after its journal was begun, so a named store without a journal has lost it.
        if self.store.is_some() {
            let lost = Self { next: checkpoint.position.next(), ..self };
            return Err(lost.damage(1, 0, None, "the journal is missing"));
        }
        Ok(Recovered { segments: Vec::new(), offset: 0, tail: Position::ZERO })
    }

    /// Overwrites a torn tail with zeros, so that none of it can be taken for the tail of what is appended next.
    fn cut(&self, sequence: u64) -> Result<(), OpenError> {
        let name = file_name(sequence);
        let (file, bytes) = read_segment(self.backend, sequence)?;
        let torn = bytes[self.offset..].iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        tracing::warn!(file = self.backend.path(&name), offset = self.offset, bytes = torn, "cut an unacknowledged append that was torn");
        file.write_at(self.offset as u64, &vec![0; torn]).map_err(io_error(self.backend, "cutting the torn tail of", &name))?;
        file.sync().map_err(io_error(self.backend, "syncing", &name))
    }
}
