//! Tools as values: what clients are told about each, and how a call of it is run.
//!
//! A tool is a type: its fields are the arguments, its output is a type too, and both give the schemas that clients see. The registry holds those that
//! the operator's choices permit; a tool that could only say no is not listed.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use rmcp::model::{CallToolResult, JsonObject, Tool as Definition, ToolAnnotations};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{self, Origin};
use crate::call::Call;
use crate::failure::Failure;
use crate::service::Service;

/// A tool; its fields are the arguments of a call.
pub(crate) trait Tool: DeserializeOwned + JsonSchema + Send + 'static {
    /// What a call gives.
    type Output: Serialize + JsonSchema + Send;
    const NAME: &'static str;
    const TITLE: &'static str;
    const DESCRIPTION: &'static str;
    /// Where the output comes from, which decides how it is shown.
    const ORIGIN: Origin;

    /// What the tool may do, for clients that ask people before some calls.
    fn annotations(service: &Service) -> ToolAnnotations;

    fn run(self, call: &Call) -> impl Future<Output = Result<Self::Output, Failure>> + Send;

    /// The part of the output that the text of the answer shows.
    fn shown(output: &Self::Output) -> Value {
        answer::value(output)
    }
}

/// Annotations of a tool that reads.
pub(crate) fn reading(title: &str) -> ToolAnnotations {
    ToolAnnotations::with_title(title).read_only(true).destructive(false).idempotent(true).open_world(false)
}

type Running = Pin<Box<dyn Future<Output = CallToolResult> + Send>>;

#[derive(Clone)]
struct Entry {
    definition: Definition,
    run: fn(Call, JsonObject) -> Running,
}

/// The tools that are offered, by name.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    entries: BTreeMap<&'static str, Entry>,
}

impl Registry {
    pub(crate) fn add<T: Tool>(&mut self, service: &Service) {
        let mut definition = Definition::new(T::NAME, T::DESCRIPTION, Arc::new(input_schema::<T>(service)));
        definition.title = Some(T::TITLE.to_owned());
        definition.output_schema = Some(Arc::new(output_schema::<T::Output>()));
        definition.annotations = Some(T::annotations(service));
        self.entries.insert(T::NAME, Entry { definition, run: run::<T> });
    }

    pub(crate) fn definitions(&self) -> Vec<Definition> {
        self.entries.values().map(|entry| entry.definition.clone()).collect()
    }

    pub(crate) fn definition(&self, name: &str) -> Option<Definition> {
        self.entries.get(name).map(|entry| entry.definition.clone())
    }

    /// The running call; `None` when no such tool is offered.
    pub(crate) fn run(&self, name: &str, call: Call, arguments: JsonObject) -> Option<Running> {
        self.entries.get(name).map(|entry| (entry.run)(call, arguments))
    }
}

fn run<T: Tool>(mut call: Call, mut arguments: JsonObject) -> Running {
    Box::pin(async move {
        let done = async {
            call.choose_target(arguments.remove("target"))?;
            let tool: T = serde_json::from_value(Value::Object(arguments)).map_err(|error| Failure::call(misfit::<T>(&error)))?;
            tool.run(&call).await
        };
        match done.await {
            Ok(output) => answer::success(T::ORIGIN, &T::shown(&output), answer::value(&output)),
            Err(failure) => failure.result(T::NAME),
        }
    })
}

/// Arguments of the wrong type or name; which ones there are stands beside it, so that the next call can be right.
fn misfit<T: Tool>(error: &serde_json::Error) -> String {
    let schema = schema::<T>(SchemaSettings::draft2020_12());
    let names: Vec<&str> =
        schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    format!("the arguments do not fit: {error}. The arguments of {} are: {}", T::NAME, names.join(", "))
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> JsonObject {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    for noise in ["$schema", "title", "description"] {
        schema.remove(noise);
    }
    match schema.to_value() {
        Value::Object(mut object) => {
            object.values_mut().for_each(drop_rust_formats);
            object
        }
        // `true` and `false` are schemas too, of types that no tool has.
        _ => JsonObject::new(),
    }
}

/// Takes out `"format": "uint64"` and its kin, which JSON Schema does not know and validators warn of.
fn drop_rust_formats(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint") || format.starts_with("int")) {
                object.remove("format");
            }
            object.values_mut().for_each(drop_rust_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_rust_formats),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// With more than one target the operator's names for them are the only ones to choose from.
fn input_schema<T: Tool>(service: &Service) -> JsonObject {
    let mut schema = schema::<T>(SchemaSettings::draft2020_12());
    let names = service.target_names();
    if names.len() > 1 && T::ORIGIN == Origin::Database {
        let target = json!({ "type": "string", "enum": names, "description": "Which of the configured databases" });
        let properties = schema.entry("properties").or_insert_with(|| json!({}));
        properties["target"] = target;
        let required = schema.entry("required").or_insert_with(|| json!([]));
        if let Value::Array(required) = required {
            required.push(json!("target"));
        }
    }
    // A tool without arguments has none of these, and some clients insist.
    schema.entry("properties").or_insert_with(|| json!({}));
    schema
}

/// A result has the tool's fields, or `error` in their place.
fn output_schema<T: JsonSchema>() -> JsonObject {
    let mut schema = schema::<T>(SchemaSettings::draft2020_12().for_serialize());
    let required = schema.remove("required").unwrap_or_else(|| json!([]));
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    properties["error"] = json!({
        "type": "object",
        "description": "Why the call failed; nothing else is there then",
        "properties": { "message": { "type": "string" } },
        "required": ["message"]
    });
    schema.insert("anyOf".to_owned(), json!([{ "required": required }, { "required": ["error"] }]));
    schema
}
