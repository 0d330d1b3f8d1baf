//! Scans of tables, by rows or by index entries.
//!
//! A scan holds no cursor between calls: it remembers the last key and begins after it. Within a call the transaction belongs to the cursor, so a filter
//! with a subquery, which needs the transaction itself, runs after the batch has been read.

use std::collections::{BTreeMap, btree_map};
use std::ops::Bound;
use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid, Result};
use borealis_sql::plan::{Access, Scan as ScanPlan};
use borealis_storage::{Direction, KeyRange, Scan};

use super::access::{self, BoundsCode, Ranges};
use super::batch::Batch;
use super::index_layout::{EntryReader, column_types};
use super::limit::row_count;
use super::measure::{READ_BYTES_MIN, Tally};
use super::operator::{Node, Operator};
use super::params::{has_subplan, slots};
use super::txn::{Txn, store_error};
use crate::eval::{Code, Compiler, Runtime};
use crate::key;
use crate::row::{Reader, entry};

/// Rows looked at between two checks for cancellation.
const ROWS_PER_CHECK: usize = 1024;

/// The description.
pub(crate) struct ScanNode {
    bounds: BoundsCode,
    source: Source,
    direction: Direction,
    table: Oid,
    width: usize,
    locator: bool,
    filter: Option<Filter>,
    limit: Option<Code>,
}

/// What a found key leads to.
enum Source {
    /// Rows themselves.
    Rows(Reader),
    /// Entries that lead to rows.
    Lookup(Reader),
    /// Entries that have everything.
    Covering(EntryReader),
}

struct Filter {
    predicate: Code,
    /// Reads only what the predicate looks at, when that is less than everything.
    first: Option<Reader>,
    /// Has a subquery, so that it runs after the cursor is gone.
    late: bool,
}

impl ScanNode {
    pub(crate) fn compile(compiler: &Compiler<'_>, scan: &ScanPlan) -> Result<Self> {
        let types = column_types(&scan.table);
        let wanted: Vec<usize> = scan.columns.iter().filter_map(|number| usize::try_from(*number).ok()?.checked_sub(1)).collect();
        let source = match &scan.access {
            Access::Full | Access::PrimaryKey(_) => Source::Rows(Reader::new(&types, &wanted)),
            Access::Index { index, covering: true, .. } => {
                Source::Covering(EntryReader::new(&scan.table, access::find_index(&scan.table, *index)?, &wanted)?)
            }
            Access::Index { .. } => Source::Lookup(Reader::new(&types, &wanted)),
        };
        Ok(Self {
            bounds: access::compile(compiler, &scan.access, &scan.table)?,
            filter: scan.filter.as_ref().map(|filter| Filter::compile(compiler, filter, &types, &wanted)).transpose()?,
            source,
            direction: if scan.reverse { Direction::Reverse } else { Direction::Forward },
            table: scan.table.oid,
            width: wanted.len() + usize::from(scan.locator),
            locator: scan.locator,
            limit: compiler.optional(scan.limit.as_ref())?,
        })
    }
}

impl Filter {
    fn compile(compiler: &Compiler<'_>, filter: &borealis_sql::expr::Expr, types: &[Oid], wanted: &[usize]) -> Result<Self> {
        let mut used = vec![false; wanted.len() + 1];
        slots(filter, &mut |slot| used[slot.min(wanted.len())] = true);
        let few = used.iter().filter(|used| **used).count() < wanted.len() && !used[wanted.len()];
        let first = few.then(|| Reader::sparse(types, wanted, |place| used[place]));
        Ok(Self { predicate: compiler.compile(filter)?, first, late: has_subplan(filter) })
    }
}

impl Node for ScanNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(ScanOperator { node: self, progress: None, scratch: Vec::new() })
    }
}

struct ScanOperator {
    node: Arc<ScanNode>,
    progress: Option<Progress>,
    scratch: Vec<Datum>,
}

/// Where a scan stands.
struct Progress {
    ranges: Ranges,
    /// Range being read.
    at: usize,
    /// Last key read in it.
    last: Option<Vec<u8>>,
    /// Rows still wanted.
    wanted: usize,
    /// Bytes read of the range, and those of them that the tally has.
    bytes: u64,
    tallied: u64,
}

impl Progress {
    /// Adds what was read to the tally: whoever has rows enough does not ask again.
    fn tally(&mut self, tally: &mut Tally) {
        let read = self.bytes.max(READ_BYTES_MIN);
        tally.read_bytes += read - self.tallied;
        self.tallied = read;
    }

    fn next_range(&mut self) {
        (self.at, self.last, self.bytes, self.tallied) = (self.at + 1, None, 0, 0);
    }
}

