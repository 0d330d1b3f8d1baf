//! A corpus file: statements that end in semicolons, as psql reads them, with marks in comments.

/// The statements of a file, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// In the order of the file; they share one session.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// The line it begins on, from 1.
    pub line: usize,
    /// Its text, without the semicolon and the comments in front.
    pub sql: String,
    /// What follows a `COPY .. FROM STDIN`, up to `\.`.
    pub data: Option<String>,
    /// It orders its rows itself.
    pub ordered: bool,
    /// Why Aurora DSQL answers otherwise, and what it answers.
    pub differs: Option<Exception>,
    /// What is missing that keeps the answer from being right.
    pub not_yet: Option<String>,
}

/// A difference on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exception {
    /// The argument.
    pub reason: String,
    /// The right answer, as [`super::answer`] writes it.
    pub answer: String,
}

/// Reads a corpus.
///
/// # Errors
/// A mark without its statement or its answer, text without its end; with the line.
pub fn parse(text: &str) -> Result<Script, String> {
    let mut reader = Reader { text, at: 0, line: 1 };
    let mut statements = Vec::new();
    loop {
        let marks = reader.skip_to_statement()?;
        if reader.rest().is_empty() {
            return if marks == Marks::default() {
                Ok(Script { statements })
            } else {
                Err("a mark at the end has no statement".to_owned())
            };
        }
        let mut statement = reader.statement()?;
        marks.attach(&mut statement)?;
        statements.push(statement);
    }
}

/// Comments in front of a statement that mean something.
#[derive(Debug, Default, PartialEq, Eq)]
struct Marks {
    reason: Vec<String>,
    answer: Vec<String>,
    not_yet: Vec<String>,
}

impl Marks {
    fn take(&mut self, comment: &str) {
        let behind = |text: &str| text.strip_prefix(' ').unwrap_or(text).to_owned();
        if let Some(text) = comment.strip_prefix("--!") {
            self.reason.push(behind(text));
        } else if let Some(text) = comment.strip_prefix("--=") {
            self.answer.push(behind(text));
        } else if let Some(text) = comment.strip_prefix("--?") {
            self.not_yet.push(behind(text));
        }
    }

    fn attach(self, statement: &mut Statement) -> Result<(), String> {
        if self.reason.is_empty() != self.answer.is_empty() {
            return Err(format!("line {}: a difference has a reason (--!) and an answer (--=)", statement.line));
        }
        if !self.reason.is_empty() {
            statement.differs = Some(Exception { reason: self.reason.join(" "), answer: self.answer.join("\n") });
        }
        statement.not_yet = (!self.not_yet.is_empty()).then(|| self.not_yet.join(" "));
        Ok(())
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let taken = &self.rest()[..bytes];
        self.line += taken.matches('\n').count();
        self.at += bytes;
        taken
    }

    /// Past blanks and comments, keeping the marks among them.
    fn skip_to_statement(&mut self) -> Result<Marks, String> {
        let mut marks = Marks::default();
        loop {
            let blank = self.rest().len() - self.rest().trim_start().len();
            self.advance(blank);
            if self.rest().starts_with("--") {
                let end = self.rest().find('\n').unwrap_or(self.rest().len());
                marks.take(self.advance(end).trim_end());
            } else if self.rest().starts_with("/*") {
                let end = block_comment(self.rest()).ok_or_else(|| self.unended("comment"))?;
                self.advance(end);
            } else {
                return Ok(marks);
            }
        }
    }

    fn unended(&self, what: &str) -> String {
        format!("line {}: the {what} does not end", self.line)
    }

    fn statement(&mut self) -> Result<Statement, String> {
        let (line, start) = (self.line, self.at);
        let mut top = TopLevel::default();
        loop {
            let rest = self.rest();
            let Some(first) = rest.chars().next() else { return Err(format!("line {line}: the statement has no semicolon")) };
            if first == ';' {
                break;
            }
            let (length, word) = token(rest).ok_or_else(|| self.unended("quoted text or comment"))?;
            top.take(first, word.then(|| &rest[..length]));
            self.advance(length);
        }
        let sql = self.text[start..self.at].trim_end().to_owned();
        self.advance(1);
        let data = if is_copy_in(&sql) { Some(self.copy_data()?) } else { None };
        Ok(Statement { line, ordered: top.ordered || is_copy(&sql), sql, data, ..Statement::default() })
    }

    /// The lines up to `\.`, which begin behind the statement's own line.
    fn copy_data(&mut self) -> Result<String, String> {
        let to_line_end = self.rest().find('\n').ok_or_else(|| self.unended("COPY data"))? + 1;
        self.advance(to_line_end);
        let rest = self.rest();
        let end = if rest.starts_with("\\.\n") { 0 } else { rest.find("\n\\.\n").ok_or_else(|| self.unended("COPY data"))? + 1 };
        let data = self.advance(end).to_owned();
        self.advance("\\.\n".len());
        Ok(data)
    }
}

/// Whether ORDER BY stands outside of all parentheses.
#[derive(Default)]
struct TopLevel {
    depth: usize,
    after_order: bool,
    ordered: bool,
}

