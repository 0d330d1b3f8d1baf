//! What is written reads back as the same tree: over every statement that the tests of the parser and the comparison with PostgreSQL have.

use std::path::PathBuf;

use borealis_dialect::Dialect;

use crate::ast::Statement;
use crate::guard::Confined;
use crate::parse::parse;

/// Statements that are written anew.
fn is_written(statement: &Statement) -> bool {
    matches!(statement, Statement::Query(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) | Statement::Explain(_))
}

fn texts() -> Vec<String> {
    let crates = PathBuf::from("..");
    let corpus = std::fs::read_dir(crates.join("conformance/corpus")).expect("the corpora");
    let mut texts: Vec<String> = Vec::new();
    for entry in corpus {
        let path = entry.expect("a corpus").path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            let text = std::fs::read_to_string(&path).expect("a corpus");
            texts.extend(text.lines().filter(|line| !line.starts_with("--")).map(str::to_owned));
        }
    }
    let accepted = std::fs::read_to_string(crates.join("sql/tests/parse/accepted.txt")).expect("the parser's cases");
    texts.extend(accepted.lines().filter(|line| !line.starts_with([' ', '#'])).map(str::to_owned));
    texts
}

/// The tree without its places and without how it was spelt: both are no part of what it means.
fn meaning(statement: &Statement) -> String {
    let mut shown = String::new();
    let debug = format!("{statement:?}");
    let mut rest = debug.as_str();
    while let Some(found) = rest.find("at: ") {
        shown.push_str(&rest[..found]);
        rest = rest[found + 4..].trim_start_matches(|c: char| c == '-' || c.is_ascii_digit());
    }
    shown.push_str(rest);
    let shown = shown.replace("sql_syntax: true", "sql_syntax: false");
    // OVER name: its place follows the name.
    let mut out = String::new();
    for (index, part) in shown.split("Named(\"").enumerate() {
        if index == 0 {
            out.push_str(part);
            continue;
        }
        let (name, after) = part.split_once("\", ").unwrap_or((part, ""));
        out.push_str("Named(");
        out.push_str(name);
        out.push_str(after.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit()));
    }
    // The fingerprint of an explained statement is its text's.
    match out.find("identifier: ") {
        Some(_) => out.split("identifier: ").map(|part| part.split_once(", statement").map_or(part, |(_, rest)| rest)).collect(),
        None => out,
    }
}

#[test]
fn what_is_written_reads_back_as_the_same_tree() {
    let mut seen = 0;
    let mut wrong = String::new();
    for text in texts() {
        let Ok(parsed) = parse(&text, Dialect::default()) else { continue };
        for statement in parsed.into_iter().filter_map(|parsed| parsed.statement.ok()).filter(is_written) {
            let confined = Confined { statement, parameters: Vec::new() };
            let written = confined.text().expect("a statement that is written anew");
            let again =
                parse(&written, Dialect::default()).map(|parsed| parsed.into_iter().map(|parsed| parsed.statement).collect::<Vec<_>>());
            match again.as_deref() {
                Ok([Ok(again)]) if meaning(again) == meaning(&confined.statement) => seen += 1,
                Ok([Ok(again)]) => {
                    wrong += &format!("{text}\n  {written}\n  {}\n  {}\n\n", meaning(&confined.statement), meaning(again));
                }
                other => wrong += &format!("{text}\n  {written}\n  {other:?}\n\n"),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(seen > 900, "only {seen} statements were read back");
}
