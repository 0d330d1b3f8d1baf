//! Statement text to syntax tree.
//!
//! PostgreSQL's own grammar reads the text (libpg_query), so syntax errors are PostgreSQL's, with their position. The tree it hands out is
//! *lowered* into [`crate::ast`]: every field of every node is named, and a clause is either a field of the syntax tree or refused, with the text
//! that Aurora DSQL answers, by a row of [`borealis_dialect`]. Nothing is dropped on the way.
//!
//! ```text
//! text --tokens--> additions of Aurora DSQL blanked out and remembered; depth of the tree bounded
//!      --raw-----> libpg_query's tree, or a syntax error that fails the whole string
//!      --lower---> one `Parsed` a statement: the syntax tree, or this statement's refusal
//! ```
//! The grammar is PostgreSQL 17's; what 16 does not parse is a syntax error here too.

use std::ops::Range;

use borealis_dialect::Dialect;
use borealis_pgtypes::{SqlError, SqlState};
use pg_query::protobuf::RawStmt;

use crate::ast::Statement;

mod alter;
pub mod deep;
mod dml;
mod domain;
mod explain;
mod expr;
mod fingerprint;
mod from;
mod function;
mod index;
mod json;
mod lower;
mod memory;
mod node;
mod object;
mod query;
mod raw;
mod role;
mod routine;
mod sequence;
mod session;
mod slices;
pub mod source;
mod statement;
mod statistics;
mod table;
mod tokens;
mod types;

pub use fingerprint::{fingerprint, without_constants};
use lower::Lower;
use tokens::Scan;

/// Trees up to this depth are read on the caller's own stack, for which 2 MiB are assumed. A level takes a few frames in decoding and lowering;
/// without optimisation they are ten times as large.
const SHALLOW: usize = if cfg!(debug_assertions) { 50 } else { 400 };

/// One statement of a string.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The tree, or the refusal of this statement by the dialect; the session decides when it answers.
    pub statement: Result<Statement, SqlError>,
    /// Byte range of this statement in the string, without semicolon and surrounding blanks.
    pub text: Range<usize>,
    /// Name of PostgreSQL's parse node without `Stmt`: `Select`, `CreateTableAs`, ...
    pub node: &'static str,
    /// Upper bound of the tree's levels of nesting. A reader that recurses and has little stack takes [`deep::on_deep_stack`] beyond a few hundred.
    pub depth: usize,
}

/// Parses a string of statements. A syntax error fails the whole string, as in PostgreSQL; offsets in trees and errors are byte offsets in the string.
///
/// # Errors
/// A syntax error (mostly `42601`) with its position; `54001` for a tree deeper than `limit/syntax depth`; `22021` for a NUL byte.
pub fn parse(text: &str, dialect: Dialect) -> Result<Vec<Parsed>, SqlError> {
    let scan = if tokens::needed(text) { tokens::scan(text)? } else { Scan::default() };
    let depth = scan.depth.max(1);
    if depth as u64 > borealis_dialect::limit("syntax depth", dialect) {
        return Err(lower::refusal("limit/syntax depth", &[], dialect));
    }
    if depth <= SHALLOW {
        return parse_scanned(text, scan, depth, dialect);
    }
    let text = text.to_owned();
    let parsed = deep::on_deep_stack(move || parse_scanned(&text, scan, depth, dialect));
    parsed.unwrap_or_else(|| Err(SqlError::new(SqlState::INTERNAL_ERROR, "the parser failed on a deeply nested statement")))
}

fn parse_scanned(text: &str, scan: Scan, depth: usize, dialect: Dialect) -> Result<Vec<Parsed>, SqlError> {
    let statements = raw::parse(scan.rewritten.as_deref().unwrap_or(text))?;
    let mut parsed = Vec::with_capacity(statements.len() + scan.iam.len());
    for statement in statements {
        parsed.push(lower_statement(text, statement, &scan.asynchronous, depth, dialect)?);
    }
    parsed.extend(scan.iam.into_iter().map(|grant| {
        let statement = Ok(Statement::IamGrant { revoke: grant.revoke, role: grant.role, arn: grant.arn });
        Parsed { statement, text: grant.range, node: "IamGrant", depth: 1 }
    }));
    parsed.sort_by_key(|statement| statement.text.start);
    Ok(parsed)
}

fn lower_statement(text: &str, raw: RawStmt, asynchronous: &[usize], depth: usize, dialect: Dialect) -> Result<Parsed, SqlError> {
    let RawStmt { stmt, stmt_location, stmt_len } = raw;
    let range = statement_range(text, stmt_location, stmt_len);
    let Some(tree) = stmt.and_then(|node| node.node) else {
        return Err(SqlError::internal("the parser handed out a statement without a tree"));
    };
    let node = node::name(&tree);
    let lower = Lower { dialect, text, asynchronous: asynchronous.iter().any(|at| range.contains(at)) };
    match lower.statement(tree) {
        // Syntax of a newer PostgreSQL than 16: an error of the string, like any other syntax error.
        Err(error) if error.sqlstate() == SqlState::SYNTAX_ERROR => Err(error),
        statement => Ok(Parsed { statement, text: range, node, depth }),
    }
}

/// libpg_query's range starts right after the previous semicolon; length 0 means "to the end".
fn statement_range(text: &str, location: i32, length: i32) -> Range<usize> {
    let start = usize::try_from(location).unwrap_or(0).min(text.len());
    let end = match usize::try_from(length) {
        Ok(length) if length > 0 => (start + length).min(text.len()),
        _ => text.len(),
    };
    let body = text.get(start..end).unwrap_or("");
    let leading = body.len() - body.trim_start().len();
    start + leading..start + leading + body.trim().len()
}
