//! A journal in the files of one machine.
//!
//! Segments are zero-filled and flushed before they are used, so that an append overwrites allocated blocks and its flush writes data
//! and nothing else: no file size, no block map. The next segment is prepared by a thread of its own once the current one is half full;
//! an append that comes too early prepares it itself.
//!
//! A failed *write* leaves the journal as it was: the next append overwrites the remains. A failed *flush* can not be repaired: the kernel
//! may have dropped the data and call the pages clean, so a second flush would succeed and mean nothing. From then on the journal refuses
//! everything; opening it again reads what the disk really has.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use borealis_base::Random;
use borealis_base::task::spawn_thread;

use super::backend::{Backend, BackendFile};
use super::recovery::{self, Recovered, Segment, file_name, io_error};
use super::segment::{self, Frames, HEADER_BYTES, Header};
use super::{AppendError, Journal};
use crate::Position;
use crate::base_store::{Checkpoint, StoreId};
use crate::error::OpenError;

/// Size of the very first segment at most: writing it is part of the first start.
const FIRST_SEGMENT_BYTES_MAX: usize = 1 << 20;
/// Places of readers that are remembered.
const MARKS_MAX: usize = 8;
/// Zeros are written in pieces of this size.
const ZERO_FILL_BYTES: usize = 256 << 10;

pub(crate) struct LocalJournal {
    shared: Arc<Shared>,
    writer: Mutex<Writer>,
    preparer: Option<JoinHandle<()>>,
}

struct Shared {
    backend: Box<dyn Backend>,
    segment_bytes: usize,
    /// The segments with records, by sequence.
    segments: Mutex<Vec<Segment>>,
    /// Where readers were last: who follows the journal goes on there, instead of reading a segment again for each record.
    marks: Mutex<VecDeque<Mark>>,
    spare: Mutex<Spare>,
    spare_wanted: Condvar,
}

/// A place in a segment where a frame begins, or will.
#[derive(Debug, Clone, Copy)]
struct Mark {
    sequence: u64,
    offset: usize,
    /// The position of the frame's first record.
    first: Position,
}

/// The segment after the current one.
#[derive(Default)]
struct Spare {
    /// Which one to prepare.
    wanted: Option<u64>,
    /// One that is ready, by sequence.
    ready: Option<(u64, Box<dyn BackendFile>)>,
    stop: bool,
}

struct Writer {
    store: StoreId,
    random: Arc<dyn Random>,
    file: Box<dyn BackendFile>,
    segment: Segment,
    offset: usize,
    tail: Position,
    frame: Vec<u8>,
    broken: bool,
}

/// How to open a local journal.
pub(crate) struct LocalOptions {
    /// The store's name, unless its base store is new.
    pub(crate) store: Option<StoreId>,
    pub(crate) checkpoint: Checkpoint,
    /// Somebody wants what comes after this, older than the checkpoint or not.
    pub(crate) followed_after: Option<Position>,
    pub(crate) segment_bytes: usize,
    pub(crate) random: Arc<dyn Random>,
    /// Whether a thread prepares segments ahead.
    pub(crate) prepare_ahead: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LocalJournal {
    /// Opens the journal in `backend`, or begins one. Returns it with the store's name.
    pub(crate) fn open(backend: Box<dyn Backend>, options: LocalOptions) -> Result<(Self, StoreId), OpenError> {
        let recovered = recovery::recover(&*backend, options.store, options.checkpoint, options.followed_after)?;
        let begun = recovered.segments.last().copied();
        let store = begun.map_or_else(|| new_store_id(&*options.random), |segment| segment.header.store);
        let (segment, file) = match begun {
            Some(segment) => {
                let name = file_name(segment.header.sequence);
                (segment, backend.open(&name).map_err(io_error(&*backend, "opening", &name))?)
            }
            None => begin(&*backend, store, &options)?,
        };
        let Recovered { mut segments, offset, tail } = recovered;
        if begun.is_none() {
            segments.push(segment);
        }
        let offset = offset.max(HEADER_BYTES);
        let writer = Writer { store, random: options.random, file, segment, offset, tail, frame: Vec::new(), broken: false };
        let shared = Arc::new(Shared {
            backend,
            segment_bytes: options.segment_bytes,
            segments: Mutex::new(segments),
            marks: Mutex::default(),
            spare: Mutex::default(),
            spare_wanted: Condvar::new(),
        });
        let preparer = options.prepare_ahead.then(|| {
            let shared = Arc::clone(&shared);
            spawn_thread("journal-prepare", move || shared.prepare_spares())
        });
        Ok((Self { shared, writer: Mutex::new(writer), preparer }, store))
    }
}

fn new_store_id(random: &dyn Random) -> StoreId {
    let mut store = StoreId::default();
    random.fill(&mut store);
    store
}

fn begin(backend: &dyn Backend, store: StoreId, options: &LocalOptions) -> Result<(Segment, Box<dyn BackendFile>), OpenError> {
    let header = Header { store, sequence: 1, first: options.checkpoint.position.next(), salt: options.random.next_u64() };
    let bytes = options.segment_bytes.min(FIRST_SEGMENT_BYTES_MAX);
    let name = file_name(header.sequence);
    let made = prepare(backend, &name, bytes).and_then(|file| {
        file.write_at(0, &header.encode())?;
        file.sync()?;
        Ok(file)
    });
    let file = made.map_err(io_error(backend, "beginning", &name))?;
    Ok((Segment { header, bytes }, file))
}

/// Makes a durable file of zeros. Nothing is left behind when that fails.
fn prepare(backend: &dyn Backend, name: &str, bytes: usize) -> io::Result<Box<dyn BackendFile>> {
    let file = backend.create(name)?;
    let filled = fill_with_zeros(&*file, bytes).and_then(|()| backend.sync_names());
    if let Err(error) = filled {
        let _best_effort = backend.remove(name); // the disk is full or broken: the first error is the one to tell
        return Err(error);
    }
    Ok(file)
}

fn fill_with_zeros(file: &dyn BackendFile, bytes: usize) -> io::Result<()> {
    let zeros = vec![0; ZERO_FILL_BYTES.min(bytes)];
    for offset in (0..bytes).step_by(ZERO_FILL_BYTES) {
        let count = zeros.len().min(bytes - offset);
        file.write_at(offset as u64, &zeros[..count])?;
    }
    file.sync()
}

impl Shared {
    fn want_spare(&self, sequence: u64) {
        locked(&self.spare).wanted = Some(sequence);
        self.spare_wanted.notify_one();
    }