impl TopLevel {
    fn take(&mut self, first: char, word: Option<&str>) {
        match (first, word) {
            ('(', _) => self.depth += 1,
            (')', _) => self.depth = self.depth.saturating_sub(1),
            (_, Some(word)) if self.depth == 0 => {
                self.ordered |= self.after_order && word.eq_ignore_ascii_case("by");
                self.after_order = word.eq_ignore_ascii_case("order");
            }
            _ => {}
        }
    }
}

/// The length of the token that `text` begins with, and whether it is a word. `None` when it has no end.
fn token(text: &str) -> Option<(usize, bool)> {
    let first = text.chars().next()?;
    let escape = text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("e'"));
    let length = match first {
        '\'' => quoted(text, 1, '\'', false)?,
        _ if escape => quoted(text, 2, '\'', true)?,
        '"' => quoted(text, 1, '"', false)?,
        '$' => dollar_quoted(text)?,
        '-' if text.starts_with("--") => text.find('\n').unwrap_or(text.len()),
        '/' if text.starts_with("/*") => block_comment(text)?,
        _ if is_word(first) => {
            let end = text.find(|letter: char| !is_word(letter) && letter != '$').unwrap_or(text.len());
            return Some((end, true));
        }
        other => other.len_utf8(),
    };
    Some((length, false))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn quoted(text: &str, start: usize, quote: char, backslashes: bool) -> Option<usize> {
    let mut letters = text[start..].char_indices();
    while let Some((index, letter)) = letters.next() {
        if letter == quote {
            return Some(start + index + 1);
        }
        if backslashes && letter == '\\' {
            letters.next();
        }
    }
    None
}

/// `$tag$ .. $tag$`; a `$` that opens nothing, such as a parameter's, stands for itself.
fn dollar_quoted(text: &str) -> Option<usize> {
    let Some(end) = text[1..].find('$') else { return Some(1) };
    let tag = &text[..end + 2];
    let name = &tag[1..tag.len() - 1];
    if name.starts_with(|letter: char| letter.is_ascii_digit()) || !name.chars().all(is_word) {
        return Some(1);
    }
    text[tag.len()..].find(tag).map(|close| close + 2 * tag.len())
}

fn block_comment(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

fn is_copy(sql: &str) -> bool {
    sql.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("copy "))
}

fn is_copy_in(sql: &str) -> bool {
    is_copy(sql) && sql.to_ascii_lowercase().contains("from stdin")
}

/// Whether the statement is a COPY to the client.
#[must_use]
pub fn is_copy_out(sql: &str) -> bool {
    is_copy(sql) && sql.to_ascii_lowercase().contains("to stdout")
}

#[cfg(test)]
mod tests {
    use super::{Exception, Statement, parse};

    fn statements(text: &str) -> Vec<Statement> {
        parse(text).unwrap_or_else(|error| panic!("{error}")).statements
    }

    #[test]
    fn semicolons_inside_of_quotes_and_comments_end_nothing() {
        let text = "SELECT ';', E'\\';', \";\", $$;$$, $a$;$$;$a$, /* ; /* ; */ ; */ $1 -- ;\n;\nSELECT 2;";
        let found = statements(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], Statement { line: 3, sql: "SELECT 2".to_owned(), ..Statement::default() });
    }

    #[test]
    fn order_by_counts_outside_of_parentheses_only() {
        let ordered = |text| statements(text)[0].ordered;
        assert!(ordered("SELECT 1 ORDER /* x */ BY 1;") && ordered("(SELECT 1) order\n by 1;") && ordered("COPY t TO STDOUT;"));
        assert!(!ordered("SELECT sum(a) OVER (ORDER BY b) FROM t;") && !ordered("SELECT 'ORDER BY 1', \"order\", by FROM t;"));
    }

    #[test]
    fn marks_belong_to_the_statement_behind_them() {
        let found = statements("--! because\n--! so\n--= -> SELECT 1 [a int4]\n--= | 1\nSELECT 1;\n-- plain\n--? frames\nSELECT 2;");
        let answer = "-> SELECT 1 [a int4]\n| 1".to_owned();
        assert_eq!(found[0].differs, Some(Exception { reason: "because so".to_owned(), answer }));
        assert_eq!((found[1].differs.as_ref(), found[1].not_yet.as_deref()), (None, Some("frames")));
    }

    #[test]
    fn copy_data_ends_at_its_mark() {
        let found = statements("COPY t FROM STDIN;\n1\t;\n2\tx\n\\.\nCOPY t FROM STDIN;\n\\.\nSELECT 1;");
        assert_eq!(found[0].data.as_deref(), Some("1\t;\n2\tx\n"));
        assert_eq!(found[1].data.as_deref(), Some(""));
        assert_eq!((found[2].line, found[2].sql.as_str()), (7, "SELECT 1"));
    }

    #[test]
    fn what_does_not_end_is_an_error_with_its_line() {
        for (text, message) in [
            ("\nSELECT 1", "line 2: the statement has no semicolon"),
            ("SELECT 'a;", "line 1: the quoted text or comment does not end"),
            ("COPY t FROM STDIN;\n1\n", "line 2: the COPY data does not end"),
            ("--! why\nSELECT 1;", "line 2: a difference has a reason (--!) and an answer (--=)"),
            ("SELECT 1; --? x", "a mark at the end has no statement"),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()));
        }
    }
}
