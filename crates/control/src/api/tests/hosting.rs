//! A hosting that keeps its storage in a table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use borealis_base::Id26;

use crate::hosting::{Activity, Hosting, HostingError};

/// What it answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mood {
    #[default]
    Works,
    Unavailable,
    Refuses,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) mood: Mood,
    /// Clusters with storage, and whose database it is.
    pub(super) storage: BTreeMap<Id26, Id26>,
    pub(super) open: BTreeSet<Id26>,
}

#[derive(Default)]
pub(super) struct Shelf(pub(super) Mutex<State>);

fn answer(mood: Mood) -> Result<(), HostingError> {
    match mood {
        Mood::Works => Ok(()),
        Mood::Unavailable => Err(HostingError::Unavailable("the disk is full".to_owned())),
        Mood::Refuses => Err(HostingError::Refused("no such medium".to_owned())),
    }
}

impl Hosting for Shelf {
    fn create(&self, cluster: Id26, shares: Option<Id26>) -> Result<(), HostingError> {
        let mut state = self.0.lock().expect("no panic");
        answer(state.mood)?;
        let database = shares.unwrap_or(cluster);
        assert!(database == cluster || state.storage.get(&database) == Some(&database), "shares a database that is not there");
        let known = state.storage.insert(cluster, database);
        assert!(known.is_none_or(|known| known == database), "made again with another database");
        Ok(())
    }

    fn delete(&self, cluster: Id26) -> Result<(), HostingError> {
        let mut state = self.0.lock().expect("no panic");
        answer(state.mood)?;
        state.storage.remove(&cluster);
        Ok(())
    }

    fn exists(&self, cluster: Id26) -> bool {
        self.0.lock().expect("no panic").storage.contains_key(&cluster)
    }

    fn activity(&self, cluster: Id26) -> Activity {
        if self.0.lock().expect("no panic").open.contains(&cluster) { Activity::Open } else { Activity::AtRest }
    }
}
