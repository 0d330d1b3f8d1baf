//! Planted violations are found, and histories of snapshot isolation are let through: see `planted.txt` for both.

use std::collections::{BTreeMap, BTreeSet};

use super::super::record::{Attempt, Event, History, Key, Outcome, Strength, Tag, Tick, Value, Version};
use super::check;

#[test]
fn planted_violations_are_found_and_no_others() {
    let text = include_str!("planted.txt");
    let cases: Vec<&str> = text.split("\n== ").skip(1).collect();
    assert!(cases.len() > 30, "the file is read");
    let mut wrong = Vec::new();
    for case in cases {
        let (name, body) = case.split_once('\n').expect("a name and a history");
        let (history, expected) = parse(body);
        let violations = check(&history);
        let found: BTreeSet<String> = violations.iter().map(|violation| violation.name().to_owned()).collect();
        if found != expected {
            let shown: Vec<String> = violations.iter().map(ToString::to_string).collect();
            wrong.push(format!("{name}: {expected:?} expected, found {shown:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A history in the notation at the head of the file, and the names of its violations.
fn parse(body: &str) -> (History, BTreeSet<String>) {
    let mut attempts: BTreeMap<u64, Attempt> = BTreeMap::new();
    let mut history = History { keys: 3, ..History::default() };
    let mut expected = BTreeSet::new();
    for (line, text) in body.lines().enumerate().filter(|(_, text)| !text.is_empty() && !text.starts_with('#')) {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[0] {
            "=>" => expected.extend(words[1..].iter().filter(|name| **name != "none").map(|name| (*name).to_owned())),
            "ledger:" => history.ledger = words[1..].iter().map(|id| id.parse().expect("a number")).collect(),
            id => {
                let id = id.parse().unwrap_or_else(|_| panic!("{text}"));
                let at = Tick::try_from(2 * line).expect("a short file");
                apply(attempts.entry(id).or_insert_with(|| fresh(id, at)), &words[1..], at);
            }
        }
    }
    // The reader of what is left comes last.
    history.attempts = attempts.into_values().collect();
    history.attempts.sort_by_key(|attempt| attempt.begun);
    (history, expected)
}

fn fresh(id: u64, begun: Tick) -> Attempt {
    Attempt {
        id,
        begun,
        snapshot_by: Tick::MAX,
        committing: Tick::MAX,
        ended: Tick::MAX,
        outcome: Outcome::Unknown,
        in_ledger: false,
        lone: false,
        events: Vec::new(),
    }
}

fn apply(attempt: &mut Attempt, words: &[&str], at: Tick) {
    match words[0] {
        "begin" => attempt.in_ledger = words.contains(&"ledger"),
        "lone" => attempt.lone = true,
        "committing" => attempt.committing = at,
        "commit" => end(attempt, Outcome::Committed, at),
        "abort" => end(attempt, Outcome::Aborted("40001".to_owned()), at),
        "unknown" => end(attempt, Outcome::Unknown, at),
        _ => {
            attempt.snapshot_by = attempt.snapshot_by.min(at + 1);
            attempt.events.push(event(words));
        }
    }
}

fn end(attempt: &mut Attempt, outcome: Outcome, at: Tick) {
    attempt.outcome = outcome;
    attempt.committing = attempt.committing.min(at);
    attempt.ended = at + 1;
    attempt.snapshot_by = attempt.snapshot_by.min(at + 1);
}

fn event(words: &[&str]) -> Event {
    let lock = |strength| {
        let key = key(words[1]);
        Event::Lock { key, seen: version(key, words[2]), strength }
    };
    match words[0] {
        "read" => Event::Read { key: key(words[1]), seen: version(key(words[1]), words[2]) },
        "lock" => lock(Strength::Update),
        "share" => lock(Strength::KeyShare),
        "write" => {
            let key = key(words[1]);
            Event::Write { key, before: version(key, words[2]).map(|version| version.value), after: version(key, words[3]) }
        }
        "tag" => {
            let rows = words[2..].iter().map(|row| pair(row)).map(|(key, version)| (key, version.value));
            Event::ByTag { tag: words[1].parse().expect("a tag"), rows: rows.collect() }
        }
        "scan" => Event::Scan { rows: words[1..].iter().map(|row| pair(row)).collect() },
        other => panic!("{other}"),
    }
}

fn pair(text: &str) -> (Key, Version) {
    let (name, seen) = text.split_once('=').expect("key=version");
    (key(name), version(key(name), seen).expect("a version"))
}

fn key(name: &str) -> Key {
    name.as_bytes()[0] - b'a'
}

fn version(key: Key, text: &str) -> Option<Version> {
    let (value, tag) = text.split_once('#').map_or((text, None), |(value, tag)| (value, Some(tag)));
    let (attempt, statement) = value.split_once('.').filter(|_| value != "-")?;
    let value = Value { attempt: attempt.parse().expect("an attempt"), statement: statement.parse().expect("a statement"), key };
    Some(Version { value, tag: tag.map(|tag| tag.parse::<Tag>().expect("a tag")) })
}
