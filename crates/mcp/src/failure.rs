//! Failures as an agent can act on them: a text that says what happened and what to do, and the same in fields.

use borealis_client::{ClientError, Mode, TransactionError};
use borealis_pgtypes::SqlError;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use crate::policy::Refusal;

const READ_ONLY_VIOLATION: &str = "25006";
const SYNTAX_ERROR: &str = "42601";
const UNDEFINED_TABLE: &str = "42P01";

const ONE_STATEMENT: &str = "Send one statement per call of readonly_query, or one per element of sql_list of transact";
const NO_WRITES: &str =
    "Your MCP server does not allow write operations: transact runs read-only because the server was started without --allow-writes";

/// Why a call has no result.
#[derive(Debug)]
pub(crate) struct Failure {
    text: String,
    fields: Value,
}

impl Failure {
    /// The call itself was wrong; nothing was sent to the database.
    pub(crate) fn call(what: impl Into<String>) -> Self {
        let text = what.into();
        Self { fields: json!({ "message": text }), text }
    }

    /// A statement that was looked at and not sent. `index` is its place in the list, from 0, where there is a list.
    pub(crate) fn refused(refusal: &Refusal, index: Option<usize>) -> Self {
        let tool = if index.is_some() { NO_WRITES } else { "readonly_query does not support write operations. Use transact" };
        let (message, advice, code) = match refusal {
            Refusal::Writes(what) => (format!("the statement is {what}"), Some(tool), Some(READ_ONLY_VIOLATION)),
            Refusal::Several => {
                ("cannot insert multiple commands into a prepared statement".to_owned(), Some(ONE_STATEMENT), Some(SYNTAX_ERROR))
            }
            Refusal::Sql(sql, error) => return Self::sql(sql, error, index),
        };
        Self::call(numbered(&message, index)).with_advice(advice).with("sqlstate", code).with_statement(index)
    }

    /// What the parser says, in PostgreSQL's own words.
    fn sql(sql: &str, error: &SqlError, index: Option<usize>) -> Self {
        let fields = error.fields();
        let code = error.sqlstate().as_str().to_owned();
        // In characters from 1, as PostgreSQL counts.
        let position = fields.position.and_then(|offset| sql.get(..offset)).map(|before| before.chars().count() + 1);
        let at = position.map_or_else(String::new, |position| format!(" at character {position}"));
        let text = format!("ERROR: {} (SQLSTATE {code}){at}", fields.message);
        let mut failure = Self { text: numbered(&text, index), fields: json!({ "message": fields.message }) }.with("sqlstate", Some(code));
        for (name, text) in [("detail", &fields.detail), ("hint", &fields.hint)] {
            failure = failure.with(name, text.clone());
        }
        failure = failure.with("position", position);
        failure.with_advice(fields.hint.as_deref()).with_statement(index)
    }

    /// The database refused or could not be reached.
    pub(crate) fn transaction(error: &TransactionError, mode: Mode, statements: usize) -> Self {
        let failure = Self { text: error.to_string(), fields: fields(error, statements) };
        failure.with_advice(advice(mode, statements, &error.error))
    }

    /// Adds a field to the structured form.
    pub(crate) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.fields[name] = value.into();
        }
        self
    }

    /// Adds a line about what to do.
    pub(crate) fn with_advice(mut self, advice: Option<&str>) -> Self {
        if let Some(advice) = advice {
            self.text = format!("{}\n{advice}", self.text);
        }
        self
    }

    fn with_statement(self, index: Option<usize>) -> Self {
        self.with("statement", index.map(|index| index + 1))
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// As the result of a call of `tool`.
    pub(crate) fn result(self, tool: &str) -> CallToolResult {
        let mut result = CallToolResult::error(vec![ContentBlock::text(format!("Error executing {tool}: {}", self.text))]);
        result.structured_content = Some(json!({ "error": self.fields }));
        result
    }
}

fn numbered(what: &str, index: Option<usize>) -> String {
    index.map_or_else(|| what.to_owned(), |index| format!("statement {} of sql_list: {what}", index + 1))
}

fn advice(mode: Mode, statements: usize, error: &ClientError) -> Option<&'static str> {
    match (error.code(), mode) {
        (Some(READ_ONLY_VIOLATION), Mode::ReadOnly) if error.server().is_some_and(|server| server.message.contains("SELECT FOR")) => Some(
            "A row that is locked here would be free again at once: leave FOR UPDATE out, or put the query into transact beside the write",
        ),
        (Some(READ_ONLY_VIOLATION), Mode::ReadOnly) if statements == 1 => {
            Some("readonly_query does not support write operations. Use transact")
        }
        (Some(READ_ONLY_VIOLATION), Mode::ReadOnly) => Some(NO_WRITES),
        (Some(UNDEFINED_TABLE), _) => Some("list_tables tells which tables there are"),
        (Some(SYNTAX_ERROR), _) if error.server().is_some_and(|server| server.message.contains("multiple commands")) => Some(ONE_STATEMENT),
        _ => None,
    }
}

fn fields(failure: &TransactionError, statements: usize) -> Value {
    let mut fields = json!({
        "message": failure.error.to_string(),
        "attempts": failure.attempts,
        "outcome_unknown": matches!(failure.error, ClientError::CommitOutcomeUnknown { .. }),
    });
    if let Some(index) = failure.statement.filter(|_| statements > 1) {
        fields["statement"] = json!(index + 1);
    }
    if let Some(server) = failure.error.server() {
        fields["sqlstate"] = json!(server.code);
        fields["message"] = json!(server.message);
        for (name, text) in [("detail", &server.detail), ("hint", &server.hint), ("constraint", &server.constraint)] {
            if let Some(text) = text {
                fields[name] = json!(text);
            }
        }
        if let Some(position) = server.position {
            fields["position"] = json!(position);
        }
    }
    fields
}