impl Operator for ScanOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.progress.is_none() {
            self.progress = Some(self.node.begin(rt)?);
        }
        let Some(progress) = &mut self.progress else { return Ok(false) };
        loop {
            rt.env.eval.host.check_interrupt()?;
            out.reset(self.node.width);
            let max = max.min(progress.wanted);
            if max == 0 || !self.node.fill(rt, progress, out, max, &mut self.scratch)? {
                return Ok(false);
            }
            if let Some(filter) = self.node.filter.as_ref().filter(|filter| filter.late) {
                retain(rt, out, &filter.predicate)?;
            }
            if !out.is_empty() {
                progress.wanted -= out.len();
                return Ok(true);
            }
        }
    }

    fn rewind(&mut self, _rt: &mut Runtime<'_>) -> Result<()> {
        self.progress = None;
        Ok(())
    }
}

/// Keeps the rows for which `predicate` holds.
pub(super) fn retain(rt: &mut Runtime<'_>, rows: &mut Batch, predicate: &Code) -> Result<()> {
    let mut kept = 0;
    for index in 0..rows.len() {
        if predicate.holds(rt, rows.row(index))? {
            rows.move_row(index, kept);
            kept += 1;
        }
    }
    rt.shared.tally.filtered += (rows.len() - kept) as u64;
    rows.truncate(kept);
    Ok(())
}

impl ScanNode {
    fn begin(&self, rt: &mut Runtime<'_>) -> Result<Progress> {
        let wanted = match &self.limit {
            Some(limit) => row_count(rt, limit)?,
            None => usize::MAX,
        };
        let mut ranges = self.bounds.ranges(rt)?;
        if self.direction == Direction::Reverse {
            ranges.reverse();
        }
        Ok(Progress { ranges, at: 0, last: None, wanted, bytes: 0, tallied: 0 })
    }

    /// Reads up to `max` rows; false when nothing is left to read. The batch may stay empty although something is left.
    fn fill(&self, rt: &mut Runtime<'_>, progress: &mut Progress, out: &mut Batch, max: usize, scratch: &mut Vec<Datum>) -> Result<bool> {
        let Some(txn) = rt.txn.take() else { return Err(borealis_pgtypes::SqlError::internal("a scan inside a scan's filter")) };
        let result = self.fill_from(rt, txn, progress, out, max, scratch);
        rt.txn = Some(txn);
        result
    }

    fn fill_from(
        &self,
        rt: &mut Runtime<'_>,
        txn: &Txn,
        progress: &mut Progress,
        out: &mut Batch,
        max: usize,
        scratch: &mut Vec<Datum>,
    ) -> Result<bool> {
        let mut looked_at = 0;
        while let Some(range) = progress.ranges.get(progress.at) {
            let mut cursor = Cursor::open(txn, resumed(range, progress.last.as_deref(), self.direction), self.direction);
            while out.len() < max && looked_at < ROWS_PER_CHECK {
                let Some((key, value)) = cursor.next()? else {
                    progress.tally(&mut rt.shared.tally);
                    progress.next_range();
                    break;
                };
                looked_at += 1;
                progress.bytes += (key.len() + value.len()) as u64;
                self.take(rt, txn, key, value, out, scratch)?;
                if out.len() == max || looked_at == ROWS_PER_CHECK {
                    progress.last = Some(key.to_vec());
                    progress.tally(&mut rt.shared.tally);
                    return Ok(true);
                }
            }
        }
        Ok(!out.is_empty())
    }

    /// Appends the row a key leads to, if the filter wants it.
    fn take(&self, rt: &mut Runtime<'_>, txn: &Txn, key: &[u8], value: &[u8], out: &mut Batch, scratch: &mut Vec<Datum>) -> Result<()> {
        match &self.source {
            Source::Rows(reader) => self.take_row(rt, reader, key, value, out, scratch),
            Source::Lookup(reader) => {
                let row_key = self.row_key(key, value)?;
                match txn.get(&row_key)? {
                    Some(row) => {
                        rt.shared.tally.read_bytes += ((row_key.len() + row.len()) as u64).max(READ_BYTES_MIN);
                        self.take_row(rt, reader, &row_key, &row, out, scratch)
                    }
                    None => Err(dangling()),
                }
            }
            Source::Covering(reader) => {
                reader.read(&entry::decode(key, value)?, out.open_values())?;
                if self.locator {
                    out.push_value(Datum::Bytea(Arc::from(self.row_key(key, value)?)));
                }
                self.finish_row(rt, out)
            }
        }
    }

