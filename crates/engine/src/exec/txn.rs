//! The transaction as the executor sees it.

use std::collections::BTreeMap;

use borealis_pgtypes::{Host, Oid, Result, SqlError, SqlState};
use borealis_storage::{Before, CatalogClaim, ClaimKind, StoreError, Transaction, Value};
use smallvec::SmallVec;

use super::write::foreign_key::{ConstraintMode, Events};

/// The least that writing a row or an entry is charged.
const WRITE_BYTES_MIN: u64 = 128;

/// A transaction: the store's, and what the limits of a transaction count.
#[derive(Debug)]
pub struct Txn {
    /// Snapshot, writes and claims.
    pub storage: Transaction,
    /// Rows modified so far.
    pub rows_modified: u64,
    /// The same by table, for whoever decides when to analyse.
    pub(crate) modified: SmallVec<[(Oid, u64); 4]>,
    /// Bytes written so far as they are charged: each row and entry counts at least [`WRITE_BYTES_MIN`].
    pub(crate) charged_bytes: u64,
    /// `READ ONLY`: statements that write are refused.
    pub read_only: bool,
    /// Time part of the last hidden row id given out: ids of one transaction ascend, so that rows come back in the order they went in.
    last_row_time: i64,
    /// What the keys written by the running statement held before it; kept only when the statement reads again after it has written (a CTE that
    /// writes, a subquery in RETURNING): all parts of a statement see the data as it was before the statement.
    before: Option<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
    /// What foreign keys have to look at, at the end of the statement or of the transaction.
    pub(crate) events: Events,
    /// The same for the statements around the running one, whose functions are being run: outermost first.
    around: Vec<Option<BTreeMap<Vec<u8>, Option<Vec<u8>>>>>,
}

impl Txn {
    /// A transaction that has done nothing yet.
    #[must_use]
    pub fn new(storage: Transaction, read_only: bool) -> Self {
        Self {
            storage,
            rows_modified: 0,
            modified: SmallVec::new(),
            charged_bytes: 0,
            read_only,
            last_row_time: i64::MIN,
            before: None,
            events: Events::default(),
            around: Vec::new(),
        }
    }

    /// SET CONSTRAINTS: of the constraints with these oids, or of all. What becomes due is looked at by [`check_constraints`](super::check_constraints).
    pub fn set_constraints(&mut self, constraints: Option<&[Oid]>, mode: ConstraintMode) {
        self.events.set_mode(constraints, mode);
    }

    /// COMMIT has begun: no check is deferred any more. Whether there is one to make.
    pub fn begin_commit(&mut self) -> bool {
        self.events.begin_commit();
        !self.events.is_empty()
    }

    /// The value of a key as the transaction would leave it, writes of the running statement included.
    pub(crate) fn get_current(&self, key: &[u8]) -> Result<Option<Value<'_>>> {
        self.storage.get(key).map_err(store_error)
    }

    /// The value of a key as the running statement sees it.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Value<'_>>> {
        if let Some(before) = &self.before
            && let Some(old) = before.get(key)
        {
            return Ok(old.as_deref().map(Value::Borrowed));
        }
        self.get_current(key)
    }

    /// What the running statement's own writes hide, when it must not see them.
    pub(crate) fn hidden(&self) -> Option<&BTreeMap<Vec<u8>, Option<Vec<u8>>>> {
        self.before.as_ref().filter(|before| !before.is_empty())
    }

    pub(crate) fn put(&mut self, key: Vec<u8>, value: Vec<u8>, claim: Option<ClaimKind>) -> Result<()> {
        self.put_telling(key, value, claim, Before::Untold)
    }

    /// Writes a row, and tells those who follow the commits what it replaces.
    pub(crate) fn put_telling(&mut self, key: Vec<u8>, value: Vec<u8>, claim: Option<ClaimKind>, before: Before) -> Result<()> {
        self.remember(&key)?;
        self.charged_bytes += ((key.len() + value.len()) as u64).max(WRITE_BYTES_MIN);
        self.storage.put_telling(key, value, claim, before);
        Ok(())
    }

    pub(crate) fn delete(&mut self, key: Vec<u8>, claim: Option<ClaimKind>) -> Result<()> {
        self.delete_telling(key, claim, Before::Untold)
    }

    /// Removes a row, and tells those who follow the commits what it was.
    pub(crate) fn delete_telling(&mut self, key: Vec<u8>, claim: Option<ClaimKind>, before: Before) -> Result<()> {
        self.remember(&key)?;
        self.charged_bytes += WRITE_BYTES_MIN;
        self.storage.delete_telling(key, claim, before);
        Ok(())
    }

    fn remember(&mut self, key: &[u8]) -> Result<()> {
        for before in self.around.iter_mut().chain([&mut self.before]).flatten() {
            if !before.contains_key(key) {
                let old = self.storage.get(key).map_err(store_error)?.map(|value| value.to_vec());
                before.insert(key.to_vec(), old);
            }
        }
        Ok(())
    }

    /// Starts hiding the statement's writes from its own reads.
    pub(crate) fn hide_own_writes(&mut self) {
        self.before = Some(BTreeMap::new());
    }

    /// Ends what [`Txn::hide_own_writes`] began: the next statement sees everything.
    pub(crate) fn show_own_writes(&mut self) {
        self.before = None;
    }

    /// A function begins that sees everything done so far, while what it does stays hidden from the statement that calls it.
    pub(crate) fn suspend_hiding(&mut self) {
        self.around.push(self.before.take());
    }

    /// Ends what [`Txn::suspend_hiding`] began.
    pub(crate) fn resume_hiding(&mut self) {
        self.before = self.around.pop().flatten();
    }

    /// The transaction depends on a table or function staying as it is.
    pub(crate) fn depend_on(&mut self, object: Oid) {
        self.storage.catalog_claim(CatalogClaim::Read(object.0));
    }

    /// Counts one row of `table` modified.
    ///
    /// # Errors
    /// `54000` for the first row beyond `limit`.
    pub(crate) fn count_row(&mut self, table: Oid, limit: u64) -> Result<()> {
        if self.rows_modified >= limit {
            return Err(row_limit_exceeded());
        }
        self.rows_modified += 1;
        match self.modified.iter_mut().find(|(known, _)| *known == table) {
            Some((_, rows)) => *rows += 1,
            None => self.modified.push((table, 1)),
        }
        Ok(())
    }

    /// A new hidden row id: microseconds since 2000, then random bytes.
    pub(crate) fn new_row_id(&mut self, host: &dyn Host) -> [u8; 16] {
        self.last_row_time = host.clock_timestamp().max(self.last_row_time.saturating_add(1));
        let mut id = [0; 16];
        host.random_bytes(&mut id[8..]);
        id[..8].copy_from_slice(&self.last_row_time.to_be_bytes());
        id
    }
}

pub(crate) fn row_limit_exceeded() -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "transaction row limit exceeded")
}

/// The base store could not be read: nothing the statement did wrong, and nothing it can do about it.
#[allow(clippy::needless_pass_by_value)] // shaped for `map_err`
pub(crate) fn store_error(error: StoreError) -> SqlError {
    SqlError::new(SqlState::IO_ERROR, error.to_string())
}
