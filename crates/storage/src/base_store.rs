//! The base store: everything up to the last checkpoint, in LMDB.
//!
//! A folder with one LMDB environment and two databases: `rows`, the data as of the checkpoint, and `meta`, four fixed-size entries
//! that say which store this is and how far the checkpoint goes. The format is described in `docs/formats/store.md`.
//!
//! LMDB keeps versions by copying pages: a read transaction sees the state it was opened on for as long as it lives, and pins the
//! pages of that state. Opening one takes a lock shared with the other readers, so [`Views`](crate::views::Views) pools them.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::path::Path;

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvOpenOptions, RoRange, RoRevRange, RoTxn, RwTxn, WithoutTls};

use crate::changes::Follower;
use crate::error::{Damage, OpenError, StoreError};
use crate::options::Limits;
use crate::{Direction, KeyRange, Position};

type Rows = Database<'static, Bytes, Bytes>;
/// A read transaction that keeps its environment open.
pub(crate) type Reader = RoTxn<'static, WithoutTls>;

/// Version of what is in the base store. Another number is another format.
pub(crate) const FORMAT_VERSION: u32 = 1;
/// Longest key that a page of 4 KiB takes is 1,982 bytes; a round number below leaves LMDB's own needs out of our contract.
pub(crate) const MAX_KEY_BYTES: usize = 1_900;
/// Smallest address space worth starting with when the system does not give what was asked for.
const MAP_BYTES_MIN: usize = 1 << 30;

const META_FORMAT: &[u8] = b"format";
const META_STORE: &[u8] = b"store";
const META_POSITION: &[u8] = b"position";
const META_CATALOG: &[u8] = b"catalog";
/// And then the follower's name.
const META_FOLLOWER: &[u8] = b"follower";

/// Which store this is: the same in the base store and in every journal segment.
pub(crate) type StoreId = [u8; 16];

/// How far the base store goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Checkpoint {
    /// Everything up to here is in `rows`.
    pub(crate) position: Position,
    /// The last commit up to `position` that wrote a catalog descriptor.
    pub(crate) catalog: Position,
}

pub(crate) struct BaseStore {
    env: Env<WithoutTls>,
    rows: Rows,
    meta: Rows,
}

impl BaseStore {
    /// Opens the environment in `folder`, which must exist. With `volatile` nothing is flushed.
    pub(crate) fn open(folder: &Path, limits: &Limits, volatile: bool) -> Result<Self, OpenError> {
        let env = open_env(folder, limits, volatile).map_err(|source| failed(folder, source))?;
        if env.max_key_size() < MAX_KEY_BYTES {
            return Err(OpenError::Io {
                action: format!("opening {}", folder.display()),
                source: io::Error::other(format!("pages hold keys of {} bytes only, {MAX_KEY_BYTES} are needed", env.max_key_size())),
            });
        }
        let (rows, meta) = open_databases(&env).map_err(|source| failed(folder, source))?;
        Ok(Self { env, rows, meta })
    }

    /// The identity and checkpoint of a store that has them; `None` for one that was just made.
    pub(crate) fn identity(&self, folder: &Path) -> Result<Option<(StoreId, Checkpoint)>, OpenError> {
        let txn = self.env.read_txn().map_err(|source| failed(folder, source))?;
        let Some(format) = self.meta.get(&txn, META_FORMAT).map_err(|source| failed(folder, source))? else { return Ok(None) };
        let found = u32::from_le_bytes(fixed(folder, META_FORMAT, format)?);
        if found != FORMAT_VERSION {
            return Err(OpenError::Version { file: folder.display().to_string(), found, supported: FORMAT_VERSION });
        }
        let store = self.entry(&txn, folder, META_STORE)?;
        let position = Position(u64::from_le_bytes(self.entry(&txn, folder, META_POSITION)?));
        let catalog = Position(u64::from_le_bytes(self.entry(&txn, folder, META_CATALOG)?));
        Ok(Some((store, Checkpoint { position, catalog })))
    }

