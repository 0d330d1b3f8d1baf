//! Golden files of the parser: what PostgreSQL 16 calls a syntax error, what Aurora DSQL refuses, what becomes which tree.
//!
//! `tests/parse/syntax.txt` and `refused*.txt`: one statement a line, `statement => ERR state message [@position]`, position in characters from 1.
//! The syntax errors were answered by PostgreSQL 16. `tests/parse/accepted.txt`: a statement, then its tree, indented. After a wanted change
//! `BLESS=1 cargo test -p borealis-sql --test parse` rewrites the trees (never the errors).

use std::fmt::Write as _;
use std::path::PathBuf;

use borealis_dialect::Dialect;
use borealis_pgtypes::SqlError;
use borealis_sql::parse::{Parsed, parse};

fn path(name: &str) -> PathBuf {
    PathBuf::from("tests/parse").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("tests/parse/{name}: {e}"))
}

/// `ERR state message [@position]`, the position as a client sees it.
fn error_line(text: &str, error: &SqlError) -> String {
    let mut line = format!("ERR {} {}", error.sqlstate(), error.message());
    if let Some(at) = error.fields().position {
        let _ = write!(line, " @{}", text[..at].chars().count() + 1);
    }
    line
}

/// The first error of the string, wherever it comes from; `OK` without one.
fn answer(text: &str, dialect: Dialect) -> String {
    let error = match parse(text, dialect) {
        Err(error) => Some(error),
        Ok(parsed) => parsed.into_iter().find_map(|statement| statement.statement.err()),
    };
    error.map_or_else(|| "OK".to_owned(), |error| error_line(text, &error))
}

/// `\n` in a line of the files stands for a line break in the statement.
fn cases(file: &str) -> Vec<(String, String)> {
    let split = |line: &str| {
        let (statement, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("no arrow: {line}"));
        (statement.replace("\\n", "\n"), expected.to_owned())
    };
    read(file).lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(split).collect()
}

fn check_answers(file: &str, dialect: Dialect) {
    let mut wrong = String::new();
    for (statement, expected) in cases(file) {
        let got = answer(&statement, dialect);
        if got != expected {
            let _ = writeln!(wrong, "{statement}\n  expected {expected}\n  got      {got}");
        }
    }
    assert!(wrong.is_empty(), "{file}:\n{wrong}");
}

#[test]
fn syntax_errors_are_those_of_postgresql_16() {
    check_answers("syntax.txt", Dialect::D2026_09);
}

#[test]
fn refusals_of_the_2026_09_dialect() {
    check_answers("refused.txt", Dialect::D2026_09);
}

#[test]
fn refusals_of_the_2026_02_dialect() {
    check_answers("refused-2026-02.txt", Dialect::D2026_02);
}

fn tree(text: &str) -> String {
    let render = |parsed: &Parsed| match &parsed.statement {
        Ok(statement) => format!("    {statement:?}\n"),
        Err(error) => format!("    {}\n", error_line(text, error)),
    };
    match parse(text, Dialect::D2026_09) {
        Ok(parsed) => parsed.iter().map(render).collect(),
        Err(error) => format!("    {}\n", error_line(text, &error)),
    }
}

fn accepted() -> Vec<String> {
    read("accepted.txt").lines().filter(|line| !line.is_empty() && !line.starts_with([' ', '#'])).map(str::to_owned).collect()
}

#[test]
fn accepted_statements_become_these_trees() {
    let old = read("accepted.txt");
    let header = old.lines().take_while(|line| line.starts_with('#')).fold(String::new(), |text, line| text + line + "\n");
    let new = accepted().iter().fold(header, |text, statement| text + "\n" + statement + "\n" + &tree(&statement.replace("\\n", "\n")));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path("accepted.txt"), &new).expect("the golden file can be written");
        return;
    }
    for (old, new) in old.lines().zip(new.lines()) {
        assert_eq!(old, new);
    }
    assert_eq!(old.lines().count(), new.lines().count());
}

#[test]
fn accepted_statements_are_accepted() {
    for statement in accepted() {
        assert_eq!(answer(&statement.replace("\\n", "\n"), Dialect::D2026_09), "OK", "{statement}");
    }
}

