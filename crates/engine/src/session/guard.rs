//! The tenant guard of a session: every statement is confined between parsing and binding, each time it is planned.

use std::borrow::Cow;

use borealis_pgtypes::Result;
use borealis_sql::ast::Statement;
use borealis_sql::guard::{CatalogFacts, Enforcement, confine};

use super::Session;

#[cfg(test)]
mod tests;

impl Session {
    /// The statement as the session's guard lets it run: itself where there is none.
    ///
    /// What has been confined already comes out as it went in.
    pub(super) fn confined<'s>(&mut self, statement: &'s Statement) -> Result<Cow<'s, Statement>> {
        let Some(guard) = self.parameters.get_mut().guard().cloned() else { return Ok(Cow::Borrowed(statement)) };
        // These touch no relation, and a failed transaction must be able to end.
        if matches!(statement, Statement::Transaction(_)) {
            return Ok(Cow::Borrowed(statement));
        }
        let catalog = self.active()?.catalog.clone();
        let search_path = self.resolved_path(&catalog, true);
        let facts = CatalogFacts { catalog: &catalog, search_path: &search_path };
        let confined = confine(statement, &guard, &facts, self.cluster.dialect, Enforcement::Engine)?;
        Ok(Cow::Owned(confined.statement))
    }
}
