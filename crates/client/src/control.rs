//! Which statements begin and end transactions.
//!
//! Whoever wraps a list of statements into one transaction must know that none of them ends it early. The first keyword decides: every
//! transaction control statement of PostgreSQL starts with one of eight words, and no other statement starts with one of them. So only
//! blanks and comments need to be read past, and no literal or identifier can be mistaken for a keyword.

/// The keyword that makes `sql` a transaction control statement, in capitals; `None` when it is another statement.
#[must_use]
pub fn transaction_keyword(sql: &str) -> Option<&'static str> {
    const SINGLE: [&str; 8] = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"];
    let (first, rest) = first_word(sql)?;
    if first.eq_ignore_ascii_case("PREPARE") {
        // PREPARE TRANSACTION ends a transaction, PREPARE name AS does not; a statement named "transaction" must be quoted.
        let (second, _) = first_word(rest)?;
        return second.eq_ignore_ascii_case("TRANSACTION").then_some("PREPARE TRANSACTION");
    }
    SINGLE.into_iter().find(|keyword| first.eq_ignore_ascii_case(keyword))
}

/// `true` when there is nothing but blanks, comments and semicolons.
#[must_use]
pub fn is_empty(sql: &str) -> bool {
    skip_blank(sql).is_empty()
}

fn first_word(sql: &str) -> Option<(&str, &str)> {
    let text = skip_blank(sql);
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Past white space, semicolons, `-- …` and nested `/* … */`.
fn skip_blank(sql: &str) -> &str {
    let mut text = sql;
    loop {
        let trimmed = text.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '\x0b' || letter == ';');
        let next = if let Some(comment) = trimmed.strip_prefix("--") {
            comment.find(['\n', '\r']).map_or("", |end| &comment[end..])
        } else if trimmed.starts_with("/*") {
            past_block_comment(trimmed)
        } else {
            return trimmed;
        };
        text = next;
    }
}

/// The text behind a block comment, which nests; an unterminated one takes everything, and the server says so.
fn past_block_comment(text: &str) -> &str {
    let bytes = text.as_bytes();
    let (mut depth, mut place) = (0usize, 0usize);
    while place + 1 < bytes.len() {
        match &bytes[place..place + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                place += 1;
                continue;
            }
        }
        place += 2;
        if depth == 0 {
            return &text[place..];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::{is_empty, transaction_keyword};

    #[test]
    fn transaction_control_is_found_behind_blanks_and_comments() {
        for (sql, keyword) in [
            ("BEGIN", Some("BEGIN")),
            ("start transaction read only", Some("START")),
            (" ;\n\t-- SELECT\r\ncommit;", Some("COMMIT")),
            ("/* a /* nested */ b */ End", Some("END")),
            ("/**/ROLLBACK TO x", Some("ROLLBACK")),
            ("abort/* */", Some("ABORT")),
            ("savepoint a", Some("SAVEPOINT")),
            ("release a", Some("RELEASE")),
            ("PREPARE /* x */ TRANSACTION 'a'", Some("PREPARE TRANSACTION")),
            ("prepare transaction_ AS SELECT 1", None),
            ("SELECT 'COMMIT'", None),
            ("SELECT 1; COMMIT", None),
            ("-- COMMIT\nSELECT 1", None),
            ("/* COMMIT */", None),
            ("/* COMMIT", None),
            ("\"commit\"", None),
            ("committed", None),
            ("commit_", None),
            ("", None),
        ] {
            assert_eq!(transaction_keyword(sql), keyword, "{sql}");
        }
    }

    #[test]
    fn emptiness() {
        assert!(is_empty(" ; -- x\n /* y */ ;"));
        assert!(!is_empty(" ; -- x\n ("));
    }
}