/// A small generator with a seed of its own: the same mutations on every machine.
struct Mutator(u64);

impl Mutator {
    fn next(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }

    /// Removes, repeats or swaps a word, or splices in a word of another statement.
    fn mutate(&mut self, statement: &str, other: &str) -> String {
        let mut words: Vec<&str> = statement.split(' ').collect();
        let donors: Vec<&str> = other.split(' ').collect();
        for _ in 0..=self.next(3) {
            let at = self.next(words.len());
            match self.next(5) {
                0 if words.len() > 1 => drop(words.remove(at)),
                1 => words.insert(at, words[at]),
                2 => {
                    let with = self.next(words.len());
                    words.swap(at, with);
                }
                3 => words.insert(at, donors[self.next(donors.len())]),
                _ => words[at] = donors[self.next(donors.len())],
            }
        }
        words.join(" ")
    }
}

#[test]
fn mutated_statements_never_panic_and_point_into_their_text() {
    let mut corpus = accepted();
    corpus.extend(cases("refused.txt").into_iter().map(|(statement, _)| statement));
    corpus.extend(cases("syntax.txt").into_iter().map(|(statement, _)| statement));
    let mut mutator = Mutator(20_260_918);
    for round in 0..6000 {
        let (first, second) = (mutator.next(corpus.len()), mutator.next(corpus.len()));
        let text = mutator.mutate(&corpus[first], &corpus[second]);
        let dialect = Dialect::ALL[round % 2];
        let errors: Vec<SqlError> = match parse(&text, dialect) {
            Err(error) => vec![error],
            Ok(parsed) => parsed.into_iter().filter_map(|statement| statement.statement.err()).collect(),
        };
        for error in errors {
            assert_ne!(error.sqlstate().as_str(), "XX000", "{text}: {error}");
            assert!(error.fields().position.is_none_or(|at| text.is_char_boundary(at)), "{text}: {error:?}");
        }
    }
}

fn parse_one(text: &str) -> Parsed {
    let mut parsed = parse(text, Dialect::D2026_09).unwrap_or_else(|e| panic!("{}: {e}", &text[..text.len().min(60)]));
    assert_eq!(parsed.len(), 1);
    parsed.remove(0)
}

fn sqlstate(text: &str) -> String {
    match parse(text, Dialect::D2026_09) {
        Err(error) => error.sqlstate().to_string(),
        Ok(parsed) => parsed.first().and_then(|p| p.statement.as_ref().err()).map_or("OK".to_owned(), |e| e.sqlstate().to_string()),
    }
}

/// Chains a few thousand long, as code generators write them, on a stack as small as a session's.
#[test]
fn long_chains_parse() {
    for (word, item) in [("+", "1"), ("||", "'a'"), ("AND", "a = 1"), ("OR", "b IS NULL"), ("UNION ALL SELECT", "1"), ("-", "c::int")] {
        let text = format!("SELECT {}", vec![item; 4500].join(&format!(" {word} ")));
        let parsed = parse_one(&text);
        assert!(parsed.statement.is_ok(), "{word}: {:?}", parsed.statement.err());
        borealis_sql::parse::deep::on_deep_stack(move || drop(parsed)).expect("the tree is dropped");
    }
}

#[test]
fn nesting_beyond_the_limit_is_an_error_not_a_crash() {
    let nested = |open: &str, close: &str, depth: usize| format!("SELECT {}1{}", open.repeat(depth), close.repeat(depth));
    for (open, close) in
        [("(", ")"), ("f(", ")"), ("(SELECT ", ")"), ("CASE WHEN true THEN ", " END"), ("- ", ""), ("NOT ", ""), ("ARRAY[", "]")]
    {
        assert_eq!(sqlstate(&nested(open, close, 100_000)), "54001", "{open}");
        assert_eq!(sqlstate(&nested(open, close, 300)), "OK", "{open}");
    }
    assert_eq!(sqlstate(&format!("SELECT {}", vec!["1"; 200_000].join("+"))), "54001");
    // A label called "end" closes nothing.
    assert_eq!(sqlstate(&nested("(SELECT 1 AS end FROM ", ")", 100_000)), "54001");
}

