//! What one client has open: destructive transactions that wait for its confirmation, and results of which it has seen a part.
//!
//! Both are bounded and expire. A session's tokens are of no use to another.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use borealis_base::{Clock, OsRandom, Random as _, SystemClock};
use borealis_client::Statement;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// A row of a result.
pub(crate) type Row = Map<String, Value>;

/// How long a confirmation is good for.
pub(crate) const CONFIRMATION_LIFE: Duration = Duration::from_secs(300);
/// How long a result is kept after its last page was asked for.
pub(crate) const RESULT_LIFE: Duration = Duration::from_secs(600);
const CONFIRMATIONS_MAX: usize = 64;
const RESULTS_MAX: usize = 8;

/// The state of one client.
pub(crate) struct Session {
    clock: Arc<dyn Clock>,
    confirmations: Mutex<VecDeque<Confirmation>>,
    results: Mutex<VecDeque<Held>>,
}

/// What a call is about: the database, the statements and all their values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject([u8; 32]);

struct Confirmation {
    token: String,
    subject: Subject,
    expires: Duration,
}

struct Held {
    id: String,
    subject: Subject,
    rows: Arc<Vec<Row>>,
    expires: Duration,
}

impl Subject {
    pub(crate) fn of(target: &str, statements: &[Statement]) -> Self {
        let mut hash = Sha256::new();
        let mut add = |text: Option<&str>| {
            // A length before each text, and one that no text has for NULL: no two lists run together into the same bytes.
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            hash.update(length.to_be_bytes());
            hash.update(text.unwrap_or_default());
        };
        add(Some(target));
        for statement in statements {
            add(Some(&statement.sql));
            add(Some(&statement.params.len().to_string()));
            statement.params.iter().for_each(|param| add(param.as_deref()));
        }
        Self(hash.finalize().into())
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::at(Arc::new(SystemClock::default()))
    }
}

impl Session {
    pub(crate) fn at(clock: Arc<dyn Clock>) -> Self {
        Self { clock, confirmations: Mutex::default(), results: Mutex::default() }
    }

    /// A token that lets exactly this run, once, for a while.
    pub(crate) fn ask_confirmation(&self, subject: Subject) -> String {
        let now = self.clock.monotonic();
        let token = drawn();
        let mut all = self.confirmations.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.expires > now);
        if all.len() == CONFIRMATIONS_MAX {
            all.pop_front();
        }
        all.push_back(Confirmation { token: token.clone(), subject, expires: now + CONFIRMATION_LIFE });
        token
    }

    /// Whether the token is for this subject. It is gone afterwards, even if it was for another.
    pub(crate) fn confirm(&self, token: &str, subject: Subject) -> bool {
        let now = self.clock.monotonic();
        let mut all = self.confirmations.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = all.iter().position(|one| one.token == token) else { return false };
        all.remove(place).is_some_and(|one| one.subject == subject && one.expires > now)
    }

    /// Keeps a result of which more is to be read, and gives the name to ask for it by.
    pub(crate) fn hold(&self, subject: Subject, rows: Arc<Vec<Row>>) -> String {
        let now = self.clock.monotonic();
        let id = drawn();
        let mut all = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.expires > now);
        if all.len() == RESULTS_MAX {
            all.pop_front();
        }
        all.push_back(Held { id: id.clone(), subject, rows, expires: now + RESULT_LIFE });
        id
    }

    /// A result that is kept, for the same statement and values only.
    pub(crate) fn held(&self, id: &str, subject: Subject) -> Option<Arc<Vec<Row>>> {
        let now = self.clock.monotonic();
        let mut all = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.iter_mut().find(|one| one.id == id && one.subject == subject && one.expires > now)?;
        held.expires = now + RESULT_LIFE;
        Some(Arc::clone(&held.rows))
    }
}

/// 128 random bits.
fn drawn() -> String {
    format!("{:016x}{:016x}", OsRandom.next_u64(), OsRandom.next_u64())
}

#[cfg(test)]
mod tests {
    use super::{CONFIRMATION_LIFE, CONFIRMATIONS_MAX, RESULT_LIFE, RESULTS_MAX, Session, Subject};
    use borealis_base::ManualClock;
    use borealis_client::Statement;
    use std::sync::Arc;
    use std::time::Duration;

    fn subject(target: &str, sql: &str, params: &[Option<&str>]) -> Subject {
        let params = params.iter().map(|param| param.map(str::to_owned)).collect();
        Subject::of(target, &[Statement { sql: sql.to_owned(), params }])
    }

    fn session() -> (Session, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        (Session::at(Arc::clone(&clock) as _), clock)
    }

    #[test]
    fn a_confirmation_is_for_one_subject_once_and_for_a_while() {
        let (session, clock) = session();
        let drop_a = subject("db", "DROP TABLE a", &[]);
        let token = session.ask_confirmation(drop_a);
        assert!(session.confirm(&token, drop_a));
        assert!(!session.confirm(&token, drop_a), "used up");
        for other in [
            subject("other", "DROP TABLE a", &[]),
            subject("db", "DROP TABLE b", &[]),
            subject("db", "DROP TABLE a", &[None]),
            Subject::of("db", &[Statement::new("DROP TABLE a"), Statement::new("DROP TABLE a")]),
        ] {
            let token = session.ask_confirmation(drop_a);
            assert!(!session.confirm(&token, other));
            assert!(!session.confirm(&token, drop_a), "a wrong use takes it away");
        }
        let token = session.ask_confirmation(drop_a);
        clock.advance(CONFIRMATION_LIFE);
        assert!(!session.confirm(&token, drop_a), "expired");
        assert!(!session.confirm("made up", drop_a));
    }

    #[test]
    fn no_two_lists_are_one_subject() {
        assert!(subject("db", "ab", &[Some("c")]) != subject("db", "a", &[Some("bc")]));
        assert!(subject("db", "a", &[None]) != subject("db", "a", &[Some("")]));
    }

    #[test]
    fn what_waits_is_bounded() {
        let (session, clock) = session();
        let one = subject("db", "DELETE FROM a", &[]);
        let tokens: Vec<String> = (0..=CONFIRMATIONS_MAX).map(|_| session.ask_confirmation(one)).collect();
        assert!(!session.confirm(&tokens[0], one) && session.confirm(&tokens[1], one));
        let names: Vec<String> = (0..=RESULTS_MAX).map(|_| session.hold(one, Arc::default())).collect();
        assert!(session.held(&names[0], one).is_none() && session.held(&names[1], one).is_some());
        clock.advance(RESULT_LIFE.saturating_sub(Duration::from_secs(1)));
        assert!(session.held(&names[2], one).is_some(), "and this extends its life");
        clock.advance(Duration::from_secs(1));
        assert!(session.held(&names[2], one).is_some() && session.held(&names[3], one).is_none());
    }
}