    /// The prepared segment with this number and at least this size.
    fn take_spare(&self, sequence: u64, bytes: usize) -> Option<Box<dyn BackendFile>> {
        if bytes > self.segment_bytes {
            return None;
        }
        let mut spare = locked(&self.spare);
        match spare.ready.take() {
            Some((ready, file)) if ready == sequence => Some(file),
            other => {
                spare.ready = other;
                None
            }
        }
    }

    /// The body of the preparing thread.
    fn prepare_spares(&self) {
        let mut spare = locked(&self.spare);
        while !spare.stop {
            let Some(sequence) = spare.wanted.take() else {
                spare = self.spare_wanted.wait(spare).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            // The lock is held while preparing: an append that needs the segment right now waits for it instead of making it twice.
            match prepare(&*self.backend, &file_name(sequence), self.segment_bytes) {
                Ok(file) => spare.ready = Some((sequence, file)),
                Err(error) => tracing::warn!(%error, sequence, "could not prepare a journal segment ahead"),
            }
        }
    }
}

impl Writer {
    fn append(&mut self, shared: &Shared, after: Position, records: &[&[u8]]) -> Result<Position, AppendError> {
        if self.broken {
            return Err(AppendError::Unknown(io::Error::other("a flush of the journal failed before")));
        }
        if after != self.tail {
            return Err(AppendError::LostRace);
        }
        let needed = segment::frame_bytes(records);
        if self.offset + needed > self.segment.bytes {
            self.roll(shared, HEADER_BYTES + needed)?;
        }
        segment::encode_frame(&mut self.frame, self.segment.header.salt, after.next(), records);
        self.file.write_at(self.offset as u64, &self.frame).map_err(AppendError::Refused)?;
        self.flush()?;
        let half = self.segment.bytes / 2;
        if self.offset <= half && self.offset + self.frame.len() > half {
            shared.want_spare(self.segment.header.sequence + 1);
        }
        self.offset += self.frame.len();
        self.tail = after.after(records.len() as u64);
        self.frame.shrink_to(ZERO_FILL_BYTES); // one huge commit does not keep its memory
        Ok(self.tail)
    }

    fn flush(&mut self) -> Result<(), AppendError> {
        self.file.sync().map_err(|error| {
            self.broken = true;
            AppendError::Unknown(error)
        })
    }

    /// Goes on in the next segment.
    fn roll(&mut self, shared: &Shared, bytes_min: usize) -> Result<(), AppendError> {
        let sequence = self.segment.header.sequence + 1;
        let name = file_name(sequence);
        let (file, bytes) = match shared.take_spare(sequence, bytes_min) {
            Some(file) => (file, shared.segment_bytes),
            None => {
                let bytes = bytes_min.max(shared.segment_bytes);
                (shared.make_now(&name, bytes).map_err(AppendError::Refused)?, bytes)
            }
        };
        let header = Header { store: self.store, sequence, first: self.tail.next(), salt: self.random.next_u64() };
        file.write_at(0, &header.encode()).map_err(|error| {
            let _best_effort = shared.backend.remove(&name); // or the next try would find it there
            AppendError::Refused(error)
        })?;
        self.file = file;
        self.segment = Segment { header, bytes };
        self.offset = HEADER_BYTES;
        // Durable before any frame: recovery takes a bad header with something after it for damage.
        self.flush()?;
        locked(&shared.segments).push(self.segment);
        Ok(())
    }
}

impl Shared {
    /// Makes a segment in the middle of an append.
    fn make_now(&self, name: &str, bytes: usize) -> io::Result<Box<dyn BackendFile>> {
        let mut spare = locked(&self.spare);
        spare.wanted = None;
        if spare.ready.take().is_some() {
            self.backend.remove(name)?; // the prepared one is too small for what has to go in
        }
        prepare(&*self.backend, name, bytes)
    }

