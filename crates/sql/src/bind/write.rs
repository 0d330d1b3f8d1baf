//! What writing a table needs: its CHECK conditions, the expressions of its indexes, its foreign keys.

use std::sync::Arc;

use borealis_catalog::Table;
use borealis_pgtypes::Result;

use super::foreign_key::{Effect, foreign_keys};
use super::updatable::{Writable, over_slots};
use super::{BindContext, Binder};
use crate::ast::Access;
use crate::bound::WriteTarget;

/// The target of a statement that writes `table` in the given way.
pub(crate) fn statement_target(table: &Arc<Table>, effect: &Effect<'_>, ctx: &BindContext<'_>) -> Result<WriteTarget> {
    Ok(WriteTarget { foreign_keys: foreign_keys(table, effect, ctx)?, ..super::stored::write_target(table, ctx)? })
}

impl Binder<'_> {
    /// The same for what a statement names: the check options of views written through are part of it, and what a tenant guard asks of its rows.
    pub(crate) fn write_target(&mut self, target: &Writable, effect: &Effect<'_>, access: Option<&Access>) -> Result<WriteTarget> {
        let mut bound = statement_target(&target.table, effect, self.ctx)?;
        self.requires_below(target);
        self.calls_of_target(&bound);
        if let Some(through) = &target.through {
            bound.view_checks = through.row_checks(&target.table);
        }
        bound.confined = self.confined(&target.table, access)?.map(|confined| over_slots(confined, &target.table, 0));
        Ok(bound)
    }
}
