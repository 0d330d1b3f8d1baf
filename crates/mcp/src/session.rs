//! What one client has open: destructive transactions that wait for its confirmation, and results of which it has seen a part.
//!
//! Both are bounded and expire. A session's tokens are of no use to another.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use borealis_base::{Clock, OsRandom, Random as _, SystemClock};
use borealis_client::Statement;
use borealis_migrate::Plan;
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
    confirmations: Mutex<Kept<()>>,
    results: Mutex<Kept<Arc<Vec<Row>>>>,
    plans: Mutex<Kept<Arc<Vec<Plan>>>>,
}

/// What a call is about: the database, the statements and all their values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject([u8; 32]);

/// Things that are kept for a while, each for one subject and under a name that nobody guesses.
struct Kept<T> {
    items: VecDeque<Item<T>>,
    life: Duration,
    max: usize,
}

struct Item<T> {
    name: String,
    subject: Subject,
    what: T,
    expires: Duration,
}

impl<T> Kept<T> {
    fn new(life: Duration, max: usize) -> Mutex<Self> {
        Mutex::new(Self { items: VecDeque::new(), life, max })
    }

    /// Its name. What is over goes, and the oldest when there are too many.
    fn put(&mut self, subject: Subject, what: T, now: Duration) -> String {
        let name = drawn();
        self.items.retain(|item| item.expires > now);
        if self.items.len() == self.max {
            self.items.pop_front();
        }
        self.items.push_back(Item { name: name.clone(), subject, what, expires: now + self.life });
        name
    }

    /// Taken out, whatever it was for; given when it was for this subject.
    fn take(&mut self, name: &str, subject: Subject, now: Duration) -> Option<T> {
        let place = self.items.iter().position(|item| item.name == name)?;
        self.items.remove(place).filter(|item| item.subject == subject && item.expires > now).map(|item| item.what)
    }

    /// Looked at, which lets it live on.
    fn look(&mut self, name: &str, subject: Subject, now: Duration) -> Option<&T> {
        let item = self.items.iter_mut().find(|item| item.name == name && item.subject == subject && item.expires > now)?;
        item.expires = now + self.life;
        Some(&item.what)
    }
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
        Self {
            clock,
            confirmations: Kept::new(CONFIRMATION_LIFE, CONFIRMATIONS_MAX),
            results: Kept::new(RESULT_LIFE, RESULTS_MAX),
            plans: Kept::new(CONFIRMATION_LIFE, CONFIRMATIONS_MAX),
        }
    }

    /// A token that lets exactly this run, once, for a while.
    pub(crate) fn ask_confirmation(&self, subject: Subject) -> String {
        locked(&self.confirmations).put(subject, (), self.clock.monotonic())
    }

    /// Whether the token is for this subject. It is gone afterwards, even if it was for another.
    pub(crate) fn confirm(&self, token: &str, subject: Subject) -> bool {
        locked(&self.confirmations).take(token, subject, self.clock.monotonic()).is_some()
    }

    /// Keeps plans that were shown, and gives the token that lets exactly these be applied, once.
    pub(crate) fn hold_plans(&self, subject: Subject, plans: Arc<Vec<Plan>>) -> String {
        locked(&self.plans).put(subject, plans, self.clock.monotonic())
    }

    /// The plans of a token. They are gone afterwards.
    pub(crate) fn take_plans(&self, token: &str, subject: Subject) -> Option<Arc<Vec<Plan>>> {
        locked(&self.plans).take(token, subject, self.clock.monotonic())
    }

    /// Keeps a result of which more is to be read, and gives the name to ask for it by.
    pub(crate) fn hold(&self, subject: Subject, rows: Arc<Vec<Row>>) -> String {
        locked(&self.results).put(subject, rows, self.clock.monotonic())
    }

    /// A result that is kept, for the same statement and values only.
    pub(crate) fn held(&self, id: &str, subject: Subject) -> Option<Arc<Vec<Row>>> {
        locked(&self.results).look(id, subject, self.clock.monotonic()).cloned()
    }
}

fn locked<T>(kept: &Mutex<Kept<T>>) -> MutexGuard<'_, Kept<T>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
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