    /// Takes the segments out of the list that have no record after `up_to`, never the current one.
    fn forget(&self, up_to: Position) -> Vec<Segment> {
        let mut segments = locked(&self.segments);
        let obsolete = segments.windows(2).take_while(|pair| pair[1].header.first <= up_to.next()).count();
        segments.drain(..obsolete).collect()
    }
}

impl Journal for LocalJournal {
    fn append(&self, after: Position, records: &[&[u8]]) -> Result<Position, AppendError> {
        locked(&self.writer).append(&self.shared, after, records)
    }

    fn read(&self, after: Position, visit: &mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>) -> Result<(), OpenError> {
        let (segments, tail, offset) = {
            let writer = locked(&self.writer);
            (locked(&self.shared.segments).clone(), writer.tail, writer.offset)
        };
        let needed = segments.iter().rposition(|segment| segment.header.first <= after.next()).unwrap_or(0);
        for (index, segment) in segments.iter().enumerate().skip(needed) {
            let end = if index + 1 == segments.len() { offset } else { segment.bytes };
            if self.read_segment(segment, end, (after, tail), visit)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn truncate(&self, up_to: Position) -> io::Result<()> {
        // From the oldest on: a crash in between leaves a journal that begins later and has no gap.
        for segment in self.shared.forget(up_to) {
            self.shared.backend.remove(&file_name(segment.header.sequence))?;
        }
        Ok(())
    }

    fn begins_within(&self, bytes: u64) -> Position {
        let segments = locked(&self.shared.segments);
        let mut kept = 0;
        let fits = |segment: &&Segment| {
            kept += segment.bytes as u64;
            kept <= bytes
        };
        // The current one is kept in any case.
        let first = segments.iter().rev().take_while(fits).last().or(segments.last());
        first.map_or(Position::ZERO, |segment| Position(segment.header.first.0.saturating_sub(1)))
    }
}

impl LocalJournal {
    /// Visits a segment's records after a position and up to another. Its frames end at `end` at the latest.
    fn read_segment(
        &self,
        segment: &Segment,
        end: usize,
        (after, tail): (Position, Position),
        visit: &mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, OpenError> {
        let backend = &*self.shared.backend;
        let name = file_name(segment.header.sequence);
        let file = backend.open(&name).map_err(io_error(backend, "opening", &name))?;
        let mut mark = self.mark(segment, after);
        let start = mark.offset;
        let bytes = file.read_at(start as u64, end.saturating_sub(start)).map_err(io_error(backend, "reading", &name))?;
        let mut frames = Frames::of_part(&bytes, &segment.header, mark.first);
        while let Some(frame) = frames.next() {
            for (position, record) in frame.records().filter(|&(position, _)| position > after) {
                if position > tail || visit(position, record).is_break() {
                    self.remember(mark);
                    return Ok(ControlFlow::Break(()));
                }
            }
            mark = Mark { offset: start + frames.offset(), first: frames.next_position(), ..mark };
        }
        self.remember(mark);
        Ok(ControlFlow::Continue(()))
    }

    /// The last place known in a segment before which nothing comes after a position.
    fn mark(&self, segment: &Segment, after: Position) -> Mark {
        let Header { sequence, first, .. } = segment.header;
        let before = |mark: &&Mark| mark.sequence == sequence && mark.first <= after.next();
        let known = locked(&self.shared.marks).iter().filter(before).max_by_key(|mark| mark.first).copied();
        known.unwrap_or(Mark { sequence, offset: HEADER_BYTES, first })
    }

    fn remember(&self, mark: Mark) {
        let mut marks = locked(&self.shared.marks);
        if marks.iter().any(|known| known.sequence == mark.sequence && known.offset == mark.offset) {
            return;
        }
        if marks.len() == MARKS_MAX {
            marks.pop_front();
        }
        marks.push_back(mark);
    }
}

impl Drop for LocalJournal {
    fn drop(&mut self) {
        locked(&self.shared.spare).stop = true;
        self.shared.spare_wanted.notify_all();
        if let Some(preparer) = self.preparer.take() {
            let _panicked = preparer.join(); // its panic was reported when it happened
        }
    }
}

#[cfg(test)]
mod tests;
