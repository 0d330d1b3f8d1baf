//! `jsonpath`: the SQL/JSON path language, read once into a tree and run over documents. After `jsonpath_gram.y`, `jsonpath.c` and `jsonpath_exec.c`.
//!
//! A path is an expression whose parts are primaries (`$`, `@`, a literal, an operation) followed by steps (`.key`, `[*]`, `? (..)`, `.type()`).
//! Predicates are expressions too: their value is true, false or, when it cannot be told, null.
//!
//! Running collects items. What goes wrong is a [`Fault`]: a *soft* one is the document's fault, which a predicate takes for unknown and a silent call
//! for no answer; a *hard* one fails the statement in any case.

mod compare;
mod datetime;
mod exec;
mod lex;
mod method;
mod parse;
mod place;
mod predicate;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::sync::Arc;

pub(crate) use exec::{Run, Wanted};

use crate::numeric::Numeric;
use crate::{Result, SqlError};

/// A path.
#[derive(Debug, Clone)]
pub struct JsonPath {
    strict: bool,
    root: Expr,
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// `42601` with PostgreSQL's texts, `22P02` for an empty text, `2201B` for a bad regular expression.
    pub fn parse(text: &str) -> Result<Self> {
        parse::parse(text)
    }

    /// Bytes held, roughly; for memory accounting.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        // A node of the tree is about as long as what it prints as, times the size of a step.
        self.to_string().len() * size_of::<Step>() / 2
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        write::path(self, &mut out);
        f.write_str(&out)
    }
}

/// A primary and the steps behind it.
#[derive(Debug, Clone)]
struct Expr {
    kind: Kind,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Kind {
    Null,
    Bool(bool),
    Number(Numeric),
    String(Arc<str>),
    /// `$name`
    Variable(Arc<str>),
    /// `$`
    Root,
    /// `@`
    Current,
    /// `last`, inside of a subscript.
    Last,
    Binary(Binary, Box<(Expr, Expr)>),
    Unary(Unary, Box<Expr>),
    LikeRegex {
        text: Box<Expr>,
        pattern: Arc<str>,
        flags: Arc<str>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    StartsWith,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unary {
    Plus,
    Minus,
    Not,
    IsUnknown,
    Exists,
}

#[derive(Debug, Clone)]
enum Step {
    Key(Arc<str>),
    AnyKey,
    AnyElement,
    /// `[a, b to c]`
    Elements(Vec<(Expr, Option<Expr>)>),
    /// `.**{first to last}`; [`LAST_LEVEL`] is the level of the leaves.
    Levels(u32, u32),
    Filter(Box<Expr>),
    Method(Method),
    Datetime(Option<Arc<str>>),
}

/// `last` in `.**{last}`, and the open end of `.**`.
const LAST_LEVEL: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Type,
    Size,
    Abs,
    Floor,
    Ceiling,
    Double,
    KeyValue,
}

impl Method {
    const ALL: [(&'static str, Self); 7] = [
        ("type", Self::Type),
        ("size", Self::Size),
        ("abs", Self::Abs),
        ("floor", Self::Floor),
        ("ceiling", Self::Ceiling),
        ("double", Self::Double),
        ("keyvalue", Self::KeyValue),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }
}

impl Binary {
    fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessEqual => "<=",
            Self::GreaterEqual => ">=",
            Self::StartsWith => "starts with",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }

    const fn is_predicate(self) -> bool {
        !matches!(self, Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Modulo)
    }
}

impl Kind {
    const fn is_predicate(&self) -> bool {
        match self {
            Self::Binary(operator, _) => operator.is_predicate(),
            Self::Unary(operator, _) => matches!(operator, Unary::Not | Unary::IsUnknown | Unary::Exists),
            Self::LikeRegex { .. } => true,
            _ => false,
        }
    }
}

impl Expr {
    const fn plain(kind: Kind) -> Self {
        Self { kind, steps: Vec::new() }
    }

    /// Whether it is a condition, and not a value made of one by a step.
    fn is_predicate(&self) -> bool {
        self.kind.is_predicate() && self.steps.is_empty()
    }
}

/// Why a path gives no items.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The document is not as the path expects it.
    Soft(SqlError),
    /// Anything else.
    Hard(SqlError),
}

impl Fault {
    pub(crate) fn into_error(self) -> SqlError {
        match self {
            Self::Soft(error) | Self::Hard(error) => error,
        }
    }
}

type Outcome<T> = std::result::Result<T, Fault>;
