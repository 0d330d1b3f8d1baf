//! libpg_query called directly: the tree as protobuf, or the error with its position.
//!
//! The `pg_query` crate's own `parse` drops the error's cursor position and walks every tree once more to collect table names; both are
//! avoided by calling the C function it links in. What is spoken here is the C interface alone: two structures passed by value, copied
//! from `pg_query.h`.

use std::ffi::{CStr, CString, c_char, c_int};

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::{NodeEnum, protobuf};
use prost::Message;

#[repr(C)]
#[derive(Clone, Copy)]
struct Protobuf {
    len: usize,
    data: *mut c_char,
}

#[repr(C)]
struct QueryError {
    message: *mut c_char,
    funcname: *mut c_char,
    filename: *mut c_char,
    lineno: c_int,
    cursorpos: c_int,
    context: *mut c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct ProtobufParseResult {
    parse_tree: Protobuf,
    stderr_buffer: *mut c_char,
    error: *mut QueryError,
}

unsafe extern "C" {
    fn pg_query_parse_protobuf(input: *const c_char) -> ProtobufParseResult;
    fn pg_query_free_protobuf_parse_result(result: ProtobufParseResult);
}

/// A parse result of libpg_query; freed when dropped.
struct Owned(ProtobufParseResult);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the result came from pg_query_parse_protobuf, is freed once, and no reference into it outlives `self`.
        unsafe { pg_query_free_protobuf_parse_result(self.0) }
    }
}

impl Owned {
    fn parse(text: &CStr) -> Self {
        // SAFETY: `text` is a NUL-terminated string that lives through the call. The library keeps its state in thread-local variables, sets
        // it up on a thread's first call and catches its own errors (sigsetjmp) before it returns.
        Self(unsafe { pg_query_parse_protobuf(text.as_ptr()) })
    }

    /// The error, when the text did not parse.
    fn error(&self, text: &str) -> Option<SqlError> {
        if self.0.error.is_null() {
            return None;
        }
        // SAFETY: a non-null error points at a QueryError that lives as long as the result.
        let error = unsafe { &*self.0.error };
        // SAFETY: message and function name are NUL-terminated strings that live as long as the error.
        let (message, function) = unsafe { (CStr::from_ptr(error.message), CStr::from_ptr(error.funcname)) };
        Some(syntax_error(text, &message.to_string_lossy(), &function.to_string_lossy(), error.cursorpos))
    }

    fn tree(&self) -> &[u8] {
        let Protobuf { len, data } = self.0.parse_tree;
        if data.is_null() || len == 0 {
            return &[];
        }
        // SAFETY: without an error the library hands out `len` initialised bytes at `data`, owned by the result that `self` borrows.
        unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) }
    }
}

/// Parses `text`; the statements of the tree with their places.
pub(super) fn parse(text: &str) -> Result<Vec<protobuf::RawStmt>, SqlError> {
    Ok(tree(text)?.stmts)
}

fn tree(text: &str) -> Result<protobuf::ParseResult, SqlError> {
    let input = CString::new(text).map_err(|_| nul_byte())?;
    let result = Owned::parse(&input);
    if let Some(error) = result.error(text) {
        return Err(error);
    }
    let tree = protobuf::ParseResult::decode(result.tree());
    tree.map_err(|e| SqlError::internal(format!("the parser's tree cannot be read: {e}")))
}

/// A number that is the same for statements of one form, whatever their constants: libpg_query's fingerprint.
pub(super) fn fingerprint(statement: &NodeEnum) -> Option<u64> {
    let stmt = protobuf::Node { node: Some(statement.clone()) };
    let stmts = vec![protobuf::RawStmt { stmt: Some(Box::new(stmt)), stmt_location: 0, stmt_len: 0 }];
    // The library takes back only trees of its own version.
    let version = tree_version()?;
    let text = pg_query::deparse(&protobuf::ParseResult { version, stmts }).ok()?;
    Some(pg_query::fingerprint(&text).ok()?.value)
}

fn tree_version() -> Option<i32> {
    Some(tree("").ok()?.version)
}

fn nul_byte() -> SqlError {
    SqlError::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": 0x00")
}

/// The error PostgreSQL would answer: libpg_query's message, with the code that PostgreSQL's sources give this message.
/// `position` is in characters from 1, 0 for none; `function` is the C function that raised it.
fn syntax_error(text: &str, message: &str, function: &str, position: c_int) -> SqlError {
    let mut error = SqlError::new(state_of(message, function), message);
    if let Some(hint) = hint_of(message, function) {
        error = error.hint(hint);
    }
    if let Some(form) = form_of(message) {
        error = error.form(form);
    }
    if position < 1 {
        return error;
    }
    error.at(byte_offset(text, position))
}

/// The byte at which the `position`-th character (1-based) starts.
fn byte_offset(text: &str, position: c_int) -> i32 {
    let before = usize::try_from(position - 1).unwrap_or(0);
    let offset = text.char_indices().nth(before).map_or(text.len(), |(at, _)| at);
    i32::try_from(offset).unwrap_or(-1)
}

