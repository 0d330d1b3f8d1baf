//! From tokens to a tree. After `jsonpath_gram.y`.

use std::sync::Arc;

use super::lex::{Lexeme, Token, syntax_error, tokens};
use super::{Binary, Expr, JsonPath, Kind, LAST_LEVEL, Method, Step, Unary, predicate};
use crate::text::integer;
use crate::{Result, SqlError, SqlState};

/// Deepest nesting of parentheses, filters and subscripts.
const DEPTH_MAX: u32 = 400;

pub(super) fn parse(text: &str) -> Result<JsonPath> {
    let tokens = tokens(text)?;
    if tokens.len() == 1 {
        return Err(integer::invalid(text, "jsonpath"));
    }
    let mut parser = Parser { tokens, at: 0, taken: 0, filters: 0, subscripts: 0, depth: 0 };
    let strict = parser.take_word("strict");
    if !strict {
        parser.take_word("lax");
    }
    let root = parser.or()?;
    if *parser.peek() != Token::End {
        return Err(parser.wrong());
    }
    Ok(JsonPath { strict, root })
}

struct Parser {
    tokens: Vec<Lexeme>,
    at: usize,
    /// The token taken last.
    taken: usize,
    /// Filters around the current place: `@` needs one.
    filters: u32,
    /// Subscripts around it: `last` needs one.
    subscripts: u32,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].token
    }

    fn advance(&mut self) -> Token {
        let token = self.tokens[self.at].token.clone();
        self.taken = self.at;
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    /// The error of a token that does not fit.
    fn wrong(&self) -> SqlError {
        syntax_error("syntax error", &self.tokens[self.at].near)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        if self.take(sign) { Ok(()) } else { Err(self.wrong()) }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.wrong()) }
    }

    fn nested<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(SqlError::new(SqlState::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let result = body(self);
        self.depth -= 1;
        result
    }

    fn predicate(&self, expr: Expr) -> Result<Expr> {
        if expr.is_predicate() { Ok(expr) } else { Err(self.wrong()) }
    }

    fn value(&self, expr: Expr) -> Result<Expr> {
        if expr.is_predicate() { Err(self.wrong()) } else { Ok(expr) }
    }

    fn or(&mut self) -> Result<Expr> {
        let mut left = self.and()?;
        while self.is_sign("||") {
            left = self.predicate(left)?;
            self.advance();
            let right = self.and()?;
            left = binary(Binary::Or, left, self.predicate(right)?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr> {
        let mut left = self.condition()?;
        while self.is_sign("&&") {
            left = self.predicate(left)?;
            self.advance();
            let right = self.condition()?;
            left = binary(Binary::And, left, self.predicate(right)?);
        }
        Ok(left)
    }

    /// A negation, a comparison, or what stands without either.
    fn condition(&mut self) -> Result<Expr> {
        if self.take("!") {
            return self.negation();
        }
        let left = self.sum()?;
        if let Some(operator) = self.comparison() {
            let left = self.value(left)?;
            self.advance();
            let right = self.sum()?;
            return Ok(binary(operator, left, self.value(right)?));
        }
        if self.is_word("starts") {
            let left = self.value(left)?;
            self.advance();
            self.expect_word("with")?;
            let prefix = match self.advance() {
                Token::String(text) => Kind::String(text),
                Token::Variable(name) => Kind::Variable(name),
                _ => return Err(self.before()),
            };
            return Ok(binary(Binary::StartsWith, left, Expr::plain(prefix)));
        }
        if self.is_word("like_regex") {
            let left = self.value(left)?;
            self.advance();
            return self.like_regex(left);
        }
        Ok(left)
    }

    /// The error of the token that was just taken.
    fn before(&mut self) -> SqlError {
        self.at = self.taken;
        self.wrong()
    }

    fn comparison(&self) -> Option<Binary> {
        let Token::Sign(sign) = self.peek() else { return None };
        Some(match *sign {
            "==" => Binary::Equal,
            "!=" | "<>" => Binary::NotEqual,
            "<" => Binary::Less,
            ">" => Binary::Greater,
            "<=" => Binary::LessEqual,
            ">=" => Binary::GreaterEqual,
            _ => return None,
        })
    }

    fn negation(&mut self) -> Result<Expr> {
        let operand = if self.is_word("exists") { self.exists()? } else { self.parenthesised_predicate()? };
        Ok(Expr::plain(Kind::Unary(Unary::Not, Box::new(operand))))
    }

    fn parenthesised_predicate(&mut self) -> Result<Expr> {
        self.expect("(")?;
        let inner = self.nested(Self::or)?;
        let inner = self.predicate(inner)?;
        self.expect(")")?;
        Ok(inner)
    }

    fn exists(&mut self) -> Result<Expr> {
        self.expect_word("exists")?;
        self.expect("(")?;
        let inner = self.nested(Self::or)?;
        let inner = self.value(inner)?;
        self.expect(")")?;
        Ok(Expr::plain(Kind::Unary(Unary::Exists, Box::new(inner))))
    }

    fn like_regex(&mut self, text: Expr) -> Result<Expr> {
        let Token::String(pattern) = self.advance() else { return Err(self.before()) };
        let mut flags: Arc<str> = Arc::from("");
        if self.take_word("flag") {
            let Token::String(written) = self.advance() else { return Err(self.before()) };
            flags = normal_flags(&written)?;
        }
        predicate::compile_regex(&pattern, &flags)?;
        Ok(Expr::plain(Kind::LikeRegex { text: Box::new(text), pattern, flags }))
    }

    fn sum(&mut self) -> Result<Expr> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("+") => Binary::Add,
                Token::Sign("-") => Binary::Subtract,
                _ => return Ok(left),
            };
            left = self.value(left)?;
            self.advance();
            let right = self.product()?;
            left = binary(operator, left, self.value(right)?);
        }
    }

    fn product(&mut self) -> Result<Expr> {
        let mut left = self.signed()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("*") => Binary::Multiply,
                Token::Sign("/") => Binary::Divide,
                Token::Sign("%") => Binary::Modulo,
                _ => return Ok(left),
            };
            left = self.value(left)?;
            self.advance();
            let right = self.signed()?;
            left = binary(operator, left, self.value(right)?);
        }
    }

    fn signed(&mut self) -> Result<Expr> {
        let sign = if self.take("-") {
            Unary::Minus
        } else if self.take("+") {
            Unary::Plus
        } else {
            return self.accessor();
        };
        let operand = self.nested(Self::signed)?;
        let operand = self.value(operand)?;
        Ok(match (sign, operand) {
            (Unary::Plus, Expr { kind: Kind::Number(number), steps }) if steps.is_empty() => Expr::plain(Kind::Number(number)),
            (_, Expr { kind: Kind::Number(number), steps }) if steps.is_empty() => Expr::plain(Kind::Number(number.neg())),
            (sign, operand) => Expr::plain(Kind::Unary(sign, Box::new(operand))),
        })
    }

    /// A primary with its steps.
    fn accessor(&mut self) -> Result<Expr> {
        let (mut expr, parenthesised) = self.primary()?;
        if parenthesised && expr.is_predicate() && self.is_word("is") {
            self.advance();
            self.expect_word("unknown")?;
            return Ok(Expr::plain(Kind::Unary(Unary::IsUnknown, Box::new(expr))));
        }
        while let Some(step) = self.step()? {
            expr.steps.push(step);
        }
        Ok(expr)
    }

    fn primary(&mut self) -> Result<(Expr, bool)> {
        let kind = match self.peek().clone() {
            Token::Sign("(") => {
                self.advance();
                let inner = self.nested(Self::or)?;
                self.expect(")")?;
                return Ok((inner, true));
            }
            Token::Sign("$") => Kind::Root,
            Token::Sign("@") if self.filters == 0 => {
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, "@ is not allowed in root expressions"));
            }
            Token::Sign("@") => Kind::Current,
            Token::String(text) => Kind::String(text),
            Token::Variable(name) => Kind::Variable(name),
            Token::Number(number) => Kind::Number(number),
            Token::Word(word) => match &*word {
                "null" => Kind::Null,
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                _ if word.eq_ignore_ascii_case("exists") => return Ok((self.exists()?, false)),
                _ if word.eq_ignore_ascii_case("last") && self.subscripts == 0 => {
                    return Err(SqlError::new(SqlState::SYNTAX_ERROR, "LAST is allowed only in array subscripts"));
                }
                _ if word.eq_ignore_ascii_case("last") => Kind::Last,
                _ => return Err(self.wrong()),
            },
            Token::Sign(_) | Token::End => return Err(self.wrong()),
        };
        self.advance();
        Ok((Expr::plain(kind), false))
    }

    fn step(&mut self) -> Result<Option<Step>> {
        if self.take(".") {
            return self.member().map(Some);
        }
        if self.take("[") {
            return self.subscripts().map(Some);
        }
        if self.take("?") {
            self.filters += 1;
            let subscripts = std::mem::take(&mut self.subscripts);
            let condition = self.parenthesised_predicate();
            self.subscripts = subscripts;
            self.filters -= 1;
            return Ok(Some(Step::Filter(Box::new(condition?))));
        }
        Ok(None)
    }

    /// What stands behind a dot.
    fn member(&mut self) -> Result<Step> {
        match self.peek().clone() {
            Token::Sign("*") => {
                self.advance();
                Ok(Step::AnyKey)
            }
            Token::Sign("**") => {
                self.advance();
                self.levels()
            }
            Token::String(name) => {
                self.advance();
                Ok(Step::Key(name))
            }
            Token::Word(name) => {
                self.advance();
                self.method_or_key(name)
            }
            _ => Err(self.wrong()),
        }
    }

    fn method_or_key(&mut self, name: Arc<str>) -> Result<Step> {
        if !self.is_sign("(") {
            return Ok(Step::Key(name));
        }
        if name.eq_ignore_ascii_case("datetime") {
            self.advance();
            let template = match self.peek().clone() {
                Token::String(template) => {
                    self.advance();
                    Some(template)
                }
                _ => None,
            };
            self.expect(")")?;
            return Ok(Step::Datetime(template));
        }
        let method = Method::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, method)| *method);
        let Some(method) = method else { return Err(self.wrong()) };
        self.advance();
        self.expect(")")?;
        Ok(Step::Method(method))
    }

    fn levels(&mut self) -> Result<Step> {
        if !self.take("{") {
            return Ok(Step::Levels(0, LAST_LEVEL));
        }
        let first = self.level()?;
        let last = if self.take_word("to") { self.level()? } else { first };
        self.expect("}")?;
        Ok(Step::Levels(first, last))
    }

    fn level(&mut self) -> Result<u32> {
        if self.take_word("last") {
            return Ok(LAST_LEVEL);
        }
        match self.peek().clone() {
            Token::Number(number) if number.scale() == Some(0) => {
                self.advance();
                Ok(number.to_i32().ok().and_then(|level| u32::try_from(level).ok()).unwrap_or(LAST_LEVEL))
            }
            _ => Err(self.wrong()),
        }
    }

    fn subscripts(&mut self) -> Result<Step> {
        if self.take("*") {
            self.expect("]")?;
            return Ok(Step::AnyElement);
        }
        self.subscripts += 1;
        let list = self.subscript_list();
        self.subscripts -= 1;
        list.map(Step::Elements)
    }

    fn subscript_list(&mut self) -> Result<Vec<(Expr, Option<Expr>)>> {
        let mut list = Vec::new();
        loop {
            let from = self.nested(Self::sum)?;
            let from = self.value(from)?;
            let to = if self.take_word("to") {
                let to = self.nested(Self::sum)?;
                Some(self.value(to)?)
            } else {
                None
            };
            list.push((from, to));
            if !self.take(",") {
                self.expect("]")?;
                return Ok(list);
            }
        }
    }
}

fn binary(operator: Binary, left: Expr, right: Expr) -> Expr {
    Expr::plain(Kind::Binary(operator, Box::new((left, right))))
}

/// The flags in the order in which they are written out, each once.
fn normal_flags(written: &str) -> Result<Arc<str>> {
    if let Some(unknown) = written.chars().find(|flag| !"ismxq".contains(*flag)) {
        let error = SqlError::new(SqlState::SYNTAX_ERROR, "invalid input syntax for type jsonpath");
        return Err(error.detail(format!("Unrecognized flag character \"{unknown}\" in LIKE_REGEX predicate.")));
    }
    Ok("ismxq".chars().filter(|flag| written.contains(*flag)).collect::<String>().into())
}