    fn row_key(&self, key: &[u8], value: &[u8]) -> Result<Vec<u8>> {
        Ok([&key::prefix(self.table), entry::decode(key, value)?.row_key].concat())
    }

    fn take_row(
        &self,
        rt: &mut Runtime<'_>,
        reader: &Reader,
        key: &[u8],
        value: &[u8],
        out: &mut Batch,
        scratch: &mut Vec<Datum>,
    ) -> Result<()> {
        let first = self.filter.as_ref().filter(|filter| !filter.late).and_then(|filter| Some((filter, filter.first.as_ref()?)));
        if let Some((filter, first)) = first {
            scratch.clear();
            first.read(value, scratch)?;
            if !filter.predicate.holds(rt, scratch)? {
                rt.shared.tally.filtered += 1;
                return Ok(());
            }
        }
        reader.read(value, out.open_values())?;
        if self.locator {
            out.push_value(Datum::Bytea(Arc::from(key)));
        }
        if first.is_some() {
            out.end_row();
            return Ok(());
        }
        self.finish_row(rt, out)
    }

    /// Completes the open row, or drops it when the filter does not want it.
    fn finish_row(&self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<()> {
        let wanted = match &self.filter {
            Some(filter) if !filter.late => filter.predicate.holds(rt, out.open_row())?,
            _ => true,
        };
        if wanted {
            out.end_row();
        } else {
            rt.shared.tally.filtered += 1;
            out.abandon_row();
        }
        Ok(())
    }
}

#[cold]
fn dangling() -> borealis_pgtypes::SqlError {
    borealis_pgtypes::SqlError::new(borealis_pgtypes::SqlState::DATA_CORRUPTED, "an index entry leads to no row")
}

/// What is left of a range after the last key read.
fn resumed(range: &KeyRange, last: Option<&[u8]>, direction: Direction) -> KeyRange {
    let mut range = range.clone();
    if let Some(last) = last {
        match direction {
            Direction::Forward => range.start = Bound::Excluded(last.to_vec()),
            Direction::Reverse => range.end = Bound::Excluded(last.to_vec()),
        }
    }
    range
}

/// Keys and values as the running statement sees them.
pub(crate) enum Cursor<'t> {
    /// Straight from the store.
    Plain(Scan<'t>),
    /// With what the statement's own writes hide put back.
    Merged(Box<Merged<'t>>),
}

pub(crate) struct Merged<'t> {
    scan: Scan<'t>,
    hidden: &'t BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    old: btree_map::Range<'t, Vec<u8>, Option<Vec<u8>>>,
    direction: Direction,
    pending: Option<(Vec<u8>, Vec<u8>)>,
    pending_old: Option<(&'t [u8], &'t [u8])>,
    given: (Vec<u8>, Vec<u8>),
}

impl<'t> Cursor<'t> {
    pub(crate) fn open(txn: &'t Txn, range: KeyRange, direction: Direction) -> Self {
        match txn.hidden() {
            Some(hidden) if !range.is_empty() => {
                let old = hidden.range((range.start.clone(), range.end.clone()));
                let scan = txn.storage.scan(range, direction);
                let given = (Vec::new(), Vec::new());
                Self::Merged(Box::new(Merged { scan, hidden, old, direction, pending: None, pending_old: None, given }))
            }
            _ => Self::Plain(txn.storage.scan(range, direction)),
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        match self {
            Self::Plain(scan) => scan.next().map_err(store_error),
            Self::Merged(merged) => merged.next(),
        }
    }
}

impl Merged<'_> {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        self.fetch()?;
        let old_first = match (&self.pending, self.pending_old) {
            (None, None) => return Ok(None),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some((key, _)), Some((old, _))) => (key.as_slice() > old) == (self.direction == Direction::Forward),
        };
        if old_first {
            return Ok(self.pending_old.take());
        }
        self.given = self.pending.take().unwrap_or_default();
        Ok(Some((&self.given.0, &self.given.1)))
    }

    /// Makes both sides ready: the scan without the keys the statement has written, and what those held before.
    fn fetch(&mut self) -> Result<()> {
        while self.pending.is_none() {
            let Some((key, value)) = self.scan.next().map_err(store_error)? else { break };
            if !self.hidden.contains_key(key) {
                self.pending = Some((key.to_vec(), value.to_vec()));
            }
        }
        while self.pending_old.is_none() {
            let next = match self.direction {
                Direction::Forward => self.old.next(),
                Direction::Reverse => self.old.next_back(),
            };
            let Some((key, value)) = next else { break };
            self.pending_old = value.as_deref().map(|value| (key.as_slice(), value));
        }
        Ok(())
    }
}
