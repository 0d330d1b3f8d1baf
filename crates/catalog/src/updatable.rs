//! Which views may be written through: `pg_relation_is_updatable` and `pg_column_is_updatable`.

use crate::{Catalog, View};

/// What may be done through a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Events {
    /// INSERT and UPDATE: a column of it can be written.
    pub(crate) write: bool,
    /// DELETE
    pub(crate) delete: bool,
}

/// What may be done through the view, and all views under it.
pub(crate) fn events(catalog: &Catalog, view: &View) -> Events {
    let none = Events { write: false, delete: false };
    let Some(base) = view.base else { return none };
    let below = match catalog.view_by_oid(base) {
        Some(below) => events(catalog, below),
        None if catalog.table_by_oid(base).is_some() => Events { write: true, delete: true },
        None => none,
    };
    Events { write: below.write && view.base_columns.iter().any(|number| *number > 0), delete: below.delete }
}

/// Whether the view's column with that number can be written.
pub(crate) fn column(catalog: &Catalog, view: &View, number: i16) -> bool {
    let below = usize::try_from(number - 1).ok().and_then(|place| view.base_columns.get(place)).copied().filter(|number| *number > 0);
    let (Some(base), Some(below)) = (view.base, below) else { return false };
    match catalog.view_by_oid(base) {
        Some(inner) => events(catalog, inner).write && column(catalog, inner, below),
        None => catalog.table_by_oid(base).is_some(),
    }
}
