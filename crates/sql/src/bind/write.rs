//! What writing a table needs: its CHECK conditions and the expressions of its indexes.

use std::sync::Arc;

use borealis_catalog::Table;
use borealis_pgtypes::Result;

use super::Binder;
use crate::bound::WriteTarget;

impl Binder<'_> {
    pub(crate) fn write_target(&self, table: &Arc<Table>) -> Result<WriteTarget> {
        super::stored::write_target(table, self.ctx)
    }
}
