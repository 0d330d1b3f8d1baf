//! Failures as an agent can act on them: a text that says what happened and what to do, and the same in fields.

use borealis_client::{ClientError, Mode, TransactionError};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

const READ_ONLY_VIOLATION: &str = "25006";
const SYNTAX_ERROR: &str = "42601";

/// Which tool failed, for the words that depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    ReadonlyQuery,
    Transact(Mode),
    GetSchema,
}

impl Tool {
    const fn name(self) -> &'static str {
        match self {
            Self::ReadonlyQuery => "readonly_query",
            Self::Transact(_) => "transact",
            Self::GetSchema => "get_schema",
        }
    }
}

/// The call itself was wrong; nothing was sent to the database.
pub(crate) fn refused(tool: Tool, what: &str) -> CallToolResult {
    result(format!("Error executing {}: {what}", tool.name()), json!({ "message": what }))
}

/// The database refused or could not be reached.
pub(crate) fn failed(tool: Tool, failure: &TransactionError) -> CallToolResult {
    let mut text = format!("Error executing {}: {failure}", tool.name());
    if let Some(advice) = advice(tool, &failure.error) {
        text = format!("{text}\n{advice}");
    }
    result(text, fields(failure))
}

fn result(text: String, error: Value) -> CallToolResult {
    let mut result = CallToolResult::error(vec![ContentBlock::text(text)]);
    result.structured_content = Some(json!({ "error": error }));
    result
}

fn advice(tool: Tool, error: &ClientError) -> Option<&'static str> {
    match (error.code(), tool) {
        (Some(READ_ONLY_VIOLATION), Tool::ReadonlyQuery) => Some("readonly_query does not support write operations. Use transact"),
        (Some(READ_ONLY_VIOLATION), Tool::Transact(Mode::ReadOnly)) => Some(
            "Your MCP server does not allow write operations: transact runs read-only because the server was started without --allow-writes",
        ),
        (Some(SYNTAX_ERROR), _) if error.server().is_some_and(|server| server.message.contains("multiple commands")) => {
            Some("Send one statement per call of readonly_query, or one per element of sql_list of transact")
        }
        _ => None,
    }
}

fn fields(failure: &TransactionError) -> Value {
    let mut fields = json!({
        "message": failure.error.to_string(),
        "attempts": failure.attempts,
        "outcome_unknown": matches!(failure.error, ClientError::CommitOutcomeUnknown { .. }),
    });
    if let Some(index) = failure.statement {
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
