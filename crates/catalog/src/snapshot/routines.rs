//! Functions of a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_pgtypes::Oid;

use super::Catalog;
use crate::Routine;

/// Functions by oid and by name: a name may stand for several.
#[derive(Clone, Debug, Default)]
pub(super) struct Routines {
    all: BTreeMap<Oid, Arc<Routine>>,
    names: BTreeMap<(Oid, String), Vec<Oid>>,
}

impl Routines {
    pub(super) fn put(&mut self, routine: &Arc<Routine>) {
        self.remove(routine.oid);
        self.names.entry((routine.schema, routine.name.clone())).or_default().push(routine.oid);
        self.all.insert(routine.oid, routine.clone());
    }

    pub(super) fn remove(&mut self, oid: Oid) {
        let Some(old) = self.all.remove(&oid) else { return };
        if let Some(oids) = self.names.get_mut(&(old.schema, old.name.clone())) {
            oids.retain(|known| *known != oid);
        }
    }
}

impl Catalog {
    /// The functions of that name.
    pub fn routines_named(&self, schema: Oid, name: &str) -> impl Iterator<Item = &Arc<Routine>> {
        let oids = self.routines.names.get(&(schema, name.to_owned()));
        oids.into_iter().flatten().filter_map(|oid| self.routines.all.get(oid))
    }

    /// The function with that oid.
    #[must_use]
    pub fn routine_by_oid(&self, oid: Oid) -> Option<&Arc<Routine>> {
        self.routines.all.get(&oid)
    }

    /// All functions, by oid.
    pub fn routines(&self) -> impl Iterator<Item = &Arc<Routine>> {
        self.routines.all.values()
    }
}
