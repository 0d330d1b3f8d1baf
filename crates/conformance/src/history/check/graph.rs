//! Snapshots and commits in the order that the history demands of them.

use std::collections::{BTreeMap, VecDeque};

use super::super::record::{Key, Outcome, Tick};
use super::versions::Order;
use super::{Case, Violation};

/// Why one moment comes before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// A transaction commits behind its snapshot.
    Itself,
    /// What was answered happened before what was asked for afterwards.
    Time,
    /// The snapshot has the commit's version and overwrites it.
    Overwrote(Key),
    /// The snapshot has the commit's version.
    Read(Key),
    /// The commit overwrites what the snapshot has.
    ReadBefore(Key),
    /// A lock of the one keeps the other from running beside it.
    Locked(Key),
    /// The ledger has it.
    Ledger,
}

/// The demands, and what the nodes stand for.
pub(super) struct Graph {
    edges: Vec<Vec<(usize, Why)>>,
    names: Vec<u64>,
}

/// Node of the attempt's snapshot.
const fn snapshot(place: usize) -> usize {
    2 * place
}

/// Node of the attempt's commit.
const fn commit(place: usize) -> usize {
    2 * place + 1
}

impl Graph {
    pub(super) fn of(case: &Case<'_>, orders: &BTreeMap<Key, Order>, violations: &mut Vec<Violation>) -> Self {
        let names: Vec<u64> = case.history.attempts.iter().map(|attempt| attempt.id).collect();
        let mut graph = Self { edges: vec![Vec::new(); 2 * names.len()], names };
        for place in 0..graph.names.len() {
            graph.edge(snapshot(place), commit(place), Why::Itself);
            graph.add_reads(case, orders, place, violations);
        }
        graph.add_times(case);
        graph.add_ledger(case);
        graph
    }

    fn edge(&mut self, from: usize, to: usize, why: Why) {
        if from != to {
            self.edges[from].push((to, why));
        }
    }

    /// The one commits before the other has its snapshot.
    pub(super) fn apart(&mut self, first: usize, second: usize, key: Key) {
        self.edge(commit(first), snapshot(second), Why::Locked(key));
    }

    fn add_reads(&mut self, case: &Case<'_>, orders: &BTreeMap<Key, Order>, place: usize, violations: &mut Vec<Violation>) {
        let digest = &case.digests[place];
        for (key, seen) in &digest.reads {
            let Some(order) = orders.get(key) else { continue };
            let Some(value) = *seen else {
                self.add_absence(case, order, place, *key, violations);
                continue;
            };
            let Some(&(life, step)) = order.at.get(&value) else { continue };
            let why = if digest.net.contains_key(key) { Why::Overwrote(*key) } else { Why::Read(*key) };
            self.edge(commit(order.lives[life].steps[step].place), snapshot(place), why);
            if let Some(next) = order.lives[life].steps.get(step + 1)
                && next.place != place
            {
                self.edge(snapshot(place), commit(next.place), Why::ReadBefore(*key));
            }
        }
    }

    /// No row was there: behind the end of one life and before the next one. Where time leaves several gaps open, from the first to the
    /// last of them.
    fn add_absence(&mut self, case: &Case<'_>, order: &Order, place: usize, key: Key, violations: &mut Vec<Violation>) {
        if order.unclear {
            return;
        }
        let reader = case.attempt(place);
        let lives = &order.lives;
        let own = case.committed[place].then(|| lives.iter().position(|life| life.first() == place)).flatten();
        let possible = |gap: &usize| {
            let behind = gap
                .checked_sub(1)
                .is_none_or(|life| lives[life].end().is_some_and(|end| case.attempt(end).committing < reader.snapshot_by));
            let before = lives.get(*gap).is_none_or(|life| acknowledged(case, life.first()).is_none_or(|at| reader.begun < at));
            behind && before
        };
        let gaps: Vec<usize> = own.map_or_else(|| (0..=lives.len()).filter(possible).collect(), |gap| vec![gap]);
        let (Some(first), Some(last)) = (gaps.first(), gaps.last()) else {
            violations.push(Violation::NoRow { attempt: reader.id, key });
            return;
        };
        if let Some(end) = first.checked_sub(1).and_then(|life| lives[life].end()) {
            self.edge(commit(end), snapshot(place), Why::Read(key));
        }
        if let Some(next) = lives.get(*last).map(super::versions::Life::first).filter(|next| *next != place) {
            self.edge(snapshot(place), commit(next), Why::ReadBefore(key));
        }
    }

    /// What had happened when an answer came was before what was only asked for afterwards. One node for each answer, in a row, spares an
    /// edge for each pair.
    fn add_times(&mut self, case: &Case<'_>) {
        let mut moments: Vec<(Tick, usize, bool)> = Vec::new();
        for place in 0..case.history.attempts.len() {
            let attempt = case.attempt(place);
            moments.extend([(attempt.begun, snapshot(place), false), (attempt.snapshot_by, snapshot(place), true)]);
            moments.push((attempt.committing, commit(place), false));
            moments.extend(acknowledged(case, place).map(|at| (at, commit(place), true)));
        }
        moments.sort_unstable();
        let mut now = None;
        for (_, node, happened) in moments {
            if happened {
                let next = self.edges.len();
                self.edges.push(Vec::new());
                self.edge(node, next, Why::Time);
                if let Some(before) = now.replace(next) {
                    self.edge(before, next, Why::Time);
                }
            } else if let Some(now) = now {
                self.edge(now, node, Why::Time);
            }
        }
    }

