//! The recorded answers of a corpus: each statement behind question marks, its answer below.

use std::fmt::Write as _;

/// A statement and what PostgreSQL 16 answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The statement.
    pub sql: String,
    /// The answer, as [`super::answer`] writes it.
    pub answer: String,
}

const HEADING: &str =
    "# What PostgreSQL 16 answers to the statements of the file beside. Recorded (make differential-record), not written.\n";

/// Reads a file of answers.
///
/// # Errors
/// An answer without a statement; with the line.
pub fn parse(text: &str) -> Result<Vec<Recorded>, String> {
    let mut all: Vec<Recorded> = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
        if let Some(sql) = line.strip_prefix("? ") {
            match all.last_mut() {
                Some(last) if last.answer.is_empty() => last.sql = format!("{}\n{sql}", last.sql),
                _ => all.push(Recorded { sql: sql.to_owned(), answer: String::new() }),
            }
        } else {
            let last = all.last_mut().ok_or_else(|| format!("line {}: an answer without a statement", index + 1))?;
            if !last.answer.is_empty() {
                last.answer.push('\n');
            }
            last.answer.push_str(line);
        }
    }
    Ok(all)
}

/// The text of a file of answers.
#[must_use]
pub fn write(all: &[Recorded]) -> String {
    let mut text = HEADING.to_owned();
    for Recorded { sql, answer } in all {
        text.push('\n');
        for line in sql.lines() {
            let _ = writeln!(text, "? {line}");
        }
        let _ = writeln!(text, "{answer}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Recorded, parse, write};

    #[test]
    fn what_is_written_is_read() {
        let one = |sql: &str, answer: &str| Recorded { sql: sql.to_owned(), answer: answer.to_owned() };
        let all = [one("SELECT 1,\n\n  2", "-> SELECT 1 [?column? int4, ?column? int4]\n| 1 | 2"), one("X", "-> ERR 42601 syntax error")];
        assert_eq!(parse(&write(&all)).as_deref(), Ok(all.as_slice()));
        assert!(parse("-> SELECT 1").is_err());
    }
}
