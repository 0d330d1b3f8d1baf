//! What is read off the token stream before the grammar sees the text: Aurora DSQL's additions, and how deep the tree will be.
//!
//! The stream is libpg_query's own, so strings, comments, dollar quotes and quoted names are never mistaken for keywords.

use std::ops::Range;

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::protobuf::{KeywordKind, ScanToken, Token};

/// Texts with at most this many words and signs cannot nest deeper than a session's own stack carries; others are measured first.
const FEW_TOKENS: usize = super::SHALLOW;

/// What the tokens said.
#[derive(Default)]
pub(super) struct Scan {
    /// The text for the grammar: additions replaced by blanks of the same length, so that positions stay right.
    pub(super) rewritten: Option<String>,
    /// Where a statement had ASYNC: byte offsets of the word.
    pub(super) asynchronous: Vec<usize>,
    pub(super) iam: Vec<IamGrant>,
    /// Upper bound of the levels of nesting.
    pub(super) depth: usize,
}

/// `AWS IAM GRANT role TO 'arn'`, `AWS IAM REVOKE role FROM 'arn'`.
pub(super) struct IamGrant {
    pub(super) range: Range<usize>,
    pub(super) revoke: bool,
    pub(super) role: String,
    pub(super) arn: String,
}

/// Must the text be scanned before it is parsed?
pub(super) fn needed(text: &str) -> bool {
    let text = text.as_bytes();
    many_tokens(text) || text.contains(&b'$') || contains_word(text, b"async") || contains_word(text, b"aws")
}

/// Words and signs, counted without understanding them: no fewer than the tokens that can nest.
fn many_tokens(text: &[u8]) -> bool {
    let mut count = 0;
    let mut in_word = false;
    for byte in text {
        let word = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
        let sign = byte.is_ascii_punctuation() && !matches!(byte, b',' | b';' | b'\'' | b'"' | b'.' | b'_' | b'$' | b')' | b']');
        count += usize::from(sign || (word && !in_word));
        in_word = word;
    }
    count > FEW_TOKENS
}

fn contains_word(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// Scans `text`. A text that does not even scan is left to the grammar, which reports the same error with its position.
pub(super) fn scan(text: &str) -> Result<Scan, SqlError> {
    let Ok(result) = pg_query::scan(text) else {
        return Ok(Scan::default());
    };
    junk_after_parameter(text, &result.tokens)?;
    let is_comment = |token: &ScanToken| matches!(token.token(), Token::SqlComment | Token::CComment);
    let tokens: Vec<ScanToken> = result.tokens.into_iter().filter(|token| !is_comment(token)).collect();
    let mut scan = Scan { depth: depth(&tokens), ..Scan::default() };
    for statement in tokens.split(|token| token.token() == Token::Ascii59) {
        Statement { text, tokens: statement }.additions(&mut scan)?;
    }
    Ok(scan)
}

/// `$1a` is two tokens to libpg_query and an error to PostgreSQL 16.
fn junk_after_parameter(text: &str, tokens: &[ScanToken]) -> Result<(), SqlError> {
    for pair in tokens.windows(2) {
        let [parameter, next] = pair else { continue };
        let is_word = |token: &ScanToken| token.token() == Token::Ident || token.keyword_kind != 0;
        if parameter.token() == Token::Param && parameter.end == next.start && is_word(next) {
            let start = usize::try_from(parameter.start).unwrap_or(0);
            let written = text.get(start..usize::try_from(next.end).unwrap_or(start)).unwrap_or("");
            let message = format!("trailing junk after parameter at or near \"{written}\"");
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(parameter.start));
        }
    }
    Ok(())
}

/// The tokens of one statement.
struct Statement<'a> {
    text: &'a str,
    tokens: &'a [ScanToken],
}

