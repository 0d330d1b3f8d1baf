use super::{Flags, compile};
use crate::SqlState;

/// The ranges of the first match and its groups.
fn find(pattern: &str, text: &str) -> Vec<Option<String>> {
    let found = compile(pattern, Flags::NONE).expect(pattern).find(text, 0).unwrap_or_default();
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

#[test]
fn what_the_engine_cannot_do_is_refused() {
    for pattern in ["(a)\\1", "a(?=b)", "a(?!b)", "(?<=a)b"] {
        let error = compile(pattern, Flags::NONE).err().expect(pattern);
        assert_eq!(error.sqlstate(), SqlState::FEATURE_NOT_SUPPORTED, "{pattern}");
    }
}

#[test]
fn a_full_cache_still_answers() {
    for number in 0..super::CACHE_MAX * 2 {
        assert!(compile(&format!("^{number}$"), Flags::NONE).expect("compiles").is_match(&number.to_string()));
    }
}
