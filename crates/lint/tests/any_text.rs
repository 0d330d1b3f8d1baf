//! Any text is linted without a panic, and fixing it never makes it worse to read.

use borealis_lint::{Options, lint};
use proptest::prelude::*;

/// Statements to be cut, spliced and mutilated.
fn statements() -> Vec<String> {
    let folder = std::path::Path::new("src/rules");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    let text: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let lines = text.lines().filter(|line| !line.starts_with("---"));
    lines.collect::<Vec<_>>().join("\n").split_inclusive(';').map(str::to_owned).collect()
}

/// A statement with a word taken out, doubled, or moved.
fn mutated() -> impl Strategy<Value = String> {
    let all = statements();
    (prop::sample::select(all.clone()), prop::sample::select(all), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8)
        .prop_map(|(a, b, at, other, what)| {
            let mut words: Vec<String> = a.split(' ').map(str::to_owned).collect();
            let (i, j) = (at.index(words.len()), other.index(words.len()));
            match what {
                0 => drop(words.remove(i)),
                1 => words.insert(i, words[j].clone()),
                2 => words.swap(i, j),
                3 => words.insert(i, b),
                _ => words.truncate(i),
            }
            words.join(" ")
        })
}

fn survives(text: &str) {
    let report = lint(text, &Options::default());
    for finding in &report.findings {
        assert!(finding.span.start <= finding.span.end && finding.span.end <= text.len() && finding.line > 0, "{finding:?}");
        assert!(text.is_char_boundary(finding.span.start) && text.is_char_boundary(finding.span.end), "{finding:?}");
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.start..edit.span.end).is_some(), "{edit:?}");
        }
    }
    let fixed = report.fix(false);
    assert_eq!(lint(&fixed.text, &Options::default()).fixed(), fixed.text, "not done with {text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn signs(text in "[-a-z'\"$/*();,.:\\\\\n \té0-9E]{0,80}") {
        survives(&text);
    }

    #[test]
    fn mutilated_statements(parts in prop::collection::vec(mutated(), 1..4)) {
        survives(&parts.join("\n"));
    }
}