impl Statement<'_> {
    fn range(&self, index: usize) -> Range<usize> {
        let token = &self.tokens[index];
        usize::try_from(token.start).unwrap_or(0)..usize::try_from(token.end).unwrap_or(0)
    }

    fn slice(&self, index: usize) -> &str {
        if index >= self.tokens.len() {
            return "";
        }
        self.text.get(self.range(index)).unwrap_or("")
    }

    /// Is token `index` this word? A quoted name is no word.
    fn is(&self, index: usize, word: &str) -> bool {
        self.slice(index).eq_ignore_ascii_case(word)
    }

    fn additions(&self, scan: &mut Scan) -> Result<(), SqlError> {
        if self.is(0, "aws") && self.is(1, "iam") {
            let grant = self.iam_grant()?;
            blank(self.text, scan, grant.range.clone());
            scan.iam.push(grant);
            return Ok(());
        }
        let Some(index) = self.async_word() else { return Ok(()) };
        if self.is(0, "create") {
            self.forbid_schema_of_index(index + 1)?;
        }
        let range = self.range(index);
        scan.asynchronous.push(range.start);
        blank(self.text, scan, range);
        Ok(())
    }

    /// The place of ASYNC after CREATE INDEX, CREATE UNIQUE INDEX or ALTER TABLE; the word is reserved there.
    fn async_word(&self) -> Option<usize> {
        let index = if self.is(0, "create") && self.is(1, "unique") && self.is(2, "index") {
            3
        } else if (self.is(0, "create") && self.is(1, "index")) || (self.is(0, "alter") && self.is(1, "table")) {
            2
        } else {
            return None;
        };
        self.is(index, "async").then_some(index)
    }

    /// An index lives in its table's schema: a dot in its name is a syntax error.
    fn forbid_schema_of_index(&self, mut name: usize) -> Result<(), SqlError> {
        if self.is(name, "if") && self.is(name + 1, "not") && self.is(name + 2, "exists") {
            name += 3;
        }
        if self.is(name + 1, ".") { Err(self.near(name + 1)) } else { Ok(()) }
    }

    fn iam_grant(&self) -> Result<IamGrant, SqlError> {
        let revoke = self.is(2, "revoke");
        if !revoke && !self.is(2, "grant") {
            return Err(self.near(2));
        }
        let role = self.role_name(3)?;
        if !self.is(4, if revoke { "from" } else { "to" }) {
            return Err(self.near(4));
        }
        let arn = self.string(5)?;
        if self.tokens.len() > 6 {
            return Err(self.near(6));
        }
        Ok(IamGrant { range: self.range(0).start..self.range(5).end, revoke, role, arn })
    }

    fn role_name(&self, index: usize) -> Result<String, SqlError> {
        let written = self.slice(index);
        if let Some(quoted) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            return Ok(quoted.replace("\"\"", "\""));
        }
        let is_name = written.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii());
        if is_name { Ok(written.to_ascii_lowercase()) } else { Err(self.near(index)) }
    }

    fn string(&self, index: usize) -> Result<String, SqlError> {
        let written = self.slice(index);
        let plain = written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        plain.map(|body| body.replace("''", "'")).ok_or_else(|| self.near(index))
    }

    fn near(&self, index: usize) -> SqlError {
        if index >= self.tokens.len() {
            let end = self.tokens.last().map_or(self.text.len(), |_| self.range(self.tokens.len() - 1).end);
            return SqlError::new(SqlState::SYNTAX_ERROR, "syntax error at end of input").at(i32::try_from(end).unwrap_or(-1));
        }
        let at = i32::try_from(self.range(index).start).unwrap_or(-1);
        SqlError::new(SqlState::SYNTAX_ERROR, format!("syntax error at or near \"{}\"", self.slice(index))).at(at)
    }
}

fn blank(text: &str, scan: &mut Scan, range: Range<usize>) {
    let rewritten = scan.rewritten.get_or_insert_with(|| text.to_owned());
    let blanks = " ".repeat(range.len());
    rewritten.replace_range(range, &blanks);
}

/// One level of brackets.
#[derive(Default)]
struct Level {
    /// Opened by CASE rather than by a bracket.
    case: bool,
    /// Tokens that nest and hold for the whole level: joins and set operations.
    chain: usize,
    /// Tokens that nest in the current part.
    part: usize,
    /// Deepest bracket inside the current part.
    inner: usize,
    /// Deepest part so far.
    deepest: usize,
}

