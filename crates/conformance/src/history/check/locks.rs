//! What a committed lock promises: nobody changed the row beside it.
//!
//! `FOR UPDATE` excludes every change and every other lock of the row, `FOR KEY SHARE` its delete and changes of its unique columns.

use std::collections::{BTreeMap, HashMap};

use super::super::record::{Key, Strength, Value};
use super::graph::Graph;
use super::versions::{Order, Step};
use super::{Case, Violation};

pub(super) fn check(case: &Case<'_>, orders: &BTreeMap<Key, Order>, graph: &mut Graph, violations: &mut Vec<Violation>) {
    let mut holders: HashMap<Value, Vec<(usize, Strength)>> = HashMap::new();
    for (place, digest) in case.digests.iter().enumerate().filter(|(place, _)| case.committed[*place]) {
        for (value, strength) in &digest.locks {
            holders.entry(*value).or_default().push((place, *strength));
            let later = orders.get(&value.key).map_or(&[][..], |order| order.after(*value));
            if let Some(step) = excluded(case, *value, later, *strength)
                && step.place != place
            {
                graph.apart(place, step.place, value.key);
            }
        }
    }
    for (value, holders) in holders {
        check_holders(case, value, &holders, violations);
    }
}

/// The first later change that the lock excludes.
fn excluded(case: &Case<'_>, locked: Value, later: &[Step], strength: Strength) -> Option<Step> {
    let tag = |value: &Value| case.written.get(value).copied();
    match strength {
        Strength::Update => later.first().copied(),
        Strength::KeyShare => {
            let mut before = tag(&locked);
            later.iter().copied().find(|step| {
                let after = step.value.as_ref().map(tag);
                let excludes = match after {
                    None => true,
                    // Where a tag is not known, nothing is claimed.
                    Some(after) => matches!((before, after), (Some(before), Some(after)) if before != after),
                };
                before = after.flatten();
                excludes
            })
        }
    }
}

/// Two locks of one version, one of them exclusive, whose transactions certainly overlapped.
fn check_holders(case: &Case<'_>, value: Value, holders: &[(usize, Strength)], violations: &mut Vec<Violation>) {
    for (at, (first, strength)) in holders.iter().enumerate() {
        for (second, other) in &holders[at + 1..] {
            let exclusive = *strength == Strength::Update || *other == Strength::Update;
            let (one, two) = (case.attempt(*first), case.attempt(*second));
            let overlap = one.snapshot_by < two.committing && two.snapshot_by < one.committing;
            if exclusive && overlap && first != second {
                violations.push(Violation::SharedLock { value, holders: [one.id, two.id] });
            }
        }
    }
}
