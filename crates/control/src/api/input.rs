//! A request taken apart: labels of the path, the query, members of the body. Every field is held against its shape and all problems are
//! told at once, as the service framework tells them. Members that the API does not know are passed over, as AWS's own services do.

use std::collections::BTreeMap;

use borealis_auth::body_sha256;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value};

use super::error::{ApiError, FieldProblem};
use super::route::Operation;
use super::shape::{self, Shape};

/// Entries of a TagMap, and keys of a TagKeyList.
pub(crate) const TAGS_MAX: usize = 200;
/// `MaxResults`.
const RESULTS_MAX: usize = 100;

/// A request taken apart, and what has been found wrong with it so far.
pub(crate) struct Input {
    labels: Vec<String>,
    query: Vec<(String, String)>,
    body: Map<String, Value>,
    problems: Vec<FieldProblem>,
    /// The first member that is of another JSON type than it must be.
    mistyped: Option<String>,
}

impl Input {
    /// Takes a request apart. Only operations that change something have a body.
    pub(crate) fn new(labels: Vec<String>, query: &str, body: &[u8]) -> Result<Self, ApiError> {
        Ok(Self { labels, query: parse_query(query)?, body: parse_body(body)?, problems: Vec::new(), mistyped: None })
    }

    /// The label at a place of the path.
    pub(crate) fn label(&mut self, index: usize, name: &str, shape: &Shape) -> String {
        let label = self.labels[index].clone();
        self.check(name, &label, shape);
        label
    }

    /// A text member.
    pub(crate) fn text(&mut self, name: &str, shape: &Shape) -> Option<String> {
        let value = self.take(name);
        self.text_at(value, name, shape)
    }

    /// A text member that must be there; empty when it is not, and then [`Input::finish`] fails.
    pub(crate) fn required_text(&mut self, name: &str, shape: &Shape) -> String {
        let text = self.text(name, shape);
        self.required(name, text)
    }

    /// A member of a few fixed texts that must be there.
    pub(crate) fn required_choice(&mut self, name: &str, choices: &[&str]) -> String {
        let value = self.take(name);
        let text = self.string_at(value, name);
        let text = self.required(name, text);
        if !text.is_empty() {
            self.check_choice(name, &text, choices);
        }
        text
    }