    /// The last attempt read the ledger.
    fn add_ledger(&mut self, case: &Case<'_>) {
        let Some(last) = case.history.attempts.len().checked_sub(1) else { return };
        for id in &case.history.ledger {
            if let Some(&place) = case.places.get(id).filter(|place| case.committed[**place] && **place != last) {
                self.edge(commit(place), snapshot(last), Why::Ledger);
            }
        }
    }

    /// The shortest cycle, if there is one without the clock's help: what the values alone contradict says more.
    pub(super) fn cycle(&self) -> Option<Violation> {
        self.cycle_of(&|why| !matches!(why, Why::Time)).or_else(|| self.cycle_of(&|_| true))
    }

    fn cycle_of(&self, counts: &dyn Fn(&Why) -> bool) -> Option<Violation> {
        let knots = self.knots(counts);
        let shortest = knots.iter().filter_map(|start| self.path(*start, &knots, counts)).min_by_key(Vec::len)?;
        Some(Violation::Cycle { kind: kind(&shortest), path: self.describe(&shortest) })
    }

    /// Nodes that stay when those that nothing must precede are taken away, again and again.
    fn knots(&self, counts: &dyn Fn(&Why) -> bool) -> Vec<usize> {
        let mut waiting = vec![0usize; self.edges.len()];
        for (to, _) in self.edges.iter().flatten().filter(|(_, why)| counts(why)) {
            waiting[*to] += 1;
        }
        let mut free: Vec<usize> = (0..waiting.len()).filter(|node| waiting[*node] == 0).collect();
        while let Some(node) = free.pop() {
            for (to, _) in self.edges[node].iter().filter(|(_, why)| counts(why)) {
                waiting[*to] -= 1;
                if waiting[*to] == 0 {
                    free.push(*to);
                }
            }
        }
        (0..waiting.len()).filter(|node| waiting[*node] > 0).collect()
    }

    /// The shortest way from a node back to it, as edges.
    fn path(&self, start: usize, knots: &[usize], counts: &dyn Fn(&Why) -> bool) -> Option<Vec<(usize, usize, Why)>> {
        let mut from: BTreeMap<usize, (usize, Why)> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for (to, why) in self.edges[node].iter().filter(|(to, why)| counts(why) && knots.binary_search(to).is_ok()) {
                if from.contains_key(to) {
                    continue;
                }
                from.insert(*to, (node, *why));
                if *to == start {
                    return Some(way_back(&from, start));
                }
                queue.push_back(*to);
            }
        }
        None
    }

    /// From transaction to transaction, with the reason for each step.
    fn describe(&self, path: &[(usize, usize, Why)]) -> String {
        // A cycle of times alone does not exist, so there is a step from a transaction to begin with.
        let start = path.iter().position(|(from, ..)| *from < 2 * self.names.len()).unwrap_or(0);
        let mut text = path.get(start).and_then(|(from, ..)| self.name(*from)).unwrap_or_default();
        for (_, to, why) in path[start..].iter().chain(&path[..start]) {
            let Some(name) = self.name(*to).filter(|_| *why != Why::Itself) else { continue };
            let (reason, key) = match why {
                Why::Itself => continue,
                Why::Time => ("answered before", None),
                Why::Overwrote(key) => ("overwritten by", Some(key)),
                Why::Read(key) => ("read by", Some(key)),
                Why::ReadBefore(key) => ("did not see", Some(key)),
                Why::Locked(key) => ("locked against", Some(key)),
                Why::Ledger => ("in the ledger of", None),
            };
            let key = key.map_or_else(String::new, |key| format!(" (key {key})"));
            text.push_str(&format!(", {reason}{key} {name}"));
        }
        text
    }

    /// `T7`; a moment of the clock has no name.
    fn name(&self, node: usize) -> Option<String> {
        self.names.get(node / 2).map(|id| format!("T{id}"))
    }
}

/// When the client knew that it was committed.
fn acknowledged(case: &Case<'_>, place: usize) -> Option<Tick> {
    let attempt = case.attempt(place);
    (attempt.outcome == Outcome::Committed).then_some(attempt.ended)
}

fn way_back(from: &BTreeMap<usize, (usize, Why)>, start: usize) -> Vec<(usize, usize, Why)> {
    let mut path = Vec::new();
    let mut node = start;
    loop {
        let (before, why) = from[&node];
        path.push((before, node, why));
        node = before;
        if node == start {
            path.reverse();
            return path;
        }
    }
}

/// Adya's name of the anomaly.
fn kind(path: &[(usize, usize, Why)]) -> &'static str {
    let has = |wanted: fn(&Why) -> bool| path.iter().any(|(_, _, why)| wanted(why));
    let missed = path.iter().filter(|(_, _, why)| matches!(why, Why::ReadBefore(_))).count();
    if has(|why| matches!(why, Why::Locked(_))) {
        "lock"
    } else if has(|why| matches!(why, Why::Time | Why::Ledger)) {
        "stale-read"
    } else if missed > 1 {
        "G-nonadjacent"
    } else if missed == 1 {
        "G-single"
    } else if has(|why| matches!(why, Why::Read(_))) {
        "G1c"
    } else {
        "G0"
    }
}
