use super::{Flags, compile};
use crate::SqlState;

/// The ranges of the first match and its groups.
fn find(pattern: &str, text: &str) -> Vec<Option<String>> {
    let found = compile(pattern, Flags::NONE).expect(pattern).find(text, 0).expect(pattern).unwrap_or_default();
    found.into_iter().map(|range| range.map(|(start, end)| text[start..end].to_owned())).collect()
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| Some((*text).to_owned())).collect()
}

#[test]
fn first_quantifier_decides_the_length_of_the_match() {
    assert_eq!(find("Y*([0-9]{1,3})", "Y1234Z"), some(&["Y123", "123"]));
    assert_eq!(find("Y*?([0-9]{1,3})", "XY1234Z"), some(&["Y1", "1"]));
    assert_eq!(find("^(.*?),(.*)$", "a,b,c"), some(&["a,b,c", "a", "b,c"]));
}

/// What PostgreSQL 16 answers.
#[test]
fn look_around_and_back_references() {
    for (pattern, text, groups) in [
        ("(foo)(?=bar)", "foobar", &["foo", "foo"] as &[&str]),
        ("foo(?=(bar))", "foobar", &["foo"]),
        ("(o)(?!b)", "foobar", &["o", "o"]),
        (r"(?<=price )\d+", "price 100 USD", &["100"]),
        ("(?<=foo|ba)r", "foobar", &["r"]),
        (r"(?<=o{1,3})\d+", "foo12bar", &["12"]),
        (r"(?<=\m)b\w+(?=\M)", "foo bar", &["bar"]),
        (r"(abc)\1", "abcabc", &["abcabc", "abc"]),
        (r"(a|ab)(X)\1", "abXab", &["abXab", "ab", "X"]),
        (r"(a*)(?=b)b", "aab", &["aab", "aa"]),
        (r"(a*?)\1b", "aaab", &["aab", "a"]),
        (
            r"((a)(a)(a)(a)(a)(a)(a)(a)(a)(a))\11",
            "aaaaaaaaaaa",
            &["aaaaaaaaaaa", "aaaaaaaaaa", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a"],
        ),
        (r"\102", "b", &[]),
        (r"\102", "B", &["B"]),
        (r"\400", " 0", &[" 0"]),
        (r"(?=[!-~])[^a]\y", "ab", &["b"]),
        ("^(?=.*[A-Z])(?=.*[0-9]).{8,}$", "Passw0rd", &["Passw0rd"]),
        ("^(?=.*[A-Z])(?=.*[0-9]).{8,}$", "password", &[]),
    ] {
        assert_eq!(find(pattern, text), some(groups), "{pattern}");
    }
    assert!(compile(r"^(ab)(\1)$", Flags::ICASE).and_then(|pattern| pattern.is_match("AbaB")).expect("matches"));
}

#[test]
fn every_character_means_itself_to_both_engines() {
    for code in 1..0x250 {
        let Some(character) = char::from_u32(code) else { continue };
        let escaped = if character.is_ascii_alphanumeric() { character.to_string() } else { format!("\\{character}") };
        for pattern in [format!("^{escaped}$"), format!("^(?=.){escaped}$"), format!("^(?=.)[{escaped}]$")] {
            let found = compile(&pattern, Flags::NONE).and_then(|pattern| pattern.is_match(&character.to_string()));
            assert_eq!(found, Ok(true), "{pattern:?}");
        }
    }
}

#[test]
fn what_is_no_pattern_is_refused() {
    for (pattern, reason) in [
        (r"(a\1)", "invalid backreference number"),
        (r"a\1", "invalid backreference number"),
        (r"(a)\2", "invalid backreference number"),
        (r"(a)(?=\1)", "invalid backreference number"),
        (r"[\9]", r"invalid escape \ sequence"),
        ("(?=x)*", "quantifier operand invalid"),
        ("(?<x", "quantifier operand invalid"),
        ("(?=x", "parentheses () not balanced"),
    ] {
        let error = compile(pattern, Flags::NONE).err().expect(pattern);
        assert_eq!(
            (error.sqlstate(), error.message()),
            (SqlState::INVALID_REGULAR_EXPRESSION, format!("invalid regular expression: {reason}").as_str())
        );
    }
}

#[test]
fn turning_back_has_an_end() {
    let pattern = compile(r"^(a+)(a+)(a+)(a+)(a+)(a+)\1[bc]$", Flags::NONE).expect("compiles");
    let error = pattern.is_match(&format!("{}db", "a".repeat(60))).expect_err("too many ways");
    assert_eq!(error.sqlstate(), SqlState::PROGRAM_LIMIT_EXCEEDED);
}

#[test]
fn a_full_cache_still_answers() {
    for number in 0..super::CACHE_MAX * 2 {
        assert!(compile(&format!("^{number}$"), Flags::NONE).expect("compiles").is_match(&number.to_string()).expect("matches"));
    }
}