    /// A boolean member.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            other => self.mistyped(name, "a boolean", &other),
        }
    }

    /// A structure member, to be taken apart by itself.
    pub(crate) fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        let value = self.take(name)?;
        self.object_at(value, name)
    }

    /// `tags`.
    pub(crate) fn tags(&mut self) -> Option<BTreeMap<String, String>> {
        let entries = self.object("tags")?;
        if entries.len() > TAGS_MAX {
            self.length_problem("tags", entries.len(), 0, TAGS_MAX);
        }
        let mut tags = BTreeMap::new();
        for (key, value) in entries {
            self.check("tags", &key, &shape::TAG_KEY);
            self.check_tag_key(&key);
            if let Some(value) = self.text_at(Some(value), &format!("tags/{key}"), &shape::TAG_VALUE) {
                tags.insert(key, value);
            }
        }
        Some(tags)
    }

    /// Tags that begin with `aws:` are AWS's own.
    fn check_tag_key(&mut self, key: &str) {
        if key.to_ascii_lowercase().starts_with("aws:") {
            let message = "Value at '/tags' failed to satisfy constraint: aws: prefixed tag key names are not allowed for external use";
            self.problem("tags", message.to_owned());
        }
    }

    /// A query parameter; its field's name is in camel case, the parameter's own in kebab case.
    pub(crate) fn query(&mut self, parameter: &str, field: &str, shape: &Shape) -> Option<String> {
        let value = self.query.iter().find(|(name, _)| name == parameter)?.1.clone();
        self.check(field, &value, shape);
        Some(value)
    }

    /// Every value of a repeated query parameter.
    pub(crate) fn query_list(&mut self, parameter: &str, shape: &Shape) -> Vec<String> {
        let values: Vec<String> = self.query.iter().filter(|(name, _)| name == parameter).map(|(_, value)| value.clone()).collect();
        if values.is_empty() {
            self.required::<String>(parameter, None);
        }
        if values.len() > TAGS_MAX {
            self.length_problem(parameter, values.len(), 0, TAGS_MAX);
        }
        for value in &values {
            self.check(parameter, value, shape);
        }
        values
    }

    /// `max-results`.
    pub(crate) fn max_results(&mut self) -> Option<usize> {
        let text = &self.query.iter().find(|(name, _)| name == "max-results")?.1;
        let Ok(number) = text.parse::<i32>() else {
            let shown = text.clone();
            return self.mistyped("maxResults", "an integer", &Value::String(shown));
        };
        let number = usize::try_from(number).ok().filter(|number| (1..=RESULTS_MAX).contains(number));
        if number.is_none() {
            let message =
                format!("Value at '/maxResults' failed to satisfy constraint: Member must be between 1 and {RESULTS_MAX}, inclusive");
            self.problem("maxResults", message);
        }
        number
    }

    /// A text value that is not directly in the body.
    pub(crate) fn text_at(&mut self, value: Option<Value>, path: &str, shape: &Shape) -> Option<String> {
        let text = self.string_at(value, path)?;
        self.check(path, &text, shape);
        Some(text)
    }

    pub(crate) fn string_at(&mut self, value: Option<Value>, path: &str) -> Option<String> {
        match value? {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => self.mistyped(path, "a string", &other),
        }
    }

    pub(crate) fn object_at(&mut self, value: Value, path: &str) -> Option<Map<String, Value>> {
        match value {
            Value::Object(object) => Some(object),
            other => self.mistyped(path, "an object", &other),
        }
    }

    pub(crate) fn list_at(&mut self, value: Option<Value>, path: &str) -> Option<Vec<Value>> {
        match value? {
            Value::Null => None,
            Value::Array(list) => Some(list),
            other => self.mistyped(path, "a list", &other),
        }
    }

    /// A member of the body, removed from it; null is as good as absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.body.shift_remove(name).filter(|value| !value.is_null())
    }

    pub(crate) fn required<T: Default>(&mut self, path: &str, value: Option<T>) -> T {
        value.unwrap_or_else(|| {
            self.problem(path, format!("Value at '/{path}' failed to satisfy constraint: Member must not be null"));
            T::default()
        })
    }

    pub(crate) fn check(&mut self, path: &str, text: &str, shape: &Shape) {
        if let Some(message) = shape.problem(path, text) {
            self.problem(path, message);
        }
    }

    pub(crate) fn check_choice(&mut self, path: &str, text: &str, choices: &[&str]) {
        if !choices.contains(&text) {
            let set = choices.join(", ");
            self.problem(path, format!("Value at '/{path}' failed to satisfy constraint: Member must satisfy enum value set: [{set}]"));
        }
    }

    pub(crate) fn length_problem(&mut self, path: &str, length: usize, min: usize, max: usize) {
        let bound = format!("Member must have length between {min} and {max}, inclusive");
        self.problem(path, format!("Value with length {length} at '/{path}' failed to satisfy constraint: {bound}"));
    }

    pub(crate) fn problem(&mut self, path: &str, message: String) {
        self.problems.push(FieldProblem { name: path.replace('/', "."), message });
    }

    fn mistyped<T>(&mut self, path: &str, wanted: &str, got: &Value) -> Option<T> {
        let got = match got {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.mistyped.get_or_insert_with(|| format!("The value at '/{path}' must be {wanted}, not {got}."));
        None
    }

    /// The client's token: a member of the body, or a parameter of a DELETE.
    pub(crate) fn client_token(&mut self) -> Option<String> {
        let member = self.text("clientToken", &shape::CLIENT_TOKEN);
        member.or_else(|| self.query("client-token", "clientToken", &shape::CLIENT_TOKEN))
    }

    /// Fails when anything was wrong.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.mistyped {
            Some(message) => Err(ApiError::cannot_parse(message)),
            None if self.problems.is_empty() => Ok(()),
            None => Err(ApiError::fields(self.problems)),
        }
    }
}

/// What makes two requests the same but for their client token.
pub(crate) fn fingerprint(operation: Operation, parameters: &impl Serialize) -> String {
    let text = serde_json::to_vec(&(operation.name(), parameters)).expect("parameters are texts, flags and maps of them");
    body_sha256(&text)
}

fn parse_query(query: &str) -> Result<Vec<(String, String)>, ApiError> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decode(name)?, decode(value)?))
    });
    pairs.collect::<Result<_, std::str::Utf8Error>>().map_err(|_| ApiError::cannot_parse("The query is not UTF-8."))
}

fn parse_body(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ApiError::cannot_parse("The request body must be a JSON object.")),
        Err(error) => Err(ApiError::cannot_parse(format!("The request body is not valid JSON: {error}."))),
    }
}
