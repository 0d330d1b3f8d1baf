//! Simple query strings that come again.
//!
//! A client of the simple protocol sends `BEGIN`, `COMMIT` and its fixed queries as text each time. Parsing is the dearest part of such a statement, planning the
//! next; so a string that has been seen twice lately keeps its prepared statement, as Parse would have made one. What may have changed since (catalog,
//! settings, statistics) is in the plan's own stamps; a string whose plan no longer holds is read anew.

#[cfg(test)]
#[path = "recent_tests.rs"]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use borealis_pgtypes::Result;
use borealis_sql::ast::Statement;
use borealis_sql::bound::OutputColumn;

use super::Session;
use super::statement::Prepared;

/// Strings that are kept. A session that is idle keeps their plans.
const KEPT_MAX: usize = 8;
/// Strings that are remembered, so that what comes once displaces nothing.
const SEEN_MAX: usize = 32;
/// A longer string is rarely fixed, and its plan large.
const TEXT_BYTES_MAX: usize = 1024;

/// The strings of a session.
#[derive(Default)]
pub(super) struct Recent {
    kept: Vec<Arc<Prepared>>,
    /// The place in `kept` that is taken next when it is full.
    oldest: usize,
    seen: Vec<u64>,
    oldest_seen: usize,
}

impl Recent {
    fn find(&self, text: &str) -> Option<&Arc<Prepared>> {
        self.kept.iter().find(|prepared| &*prepared.text == text)
    }

    fn forget(&mut self, text: &str) {
        self.kept.retain(|prepared| &*prepared.text != text);
        self.oldest = 0;
    }

    /// Takes a statement whose string has been seen before.
    fn offer(&mut self, prepared: &Arc<Prepared>) {
        let mut hasher = DefaultHasher::new();
        prepared.text.hash(&mut hasher);
        let hash = hasher.finish();
        if self.seen.contains(&hash) {
            put(&mut self.kept, &mut self.oldest, KEPT_MAX, prepared.clone());
        } else {
            put(&mut self.seen, &mut self.oldest_seen, SEEN_MAX, hash);
        }
    }
}

/// Puts an item into a ring of at most `max`.
fn put<T>(ring: &mut Vec<T>, oldest: &mut usize, max: usize, item: T) {
    if ring.len() < max {
        ring.push(item);
    } else {
        ring[*oldest] = item;
        *oldest = (*oldest + 1) % max;
    }
}

impl Session {
    /// As [`Session::parse_script`] and [`Session::open_statement`] for a string of one statement that has come before; `None` when it has to be parsed.
    pub async fn open_recent(&mut self, text: &str) -> Option<Result<Option<Arc<[OutputColumn]>>>> {
        let prepared = self.recent.find(text)?.clone();
        if let Err(error) = self.take_turn(text).await {
            return Some(Err(error));
        }
        self.begin_message();
        self.text = prepared.text.clone();
        let opened = self.try_open_recent(prepared).transpose()?;
        Some(self.checked(opened))
    }

    fn try_open_recent(&mut self, prepared: Arc<Prepared>) -> Result<Option<Option<Arc<[OutputColumn]>>>> {
        self.refuse_in_failed_block(prepared.ends_transaction())?;
        if !self.still_holds(&prepared)? {
            self.recent.forget(&prepared.text);
            return Ok(None);
        }
        let portal = self.portal_for(prepared, Vec::new())?;
        let columns = portal.columns();
        self.portals.insert(String::new(), portal);
        Ok(Some(columns))
    }

    /// Keeps a statement for the next time, if it is all of its string and nothing but a query or transaction control.
    pub(super) fn remember(&mut self, prepared: &Arc<Prepared>, is_whole: bool) -> Result<()> {
        if is_whole && prepared.text.len() <= TEXT_BYTES_MAX && self.recent.find(&prepared.text).is_none() && self.still_holds(prepared)? {
            self.recent.offer(prepared);
        }
        Ok(())
    }

    fn still_holds(&mut self, prepared: &Prepared) -> Result<bool> {
        match &prepared.statement {
            Some(Statement::Transaction(_)) => Ok(true),
            Some(statement) if !super::utility::is_utility(statement) => self.has_plan(prepared),
            _ => Ok(false),
        }
    }
}
