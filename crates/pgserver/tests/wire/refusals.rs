//! Every form that a dialect refuses, in every way a statement can arrive: alone, in a block, among others, in both protocols.

use borealis_dialect::{Dialect, Row, Verdict, examples, lookup, rows};

use crate::messages::{bind, execute, parse, query, sync};
use crate::peer::{Peer, Rig};

/// What the examples talk about.
const SETUP: [&str; 5] = [
    "CREATE TABLE t (id int PRIMARY KEY, a text, b int)",
    "CREATE TABLE p (id int PRIMARY KEY)",
    "CREATE TABLE d (v int)",
    "INSERT INTO d VALUES (1), (1)",
    "CREATE UNIQUE INDEX ASYNC d_i ON d (v)",
];

#[test]
fn refusals_of_2026_09() {
    check_dialect(Dialect::D2026_09);
}

#[test]
fn refusals_of_2026_02() {
    check_dialect(Dialect::D2026_02);
}

fn check_dialect(dialect: Dialect) {
    let rig = Rig::speaking(dialect);
    let mut peer = rig.connect();
    for statement in SETUP {
        peer.ask(&[query(statement)]);
    }
    wait_for_the_build(&mut peer);
    let stated = examples().map(|(key, statement)| (key, statement.to_owned()));
    let typed = rows().iter().filter(|row| row.family() == "type" && !matches!(row.form(), "*" | "array"));
    let typed = typed.map(|row| (row.key, format!("CREATE TABLE x (c {})", row.form())));
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (key, statement) in stated.chain(typed) {
        let Some(row) = lookup(key, dialect).filter(|row| row.verdict == Verdict::Refused) else { continue };
        checked += 1;
        wrong.extend(check(&mut peer, row, &statement).err());
    }
    assert!(wrong.is_empty(), "{dialect}: {} of {checked} refusals are not what the table says:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 100, "{checked}");
    peer.check_alive();
}

/// The build over duplicates has failed, and stays failed.
fn wait_for_the_build(peer: &mut Peer) {
    let answer = peer.ask(&[query("SELECT job_id FROM sys.jobs WHERE job_type = 'INDEX_BUILD'")]);
    let id = answer.lines().find_map(|line| line.strip_prefix("D ")).expect("the build has a job");
    assert!(peer.ask(&[query(&format!("CALL sys.wait_for_job('{id}')"))]).contains("D f"));
}

fn check(peer: &mut Peer, row: &Row, statement: &str) -> Result<(), String> {
    let expect = |way: &str, answer: String, status: &str| {
        let lines: Vec<&str> = answer.lines().collect();
        match lines[..] {
            [.., error, ready] if is_refusal(error, row) && ready == status => Ok(()),
            _ => Err(format!("{} {way}: {statement}\n    {} {}\n    {}", row.key, row.sqlstate, row.message, answer.replace('\n', " / "))),
        }
    };
    let extended = |text: &str| vec![parse("", text, &[]), bind("", "", &[]), execute("", 0), sync()];
    expect("alone", peer.ask(&[query(statement)]), "Z I")?;
    expect("alone, extended", peer.ask(&extended(statement)), "Z I")?;
    expect("among others", peer.ask(&[query(&format!("SELECT 1; {statement}; SELECT 2"))]), "Z I")?;
    for (way, messages) in [("in a block", vec![query(statement)]), ("in a block, extended", extended(statement))] {
        peer.ask(&[query("BEGIN")]);
        let answered = expect(way, peer.ask(&messages), "Z E");
        let aborted = peer.ask(&[query("SELECT 1")]);
        let ended = peer.ask(&[query("COMMIT")]);
        answered?;
        if !aborted.starts_with("E ERROR 25P02 ") || ended != "C ROLLBACK\nZ I" {
            return Err(format!("{} {way}: the block went on: {aborted} / {ended}", row.key));
        }
    }
    Ok(())
}

/// Whether a line of the transcript is the row's refusal, whatever stands for its arguments.
fn is_refusal(line: &str, row: &Row) -> bool {
    let Some(message) = line.strip_prefix(&format!("E ERROR {} ", row.sqlstate)) else { return false };
    let mut rest = message;
    let parts = row.message.replace("{1}", "{0}");
    for (index, part) in parts.split("{0}").enumerate() {
        let Some(at) = rest.find(part) else { return false };
        if index == 0 && at != 0 {
            return false;
        }
        rest = &rest[at + part.len()..];
    }
    true
}
