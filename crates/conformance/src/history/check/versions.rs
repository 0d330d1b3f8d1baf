//! The order of each key's versions.
//!
//! A row lives from an insert to a delete, through updates that each name the version they overwrote. A key has one life after the other, and
//! between them there is no row. Which life came first the versions don't tell, but time does: a life whose end was not even sent when
//! another one's first transaction had its snapshot cannot have come before it, and of two lives only one order is ever possible.

use std::collections::{BTreeMap, HashMap};

use super::super::record::{Key, Value};
use super::{Case, Violation};

/// A change of a row, by the place of its attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) place: usize,
    /// The version; `None` for the delete.
    pub(super) value: Option<Value>,
}

/// A row from its insert on.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) steps: Vec<Step>,
}

impl Life {
    /// Who inserted it.
    pub(super) fn first(&self) -> usize {
        self.steps[0].place
    }

    /// Who deleted it.
    pub(super) fn end(&self) -> Option<usize> {
        self.steps.last().filter(|step| step.value.is_none()).map(|step| step.place)
    }
}

/// A key's lives, oldest first, and where each version stands in them.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) lives: Vec<Life>,
    pub(super) at: HashMap<Value, (usize, usize)>,
    /// Some of its changes are not known, and it is open where they belong: nothing is said about when there was no row.
    pub(super) unclear: bool,
}

impl Order {
    /// The steps behind a version in its life.
    pub(super) fn after(&self, value: Value) -> &[Step] {
        self.at.get(&value).map_or(&[], |(life, step)| &self.lives[*life].steps[step + 1..])
    }
}

pub(super) fn orders(case: &Case<'_>, violations: &mut Vec<Violation>) -> BTreeMap<Key, Order> {
    (0..case.history.keys).map(|key| (key, order(case, key, violations))).collect()
}

fn order(case: &Case<'_>, key: Key, violations: &mut Vec<Violation>) -> Order {
    let (starts, mut next) = changes(case, key, violations);
    let mut lives: Vec<Life> = starts.into_iter().map(|step| life(step, &mut next)).collect();
    let unclear = !join_torn(case, &mut lives, &mut next);
    lives.sort_by_key(|life| case.attempt(life.first()).snapshot_by);
    if !unclear {
        check_lives(case, key, &lives, violations);
    }
    let mut at = HashMap::new();
    for (place, life) in lives.iter().enumerate() {
        at.extend(life.steps.iter().enumerate().filter_map(|(step, one)| Some((one.value?, (place, step)))));
    }
    Order { lives, at, unclear }
}

/// The inserts of a key, and for each version the change that overwrote it.
fn changes(case: &Case<'_>, key: Key, violations: &mut Vec<Violation>) -> (Vec<Step>, HashMap<Value, Step>) {
    let mut starts = Vec::new();
    let mut next: HashMap<Value, Step> = HashMap::new();
    for (place, digest) in case.digests.iter().enumerate().filter(|(place, _)| case.committed[*place]) {
        let Some(net) = digest.net.get(&key) else { continue };
        let step = Step { place, value: net.after };
        match net.before {
            None => starts.extend(net.after.map(|_| step)),
            Some(value) => {
                if let Some(other) = next.insert(value, step) {
                    let writers = [case.attempt(other.place).id, case.attempt(place).id];
                    violations.push(Violation::LostUpdate { value, writers });
                }
            }
        }
    }
    (starts, next)
}

/// Follows a row through its changes.
fn life(first: Step, next: &mut HashMap<Value, Step>) -> Life {
    let mut steps = vec![first];
    while let Some(value) = steps.last().and_then(|step| step.value)
        && let Some(step) = next.remove(&value)
    {
        steps.push(step);
    }
    Life { steps }
}

/// A lone update whose answer was lost leaves a version that others overwrite and nobody is known to have written. Its row is the one life
/// of the key that has no end yet, if there is only one such life and one such version; otherwise the answer is false.
fn join_torn(case: &Case<'_>, lives: &mut Vec<Life>, next: &mut HashMap<Value, Step>) -> bool {
    let torn: Vec<Value> =
        next.keys().copied().filter(|value| case.may_be_unrecorded(*value) && !case.written.contains_key(value)).collect();
    let mut open: Vec<&mut Life> = lives.iter_mut().filter(|life| life.end().is_none()).collect();
    match (&torn[..], &mut open[..]) {
        ([], _) => true,
        ([head], [one]) => {
            let first = Step { place: case.places[&head.attempt], value: Some(*head) };
            one.steps.extend(life(first, next).steps);
            true
        }
        _ => {
            lives.extend(torn.into_iter().map(|head| life(Step { place: case.places[&head.attempt], value: Some(head) }, next)));
            false
        }
    }
}

/// No two lives at once.
fn check_lives(case: &Case<'_>, key: Key, lives: &[Life], violations: &mut Vec<Violation>) {
    for pair in lives.windows(2) {
        let follows = pair[0].end().is_some_and(|end| case.attempt(end).committing < case.attempt(pair[1].first()).snapshot_by);
        if !follows {
            let writers = [case.attempt(pair[0].first()).id, case.attempt(pair[1].first()).id];
            violations.push(Violation::TwoRows { key, writers });
        }
    }
}
