//! The referenced end: what becomes of the rows that reference a key which goes.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result, SqlError};

use super::pending::{Event, What};
use super::{ForeignKey, ForeignKeys, places};
use crate::eval::Runtime;
use crate::exec::write::errors;

/// A key that has gone, and the key its row has now, if there still is one.
struct Gone<'e> {
    old: &'e [Datum],
    new: Option<&'e [Datum]>,
}

impl Event {
    pub(super) fn run(&self, rt: &mut Runtime<'_>) -> Result<()> {
        let key = &self.keys.keys[self.key];
        match &self.what {
            What::Came { row_key } => key.reference.check(rt, row_key),
            What::Went { old, new } => {
                let gone = Gone { old, new: new.as_deref() };
                match if new.is_some() { key.key.on_update } else { key.key.on_delete } {
                    'c' if new.is_none() => self.keys.delete_children(rt, key, &gone),
                    'c' | 'n' => self.keys.update_children(rt, key, &gone),
                    'd' => {
                        self.keys.update_children(rt, key, &gone)?;
                        // A row that had the default already was left as it was, and still references what has gone.
                        key.refuse_unless_replaced(rt, &gone)
                    }
                    'r' => key.refuse(rt, &gone),
                    _ => key.refuse_unless_replaced(rt, &gone),
                }
            }
        }
    }
}

impl ForeignKey {
    /// RESTRICT: nobody may reference the key, whatever has taken its place.
    fn refuse(&self, rt: &mut Runtime<'_>, gone: &Gone<'_>) -> Result<()> {
        if self.children.any(rt, &self.reference.pairs, gone.old)? {
            return Err(errors::still_referenced(rt.env, &self.reference.child, &self.reference.parent, &self.key, gone.old));
        }
        Ok(())
    }

    /// NO ACTION: another row may have the key by now.
    fn refuse_unless_replaced(&self, rt: &mut Runtime<'_>, gone: &Gone<'_>) -> Result<()> {
        if self.reference.find(rt, gone.old)?.is_some() {
            return Ok(());
        }
        self.refuse(rt, gone)
    }

    /// The referencing row after the action.
    fn changed(&self, rt: &mut Runtime<'_>, row: &[Datum], gone: &Gone<'_>) -> Result<Vec<Datum>> {
        let mut changed = row.to_vec();
        let action = if gone.new.is_some() { self.key.on_update } else { self.key.on_delete };
        let listed = places(&self.key.delete_columns);
        for (at, place) in self.reference.child_places.iter().enumerate() {
            if gone.new.is_none() && !listed.is_empty() && !listed.contains(place) {
                continue;
            }
            changed[*place] = match (action, gone.new) {
                ('c', Some(new)) => self.assigned[at].eval(rt, new)?,
                ('d', _) => self.defaults[at].eval(rt, &[])?,
                _ => Datum::Null,
            };
        }
        Ok(changed)
    }
}

impl ForeignKeys {
    fn cascade(&self, key: &ForeignKey) -> Result<&crate::exec::write::target::Target> {
        key.cascade.and_then(|place| self.cascades.get(place)).ok_or_else(|| SqlError::internal("an action without the table it writes"))
    }

    fn delete_children(self: &Arc<Self>, rt: &mut Runtime<'_>, key: &ForeignKey, gone: &Gone<'_>) -> Result<()> {
        let target = self.cascade(key)?;
        for (row_key, row) in key.children.all(rt, &key.reference.pairs, gone.old)? {
            self.delete(rt, target, &row_key, &row)?;
        }
        Ok(())
    }

    fn update_children(self: &Arc<Self>, rt: &mut Runtime<'_>, key: &ForeignKey, gone: &Gone<'_>) -> Result<()> {
        let target = self.cascade(key)?;
        for (row_key, row) in key.children.all(rt, &key.reference.pairs, gone.old)? {
            let mut changed = key.changed(rt, &row, gone)?;
            self.update(rt, target, &row_key, &row, &mut changed)?;
        }
        Ok(())
    }
}
