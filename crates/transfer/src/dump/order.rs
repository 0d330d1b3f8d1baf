//! An order in which objects can be made: each behind those that it stands on, and otherwise by kind and name.

use std::collections::{BTreeMap, BTreeSet};

use super::objects::{Id, Object};

/// Sorts objects. `edges` are (who, on whom). What depends on itself in a circle, which no catalog should hold, comes last.
pub(super) fn sort(objects: Vec<Object>, edges: &[(Id, Id)]) -> Vec<Object> {
    let mut left: BTreeMap<Id, Object> = objects.into_iter().map(|object| (object.id, object)).collect();
    let mut stands_on: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for (who, whom) in edges {
        if who != whom && left.contains_key(who) && left.contains_key(whom) {
            stands_on.entry(*who).or_default().insert(*whom);
        }
    }
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready = |object: &&Object| stands_on.get(&object.id).is_none_or(BTreeSet::is_empty);
        let first = left.values().filter(ready).min_by_key(|object| object.rank());
        let Some(first) = first.or_else(|| left.values().min_by_key(|object| object.rank())).map(|object| object.id) else { break };
        for whom in stands_on.values_mut() {
            whom.remove(&first);
        }
        sorted.extend(left.remove(&first));
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::super::objects::{Id, Kind, Object};
    use super::sort;

    fn object(id: Id, kind: Kind, name: &str) -> Object {
        Object { id, kind, name: name.to_owned(), statements: Vec::new() }
    }

    #[test]
    fn what_others_stand_on_comes_first_then_kind_then_name() {
        let objects = vec![
            object(1, Kind::View, "a"),
            object(2, Kind::View, "b"),
            object(3, Kind::Table, "z"),
            object(4, Kind::Table, "c"),
            object(5, Kind::Function, "f"),
        ];
        // View a reads view b, and table c has a default that calls f.
        let sorted = sort(objects, &[(1, 2), (2, 3), (4, 5), (3, 3), (3, 99)]);
        let names: Vec<&str> = sorted.iter().map(|object| object.name.as_str()).collect();
        assert_eq!(names, ["z", "f", "c", "b", "a"]);
    }

    #[test]
    fn a_circle_ends() {
        let objects = vec![object(1, Kind::View, "a"), object(2, Kind::View, "b")];
        assert_eq!(sort(objects, &[(1, 2), (2, 1)]).len(), 2);
    }
}