    /// Names a store that was just made.
    pub(crate) fn initialise(&self, store: StoreId) -> heed::Result<()> {
        let mut txn = self.env.write_txn()?;
        self.meta.put(&mut txn, META_FORMAT, &FORMAT_VERSION.to_le_bytes())?;
        self.meta.put(&mut txn, META_STORE, &store)?;
        self.put_checkpoint(&mut txn, Checkpoint::default())?;
        txn.commit()
    }

    /// Who follows the commits, and how far each had come at the last checkpoint.
    pub(crate) fn followers(&self, folder: &Path) -> Result<BTreeMap<Follower, Position>, OpenError> {
        let txn = self.env.read_txn().map_err(|source| failed(folder, source))?;
        let mut followers = BTreeMap::new();
        for entry in self.meta.prefix_iter(&txn, META_FOLLOWER).map_err(|source| failed(folder, source))? {
            let (name, position) = entry.map_err(|source| failed(folder, source))?;
            let follower: Follower = fixed(folder, META_FOLLOWER, &name[META_FOLLOWER.len()..])?;
            followers.insert(follower, Position(u64::from_le_bytes(fixed(folder, META_FOLLOWER, position)?)));
        }
        Ok(followers)
    }

    /// Notes how far a follower has come; with `None` it is gone.
    pub(crate) fn put_follower(&self, txn: &mut RwTxn<'_>, follower: &Follower, position: Option<Position>) -> heed::Result<()> {
        let name = [META_FOLLOWER, follower].concat();
        match position {
            Some(position) => self.meta.put(txn, &name, &position.0.to_le_bytes()),
            None => self.meta.delete(txn, &name).map(|_was_there| ()),
        }
    }

    fn entry<const N: usize>(&self, txn: &RoTxn, folder: &Path, name: &[u8]) -> Result<[u8; N], OpenError> {
        let found = self.meta.get(txn, name).map_err(|source| failed(folder, source))?;
        fixed(folder, name, found.unwrap_or_default())
    }

    pub(crate) fn reader(&self) -> heed::Result<Reader> {
        self.env.clone().static_read_txn()
    }

    pub(crate) fn get<'t>(&self, reader: &'t Reader, key: &[u8]) -> Result<Option<&'t [u8]>, StoreError> {
        self.rows.get(reader, key).map_err(|source| StoreError::new("reading a key from the base store", &source))
    }

    pub(crate) fn write(&self) -> heed::Result<RwTxn<'_>> {
        self.env.write_txn()
    }

    pub(crate) fn put_row(&self, txn: &mut RwTxn<'_>, key: &[u8], value: Option<&[u8]>) -> heed::Result<()> {
        match value {
            Some(value) => self.rows.put(txn, key, value),
            None => self.rows.delete(txn, key).map(|_was_there| ()),
        }
    }

    /// Bytes of the pages in use.
    pub(crate) fn size_bytes(&self) -> heed::Result<u64> {
        let txn = self.env.read_txn()?;
        let used = |database: &Rows| -> heed::Result<u64> {
            let stat = database.stat(&txn)?;
            let pages = stat.branch_pages + stat.leaf_pages + stat.overflow_pages;
            Ok(pages as u64 * u64::from(stat.page_size))
        };
        Ok(used(&self.rows)? + used(&self.meta)?)
    }

    pub(crate) fn put_checkpoint(&self, txn: &mut RwTxn<'_>, checkpoint: Checkpoint) -> heed::Result<()> {
        self.meta.put(txn, META_POSITION, &checkpoint.position.0.to_le_bytes())?;
        self.meta.put(txn, META_CATALOG, &checkpoint.catalog.0.to_le_bytes())
    }
}

fn fixed<const N: usize>(folder: &Path, name: &[u8], bytes: &[u8]) -> Result<[u8; N], OpenError> {
    bytes.try_into().map_err(|_| {
        OpenError::Damaged(Damage {
            file: folder.display().to_string(),
            offset: 0,
            first_lost: Position(1),
            last_lost: None,
            detail: format!("the entry {} has {} bytes instead of {N}", String::from_utf8_lossy(name), bytes.len()),
        })
    })
}