/// The deepest trees that the limit lets through are read and dropped on the deep stack.
#[test]
fn the_deepest_tree_fits() {
    let depth = usize::try_from(borealis_dialect::limit("syntax depth", Dialect::D2026_09)).expect("a limit of a stack") - 10;
    // Two words a level where the bracket comes with a keyword.
    for (open, close, words) in [("f(", ")", 1), ("- ", "", 1), ("(SELECT ", ")", 2), ("ARRAY[", "]", 2), ("CASE WHEN a THEN ", " END", 1)]
    {
        let text = format!("SELECT {}1{}", open.repeat(depth / words), close.repeat(depth / words));
        match parse(&text, Dialect::D2026_09) {
            Ok(parsed) => borealis_sql::parse::deep::on_deep_stack(move || drop(parsed)).expect("the tree is dropped"),
            // PostgreSQL's grammar has a stack of its own, of ten thousand symbols.
            Err(error) => assert!(error.message().starts_with("memory exhausted"), "{open}: {error}"),
        }
    }
}

/// Words that look like the end of a CASE hide no depth.
#[test]
fn a_name_called_end_closes_nothing() {
    let nested = format!("SELECT {}1{}", "CASE WHEN x.end THEN ".repeat(20_000), " END".repeat(20_000));
    assert_eq!(sqlstate(&nested), "54001");
    let chains = format!("{}CASE WHEN ", "- ".repeat(500));
    let nested = format!("SELECT {}1{}", chains.repeat(100), " THEN 1 END".repeat(100));
    assert_eq!(sqlstate(&nested), "54001");
}

#[test]
fn wide_statements_are_not_deep() {
    let rows = vec!["(1, -2, 'three'::text, now() - interval '1 day', CASE WHEN true THEN 1 ELSE 2 END)"; 20_000].join(", ");
    assert!(parse_one(&format!("INSERT INTO t VALUES {rows}")).depth < 400);
}

#[test]
fn ranges_and_nodes_of_a_string_of_statements() {
    let text = "  SELECT 1 ;\n-- c\n CREATE INDEX ASYNC i ON t (c);;AWS IAM GRANT r TO 'arn:aws:iam::1:role/x' ; VACUUM t";
    let parsed = parse(text, Dialect::D2026_09).expect("every statement parses");
    let seen: Vec<(&str, &str, bool)> = parsed.iter().map(|p| (&text[p.text.clone()], p.node, p.statement.is_ok())).collect();
    assert_eq!(
        seen,
        [
            ("SELECT 1", "Select", true),
            ("-- c\n CREATE INDEX ASYNC i ON t (c)", "Index", true),
            ("AWS IAM GRANT r TO 'arn:aws:iam::1:role/x'", "IamGrant", true),
            ("VACUUM t", "Vacuum", false),
        ]
    );
    assert_eq!(parse("", Dialect::D2026_09), Ok(Vec::new()));
    assert_eq!(parse(" ; ;-- nothing", Dialect::D2026_09), Ok(Vec::new()));
}

/// Every statement node without a row of its own is refused under its PostgreSQL name.
#[test]
fn a_statement_in_no_row_is_refused_by_name() {
    assert_eq!(answer("CREATE ACCESS METHOD m TYPE index HANDLER h", Dialect::D2026_09), "ERR 0A000 unsupported statement: CreateAm");
}

/// Every key written in the parser is a row: a misspelt one would be refused with a text nobody chose.
#[test]
fn every_key_of_the_parser_is_in_the_dialect() {
    let families: std::collections::BTreeSet<&str> = borealis_dialect::rows().iter().map(borealis_dialect::Row::family).collect();
    let folder = PathBuf::from("src/parse");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the parser's folder") {
        let source = std::fs::read_to_string(entry.expect("an entry").path()).expect("a source file");
        for key in source.split('"').filter(|literal| !literal.contains('{')) {
            if key.split_once('/').is_some_and(|(family, _)| families.contains(family)) {
                assert!(borealis_dialect::rows().iter().any(|row| row.key == key), "{key}");
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "only {seen} keys found: the test no longer sees them");
}