impl Level {
    fn count(&mut self, nesting: &Nesting) {
        match nesting {
            Nesting::Part => self.end_part(),
            Nesting::Adds => self.part += 1,
            Nesting::Chain => {
                self.end_part();
                self.chain += 1;
            }
            _ => {}
        }
    }

    fn end_part(&mut self) {
        self.deepest = self.deepest.max(self.part + self.inner);
        self.part = 0;
        self.inner = 0;
    }

    fn depth(mut self) -> usize {
        self.end_part();
        self.deepest + self.chain + 1
    }
}

/// An upper bound of how deep the tree of `tokens` is.
///
/// Brackets nest; an operator, a cast, a test adds a level over its operands, whether the chain grows to the left or to the right. A comma, AND, OR and
/// the arms of CASE part a level into siblings (chains of AND and OR are flat in the tree); joins and set operations nest over all of their level.
/// CASE ... END is a bracket, unless END is a name: a label in front of a bracket's end, or a field after a dot.
fn depth(tokens: &[ScanToken]) -> usize {
    let mut levels = vec![Level::default()];
    let mut deepest = 0;
    let mut previous = Token::Nul;
    for token in tokens {
        match nesting(token) {
            Nesting::Open => levels.push(Level::default()),
            Nesting::OpenCase => levels.push(Level { case: true, ..Level::default() }),
            Nesting::Close => close_bracket(&mut levels),
            Nesting::CloseCase if previous != Token::Ascii46 && levels.last().is_some_and(|level| level.case) => close(&mut levels),
            Nesting::End => deepest = deepest.max(close_all(&mut levels)),
            inside => levels.last_mut().into_iter().for_each(|level| level.count(&inside)),
        }
        previous = token.token();
    }
    deepest.max(close_all(&mut levels))
}

/// A closing bracket closes the CASEs inside it too, should their END have been taken for a name.
fn close_bracket(levels: &mut Vec<Level>) {
    while levels.last().is_some_and(|level| level.case) {
        close(levels);
    }
    close(levels);
}

/// Closes the innermost bracket; a closing bracket too many is the grammar's to report.
fn close(levels: &mut Vec<Level>) {
    if levels.len() < 2 {
        return;
    }
    let inner = levels.pop().map_or(0, Level::depth);
    if let Some(outer) = levels.last_mut() {
        outer.inner = outer.inner.max(inner);
    }
}

/// Ends a statement: its depth, and one fresh level.
fn close_all(levels: &mut Vec<Level>) -> usize {
    while levels.len() > 1 {
        close(levels);
    }
    let depth = levels.pop().map_or(0, Level::depth);
    levels.push(Level::default());
    depth
}

enum Nesting {
    None,
    Open,
    OpenCase,
    Close,
    CloseCase,
    Part,
    Adds,
    Chain,
    End,
}

fn nesting(token: &ScanToken) -> Nesting {
    match token.token() {
        Token::Ascii40 | Token::Ascii91 => Nesting::Open,
        Token::Ascii41 | Token::Ascii93 => Nesting::Close,
        Token::Ascii44 | Token::And | Token::Or | Token::When | Token::Then | Token::Else | Token::Where | Token::On => Nesting::Part,
        Token::Join | Token::Union | Token::Intersect | Token::Except => Nesting::Chain,
        Token::Case => Nesting::OpenCase,
        Token::EndP => Nesting::CloseCase,
        Token::Ascii59 => Nesting::End,
        Token::Ident | Token::Uident | Token::Fconst | Token::Sconst | Token::Usconst | Token::Bconst | Token::Xconst => Nesting::None,
        Token::Iconst | Token::Param | Token::Ascii46 => Nesting::None,
        Token::At | Token::Between => Nesting::Adds,
        // Names of types and functions, words of clauses: with brackets or not at all do they nest.
        _ if matches!(token.keyword_kind(), KeywordKind::UnreservedKeyword | KeywordKind::ColNameKeyword) => Nesting::None,
        // Operators, and the words that test, negate, collate, select.
        _ => Nesting::Adds,
    }
}
