use super::*;

/// The tokens of `text`, each as written.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = next(text, at) {
        found.push(&text[token.range()]);
        at = token.end;
    }
    found
}

#[test]
fn strings_and_comments_are_one_token_whatever_is_in_them() {
    assert_eq!(
        tokens("a 'it''s;' \"b;\"\"c\" -- d;\n/* e /* f; */ */ g"),
        ["a", "'it''s;'", "\"b;\"\"c\"", "-- d;", "/* e /* f; */ */", "g"]
    );
    assert_eq!(tokens(r"e'a\'b' E'\\' b'1' x'f' n'q' u&'x' U&"), [r"e'a\'b'", r"E'\\'", "b'1'", "x'f'", "n'q'", "u&'x'", "U", "&"]);
    assert_eq!(tokens("$$a;$b$c$$ $x$ ; $$ $x$ $1 $"), ["$$a;$b$c$$", "$x$ ; $$ $x$", "$1", "$"]);
}

#[test]
fn numbers_operators_and_signs() {
    assert_eq!(tokens("1.5e-3+2 .5 1..2 a.b"), ["1.5e-3", "+", "2", ".5", "1", ".", ".2", "a", ".", "b"]);
    assert_eq!(tokens("a::int<=b--c\n*/*d*/e"), ["a", "::", "int", "<=", "b", "--c", "*", "/*d*/", "e"]);
    assert_eq!(tokens("[1]{é}"), ["[", "1", "]", "{", "é", "}"]);
}

#[test]
fn what_is_not_closed_ends_with_the_text() {
    assert_eq!(tokens("'abc"), ["'abc"]);
    assert_eq!(tokens("/* a"), ["/* a"]);
    assert_eq!(tokens("$a$ b"), ["$a$ b"]);
    assert_eq!(tokens(r"e'a\"), [r"e'a\"]);
}
