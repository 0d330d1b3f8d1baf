//! A YAML or JSON document as a tree that knows its lines. CloudFormation's intrinsic functions are kept as what they are, so that the
//! reader of a property can refuse them by name.

use std::fmt;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use serde_json::Value;

/// A value and the line that it starts on, counted from 1; 0 when that is not known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
    /// A string, number, boolean or null.
    Scalar(Value),
    /// `!Ref x`, `{"Fn::Sub": …}`: the function's name.
    Intrinsic(String),
}

/// What is wrong with a document, and where.
#[derive(Debug, PartialEq)]
pub(super) struct Problem {
    line: usize,
    what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.what) } else { write!(f, "line {}: {}", self.line, self.what) }
    }
}

impl Node {
    pub(super) fn problem(&self, what: impl Into<String>) -> Problem {
        Problem { line: self.line, what: what.into() }
    }

    pub(super) fn map(&self, what: &str) -> Result<&[(String, Node)], Problem> {
        match &self.kind {
            Kind::Map(pairs) => Ok(pairs),
            other => Err(self.problem(format!("{what} must be a mapping, not {}", other.word()))),
        }
    }

    pub(super) fn list(&self, what: &str) -> Result<&[Node], Problem> {
        match &self.kind {
            Kind::List(items) => Ok(items),
            other => Err(self.problem(format!("{what} must be a list, not {}", other.word()))),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let Kind::Map(pairs) = &self.kind else { return None };
        pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// As JSON, for values that are JSON themselves.
    pub(super) fn to_json(&self) -> Result<Value, Problem> {
        match &self.kind {
            Kind::Scalar(value) => Ok(value.clone()),
            Kind::List(items) => items.iter().map(Node::to_json).collect::<Result<Vec<_>, _>>().map(Value::Array),
            Kind::Map(pairs) => {
                pairs.iter().map(|(key, value)| Ok((key.clone(), value.to_json()?))).collect::<Result<_, _>>().map(Value::Object)
            }
            Kind::Intrinsic(name) => Err(self.problem(unresolved(name))),
        }
    }
}

impl Kind {
    /// What it is, for a message that wanted something else.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Map(_) => "a mapping".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Scalar(Value::Null) => "empty".to_owned(),
            Self::Scalar(value) => value.to_string(),
            Self::Intrinsic(name) => format!("the function {name}, which only CloudFormation can resolve: write the value itself"),
        }
    }
}

fn unresolved(name: &str) -> String {
    format!("{name} can only be resolved by CloudFormation: write the value itself")
}

/// Reads one document: JSON when it starts like JSON, else YAML.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    if text.trim_start().starts_with('{') {
        let value: Value = serde_json::from_str(text).map_err(|error| Problem { line: error.line(), what: error.to_string() })?;
        return Ok(from_json(value));
    }
    let documents = MarkedYaml::load_from_str(text).map_err(|error| Problem { line: 0, what: error.to_string() })?;
    match documents.as_slice() {
        [document] => from_yaml(document),
        [] => Err(Problem { line: 0, what: "the file is empty".to_owned() }),
        [_, second, ..] => Err(Problem { line: second.span.start.line(), what: "there is a second document; give one".to_owned() }),
    }
}

fn from_json(value: Value) -> Node {
    let kind = match value {
        Value::Object(map) => match map.keys().next() {
            Some(name) if map.len() == 1 && is_intrinsic(name) => Kind::Intrinsic(name.clone()),
            _ => Kind::Map(map.into_iter().map(|(key, value)| (key, from_json(value))).collect()),
        },
        Value::Array(items) => Kind::List(items.into_iter().map(from_json).collect()),
        scalar => Kind::Scalar(scalar),
    };
    Node { line: 0, kind }
}

fn is_intrinsic(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

fn from_yaml(node: &MarkedYaml<'_>) -> Result<Node, Problem> {
    let line = node.span.start.line();
    let problem = |what: &str| Problem { line, what: what.to_owned() };
    let kind = match &node.data {
        YamlData::Tagged(tag, value) if tag.is_yaml_core_schema() => return from_yaml(value),
        YamlData::Tagged(tag, _) => Kind::Intrinsic(format!("!{}", tag.suffix)),
        YamlData::Value(scalar) => Kind::Scalar(from_scalar(scalar)),
        YamlData::Sequence(items) => Kind::List(items.iter().map(from_yaml).collect::<Result<_, _>>()?),
        YamlData::Mapping(pairs) => {
            let pairs: Vec<(String, Node)> =
                pairs.iter().map(|(key, value)| Ok((key_text(key)?, from_yaml(value)?))).collect::<Result<_, _>>()?;
            match pairs.as_slice() {
                [(name, _)] if is_intrinsic(name) => Kind::Intrinsic(name.clone()),
                _ => Kind::Map(pairs),
            }
        }
        YamlData::Alias(_) => return Err(problem("aliases are not supported")),
        YamlData::Representation(..) | YamlData::BadValue => return Err(problem("this value cannot be read")),
    };
    Ok(Node { line, kind })
}

fn key_text(key: &MarkedYaml<'_>) -> Result<String, Problem> {
    match &key.data {
        YamlData::Value(scalar) => Ok(match from_scalar(scalar) {
            Value::String(text) => text,
            other => other.to_string(),
        }),
        _ => Err(Problem { line: key.span.start.line(), what: "a key must be a plain word".to_owned() }),
    }
}

fn from_scalar(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::from(*value),
        Scalar::Integer(value) => Value::from(*value),
        Scalar::FloatingPoint(value) => Value::from(value.into_inner()),
        Scalar::String(text) => Value::from(text.as_ref()),
    }
}