/// Opens the environment with as much address space as the system gives: reserving costs no memory, and no growing is ever needed.
fn open_env(folder: &Path, limits: &Limits, volatile: bool) -> heed::Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.max_dbs(2).max_readers(limits.readers_max);
    if volatile {
        // SAFETY: without flushes a crash may leave the file broken; a volatile store's file is unlinked before anything is in it, so
        // nobody can open it again.
        unsafe { options.flags(heed::EnvFlags::NO_SYNC | heed::EnvFlags::NO_META_SYNC) };
    }
    let mut map_bytes = limits.map_bytes_max;
    loop {
        options.map_size(map_bytes);
        // SAFETY: the map is only ever changed through LMDB: the folder belongs to this store, whose lock file keeps other processes
        // of ours out, and LMDB's own lock file is left alone.
        match unsafe { options.open(folder) } {
            Err(heed::Error::Io(error)) if error.kind() == io::ErrorKind::OutOfMemory && map_bytes / 2 >= MAP_BYTES_MIN => map_bytes /= 2,
            result => return result,
        }
    }
}

fn open_databases(env: &Env<WithoutTls>) -> heed::Result<(Rows, Rows)> {
    let txn = env.write_txn()?;
    let opened = env.create_databases_and_commit(txn, |opener, txn| -> heed::Result<_> {
        let rows = opener.create_database::<Bytes, Bytes>(txn, Some("rows"))?;
        let meta = opener.create_database::<Bytes, Bytes>(txn, Some("meta"))?;
        Ok(CommitOrAbort::<_, ()>::Commit((rows, meta)))
    })?;
    Ok(opened.unwrap_commit())
}

pub(crate) fn failed(folder: &Path, source: heed::Error) -> OpenError {
    let action = format!("opening the base store {}", folder.display());
    match source {
        heed::Error::Io(source) => OpenError::Io { action, source },
        other => OpenError::Io { action, source: io::Error::other(other.to_string()) },
    }
}

/// LMDB has no empty key and refuses to look for one: the bounds without it, or `None` when nothing else is in the range.
fn bounds_lmdb_takes(range: &KeyRange) -> Option<(Bound<&[u8]>, Bound<&[u8]>)> {
    match range.bounds() {
        (_, Bound::Included([]) | Bound::Excluded([])) => None,
        (Bound::Included([]) | Bound::Excluded([]), end) => Some((Bound::Unbounded, end)),
        bounds => Some(bounds),
    }
}

/// A place in the base store.
pub(crate) struct BaseCursor<'a> {
    base: &'a BaseStore,
    reader: &'a Reader,
    rows: Option<BaseRows<'a>>,
    current: Option<(&'a [u8], &'a [u8])>,
}

enum BaseRows<'a> {
    Forward(RoRange<'a, Bytes, Bytes>),
    Reverse(RoRevRange<'a, Bytes, Bytes>),
}

impl<'a> BaseCursor<'a> {
    /// A cursor that stands nowhere until it is sought.
    pub(crate) const fn new(base: &'a BaseStore, reader: &'a Reader) -> Self {
        Self { base, reader, rows: None, current: None }
    }

    pub(crate) fn key(&self) -> Option<&'a [u8]> {
        self.current.map(|(key, _)| key)
    }

    pub(crate) fn value(&self) -> Option<&'a [u8]> {
        self.current.map(|(_, value)| value)
    }

    /// Moves to the first key of `range` on the way.
    pub(crate) fn seek(&mut self, range: &KeyRange, direction: Direction) -> Result<(), StoreError> {
        self.current = None;
        self.rows = None;
        let Some(bounds) = bounds_lmdb_takes(range) else { return Ok(()) };
        let rows = match direction {
            Direction::Forward => self.base.rows.range(self.reader, &bounds).map(BaseRows::Forward),
            Direction::Reverse => self.base.rows.rev_range(self.reader, &bounds).map(BaseRows::Reverse),
        };
        self.rows = Some(rows.map_err(|source| StoreError::new("opening a scan of the base store", &source))?);
        self.advance()
    }

    /// Moves to the next key on the way.
    pub(crate) fn advance(&mut self) -> Result<(), StoreError> {
        let next = match &mut self.rows {
            None => None,
            Some(BaseRows::Forward(rows)) => rows.next(),
            Some(BaseRows::Reverse(rows)) => rows.next(),
        };
        self.current = next.transpose().map_err(|source| StoreError::new("scanning the base store", &source))?;
        Ok(())
    }
}
