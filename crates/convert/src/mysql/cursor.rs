//! A statement's tokens, read one after the other. sqlparser makes them and reads the expressions among them; the statements' own grammar is here,
//! because every clause must be either carried over or reported, and a parser made for running queries skips what it has no use for.

use sqlparser::ast::Expr;
use sqlparser::dialect::MySqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::error::ConvertError;
use crate::place::Place;

type R<T> = Result<T, ConvertError>;

/// Tokens of one expression at most: its tree is walked recursively.
const EXPRESSION_TOKENS_MAX: usize = 1_000;

/// Tokens of a statement.
pub(crate) struct Cursor {
    tokens: Vec<TokenWithSpan>,
    at: usize,
    start: Place,
}

impl Cursor {
    /// The tokens of `text`, which begins at `start` in the source.
    pub(crate) fn new(text: &str, start: Place) -> R<Self> {
        let tokens = Tokenizer::new(&MySqlDialect {}, text).tokenize_with_location();
        let tokens = tokens.map_err(|error| ConvertError::new(within(start, error.location), error.message))?;
        let tokens = tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
        Ok(Self { tokens, at: 0, start })
    }

    pub(crate) fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).map_or(&Token::EOF, |token| &token.token)
    }

    pub(crate) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len());
        token
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Place of the next token.
    pub(crate) fn place(&self) -> Place {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(self.start, |token| within(self.start, token.span.start))
    }

    /// Is the next token this word, unquoted?
    pub(crate) fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    pub(crate) fn is_at(&self, ahead: usize, word: &str) -> bool {
        matches!(self.peek_at(ahead), Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
    }

    /// Takes the words, when they are next.
    pub(crate) fn take(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(ahead, word)| self.is_at(ahead, word));
        if found {
            self.at += words.len();
        }
        found
    }

    pub(crate) fn expect(&mut self, words: &[&str]) -> R<()> {
        if self.take(words) { Ok(()) } else { Err(self.unexpected(&words.join(" "))) }
    }

    pub(crate) fn take_symbol(&mut self, symbol: &Token) -> bool {
        let found = self.peek() == symbol;
        if found {
            self.at += 1;
        }
        found
    }

    pub(crate) fn expect_symbol(&mut self, symbol: &Token) -> R<()> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("\"{symbol}\""))) }
    }

    pub(crate) fn unexpected(&self, wanted: &str) -> ConvertError {
        let found = match self.peek() {
            Token::EOF => "the statement ends".to_owned(),
            token => format!("found \"{token}\""),
        };
        ConvertError::new(self.place(), format!("expected {wanted}, {found}"))
    }

    pub(crate) fn error(&self, message: impl Into<String>) -> ConvertError {
        ConvertError::new(self.place(), message)
    }

    /// An identifier.
    pub(crate) fn name(&mut self) -> R<String> {
        match self.peek() {
            Token::Word(word) => {
                let name = word.value.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// `name` or `database.name`.
    pub(crate) fn qualified_name(&mut self) -> R<(Option<String>, String)> {
        let first = self.name()?;
        if self.take_symbol(&Token::Period) { Ok((Some(first), self.name()?)) } else { Ok((None, first)) }
    }

    /// The next word in capitals, quoted or not taken into account: for messages and dispatch.
    pub(crate) fn word(&self) -> Option<String> {
        self.word_at(0)
    }

    pub(crate) fn word_at(&self, ahead: usize) -> Option<String> {
        match self.peek_at(ahead) {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// A string literal, whatever its quotes; a character set named before it says nothing new.
    pub(crate) fn string(&mut self) -> R<String> {
        if matches!(self.peek(), Token::Word(word) if word.value.starts_with('_')) {
            self.at += 1;
        }
        match self.next() {
            Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) | Token::NationalStringLiteral(text) => Ok(text),
            _ => {
                self.at = self.at.saturating_sub(1);
                Err(self.unexpected("a string"))
            }
        }
    }

    /// A whole number without a sign.
    pub(crate) fn number(&mut self) -> R<u64> {
        let number = match self.peek() {
            Token::Number(digits, _) => digits.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected("a number"))?;
        self.at += 1;
        Ok(number)
    }

    /// Steps over a bracket and what is in it.
    pub(crate) fn skip_brackets(&mut self) -> R<()> {
        self.brackets().map(|_| ())
    }

    /// The tokens inside a pair of brackets; the cursor is behind it afterwards.
    pub(crate) fn brackets(&mut self) -> R<Vec<TokenWithSpan>> {
        let opening = self.place();
        self.expect_symbol(&Token::LParen)?;
        let from = self.at;
        let mut open = 1_usize;
        while open > 0 {
            match self.peek() {
                Token::LParen => open += 1,
                Token::RParen => open -= 1,
                Token::EOF => {
                    return Err(ConvertError::new(opening, "the bracket opened here is never closed").hint("Is the dump cut short?"));
                }
                _ => {}
            }
            self.at += 1;
        }
        Ok(self.tokens[from..self.at - 1].to_vec())
    }

    /// An expression in brackets.
    pub(crate) fn bracketed_expression(&mut self) -> R<Expr> {
        let place = self.place();
        let tokens = self.brackets()?;
        self.parse_expression(tokens, place)
    }

    fn parse_expression(&self, tokens: Vec<TokenWithSpan>, place: Place) -> R<Expr> {
        if tokens.len() > EXPRESSION_TOKENS_MAX {
            return Err(ConvertError::new(place, format!("the expression has more than {EXPRESSION_TOKENS_MAX} words and signs")));
        }
        let dialect = MySqlDialect {};
        let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
        let parsed = parser.parse_expr().and_then(|expr| match &parser.peek_token_ref().token {
            Token::EOF => Ok(expr),
            token => Err(sqlparser::parser::ParserError::ParserError(format!("\"{token}\" is not part of an expression"))),
        });
        parsed.map_err(|error| {
            let message = match error {
                sqlparser::parser::ParserError::TokenizerError(message) | sqlparser::parser::ParserError::ParserError(message) => message,
                sqlparser::parser::ParserError::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
            };
            ConvertError::new(place, format!("this expression cannot be read: {message}"))
        })
    }

    /// A word that stands for a call, with or without brackets: CURRENT_TIMESTAMP, now(6), uuid().
    pub(crate) fn call(&mut self) -> R<Expr> {
        let place = self.place();
        let from = self.at;
        self.name()?;
        if *self.peek() == Token::LParen {
            self.skip_brackets()?;
        }
        let tokens = self.tokens[from..self.at].to_vec();
        self.parse_expression(tokens, place)
    }

    /// Where reading stands, to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.at
    }

    pub(crate) fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }
}

/// The place in the source of a place in a statement that begins at `start`.
fn within(start: Place, location: Location) -> Place {
    match location.line {
        0 => start,
        1 => Place { line: start.line, column: start.column + location.column.max(1) - 1 },
        line => Place { line: start.line + line - 1, column: location.column },
    }
}
