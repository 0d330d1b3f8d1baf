//! Who follows the commits, and from where: what of the journal must stay.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use heed::RwTxn;

use crate::Position;
use crate::base_store::BaseStore;
use crate::changes::Follower;

/// The followers. Each has two positions: how far it has come, and what the base store says of that, which is where it stands after a crash.
///
/// Whoever takes both takes the base store's write transaction first, and then this lock.
#[derive(Default)]
pub(crate) struct Followers(Mutex<BTreeMap<Follower, Place>>);

struct Place {
    reached: Position,
    durable: Position,
}

impl Followers {
    pub(crate) fn new(known: BTreeMap<Follower, Position>) -> Self {
        let place = |(follower, position)| (follower, Place { reached: position, durable: position });
        Self(Mutex::new(known.into_iter().map(place).collect()))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Follower, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.known().is_empty()
    }

    /// What was committed after this is needed, also after a crash.
    pub(crate) fn oldest(&self) -> Option<Position> {
        self.known().values().map(|place| place.durable).min()
    }

    /// Adds a follower at the position given, or gives that of one that is known. Durable on return.
    pub(crate) fn begin(&self, base: &BaseStore, follower: Follower, newest: Position) -> heed::Result<Position> {
        let mut txn = base.write()?;
        let mut known = self.known();
        if let Some(place) = known.get(&follower) {
            return Ok(place.reached);
        }
        base.put_follower(&mut txn, &follower, Some(newest))?;
        txn.commit()?;
        known.insert(follower, Place { reached: newest, durable: newest });
        Ok(newest)
    }

    /// A follower needs nothing up to a position any more. One that is not known stays unknown.
    pub(crate) fn advance(&self, follower: &Follower, position: Position) {
        if let Some(place) = self.known().get_mut(follower) {
            place.reached = position.max(place.reached);
        }
    }

    /// Forgets a follower. Durable on return.
    pub(crate) fn end(&self, base: &BaseStore, follower: &Follower) -> heed::Result<()> {
        let mut txn = base.write()?;
        let mut known = self.known();
        base.put_follower(&mut txn, follower, None)?;
        txn.commit()?;
        known.remove(follower);
        Ok(())
    }

    /// Writes how far they have come, with a checkpoint. Should its transaction fail, another checkpoint follows before anything is forgotten.
    pub(crate) fn put(&self, base: &BaseStore, txn: &mut RwTxn<'_>) -> heed::Result<()> {
        self.known().iter_mut().try_for_each(|(follower, place)| {
            place.durable = place.reached;
            base.put_follower(txn, follower, Some(place.reached))
        })
    }
}
