//! Whether a history is one of snapshot isolation.
//!
//! Every version of a row says who wrote it, and every change says which version it overwrote. So the order of all versions of a key is
//! known, and snapshot isolation is a question of order: are there moments for each transaction's snapshot and commit so that
//!
//! - it sees exactly what was committed before its snapshot: behind the commit that wrote the version it read, before the commit that
//!   overwrote it;
//! - nobody else commits a change of a row that it changed, between its snapshot and its commit;
//! - what was acknowledged before it began is in its snapshot?
//!
//! The demands are edges of a graph over snapshots and commits; the moments exist exactly if it has no cycle. What needs no graph is
//! checked on the way: values that nobody committed, acknowledged commits that are gone, one transaction's own view of itself.
//!
//! [`digest`] reads each attempt by itself, [`versions`] finds each key's order, [`graph`] looks for the cycle, [`locks`] adds what locks
//! promise.

mod digest;
mod graph;
mod locks;
mod versions;
mod violation;

use std::collections::{BTreeSet, HashMap};

use super::record::{Attempt, History, Outcome, Tag, Value};
use digest::Digest;
pub use violation::Violation;

/// A history with what each attempt made of itself.
struct Case<'a> {
    history: &'a History,
    digests: Vec<Digest>,
    /// Which attempts were committed, by place.
    committed: Vec<bool>,
    places: HashMap<u64, usize>,
    /// Every version that an attempt is known to have written.
    written: HashMap<Value, Option<Tag>>,
}

/// Everything that is wrong with a history; of the cycles the shortest.
#[must_use]
pub fn check(history: &History) -> Vec<Violation> {
    let mut violations = Vec::new();
    let case = Case::new(history, &mut violations);
    case.check_ledger(&mut violations);
    case.check_readings(&mut violations);
    let orders = versions::orders(&case, &mut violations);
    let mut graph = graph::Graph::of(&case, &orders, &mut violations);
    locks::check(&case, &orders, &mut graph, &mut violations);
    violations.extend(graph.cycle());
    violations
}

impl<'a> Case<'a> {
    fn new(history: &'a History, violations: &mut Vec<Violation>) -> Self {
        let digests: Vec<Digest> = history.attempts.iter().map(|attempt| Digest::of(attempt, history.keys, violations)).collect();
        let seen: BTreeSet<u64> = digests.iter().flat_map(|digest| digest.reads.values().flatten()).map(|value| value.attempt).collect();
        let is_committed = |attempt: &Attempt| match attempt.outcome {
            Outcome::Committed => true,
            Outcome::Aborted(_) => false,
            Outcome::Unknown if attempt.in_ledger => history.ledger.contains(&attempt.id),
            // Whoever changed nothing counts as rolled back: its reads hold either way, its locks may not have been held.
            Outcome::Unknown => attempt.lone && seen.contains(&attempt.id),
        };
        let committed = history.attempts.iter().map(is_committed).collect();
        let places = history.attempts.iter().enumerate().map(|(place, attempt)| (attempt.id, place)).collect();
        let written = digests.iter().flat_map(|digest| digest.wrote.iter().map(|version| (version.value, version.tag))).collect();
        Self { history, digests, committed, places, written }
    }

    fn attempt(&self, place: usize) -> &'a Attempt {
        &self.history.attempts[place]
    }

    /// Whether a value may be one whose writer never learned what it wrote.
    fn may_be_unrecorded(&self, value: Value) -> bool {
        self.places.get(&value.attempt).is_some_and(|place| {
            let attempt = self.attempt(*place);
            attempt.lone && attempt.outcome == Outcome::Unknown
        })
    }

    /// Acknowledged commits are there, refused ones are not.
    fn check_ledger(&self, violations: &mut Vec<Violation>) {
        for attempt in self.history.attempts.iter().filter(|attempt| attempt.in_ledger) {
            match (&attempt.outcome, self.history.ledger.contains(&attempt.id)) {
                (Outcome::Committed, false) => violations.push(Violation::LostCommit { attempt: attempt.id }),
                (Outcome::Aborted(why), true) => violations.push(Violation::PhantomCommit { attempt: attempt.id, why: why.clone() }),
                _ => {}
            }
        }
    }

    /// Every value read was committed, as its writer left it.
    fn check_readings(&self, violations: &mut Vec<Violation>) {
        for (attempt, digest) in self.history.attempts.iter().zip(&self.digests) {
            for value in digest.reads.values().flatten() {
                violations.extend(self.judge(attempt.id, *value));
            }
            for version in &digest.tagged {
                if self.written.get(&version.value).is_some_and(|tag| *tag != version.tag) {
                    violations.push(Violation::TornRow { reader: attempt.id, value: version.value });
                }
            }
            self.check_tag_readings(attempt.id, digest, violations);
        }
    }

    fn judge(&self, reader: u64, value: Value) -> Option<Violation> {
        let Some(&place) = self.places.get(&value.attempt) else { return Some(Violation::Unwritten { reader, value }) };
        if !self.committed[place] {
            return Some(Violation::AbortedRead { reader, value });
        }
        if !self.written.contains_key(&value) {
            return (!self.may_be_unrecorded(value)).then_some(Violation::Unwritten { reader, value });
        }
        let last = self.digests[place].net.get(&value.key).and_then(|net| net.after);
        (last != Some(value)).then_some(Violation::IntermediateRead { reader, value })
    }

    /// A tag's index tells what the rows tell.
    fn check_tag_readings(&self, attempt: u64, digest: &Digest, violations: &mut Vec<Violation>) {
        for (tag, rows) in &digest.by_tag {
            let wrong = rows.iter().any(|(_, value)| self.written.get(value).is_some_and(|written| *written != Some(*tag)));
            let tagged = |value: &Value| self.written.get(value) == Some(&Some(*tag));
            let missed = digest.reads.iter().any(|(key, value)| {
                let untouched = !digest.net.contains_key(key);
                untouched && value.as_ref().is_some_and(tagged) && !rows.iter().any(|(found, _)| found == key)
            });
            if wrong || missed || rows.len() > 1 {
                violations.push(Violation::WrongIndex { attempt, tag: *tag });
            }
        }
    }
}

#[cfg(test)]
mod tests;
