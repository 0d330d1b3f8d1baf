//! A knowledge server: the same three questions, asked over HTTP of somebody else's documentation.
//!
//! The protocol is that of the AWS MCP server's proxy: a JSON-RPC 2.0 `tools/call` posted by itself, without a session before it.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

/// How long an answer may take.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 16 << 20;

/// Where the questions go.
#[derive(Clone, Debug)]
pub struct KnowledgeServer {
    url: String,
    agent: ureq::Agent,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum KnowledgeError {
    /// The address cannot be used.
    Address(String),
    /// Nobody answered, or not in time, or not with success.
    Unavailable(String),
    /// What came is no answer to the question.
    Answer(String),
    /// The server's own word.
    Refused(String),
}

impl fmt::Display for KnowledgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(url) => {
                write!(f, "the knowledge server's address must be https, or http on a loopback address; it is \"{url}\"")
            }
            Self::Unavailable(why) => {
                write!(f, "the knowledge server cannot be reached ({why}); without --knowledge-server the built-in guide answers")
            }
            Self::Answer(why) => write!(f, "the knowledge server's answer cannot be read: {why}"),
            Self::Refused(message) => write!(f, "the knowledge server answers: {message}"),
        }
    }
}

impl std::error::Error for KnowledgeError {}

impl KnowledgeServer {
    /// A server at `url` that has `timeout` for each answer.
    ///
    /// # Errors
    /// When the address is neither `https://…` nor `http://` on this machine.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, KnowledgeError> {
        if !is_safe(url) {
            return Err(KnowledgeError::Address(url.to_owned()));
        }
        let config = ureq::Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false).build();
        Ok(Self { url: url.to_owned(), agent: config.into() })
    }

    /// `dsql_search_documentation`.
    ///
    /// # Errors
    /// See [`KnowledgeError`].
    pub fn search(&self, phrase: &str, limit: Option<usize>) -> Result<Value, KnowledgeError> {
        self.call("dsql_search_documentation", json!({ "search_phrase": phrase }), &[("limit", limit)])
    }

    /// `dsql_read_documentation`.
    ///
    /// # Errors
    /// See [`KnowledgeError`].
    pub fn read(&self, url: &str, start: Option<usize>, max_length: Option<usize>) -> Result<Value, KnowledgeError> {
        self.call("dsql_read_documentation", json!({ "url": url }), &[("start_index", start), ("max_length", max_length)])
    }

    /// `dsql_recommend`.
    ///
    /// # Errors
    /// See [`KnowledgeError`].
    pub fn recommend(&self, url: &str) -> Result<Value, KnowledgeError> {
        self.call("dsql_recommend", json!({ "url": url }), &[])
    }

    /// Arguments that are not given are left out.
    fn call(&self, tool: &str, arguments: Value, optional: &[(&str, Option<usize>)]) -> Result<Value, KnowledgeError> {
        let mut arguments: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
        arguments.extend(optional.iter().filter_map(|(name, value)| Some(((*name).to_owned(), json!((*value)?)))));
        let question = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments }
        });
        answer(&self.post(&question)?)
    }

    fn post(&self, question: &Value) -> Result<Value, KnowledgeError> {
        let unavailable = |error: ureq::Error| KnowledgeError::Unavailable(error.to_string());
        let request = self.agent.post(&self.url).header("content-type", "application/json").header("accept", "application/json");
        let mut response = request.send(question.to_string()).map_err(unavailable)?;
        if !response.status().is_success() {
            return Err(KnowledgeError::Unavailable(format!("HTTP status {}", response.status())));
        }
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string().map_err(unavailable)?;
        serde_json::from_str(&body).map_err(|error| KnowledgeError::Answer(error.to_string()))
    }
}

/// Of a JSON-RPC answer, what the tool returned: `result`, or the first text of `content` read as JSON.
fn answer(body: &Value) -> Result<Value, KnowledgeError> {
    if let Some(error) = body.get("error") {
        let message = error.get("message").and_then(Value::as_str).unwrap_or("Unknown error from knowledge server");
        return Err(KnowledgeError::Refused(message.to_owned()));
    }
    let is_empty = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
    if let Some(result) = body.get("result").filter(|result| !is_empty(result)) {
        return Ok(result.clone());
    }
    let text = body.pointer("/content/0/text").and_then(Value::as_str);
    let text = text.ok_or_else(|| KnowledgeError::Answer("it has neither a result nor a text".to_owned()))?;
    serde_json::from_str(text).map_err(|error| KnowledgeError::Answer(error.to_string()))
}

/// A plain connection is read and changed by whoever is in between, and an agent believes the answer: on this machine only.
fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<ureq::http::Uri>() else { return false };
    let Some(host) = uri.host() else { return false };
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