/// Messages of PostgreSQL's scanner and grammar whose code is not `42601`, by how they begin (sources of PostgreSQL 16: scan.l, gram.y, parser.c).
const STATES: &[(&str, SqlState)] = &[
    ("UNENCRYPTED PASSWORD is no longer supported", SqlState::FEATURE_NOT_SUPPORTED),
    ("CREATE SCHEMA IF NOT EXISTS cannot include schema elements", SqlState::FEATURE_NOT_SUPPORTED),
    ("current database cannot be changed", SqlState::FEATURE_NOT_SUPPORTED),
    ("column number must be in range", SqlState::INVALID_PARAMETER_VALUE),
    ("modulus for hash partition provided more than once", SqlState::DUPLICATE_OBJECT),
    ("remainder for hash partition provided more than once", SqlState::DUPLICATE_OBJECT),
    ("MATCH PARTIAL not yet implemented", SqlState::FEATURE_NOT_SUPPORTED),
    ("a column list with SET", SqlState::FEATURE_NOT_SUPPORTED),
    ("CREATE EXTENSION ... FROM is no longer supported", SqlState::FEATURE_NOT_SUPPORTED),
    ("CREATE OR REPLACE CONSTRAINT TRIGGER is not supported", SqlState::FEATURE_NOT_SUPPORTED),
    ("CREATE ASSERTION is not yet implemented", SqlState::FEATURE_NOT_SUPPORTED),
    ("dropping an enum value is not implemented", SqlState::FEATURE_NOT_SUPPORTED),
    ("RECHECK is no longer required", SqlState::FEATURE_NOT_SUPPORTED),
    ("aggregates cannot have output arguments", SqlState::FEATURE_NOT_SUPPORTED),
    ("WITH CHECK OPTION not supported on recursive views", SqlState::FEATURE_NOT_SUPPORTED),
    ("only string constants are supported in JSON_TABLE", SqlState::FEATURE_NOT_SUPPORTED),
    ("precision for type float", SqlState::INVALID_PARAMETER_VALUE),
    ("UNIQUE predicate is not yet implemented", SqlState::FEATURE_NOT_SUPPORTED),
    ("frame start", SqlState::WINDOWING_ERROR),
    ("frame end", SqlState::WINDOWING_ERROR),
    ("unrecognized JSON encoding", SqlState::INVALID_PARAMETER_VALUE),
    ("role name \"", SqlState::RESERVED_NAME),
    ("an ordered-set aggregate with a VARIADIC direct argument", SqlState::FEATURE_NOT_SUPPORTED),
    ("unrecognized partitioning strategy", SqlState::INVALID_PARAMETER_VALUE),
    ("unsafe use of string constant with Unicode escapes", SqlState::FEATURE_NOT_SUPPORTED),
    ("unsafe use of \\' in a string literal", SqlState(*b"22P06")),
    ("invalid byte sequence for encoding", SqlState::CHARACTER_NOT_IN_REPERTOIRE),
    ("stack depth limit exceeded", SqlState::STATEMENT_TOO_COMPLEX),
    ("out of memory", SqlState::OUT_OF_MEMORY),
];

/// The same, for messages that begin with a name, by how they end.
const STATES_BY_END: &[(&str, SqlState)] = &[
    ("cannot be used as a role name here", SqlState::RESERVED_NAME),
    ("constraints cannot be marked DEFERRABLE", SqlState::FEATURE_NOT_SUPPORTED),
    ("constraints cannot be marked NOT VALID", SqlState::FEATURE_NOT_SUPPORTED),
    ("constraints cannot be marked NO INHERIT", SqlState::FEATURE_NOT_SUPPORTED),
];

/// The function that reads `U&'...'`; the scanner itself reads `E'\u....'` and words the same error with another code and hint.
const READS_U_AMPERSAND: &str = "str_udeescape";

fn state_of(message: &str, function: &str) -> SqlState {
    if message == "invalid Unicode escape" && function != READS_U_AMPERSAND {
        return SqlState::INVALID_ESCAPE_SEQUENCE;
    }
    let start = STATES.iter().find(|(start, _)| message.starts_with(start));
    let known = start.or_else(|| STATES_BY_END.iter().find(|(end, _)| message.ends_with(end)));
    known.map_or(SqlState::SYNTAX_ERROR, |(_, state)| *state)
}

/// The row of the dialect table that an error of the grammar is.
fn form_of(message: &str) -> Option<&'static str> {
    message.starts_with("MATCH PARTIAL").then_some("constraint/MATCH PARTIAL")
}

fn hint_of(message: &str, function: &str) -> Option<&'static str> {
    Some(match message {
        "invalid Unicode escape" if function == READS_U_AMPERSAND => "Unicode escapes must be \\XXXX or \\+XXXXXX.",
        "invalid Unicode escape" => "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.",
        "UNENCRYPTED PASSWORD is no longer supported" => "Remove UNENCRYPTED to store the password in encrypted form instead.",
        "LIMIT #,# syntax is not supported" => "Use separate LIMIT and OFFSET clauses.",
        _ => return None,
    })
}
